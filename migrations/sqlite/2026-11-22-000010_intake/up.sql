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

-- The office's day: what it took since an instant.
CREATE INDEX leg_office_taken ON leg (post_office_code, accepted_by_post_at_us);
