-- Reports for oversight: cuts that never change, and figures that the ledger cannot know.

-- A report as it was made. value is the whole of it as JSON; every format is written from this text. A scope without code is everything.
CREATE TABLE report_cut (
  id TEXT NOT NULL PRIMARY KEY,
  definition TEXT NOT NULL,
  version INTEGER NOT NULL,
  from_date TEXT NOT NULL,
  until_date TEXT NOT NULL,
  agency_code TEXT,
  post_office_code TEXT,
  as_of_us INTEGER NOT NULL,
  calendar TEXT NOT NULL,
  value TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  made_by TEXT NOT NULL,
  made_at_us INTEGER NOT NULL,
  CHECK (from_date < until_date)
) STRICT;
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
  value INTEGER NOT NULL CHECK (value >= 0),
  source TEXT NOT NULL,
  entered_by TEXT NOT NULL,
  entered_at_us INTEGER NOT NULL,
  CHECK (from_date < until_date)
) STRICT;
CREATE INDEX outside_figure_days ON outside_figure (from_date, until_date, id);

-- The level of an agency: CENTRAL, DEPARTMENT, DISTRICT (before 1/7/2025) or COMMUNE.
ALTER TABLE place ADD COLUMN level TEXT CHECK (level IN ('CENTRAL', 'DEPARTMENT', 'DISTRICT', 'COMMUNE'));

CREATE TRIGGER report_cut_no_update BEFORE UPDATE ON report_cut
BEGIN SELECT RAISE(ABORT, 'report_cut is append-only'); END;

CREATE TRIGGER report_cut_no_delete BEFORE DELETE ON report_cut
BEGIN SELECT RAISE(ABORT, 'report_cut is append-only'); END;

CREATE TRIGGER outside_figure_no_update BEFORE UPDATE ON outside_figure
BEGIN SELECT RAISE(ABORT, 'outside_figure is append-only'); END;

CREATE TRIGGER outside_figure_no_delete BEFORE DELETE ON outside_figure
BEGIN SELECT RAISE(ABORT, 'outside_figure is append-only'); END;
