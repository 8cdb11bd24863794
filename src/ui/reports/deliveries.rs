//! Reports that leave by themselves: what comes next of each schedule, what waits or was missed, and what became of every file.

use minijinja::{Value, context};

use crate::app::distribution::{self, Delivered, Run, Standings};
use crate::base::time::{Ts, parse_date};
use crate::config::ReportSchedule;
use crate::domain::person::Right;
use crate::domain::problem::Language;
use crate::domain::schedule::{Span, Standing, Turn};
use crate::report::definitions::definition;
use crate::report::numbers;
use crate::report::tables::{Period, shown};
use crate::store::read::PageAsk;
use crate::ui::ask::Ask;
use crate::ui::exceptions::words::outcome;
use crate::ui::form::Errors;
use crate::ui::page::{Page, Stop, again, html, see};

/// Runs of one page.
const RUNS_PER_PAGE: i64 = 20;

pub(super) fn list(ask: &Ask) -> Result<Page, Stop> {
    html("report_deliveries.html", values(ask, &Errors::default())?)
}

/// Makes the report of a period that was missed, or that is wanted before its time.
pub(super) fn deliver(ask: &Ask) -> Result<Page, Stop> {
    let (schedule, period) = (ask.form.get("schedule"), ask.form.some("period"));
    let mut errors = Errors::default();
    match distribution::deliver(ask.app(), schedule, period, ask.doing()) {
        Ok((run, _)) => see(format!("/oversight/reports/deliveries?made={}", run.cut_id)),
        Err(crate::app::AppError::Refused(refusal)) => {
            let said = refusal.problems.first().map_or(&refusal.message, |problem| &problem.message);
            errors.add(ask.lang, "period", said.vi.clone(), said.en.clone());
            again("report_deliveries.html", values(ask, &errors)?)
        }
        Err(error) => Err(error.into()),
    }
}

fn values(ask: &Ask, errors: &Errors) -> Result<Value, Stop> {
    let app = ask.app();
    let page = PageAsk { after: ask.query.some("after").map(str::to_owned), limit: RUNS_PER_PAGE + 1 };
    let shown_max = usize::try_from(RUNS_PER_PAGE).unwrap_or(usize::MAX);
    let mut runs = distribution::runs(app, &ask.person()?.caller(), None, &page)?;
    let more = runs.len() > shown_max;
    runs.truncate(shown_max);
    let next = runs.last().filter(|_| more).map(|run| run.row.cut_id.clone());
    let schedules: Vec<Value> = distribution::standings(app)?.iter().map(|one| schedule(ask, one)).collect();
    Ok(context! {
        schedules,
        runs => runs.iter().map(|one| run(ask, one)).collect::<Vec<_>>(),
        next,
        made => ask.query.some("made"),
        typed_schedule => ask.form.get("schedule"),
        typed_period => ask.form.get("period"),
        errors => errors.value(),
        may_replay => ask.may(Right::Messages),
    })
}

fn title(ask: &Ask, schedule: &ReportSchedule) -> String {
    let known = definition(schedule.report);
    known.map_or_else(String::new, |known| ask.t(known.title.0, known.title.1).to_owned())
}

fn schedule(ask: &Ask, one: &Standings<'_>) -> Value {
    let kept = one.schedule;
    let names = |turns: &[Turn]| -> Vec<Value> {
        turns
            .iter()
            .map(|turn| context! { name => kept.period.name(turn.span), text => days(ask, turn.span) })
            .collect()
    };
    let of: Vec<&str> = [&kept.agency, &kept.post_office].into_iter().flatten().map(String::as_str).collect();
    let time = kept.time.format("%H:%M").to_string();
    context! {
        name => kept.name.as_str(),
        title => title(ask, kept),
        scope => if of.is_empty() { ask.t("Toàn tỉnh", "The province").to_owned() } else { of.join("; ") },
        when => ask.t("ngày làm việc thứ {n} sau kỳ, {time}", "working day {n} after the period, {time}")
            .replace("{n}", &kept.working_day.to_string())
            .replace("{time}", &time),
        formats => kept.formats.iter().map(|format| format.as_str().to_uppercase()).collect::<Vec<_>>().join(", "),
        language => match kept.language {
            Language::Vi => ask.t("tiếng Việt", "Vietnamese"),
            Language::En => ask.t("tiếng Anh", "English"),
        },
        receivers => kept.receivers.join(", "),
        next => one.next.as_ref().map(|turn| context! {
            text => days(ask, turn.span),
            at_us => match turn.standing { Standing::Later(at) => at.us(), _ => 0 },
        }),
        due => names(&one.due),
        missed => names(&one.missed),
        unknown => one.unknown.iter().map(|turn| context! {
            text => days(ask, turn.span),
            why => match turn.standing {
                Standing::Unknown(gap) => ask.t(&gap.vi(), &gap.en()).to_owned(),
                _ => String::new(),
            },
        }).collect::<Vec<_>>(),
    }
}

fn days(ask: &Ask, span: Span) -> String {
    if span.from.succ_opt() == Some(span.until) {
        return numbers::date(span.from);
    }
    shown::period(Period { from: span.from, until: span.until }, ask.lang)
}

fn run(ask: &Ask, one: &Run) -> Value {
    let row = &one.row;
    let period = parse_date(&row.from_date).zip(parse_date(&row.until_date));
    let known = crate::report::definitions::DefinitionId::parse(&row.definition).and_then(definition);
    context! {
        cut_id => row.cut_id.as_str(),
        schedule => row.schedule.as_str(),
        title => known.map_or(row.definition.clone(), |known| ask.t(known.title.0, known.title.1).to_owned()),
        period => period.map_or(row.period.clone(), |(from, until)| days(ask, Span { from, until })),
        made_at_us => row.made_at_us,
        by_hand => row.due_at_us.is_none(),
        deliveries => one.deliveries.iter().map(|each| delivered(ask, each)).collect::<Vec<_>>(),
    }
}

fn delivered(ask: &Ask, one: &Delivered) -> Value {
    let row = &one.message;
    let why = row.last_error.as_deref().or(row.last_outcome.as_deref());
    let again_at = || numbers::moment(Ts::from_us(row.due_at_us));
    let (mark, state) = match (row.state.as_str(), one.delivered_at_us) {
        ("SETTLED", Some(at_us)) => {
            ("ok", format!("{} {}", ask.t("Đã đến", "Delivered"), numbers::moment(Ts::from_us(at_us))))
        }
        ("SETTLED", None) => ("bad", ask.t("Không gửi nữa", "Not sent any more").to_owned()),
        ("PARKED", _) => ("bad", ask.t("Đã dừng, chờ người xử lý", "Parked, waits for a person").to_owned()),
        (_, _) if row.attempts > 0 => ("wait", format!("{} {}", ask.t("Thử lại lúc", "Tried again at"), again_at())),
        _ => ("wait", ask.t("Đang gửi", "On its way").to_owned()),
    };
    context! {
        receiver => one.receiver.as_str(),
        file => one.name.as_deref(),
        mark,
        state,
        why => why.filter(|_| mark != "ok").filter(|_| row.attempts > 0).map(|told| outcome(told, ask.lang)),
        parked => (row.state == "PARKED").then_some(row.id.as_str()),
    }
}
