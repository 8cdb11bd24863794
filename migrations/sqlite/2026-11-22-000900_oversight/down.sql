DROP INDEX discrepancy_open;
DROP INDEX leg_state_since;
DROP INDEX leg_due;
DROP INDEX leg_held;
DROP INDEX custody_event_time;
