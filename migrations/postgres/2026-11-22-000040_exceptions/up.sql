-- The work list: who took an exception in hand, what was proposed and approved by two people, and meanings given to status codes.

-- Who took an exception in hand. subject: id of a discrepancy, message, leg or inbox row, or FAMILY:CODE of a status.
CREATE TABLE exception_owner (
  subject TEXT NOT NULL PRIMARY KEY,
  person_id TEXT NOT NULL REFERENCES person (id),
  at_us BIGINT NOT NULL
);
CREATE INDEX exception_owner_person ON exception_owner (person_id, subject);

-- A proposal to accept an exception as it is. Four eyes: who decides is never who proposed, who may only withdraw.
CREATE TABLE proposal (
  id TEXT NOT NULL PRIMARY KEY,
  subject TEXT NOT NULL,
  note TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('PROPOSED', 'APPROVED', 'DECLINED', 'WITHDRAWN')),
  proposed_by TEXT NOT NULL REFERENCES person (id),
  proposed_at_us BIGINT NOT NULL,
  decided_by TEXT REFERENCES person (id),
  decided_at_us BIGINT,
  decision_note TEXT,
  CHECK ((state IN ('PROPOSED', 'WITHDRAWN')) = (decided_by IS NULL)),
  CHECK (decided_by IS NULL OR decided_by <> proposed_by)
);
CREATE UNIQUE INDEX proposal_open ON proposal (subject) WHERE state = 'PROPOSED';
CREATE INDEX proposal_subject ON proposal (subject, id);

-- What a status code of a family means, where the compiled tables do not know it. raw_code or raw_text may be empty, not both.
-- It reads reports of what happened at or after valid_from_us.
CREATE TABLE status_rule (
  id TEXT NOT NULL PRIMARY KEY,
  family TEXT NOT NULL,
  raw_code TEXT NOT NULL,
  raw_text TEXT NOT NULL,
  event TEXT NOT NULL,
  reason TEXT NOT NULL,
  valid_from_us BIGINT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('PROPOSED', 'APPROVED', 'DECLINED', 'WITHDRAWN')),
  proposed_by TEXT NOT NULL REFERENCES person (id),
  proposed_at_us BIGINT NOT NULL,
  decided_by TEXT REFERENCES person (id),
  decided_at_us BIGINT,
  decision_note TEXT,
  CHECK (raw_code <> '' OR raw_text <> ''),
  CHECK ((state IN ('PROPOSED', 'WITHDRAWN')) = (decided_by IS NULL)),
  CHECK (decided_by IS NULL OR decided_by <> proposed_by)
);
CREATE UNIQUE INDEX status_rule_open ON status_rule (family, raw_code, raw_text) WHERE state = 'PROPOSED';
CREATE UNIQUE INDEX status_rule_standing ON status_rule (family, raw_code, raw_text, valid_from_us) WHERE state = 'APPROVED';

CREATE INDEX audit_subject ON audit (subject, at_us);
CREATE INDEX outbox_parked ON outbox (state, parked_at_us, id);
CREATE INDEX discrepancy_since ON discrepancy (state, opened_at_us, id);
