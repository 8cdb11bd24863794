-- Rounds: scan sessions, who carries what, papers that are taken back. Instants are UTC microseconds.

-- A session of scanning: packing for an agency, collecting its results, or giving to a postman.
CREATE TABLE scan_session (
  id TEXT NOT NULL PRIMARY KEY,
  purpose TEXT NOT NULL CHECK (purpose IN ('HANDOVER_OUT', 'COLLECT', 'ROUND')),
  post_office_code TEXT NOT NULL,
  agency_code TEXT,
  manifest_id TEXT REFERENCES manifest (id),
  postman_id TEXT REFERENCES person (id),
  opened_by TEXT NOT NULL REFERENCES person (id),
  opened_at_us BIGINT NOT NULL,
  closed_by TEXT,
  closed_at_us BIGINT,
  handover_id TEXT
);
CREATE INDEX scan_session_office ON scan_session (post_office_code, closed_at_us, id);

-- Every scan, by the id that the device gave it. Append-only: taking one back is a row of its own that names it. turn counts how often
-- a leg was scanned and taken back, so that one leg is packed once, whoever scans it.
CREATE TABLE scan (
  id TEXT NOT NULL PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES scan_session (id),
  code TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('OK', 'AGAIN', 'NOT', 'WRONG', 'UNDO')),
  leg_id TEXT,
  turn BIGINT,
  undoes TEXT UNIQUE,
  reason TEXT,
  person_id TEXT NOT NULL,
  occurred_at_us BIGINT NOT NULL,
  recorded_at_us BIGINT NOT NULL,
  UNIQUE (session_id, leg_id, turn)
);
CREATE INDEX scan_of_session ON scan (session_id, occurred_at_us);

-- Who of the office carries a leg. open_leg_id is the leg while it lasts: one leg, one postman.
CREATE TABLE assignment (
  id TEXT NOT NULL PRIMARY KEY,
  leg_id TEXT NOT NULL REFERENCES leg (id),
  post_office_code TEXT NOT NULL,
  postman_id TEXT NOT NULL REFERENCES person (id),
  given_by TEXT NOT NULL,
  given_at_us BIGINT NOT NULL,
  ended_by TEXT,
  ended_at_us BIGINT,
  open_leg_id TEXT UNIQUE
);
CREATE INDEX assignment_office ON assignment (post_office_code, ended_at_us, postman_id);
CREATE INDEX assignment_postman ON assignment (postman_id, given_at_us);

-- Old papers that had to be taken back when a result was handed out, and what became of each.
CREATE TABLE recovered_paper (
  leg_id TEXT NOT NULL REFERENCES leg (id),
  act_id TEXT NOT NULL,
  paper TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('TAKEN', 'DECLARED_LOST', 'NOT_GIVEN')),
  person_id TEXT NOT NULL,
  occurred_at_us BIGINT NOT NULL,
  recorded_at_us BIGINT NOT NULL,
  PRIMARY KEY (leg_id, act_id, paper)
);

-- A picture as a device sent it, and the file that was kept of it: pictures are made anew, so their digests differ.
CREATE TABLE device_file (
  sent_sha256 TEXT NOT NULL,
  person_id TEXT NOT NULL,
  kept_sha256 TEXT NOT NULL REFERENCES evidence_file (sha256),
  at_us BIGINT NOT NULL,
  PRIMARY KEY (sent_sha256, person_id)
);

-- An act that was refused and that its person gave up on the device: what it was, when it was done, why it was refused and why it was given
-- up. Append-only; id is that of the act of giving up, act_id that of what was given up.
CREATE TABLE device_dismissal (
  id TEXT NOT NULL PRIMARY KEY,
  act_id TEXT NOT NULL UNIQUE,
  person_id TEXT NOT NULL REFERENCES person (id),
  kind TEXT NOT NULL,
  about TEXT,
  code TEXT NOT NULL,
  refusal TEXT,
  reason TEXT NOT NULL,
  occurred_at_us BIGINT NOT NULL,
  dismissed_at_us BIGINT NOT NULL,
  recorded_at_us BIGINT NOT NULL
);
CREATE INDEX device_dismissal_person ON device_dismissal (person_id, recorded_at_us);

CREATE TRIGGER scan_append_only BEFORE UPDATE OR DELETE ON scan
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER scan_no_truncate BEFORE TRUNCATE ON scan
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER device_dismissal_append_only BEFORE UPDATE OR DELETE ON device_dismissal
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER device_dismissal_no_truncate BEFORE TRUNCATE ON device_dismissal
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
