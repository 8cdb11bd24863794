//! Alerts for people: what stands still or runs away now, what was over lately, and what is known of each counterpart. Counterparts and
//! offices alone, no dossier and no name.

use minijinja::{Value, context};

use crate::app::alerts::{self, Which, evidence_of};
use crate::app::people::{directory, name_of};
use crate::app::{AppError, alerts::watched};
use crate::base::time::MINUTE_US;
use crate::domain::alert::{Kind, Weight};
use crate::domain::leg::Holder;
use crate::domain::person::Right;
use crate::report::alerts::{said, sentence};
use crate::store::alerts::{AlertRow, HeardNormRow};
use crate::store::read::PageAsk;
use crate::ui::ask::Ask;
use crate::ui::door::encoded;
use crate::ui::form::Errors;
use crate::ui::page::{Page, Stop, again, html, see};
use crate::ui::routes::{Needs, Route, get, post};
use crate::ui::words::words;

/// The routes of this part.
pub const ROUTES: &[Route] = &[
    get("/oversight/alerts", Needs::Right(Right::Oversight), list),
    post("/oversight/alerts/{id}", Needs::Right(Right::Oversight), acknowledge),
];

/// Alerts that are over, of which so many are shown.
const OVER_MAX: i64 = 30;
/// Older than this, and nobody looks any more.
const LOOKED_MAX_US: i64 = 10 * MINUTE_US;

fn list(ask: &Ask) -> Result<Page, Stop> {
    html("alerts.html", values(ask, &Errors::default(), "")?)
}

fn values(ask: &Ask, errors: &Errors, at_fault: &str) -> Result<Value, Stop> {
    let open = alerts::open(ask.app())?;
    let over = alerts::page(ask.app(), Which::Cleared, &PageAsk { after: None, limit: OVER_MAX })?;
    let (basis, norms) = watched(ask.app())?;
    let now_us = ask.app().now().us();
    let looked_us = basis.map(|basis| basis.round_at_us);
    Ok(context! {
        open => open.iter().map(|(kind, row)| shown(ask, *kind, row)).collect::<Result<Vec<_>, _>>()?,
        over => over
            .iter()
            .filter_map(|row| Some((Kind::parse(&row.kind)?, row)))
            .map(|(kind, row)| shown(ask, kind, row))
            .collect::<Result<Vec<_>, _>>()?,
        norms => norms.iter().map(|norm| heard(ask, norm)).collect::<Vec<_>>(),
        looked_us,
        asleep => looked_us.is_none_or(|at| now_us.saturating_sub(at) > LOOKED_MAX_US),
        errors => errors.value(),
        at_fault,
        note => ask.form.get("note"),
    })
}

fn shown(ask: &Ask, kind: Kind, row: &AlertRow) -> Result<Value, AppError> {
    let of = kind.row();
    let by = match &row.acknowledged_by {
        Some(id) => Some(name_of(ask.app(), id)?.unwrap_or_else(|| id.clone())),
        None => None,
    };
    Ok(context! {
        id => row.id.as_str(),
        grave => of.weight == Weight::Grave,
        called => said(of.called, ask.lang),
        rule => said(of.rule, ask.lang),
        next => said(of.next, ask.lang),
        subject => subject(ask, kind, &row.subject)?,
        sentence => sentence(kind, &evidence_of(row), ask.lang),
        leads => leads(ask, kind, &row.subject),
        opened_us => row.opened_at_us,
        cleared_us => row.cleared_at_us,
        by,
        by_us => row.acknowledged_at_us,
        note => row.note.as_deref(),
    })
}

/// Where somebody goes on from here; none where nothing of it is on a page.
fn leads(ask: &Ask, kind: Kind, subject: &str) -> Option<Value> {
    let settles = || ask.may(Right::Settle).then(|| ("/exceptions".to_owned(), ask.t("Việc cần xử lý", "Work list")));
    let (path, text) = match kind {
        Kind::MessageParked | Kind::FactsUnmatched => settles()?,
        Kind::CustodyOverdue if ask.may(Right::Dossier) => {
            let (holder, code) = subject.split_once(':')?;
            let by = if holder == Holder::Post.as_str() { "office" } else { "agency" };
            (format!("/dossiers?open=1&{by}={}", encoded(code)), ask.t("Hồ sơ đang mở", "Open dossiers"))
        }
        Kind::CustodyOverdue => settles()?,
        Kind::ComparisonMissing => ("/oversight/books".to_owned(), ask.t("Đối soát sổ", "Reconciliation")),
        Kind::CalendarEnds => ("/calendar".to_owned(), ask.t("Lịch làm việc", "Working calendar")),
        _ => return None,
    };
    Some(context! { path, text })
}

/// Whose alert it is, in words.
fn subject(ask: &Ask, kind: Kind, text: &str) -> Result<String, AppError> {
    Ok(match kind {
        Kind::Silence | Kind::RateSpike => {
            let (name, way) = text.rsplit_once(':').unwrap_or((text, ""));
            format!("{name} · {}", words("way", way, ask.lang))
        }
        Kind::CustodyOverdue => {
            let (holder, code) = text.split_once(':').unwrap_or((text, ""));
            let place = if holder == Holder::Post.as_str() { "POST_OFFICE" } else { "AGENCY" };
            format!("{} · {}", directory::name_of(ask.app(), place, code)?, words("holding", holder, ask.lang))
        }
        // One of the whole program; what it is called says it all.
        Kind::CalendarEnds | Kind::ClocksBehind | Kind::RollUpsBehind => String::new(),
        _ => text.to_owned(),
    })
}

fn heard(ask: &Ask, norm: &HeardNormRow) -> Value {
    context! {
        counterpart => norm.counterpart.as_str(),
        way => words("way", &norm.way, ask.lang),
        last_us => norm.last_at_us,
        gap_us => norm.gap_us,
        p99 => norm.p99,
    }
}

/// Somebody knows, and says what is being done.
fn acknowledge(ask: &Ask) -> Result<Page, Stop> {
    let id = ask.value("id");
    let person = ask.person()?.id.clone();
    match alerts::acknowledge(ask.app(), id, &person, ask.form.get("note"), ask.doing()) {
        Ok(_) => see(format!("/oversight/alerts#{id}")),
        Err(AppError::Refused(refusal)) if !refusal.problems.is_empty() => {
            let mut errors = Errors::default();
            let (vi, en) =
                ("Ghi việc đang làm, tối đa 500 ký tự.", "Say what is being done, in at most 500 characters.");
            errors.add(ask.lang, "note", vi, en);
            again("alerts.html", values(ask, &errors, id)?)
        }
        Err(error) => Err(error.into()),
    }
}
