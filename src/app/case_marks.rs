//! What the one-stop side tells of a case: each mark is recorded once, and moves the clocks of the legs of its dossier. Nothing is ever
//! taken back: what was told in error is answered by what is told next, and what it opened is explained by a person.

use std::collections::BTreeMap;

use crate::app::idempotency::{Keyed, Rendered};
use crate::app::people::{Doing, act};
use crate::app::{App, AppError};
use crate::base::id::CaseMarkId;
use crate::domain::access::Caller;
use crate::domain::case_mark::{CaseMark, MarkDraft};
use crate::domain::leg::Side;
use crate::domain::problem::{Code, Problem};
use crate::store::WriteSet;
use crate::store::clocks::{self as kept, CaseMarkRow, DossierLeg};

/// What became of a mark.
#[derive(Debug, Clone)]
pub struct MarkResult {
    /// Its id, where it has one.
    pub mark_id: Option<String>,
    /// `TAKEN`, `DUPLICATE` or `REFUSED`.
    pub outcome: &'static str,
    /// The legs of its dossier.
    pub leg_ids: Vec<String>,
    /// Why it was refused.
    pub problems: Vec<Problem>,
}

impl MarkResult {
    fn refused(mark_id: Option<String>, problems: Vec<Problem>) -> Self {
        MarkResult { mark_id, outcome: "REFUSED", leg_ids: Vec::new(), problems }
    }
}

/// Records what is told, line by line. Only the one-stop side knows it, and only of its own agencies.
pub fn record(
    app: &App,
    caller: &Caller,
    drafts: &[MarkDraft],
    keyed: &Keyed<'_, Vec<MarkResult>>,
    doing: Option<Doing<'_>>,
) -> Result<Rendered, AppError> {
    if caller.side != Side::Agency {
        return Err(AppError::plain(Code::NotYourSide));
    }
    app.decide_and_commit(None, |set| {
        let results = decide(app, caller, drafts, doing, set)?;
        Ok(keyed.reply(&results, set))
    })
}

fn decide(
    app: &App,
    caller: &Caller,
    drafts: &[MarkDraft],
    doing: Option<Doing<'_>>,
    set: &mut WriteSet,
) -> Result<Vec<MarkResult>, AppError> {
    let ids: Vec<String> = drafts.iter().filter_map(|draft| draft.mark_id.clone()).collect();
    let good = drafts.iter().filter_map(|draft| draft.mark.as_ref().ok());
    let dossiers: Vec<String> = good.map(|mark| mark.dossier_no.clone()).collect();
    let (known, legs) = app
        .store
        .read(|db| Ok((kept::marks_known(db, &caller.counterpart, &ids)?, kept::legs_of_dossiers(db, &dossiers)?)))?;
    let mut digests: BTreeMap<String, String> = known.into_iter().map(|row| (row.mark_id, row.sha256)).collect();
    let mut results = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let mark = match &draft.mark {
            Ok(mark) => mark,
            Err(problems) => {
                results.push(MarkResult::refused(draft.mark_id.clone(), problems.clone()));
                continue;
            }
        };
        if let Some(problem) = refusal(caller, mark, digests.get(&mark.mark_id)) {
            results.push(MarkResult::refused(draft.mark_id.clone(), vec![problem]));
            continue;
        }
        let of_dossier = |leg: &&DossierLeg| {
            leg.dossier_no.as_ref() == Some(&mark.dossier_no) && leg.agency_code == mark.agency_code
        };
        let leg_ids: Vec<String> = legs.iter().filter(of_dossier).map(|leg| leg.id.clone()).collect();
        let fresh = digests.insert(mark.mark_id.clone(), mark.digest.clone()).is_none();
        if fresh {
            let row = row_of(app, caller, mark);
            set.acts.extend(doing.map(|doing| act(app, doing, "CASE_MARK.TELL", Some(&row.id))));
            set.clocks.marks.push(row);
            set.clocks.touched.extend(leg_ids.iter().cloned());
        }
        let outcome = if fresh { "TAKEN" } else { "DUPLICATE" };
        results.push(MarkResult { mark_id: draft.mark_id.clone(), outcome, leg_ids, problems: Vec::new() });
    }
    Ok(results)
}

fn refusal(caller: &Caller, mark: &CaseMark, known: Option<&String>) -> Option<Problem> {
    if !caller.agencies.sees(&mark.agency_code) {
        let (en, vi) = ("not an agency of this key", "không phải cơ quan của khóa này");
        return Some(Problem::error(Code::FieldInvalid, "agencyCode", en, vi));
    }
    if known.is_some_and(|digest| *digest != mark.digest) {
        let (en, vi) = ("this id was used for another mark (C12)", "mã này đã dùng cho một mốc khác (C12)");
        return Some(Problem::error(Code::FieldInvalid, "markId", en, vi));
    }
    None
}

fn row_of(app: &App, caller: &Caller, mark: &CaseMark) -> CaseMarkRow {
    CaseMarkRow {
        id: CaseMarkId::make(&app.ids).into(),
        counterpart: caller.counterpart.clone(),
        mark_id: mark.mark_id.clone(),
        sha256: mark.digest.clone(),
        agency_code: mark.agency_code.clone(),
        dossier_no: mark.dossier_no.clone(),
        leg_kind: mark.leg_kind.as_str().to_owned(),
        mark: mark.mark.as_str().to_owned(),
        occurred_at_us: mark.occurred_at.us(),
        date: mark.date.map(|date| date.to_string()),
        reference: mark.reference.clone(),
        person_id: caller.person.clone(),
        recorded_at_us: app.now().us(),
    }
}

/// What was told of a dossier, in order of occurrence.
pub fn told_of(app: &App, agency_code: &str, dossier_no: &str) -> Result<Vec<CaseMarkRow>, AppError> {
    let mut marks = app.store.read(|db| kept::marks_of(db, &[dossier_no.to_owned()]))?;
    marks.retain(|mark| mark.agency_code == agency_code);
    Ok(marks)
}
