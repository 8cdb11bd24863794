-- Roll-ups of the ledger for reports: what each leg contributes, and two books of sums. Everything here can be derived again.

-- Legs that changed since they were rolled up. changes counts how often, so that a change while it is rolled up is not forgotten.
CREATE TABLE tally_due (
  leg_id TEXT NOT NULL PRIMARY KEY,
  changes BIGINT NOT NULL
);

-- What the stored tallies rest on (rules, calendar, settings), and the number of the last round, which fences rounds of two processes.
CREATE TABLE tally_basis (
  name TEXT NOT NULL PRIMARY KEY,
  basis TEXT NOT NULL,
  round BIGINT NOT NULL,
  rolled_up_at_us BIGINT NOT NULL
);

-- What a leg contributes. An empty cause: none.
CREATE TABLE leg_tally (
  leg_id TEXT NOT NULL,
  measure TEXT NOT NULL,
  day TEXT NOT NULL,
  cause TEXT NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY (leg_id, measure, day, cause)
);
CREATE INDEX leg_tally_day ON leg_tally (measure, day, leg_id);

-- Sums by agency and procedure. span: a year (2026), half a month (2026-11/2) or a day (2026-11-22).
CREATE TABLE tally_by_procedure (
  span TEXT NOT NULL,
  measure TEXT NOT NULL,
  agency_code TEXT NOT NULL,
  procedure_code TEXT NOT NULL,
  kind TEXT NOT NULL,
  legs BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY (span, measure, agency_code, procedure_code, kind)
);

-- Sums by agency, post office and cause.
CREATE TABLE tally_by_office (
  span TEXT NOT NULL,
  measure TEXT NOT NULL,
  agency_code TEXT NOT NULL,
  post_office_code TEXT NOT NULL,
  kind TEXT NOT NULL,
  cause TEXT NOT NULL,
  legs BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY (span, measure, agency_code, post_office_code, kind, cause)
);
