DROP INDEX manifest_received;
DROP TABLE heard_norm;
DROP TABLE heard;
DROP TABLE alert_basis;
DROP TABLE alert;
