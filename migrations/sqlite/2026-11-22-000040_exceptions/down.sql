DROP INDEX discrepancy_since;
DROP INDEX outbox_parked;
DROP INDEX audit_subject;
DROP TABLE status_rule;
DROP TABLE proposal;
DROP TABLE exception_owner;
