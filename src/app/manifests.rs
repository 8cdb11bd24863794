//! Manifests in: taken in one transaction with their legs, first events, orders and the reply, or not at all (contract 4).

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::idempotency::{Keyed, Rendered};
use crate::app::leg_work::{message, open_keys, with_fold};
use crate::app::{App, AppError, notices};
use crate::base::fault;
use crate::base::id::{EventId, LegId, ManifestId};
use crate::base::time::Ts;
use crate::domain::access::Caller;
use crate::domain::custody::{Event, EventKind, LegTerms, Source, fold};
use crate::domain::leg::{Holder, LegKind, Side, State};
use crate::domain::manifest::{Checked, Header, Line, Mode, PaperKind};
use crate::domain::problem::{Code, Message, Problem, Refusal, Severity};
use crate::domain::receipt::{self, Decision, LineOutcome, LineReceipt, Outcome, Receipt, Summary};
use crate::store::read::{self, PageAsk};
use crate::store::rows::{LegRow, ManifestRow, PartyRow};
use crate::store::{Db, StoreError, WriteSet, ledger};

/// What became of a manifest.
#[derive(Debug)]
pub enum Submitted {
    /// Taken now: 201.
    Taken(Rendered),
    /// The same manifest was taken before: 200 with its first receipt.
    Repeated(Box<Receipt>),
    /// Not taken: 422.
    Refused(Box<Decision>),
}

/// Takes a manifest that was read and checked.
pub fn submit(
    app: &App,
    caller: &Caller,
    checked: &Checked,
    mode: Mode,
    keyed: &Keyed<'_, Receipt>,
) -> Result<Submitted, AppError> {
    let Ok(header) = &checked.header else {
        return Ok(Submitted::Refused(Box::new(receipt::decide(mode, checked, &HashMap::new()))));
    };
    may_send(caller, header)?;
    let submitted = app.decide_and_commit(Some("manifest.before_commit"), |set| {
        if let Some(first) = repeated(app, caller, header, &checked.digest)? {
            return Ok(Submitted::Repeated(Box::new(first)));
        }
        let found = app.store.read(|db| problems_of_store(db, caller, header, checked))?;
        let decision = receipt::decide(mode, checked, &found);
        if decision.outcome == Outcome::Rejected {
            // Taken by a twin of this request between the two looks: then its own open legs speak against it.
            if !found.is_empty()
                && let Some(first) = repeated(app, caller, header, &checked.digest)?
            {
                return Ok(Submitted::Repeated(Box::new(first)));
            }
            return Ok(Submitted::Refused(Box::new(decision)));
        }
        let receipt = take(app, caller, header, checked, decision, set)?;
        Ok(Submitted::Taken(keyed.reply(&receipt, set)))
    })?;
    if matches!(submitted, Submitted::Taken(_)) {
        fault::point("manifest.after_commit");
    }
    Ok(submitted)
}

/// `AGENCY` sends both kinds, `POST` intake only, oversight nothing (contract 2).
fn may_send(caller: &Caller, header: &Header) -> Result<(), AppError> {
    let allowed = match caller.side {
        Side::Agency => true,
        Side::Post => header.leg_kind == LegKind::Intake,
        Side::Oversight => false,
    };
    if !allowed {
        return Err(AppError::plain(Code::NotYourSide));
    }
    if !caller.sees(&header.agency_code, &header.post_office_code) {
        return Err(AppError::plain(Code::AgencyOutOfScope));
    }
    Ok(())
}

/// The first receipt, when this manifest was taken before; a refusal when its number or revision cannot be taken.
fn repeated(app: &App, caller: &Caller, header: &Header, digest: &str) -> Result<Option<Receipt>, AppError> {
    let taken = app.store.read(|db| read::manifests::revisions(db, &caller.counterpart, &header.manifest_no))?;
    let revision = i64::from(header.revision);
    if let Some(row) = taken.iter().find(|row| row.revision == revision) {
        return if row.digest == digest {
            Ok(Some(receipt_of(row)?))
        } else {
            Err(AppError::plain(Code::ManifestNoReused))
        };
    }
    let last = taken.last().map_or(0, |row| row.revision);
    if revision != last + 1 {
        return Err(Refusal::new(
            Code::StaleRevision,
            format!("the last taken revision is {last}; send {}", last + 1),
            format!("lần sửa đã nhận gần nhất là {last}; hãy gửi lần {}", last + 1),
        )
        .into());
    }
    Ok(None)
}

/// What the store knows against single lines: taken before, or an open leg of this kind.
fn problems_of_store(
    db: &mut Db<'_>,
    caller: &Caller,
    header: &Header,
    checked: &Checked,
) -> Result<HashMap<u32, Vec<Problem>>, StoreError> {
    let kind = header.leg_kind.as_str();
    let lines = || checked.lines.iter().filter_map(|line| line.line.as_ref());
    let dossiers: Vec<String> = lines().filter_map(|line| line.dossier_no.clone()).map(String::from).collect();
    let notes: Vec<String> = lines().filter_map(|line| note_key(kind, line)).collect();
    let open_dossiers: BTreeSet<String> = read::legs::open_dossiers(db, kind, &dossiers)?.into_iter().collect();
    let open_notes: BTreeSet<String> = read::legs::taken_note_keys(db, &notes)?.into_iter().collect();
    let taken_lines: BTreeSet<i64> = if header.revision > 1 {
        read::legs::taken_lines(db, &caller.counterpart, &header.manifest_no)?.into_iter().collect()
    } else {
        BTreeSet::new()
    };
    let mut found: HashMap<u32, Vec<Problem>> = HashMap::new();
    for checked_line in &checked.lines {
        let Some(line) = &checked_line.line else { continue };
        let mut problems = Vec::new();
        if taken_lines.contains(&i64::from(line.line_no)) {
            problems.push(Problem::error(
                Code::LineAlreadyTaken,
                "lineNo",
                "an earlier revision took this line; leave it out",
                "lần gửi trước đã nhận dòng này; hãy bỏ dòng này ra",
            ));
        }
        let is_open = |number: &str| open_dossiers.contains(number);
        for (field, is_taken) in [
            ("dossierNo", line.dossier_no.as_ref().is_some_and(|number| is_open(number.as_str()))),
            ("consignmentNoteNo", note_key(kind, line).is_some_and(|key| open_notes.contains(&key))),
        ] {
            if is_taken {
                problems.push(Problem::error(
                    Code::LegAlreadyOpen,
                    field,
                    "a leg of this kind is open for this number",
                    "số này đang có một chặng cùng loại chưa khép",
                ));
            }
        }
        if !problems.is_empty() {
            found.insert(checked_line.index, problems);
        }
    }
    Ok(found)
}

fn note_key(kind: &str, line: &Line) -> Option<String> {
    open_keys(kind, None, line.consignment_note_no.as_deref()).1
}

fn take(
    app: &App,
    caller: &Caller,
    header: &Header,
    checked: &Checked,
    mut decision: Decision,
    set: &mut WriteSet,
) -> Result<Receipt, AppError> {
    let now = app.now();
    let id = ManifestId::make(&app.ids);
    let post = app.routes.post_of(&header.agency_code).filter(|_| caller.side == Side::Agency);
    let taking = Taking { app, caller, header, manifest_id: &id, now, post };
    for (line_receipt, line) in decision.lines.iter_mut().zip(&checked.lines) {
        let Some(line) = line.line.as_ref().filter(|_| line_receipt.outcome == LineOutcome::Accepted) else { continue };
        let row = taking.leg(line, set)?;
        line_receipt.state = State::parse(&row.state);
        line_receipt.holder = Holder::parse(&row.holder);
        line_receipt.leg_id = Some(LegId::from_text(row.id.as_str()));
        set.legs.push(row);
    }
    let receipt = decision.receipt(header, checked.digest.clone(), Some(id.clone()), now);
    let row = ManifestRow {
        id: id.into(),
        counterpart: caller.counterpart.clone(),
        side: caller.side.as_str().to_owned(),
        manifest_no: header.manifest_no.clone(),
        revision: i64::from(header.revision),
        leg_kind: header.leg_kind.as_str().to_owned(),
        agency_code: header.agency_code.clone(),
        counter_code: header.counter_code.clone(),
        post_office_code: header.post_office_code.clone(),
        shift_date: header.shift_date.to_string(),
        shift: i64::from(header.shift),
        mode: receipt.mode.as_str().to_owned(),
        outcome: receipt.outcome.as_str().to_owned(),
        digest: checked.digest.clone(),
        received_at_us: now.us(),
        receipt: KeptReceipt::text(&receipt)?,
    };
    let summary = receipt.summary;
    let summary = json!({
        "lines": summary.lines,
        "accepted": summary.accepted,
        "refused": summary.refused,
        "heldBack": summary.held_back,
        "warnings": summary.warnings,
    });
    // The manifest stands before its legs in the feed.
    set.feed.insert(0, notices::manifest_accepted(&app.ids, &row, &summary, now));
    set.manifests.push(row);
    Ok(receipt)
}

struct Taking<'a> {
    app: &'a App,
    caller: &'a Caller,
    header: &'a Header,
    manifest_id: &'a ManifestId,
    now: Ts,
    post: Option<&'a str>,
}

impl Taking<'_> {
    fn leg(&self, line: &Line, set: &mut WriteSet) -> Result<LegRow, AppError> {
        let id = LegId::make(&self.app.ids);
        let sum = |kind: PaperKind| -> i64 {
            line.papers.iter().filter(|paper| paper.kind == kind).map(|paper| i64::from(paper.quantity)).sum()
        };
        let (originals, copies) = (sum(PaperKind::Original), sum(PaperKind::Copy));
        let declared_dossier_no = line.dossier_no.as_ref().map(|number| number.as_str().to_owned());
        let terms = LegTerms {
            kind: self.header.leg_kind,
            originals,
            copies,
            declared_dossier_no: declared_dossier_no.clone(),
        };
        let events = self.first_events(&id, line);
        let folded = fold(&terms, &events);
        let mut head: Option<String> = None;
        for event in &events {
            let row = ledger::to_row(event, head.as_deref())?;
            head = Some(row.hash.clone());
            set.events.push(row);
        }
        let papers: Vec<_> = line
            .papers
            .iter()
            .map(|paper| json!({"name": paper.name, "kind": paper.kind.as_str(), "quantity": paper.quantity}))
            .collect();
        let row = LegRow {
            id: id.as_str().to_owned(),
            manifest_id: self.manifest_id.as_str().to_owned(),
            counterpart: self.caller.counterpart.clone(),
            side: self.caller.side.as_str().to_owned(),
            manifest_no: self.header.manifest_no.clone(),
            line_no: i64::from(line.line_no),
            kind: self.header.leg_kind.as_str().to_owned(),
            agency_code: self.header.agency_code.clone(),
            post_office_code: self.header.post_office_code.clone(),
            dossier_no: declared_dossier_no.clone(),
            declared_dossier_no,
            consignment_note_no: line.consignment_note_no.clone(),
            supplement_no: line.supplement_no.map(i64::from),
            procedure_code: line.procedure_code.clone(),
            procedure_name: line.procedure_name.clone(),
            item_number: line.item_number.as_ref().map(|number| number.as_str().to_owned()),
            item_grade: line.item_number.as_ref().map(|number| number.grade().as_str().to_owned()),
            seal_no: line.seal_no.clone(),
            papers: serde_json::Value::Array(papers).to_string(),
            originals,
            copies,
            fee_to_collect: line.fee_to_collect,
            due_at_us: line.due_at.map(Ts::us),
            state: String::new(),
            state_since_us: 0,
            holder: String::new(),
            holder_since_us: 0,
            is_open: 1,
            open_dossier_key: None,
            open_note_key: None,
            accepted_by_post_at_us: None,
            filed_at_us: None,
            case_received_at_us: None,
            attempts: 0,
            events: i64::try_from(events.len()).unwrap_or(i64::MAX),
            head: head.unwrap_or_default(),
        };
        let row = with_fold(row, &folded);
        if folded.state != State::Registered {
            set.feed.push(notices::leg_changed(&self.app.ids, &row, false, folded.state_since, self.now));
        }
        if let Some(post) = self.post {
            set.outbox.push(message(self.app, post, "POST_ORDER", &id, 0, "{}".to_owned(), self.now));
        }
        set.parties.push(PartyRow {
            leg_id: row.id.clone(),
            name: line.party.name.clone(),
            phone: line.party.phone.clone(),
            email: line.party.email.clone(),
            address: line.party.address.text.clone(),
            province_code: line.party.address.province_code.clone(),
            commune_code: line.party.address.commune_code.clone(),
            note: line.note.clone(),
        });
        Ok(row)
    }

    /// `REGISTERED`, and `ACCEPTED` when the post signed the consignment note before it sent the manifest.
    fn first_events(&self, id: &LegId, line: &Line) -> Vec<Event> {
        let event = |seq: i64, kind: EventKind, at: Ts| Event {
            seq,
            ..Event::new(
                EventId::make(&self.app.ids),
                id.clone(),
                kind,
                at,
                self.now,
                Source::of(self.caller.counterpart.as_str(), self.caller.side),
            )
        };
        let mut events = vec![event(1, EventKind::Registered, self.now)];
        events.extend(line.accepted_at.map(|at| event(2, EventKind::Accepted, at)));
        events
    }
}

/// A manifest of an agency that the caller sees, with each line's state and holder of now.
pub fn get(app: &App, caller: &Caller, id: &str) -> Result<Receipt, AppError> {
    let (row, states) = app
        .store
        .read(|db| {
            let row = read::manifests::by_id(db, id)?;
            Ok((row, read::legs::states_of_manifest(db, id)?))
        })
        .map_err(AppError::from)?;
    let row = row
        .filter(|row| caller.sees(&row.agency_code, &row.post_office_code))
        .ok_or_else(|| AppError::plain(Code::NotFound))?;
    let mut receipt = receipt_of(&row)?;
    let now: HashMap<&str, (&str, &str)> =
        states.iter().map(|(id, state, holder)| (id.as_str(), (state.as_str(), holder.as_str()))).collect();
    for line in &mut receipt.lines {
        if let Some((state, holder)) = line.leg_id.as_ref().and_then(|id| now.get(id.as_str())) {
            line.state = State::parse(state);
            line.holder = Holder::parse(holder);
        }
    }
    Ok(receipt)
}

/// A page of manifests, oldest first.
pub fn page(
    app: &App,
    caller: &Caller,
    manifest_no: Option<&str>,
    agency_code: Option<&str>,
    leg_kind: Option<&str>,
    ask: &PageAsk,
) -> Result<Vec<Receipt>, AppError> {
    let rows = app.store.read(|db| read::manifests::page(db, caller, manifest_no, agency_code, leg_kind, ask))?;
    rows.iter().map(receipt_of).collect()
}

/// A receipt as it is kept: with both languages, so that it can be shown to any caller again.
#[derive(Serialize, Deserialize)]
struct KeptReceipt {
    summary: [u64; 5],
    lines: Vec<KeptLine>,
}

#[derive(Serialize, Deserialize)]
struct KeptLine {
    i: u32,
    no: Option<i64>,
    outcome: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    leg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dossier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    holder: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    problems: Vec<KeptProblem>,
}

#[derive(Serialize, Deserialize)]
struct KeptProblem {
    code: String,
    severity: String,
    field: String,
    en: String,
    vi: String,
}

impl KeptReceipt {
    fn text(receipt: &Receipt) -> Result<String, AppError> {
        let s = receipt.summary;
        let lines = receipt.lines.iter().map(|line| KeptLine {
            i: line.index,
            no: line.line_no,
            outcome: line.outcome.as_str().to_owned(),
            leg: line.leg_id.as_ref().map(|id| id.as_str().to_owned()),
            dossier: line.dossier_no.clone(),
            state: line.state.map(|state| state.as_str().to_owned()),
            holder: line.holder.map(|holder| holder.as_str().to_owned()),
            problems: line.problems.iter().map(kept_problem).collect(),
        });
        let kept =
            KeptReceipt { summary: [s.lines, s.accepted, s.refused, s.held_back, s.warnings], lines: lines.collect() };
        serde_json::to_string(&kept).map_err(|error| AppError::Internal(error.to_string()))
    }
}

fn kept_problem(problem: &Problem) -> KeptProblem {
    KeptProblem {
        code: problem.code.as_str().to_owned(),
        severity: problem.severity.as_str().to_owned(),
        field: problem.field.clone(),
        en: problem.message.en.clone(),
        vi: problem.message.vi.clone(),
    }
}

fn receipt_of(row: &ManifestRow) -> Result<Receipt, AppError> {
    let corrupt = |what: &str| AppError::Internal(format!("receipt of {}: {what}", row.id));
    let kept: KeptReceipt = serde_json::from_str(&row.receipt).map_err(|error| corrupt(&error.to_string()))?;
    let [lines, accepted, refused, held_back, warnings] = kept.summary;
    let line = |line: KeptLine| -> Option<LineReceipt> {
        Some(LineReceipt {
            index: line.i,
            line_no: line.no,
            outcome: LineOutcome::parse(&line.outcome)?,
            leg_id: line.leg.map(LegId::from_text),
            dossier_no: line.dossier,
            state: line.state.as_deref().and_then(State::parse),
            holder: line.holder.as_deref().and_then(Holder::parse),
            problems: line.problems.into_iter().map(problem_of).collect::<Option<_>>()?,
        })
    };
    Ok(Receipt {
        id: Some(ManifestId::from_text(row.id.as_str())),
        manifest_no: row.manifest_no.clone(),
        revision: u32::try_from(row.revision).map_err(|_| corrupt("revision"))?,
        leg_kind: LegKind::parse(&row.leg_kind).ok_or_else(|| corrupt("leg kind"))?,
        agency_code: row.agency_code.clone(),
        mode: Mode::parse(&row.mode).ok_or_else(|| corrupt("mode"))?,
        outcome: Outcome::parse(&row.outcome).ok_or_else(|| corrupt("outcome"))?,
        digest: row.digest.clone(),
        received_at: Ts::from_us(row.received_at_us),
        summary: Summary { lines, accepted, refused, held_back, warnings },
        lines: kept.lines.into_iter().map(line).collect::<Option<_>>().ok_or_else(|| corrupt("line"))?,
    })
}

fn problem_of(kept: KeptProblem) -> Option<Problem> {
    let row = crate::domain::problem::CATALOGUE.iter().find(|row| row.text == kept.code)?;
    let severity = if kept.severity == "warning" { Severity::Warning } else { Severity::Error };
    Some(Problem { code: row.code, severity, field: kept.field, message: Message::new(kept.en, kept.vi) })
}
