//! Fee money of a leg: a chain of its own (QĐ 45 Đ6 k6, Đ15 k2; C10). The post collects it for the agency, pays it over, and the desk says
//! what it has. Postage is the post's own money and stands nowhere here. Whole đồng.

use crate::base::time::{DAY_US, Ts};
use crate::domain::calendar::{Calendar, Gap, POST};
use crate::domain::clocks::{DayEnds, Settings};
use crate::domain::custody::{Event, EventKind};
use crate::domain::leg::words;

/// Money that changed hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// When.
    pub at: Ts,
    /// How much.
    pub amount: i64,
    /// Number of its receipt.
    pub receipt_no: Option<String>,
    /// The event that tells it.
    pub event_id: String,
}

/// What the desk says that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    /// When it said so.
    pub at: Ts,
    /// How much.
    pub amount: i64,
}

/// The money of one leg.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chain {
    /// Taken from the citizen, in order of time.
    pub collected: Vec<Payment>,
    /// Paid over to the agency, in order of time.
    pub remitted: Vec<Payment>,
    /// The desk's own word.
    pub received: Option<Received>,
}

words! {
    /// Where amounts differ.
    Mismatch {
        /// What was paid over is not what was collected.
        Remitted = "REMITTED",
        /// What the desk has is not what was paid over.
        Received = "RECEIVED",
    }
}

words! {
    /// How the money of a leg stands.
    Standing {
        /// There is none.
        Nothing = "NOTHING",
        /// With the post, in time.
        Waiting = "WAITING",
        /// With the post, past the term.
        Overdue = "OVERDUE",
        /// With the post, and no agreement names a term (QĐ 45 Đ15 k2 names none).
        NotAgreed = "NOT_AGREED",
        /// With the post, and no calendar says when the term ends.
        NoCalendar = "NO_CALENDAR",
        /// Paid over, and the desk has not said that it has it.
        Remitted = "REMITTED",
        /// Paid over, received, and alike.
        Matched = "MATCHED",
    }
}

fn sum(payments: &[Payment]) -> i64 {
    payments.iter().fold(0, |sum, payment| sum.saturating_add(payment.amount))
}

/// Whether an amount is that of the first payments, however many.
fn is_of_whole_payments(payments: &[Payment], amount: i64) -> bool {
    let mut so_far = 0_i64;
    amount == 0
        || payments.iter().any(|payment| {
            so_far = so_far.saturating_add(payment.amount);
            so_far == amount
        })
}

impl Chain {
    /// From the events that count, in order of occurrence.
    pub fn of<'a>(counted: impl IntoIterator<Item = &'a Event>, received: Option<Received>) -> Self {
        let mut chain = Chain { received, ..Chain::default() };
        for event in counted {
            let side = match event.kind {
                EventKind::FeeCollected => &mut chain.collected,
                EventKind::FeeRemitted => &mut chain.remitted,
                _ => continue,
            };
            side.push(Payment {
                at: event.occurred_at,
                amount: event.amount.unwrap_or(0),
                receipt_no: event.receipt_no.clone(),
                event_id: event.id.as_str().to_owned(),
            });
        }
        chain
    }

    /// Collected in all.
    pub fn collected_sum(&self) -> i64 {
        sum(&self.collected)
    }

    /// Paid over in all.
    pub fn remitted_sum(&self) -> i64 {
        sum(&self.remitted)
    }

    /// With the post now.
    pub fn outstanding(&self) -> i64 {
        self.collected_sum().saturating_sub(self.remitted_sum()).max(0)
    }

    /// Since when the oldest of it is: what is paid over counts for what was collected first.
    pub fn outstanding_since(&self) -> Option<Ts> {
        let mut covered = self.remitted_sum();
        self.collected
            .iter()
            .find(|payment| {
                covered = covered.saturating_sub(payment.amount);
                covered < 0
            })
            .map(|payment| payment.at)
    }

    /// By when it has to be paid over: working days of the post from the day of collecting; none where no agreement names them.
    pub fn due_at(&self, calendar: &Calendar, settings: &Settings) -> Result<Option<Ts>, Gap> {
        let (Some(since), Some(term)) = (self.outstanding_since(), settings.fee_remittance_days) else {
            return Ok(None);
        };
        let days = calendar.days_of(POST);
        let last = days.after(since.to_vietnam().date(), term)?;
        let midnight = last.and_time(chrono::NaiveTime::MIN);
        Ok(Some(match settings.day_ends {
            DayEnds::Closing => days.closing(last)?,
            DayEnds::Midnight => Ts::from_vietnam(midnight).unwrap_or(since).plus_us(DAY_US),
        }))
    }

    /// How it stands at an instant.
    pub fn standing(&self, calendar: &Calendar, settings: &Settings, as_of: Ts) -> Standing {
        if self.outstanding() > 0 {
            return match self.due_at(calendar, settings) {
                Ok(Some(due_at)) if as_of > due_at => Standing::Overdue,
                Ok(Some(_)) => Standing::Waiting,
                Ok(None) => Standing::NotAgreed,
                Err(_) => Standing::NoCalendar,
            };
        }
        match self.received {
            _ if self.collected.is_empty() && self.remitted.is_empty() => Standing::Nothing,
            Some(_) if self.mismatches().is_empty() => Standing::Matched,
            _ => Standing::Remitted,
        }
    }

    /// By how much two books differ.
    pub fn difference(&self, mismatch: Mismatch) -> i64 {
        let (one, other) = match mismatch {
            Mismatch::Remitted => (self.collected_sum(), self.remitted_sum()),
            Mismatch::Received => (self.remitted_sum(), self.received.map_or(0, |received| received.amount)),
        };
        one.saturating_sub(other).saturating_abs()
    }

    /// Where amounts differ. Collections that are not yet paid over are none, nor are payments that the desk has not yet counted.
    pub fn mismatches(&self) -> Vec<Mismatch> {
        let remitted = !is_of_whole_payments(&self.collected, self.remitted_sum());
        let received = self.received.is_some_and(|received| !is_of_whole_payments(&self.remitted, received.amount));
        [(remitted, Mismatch::Remitted), (received, Mismatch::Received)]
            .into_iter()
            .filter_map(|(differs, which)| differs.then_some(which))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::{EventId, LegId};
    use crate::domain::calendar::sample;
    use crate::domain::custody::{LegTerms, Source, fold};
    use crate::domain::leg::{LegKind, Side};

    fn at(text: &str) -> Ts {
        sample::ts(&format!("{}:00", text.replace(' ', "T")))
    }

    fn event(kind: EventKind, amount: i64, when: &str) -> Event {
        let (id, leg) = (EventId::from_text(when), LegId::from_text("leg_1"));
        let mut event = Event::new(id, leg, kind, at(when), at(when), Source::of("post", Side::Post));
        event.amount = Some(amount);
        event
    }

    fn agreed() -> Settings {
        Settings { fee_remittance_days: Some(2), ..Settings::default() }
    }

    #[test]
    fn a_fee_goes_its_way() {
        let calendar = sample::calendar();
        let now = at("2026-08-25 08:00");
        let mut events = Vec::new();
        let mut standing = |event: Option<Event>, received: Option<Received>, as_of: Ts| {
            events.extend(event);
            Chain::of(&events, received).standing(&calendar, &agreed(), as_of)
        };
        assert_eq!(standing(None, None, now), Standing::Nothing);
        // Friday; Saturday 22 August works, so that the term ends on Monday.
        let fee = event(EventKind::FeeCollected, 115_000, "2026-08-21 09:00");
        assert_eq!(standing(Some(fee), None, at("2026-08-24 17:00")), Standing::Waiting);
        assert_eq!(standing(None, None, now), Standing::Overdue);
        assert_eq!(
            standing(Some(event(EventKind::FeeRemitted, 115_000, "2026-08-25 07:30")), None, now),
            Standing::Remitted
        );
        let received = Received { at: now, amount: 115_000 };
        assert_eq!(standing(None, Some(received), now), Standing::Matched);
    }

    #[test]
    fn without_an_agreement_or_a_calendar_nothing_is_late() {
        let events = [event(EventKind::FeeCollected, 115_000, "2026-12-30 09:00")];
        let chain = Chain::of(&events, None);
        let calendar = sample::calendar();
        let later = at("2027-05-05 08:00");
        assert_eq!(chain.standing(&calendar, &Settings::default(), later), Standing::NotAgreed);
        assert_eq!(chain.standing(&calendar, &agreed(), later), Standing::NoCalendar);
        assert_eq!(chain.due_at(&calendar, &agreed()).unwrap_err().year(), 2027);
    }

    #[test]
    fn what_is_paid_over_counts_for_what_was_collected_first() {
        let mut events = vec![
            event(EventKind::FeeCollected, 115_000, "2026-08-20 09:00"),
            event(EventKind::FeeCollected, 8_000, "2026-08-24 09:00"),
        ];
        assert_eq!(Chain::of(&events, None).outstanding_since(), Some(at("2026-08-20 09:00")));
        events.push(event(EventKind::FeeRemitted, 115_000, "2026-08-25 09:00"));
        let chain = Chain::of(&events, None);
        assert_eq!((chain.outstanding(), chain.outstanding_since()), (8_000, Some(at("2026-08-24 09:00"))));
        assert!(chain.mismatches().is_empty());
        events.push(event(EventKind::FeeRemitted, 8_000, "2026-08-25 10:00"));
        let chain = Chain::of(&events, None);
        assert_eq!((chain.outstanding(), chain.outstanding_since()), (0, None));
    }

    #[test]
    fn money_that_was_annulled_is_none() {
        let mut events = vec![
            event(EventKind::FeeCollected, 135_000, "2026-08-20 09:00"),
            event(EventKind::FeeCollected, 100_000, "2026-08-20 10:00"),
            event(EventKind::Corrected, 0, "2026-08-20 11:00"),
            event(EventKind::FeeRemitted, 135_000, "2026-08-21 09:00"),
        ];
        events[2].corrects = Some(events[1].id.clone());
        for (seq, event) in (1_i64..).zip(&mut events) {
            event.seq = seq;
        }
        let terms = LegTerms { kind: LegKind::Result, originals: 1, copies: 0, declared_dossier_no: None };
        let chain = Chain::of(fold(&terms, &events).counted(&events), None);
        assert_eq!((chain.collected_sum(), chain.remitted_sum(), chain.outstanding()), (135_000, 135_000, 0));
    }

    #[test]
    fn amounts_that_differ_are_named() {
        let collected = event(EventKind::FeeCollected, 115_000, "2026-08-20 09:00");
        let remitted = |amount| event(EventKind::FeeRemitted, amount, "2026-08-21 09:00");
        let of = |amount, received: Option<i64>| {
            let received = received.map(|amount| Received { at: at("2026-08-22 09:00"), amount });
            Chain::of(&[collected.clone(), remitted(amount)], received)
        };
        assert_eq!(of(115_000, Some(115_000)).mismatches(), []);
        assert_eq!(of(100_000, None).mismatches(), [Mismatch::Remitted]);
        assert_eq!(of(120_000, None).mismatches(), [Mismatch::Remitted]);
        assert_eq!(of(115_000, Some(100_000)).mismatches(), [Mismatch::Received]);
        assert_eq!(of(100_000, Some(90_000)).mismatches(), [Mismatch::Remitted, Mismatch::Received]);
        assert_eq!((of(100_000, None).outstanding(), of(120_000, None).outstanding()), (15_000, 0));
    }
}
