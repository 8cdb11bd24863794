-- What the one-stop desk took over beside dossiers: old papers that come back (PAPERS) and fee money (MONEY), on the desk's own word,
-- once for each leg.
CREATE TABLE desk_receipt (
  kind TEXT NOT NULL CHECK (kind IN ('PAPERS', 'MONEY')),
  leg_id TEXT NOT NULL REFERENCES leg (id),
  agency_code TEXT NOT NULL,
  amount INTEGER,
  person_id TEXT NOT NULL REFERENCES person (id),
  at_us INTEGER NOT NULL,
  PRIMARY KEY (kind, leg_id)
) STRICT;
CREATE INDEX desk_receipt_agency ON desk_receipt (agency_code, at_us);
