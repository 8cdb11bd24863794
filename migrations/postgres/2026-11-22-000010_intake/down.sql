DROP INDEX leg_office_taken;
DROP TABLE consignment_note;
DROP TABLE note_number;
DROP INDEX manifest_office;
DROP INDEX manifest_open;
ALTER TABLE manifest DROP COLUMN closed_at_us;
ALTER TABLE manifest DROP COLUMN open_key;
