//! Oversight's first page: today's numbers with their bases, the month's trend, who holds what for how long, who is late. Figures
//! alone, no dossier and no name.

use minijinja::{Value, context};

use crate::base::time::{DAY_US, HOUR_US, Ts};
use crate::domain::access::Agencies;
use crate::domain::alert::Weight;
use crate::domain::leg::Holder;
use crate::domain::person::Right;
use crate::report::numbers;
use crate::report::plot::{
    AgeBars, AgeRow, Amount, Caption, Keeper, Point, Ranked, Ranking, Shape, Trend, inline_bar, spark,
};
use crate::store::read::oversight::{self as read, DayCount, Figures, Held, Lateness, Office, OpenKind, Span};
use crate::ui::ask::Ask;
use crate::ui::door::encoded;
use crate::ui::exceptions::words as exceptions;
use crate::ui::page::{Page, Stop, html};
use crate::ui::routes::{Needs, Route, get};
use crate::ui::words::words;

/// The routes of this part.
pub const ROUTES: &[Route] = &[get("/oversight", Needs::Right(Right::Oversight), show)];

/// Days of the trend.
const DAYS: i64 = 30;
/// Classes of age, in days: under one, one to three, three to seven, longer.
const AGES_DAYS: [i64; 3] = [1, 3, 7];
/// The first class that is drawn as too long.
const OVER_FROM: usize = 2;
/// Offices shown.
const OFFICES: usize = 8;
/// A share of late results beyond this is told as such, in hundredths of a percent (domain: the province's limit).
const LATE_LIMIT: i64 = 1_000;

/// The day in Vietnam that an instant lies in, moved by so many days.
fn day_of(now_us: i64, moved: i64) -> Span {
    let offset = 7 * HOUR_US;
    let from_us = (now_us + offset).div_euclid(DAY_US) * DAY_US - offset + moved * DAY_US;
    Span { from_us, until_us: from_us + DAY_US }
}

struct Numbers {
    today: Figures,
    before: Figures,
    due_today: (i64, i64),
    due_before: (i64, i64),
    month: Vec<DayCount>,
    held: Vec<Held>,
    posts: Vec<Lateness>,
    agencies: Vec<Lateness>,
    open: Vec<OpenKind>,
    oldest_us: Option<i64>,
}

fn show(ask: &Ask) -> Result<Page, Stop> {
    let now_us = ask.app().now().us();
    let all = Agencies::All;
    let (today, before) = (day_of(now_us, 0), day_of(now_us, -1));
    let month = Span { from_us: day_of(now_us, 1 - DAYS).from_us, until_us: today.until_us };
    let numbers = ask.app().store.read(|db| {
        let due =
            |lateness: Vec<Lateness>| lateness.iter().fold((0, 0), |(late, due), one| (late + one.late, due + one.due));
        Ok(Numbers {
            today: read::figures(db, &all, today, now_us)?,
            before: read::figures(db, &all, before, now_us)?,
            due_today: due(read::lateness(db, &all, Office::Agency, today, now_us)?),
            due_before: due(read::lateness(db, &all, Office::Agency, before, now_us)?),
            month: read::events_by_day(db, &all, month)?,
            held: read::held_by_age(db, &all, now_us, &AGES_DAYS)?,
            posts: read::lateness(db, &all, Office::Post, month, now_us)?,
            agencies: read::lateness(db, &all, Office::Agency, month, now_us)?,
            open: read::open_discrepancies(db, &all)?,
            oldest_us: read::oldest_due_message(db, &all, now_us)?,
        })
    })?;
    let safe = Value::from_safe_string;
    let alerts = crate::app::alerts::open(ask.app())?;
    html(
        "oversight.html",
        context! {
            now_us,
            province => ask.face.pages.province_name.as_str(),
            kpis => kpis(ask, &numbers, now_us),
            taken => safe(taken_trend(ask, &numbers.month, now_us)),
            failed => safe(failed_trend(ask, &numbers.month, now_us)),
            held => safe(custody(ask, &numbers.held)),
            open_kinds => safe(open_kinds(ask, &numbers.open, now_us)),
            offices => [
                (ask.t("Bưu cục trễ nhiều nhất", "Post offices most late"), "posts", offices(ask, "POST_OFFICE", &numbers.posts)?),
                (ask.t("Cơ quan trễ nhiều nhất", "Agencies most late"), "agencies", offices(ask, "AGENCY", &numbers.agencies)?),
            ].map(|(title, id, rows)| context! { title, id, rows }).to_vec(),
            oldest_us => numbers.oldest_us.map(|at| now_us.saturating_sub(at).max(0)),
            may_settle => ask.may(Right::Settle),
            alerts => alerts.len(),
            grave => alerts.iter().any(|(kind, _)| kind.row().weight == Weight::Grave),
        },
    )
}

/// A main number: share with its base, and how it moved since the day before; `higher` says whether more is better.
struct Kpi<'a> {
    title: &'a str,
    of: &'a str,
    now: (i64, i64),
    before: Option<(i64, i64)>,
    better_up: bool,
    line: Vec<Option<i64>>,
}

fn kpis(ask: &Ask, numbers: &Numbers, now_us: i64) -> Vec<Value> {
    let (now, was) = (&numbers.today, &numbers.before);
    let delivered = |of: &Figures| (of.delivered_confirmed, of.delivered_confirmed + of.delivered_reported_only);
    let tried = |of: &Figures| {
        let delivered = of.delivered_confirmed + of.delivered_reported_only;
        (of.attempts_failed, of.attempts_failed + delivered)
    };
    let by_day =
        |part: fn(&DayCount) -> bool, whole: fn(&DayCount) -> bool| share_by_day(&numbers.month, part, whole, now_us);
    let all = [
        Kpi {
            title: ask.t("Giao một cửa so với nhận vào", "Handed over against taken in"),
            of: ask.t("giao / nhận hôm nay", "handed over / taken in today"),
            now: (now.handed_to_agency, now.taken_in),
            before: Some((was.handed_to_agency, was.taken_in)),
            better_up: true,
            line: by_day(|day| is(day, "INTAKE", "CONFIRMED"), |day| is(day, "INTAKE", "ACCEPTED")),
        },
        Kpi {
            title: ask.t("Kết quả phát có xác nhận", "Deliveries confirmed"),
            of: ask.t("kết quả báo phát hôm nay", "results delivered today"),
            now: delivered(now),
            before: Some(delivered(was)),
            better_up: true,
            line: by_day(|day| is(day, "RESULT", "CONFIRMED"), |day| is(day, "RESULT", "DELIVERED")),
        },
        Kpi {
            title: ask.t("Đi phát chưa được", "Delivery attempts failed"),
            of: ask.t("kết quả đi phát hôm nay", "results tried today"),
            now: tried(now),
            before: Some(tried(was)),
            better_up: false,
            line: by_day(
                |day| is(day, "RESULT", "ATTEMPT_FAILED"),
                |day| is(day, "RESULT", "ATTEMPT_FAILED") || is(day, "RESULT", "DELIVERED"),
            ),
        },
        Kpi {
            title: ask.t("Đến hạn hôm nay mà trễ", "Due today and late"),
            of: ask.t("hồ sơ đến hạn hôm nay", "dossiers due today"),
            now: numbers.due_today,
            before: Some(numbers.due_before),
            better_up: false,
            line: Vec::new(),
        },
        Kpi {
            title: ask.t("Đang trên đường mà quá hạn", "On the way and overdue"),
            of: ask.t("hồ sơ đang mở", "open dossiers"),
            now: (now.open_overdue, now.open),
            before: None,
            better_up: false,
            line: Vec::new(),
        },
    ];
    all.iter().map(|kpi| kpi_value(ask, kpi)).collect()
}

fn kpi_value(ask: &Ask, kpi: &Kpi<'_>) -> Value {
    let (part, whole) = kpi.now;
    let points = |(part, whole)| numbers::basis_points(part, whole);
    let moved = kpi.before.and_then(|before| Some(points(kpi.now)? - points(before)?));
    let better = moved.map(|moved| if kpi.better_up { moved > 0 } else { moved < 0 });
    context! {
        title => kpi.title,
        of => kpi.of,
        share => numbers::percent(part, whole, ask.lang),
        fraction => numbers::fraction(part, whole, ask.lang),
        change => kpi.before.map(|before| numbers::change_of_share(kpi.now, before, ask.lang)),
        arrow => moved.and_then(|moved| if moved == 0 { None } else { Some(if moved > 0 { "up" } else { "down" }) }),
        better => better.filter(|_| moved != Some(0)),
        line => Value::from_safe_string(spark(&kpi.line)),
    }
}

fn is(day: &DayCount, kind: &str, event: &str) -> bool {
    day.leg_kind == kind && day.event == event
}

/// Every day of the month with its first instant, oldest first.
fn days(now_us: i64) -> impl Iterator<Item = i64> {
    (1 - DAYS..=0).map(move |moved| day_of(now_us, moved).from_us)
}

fn sum(month: &[DayCount], day_us: i64, which: impl Fn(&DayCount) -> bool) -> i64 {
    month.iter().filter(|day| day.day_us == day_us && which(day)).map(|day| day.legs).sum()
}

fn share_by_day(
    month: &[DayCount],
    part: fn(&DayCount) -> bool,
    whole: fn(&DayCount) -> bool,
    now_us: i64,
) -> Vec<Option<i64>> {
    days(now_us).map(|day| numbers::basis_points(sum(month, day, part), sum(month, day, whole))).collect()
}

fn label(day_us: i64) -> String {
    numbers::day(Ts::from_us(day_us).to_vietnam().date())
}

fn trend(ask: &Ask, caption: Caption, name: &str, points: Vec<Point>) -> String {
    let each = ask.t("Ngày", "Day").to_owned();
    let trend = Trend {
        caption,
        shape: Shape::Line,
        each,
        name: name.to_owned(),
        points,
        previous: None,
        target: None,
        limit: None,
    };
    trend.html(ask.lang)
}

fn taken_trend(ask: &Ask, month: &[DayCount], now_us: i64) -> String {
    let count = |day| sum(month, day, |day| day.event == "ACCEPTED");
    let points: Vec<Point> =
        days(now_us).map(|day| Point { label: label(day), value: Some(Amount::Count(count(day))) }).collect();
    let all: i64 = days(now_us).map(count).sum();
    let all = numbers::whole(all, ask.lang);
    let caption = Caption {
        id: "taken".to_owned(),
        finding: ask.lang.pick(
            format!("Bưu điện nhận {all} hồ sơ trong 30 ngày"),
            format!("The post took {all} dossiers in 30 days"),
        ),
        counted: ask
            .t(
                "Hồ sơ nộp và kết quả bưu điện nhận mỗi ngày. Hôm nay tính đến lúc này.",
                "Intake and result dossiers taken each day; today so far.",
            )
            .to_owned(),
        spoken: String::new(),
    };
    trend(ask, caption, ask.t("Hồ sơ", "Dossiers"), points)
}

fn failed_trend(ask: &Ask, month: &[DayCount], now_us: i64) -> String {
    let failed = |day| sum(month, day, |day| is(day, "RESULT", "ATTEMPT_FAILED"));
    let whole = |day| failed(day) + sum(month, day, |day| is(day, "RESULT", "DELIVERED"));
    let share = |day| Amount::Share { part: failed(day), whole: whole(day) };
    let points: Vec<Point> = days(now_us)
        .map(|day| Point { label: label(day), value: Some(share(day)).filter(|_| whole(day) > 0) })
        .collect();
    let (part, all): (i64, i64) = (days(now_us).map(failed).sum(), days(now_us).map(whole).sum());
    let share = numbers::share(part, all, ask.lang);
    let caption = Caption {
        id: "failed".to_owned(),
        finding: ask.lang.pick(
            format!("Đi phát chưa được: {share} trong 30 ngày"),
            format!("Delivery attempts failed: {share} in 30 days"),
        ),
        counted: ask
            .t(
                "Kết quả có lần phát chưa được, trên kết quả đi phát trong ngày.",
                "Results with a failed attempt, of the results tried that day.",
            )
            .to_owned(),
        spoken: String::new(),
    };
    trend(ask, caption, ask.t("Chưa được", "Failed"), points)
}

fn custody(ask: &Ask, held: &[Held]) -> String {
    let keeper = |holder: &str| match Holder::parse(holder) {
        Some(Holder::Citizen) => Keeper::Citizen,
        Some(Holder::Post) => Keeper::Post,
        Some(Holder::Agency) => Keeper::Agency,
        _ => Keeper::Nobody,
    };
    let row = |one: &Held| AgeRow {
        keeper: keeper(&one.holder),
        name: words("holder", &one.holder, ask.lang),
        counts: one.by_age.clone(),
    };
    let all: i64 = held.iter().flat_map(|one| &one.by_age).sum();
    let over: i64 = held.iter().flat_map(|one| one.by_age.iter().skip(OVER_FROM)).sum();
    let (all, over) = (numbers::whole(all, ask.lang), numbers::whole(over, ask.lang));
    let bars = AgeBars {
        caption: Caption {
            id: "held".to_owned(),
            finding: ask.lang.pick(
                format!("{all} hồ sơ đang trên đường: {over} đã nằm một chỗ từ 3 ngày"),
                format!("{all} dossiers on the way: {over} with one holder for 3 days or more"),
            ),
            counted: ask
                .t(
                    "Số hồ sơ theo người giữ và số ngày đã giữ. Phần sọc là từ 3 ngày.",
                    "Dossiers by holder and days held. Striped: 3 days or more.",
                )
                .to_owned(),
            spoken: String::new(),
        },
        each: ask.t("Người giữ", "Holder").to_owned(),
        classes: ask
            .lang
            .pick(
                ["dưới 1 ngày", "1–2 ngày", "3–6 ngày", "từ 7 ngày"],
                ["under 1 day", "1–2 days", "3–6 days", "7 days or more"],
            )
            .map(str::to_owned)
            .to_vec(),
        over_from: OVER_FROM,
        rows: held.iter().map(row).collect(),
    };
    bars.html(ask.lang)
}

fn open_kinds(ask: &Ask, open: &[OpenKind], now_us: i64) -> String {
    let mut open = open.to_vec();
    open.sort_by_key(|kind| std::cmp::Reverse(kind.open));
    let all: i64 = open.iter().map(|kind| kind.open).sum();
    let row = |kind: &OpenKind| Ranked {
        name: exceptions::kind(&kind.kind, ask.lang),
        value: Amount::Count(kind.open),
        note: numbers::days(now_us.saturating_sub(kind.oldest_at_us).max(0) / DAY_US, ask.lang),
    };
    let finding = match open.first() {
        None => ask.t("Không có sai lệch nào đang mở", "No discrepancy is open").to_owned(),
        Some(most) => {
            let (name, all) = (exceptions::kind(&most.kind, ask.lang), numbers::whole(all, ask.lang));
            ask.lang.pick(
                format!("{all} sai lệch đang mở, nhiều nhất là “{name}”"),
                format!("{all} discrepancies open, most of them “{name}”"),
            )
        }
    };
    let ranking = Ranking {
        caption: Caption {
            id: "open".to_owned(),
            finding,
            counted: ask
                .t(
                    "Số sai lệch theo loại; bên phải là tuổi của việc lâu nhất.",
                    "Discrepancies by kind; at the right the age of the oldest.",
                )
                .to_owned(),
            spoken: String::new(),
        },
        each: ask.t("Loại", "Kind").to_owned(),
        measured: ask.t("Đang mở", "Open").to_owned(),
        noted: ask.t("Lâu nhất", "Oldest").to_owned(),
        rows: open.iter().map(row).collect(),
        limit: None,
    };
    ranking.html(ask.lang)
}

/// The worst offices by share of late dossiers; equal shares by how many.
fn offices(ask: &Ask, kind: &str, lateness: &[Lateness]) -> Result<Vec<Value>, Stop> {
    let points = |one: &Lateness| numbers::basis_points(one.late, one.due).unwrap_or(0);
    let mut late: Vec<&Lateness> = lateness.iter().filter(|one| one.late > 0).collect();
    late.sort_by_key(|one| std::cmp::Reverse((points(one), one.late)));
    late.truncate(OFFICES);
    // Administrators read no dossiers.
    let leads = ask.may(Right::Dossier);
    let by = if kind == "AGENCY" { "agency" } else { "office" };
    let most = late.iter().map(|one| points(one)).max().unwrap_or(0);
    let row = |one: &&Lateness| {
        let name = crate::app::people::directory::name_of(ask.app(), kind, &one.code)?;
        let over = points(one) > LATE_LIMIT;
        Ok(context! {
            name,
            code => one.code.as_str(),
            path => leads.then(|| format!("/dossiers?open=1&overdue=1&{by}={}", encoded(&one.code))),
            fraction => numbers::fraction(one.late, one.due, ask.lang),
            share => numbers::percent(one.late, one.due, ask.lang),
            over,
            bar => Value::from_safe_string(inline_bar(points(one), most, over)),
        })
    };
    late.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_a_day_in_vietnam() {
        let at = |text: &str| Ts::parse_rfc3339(text).unwrap().us();
        let day = day_of(at("2026-11-20T00:30:00+07:00"), 0);
        assert_eq!(day, Span { from_us: at("2026-11-20T00:00:00+07:00"), until_us: at("2026-11-21T00:00:00+07:00") });
        assert_eq!(day_of(at("2026-11-20T23:59:59+07:00"), -1).until_us, day.from_us);
        assert_eq!(days(at("2026-11-20T12:00:00+07:00")).count(), 30);
    }
}
