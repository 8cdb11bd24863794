//! The sheet of one handover: what was declared, what was counted, where they differ, who signed.

use std::collections::BTreeMap;

use minijinja::{Value, context};
use serde::Serialize;

use crate::app::handovers::{self, Extra, KeptEvidence};
use crate::app::legs::{PaperCount, papers_of};
use crate::app::{App, AppError, evidence};
use crate::domain::leg::{LegKind, Side};
use crate::store::read::handovers::WholeHandover;
use crate::store::rows::{HandoverLineRow, HandoverRow, HandoverSignatureRow, LegRow};
use crate::store::{desk, read};
use crate::ui::ask::{Ask, Lang};
use crate::ui::form::Errors;
use crate::ui::handover::{Standing, place_name};
use crate::ui::page::{Page, Stop, html, value};

/// One line as the sheet shows it.
#[derive(Debug, Serialize)]
struct Line {
    no: i64,
    leg_id: String,
    dossier_no: Option<String>,
    note_no: Option<String>,
    item_number: Option<String>,
    procedure: String,
    seal_no: Option<String>,
    papers: Vec<PaperCount>,
    declared: (i64, i64),
    originals: Option<i64>,
    copies: Option<i64>,
    outcome: Option<String>,
    /// `ok`, `bad` or `wait`.
    state: &'static str,
    /// How the counts differ, in words.
    difference: String,
    note: Option<String>,
}

/// One signature that stands, or the last one that lapsed.
#[derive(Debug, Serialize)]
struct Signed {
    name: String,
    title: Option<String>,
    at_us: i64,
    /// Whether something was drawn.
    ink: bool,
    seq: i64,
}

/// One half.
#[derive(Debug, Serialize)]
struct Half {
    side: String,
    name: String,
    mine: bool,
    signed: Option<Signed>,
    /// Whether a signature of this side lapsed, since lines were counted again.
    lapsed: bool,
}

#[derive(Debug, Default, Serialize)]
struct Sums {
    lines: usize,
    ok: usize,
    bad: usize,
    wait: usize,
    declared: (i64, i64),
    counted: (i64, i64),
}

/// Names of places, asked once.
pub(in crate::ui) struct Names<'a> {
    app: &'a App,
    known: BTreeMap<(&'static str, String), String>,
}

impl<'a> Names<'a> {
    pub(in crate::ui) fn new(app: &'a App) -> Self {
        Names { app, known: BTreeMap::new() }
    }

    /// The name of one side of a handover; empty for a post of several offices, which has no name of its own.
    pub(in crate::ui) fn of_side(&mut self, row: &HandoverRow, side: &str) -> Result<String, AppError> {
        match (side, &row.post_office_code) {
            ("AGENCY", _) => self.of("AGENCY", &row.agency_code),
            (_, Some(code)) => self.of("POST_OFFICE", code),
            (_, None) => Ok(String::new()),
        }
    }

    pub(in crate::ui) fn of(&mut self, kind: &'static str, code: &str) -> Result<String, AppError> {
        let key = (kind, code.to_owned());
        if let Some(name) = self.known.get(&key) {
            return Ok(name.clone());
        }
        let name = place_name(self.app, kind, code)?;
        self.known.insert(key, name.clone());
        Ok(name)
    }
}

/// What people call a handover: the paper's own number, or the end of its id.
pub(in crate::ui) fn number_of(row: &HandoverRow) -> String {
    let tail = || row.id.get(row.id.len().saturating_sub(6)..).unwrap_or(&row.id).to_uppercase();
    row.handover_no.clone().unwrap_or_else(|| format!("BB-{}", tail()))
}

/// How counts differ from what was declared: `thiếu 1 bản chính, thừa 1 bản sao`.
fn difference(declared: (i64, i64), counted: (i64, i64), lang: Lang) -> String {
    let part = |declared: i64, counted: i64, (vi, en): (&str, &str)| match counted - declared {
        0 => None,
        less @ ..0 => Some(lang.pick(format!("thiếu {} {vi}", -less), format!("{} {en} short", -less))),
        more => Some(lang.pick(format!("thừa {more} {vi}"), format!("{more} {en} too many"))),
    };
    let originals = part(declared.0, counted.0, ("bản chính", "original(s)"));
    let copies = part(declared.1, counted.1, ("bản sao", "copy(ies)"));
    [originals, copies].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn line(row: &HandoverLineRow, leg: Option<&LegRow>, lang: Lang) -> Line {
    let declared = (row.expected_originals, row.expected_copies);
    let counted = row.originals.zip(row.copies);
    Line {
        no: row.line_no,
        leg_id: row.leg_id.clone(),
        dossier_no: row.dossier_no.clone().or_else(|| leg.and_then(|leg| leg.dossier_no.clone())),
        note_no: row.consignment_note_no.clone(),
        item_number: leg.and_then(|leg| leg.item_number.clone()),
        procedure: leg
            .map(|leg| leg.procedure_name.clone().unwrap_or_else(|| leg.procedure_code.clone()))
            .unwrap_or_default(),
        seal_no: row.expected_seal_no.clone(),
        papers: leg.map(papers_of).unwrap_or_default(),
        declared,
        originals: row.originals,
        copies: row.copies,
        outcome: row.outcome.clone(),
        state: match row.outcome.as_deref() {
            None => "wait",
            Some("TAKEN") => "ok",
            Some(_) => "bad",
        },
        difference: counted.map(|counted| difference(declared, counted, lang)).unwrap_or_default(),
        note: row.note.clone(),
    }
}

fn sums(lines: &[Line]) -> Sums {
    let mut sums = Sums { lines: lines.len(), ..Sums::default() };
    for line in lines {
        match line.state {
            "ok" => sums.ok += 1,
            "bad" => sums.bad += 1,
            _ => sums.wait += 1,
        }
        sums.declared = (sums.declared.0 + line.declared.0, sums.declared.1 + line.declared.1);
        let counted = (line.originals.unwrap_or(0), line.copies.unwrap_or(0));
        sums.counted = (sums.counted.0 + counted.0, sums.counted.1 + counted.1);
    }
    sums
}

/// The evidence of a signature.
fn evidence_of(row: &HandoverSignatureRow) -> Vec<KeptEvidence> {
    serde_json::from_str(&row.evidence).unwrap_or_default()
}

/// The signature of a side that stands.
pub(in crate::ui) fn standing<'a>(handover: &'a WholeHandover, side: &str) -> Option<&'a HandoverSignatureRow> {
    handover.signatures.iter().find(|signature| signature.lapsed == 0 && signature.side == side)
}

fn half(handover: &WholeHandover, side: &str, mine: &str, name: String) -> Half {
    let signed = standing(handover, side).map(|row| Signed {
        name: row.signer_name.clone(),
        title: row.signer_title.clone(),
        at_us: row.signed_at_us,
        ink: evidence_of(row).iter().any(|piece| piece.kind == "SIGNATURE"),
        seq: row.seq,
    });
    let lapsed = signed.is_none() && handover.signatures.iter().any(|row| row.side == side && row.lapsed == 1);
    Half { side: side.to_owned(), name, mine: side == mine, signed, lapsed }
}

/// What the person typed, when a form is shown again.
#[derive(Debug, Default)]
pub(super) struct Typed {
    pub(super) strokes: String,
    pub(super) reason: String,
    pub(super) lines: Vec<i64>,
}

/// The values of the sheet.
pub(super) fn values(ask: &Ask, handover: &WholeHandover, errors: &Errors, typed: &Typed) -> Result<Value, Stop> {
    let app = ask.app();
    let me = ask.person()?.role.side().as_str();
    let row = &handover.row;
    let ids: Vec<String> = handover.lines.iter().map(|line| line.leg_id.clone()).collect();
    let (legs, corrections) =
        app.store.read(|db| Ok((read::legs::by_ids(db, &ids)?, desk::corrections_of(db, &row.id)?)))?;
    let legs: BTreeMap<&str, &LegRow> = legs.iter().map(|leg| (leg.id.as_str(), leg)).collect();
    let lines: Vec<Line> =
        handover.lines.iter().map(|one| line(one, legs.get(one.leg_id.as_str()).copied(), ask.lang)).collect();
    let mut names = Names::new(app);
    let giver = half(handover, &row.giver, me, names.of_side(row, &row.giver)?);
    let receiver = half(handover, &row.receiver, me, names.of_side(row, &row.receiver)?);
    let sums = sums(&lines);
    let is_open = row.status == "OPEN";
    let signed_by_me = standing(handover, me).is_some();
    let all_counted = sums.wait == 0;
    let standing = Standing { status: &row.status, receiving: receiver.mine, all_counted, signed_by_me };
    let extras: Vec<Extra> = serde_json::from_str(&row.extras).unwrap_or_default();
    Ok(context! {
        handover => context! {
            id => row.id.as_str(), number => number_of(row), status => row.status.as_str(), version => row.version,
            digest => row.digest.as_str(), place => row.place.as_deref(), opened_at_us => row.opened_at_us,
            completed_at_us => row.completed_at_us, filed_at_us => row.filed_at_us,
            corrects => row.corrects.as_deref(), reason => row.reason.as_deref(), step => standing.step(),
        },
        giver => value(giver), receiver => value(&receiver), lines => value(lines), sums => value(sums),
        extras => value(extras), corrections => value(corrections), counting => is_open && receiver.mine,
        is_open, errors => errors.value(),
        strokes => typed.strokes.as_str(), typed_reason => typed.reason.as_str(), typed_lines => value(&typed.lines),
        outcomes => value(OUTCOMES), count_law => count_law(handover, &legs),
    })
}

/// The article by which both sides count together and sign that it is whole. A result that comes back is counted the same way, by
/// no article of its own.
fn count_law(handover: &WholeHandover, legs: &BTreeMap<&str, &LegRow>) -> (&'static str, &'static str) {
    let is_intake = legs.values().any(|leg| leg.kind == LegKind::Intake.as_str());
    match (handover.row.giver.as_str(), is_intake) {
        ("POST", true) => (" (QĐ 45 Đ7 k2, k3)", " (QĐ 45 Art. 7.2–7.3)"),
        ("AGENCY", _) => (" (QĐ 45 Đ9 k2)", " (QĐ 45 Art. 9.2)"),
        _ => ("", ""),
    }
}

/// Why a line is not taken, as the list of reasons offers it.
const OUTCOMES: &[&str] = &["COUNT_DIFFERS", "MISSING", "SEAL_DAMAGED", "UNREADABLE", "WRONG_AGENCY"];

pub(super) fn find(ask: &Ask) -> Result<WholeHandover, Stop> {
    Ok(handovers::get(ask.app(), &ask.person()?.caller(), ask.value("id"))?)
}

pub(super) fn page(ask: &Ask) -> Result<Page, Stop> {
    html("handover.html", values(ask, &find(ask)?, &Errors::default(), &Typed::default())?)
}

/// The version, for a page that asks whether the other side changed something.
pub(super) fn state(ask: &Ask) -> Result<Page, Stop> {
    let handover = find(ask)?;
    Ok(Page::Json(serde_json::json!({ "version": handover.row.version, "status": handover.row.status })))
}

/// The drawn signature.
pub(super) fn ink(ask: &Ask) -> Result<Page, Stop> {
    let handover = find(ask)?;
    let asked: i64 = ask.value("seq").parse().map_err(|_| Stop::NotFound)?;
    let row = handover.signatures.iter().find(|row| row.seq == asked).ok_or(Stop::NotFound)?;
    let (bytes, media_type) = ink_of(ask.app(), row)?.ok_or(Stop::NotFound)?;
    Ok(Page::Bytes { media_type: media_type.to_owned(), file_name: None, bytes })
}

/// The picture that was drawn with a signature.
pub(in crate::ui) fn ink_of(
    app: &App,
    row: &HandoverSignatureRow,
) -> Result<Option<(Vec<u8>, &'static str)>, AppError> {
    let drawn = evidence_of(row).into_iter().find(|piece| piece.kind == "SIGNATURE");
    match drawn.and_then(|piece| piece.sha256) {
        Some(sha256) => evidence::find(app, &sha256),
        None => Ok(None),
    }
}

/// The other side.
pub(super) fn other(side: Side) -> Side {
    if side == Side::Post { Side::Agency } else { Side::Post }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_said_both_ways() {
        assert_eq!(difference((3, 2), (2, 3), Lang::Vi), "thiếu 1 bản chính, thừa 1 bản sao");
        assert_eq!(difference((3, 2), (3, 0), Lang::En), "2 copy(ies) short");
        assert_eq!(difference((1, 1), (1, 1), Lang::Vi), "");
    }
}
