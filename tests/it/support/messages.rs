//! Messages that wait for a person.

use giaonhan::base::time::DAY_US;
use giaonhan::store::rows::OutboxRow;

/// A message that was refused until it parked.
pub fn parked(id: &str, kind: &str, leg_id: Option<&str>, now_us: i64) -> OutboxRow {
    OutboxRow {
        id: id.to_owned(),
        counterpart: "nowhere".to_owned(),
        kind: kind.to_owned(),
        leg_id: leg_id.map(str::to_owned),
        order_key: id.to_owned(),
        order_seq: 0,
        dedup_key: id.to_owned(),
        body: "{}".to_owned(),
        state: "PARKED".to_owned(),
        attempts: 6,
        due_at_us: now_us + DAY_US,
        first_sent_at_us: None,
        ask_first: 0,
        lease_owner: None,
        lease_until_us: None,
        fence: 0,
        last_outcome: Some("REFUSED".to_owned()),
        last_error: Some("refused: 422".to_owned()),
        parked_at_us: Some(now_us),
        created_at_us: now_us,
    }
}
