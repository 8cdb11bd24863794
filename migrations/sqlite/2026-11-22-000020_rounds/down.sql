DROP TABLE device_dismissal;
DROP TABLE device_file;
DROP TABLE recovered_paper;
DROP TABLE assignment;
DROP TABLE scan;
DROP TABLE scan_session;
