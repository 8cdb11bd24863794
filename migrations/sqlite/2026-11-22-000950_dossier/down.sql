DROP INDEX outbox_leg;
DROP INDEX handover_number;
DROP INDEX party_phone;
