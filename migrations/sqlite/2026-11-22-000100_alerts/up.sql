-- What stood still or ran away, and what counterparts said in each quarter of an hour, from which it is told what is normal of them.

CREATE TABLE alert (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  -- Kind and subject while it is open: one of each at a time.
  open_key TEXT UNIQUE,
  opened_at_us INTEGER NOT NULL,
  last_seen_at_us INTEGER NOT NULL,
  cleared_at_us INTEGER,
  evidence TEXT NOT NULL,
  acknowledged_by TEXT,
  acknowledged_at_us INTEGER,
  note TEXT,
  CHECK ((open_key IS NULL) = (cleared_at_us IS NOT NULL)),
  CHECK ((acknowledged_by IS NULL) = (acknowledged_at_us IS NULL))
) STRICT;

CREATE TABLE alert_basis (
  id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  watched_since_us INTEGER NOT NULL,
  round_at_us INTEGER NOT NULL,
  counted_until_us INTEGER NOT NULL
) STRICT;

-- What a counterpart said in a quarter of an hour; quarters in which it said nothing have no row.
CREATE TABLE heard (
  quarter_at_us INTEGER NOT NULL,
  counterpart TEXT NOT NULL,
  way TEXT NOT NULL CHECK (way IN ('LINES', 'FACTS')),
  side TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0),
  PRIMARY KEY (quarter_at_us, counterpart, way)
) STRICT, WITHOUT ROWID;

-- What is normal of it, learnt from the last weeks whenever a quarter was counted.
CREATE TABLE heard_norm (
  counterpart TEXT NOT NULL,
  way TEXT NOT NULL,
  side TEXT NOT NULL,
  last_at_us INTEGER NOT NULL,
  gap_us INTEGER,
  p99 INTEGER,
  PRIMARY KEY (counterpart, way)
) STRICT, WITHOUT ROWID;

-- Facts of a stretch have one already: (matched, recorded_at_us).
CREATE INDEX manifest_received ON manifest (received_at_us);
