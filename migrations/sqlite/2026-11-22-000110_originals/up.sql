-- Originals lent for comparison, which must go back (NĐ 118 Đ22 k2). lent_original and original_due can be derived again.

-- Legs whose dossier is to be looked at again. changes counts how often, so that a change while it is looked at is not forgotten.
CREATE TABLE original_due (
  leg_id TEXT NOT NULL PRIMARY KEY,
  changes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Sheets of one paper of an intake that stand alike: part numbers them. paper is the name on the checklist. result_leg_id is the result that
-- carries them, is meant to, or reached the citizen without them.
CREATE TABLE lent_original (
  leg_id TEXT NOT NULL REFERENCES leg (id),
  paper TEXT NOT NULL,
  part INTEGER NOT NULL,
  dossier_no TEXT,
  agency_code TEXT NOT NULL,
  quantity INTEGER NOT NULL CHECK (quantity > 0),
  lent_at_us INTEGER NOT NULL,
  standing TEXT NOT NULL CHECK (standing IN ('AT_AGENCY', 'ON_ITS_WAY', 'RETURNED', 'UNRETURNED', 'LOST')),
  since_us INTEGER NOT NULL,
  result_leg_id TEXT,
  PRIMARY KEY (leg_id, paper, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX lent_original_dossier ON lent_original (dossier_no);
CREATE INDEX lent_original_agency ON lent_original (agency_code, standing, since_us);

-- What the desk says became of one: given back from hand to hand, or lost. Append-only.
CREATE TABLE original_return (
  id TEXT NOT NULL PRIMARY KEY,
  leg_id TEXT NOT NULL REFERENCES leg (id),
  paper TEXT NOT NULL,
  quantity INTEGER NOT NULL CHECK (quantity > 0),
  outcome TEXT NOT NULL CHECK (outcome IN ('GIVEN_BACK', 'DECLARED_LOST')),
  person_id TEXT NOT NULL,
  note TEXT,
  at_us INTEGER NOT NULL,
  CHECK (outcome = 'GIVEN_BACK' OR note IS NOT NULL)
) STRICT;
CREATE INDEX original_return_leg ON original_return (leg_id, paper);

CREATE TRIGGER original_return_no_update BEFORE UPDATE ON original_return
BEGIN SELECT RAISE(ABORT, 'original_return is append-only'); END;

CREATE TRIGGER original_return_no_delete BEFORE DELETE ON original_return
BEGIN SELECT RAISE(ABORT, 'original_return is append-only'); END;
