-- The ledger and what serves it. Instants are UTC microseconds (*_at_us), money is integer đồng, truth values are 0 or 1.

-- Who may call: one row per key; the key itself is never stored, only its digest.
CREATE TABLE api_key (
  id TEXT NOT NULL PRIMARY KEY,
  counterpart TEXT NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('AGENCY', 'POST', 'OVERSIGHT')),
  agencies TEXT NOT NULL,
  scopes TEXT NOT NULL,
  key_sha256 TEXT NOT NULL UNIQUE,
  created_at_us INTEGER NOT NULL,
  expires_at_us INTEGER,
  revoked_at_us INTEGER
) STRICT;

-- The reply of a decided request, kept with the work itself. No reply yet: a request is being worked on until claimed_until_us.
CREATE TABLE idempotency (
  counterpart TEXT NOT NULL,
  route TEXT NOT NULL,
  idem_key TEXT NOT NULL,
  request_sha256 TEXT NOT NULL,
  claim TEXT NOT NULL,
  claimed_until_us INTEGER NOT NULL,
  status INTEGER,
  media_type TEXT,
  location TEXT,
  reply TEXT,
  created_at_us INTEGER NOT NULL,
  PRIMARY KEY (counterpart, route, idem_key)
) STRICT;
CREATE INDEX idempotency_created ON idempotency (created_at_us);

-- A taken manifest. receipt is the first receipt as JSON, answered again for every repeat.
CREATE TABLE manifest (
  id TEXT NOT NULL PRIMARY KEY,
  counterpart TEXT NOT NULL,
  side TEXT NOT NULL,
  manifest_no TEXT NOT NULL,
  revision INTEGER NOT NULL,
  leg_kind TEXT NOT NULL CHECK (leg_kind IN ('INTAKE', 'RESULT')),
  agency_code TEXT NOT NULL,
  counter_code TEXT,
  post_office_code TEXT NOT NULL,
  shift_date TEXT NOT NULL,
  shift INTEGER NOT NULL,
  mode TEXT NOT NULL,
  outcome TEXT NOT NULL,
  digest TEXT NOT NULL,
  received_at_us INTEGER NOT NULL,
  receipt TEXT NOT NULL,
  UNIQUE (counterpart, manifest_no, revision)
) STRICT;
CREATE INDEX manifest_no ON manifest (manifest_no);

-- A leg: what its line declared, and a cache of the fold of its events (re-derived by `giaonhan verify`).
CREATE TABLE leg (
  id TEXT NOT NULL PRIMARY KEY,
  manifest_id TEXT NOT NULL REFERENCES manifest (id),
  counterpart TEXT NOT NULL,
  side TEXT NOT NULL,
  manifest_no TEXT NOT NULL,
  line_no INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('INTAKE', 'RESULT')),
  agency_code TEXT NOT NULL,
  post_office_code TEXT NOT NULL,
  declared_dossier_no TEXT,
  dossier_no TEXT,
  consignment_note_no TEXT,
  supplement_no INTEGER,
  procedure_code TEXT NOT NULL,
  procedure_name TEXT,
  item_number TEXT,
  item_grade TEXT,
  seal_no TEXT,
  papers TEXT NOT NULL,
  originals INTEGER NOT NULL,
  copies INTEGER NOT NULL,
  fee_to_collect INTEGER NOT NULL,
  due_at_us INTEGER,
  state TEXT NOT NULL CHECK (state IN ('REGISTERED', 'ORDERED', 'COLLECTION_ASSIGNED', 'COLLECTION_FAILED', 'ACCEPTED', 'IN_TRANSIT', 'AT_DELIVERY_POST', 'OUT_FOR_DELIVERY', 'ATTEMPT_FAILED', 'PARTIAL', 'DELIVERED_REPORTED', 'CONFIRMED', 'RETURNING', 'RETURNED_REPORTED', 'RETURN_CONFIRMED', 'CANCELLED', 'LOST_OR_DAMAGED')),
  state_since_us INTEGER NOT NULL,
  holder TEXT NOT NULL CHECK (holder IN ('CITIZEN', 'POST', 'AGENCY', 'UNKNOWN')),
  holder_since_us INTEGER NOT NULL,
  is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),
  open_dossier_key TEXT,
  open_note_key TEXT,
  accepted_by_post_at_us INTEGER,
  filed_at_us INTEGER,
  case_received_at_us INTEGER,
  attempts INTEGER NOT NULL,
  events INTEGER NOT NULL,
  head TEXT NOT NULL,
  UNIQUE (counterpart, manifest_no, line_no)
) STRICT;
CREATE INDEX leg_manifest ON leg (manifest_id);
-- A number that is not there takes no place in its index: every event of a leg pays for each of them.
CREATE UNIQUE INDEX leg_open_dossier ON leg (open_dossier_key) WHERE open_dossier_key IS NOT NULL;
CREATE UNIQUE INDEX leg_open_note ON leg (open_note_key) WHERE open_note_key IS NOT NULL;
CREATE INDEX leg_dossier ON leg (dossier_no) WHERE dossier_no IS NOT NULL;
CREATE INDEX leg_note ON leg (consignment_note_no) WHERE consignment_note_no IS NOT NULL;
CREATE INDEX leg_item ON leg (item_number) WHERE item_number IS NOT NULL;
CREATE INDEX leg_agency_state ON leg (agency_code, state, id);

-- Who sends or receives: personal data, erasable.
CREATE TABLE party (
  leg_id TEXT NOT NULL PRIMARY KEY REFERENCES leg (id),
  name TEXT NOT NULL,
  phone TEXT,
  email TEXT,
  address TEXT NOT NULL,
  province_code TEXT,
  commune_code TEXT,
  note TEXT
) STRICT;

-- The ledger. Append-only (trigger below); body is the canonical text that the hash covers.
CREATE TABLE custody_event (
  leg_id TEXT NOT NULL REFERENCES leg (id),
  seq INTEGER NOT NULL,
  id TEXT NOT NULL UNIQUE,
  event TEXT NOT NULL,
  occurred_at_us INTEGER NOT NULL,
  recorded_at_us INTEGER NOT NULL,
  body TEXT NOT NULL,
  prev_hash TEXT,
  hash TEXT NOT NULL,
  PRIMARY KEY (leg_id, seq)
) STRICT;

-- Names and free text of an event: personal data, erasable; the event keeps their digest.
CREATE TABLE event_detail (
  event_id TEXT NOT NULL PRIMARY KEY,
  receiver_name TEXT,
  place_text TEXT,
  cause_text TEXT,
  note TEXT
) STRICT;

-- Every fact, by the id that its reporter gave it. variant 0 is the first; others came under the same id with other content (C12).
CREATE TABLE fact (
  counterpart TEXT NOT NULL,
  fact_id TEXT NOT NULL,
  variant INTEGER NOT NULL,
  content_sha256 TEXT NOT NULL,
  side TEXT NOT NULL,
  outcome TEXT NOT NULL,
  result TEXT NOT NULL,
  content TEXT,
  matched INTEGER NOT NULL CHECK (matched IN (0, 1)),
  recorded_at_us INTEGER NOT NULL,
  PRIMARY KEY (counterpart, fact_id, variant)
) STRICT;
CREATE INDEX fact_unmatched ON fact (matched, recorded_at_us);

-- Biên bản giao nhận.
CREATE TABLE handover (
  id TEXT NOT NULL PRIMARY KEY,
  handover_no TEXT,
  status TEXT NOT NULL CHECK (status IN ('OPEN', 'COMPLETED', 'CANCELLED')),
  giver TEXT NOT NULL CHECK (giver IN ('AGENCY', 'POST')),
  receiver TEXT NOT NULL CHECK (receiver IN ('AGENCY', 'POST')),
  agency_code TEXT NOT NULL,
  place TEXT,
  opened_by TEXT NOT NULL,
  opened_at_us INTEGER NOT NULL,
  digest TEXT NOT NULL,
  extras TEXT NOT NULL,
  completed_at_us INTEGER,
  filed_at_us INTEGER,
  corrects TEXT,
  reason TEXT,
  version INTEGER NOT NULL
) STRICT;
CREATE INDEX handover_agency ON handover (agency_code, status, id);

CREATE TABLE handover_line (
  handover_id TEXT NOT NULL REFERENCES handover (id),
  line_no INTEGER NOT NULL,
  leg_id TEXT NOT NULL REFERENCES leg (id),
  dossier_no TEXT,
  consignment_note_no TEXT,
  expected_originals INTEGER NOT NULL,
  expected_copies INTEGER NOT NULL,
  expected_seal_no TEXT,
  outcome TEXT,
  originals INTEGER,
  copies INTEGER,
  note TEXT,
  annuls_event_id TEXT,
  open_leg_id TEXT UNIQUE,
  PRIMARY KEY (handover_id, line_no)
) STRICT;
CREATE INDEX handover_line_leg ON handover_line (leg_id);

CREATE TABLE handover_signature (
  handover_id TEXT NOT NULL REFERENCES handover (id),
  side TEXT NOT NULL,
  signer_name TEXT NOT NULL,
  signer_title TEXT,
  signed_at_us INTEGER NOT NULL,
  recorded_at_us INTEGER NOT NULL,
  digest TEXT NOT NULL,
  evidence TEXT NOT NULL,
  lapsed INTEGER NOT NULL CHECK (lapsed IN (0, 1)),
  seq INTEGER NOT NULL,
  PRIMARY KEY (handover_id, seq)
) STRICT;

-- Sai lệch. subject_key says what makes two findings the same; generation counts openings after a resolution.
CREATE TABLE discrepancy (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('OPEN', 'RESOLVED')),
  subject_key TEXT NOT NULL,
  generation INTEGER NOT NULL,
  leg_id TEXT,
  handover_id TEXT,
  agency_code TEXT,
  reporter TEXT,
  owner TEXT NOT NULL,
  opened_at_us INTEGER NOT NULL,
  last_seen_at_us INTEGER NOT NULL,
  evidence TEXT NOT NULL,
  resolution_outcome TEXT,
  resolution_reason TEXT,
  resolution_by TEXT,
  resolution_at_us INTEGER,
  UNIQUE (subject_key, generation)
) STRICT;
CREATE INDEX discrepancy_leg ON discrepancy (leg_id, state);
CREATE INDEX discrepancy_handover ON discrepancy (handover_id);

-- What happened, for the feed and the webhooks. position is the order of writing; feed_seq is given by the publisher after the commit.
CREATE TABLE feed_event (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  leg_id TEXT,
  agency_code TEXT,
  reporter TEXT,
  at_us INTEGER NOT NULL,
  data TEXT NOT NULL,
  feed_seq INTEGER UNIQUE
) STRICT;
CREATE INDEX feed_unpublished ON feed_event (position) WHERE feed_seq IS NULL;

-- Who is told of events by signed webhooks.
CREATE TABLE webhook (
  id TEXT NOT NULL PRIMARY KEY,
  counterpart TEXT NOT NULL,
  agencies TEXT NOT NULL,
  url TEXT NOT NULL,
  types TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('ACTIVE', 'DISABLED')),
  secrets TEXT NOT NULL,
  created_at_us INTEGER NOT NULL,
  from_feed_seq INTEGER NOT NULL
) STRICT;

-- Messages to counterparts. order_key and order_seq keep the order of one leg; lease_* and fence guard who may settle.
CREATE TABLE outbox (
  id TEXT NOT NULL PRIMARY KEY,
  counterpart TEXT NOT NULL,
  kind TEXT NOT NULL,
  leg_id TEXT,
  order_key TEXT NOT NULL,
  order_seq INTEGER NOT NULL,
  dedup_key TEXT NOT NULL UNIQUE,
  body TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('DUE', 'CLAIMED', 'UNKNOWN', 'PARKED', 'SETTLED')),
  attempts INTEGER NOT NULL,
  due_at_us INTEGER NOT NULL,
  first_sent_at_us INTEGER,
  ask_first INTEGER NOT NULL CHECK (ask_first IN (0, 1)),
  lease_owner TEXT,
  lease_until_us INTEGER,
  fence INTEGER NOT NULL,
  last_outcome TEXT,
  last_error TEXT,
  parked_at_us INTEGER,
  created_at_us INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_due ON outbox (state, due_at_us);
CREATE INDEX outbox_order ON outbox (order_key, order_seq) WHERE state <> 'SETTLED';

-- Every attempt and every version of a mended body. Append-only.
CREATE TABLE outbox_log (
  outbox_id TEXT NOT NULL REFERENCES outbox (id),
  entry INTEGER NOT NULL,
  what TEXT NOT NULL,
  at_us INTEGER NOT NULL,
  outcome TEXT,
  detail TEXT,
  body TEXT,
  by_whom TEXT,
  PRIMARY KEY (outbox_id, entry)
) STRICT;

-- What counterparts sent: stored before it is answered.
CREATE TABLE inbox (
  id TEXT NOT NULL PRIMARY KEY,
  counterpart TEXT NOT NULL,
  source TEXT NOT NULL,
  message_key TEXT NOT NULL,
  body TEXT,
  state TEXT NOT NULL CHECK (state IN ('NEW', 'DONE', 'QUARANTINED')),
  received_at_us INTEGER NOT NULL,
  done_at_us INTEGER,
  error TEXT,
  UNIQUE (counterpart, message_key)
) STRICT;
CREATE INDEX inbox_new ON inbox (state, received_at_us);

-- How far a feed of a counterpart has been read; stored with the rows that were read.
CREATE TABLE feed_cursor (
  counterpart TEXT NOT NULL,
  feed TEXT NOT NULL,
  value TEXT NOT NULL,
  updated_at_us INTEGER NOT NULL,
  PRIMARY KEY (counterpart, feed)
) STRICT;

-- One worker at a time for what only one may do.
CREATE TABLE lease (
  name TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL,
  until_us INTEGER NOT NULL,
  fence INTEGER NOT NULL
) STRICT;

-- Every look at personal data. Append-only.
CREATE TABLE personal_look (
  id TEXT NOT NULL PRIMARY KEY,
  leg_id TEXT NOT NULL,
  key_id TEXT NOT NULL,
  counterpart TEXT NOT NULL,
  at_us INTEGER NOT NULL,
  request_id TEXT NOT NULL
) STRICT;

CREATE TRIGGER custody_event_no_update BEFORE UPDATE ON custody_event
BEGIN SELECT RAISE(ABORT, 'custody_event is append-only'); END;

CREATE TRIGGER custody_event_no_delete BEFORE DELETE ON custody_event
BEGIN SELECT RAISE(ABORT, 'custody_event is append-only'); END;

CREATE TRIGGER outbox_log_no_update BEFORE UPDATE ON outbox_log
BEGIN SELECT RAISE(ABORT, 'outbox_log is append-only'); END;

CREATE TRIGGER outbox_log_no_delete BEFORE DELETE ON outbox_log
BEGIN SELECT RAISE(ABORT, 'outbox_log is append-only'); END;

CREATE TRIGGER personal_look_no_update BEFORE UPDATE ON personal_look
BEGIN SELECT RAISE(ABORT, 'personal_look is append-only'); END;

CREATE TRIGGER personal_look_no_delete BEFORE DELETE ON personal_look
BEGIN SELECT RAISE(ABORT, 'personal_look is append-only'); END;
