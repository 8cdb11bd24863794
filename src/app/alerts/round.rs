//! One round: count what was heard, learn what is normal, measure, decide, store the difference.

use std::collections::BTreeMap;

use crate::app::alerts::{evidence_text, measures, told};
use crate::app::{App, AppError, Work, calendar};
use crate::base::fault;
use crate::base::id::AlertId;
use crate::base::time::{DAY_US, MINUTE_US, Ts};
use crate::domain::alert::{Change, Kind, Norm, Open, QUARTER_US, WEEKS, decide, learn, quarter_of};
use crate::store::alerts::{self as kept, AlertBasisRow, AlertChanges, AlertRow, HeardNormRow};
use crate::store::read::alerts as read;

const WEEK_US: i64 = 7 * DAY_US;
/// Quarters older than this are forgotten: the weeks that are learnt from, and one more.
const KEPT_US: i64 = (WEEKS + 1) * WEEK_US;
/// A quarter is counted this long after its end: what was decided in it is committed by then.
const GRACE_US: i64 = 2 * MINUTE_US;
/// The last day is not learnt from, so that what is wrong today is not normal this evening.
const UNLEARNT_US: i64 = DAY_US;

/// Makes a round; true when there is more history to count first.
pub fn round(app: &App) -> Result<bool, AppError> {
    let now = app.now();
    let Some(basis) = app.store.read(kept::basis)? else {
        app.store.begin_alerts(now.us(), quarter_of(now.us() - WEEKS * WEEK_US))?;
        return Ok(true);
    };
    if count(app, &basis, now)? {
        return Ok(true);
    }
    let open = app.store.read(kept::open)?;
    forget_gone(app, &open, now)?;
    let measures = measures::all(app, now)?;
    let standing: Vec<Open> = open
        .iter()
        .filter_map(|row| {
            Some(Open { id: row.id.clone(), kind: Kind::parse(&row.kind)?, subject: row.subject.clone() })
        })
        .collect();
    let mut changes = AlertChanges::default();
    for change in decide(&standing, &measures) {
        match change {
            Change::Open(kind, subject, evidence) => {
                tracing::warn!(
                    alert = kind.as_str(),
                    subject,
                    value = evidence.value,
                    limit = evidence.limit,
                    "an alert opens"
                );
                let row = AlertRow {
                    id: AlertId::make(&app.ids).into(),
                    kind: kind.as_str().to_owned(),
                    open_key: Some(format!("{kind}:{subject}")),
                    subject,
                    opened_at_us: now.us(),
                    last_seen_at_us: now.us(),
                    cleared_at_us: None,
                    evidence: evidence_text(&evidence)?,
                    acknowledged_by: None,
                    acknowledged_at_us: None,
                    note: None,
                };
                let messages = told::messages(app, kind, &row, None);
                changes.opens.push((row, messages));
            }
            Change::Keep(id, evidence) => {
                changes.keeps.push((id, evidence.as_ref().map(evidence_text).transpose()?));
            }
            Change::Clear(id) => {
                let row = open.iter().find(|row| row.id == id);
                let messages = row.and_then(|row| Some(told::messages(app, Kind::parse(&row.kind)?, row, Some(now))));
                changes.clears.push((id, messages.unwrap_or_default()));
            }
        }
    }
    let tells = changes.opens.iter().any(|(_, messages)| !messages.is_empty())
        || changes.clears.iter().any(|(_, messages)| !messages.is_empty());
    app.store.alert_round(now.us(), changes)?;
    if tells {
        (app.nudge)(Work::Outbox);
    }
    fault::point("alerts.after_commit");
    Ok(false)
}

/// Counts quarters that are over, a week at a time, and learns from them; true when there is more.
fn count(app: &App, basis: &AlertBasisRow, now: Ts) -> Result<bool, AppError> {
    let over_us = quarter_of(now.us() - GRACE_US);
    let counted_us = basis.counted_until_us;
    if counted_us >= over_us {
        return Ok(false);
    }
    let from_us = counted_us.max(quarter_of(now.us() - KEPT_US));
    let until_us = over_us.min(from_us + WEEK_US);
    let said = app.store.read(|db| read::said(db, from_us, until_us))?;
    app.store.count_heard(counted_us, until_us, said, now.us() - KEPT_US)?;
    if until_us < over_us {
        return Ok(true);
    }
    learn_norms(app, until_us)?;
    Ok(false)
}

fn learn_norms(app: &App, until_us: i64) -> Result<(), AppError> {
    let (heard, calendar) =
        app.store.read(|db| Ok((kept::heard_since(db, until_us - KEPT_US)?, calendar::read(db)?)))?;
    let mut by_way: BTreeMap<(String, String), (String, BTreeMap<i64, i64>)> = BTreeMap::new();
    for row in heard {
        let (side, quarters) = by_way.entry((row.counterpart, row.way)).or_default();
        *side = row.side;
        quarters.insert(row.quarter_at_us, row.amount);
    }
    let rows = by_way.into_iter().map(|((counterpart, way), (side, quarters))| {
        let days = calendar.days_of(measures::whose(&side));
        // Beyond the loaded calendar nothing is known of gaps; the silence itself says so.
        let norm = learn(&quarters, until_us - UNLEARNT_US, &days).unwrap_or_else(|_| Norm::default());
        let last_at_us = quarters.keys().next_back().copied().unwrap_or_default();
        HeardNormRow { counterpart, way, side, last_at_us, gap_us: norm.gap_us, p99: norm.p99 }
    });
    app.store.learn_norms(rows.collect())?;
    Ok(())
}

/// A counterpart that has been silent for longer than anything is kept, of which a person said that they know, is gone: nobody waits for it.
fn forget_gone(app: &App, open: &[AlertRow], now: Ts) -> Result<(), AppError> {
    let silent = open.iter().filter(|row| row.kind == Kind::Silence.as_str() && row.acknowledged_by.is_some());
    let known: Vec<&AlertRow> = silent.filter(|row| row.opened_at_us < now.us() - KEPT_US - QUARTER_US).collect();
    for row in known {
        if let Some((counterpart, way)) = row.subject.rsplit_once(':') {
            app.store.forget_norm(counterpart.to_owned(), way.to_owned())?;
        }
    }
    Ok(())
}
