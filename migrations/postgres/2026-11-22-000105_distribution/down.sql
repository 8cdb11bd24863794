DROP TABLE report_run;
DROP TABLE report_schedule;
