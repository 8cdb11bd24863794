-- Legal clocks: how each stands (a cache that is re-derived from the ledger), when to look at a leg again, what the one-stop side alone knows,
-- and the postal zones by which lanes of results are told (TT 17 Đ7 k2).

-- When the clocks of a leg have to be derived (again): at once (0) after a commit that touched it, at due_at_us when its answers change by time
-- alone, never (NULL). version counts what asked for it; who derives replaces the version that was read, or nothing.
CREATE TABLE clock_turn (
  leg_id TEXT NOT NULL PRIMARY KEY REFERENCES leg (id),
  due_at_us BIGINT,
  derived_at_us BIGINT,
  version BIGINT NOT NULL
);
CREATE INDEX clock_turn_due ON clock_turn (due_at_us, leg_id) WHERE due_at_us IS NOT NULL;

-- How a clock of a leg stands at clock_turn.derived_at_us; one that nothing has started has no row. used_…: working time by holder of the papers.
CREATE TABLE leg_clock (
  leg_id TEXT NOT NULL REFERENCES leg (id),
  clock TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('NOT_STARTED', 'RUNNING', 'SUSPENDED', 'MET', 'LATE', 'TOO_EARLY', 'OVER', 'VOID', 'UNKNOWN')),
  unknown TEXT,
  started_at_us BIGINT,
  restarts BIGINT NOT NULL,
  due_at_us BIGINT,
  ended_at_us BIGINT,
  reason TEXT,
  pauses TEXT NOT NULL,
  used_citizen_us BIGINT,
  used_post_us BIGINT,
  used_agency_us BIGINT,
  used_unknown_us BIGINT,
  calendar TEXT NOT NULL,
  flag TEXT,
  PRIMARY KEY (leg_id, clock)
);
CREATE INDEX leg_clock_running ON leg_clock (due_at_us, leg_id) WHERE status = 'RUNNING';

-- What all rows were derived with. settings: digest of [clocks]; walk_after: the leg after which rows are still to be derived anew, NULL when all are.
CREATE TABLE clock_basis (
  id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
  settings TEXT NOT NULL,
  walk_after TEXT
);
INSERT INTO clock_basis (id, settings, walk_after) VALUES (1, '', '');

-- What the case system alone knows of a dossier. mark_id: its own id of the mark (C12). date: of an appointment.
CREATE TABLE case_mark (
  id TEXT NOT NULL PRIMARY KEY,
  counterpart TEXT NOT NULL,
  mark_id TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  agency_code TEXT NOT NULL,
  dossier_no TEXT NOT NULL,
  leg_kind TEXT NOT NULL CHECK (leg_kind IN ('INTAKE', 'RESULT')),
  mark TEXT NOT NULL,
  occurred_at_us BIGINT NOT NULL,
  date TEXT,
  reference TEXT,
  person_id TEXT REFERENCES person (id),
  recorded_at_us BIGINT NOT NULL,
  UNIQUE (counterpart, mark_id)
);
CREATE INDEX case_mark_dossier ON case_mark (dossier_no, agency_code);

-- Places by zone: a commune, a post office or an agency. class: NORMAL, CITY (special or first class), SPECIAL (special geography).
CREATE TABLE postal_zone (
  place TEXT NOT NULL PRIMARY KEY,
  province TEXT NOT NULL,
  zone TEXT NOT NULL,
  class TEXT NOT NULL CHECK (class IN ('NORMAL', 'CITY', 'SPECIAL'))
);

CREATE TRIGGER case_mark_append_only BEFORE UPDATE OR DELETE ON case_mark
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER case_mark_no_truncate BEFORE TRUNCATE ON case_mark
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
