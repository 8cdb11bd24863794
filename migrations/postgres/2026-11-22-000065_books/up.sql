-- Reconciliation: the books of the other sides, and the runs that compared them with the ledger.

-- A book: what one side said of the days from from_day until before until_day, as of an instant. covers: whether it lists what was ordered
-- or what was taken only. complete: nothing of these days is missing in it, so what it lacks is not there.
CREATE TABLE book (
  id TEXT NOT NULL PRIMARY KEY,
  side TEXT NOT NULL CHECK (side IN ('POST', 'ONE_STOP')),
  counterpart TEXT NOT NULL,
  from_day TEXT NOT NULL,
  until_day TEXT NOT NULL,
  as_of_us BIGINT NOT NULL,
  complete BIGINT NOT NULL CHECK (complete IN (0, 1)),
  covers TEXT NOT NULL CHECK (covers IN ('ORDERED', 'ACCEPTED')),
  source TEXT NOT NULL CHECK (source IN ('FILE', 'API', 'PULL')),
  content_sha256 TEXT NOT NULL,
  entries BIGINT NOT NULL,
  refused BIGINT NOT NULL,
  taken_at_us BIGINT NOT NULL,
  taken_by TEXT,
  CHECK (from_day < until_day),
  UNIQUE (side, counterpart, from_day, until_day, content_sha256)
);
CREATE INDEX book_window ON book (side, counterpart, from_day);

-- What a side says now of one item or case: the word of its newest book. The receiver is a digest salted with the entry's key.
-- item_sound: whether its item number is one by which items are paired (domain 5.4).
CREATE TABLE book_entry (
  side TEXT NOT NULL,
  counterpart TEXT NOT NULL,
  entry_key TEXT NOT NULL,
  book_id TEXT NOT NULL REFERENCES book (id),
  line_no BIGINT NOT NULL,
  as_of_us BIGINT NOT NULL,
  day TEXT NOT NULL,
  says TEXT NOT NULL,
  said_at_us BIGINT,
  raw_code TEXT,
  leg_id TEXT,
  item_number TEXT,
  item_sound BIGINT CHECK (item_sound IN (0, 1)),
  dossier_no TEXT,
  leg_kind TEXT,
  agency_code TEXT,
  originals BIGINT,
  copies BIGINT,
  seal_no TEXT,
  receiver_sha256 TEXT,
  fee BIGINT,
  filed_by_post BIGINT,
  result_by_post BIGINT,
  sent_on TEXT,
  PRIMARY KEY (side, counterpart, entry_key)
);
CREATE INDEX book_entry_day ON book_entry (side, counterpart, day, entry_key);
CREATE INDEX book_entry_leg ON book_entry (leg_id, side, counterpart);
CREATE INDEX book_entry_dossier ON book_entry (dossier_no);
CREATE INDEX book_entry_item ON book_entry (item_number);
CREATE INDEX book_entry_said ON book_entry (side, counterpart, says, said_at_us) WHERE said_at_us IS NOT NULL;
CREATE INDEX book_entry_sent ON book_entry (side, counterpart, sent_on) WHERE sent_on IS NOT NULL;

-- A comparison of a window: what was compared and what came of it. Differences themselves are discrepancies.
CREATE TABLE reconciliation (
  id TEXT NOT NULL PRIMARY KEY,
  side TEXT NOT NULL,
  counterpart TEXT NOT NULL,
  from_day TEXT NOT NULL,
  until_day TEXT NOT NULL,
  as_of_us BIGINT NOT NULL,
  totals TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  run_at_us BIGINT NOT NULL,
  run_by TEXT
);
CREATE INDEX reconciliation_of ON reconciliation (side, counterpart, run_at_us);

CREATE TRIGGER reconciliation_append_only BEFORE UPDATE OR DELETE ON reconciliation
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reconciliation_no_truncate BEFORE TRUNCATE ON reconciliation
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
