-- Reports that leave by themselves.

-- Since when a schedule is known: what was due before is not made up for.
CREATE TABLE report_schedule (
  name TEXT NOT NULL PRIMARY KEY,
  since_us INTEGER NOT NULL
) STRICT;

-- The one cut of a schedule and a period, and what was queued of it: targets is a list of objects, each with the key of its message.
CREATE TABLE report_run (
  cut_id TEXT NOT NULL PRIMARY KEY REFERENCES report_cut (id),
  schedule TEXT NOT NULL,
  definition TEXT NOT NULL,
  period TEXT NOT NULL,
  from_date TEXT NOT NULL,
  until_date TEXT NOT NULL,
  agency_code TEXT,
  post_office_code TEXT,
  due_at_us INTEGER,
  made_at_us INTEGER NOT NULL,
  targets TEXT NOT NULL,
  UNIQUE (schedule, from_date, until_date)
) STRICT;

CREATE TRIGGER report_run_no_update BEFORE UPDATE ON report_run
BEGIN SELECT RAISE(ABORT, 'report_run is append-only'); END;

CREATE TRIGGER report_run_no_delete BEFORE DELETE ON report_run
BEGIN SELECT RAISE(ABORT, 'report_run is append-only'); END;
