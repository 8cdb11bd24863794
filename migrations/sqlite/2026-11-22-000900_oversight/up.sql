-- Indexes behind the first page of oversight: what happened on a day, who holds what since when, what was due, what stands how long, what is open.
CREATE INDEX custody_event_time ON custody_event (occurred_at_us, event, leg_id);
CREATE INDEX leg_held ON leg (is_open, holder, holder_since_us, agency_code);
CREATE INDEX leg_due ON leg (due_at_us) WHERE due_at_us IS NOT NULL;
CREATE INDEX leg_state_since ON leg (state, kind, state_since_us);
CREATE INDEX discrepancy_open ON discrepancy (state, kind, opened_at_us);
