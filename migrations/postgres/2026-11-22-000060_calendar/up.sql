-- The working calendar (schemas/calendar): versions, each whole, never changed. A version rules from valid_from on, in place of those before it.

CREATE TABLE calendar_version (
  id TEXT NOT NULL PRIMARY KEY,
  valid_from TEXT NOT NULL UNIQUE,
  sha256 TEXT NOT NULL,
  loaded_at_us BIGINT NOT NULL,
  loaded_by TEXT REFERENCES person (id)
);

-- The years that a version knows, and where their days are decreed.
CREATE TABLE calendar_year (
  version_id TEXT NOT NULL REFERENCES calendar_version (id),
  year BIGINT NOT NULL CHECK (year BETWEEN 2000 AND 2099),
  source TEXT NOT NULL,
  PRIMARY KEY (version_id, year)
);

-- Hours by weekday, Monday 1. whose: '*' everybody, 'POST', or an agency. sessions: '07:00-11:30,13:30-17:00', empty when nobody works.
CREATE TABLE calendar_week (
  version_id TEXT NOT NULL REFERENCES calendar_version (id),
  whose TEXT NOT NULL,
  weekday BIGINT NOT NULL CHECK (weekday BETWEEN 1 AND 7),
  sessions TEXT NOT NULL,
  PRIMARY KEY (version_id, whose, weekday)
);

-- Days off, working days by decree, and days that are said to be off by no decree.
CREATE TABLE calendar_day (
  version_id TEXT NOT NULL REFERENCES calendar_version (id),
  whose TEXT NOT NULL,
  date TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('OFF', 'WORK', 'UNSURE')),
  sessions TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (version_id, whose, date),
  CHECK (kind = 'WORK' OR sessions = '')
);
