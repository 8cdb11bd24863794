-- Reports that leave by themselves.

-- Since when a schedule is known: what was due before is not made up for.
CREATE TABLE report_schedule (
  name TEXT NOT NULL PRIMARY KEY,
  since_us BIGINT NOT NULL
);

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
  due_at_us BIGINT,
  made_at_us BIGINT NOT NULL,
  targets TEXT NOT NULL,
  UNIQUE (schedule, from_date, until_date)
);

CREATE TRIGGER report_run_append_only BEFORE UPDATE OR DELETE ON report_run
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER report_run_no_truncate BEFORE TRUNCATE ON report_run
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
