-- People: who signs in, what they did, and what pages need to know of offices and procedures. Instants are UTC microseconds.

-- A person who signs in. Role and reach decide what they see; a person is disabled, never deleted, since events name them.
CREATE TABLE person (
  id TEXT NOT NULL PRIMARY KEY,
  username TEXT NOT NULL UNIQUE,
  full_name TEXT NOT NULL,
  title TEXT,
  role TEXT NOT NULL CHECK (role IN ('POST_CLERK', 'POSTMAN', 'DESK_CLERK', 'POST_SUPERVISOR', 'AGENCY_SUPERVISOR', 'OVERSIGHT', 'ADMINISTRATOR')),
  post_office_code TEXT,
  agency_code TEXT,
  password_hash TEXT,
  pin_hash TEXT,
  must_change BIGINT NOT NULL CHECK (must_change IN (0, 1)),
  provider TEXT,
  provider_subject TEXT,
  disabled_at_us BIGINT,
  created_at_us BIGINT NOT NULL,
  UNIQUE (provider, provider_subject)
);

-- A signed-in browser; the token is only here as its digest.
CREATE TABLE session (
  token_sha256 TEXT NOT NULL PRIMARY KEY,
  person_id TEXT NOT NULL REFERENCES person (id),
  csrf TEXT NOT NULL,
  created_at_us BIGINT NOT NULL,
  seen_at_us BIGINT NOT NULL,
  ends_at_us BIGINT NOT NULL
);
CREATE INDEX session_person ON session (person_id);

-- Sign-ins that failed, by a digest of whom or where they named: what limits guessing.
CREATE TABLE sign_in_failure (
  id TEXT NOT NULL PRIMARY KEY,
  subject TEXT NOT NULL,
  at_us BIGINT NOT NULL
);
CREATE INDEX sign_in_failure_subject ON sign_in_failure (subject, at_us);

-- Every act of a person. Append-only. Looks at personal data stand in personal_look.
CREATE TABLE audit (
  id TEXT NOT NULL PRIMARY KEY,
  person_id TEXT,
  act TEXT NOT NULL,
  subject TEXT,
  at_us BIGINT NOT NULL,
  request_id TEXT NOT NULL
);
CREATE INDEX audit_person ON audit (person_id, at_us);

-- Post offices and agencies by code, for names on pages and papers. A code without a row is shown as it is.
CREATE TABLE place (
  kind TEXT NOT NULL CHECK (kind IN ('AGENCY', 'POST_OFFICE')),
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  address TEXT,
  parent TEXT,
  PRIMARY KEY (kind, code)
);

-- Procedures: the checklist of papers, fee and time that a clerk needs when a dossier is taken in. papers is a JSON list.
CREATE TABLE procedure_list (
  code TEXT NOT NULL,
  agency_code TEXT NOT NULL,
  name TEXT NOT NULL,
  papers TEXT NOT NULL,
  fee BIGINT NOT NULL,
  days BIGINT,
  PRIMARY KEY (code, agency_code)
);

-- Evidence files (signatures, photos) by digest; the bytes lie in the file store.
CREATE TABLE evidence_file (
  sha256 TEXT NOT NULL PRIMARY KEY,
  media_type TEXT NOT NULL,
  size_bytes BIGINT NOT NULL,
  person_id TEXT NOT NULL,
  at_us BIGINT NOT NULL
);

-- Secrets that the program makes for itself, such as the one that receipt codes of tracking are derived from.
CREATE TABLE own_secret (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);

-- What a device sent, by the id that the device gave it: taken once, answered alike for ever.
CREATE TABLE device_act (
  id TEXT NOT NULL PRIMARY KEY,
  person_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  content_sha256 TEXT NOT NULL,
  result TEXT NOT NULL,
  occurred_at_us BIGINT NOT NULL,
  recorded_at_us BIGINT NOT NULL
);

-- The post office whose papers a handover moves, so that its people see it.
ALTER TABLE handover ADD COLUMN post_office_code TEXT;
CREATE INDEX handover_office ON handover (post_office_code, status, id);
CREATE INDEX leg_office_state ON leg (post_office_code, state, id);

CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
