-- Reports for oversight: cuts that never change, and figures that the ledger cannot know.

-- A report as it was made. value is the whole of it as JSON; every format is written from this text. A scope without code is everything.
CREATE TABLE report_cut (
  id TEXT NOT NULL PRIMARY KEY,
  definition TEXT NOT NULL,
  version BIGINT NOT NULL,
  from_date TEXT NOT NULL,
  until_date TEXT NOT NULL,
  agency_code TEXT,
  post_office_code TEXT,
  as_of_us BIGINT NOT NULL,
  calendar TEXT NOT NULL,
  value TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  made_by TEXT NOT NULL,
  made_at_us BIGINT NOT NULL,
  CHECK (from_date < until_date)
);
CREATE INDEX report_cut_definition ON report_cut (definition, id);
CREATE INDEX report_cut_agency ON report_cut (agency_code, id);
CREATE INDEX report_cut_office ON report_cut (post_office_code, id);

-- A figure from outside, with its source and who entered it. An empty code: not narrowed by it. Entered again for the same days and
-- places it is another row, and the newest counts.
CREATE TABLE outside_figure (
  id TEXT NOT NULL PRIMARY KEY,
  figure TEXT NOT NULL,
  from_date TEXT NOT NULL,
  until_date TEXT NOT NULL,
  agency_code TEXT NOT NULL,
  procedure_code TEXT NOT NULL,
  field TEXT NOT NULL,
  post_office_code TEXT NOT NULL,
  value BIGINT NOT NULL CHECK (value >= 0),
  source TEXT NOT NULL,
  entered_by TEXT NOT NULL,
  entered_at_us BIGINT NOT NULL,
  CHECK (from_date < until_date)
);
CREATE INDEX outside_figure_days ON outside_figure (from_date, until_date, id);

-- The level of an agency: CENTRAL, DEPARTMENT, DISTRICT (before 1/7/2025) or COMMUNE.
ALTER TABLE place ADD COLUMN level TEXT CHECK (level IN ('CENTRAL', 'DEPARTMENT', 'DISTRICT', 'COMMUNE'));

CREATE TRIGGER report_cut_append_only BEFORE UPDATE OR DELETE ON report_cut
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER report_cut_no_truncate BEFORE TRUNCATE ON report_cut
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER outside_figure_append_only BEFORE UPDATE OR DELETE ON outside_figure
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER outside_figure_no_truncate BEFORE TRUNCATE ON outside_figure
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
