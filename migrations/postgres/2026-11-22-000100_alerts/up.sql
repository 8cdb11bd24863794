-- What stood still or ran away, and what counterparts said in each quarter of an hour, from which it is told what is normal of them.

CREATE TABLE alert (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  -- Kind and subject while it is open: one of each at a time.
  open_key TEXT UNIQUE,
  opened_at_us BIGINT NOT NULL,
  last_seen_at_us BIGINT NOT NULL,
  cleared_at_us BIGINT,
  evidence TEXT NOT NULL,
  acknowledged_by TEXT,
  acknowledged_at_us BIGINT,
  note TEXT,
  CHECK ((open_key IS NULL) = (cleared_at_us IS NOT NULL)),
  CHECK ((acknowledged_by IS NULL) = (acknowledged_at_us IS NULL))
);

CREATE TABLE alert_basis (
  id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
  watched_since_us BIGINT NOT NULL,
  round_at_us BIGINT NOT NULL,
  counted_until_us BIGINT NOT NULL
);

-- What a counterpart said in a quarter of an hour; quarters in which it said nothing have no row.
CREATE TABLE heard (
  quarter_at_us BIGINT NOT NULL,
  counterpart TEXT NOT NULL,
  way TEXT NOT NULL CHECK (way IN ('LINES', 'FACTS')),
  side TEXT NOT NULL,
  amount BIGINT NOT NULL CHECK (amount > 0),
  PRIMARY KEY (quarter_at_us, counterpart, way)
);

-- What is normal of it, learnt from the last weeks whenever a quarter was counted.
CREATE TABLE heard_norm (
  counterpart TEXT NOT NULL,
  way TEXT NOT NULL,
  side TEXT NOT NULL,
  last_at_us BIGINT NOT NULL,
  gap_us BIGINT,
  p99 BIGINT,
  PRIMARY KEY (counterpart, way)
);

-- Facts of a stretch have one already: (matched, recorded_at_us).
CREATE INDEX manifest_received ON manifest (received_at_us);
