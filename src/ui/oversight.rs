//! Oversight's first page: today's numbers with their bases, the month's trend, who holds what for how long, who is late. Figures
//! alone, no dossier and no name.

use chrono::Days;
use minijinja::{Value, context};

use crate::base::time::{DAY_US, HOUR_US, Ts};
use crate::domain::access::Agencies;
use crate::domain::alert::Weight;
use crate::domain::leg::Holder;
use crate::domain::person::Right;
use crate::report::numbers;
use crate::report::plot::{AgeBars, AgeRow, Amount, Caption, Keeper, Point, Ranked, Ranking, Shape, Trend, spark};
use crate::store::StoreError;
use crate::store::conn::Db;
use crate::store::read::oversight::{self as read, DayCount, Figures, Held, OpenKind, Span};
use crate::ui::ask::Ask;
use crate::ui::exceptions::words as exceptions;
use crate::ui::lateness::{self, Lateness, Who};
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

/// The day in Vietnam that an instant lies in, moved by so many days.
fn day_of(now_us: i64, moved: i64) -> Span {
    let offset = 7 * HOUR_US;
    let from_us = (now_us + offset).div_euclid(DAY_US) * DAY_US - offset + moved * DAY_US;
    Span { from_us, until_us: from_us + DAY_US }
}

struct Numbers {
    today: Figures,
    before: Figures,
    due_yesterday: (i64, i64),
    due_before: (i64, i64),
    month: Vec<DayCount>,
    held: Vec<Held>,
    posts: Vec<Lateness>,
    agencies: Vec<Lateness>,
    open: Vec<OpenKind>,
    oldest_us: Option<i64>,
}

fn show(ask: &Ask) -> Result<Page, Stop> {
    let now = ask.app().now();
    let (now_us, date) = (now.us(), now.to_vietnam().date());
    let all = Agencies::All;
    let (today, before) = (day_of(now_us, 0), day_of(now_us, -1));
    let month = Span { from_us: day_of(now_us, 1 - DAYS).from_us, until_us: today.until_us };
    let numbers = ask.app().store.read(|db| {
        let due_on = |db: &mut Db<'_>, days: u64| {
            let day = date.checked_sub_days(Days::new(days)).unwrap_or(date);
            Ok::<_, StoreError>(lateness::all(&lateness::of(db, Who::Posts, lateness::whole_day(day))?))
        };
        Ok(Numbers {
            today: read::figures(db, &all, today, now_us)?,
            before: read::figures(db, &all, before, now_us)?,
            due_yesterday: due_on(db, 1)?,
            due_before: due_on(db, 2)?,
            month: read::events_by_day(db, &all, month)?,
            held: read::held_by_age(db, &all, now_us, &AGES_DAYS)?,
            posts: lateness::of(db, Who::Posts, lateness::last_days(date))?,
            agencies: lateness::of(db, Who::Agencies, lateness::last_days(date))?,
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
                (
                    ask.t("Bưu cục trễ nhiều nhất", "Post offices most late"),
                    ask.t("hạn J+n, trong 30 ngày", "limit J+n, within 30 days"),
                    "posts",
                    lateness::all(&numbers.posts).1,
                    lateness::worst(ask, Who::Posts, &numbers.posts)?,
                ),
                (
                    ask.t("Cơ quan trễ nhiều nhất", "Agencies most late"),
                    ask.t("giao bưu điện sau hẹn trả, trong 30 ngày", "given to the post after the time on the slip, within 30 days"),
                    "agencies",
                    lateness::all(&numbers.agencies).1,
                    lateness::worst(ask, Who::Agencies, &numbers.agencies)?,
                ),
            ].map(|(title, counted, id, due, rows)| context! { title, counted, id, due, rows })
            .to_vec(),
            limit => numbers::short_percent_of(ask.app().reports.limits.sanction_points, ask.lang),
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
            title: ask.t("Đến hạn J+n hôm qua mà trễ", "Due by J+n yesterday and late"),
            of: ask.t("bưu gửi đến hạn hôm qua", "items due yesterday"),
            now: numbers.due_yesterday,
            before: Some(numbers.due_before),
            better_up: false,
            line: Vec::new(),
        },
        Kpi {
            title: ask.t("Đang trên đường mà quá ngày hẹn trả", "On the way past the time on the slip"),
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
