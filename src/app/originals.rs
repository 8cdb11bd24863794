//! Originals lent for comparison: where each stands (`domain::originals`), kept up to date behind the roll-ups, which know every leg that
//! changed; what the desk says of one; and the discrepancy of one that a result left behind (NĐ 118 Đ22 k2).

use std::collections::{BTreeMap, BTreeSet};

use crate::app::discrepancies::{BookWord, Findings, Found, evidence_of, rests};
use crate::app::legs::papers_of;
use crate::app::people::{Doing, act, directory};
use crate::app::{App, AppError, tallies};
use crate::base::id::ActId;
use crate::base::text::normalise;
use crate::base::time::Ts;
use crate::domain::access::Agencies;
use crate::domain::discrepancy::Kind;
use crate::domain::leg::{LegKind, State};
use crate::domain::originals::{
    Beside, DeskWord, Dossier, Outcome, Part, ResultLeg, Standing, Standings, lent_of, standings,
};
use crate::domain::problem::{Code, Problem, Refusal};
use crate::store::originals::{self as kept, LentKey, LentOriginalRow, OriginalReturnRow};
use crate::store::people::procedures_of_codes;
use crate::store::read::{self, PageAsk};
use crate::store::rows::LegRow;
use crate::store::{Db, StoreError, WriteSet};

/// Characters of the desk's note.
const NOTE_CHARS_MAX: usize = 500;
/// Originals on the list of a page of people at most.
const LIST_MAX: i64 = 500;

/// The legs of one dossier with where its originals stand. An intake without a number is a dossier of its own.
struct Seen {
    number: Option<String>,
    intakes: Vec<LegRow>,
    standings: Standings,
}

/// Looks again at the dossiers of legs that are on the list, at most so many legs; returns how many.
pub fn follow(app: &App, legs_max: i64) -> Result<usize, AppError> {
    if app.store.read(|db| kept::due(db, 1))?.is_empty() {
        return Ok(0);
    }
    let looked_at = app.decide_and_commit(Some("originals.before_commit"), |set| {
        let due = app.store.read(|db| kept::due(db, legs_max))?;
        let ids: Vec<String> = due.iter().map(|due| due.leg_id.clone()).collect();
        app.store.read(|db| derive_into(app, db, &ids, &[], set))?;
        set.originals.done = due;
        Ok(ids.len())
    })?;
    crate::base::fault::point("originals.after_commit");
    Ok(looked_at)
}

/// Adds to a set where the originals of these legs' dossiers stand, and what of it is a discrepancy. `fresh`: words of the desk in this set.
fn derive_into(
    app: &App,
    db: &mut Db<'_>,
    leg_ids: &[String],
    fresh: &[OriginalReturnRow],
    set: &mut WriteSet,
) -> Result<(), StoreError> {
    let seen = dossiers(db, leg_ids, fresh)?;
    let subjects: Vec<String> = seen.iter().flat_map(|dossier| &dossier.intakes).map(|leg| subject(&leg.id)).collect();
    let known = read::discrepancies::newest_by_subject(db, &subjects)?;
    let mut findings = Findings::default();
    for dossier in &seen {
        set.originals.legs.extend(dossier.intakes.iter().map(|leg| leg.id.clone()));
        set.originals.lent.extend(rows_of(dossier));
        for leg in &dossier.intakes {
            let newest = known.iter().find(|row| row.subject_key == subject(&leg.id));
            let is_open = newest.is_some_and(|row| row.state == "OPEN");
            let words = words_of(leg, &dossier.standings);
            if words.is_empty() {
                if is_open {
                    findings.heal(subject(&leg.id), "nothing of it waits at the agency any more");
                }
                continue;
            }
            let told = newest.is_some_and(|row| {
                let evidence = evidence_of(row);
                let known: Vec<&BookWord> = evidence.iter().filter_map(|piece| piece.book.as_ref()).collect();
                is_open && words.iter().all(|word| known.contains(&word))
            });
            if !told && !newest.is_some_and(|row| rests(row, &words)) {
                findings.find(Found::of_leg(Kind::UnreturnedOriginal, subject(&leg.id), leg, words));
            }
        }
    }
    findings.settle(app, db, app.now(), set)?;
    Ok(())
}

/// The dossiers of these legs. A leg that is no intake and has no number belongs to none.
fn dossiers(db: &mut Db<'_>, leg_ids: &[String], fresh: &[OriginalReturnRow]) -> Result<Vec<Seen>, StoreError> {
    let asked = read::legs::by_ids(db, leg_ids)?;
    let numbers: BTreeSet<String> = asked.iter().filter_map(|leg| leg.dossier_no.clone()).collect();
    let mut legs: BTreeMap<String, LegRow> =
        asked.into_iter().filter(|leg| leg.dossier_no.is_none()).map(|leg| (leg.id.clone(), leg)).collect();
    let of_numbers = kept::legs_of_dossiers(db, &numbers.into_iter().collect::<Vec<_>>())?;
    legs.extend(of_numbers.into_iter().map(|leg| (leg.id.clone(), leg)));
    let (intakes, results): (Vec<LegRow>, Vec<LegRow>) =
        legs.into_values().partition(|leg| leg.kind == LegKind::Intake.as_str());
    let ids: Vec<String> = intakes.iter().map(|leg| leg.id.clone()).collect();
    let codes: BTreeSet<String> = intakes.iter().map(|leg| leg.procedure_code.clone()).collect();
    let codes: Vec<String> = codes.into_iter().collect();
    let checklists = directory::named(procedures_of_codes(db, &codes)?, |paper| paper.compare);
    let mut said = kept::returns_of(db, &ids)?;
    said.extend(fresh.iter().filter(|row| ids.contains(&row.leg_id)).cloned());

    let mut by_dossier: BTreeMap<(Option<String>, String), Vec<LegRow>> = BTreeMap::new();
    for leg in intakes {
        let alone = if leg.dossier_no.is_none() { leg.id.clone() } else { String::new() };
        by_dossier.entry((leg.dossier_no.clone(), alone)).or_default().push(leg);
    }
    Ok(by_dossier
        .into_iter()
        .map(|((number, _), intakes)| {
            let own = |leg_id: &str| intakes.iter().any(|leg| leg.id == leg_id);
            let of_number = results.iter().filter(|leg| number.is_some() && leg.dossier_no == number);
            let dossier = Dossier {
                lent: intakes
                    .iter()
                    .filter_map(|leg| {
                        let list = |agency: &str| checklists.get(&(leg.procedure_code.clone(), agency.to_owned()));
                        let to_compare = list(&leg.agency_code).or_else(|| list("*"))?;
                        Some(lent_of(&leg.id, Ts::from_us(leg.filed_at_us?), &originals_of(leg), to_compare))
                    })
                    .flatten()
                    .collect(),
                results: of_number.filter_map(result_of).collect(),
                desk: said.iter().filter(|row| own(&row.leg_id)).filter_map(word_of).collect(),
            };
            Seen { standings: standings(&dossier), number, intakes }
        })
        .collect())
}

fn originals_of(leg: &LegRow) -> Vec<(String, i64)> {
    let papers = papers_of(leg).into_iter().filter(|paper| paper.originals > 0);
    papers.map(|paper| (paper.name, i64::try_from(paper.originals).unwrap_or(i64::MAX))).collect()
}

fn result_of(leg: &LegRow) -> Option<ResultLeg> {
    Some(ResultLeg {
        leg: leg.id.clone(),
        state: State::parse(&leg.state)?,
        since: Ts::from_us(leg.holder_since_us),
        originals: originals_of(leg),
    })
}

fn word_of(row: &OriginalReturnRow) -> Option<DeskWord> {
    Some(DeskWord {
        leg: row.leg_id.clone(),
        paper: row.paper.clone(),
        quantity: row.quantity,
        outcome: Outcome::parse(&row.outcome)?,
        at: Ts::from_us(row.at_us),
    })
}

fn rows_of(seen: &Seen) -> Vec<LentOriginalRow> {
    let mut numbers: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    let parts = seen.standings.parts.iter();
    parts
        .filter_map(|part| {
            let leg = seen.intakes.iter().find(|leg| leg.id == part.leg)?;
            let number = numbers.entry((&part.leg, &part.paper)).or_default();
            *number += 1;
            Some(LentOriginalRow {
                leg_id: part.leg.clone(),
                paper: part.paper.clone(),
                part: *number,
                dossier_no: seen.number.clone(),
                agency_code: leg.agency_code.clone(),
                quantity: part.quantity,
                lent_at_us: part.lent_at.us(),
                standing: part.standing.as_str().to_owned(),
                since_us: part.since.us(),
                result_leg_id: part.result_leg.clone(),
            })
        })
        .collect()
}

fn subject(leg_id: &str) -> String {
    format!("{}:{leg_id}:", Kind::UnreturnedOriginal)
}

/// What shows that originals of an intake were left behind: the names of the checklist, never what somebody typed.
fn words_of(leg: &LegRow, seen: &Standings) -> Vec<BookWord> {
    let left_behind = |part: &&Part| part.leg == leg.id && part.standing == Standing::Unreturned;
    let word = |book: &str, row: Option<String>, says: Option<String>| BookWord {
        book: book.to_owned(),
        row,
        field: "original".to_owned(),
        says,
    };
    let parts = seen.parts.iter().filter(left_behind);
    let mut words: Vec<BookWord> = parts
        .map(|part| word("LEDGER", part.result_leg.clone(), Some(format!("{} × {}", part.quantity, part.paper))))
        .collect();
    if !words.is_empty() {
        words.push(word("DESK", None, None));
    }
    words
}

/// What the desk says of a lent original.
#[derive(Debug, Clone)]
pub struct Said<'a> {
    /// The intake leg.
    pub leg_id: &'a str,
    /// Its name on the checklist.
    pub paper: &'a str,
    /// How many.
    pub quantity: i64,
    /// What became of them.
    pub outcome: Outcome,
    /// Why, or to whom; a loss needs one.
    pub note: &'a str,
}

/// The desk gave originals back, or lost them. Only what stands with its own agency, and what is known at once where it stands then.
pub fn tell(app: &App, agency: &str, said: &Said<'_>, doing: Doing<'_>) -> Result<(), AppError> {
    let person = doing.person.ok_or_else(|| AppError::plain(Code::NotYourSide))?;
    let note = normalise(said.note).into_owned();
    if said.outcome == Outcome::DeclaredLost && note.is_empty() {
        return Err(wrong_note(Code::FieldMissing, "say how it was lost", "ghi rõ mất thế nào"));
    }
    if note.chars().count() > NOTE_CHARS_MAX {
        return Err(wrong_note(Code::FieldInvalid, "at most 500 characters", "nhiều nhất 500 ký tự"));
    }
    let id: String = ActId::make(&app.ids).into();
    app.decide_and_commit(None, |set| {
        let leg_id = said.leg_id.to_owned();
        let (lent, known) = app.store.read(|db| {
            // Words first: what is said meanwhile is found when the set is committed.
            let known = kept::returns_of(db, std::slice::from_ref(&leg_id))?.len();
            Ok((kept::of_legs(db, std::slice::from_ref(&leg_id))?, known))
        })?;
        let own = lent.iter().filter(|row| row.agency_code == agency && row.paper == said.paper);
        let there: i64 = own.filter(|row| may_be_told(row, said.outcome)).map(|row| row.quantity).sum();
        if said.quantity < 1 || said.quantity > there {
            return Err(AppError::plain(Code::NotFound));
        }
        let row = OriginalReturnRow {
            id: id.clone(),
            leg_id: leg_id.clone(),
            paper: said.paper.to_owned(),
            quantity: said.quantity,
            outcome: said.outcome.as_str().to_owned(),
            person_id: person.to_owned(),
            note: Some(note.clone()).filter(|note| !note.is_empty()),
            at_us: app.now().us(),
        };
        app.store.read(|db| derive_into(app, db, std::slice::from_ref(&leg_id), std::slice::from_ref(&row), set))?;
        set.originals.returns.push((i64::try_from(known).unwrap_or(i64::MAX), row));
        // A round that read before this would not know it: it looks again.
        set.originals.due.insert(leg_id.clone());
        let verb = if said.outcome == Outcome::GivenBack { "DESK.ORIGINAL_BACK" } else { "DESK.ORIGINAL_LOST" };
        set.acts.push(act(app, doing, verb, Some(&leg_id)));
        Ok(())
    })
}

fn wrong_note(code: Code, en: &str, vi: &str) -> AppError {
    Refusal::body(vec![Problem::error(code, "note", en, vi)]).into()
}

/// Whether the desk may say this of what stands so: what is lost is not lost again.
pub fn may_be_told(row: &LentOriginalRow, outcome: Outcome) -> bool {
    let standing = Standing::parse(&row.standing);
    standing.is_some_and(Standing::is_at_desk)
        && !(standing == Some(Standing::Lost) && outcome == Outcome::DeclaredLost)
}

/// A lent original with its leg and what the desk said of it.
#[derive(Debug, Clone)]
pub struct LentOriginal {
    /// Where it stands.
    pub row: LentOriginalRow,
    /// The intake leg.
    pub leg: LegRow,
    /// The desk's words about this paper, oldest first.
    pub said: Vec<OriginalReturnRow>,
}

/// Originals that stand so, those that stand longest first; of these agencies, narrowed to one, or all.
pub fn standing(
    app: &App,
    agencies: &Agencies,
    agency: Option<&str>,
    standings: &[Standing],
) -> Result<Vec<LentOriginal>, AppError> {
    let words: Vec<&str> = standings.iter().map(|standing| standing.as_str()).collect();
    Ok(app.store.read(|db| {
        let rows = kept::standing(db, agencies, agency, &words, LIST_MAX)?;
        with_words(db, rows)
    })?)
}

/// A page of the originals that stand so, those of the oldest intakes first, each with what the next page begins behind; of these agencies,
/// narrowed to one, or all.
pub fn page(
    app: &App,
    agencies: &Agencies,
    agency: Option<&str>,
    standings: &[Standing],
    ask: &PageAsk,
) -> Result<Vec<(String, LentOriginal)>, AppError> {
    let words: Vec<&str> = standings.iter().map(|standing| standing.as_str()).collect();
    let after = ask.after.as_deref().map(|text| key_of(text).ok_or_else(|| AppError::plain(Code::CursorInvalid)));
    let after = after.transpose()?;
    let found = app.store.read(|db| {
        let rows = kept::page(db, agencies, agency, &words, after, ask.limit)?;
        with_words(db, rows)
    })?;
    let key = |row: &LentOriginalRow| format!("{}/{}/{}", row.leg_id, row.part, row.paper);
    Ok(found.into_iter().map(|one| (key(&one.row), one)).collect())
}

/// A row's key as [`page`] writes it: the paper stands last, since its name may hold anything.
fn key_of(text: &str) -> Option<LentKey<'_>> {
    let mut pieces = text.splitn(3, '/');
    let (leg_id, part) = (pieces.next()?, pieces.next()?.parse().ok()?);
    Some(LentKey { leg_id, part, paper: pieces.next()? })
}

/// The lent originals of these intake legs, by leg and paper.
pub fn of_legs(app: &App, leg_ids: &[String]) -> Result<Vec<LentOriginal>, AppError> {
    Ok(app.store.read(|db| {
        let rows = kept::of_legs(db, leg_ids)?;
        with_words(db, rows)
    })?)
}

fn with_words(db: &mut Db<'_>, rows: Vec<LentOriginalRow>) -> Result<Vec<LentOriginal>, StoreError> {
    let ids: BTreeSet<String> = rows.iter().map(|row| row.leg_id.clone()).collect();
    let ids: Vec<String> = ids.into_iter().collect();
    let said = kept::returns_of(db, &ids)?;
    let legs: BTreeMap<String, LegRow> =
        read::legs::by_ids(db, &ids)?.into_iter().map(|leg| (leg.id.clone(), leg)).collect();
    let with = |row: LentOriginalRow| {
        let own = said.iter().filter(|word| word.leg_id == row.leg_id && word.paper == row.paper);
        Some(LentOriginal { leg: legs.get(&row.leg_id)?.clone(), said: own.cloned().collect(), row })
    };
    Ok(rows.into_iter().filter_map(with).collect())
}

/// What went back of a leg's dossier beside what was lent: more than that, and originals of results that have the name of no lent paper.
pub fn beside(app: &App, leg_id: &str) -> Result<(Vec<Beside>, Vec<Beside>), AppError> {
    let seen = app.store.read(|db| dossiers(db, &[leg_id.to_owned()], &[]))?;
    let all = seen.into_iter().map(|dossier| dossier.standings).filter(|found| !found.parts.is_empty());
    Ok(all.fold((Vec::new(), Vec::new()), |mut all, found| {
        all.0.extend(found.surplus);
        all.1.extend(found.unmatched);
        all
    }))
}

/// Of these legs, those whose stored originals are not what their dossiers give. What waits to be looked at is passed over.
pub(super) fn difference(app: &App, leg_ids: &[String]) -> Result<Vec<String>, StoreError> {
    if leg_ids.is_empty() || !tallies::is_on_todays_basis(app)? {
        return Ok(Vec::new());
    }
    app.store.read(|db| {
        if !kept::are_kept(db)? {
            return Ok(Vec::new());
        }
        let mut stored: BTreeMap<String, Vec<LentOriginalRow>> = BTreeMap::new();
        for row in kept::of_legs(db, leg_ids)? {
            stored.entry(row.leg_id.clone()).or_default().push(row);
        }
        let seen = dossiers(db, leg_ids, &[])?;
        let mut all: BTreeSet<String> = leg_ids.iter().cloned().collect();
        let numbers: Vec<String> = seen.iter().filter_map(|dossier| dossier.number.clone()).collect();
        let of_numbers = kept::legs_of_dossiers(db, &numbers)?;
        all.extend(of_numbers.iter().map(|leg| leg.id.clone()));
        let all: Vec<String> = all.into_iter().collect();
        // Read last: what changed before or during the reading is on one of the lists by now.
        let mut waiting = crate::store::tallies::due_among(db, &all)?;
        waiting.extend(kept::due_among(db, &all)?);
        let waits = |dossier: &Seen| {
            let of_number = of_numbers.iter().filter(|leg| leg.dossier_no == dossier.number).map(|leg| &leg.id);
            dossier.intakes.iter().map(|leg| &leg.id).chain(of_number).any(|id| waiting.contains(id))
        };
        let mut wrong = Vec::new();
        for dossier in seen.iter().filter(|dossier| !waits(dossier)) {
            let derived = rows_of(dossier);
            for leg in dossier.intakes.iter().filter(|leg| leg_ids.contains(&leg.id)) {
                let mut own: Vec<&LentOriginalRow> = derived.iter().filter(|row| row.leg_id == leg.id).collect();
                own.sort();
                if stored.get(&leg.id).into_iter().flatten().ne(own) {
                    wrong.push(leg.id.clone());
                }
            }
        }
        Ok(wrong)
    })
}
