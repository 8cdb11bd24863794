//! Two books side by side: what each side says about a case, and where they differ. No names: a book says that somebody was named.

use minijinja::{Value, context};

use crate::app::exceptions::{Exception, Subject};
use crate::app::facts::Reported;
use crate::app::legs::{self, CustodyEntry};
use crate::app::{discrepancies, handovers};
use crate::domain::custody::Event;
use crate::domain::exception::Sort;
use crate::domain::leg::Side;
use crate::store::read::facts;
use crate::store::rows::{DiscrepancyRow, LegRow};
use crate::ui::ask::Ask;
use crate::ui::exceptions::{compared, mask, words};
use crate::ui::page::Stop;
use crate::{base::time::Ts, report::numbers};

/// Lines of one book: label and what stands there.
type Lines = Vec<(&'static str, String)>;

/// Events shown of a leg.
const EVENTS_MAX: usize = 12;
const NOTHING: &str = "–";

/// The two books of a case; none where only one side has spoken at all.
pub(super) fn of(ask: &Ask, one: &Exception) -> Result<Option<Value>, Stop> {
    let Subject::Discrepancy(row) = &one.subject else { return Ok(None) };
    if let Some(compared) = compared::of(ask, row) {
        return Ok(Some(compared));
    }
    if row.handover_id.is_some() {
        return of_handover(ask, row);
    }
    match (one.sort, row.kind.as_str(), &one.leg) {
        (Sort::Fact, ..) => of_unmatched(ask, row),
        (_, "FACT_CHANGED", _) => of_changed(ask, row),
        (.., Some(leg)) => of_leg(ask, row, leg).map(Some),
        _ => Ok(None),
    }
}

fn pair(left: (Option<Side>, &str, Lines), right: (Option<Side>, &str, Lines)) -> Value {
    let book = |(side, title, lines): &(Option<Side>, &str, Lines), other: &Lines| {
        let lines: Vec<Value> = lines
            .iter()
            .map(|(label, text)| {
                let there = other.iter().find(|(known, _)| known == label).map(|(_, text)| text);
                // Two instants of two people always differ; that is no finding.
                let differs = there.is_some_and(|there| there != text) && !is_instant(label);
                context! { label => *label, text, differs }
            })
            .collect();
        context! { side => side.map(Side::as_str), title => *title, lines }
    };
    context! { left => book(&left, &right.2), right => book(&right, &left.2) }
}

fn is_instant(label: &str) -> bool {
    ["Lúc", "At", "Ghi sổ lúc", "Recorded at"].contains(&label)
}

fn moment(us: i64) -> String {
    numbers::moment(Ts::from_us(us))
}

fn counts(ask: &Ask, originals: Option<i64>, copies: Option<i64>) -> String {
    match (originals, copies) {
        (None, None) => NOTHING.to_owned(),
        (originals, copies) => format!(
            "{} {}, {} {}",
            originals.unwrap_or(0),
            ask.t("bản chính", "originals"),
            copies.unwrap_or(0),
            ask.t("bản sao", "copies")
        ),
    }
}

fn of_leg(ask: &Ask, row: &DiscrepancyRow, leg: &LegRow) -> Result<Value, Stop> {
    let custody = legs::custody(ask.app(), &ask.person()?.caller(), &leg.id)?;
    let shown: Vec<String> = discrepancies::evidence_of(row).into_iter().filter_map(|piece| piece.event_id).collect();
    let found = custody.entries.iter().rev().find(|entry| shown.iter().any(|id| id == entry.event.id.as_str()));
    let speaker = found.map_or(Side::Post, |entry| entry.event.source.side);
    let speaker = if speaker == Side::Agency { Side::Agency } else { Side::Post };
    let book = |side: Side| {
        let entry = if side == speaker { found } else { last_word(&custody.entries, side, found) };
        (Some(side), title(ask, side), lines_of(ask, leg, side, entry))
    };
    Ok(pair(book(Side::Post), book(Side::Agency)))
}

fn title<'a>(ask: &Ask, side: Side) -> &'a str {
    match side {
        Side::Agency => ask.lang.pick("Sổ một cửa", "The one-stop desk's book"),
        _ => ask.lang.pick("Sổ bưu điện", "The post's book"),
    }
}

/// The last word of a side that counts; both signatures of a handover are the word of both.
fn last_word<'e>(entries: &'e [CustodyEntry], side: Side, but: Option<&CustodyEntry>) -> Option<&'e CustodyEntry> {
    let counts = |entry: &&CustodyEntry| {
        let event = &entry.event;
        entry.stand.applied
            && (event.source.side == side || event.handover_id.is_some())
            && but.is_none_or(|but| but.event.id != event.id)
    };
    entries.iter().rev().find(counts)
}

fn lines_of(ask: &Ask, leg: &LegRow, side: Side, entry: Option<&CustodyEntry>) -> Lines {
    let declared = leg.side == side.as_str();
    let Some(entry) = entry else {
        return vec![
            (ask.lang.pick("Nói rằng", "Says"), ask.t("Chưa báo gì", "Nothing yet").to_owned()),
            (
                ask.lang.pick("Giấy tờ", "Papers"),
                if declared { counts(ask, Some(leg.originals), Some(leg.copies)) } else { NOTHING.to_owned() },
            ),
        ];
    };
    let event = &entry.event;
    let counted = match (event.originals, event.copies) {
        (None, None) if declared => (Some(leg.originals), Some(leg.copies)),
        counted => counted,
    };
    let mut lines = vec![
        (ask.lang.pick("Nói rằng", "Says"), words::event(event.kind.as_str(), ask.lang)),
        (ask.lang.pick("Lúc", "At"), moment(event.occurred_at.us())),
        (ask.lang.pick("Ghi sổ lúc", "Recorded at"), moment(event.recorded_at.us())),
        (ask.lang.pick("Giấy tờ", "Papers"), counts(ask, counted.0, counted.1)),
        (ask.lang.pick("Bằng chứng", "Proof"), proof(ask, event)),
    ];
    if let Some(code) = raw_code(event) {
        lines.push((ask.lang.pick("Mã gốc", "Raw code"), code));
    }
    if let Some(number) = event.dossier_no.as_ref().or(leg.dossier_no.as_ref()) {
        lines.push((ask.lang.pick("Mã hồ sơ", "Dossier"), number.clone()));
    }
    lines
}

fn raw_code(event: &Event) -> Option<String> {
    let family = event.source.family.as_deref()?;
    let code = event.source.raw_code.as_deref().unwrap_or_default();
    let text = event.source.raw_text.as_deref().unwrap_or_default();
    Some(format!("{family}:{code} {text}").trim_end().to_owned())
}

fn proof(ask: &Ask, event: &Event) -> String {
    let mut parts: Vec<String> = event.evidence.iter().map(|piece| words::act(&piece.kind, ask.lang)).collect();
    if event.handover_id.is_some() {
        parts.push(ask.t("biên bản hai bên ký", "a handover signed by both").to_owned());
    }
    if let Some(receiver) = event.receiver {
        let who = match receiver.representative {
            true => ask.t("người đại diện", "a representative"),
            false => ask.t("chính chủ", "the owner"),
        };
        let checked = match receiver.id_checked {
            true => ask.t("đã kiểm tra giấy tờ", "identity checked"),
            false => ask.t("chưa kiểm tra giấy tờ", "identity not checked"),
        };
        parts.push(format!("{who}, {checked}"));
    }
    if parts.is_empty() { NOTHING.to_owned() } else { parts.join(", ") }
}

/// Giver's list against the receiver's count.
fn of_handover(ask: &Ask, row: &DiscrepancyRow) -> Result<Option<Value>, Stop> {
    let Some(id) = &row.handover_id else { return Ok(None) };
    let Ok(whole) = handovers::get(ask.app(), &ask.person()?.caller(), id) else { return Ok(None) };
    let line = whole.lines.iter().find(|line| Some(&line.leg_id) == row.leg_id.as_ref());
    let paper = ask.lang.pick("Giấy tờ", "Papers");
    let seal = ask.lang.pick("Niêm phong", "Seal");
    let says = ask.lang.pick("Nói rằng", "Says");
    let given: Lines = match line {
        Some(line) => vec![
            (says, ask.t("Đã giao", "Handed over").to_owned()),
            (paper, counts(ask, Some(line.expected_originals), Some(line.expected_copies))),
            (seal, line.expected_seal_no.clone().unwrap_or_else(|| NOTHING.to_owned())),
        ],
        None => vec![(says, ask.t("Không có trên danh sách giao", "Not on the list").to_owned())],
    };
    let counted: Lines = match line {
        Some(line) => vec![
            (says, words::act(line.outcome.as_deref().unwrap_or(NOTHING), ask.lang)),
            (paper, counts(ask, line.originals, line.copies)),
            (
                seal,
                if line.outcome.as_deref() == Some("SEAL_DAMAGED") {
                    ask.t("hư", "damaged").to_owned()
                } else {
                    line.expected_seal_no.clone().unwrap_or_else(|| NOTHING.to_owned())
                },
            ),
        ],
        None => vec![(says, ask.t("Có trên bàn nhận", "On the table").to_owned())],
    };
    let (post, agency) = if whole.row.giver == Side::Post.as_str() { (given, counted) } else { (counted, given) };
    let of = |side, lines| (Some(side), title(ask, side), lines);
    Ok(Some(pair(of(Side::Post, post), of(Side::Agency, agency))))
}

fn variants(ask: &Ask, row: &DiscrepancyRow) -> Result<Vec<(String, Option<Reported>)>, Stop> {
    let fact_id = discrepancies::evidence_of(row).into_iter().find_map(|piece| piece.fact_id);
    let (Some(fact_id), Some(reporter)) = (fact_id, &row.reporter) else { return Ok(Vec::new()) };
    let rows = ask.app().store.read(|db| facts::variants(db, reporter, &fact_id))?;
    let read = |text: &String| serde_json::from_str::<Reported>(text).ok();
    Ok(rows.into_iter().map(|row| (row.side.clone(), row.content.as_ref().and_then(read))).collect())
}

fn reported_lines(ask: &Ask, fact: &Reported) -> Lines {
    let or = |text: &Option<String>| text.clone().unwrap_or_else(|| NOTHING.to_owned());
    let said = match (&fact.event, &fact.family) {
        (Some(event), _) => words::event(event, ask.lang),
        (None, Some(family)) => format!("{family}:{}", fact.raw_code.as_deref().unwrap_or_default()),
        (None, None) => NOTHING.to_owned(),
    };
    vec![
        (ask.lang.pick("Nói rằng", "Says"), said),
        (ask.lang.pick("Lúc", "At"), moment(fact.occurred_at_us)),
        (ask.lang.pick("Giấy tờ", "Papers"), counts(ask, fact.originals, fact.copies)),
        (ask.lang.pick("Mã hồ sơ", "Dossier"), or(&fact.dossier_no)),
        (ask.lang.pick("Số phiếu gửi", "Consignment note"), or(&fact.consignment_note_no)),
        (ask.lang.pick("Số hiệu bưu gửi", "Item number"), or(&fact.item_number)),
    ]
}

fn of_unmatched(ask: &Ask, row: &DiscrepancyRow) -> Result<Option<Value>, Stop> {
    let Some((side, Some(fact))) = variants(ask, row)?.into_iter().next() else { return Ok(None) };
    let side = Side::parse(&side).unwrap_or(Side::Post);
    let ours = vec![(
        ask.lang.pick("Nói rằng", "Says"),
        ask.t("Không có hồ sơ nào mang các số này", "No dossier has these numbers").to_owned(),
    )];
    let theirs = (Some(side), ask.lang.pick("Bên báo", "Who reported"), reported_lines(ask, &fact));
    Ok(Some(pair(theirs, (None, ask.lang.pick("Sổ Giao Nhận", "Our book"), ours))))
}

/// The same id, first and last content.
fn of_changed(ask: &Ask, row: &DiscrepancyRow) -> Result<Option<Value>, Stop> {
    let variants = variants(ask, row)?;
    let Some((side, Some(last))) = variants.last() else { return Ok(None) };
    let side = Side::parse(side);
    let last = reported_lines(ask, last);
    let fact_id = discrepancies::evidence_of(row).into_iter().find_map(|piece| piece.fact_id);
    let first = match (&row.leg_id, variants.first().and_then(|(_, fact)| fact.clone())) {
        (_, Some(first)) => reported_lines(ask, &first),
        (Some(leg_id), None) => {
            let custody = legs::custody(ask.app(), &ask.person()?.caller(), leg_id)?;
            let told = custody.entries.iter().find(|entry| entry.event.source.fact_id == fact_id);
            told.map(|entry| {
                vec![
                    (ask.lang.pick("Nói rằng", "Says"), words::event(entry.event.kind.as_str(), ask.lang)),
                    (ask.lang.pick("Lúc", "At"), moment(entry.event.occurred_at.us())),
                    (ask.lang.pick("Giấy tờ", "Papers"), counts(ask, entry.event.originals, entry.event.copies)),
                ]
            })
            .unwrap_or_default()
        }
        (None, None) => Vec::new(),
    };
    let last: Lines = last
        .into_iter()
        .filter(|(label, text)| text != NOTHING || first.iter().any(|(known, _)| known == label))
        .collect();
    Ok(Some(pair(
        (side, ask.lang.pick("Lần báo đầu", "First report"), first),
        (side, ask.lang.pick("Lần báo sau", "Later report"), last),
    )))
}

/// The newest events of the leg; those that show the case are marked.
pub(super) fn events(ask: &Ask, one: &Exception) -> Result<Vec<Value>, Stop> {
    let Some(leg) = &one.leg else { return Ok(Vec::new()) };
    let custody = legs::custody(ask.app(), &ask.person()?.caller(), &leg.id)?;
    let shown: Vec<String> = match &one.subject {
        Subject::Discrepancy(row) => {
            discrepancies::evidence_of(row).into_iter().filter_map(|piece| piece.event_id).collect()
        }
        _ => Vec::new(),
    };
    let value = |entry: &CustodyEntry| {
        let event = &entry.event;
        context! {
            at_us => event.occurred_at.us(),
            text => words::event(event.kind.as_str(), ask.lang),
            side => crate::ui::words::words("side", event.source.side.as_str(), ask.lang),
            code => raw_code(event),
            applied => entry.stand.applied,
            marked => shown.iter().any(|id| id == event.id.as_str()),
        }
    };
    Ok(custody.entries.iter().rev().take(EVENTS_MAX).map(value).collect())
}

/// What came in, word for word, without what may name a person.
pub(super) fn raw(ask: &Ask, one: &Exception) -> Result<Option<Value>, Stop> {
    let text = match &one.subject {
        Subject::Inbox(row) => row.body.clone(),
        Subject::Discrepancy(row) => {
            let fact_id = discrepancies::evidence_of(row).into_iter().find_map(|piece| piece.fact_id);
            match (fact_id, &row.reporter) {
                (Some(fact_id), Some(reporter)) => {
                    let rows = ask.app().store.read(|db| facts::variants(db, reporter, &fact_id))?;
                    rows.into_iter().rev().find_map(|row| row.content)
                }
                _ => None,
            }
        }
        Subject::Message(_) | Subject::Code(_) | Subject::Custody(_) => None,
    };
    let error = match &one.subject {
        Subject::Inbox(row) => row.error.clone(),
        _ => None,
    };
    Ok(text.map(|text| {
        let masked = mask::masked(&text);
        context! {
            text => masked.as_ref().map(|(shown, _)| shown.as_str()),
            covered => masked.as_ref().is_some_and(|(_, covered)| *covered),
            bytes => text.len(),
            error,
        }
    }))
}
