-- Intake by people: manifests that a post office makes itself, and the numbers of its consignment notes.

-- A manifest that an office makes takes lines while open_key stands: one of an agency and shift at a time. Closing takes the key away.
ALTER TABLE manifest ADD COLUMN open_key TEXT;
ALTER TABLE manifest ADD COLUMN closed_at_us INTEGER;
CREATE UNIQUE INDEX manifest_open ON manifest (open_key);
CREATE INDEX manifest_office ON manifest (post_office_code, id);

-- The last number that a post office gave to a consignment note.
CREATE TABLE note_number (
  post_office_code TEXT NOT NULL PRIMARY KEY,
  last_no INTEGER NOT NULL
) STRICT;

-- What a consignment note of people says beside parties and papers: service, lane with its promise J+n, and the postage, which is the
-- post's own money: đồng, apart from the fee, with a receipt number of its own.
CREATE TABLE consignment_note (
  leg_id TEXT NOT NULL PRIMARY KEY REFERENCES leg (id),
  service TEXT NOT NULL CHECK (service IN ('SEND', 'BOTH')),
  taken_at TEXT NOT NULL CHECK (taken_at IN ('COUNTER', 'DOOR')),
  lane TEXT NOT NULL CHECK (lane IN ('WITHIN_AREA', 'BETWEEN_AREAS', 'BETWEEN_CITIES', 'BETWEEN_PROVINCES', 'SPECIAL')),
  with_slip INTEGER NOT NULL CHECK (with_slip IN (0, 1)),
  promise_days INTEGER NOT NULL CHECK (promise_days > 0),
  postage INTEGER NOT NULL CHECK (postage >= 0),
  postage_pay TEXT NOT NULL CHECK (postage_pay IN ('SENDER_NOW', 'ON_RESULT', 'CONTRACT')),
  postage_receipt_no TEXT,
  postage_paid_at_us INTEGER
) STRICT;

-- The office's day: what it took since an instant.
CREATE INDEX leg_office_taken ON leg (post_office_code, accepted_by_post_at_us) WHERE accepted_by_post_at_us IS NOT NULL;
