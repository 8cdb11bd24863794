//! What clocks need to know of legs, loaded for many at once.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::leg_work::terms_of;
use crate::base::time::{Ts, parse_date};
use crate::domain::clocks::{Case, Mark, Moment};
use crate::domain::custody::{Event, LegTerms};
use crate::domain::lane::{Lane, Zone, ZoneClass, lane_between};
use crate::domain::leg::LegKind;
use crate::store::clocks::{self as kept, CaseMarkRow, DossierLeg};
use crate::store::intake::{ConsignmentNoteRow, notes_of};
use crate::store::rows::{LegRow, PartyRow};
use crate::store::{Db, StoreError, ledger, read};

/// A leg, and everything that its clocks rest on.
pub(in crate::app) struct Known {
    pub(super) leg: LegRow,
    terms: LegTerms,
    events: Vec<Event>,
    pub(super) told: Vec<Moment>,
    pub(super) lane: Option<Lane>,
    with_slip: Option<bool>,
    promised_days: Option<u32>,
    procedure_days: Option<u32>,
    /// Other legs of its kind and dossier that are no supplements.
    pub(super) siblings: Vec<String>,
}

impl Known {
    /// As the rules take it.
    pub(super) fn case(&self) -> Case<'_> {
        Case {
            terms: &self.terms,
            agency: &self.leg.agency_code,
            events: &self.events,
            told: &self.told,
            lane: self.lane,
            with_slip: self.with_slip,
            promised_days: self.promised_days,
            procedure_days: self.procedure_days,
        }
    }
}

/// These legs, in order of id. Lane and slip stand on the consignment note of people; of a result leg without one the lane comes from
/// the zones of both ends.
pub(in crate::app) fn of_legs(db: &mut Db<'_>, ids: &[String]) -> Result<Vec<Known>, StoreError> {
    let legs = read::legs::by_ids(db, ids)?;
    let mut events: BTreeMap<String, Vec<Event>> = BTreeMap::new();
    for row in read::legs::events_of_many(db, ids)? {
        events.entry(row.leg_id.clone()).or_default().push(ledger::from_row(&row)?);
    }
    let notes: BTreeMap<String, ConsignmentNoteRow> =
        notes_of(db, ids)?.into_iter().map(|note| (note.leg_id.clone(), note)).collect();
    let dossiers = distinct(legs.iter().filter_map(|leg| leg.dossier_no.clone()));
    let of_dossiers = kept::legs_of_dossiers(db, &dossiers)?;
    let marks = kept::marks_of(db, &dossiers)?;
    let days = kept::days_of_procedures(db, &distinct(legs.iter().map(|leg| leg.procedure_code.clone())))?;
    let lanes = lanes_of(db, &legs, &notes)?;
    let mut all = Vec::with_capacity(legs.len());
    for leg in legs {
        let note = notes.get(&leg.id);
        // "*" sorts before every agency: an agency's own days come last and count.
        let procedure_days = days
            .iter()
            .rfind(|(code, agency, _)| *code == leg.procedure_code && (agency == "*" || *agency == leg.agency_code));
        let same: Vec<&DossierLeg> = of_dossiers
            .iter()
            .filter(|other| leg.dossier_no.is_some() && other.dossier_no == leg.dossier_no)
            .filter(|other| other.kind == leg.kind && other.agency_code == leg.agency_code)
            .collect();
        let mains = same.iter().filter(|other| other.supplement_no.is_none() && other.id != leg.id);
        all.push(Known {
            terms: terms_of(&leg)?,
            events: events.remove(&leg.id).unwrap_or_default(),
            told: told_of(&leg, &same, &marks),
            lane: match note {
                Some(note) => Lane::parse(&note.lane),
                None => lanes.get(&leg.id).copied(),
            },
            with_slip: note.map(|note| note.with_slip != 0),
            promised_days: note.and_then(|note| u32::try_from(note.promise_days).ok()),
            procedure_days: procedure_days.and_then(|(_, _, days)| *days).and_then(|days| u32::try_from(days).ok()),
            siblings: mains.map(|other| other.id.clone()).collect(),
            leg,
        });
    }
    Ok(all)
}

/// What was told of a leg: marks of a dossier count for its newest leg of their kind that is no supplement; a supplement is complete when
/// the agency has signed for its leg too (QĐ 45 Đ7 k4).
fn told_of(leg: &LegRow, same: &[&DossierLeg], marks: &[CaseMarkRow]) -> Vec<Moment> {
    let newest = same.iter().filter(|other| other.supplement_no.is_none()).map(|other| &other.id).max();
    if newest != Some(&leg.id) {
        return Vec::new();
    }
    let told = marks.iter().filter(|mark| {
        Some(&mark.dossier_no) == leg.dossier_no.as_ref()
            && mark.agency_code == leg.agency_code
            && mark.leg_kind == leg.kind
    });
    let mut moments: Vec<Moment> = told
        .filter_map(|row| {
            let at = Ts::from_us(row.occurred_at_us);
            let date = row.date.as_deref().and_then(parse_date);
            Some(Moment { date, ..Moment::new(Mark::parse(&row.mark)?, at) })
        })
        .collect();
    let signed = same.iter().filter(|other| other.supplement_no.is_some()).filter_map(|other| other.filed_at_us);
    moments.extend(signed.map(|at_us| Moment::new(Mark::SupplementComplete, Ts::from_us(at_us))));
    moments.sort();
    moments
}

/// Lanes of result legs without a note, from the post office (or the agency, where the office has no zone) to the receiver's commune.
pub(in crate::app) fn lanes_of(
    db: &mut Db<'_>,
    legs: &[LegRow],
    notes: &BTreeMap<String, ConsignmentNoteRow>,
) -> Result<BTreeMap<String, Lane>, StoreError> {
    let noteless = |leg: &&LegRow| leg.kind == LegKind::Result.as_str() && !notes.contains_key(&leg.id);
    let legs: Vec<&LegRow> = legs.iter().filter(noteless).collect();
    let ids: Vec<String> = legs.iter().map(|leg| leg.id.clone()).collect();
    let communes: BTreeMap<String, String> = read::legs::parties_of(db, &ids)?
        .into_iter()
        .filter_map(|PartyRow { leg_id, commune_code, .. }| Some((leg_id, commune_code?)))
        .collect();
    let ends = legs.iter().flat_map(|leg| [leg.agency_code.clone(), leg.post_office_code.clone()]);
    let zones: BTreeMap<String, Zone> = kept::zones_of(db, &distinct(ends.chain(communes.values().cloned())))?
        .into_iter()
        .filter_map(|row| {
            let class = ZoneClass::parse(&row.class)?;
            Some((row.place, Zone { province: row.province, zone: row.zone, class }))
        })
        .collect();
    let lane = |leg: &&LegRow| {
        let from = zones.get(&leg.post_office_code).or_else(|| zones.get(&leg.agency_code))?;
        let to = zones.get(communes.get(&leg.id)?)?;
        Some((leg.id.clone(), lane_between(from, to)))
    };
    Ok(legs.iter().filter_map(lane).collect())
}

fn distinct(values: impl Iterator<Item = String>) -> Vec<String> {
    values.collect::<BTreeSet<_>>().into_iter().collect()
}
