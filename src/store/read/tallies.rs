//! Sums for reports, from the roll-ups alone: never from events. A number and the legs behind it come from the same rows.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use std::collections::BTreeMap;

use crate::domain::access::Agencies;
use crate::domain::tally::{Level, Measure, Stretch, cover};
use crate::on;
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::read::PageAsk;
use crate::store::rows::LegRow;
use crate::store::schema::leg;
use crate::store::tallies;
use crate::store::tally_schema::{leg_tally, tally_due};

/// What sums are split by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// The agency.
    Agency,
    /// The procedure. Beside an office or a cause it is counted from legs, which takes its time.
    Procedure,
    /// The post office of the manifest.
    Office,
    /// `INTAKE` or `RESULT`.
    LegKind,
    /// The cause; empty where there is none.
    Cause,
    /// The day, `YYYY-MM-DD`.
    Day,
    /// The month, `YYYY-MM`.
    Month,
}

impl By {
    fn column(self) -> &'static str {
        match self {
            By::Agency => "agency_code",
            By::Procedure => "procedure_code",
            By::Office => "post_office_code",
            By::LegKind => "kind",
            By::Cause => "cause",
            By::Day => "span",
            By::Month => "substr(span, 1, 7)",
        }
    }
}

/// A sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// What it was split by, in the order asked for.
    pub keys: Vec<String>,
    /// The word of `Measure`.
    pub measure: String,
    /// How many contributions: legs, and where one leg contributes on several days or by several causes, each of them.
    pub legs: i64,
    /// Their amount.
    pub amount: i64,
}

/// What is narrowed to; nothing: everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Slice {
    pub agency: Option<String>,
    pub procedure: Option<String>,
    pub office: Option<String>,
    pub kind: Option<String>,
    pub cause: Option<String>,
}

/// How far the roll-ups have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// Legs that still wait.
    pub due: i64,
    /// The last round, UTC microseconds; 0 before the first.
    pub rolled_up_at_us: i64,
}

/// How far the roll-ups have come.
pub fn kept_up_to(db: &mut Db<'_>) -> Result<Freshness, StoreError> {
    let rolled_up_at_us = tallies::basis(db)?.map_or(0, |basis| basis.rolled_up_at_us);
    Ok(Freshness { due: on!(db, |c| tally_due::table.count().get_result(c))?, rolled_up_at_us })
}

/// Sums of a stretch, of the agencies that the reader sees.
pub fn sums(
    db: &mut Db<'_>,
    seen: &Agencies,
    stretch: Stretch,
    by: &[By],
    measures: &[Measure],
) -> Result<Vec<Sum>, StoreError> {
    sums_within(db, seen, &Slice::default(), stretch, by, measures)
}

/// Sums of a stretch and a slice, in order of measure and keys. What runs counts as missed where its day was over at the cut.
pub fn sums_within(
    db: &mut Db<'_>,
    seen: &Agencies,
    slice: &Slice,
    stretch: Stretch,
    by: &[By],
    measures: &[Measure],
) -> Result<Vec<Sum>, StoreError> {
    let mut cells = Cells::default();
    let asked: Vec<(Measure, Measure)> = measures.iter().map(|measure| (*measure, *measure)).collect();
    cells.add(db, seen, slice, stretch, by, &asked)?;
    let open: Vec<(Measure, Measure)> =
        measures.iter().filter_map(|measure| Some((measure.still_open()?, *measure))).collect();
    cells.add(db, seen, slice, stretch.over(), by, &open)?;
    let mut order: BTreeMap<&str, usize> = BTreeMap::new();
    for (place, measure) in measures.iter().enumerate() {
        order.entry(measure.as_str()).or_insert(place);
    }
    let moved = cells.0.into_iter().filter(|(_, sum)| *sum != (0, 0));
    let mut found: Vec<Sum> = moved
        .map(|((measure, keys), (legs, amount))| Sum { keys, measure: measure.as_str().to_owned(), legs, amount })
        .collect();
    found.sort_by(|a, b| (order.get(a.measure.as_str()), &a.keys).cmp(&(order.get(b.measure.as_str()), &b.keys)));
    Ok(found)
}

#[derive(Default)]
struct Cells(BTreeMap<(Measure, Vec<String>), (i64, i64)>);

#[derive(QueryableByName)]
struct Cell {
    #[diesel(sql_type = Text)]
    measure: String,
    /// What it was split by, with `APART` between.
    #[diesel(sql_type = Text)]
    keys: String,
    #[diesel(sql_type = BigInt)]
    legs: i64,
    #[diesel(sql_type = BigInt)]
    amount: i64,
}

/// Stands between keys, and in no code.
const APART: char = '\u{1f}';

impl Cells {
    /// Adds these measures, each counted as another one or as itself.
    fn add(
        &mut self,
        db: &mut Db<'_>,
        seen: &Agencies,
        slice: &Slice,
        stretch: Stretch,
        by: &[By],
        measures: &[(Measure, Measure)],
    ) -> Result<(), StoreError> {
        if measures.is_empty() || stretch.from >= stretch.until {
            return Ok(());
        }
        for cell in load(db, seen, slice, by, measures, &source(slice, stretch, by))? {
            let Some((_, counted_as)) = measures.iter().find(|(of, _)| of.as_str() == cell.measure) else { continue };
            let keys = cell.keys.split(APART).take(by.len()).map(str::to_owned).collect();
            let sum = self.0.entry((*counted_as, keys)).or_default();
            *sum = (sum.0 + cell.legs, sum.1.saturating_add(cell.amount));
        }
        Ok(())
    }
}

/// Where sums are read from, and with which sign.
struct Source {
    /// A table, or what counts as one, with a first condition.
    from: String,
    /// -1 for spans that are taken away.
    sign: String,
}

fn source(slice: &Slice, stretch: Stretch, by: &[By]) -> Source {
    let needs = |one: By, of: &Option<String>| by.contains(&one) || of.is_some();
    let by_procedure = needs(By::Procedure, &slice.procedure);
    let by_office = needs(By::Office, &slice.office) || needs(By::Cause, &slice.cause);
    if by_procedure && by_office {
        let from = format!(
            "(SELECT t.day AS span, t.measure, l.agency_code, l.procedure_code, l.post_office_code, l.kind, t.cause, 1 AS legs, \
             t.amount FROM leg_tally t JOIN leg l ON l.id = t.leg_id WHERE t.day >= '{}' AND t.day < '{}') AS counted WHERE true",
            stretch.from, stretch.until
        );
        return Source { from, sign: "1".to_owned() };
    }
    let table = if by_procedure { "tally_by_procedure" } else { "tally_by_office" };
    let coarsest = match by {
        _ if by.contains(&By::Day) => Level::Day,
        _ if by.contains(&By::Month) => Level::Half,
        _ => Level::Year,
    };
    let spans = cover(coarsest, stretch.from, stretch.until);
    let names = |minus: bool| -> Vec<String> {
        spans.iter().filter(|span| span.minus == minus).map(|span| format!("'{}'", span.span)).collect()
    };
    let (plus, minus) = (names(false), names(true));
    let from = format!("{table} WHERE span IN ({})", [plus, minus.clone()].concat().join(", "));
    let sign = match minus.as_slice() {
        [] => "1".to_owned(),
        some => format!("CASE WHEN span IN ({}) THEN -1 ELSE 1 END", some.join(", ")),
    };
    Source { from, sign }
}

/// One grouped query. The text holds words and dates of ours; codes are bound.
fn load(
    db: &mut Db<'_>,
    seen: &Agencies,
    slice: &Slice,
    by: &[By],
    measures: &[(Measure, Measure)],
    source: &Source,
) -> Result<Vec<Cell>, StoreError> {
    let postgres = matches!(db, Db::Pg(_));
    let mut bound: Vec<&str> = Vec::new();
    let mut conditions = String::new();
    let narrow = [
        ("agency_code", &slice.agency),
        ("procedure_code", &slice.procedure),
        ("post_office_code", &slice.office),
        ("kind", &slice.kind),
        ("cause", &slice.cause),
    ];
    for (column, code) in narrow.iter().filter_map(|(column, code)| Some((column, code.as_deref()?))) {
        bound.push(code);
        conditions.push_str(&format!(" AND {column} = {}", mark(postgres, bound.len())));
    }
    if let Agencies::Only(codes) = seen {
        let marks: Vec<String> = codes
            .iter()
            .map(|code| {
                bound.push(code);
                mark(postgres, bound.len())
            })
            .collect();
        // Nothing is seen by who sees no agency.
        let list = if marks.is_empty() { "NULL".to_owned() } else { marks.join(", ") };
        conditions.push_str(&format!(" AND agency_code IN ({list})"));
    }
    let words: Vec<String> = measures.iter().map(|(of, _)| format!("'{of}'")).collect();
    let columns: Vec<&str> = by.iter().map(|by| by.column()).collect();
    let keys = if columns.is_empty() { "''".to_owned() } else { columns.join(&format!(" || '{APART}' || ")) };
    let grouped = [&["measure"], columns.as_slice()].concat().join(", ");
    let Source { from, sign } = source;
    let text = format!(
        "SELECT measure, {keys} AS keys, CAST(sum(legs * {sign}) AS BIGINT) AS legs, CAST(sum(amount * {sign}) AS BIGINT) AS amount \
         FROM {from} AND measure IN ({}){conditions} GROUP BY {grouped}",
        words.join(", "),
    );
    Ok(on!(db, |c| {
        let mut query = diesel::sql_query(text.as_str()).into_boxed();
        for code in &bound {
            query = query.bind::<Text, _>(*code);
        }
        query.load::<Cell>(c)
    })?)
}

/// The place of a bound value.
fn mark(postgres: bool, place: usize) -> String {
    if postgres { format!("${place}") } else { "?".to_owned() }
}

/// The legs behind a number, oldest first.
pub fn legs_behind(
    db: &mut Db<'_>,
    seen: &Agencies,
    stretch: Stretch,
    measure: Measure,
    slice: &Slice,
    page: &PageAsk,
) -> Result<Vec<LegRow>, StoreError> {
    let day = |date: chrono::NaiveDate| date.to_string();
    let open = measure.still_open().map_or("", Measure::as_str);
    let in_stretch = leg_tally::measure.eq(measure.as_str()).and(leg_tally::day.lt(day(stretch.until)));
    let over = leg_tally::measure.eq(open).and(leg_tally::day.lt(day(stretch.over().until)));
    let cause = slice.cause.clone().unwrap_or_default();
    let of_cause = leg_tally::cause.eq(cause).or(slice.cause.is_none().into_sql::<Bool>());
    let contributing = || {
        leg_tally::table
            .filter(in_stretch.clone().or(over.clone()))
            .filter(leg_tally::day.ge(day(stretch.from)))
            .filter(of_cause.clone())
    };
    on!(db, |c| {
        let mut query = leg::table.select(LegRow::as_select()).order(leg::id).limit(page.limit).into_boxed();
        // Of one agency or office the legs are few, and each is asked; else what was counted leads to its legs.
        let few = slice.agency.is_some() || slice.office.is_some() || matches!(seen, Agencies::Only(_));
        query = if few {
            query.filter(diesel::dsl::exists(contributing().filter(leg_tally::leg_id.eq(leg::id))))
        } else {
            query.filter(leg::id.eq_any(contributing().select(leg_tally::leg_id)))
        };
        if let Agencies::Only(codes) = seen {
            query = query.filter(leg::agency_code.eq_any(codes));
        }
        if let Some(after) = &page.after {
            query = query.filter(leg::id.gt(after));
        }
        if let Some(code) = &slice.agency {
            query = query.filter(leg::agency_code.eq(code));
        }
        if let Some(code) = &slice.procedure {
            query = query.filter(leg::procedure_code.eq(code));
        }
        if let Some(code) = &slice.office {
            query = query.filter(leg::post_office_code.eq(code));
        }
        if let Some(kind) = &slice.kind {
            query = query.filter(leg::kind.eq(kind));
        }
        Ok(query.load(c)?)
    })
}

#[derive(QueryableByName)]
struct Difference {
    #[diesel(sql_type = Text)]
    span: String,
    #[diesel(sql_type = Text)]
    measure: String,
    #[diesel(sql_type = Text)]
    agency_code: String,
}

/// Cells of the sums that are not the sum of what legs contribute: (table, span, measure, agency), a few at most. Each book and length
/// of span is compared in one statement, so that both sides are of one instant.
pub fn wrong_sums(db: &mut Db<'_>) -> Result<Vec<(&'static str, String, String, String)>, StoreError> {
    let half = "substr(t.day, 1, 7) || CASE WHEN substr(t.day, 9, 2) < '15' THEN '/1' ELSE '/2' END";
    let spans = [(4, "substr(t.day, 1, 4)"), (9, half), (10, "t.day")];
    let books = [
        ("tally_by_procedure", "agency_code, procedure_code, kind", "l.agency_code, l.procedure_code, l.kind"),
        (
            "tally_by_office",
            "agency_code, post_office_code, kind, cause",
            "l.agency_code, l.post_office_code, l.kind, t.cause",
        ),
    ];
    let mut found = Vec::new();
    for (table, keys, of_legs) in books {
        for (length, span) in spans {
            let text = format!(
                "SELECT span, measure, agency_code FROM (SELECT {span} AS span, t.measure, {of_legs}, 1 AS legs, t.amount FROM leg_tally t \
                 JOIN leg l ON l.id = t.leg_id UNION ALL SELECT span, measure, {keys}, -legs, -amount FROM {table} \
                 WHERE length(span) = {length}) AS compared GROUP BY span, measure, {keys} \
                 HAVING sum(legs) <> 0 OR sum(amount) <> 0 ORDER BY 1, 2, 3 LIMIT 20"
            );
            let rows: Vec<Difference> = on!(db, |c| diesel::sql_query(text.as_str()).load(c))?;
            found.extend(rows.into_iter().map(|row| (table, row.span, row.measure, row.agency_code)));
        }
    }
    Ok(found)
}
