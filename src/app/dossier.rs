//! The dossier page: legs found by any number that people know, and everything that is known of a dossier over both its legs.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::handovers::KeptEvidence;
use crate::app::legs::{self, CustodyEntry};
use crate::app::people::{Doing, act};
use crate::app::verify::{self, Damage};
use crate::app::{App, AppError, evidence};
use crate::base::id::{LegId, RequestId};
use crate::base::text::{fold_dashes, normalise};
use crate::domain::access::Caller;
use crate::domain::identifier::{DossierNo, ItemNumber, Phone};
use crate::domain::problem::Code;
use crate::store::people_rows::PersonRow;
use crate::store::read;
use crate::store::read::dossiers::{self, HandoverOfLeg, Spellings};
use crate::store::rows::{EventDetailRow, HandoverRow, LegRow, OutboxRow, PartyRow, PersonalLookRow};
use crate::store::{StoreError, WriteSet};

/// Characters of a number, at most; nothing longer is kept as one.
const NUMBER_CHARS_MAX: usize = 80;

/// What a number led to.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The legs, oldest first.
    pub legs: Vec<LegRow>,
    /// The handovers that carry the number.
    pub handovers: Vec<HandoverRow>,
}

/// Every spelling that a number may be kept in: any case, any dash, blanks anywhere.
pub fn spellings(typed: &str) -> Spellings {
    let text = fold_dashes(&normalise(typed));
    if text.is_empty() || text.chars().count() > NUMBER_CHARS_MAX {
        return Spellings::default();
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    // People read a number out in groups: the blank stands for nothing, or for the dash that the print has there.
    let tries = [words.concat(), words.join("-"), words.join(" ")];
    let each = |read: &dyn Fn(&str) -> Vec<String>| -> Vec<String> {
        let all: BTreeSet<String> = tries.iter().flat_map(|text| read(text)).collect();
        all.into_iter().collect()
    };
    Spellings {
        dossier_nos: each(&|text| DossierNo::parse(text).map(String::from).into_iter().collect()),
        item_numbers: each(&|text| ItemNumber::parse(text).map(|item| item.as_str().to_owned()).into_iter().collect()),
        note_nos: each(&|text| vec![text.to_owned(), text.to_uppercase(), text.to_lowercase()]),
        leg_ids: each(&|text| {
            let bare = text.to_ascii_lowercase();
            let bare = bare.strip_prefix(LegId::PREFIX).unwrap_or(&bare);
            vec![format!("{}{}", LegId::PREFIX, bare.to_ascii_uppercase()), format!("{}{bare}", LegId::PREFIX)]
        }),
    }
}

/// Legs that carry a number as dossier, item or consignment note, or stood in the handover of that number; those alone that the
/// caller sees.
pub fn search(app: &App, caller: &Caller, typed: &str) -> Result<Found, AppError> {
    let number = spellings(typed);
    if number == Spellings::default() {
        return Ok(Found::default());
    }
    let found = app.store.read(|db| {
        let mut legs = dossiers::by_number(db, &number)?;
        let mut handovers = dossiers::handovers_by_number(db, &number.note_nos)?;
        handovers.retain(|row| caller.sees(&row.agency_code, row.post_office_code.as_deref().unwrap_or_default()));
        if legs.is_empty() {
            let ids: Vec<String> = handovers.iter().map(|row| row.id.clone()).collect();
            legs = dossiers::legs_of_handovers(db, &ids)?;
        }
        Ok(Found { legs, handovers })
    })?;
    Ok(Found { legs: seen(caller, found.legs), ..found })
}

fn seen(caller: &Caller, legs: Vec<LegRow>) -> Vec<LegRow> {
    legs.into_iter().filter(|row| caller.sees(&row.agency_code, &row.post_office_code)).collect()
}

/// Legs whose party has this phone number, exactly. Each search stands on the record, with the legs that it showed.
pub fn search_by_phone(app: &App, caller: &Caller, phone: &Phone, doing: Doing<'_>) -> Result<Vec<LegRow>, AppError> {
    let legs = seen(caller, app.store.read(|db| dossiers::by_phone(db, phone.as_str()))?);
    let mut acts: Vec<_> = legs.iter().map(|row| act(app, doing, "DOSSIER.PHONE_SEARCH", Some(&row.id))).collect();
    if acts.is_empty() {
        acts.push(act(app, doing, "DOSSIER.PHONE_SEARCH", None));
    }
    app.store.commit(WriteSet { acts, ..WriteSet::default() })?;
    Ok(legs)
}

/// How much of the personal data is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Personal {
    /// None, not even masked.
    None,
    /// The last digits of the phone.
    Masked,
    /// Names, phone, address, free text; the look is put on record first.
    Shown,
}

/// One leg with everything about it.
#[derive(Debug, Clone)]
pub struct LegStory {
    /// The leg.
    pub row: LegRow,
    /// Its events, in order of occurrence.
    pub entries: Vec<CustodyEntry>,
    /// The handovers that it stands in.
    pub handovers: Vec<HandoverOfLeg>,
    /// The messages about it.
    pub messages: Vec<OutboxRow>,
    /// Its open discrepancies.
    pub open_discrepancies: i64,
    /// Who sends or receives, when it was asked for.
    pub party: Option<PartyRow>,
    /// Names and free text of events, when they were asked for.
    pub details: BTreeMap<String, EventDetailRow>,
}

/// A dossier over its legs.
#[derive(Clone)]
pub struct Story {
    /// The leg that was asked for.
    pub asked: String,
    /// The legs of the dossier that the caller sees, oldest first.
    pub legs: Vec<LegStory>,
    /// The people of ours who said something, by id.
    pub people: BTreeMap<String, PersonRow>,
}

impl Story {
    /// The leg that was asked for.
    pub fn leg(&self) -> Option<&LegStory> {
        self.legs.iter().find(|leg| leg.row.id == self.asked)
    }

    /// The leg that says who holds the papers now: the newest open one, or the newest.
    pub fn present(&self) -> Option<&LegStory> {
        self.legs.iter().rev().find(|leg| leg.row.is_open == 1).or(self.legs.last())
    }
}

/// The whole story of the dossier that a leg belongs to.
pub fn story(
    app: &App,
    caller: &Caller,
    leg_id: &str,
    personal: Personal,
    doing: Doing<'_>,
) -> Result<Story, AppError> {
    let rows = legs_of_dossier(app, caller, leg_id)?;
    if personal == Personal::Shown {
        let looks = rows.iter().map(|row| look(app, caller, &row.id, doing)).collect();
        app.store.commit(WriteSet { looks, ..WriteSet::default() })?;
    }
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let counts: BTreeMap<String, i64> =
        app.store.read(|db| read::discrepancies::open_count(db, &ids))?.into_iter().collect();
    let mut legs = Vec::with_capacity(rows.len());
    for row in rows {
        let open_discrepancies = counts.get(&row.id).copied().unwrap_or(0);
        legs.push(leg_story(app, row, open_discrepancies, personal)?);
    }
    let of_events = legs.iter().flat_map(|leg| &leg.entries).filter_map(|entry| entry.event.source.person.clone());
    let ids: BTreeSet<String> = of_events.collect();
    let ids: Vec<String> = ids.into_iter().collect();
    let people = app.store.read(|db| dossiers::people(db, &ids))?;
    let people = people.into_iter().map(|person| (person.id.clone(), person)).collect();
    Ok(Story { asked: leg_id.to_owned(), legs, people })
}

fn legs_of_dossier(app: &App, caller: &Caller, leg_id: &str) -> Result<Vec<LegRow>, AppError> {
    let row = legs::seen(app, caller, leg_id)?;
    let Some(number) = row.dossier_no.clone() else { return Ok(vec![row]) };
    let spellings = Spellings { dossier_nos: vec![number], ..Spellings::default() };
    let rows = seen(caller, app.store.read(|db| dossiers::by_number(db, &spellings))?);
    Ok(if rows.is_empty() { vec![row] } else { rows })
}

fn leg_story(app: &App, row: LegRow, open_discrepancies: i64, personal: Personal) -> Result<LegStory, AppError> {
    let custody = legs::custody_of(app, row)?;
    let (row, entries) = (custody.row, custody.entries);
    let event_ids: Vec<String> = entries.iter().map(|entry| entry.event.id.as_str().to_owned()).collect();
    let (handovers, messages, party, details) = app.store.read(|db| {
        let party = match personal {
            Personal::None => None,
            Personal::Masked | Personal::Shown => read::legs::party_of(db, &row.id)?,
        };
        let details = match personal {
            Personal::Shown => read::legs::details_of(db, &event_ids)?,
            Personal::None | Personal::Masked => Vec::new(),
        };
        Ok((dossiers::handovers_of_leg(db, &row.id)?, dossiers::messages_of_leg(db, &row.id)?, party, details))
    })?;
    let party = party.map(|party| if personal == Personal::Shown { party } else { masked(party) });
    let details = details.into_iter().map(|detail| (detail.event_id.clone(), detail)).collect();
    Ok(LegStory { row, entries, handovers, messages, open_discrepancies, party, details })
}

/// A party of whom nothing is left but the last three digits of the phone: enough to tell two dossiers apart.
fn masked(party: PartyRow) -> PartyRow {
    let phone = party.phone.map(|phone| {
        let last: String = phone.chars().skip(phone.chars().count().saturating_sub(3)).collect();
        format!("*******{last}")
    });
    PartyRow {
        leg_id: party.leg_id,
        name: String::new(),
        phone,
        email: None,
        address: String::new(),
        province_code: None,
        commune_code: None,
        note: None,
    }
}

fn look(app: &App, caller: &Caller, leg_id: &str, doing: Doing<'_>) -> PersonalLookRow {
    PersonalLookRow {
        id: RequestId::make(&app.ids).into(),
        leg_id: leg_id.to_owned(),
        key_id: caller.key_id.clone(),
        counterpart: caller.counterpart.clone(),
        at_us: app.now().us(),
        request_id: doing.request_id.to_owned(),
    }
}

/// The digest of a file of ours that evidence refers to; `None` when it lies elsewhere.
pub fn file_of(reference: &str) -> Option<&str> {
    let digest = reference.strip_prefix("file:")?;
    let is_digest = digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    is_digest.then_some(digest)
}

/// The evidence that a handover's signature was kept with.
pub fn evidence_of_signature(written: &str) -> Vec<KeptEvidence> {
    serde_json::from_str(written).unwrap_or_default()
}

/// The bytes of an evidence file, for who sees the leg that refers to it. A file of an event shows a party (a face, a hand, a
/// door), so the look is put on record; the signature of a colleague is none of a party's data.
pub fn evidence_file(
    app: &App,
    caller: &Caller,
    leg_id: &str,
    sha256: &str,
    doing: Doing<'_>,
) -> Result<(Vec<u8>, &'static str), AppError> {
    let missing = || AppError::plain(Code::NotFound);
    let row = legs::seen(app, caller, leg_id)?;
    let entries = legs::custody_of(app, row)?.entries;
    let of_event = entries.iter().flat_map(|entry| &entry.event.evidence);
    let shows_party = of_event.into_iter().any(|evidence| file_of(&evidence.reference) == Some(sha256));
    if !shows_party {
        let handovers = app.store.read(|db| dossiers::handovers_of_leg(db, leg_id))?;
        let signatures = handovers.iter().flat_map(|handover| &handover.signatures);
        let mut kept = signatures.flat_map(|signature| evidence_of_signature(&signature.evidence));
        if !kept.any(|evidence| file_of(&evidence.r#ref) == Some(sha256)) {
            return Err(missing());
        }
    }
    let file = evidence::find(app, sha256)?.ok_or_else(missing)?;
    if shows_party {
        app.store.commit(WriteSet { looks: vec![look(app, caller, leg_id, doing)], ..WriteSet::default() })?;
    }
    Ok(file)
}

/// Recomputes chain and fold of a leg; what does not hold, nothing when all does.
pub fn proof(app: &App, caller: &Caller, leg_id: &str) -> Result<Vec<Damage>, AppError> {
    legs::seen(app, caller, leg_id)?;
    Ok(verify::verify_one(app, leg_id)?)
}

/// The rows of a number for somebody outside: public tracking asks for dossiers and consignment notes alone.
pub(super) fn by_public_number(app: &App, typed: &str) -> Result<Vec<LegRow>, StoreError> {
    let number = Spellings { item_numbers: Vec::new(), leg_ids: Vec::new(), ..spellings(typed) };
    app.store.read(|db| dossiers::by_number(db, &number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_however_it_is_typed() {
        for typed in [
            "000.00.12.H32-260930-0001",
            " 000.00.12.h32 – 260930 – 0001 ",
            "000.00.12.H32 260930 0001",
            "000.00.12.h32−260930−0001",
        ] {
            assert_eq!(spellings(typed).dossier_nos, ["000.00.12.H32-260930-0001"], "{typed}");
        }
        assert_eq!(spellings("g09.20-20260609-0092637").dossier_nos, ["G09.20-20260609-0092637"]);
        assert!(spellings("ee 1234 5678 5 vn").item_numbers.contains(&"EE123456785VN".to_owned()));
        assert!(spellings("pg650100-2611230001").note_nos.contains(&"PG650100-2611230001".to_owned()));
        assert_eq!(spellings("   "), Spellings::default());
        assert_eq!(spellings(&"9".repeat(81)), Spellings::default());
    }

    #[test]
    fn only_a_digest_names_a_file_of_ours() {
        let digest = "a".repeat(64);
        assert_eq!(file_of(&format!("file:{digest}")), Some(digest.as_str()));
        for other in
            ["file:../../etc/passwd", "file:", "https://elsewhere.example/a.png", &format!("file:{}", "A".repeat(64))]
        {
            assert_eq!(file_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_masked_party_keeps_three_digits() {
        let party = PartyRow {
            leg_id: "leg_1".to_owned(),
            name: "Bùi Ngọc Ánh".to_owned(),
            phone: Some("+84912345123".to_owned()),
            email: Some("anh@example.vn".to_owned()),
            address: "12 Hàng Bè".to_owned(),
            province_code: None,
            commune_code: None,
            note: Some("gọi trước".to_owned()),
        };
        let masked = masked(party);
        assert_eq!(masked.phone.as_deref(), Some("*******123"));
        assert!(masked.name.is_empty() && masked.address.is_empty() && masked.email.is_none() && masked.note.is_none());
    }
}
