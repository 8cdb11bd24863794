DROP TABLE outside_figure;
DROP TABLE report_cut;
ALTER TABLE place DROP COLUMN level;
