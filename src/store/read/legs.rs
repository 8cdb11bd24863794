//! Legs, their parties and their events.

use diesel::prelude::*;

use crate::domain::access::Agencies;
use crate::on;
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::read::{IN_LIST_MAX, PageAsk};
use crate::store::rows::{CustodyEventRow, EventDetailRow, LegRow, PartyRow};
use crate::store::schema::{custody_event, event_detail, leg, party};

/// What a list of legs is narrowed to.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct LegFilter {
    pub kind: Option<String>,
    pub state: Option<String>,
    pub holder: Option<String>,
    pub open: Option<bool>,
    /// Promised to be there before this instant.
    pub due_before_us: Option<i64>,
    pub agency_code: Option<String>,
    pub post_office_code: Option<String>,
    pub manifest_id: Option<String>,
    pub dossier_no: Option<String>,
    pub consignment_note_no: Option<String>,
    pub item_number: Option<String>,
}

/// One leg.
pub fn by_id(db: &mut Db<'_>, id: &str) -> Result<Option<LegRow>, StoreError> {
    Ok(on!(db, |c| leg::table.find(id).select(LegRow::as_select()).first(c).optional())?)
}

/// Many legs, in order of id.
pub fn by_ids(db: &mut Db<'_>, ids: &[String]) -> Result<Vec<LegRow>, StoreError> {
    let mut out = Vec::with_capacity(ids.len());
    for part in ids.chunks(IN_LIST_MAX) {
        out.extend(on!(db, |c| leg::table
            .filter(leg::id.eq_any(part))
            .order(leg::id)
            .select(LegRow::as_select())
            .load(c))?);
    }
    Ok(out)
}

/// A page of legs, oldest first.
pub fn page(
    db: &mut Db<'_>,
    agencies: &Agencies,
    filter: &LegFilter,
    ask: &PageAsk,
) -> Result<Vec<LegRow>, StoreError> {
    on!(db, |c| {
        let mut query = leg::table.select(LegRow::as_select()).order(leg::id).limit(ask.limit).into_boxed();
        if let Agencies::Only(codes) = agencies {
            query = query.filter(leg::agency_code.eq_any(codes));
        }
        if let Some(after) = &ask.after {
            query = query.filter(leg::id.gt(after));
        }
        if let Some(value) = &filter.kind {
            query = query.filter(leg::kind.eq(value));
        }
        if let Some(value) = &filter.state {
            query = query.filter(leg::state.eq(value));
        }
        if let Some(value) = &filter.holder {
            query = query.filter(leg::holder.eq(value));
        }
        if let Some(value) = filter.open {
            query = query.filter(leg::is_open.eq(i64::from(value)));
        }
        if let Some(value) = filter.due_before_us {
            query = query.filter(leg::due_at_us.lt(value));
        }
        if let Some(value) = &filter.agency_code {
            query = query.filter(leg::agency_code.eq(value));
        }
        if let Some(value) = &filter.post_office_code {
            query = query.filter(leg::post_office_code.eq(value));
        }
        if let Some(value) = &filter.manifest_id {
            query = query.filter(leg::manifest_id.eq(value));
        }
        if let Some(value) = &filter.dossier_no {
            query = query.filter(leg::dossier_no.eq(value));
        }
        if let Some(value) = &filter.consignment_note_no {
            query = query.filter(leg::consignment_note_no.eq(value));
        }
        if let Some(value) = &filter.item_number {
            query = query.filter(leg::item_number.eq(value));
        }
        Ok(query.load(c)?)
    })
}

/// Every leg of a manifest, in order of line.
pub fn of_manifest(db: &mut Db<'_>, manifest_id: &str) -> Result<Vec<LegRow>, StoreError> {
    Ok(on!(db, |c| leg::table
        .filter(leg::manifest_id.eq(manifest_id))
        .order(leg::line_no)
        .select(LegRow::as_select())
        .load(c))?)
}

/// State and holder of the legs of a manifest: (leg id, state, holder).
pub fn states_of_manifest(db: &mut Db<'_>, manifest_id: &str) -> Result<Vec<(String, String, String)>, StoreError> {
    Ok(on!(db, |c| leg::table
        .filter(leg::manifest_id.eq(manifest_id))
        .select((leg::id, leg::state, leg::holder))
        .load(c))?)
}

/// A number by which a fact names its leg.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Our id.
    LegId(String),
    /// Item number.
    ItemNumber(String),
    /// Consignment note number.
    ConsignmentNoteNo(String),
    /// Dossier number and leg kind.
    Dossier(String, String),
}

/// The legs that a target names, newest first: open ones and closed ones.
pub fn by_target(db: &mut Db<'_>, target: &Target) -> Result<Vec<LegRow>, StoreError> {
    on!(db, |c| {
        let query = leg::table.select(LegRow::as_select()).order(leg::id.desc()).limit(200).into_boxed();
        let query = match target {
            Target::LegId(id) => query.filter(leg::id.eq(id)),
            Target::ItemNumber(number) => query.filter(leg::item_number.eq(number)),
            Target::ConsignmentNoteNo(number) => query.filter(leg::consignment_note_no.eq(number)),
            Target::Dossier(number, kind) => query.filter(leg::dossier_no.eq(number)).filter(leg::kind.eq(kind)),
        };
        Ok(query.load(c)?)
    })
}

/// Which of these consignment notes have an open leg, by their open keys.
pub fn taken_note_keys(db: &mut Db<'_>, note_keys: &[String]) -> Result<Vec<String>, StoreError> {
    let mut out = Vec::new();
    for part in note_keys.chunks(IN_LIST_MAX) {
        let found: Vec<Option<String>> =
            on!(db, |c| leg::table.filter(leg::open_note_key.eq_any(part)).select(leg::open_note_key).load(c))?;
        out.extend(found.into_iter().flatten());
    }
    Ok(out)
}

/// Whether a leg holds this open key of a dossier.
pub fn dossier_key_is_taken(db: &mut Db<'_>, open_key: &str) -> Result<bool, StoreError> {
    let holders: i64 = on!(db, |c| leg::table.filter(leg::open_dossier_key.eq(open_key)).count().get_result(c))?;
    Ok(holders > 0)
}

/// Which of these dossiers have an open leg of a kind, declared or bound later.
pub fn open_dossiers(db: &mut Db<'_>, kind: &str, dossiers: &[String]) -> Result<Vec<String>, StoreError> {
    let mut out = Vec::new();
    for part in dossiers.chunks(IN_LIST_MAX) {
        let found: Vec<Option<String>> = on!(db, |c| leg::table
            .filter(leg::dossier_no.eq_any(part))
            .filter(leg::kind.eq(kind))
            .filter(leg::is_open.eq(1))
            .select(leg::dossier_no)
            .load(c))?;
        out.extend(found.into_iter().flatten());
    }
    Ok(out)
}

/// Line numbers of a manifest number that were taken in earlier revisions.
pub fn taken_lines(db: &mut Db<'_>, counterpart: &str, manifest_no: &str) -> Result<Vec<i64>, StoreError> {
    Ok(on!(db, |c| leg::table
        .filter(leg::counterpart.eq(counterpart))
        .filter(leg::manifest_no.eq(manifest_no))
        .select(leg::line_no)
        .load(c))?)
}

/// The party of a leg.
pub fn party_of(db: &mut Db<'_>, leg_id: &str) -> Result<Option<PartyRow>, StoreError> {
    Ok(on!(db, |c| party::table.find(leg_id).select(PartyRow::as_select()).first(c).optional())?)
}

/// The parties of many legs.
pub fn parties_of(db: &mut Db<'_>, leg_ids: &[String]) -> Result<Vec<PartyRow>, StoreError> {
    let mut out = Vec::with_capacity(leg_ids.len());
    for part in leg_ids.chunks(IN_LIST_MAX) {
        out.extend(on!(db, |c| party::table
            .filter(party::leg_id.eq_any(part))
            .select(PartyRow::as_select())
            .load::<PartyRow>(c))?);
    }
    Ok(out)
}

/// Events of one leg, in order of recording.
pub fn events_of(db: &mut Db<'_>, leg_id: &str) -> Result<Vec<CustodyEventRow>, StoreError> {
    Ok(on!(db, |c| custody_event::table
        .filter(custody_event::leg_id.eq(leg_id))
        .order(custody_event::seq)
        .select(CustodyEventRow::as_select())
        .load(c))?)
}

/// Events of many legs, in order of leg and recording.
pub fn events_of_many(db: &mut Db<'_>, leg_ids: &[String]) -> Result<Vec<CustodyEventRow>, StoreError> {
    let mut out = Vec::new();
    for part in leg_ids.chunks(IN_LIST_MAX) {
        out.extend(on!(db, |c| custody_event::table
            .filter(custody_event::leg_id.eq_any(part))
            .order((custody_event::leg_id, custody_event::seq))
            .select(CustodyEventRow::as_select())
            .load::<CustodyEventRow>(c))?);
    }
    Ok(out)
}

/// Names and free text of these events, as far as they have not been erased.
pub fn details_of(db: &mut Db<'_>, event_ids: &[String]) -> Result<Vec<EventDetailRow>, StoreError> {
    let mut out = Vec::new();
    for part in event_ids.chunks(IN_LIST_MAX) {
        out.extend(on!(db, |c| event_detail::table
            .filter(event_detail::event_id.eq_any(part))
            .select(EventDetailRow::as_select())
            .load::<EventDetailRow>(c))?);
    }
    Ok(out)
}

/// Manifests, legs and events in the store.
pub fn counts(db: &mut Db<'_>) -> Result<(i64, i64, i64), StoreError> {
    use crate::store::schema::manifest;
    on!(db, |c| {
        let manifests = manifest::table.count().get_result(c)?;
        let legs = leg::table.count().get_result(c)?;
        let events = custody_event::table.count().get_result(c)?;
        Ok((manifests, legs, events))
    })
}
