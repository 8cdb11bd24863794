//! Intake: a person of the post takes a dossier in, at the counter or at the citizen's door, on line or on a device without a line.
//! One write set makes the leg on the office's open manifest, its first events with both signatures, the fee, the number of the
//! consignment note and the record of the act; the id of the act makes a second sending the same note.

mod line;

use serde::{Deserialize, Serialize};

use crate::app::leg_work::{keep_detail, open_keys};
use crate::app::manifests::problems_of_store;
use crate::app::new_legs::Taking;
use crate::app::people::{Doing, act, directory};
use crate::app::{App, AppError, calendar, evidence, notices, receipts};
use crate::base::digest::{sha256_hex, sha256_tagged};
use crate::base::id::{LegId, ManifestId};
use crate::base::time::Ts;
use crate::domain::access::Caller;
use crate::domain::calendar::{Calendar, POST};
use crate::domain::consignment;
use crate::domain::custody::{Detail, Event, EventKind, Evidence, Place};
use crate::domain::intake::{manifest_no, note_no, promise, shift_of};
use crate::domain::leg::{Holder, LegKind, Side, State};
use crate::domain::manifest::{Checked, Header, Line, Mode};
use crate::domain::person::{Person, Right};
use crate::domain::problem::{Code, Problem, Refusal};
use crate::domain::receipt::{LineOutcome, LineReceipt, Outcome, Receipt, Summary, summarise};
use crate::store::intake::{self as kept, ConsignmentNoteRow, ManifestChange, NoteNumber};
use crate::store::people_rows::DeviceActRow;
use crate::store::rows::{LegRow, ManifestRow};
use crate::store::{Db, StoreError, WriteSet, read, rounds};

/// What a person says of a dossier that is taken in: the body of the act `INTAKE`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Intake {
    /// The agency that the dossier goes to.
    pub agency_code: String,
    /// The procedure, one of the directory.
    pub procedure_code: String,
    /// The dossier's number, when the agency gave one before.
    #[serde(default)]
    pub dossier_no: Option<String>,
    /// Which supplement it brings.
    #[serde(default)]
    pub supplement_no: Option<u32>,
    /// Who sends.
    pub sender: Sender,
    /// The papers as both counted them; a paper that is not there has no sheets.
    pub papers: Vec<CountedPaper>,
    /// Taken at the citizen's door instead of the counter.
    #[serde(default)]
    pub at_door: bool,
    /// Number of the seal.
    #[serde(default)]
    pub seal_no: Option<String>,
    /// Number of the postal item.
    #[serde(default)]
    pub item_number: Option<String>,
    /// Fee taken for the agency, in đồng.
    #[serde(default)]
    pub fee: i64,
    /// Number of the receipt for the fee.
    #[serde(default)]
    pub receipt_no: Option<String>,
    /// What the post does: a word of `consignment::Service`.
    pub service: String,
    /// The lane that the promise J+n comes from: a word of `consignment::Lane`.
    pub lane: String,
    /// The post brings or tells the appointment slip.
    #[serde(default)]
    pub with_slip: bool,
    /// Working days that the post has published, for a lane without a promise of the law.
    #[serde(default)]
    pub promise_days: Option<u32>,
    /// Postage, in đồng: the post's own money, apart from the fee.
    #[serde(default)]
    pub postage: i64,
    /// Who pays it and when: a word of `consignment::PostagePay`.
    pub postage_pay: String,
    /// Number of the receipt for the postage.
    #[serde(default)]
    pub postage_receipt_no: Option<String>,
    /// Note.
    #[serde(default)]
    pub note: Option<String>,
    /// The sender's signature.
    #[serde(default)]
    pub sender_signature: Option<Signed>,
    /// The clerk's signature.
    #[serde(default)]
    pub clerk_signature: Option<Signed>,
}

impl Intake {
    /// The terms of the note, as they were typed.
    fn typed_terms(&self) -> consignment::Typed<'_> {
        consignment::Typed {
            service: &self.service,
            at_door: self.at_door,
            lane: &self.lane,
            with_slip: self.with_slip,
            promise_days: self.promise_days,
            postage: self.postage,
            postage_pay: &self.postage_pay,
            postage_receipt_no: self.postage_receipt_no.as_deref(),
            fee_receipt_no: self.receipt_no.as_deref(),
        }
    }

    /// The same with each drawn signature by the digest of the picture that was kept, where a device names the file it sent.
    pub fn with_pictures(mut self, kept: impl Fn(&str) -> Option<String>) -> Self {
        for signed in [&mut self.sender_signature, &mut self.clerk_signature] {
            if let Some(Signed::Drawn(name)) = signed
                && let Some(sha256) = kept(name)
            {
                *name = sha256;
            }
        }
        self
    }
}

/// Who sends: personal data.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Sender {
    pub name: String,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
    pub address: String,
}

impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sender(***)")
    }
}

/// Sheets of one paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs)]
pub struct CountedPaper {
    pub name: String,
    #[serde(default)]
    pub originals: i64,
    #[serde(default)]
    pub copies: i64,
}

/// How somebody signed the consignment note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Signed {
    /// Drawn on the screen: digest of the kept picture.
    Drawn(String),
    /// With a pen on the printed note, which the office keeps.
    OnPaper,
    /// The clerk's account, proved again by PIN or password. Never from a device: it cannot be proved there.
    #[serde(skip_deserializing)]
    Account,
}

/// What an intake made: kept, and answered again for every repeat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Taken {
    /// The leg.
    pub leg_id: String,
    /// Số hiệu phiếu gửi.
    pub note_no: String,
    /// The manifest that it stands on.
    pub manifest_id: String,
    /// Its line there.
    pub line_no: i64,
}

/// What came of an intake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TakenIn {
    /// Taken now.
    New(Taken),
    /// Taken before under this id, with the same content.
    Again(Taken),
    /// Taken before under this id with other content; what was sent now changes nothing.
    AgainChanged(Taken),
}

/// Characters of an act's id at most.
const ACT_ID_CHARS_MAX: usize = 64;

/// Takes a dossier in. `act_id` was made by the page or the device, `occurred_at` is the true time of the act.
pub fn take(
    app: &App,
    person: &Person,
    input: &Intake,
    act_id: &str,
    occurred_at: Ts,
    doing: Doing<'_>,
) -> Result<TakenIn, AppError> {
    let caller = person.caller();
    let office = office_of(person, &caller)?;
    if act_id.is_empty() || act_id.len() > ACT_ID_CHARS_MAX {
        return Err(AppError::plain(Code::IdempotencyKeyInvalid));
    }
    let content = serde_json::to_string(input).map_err(|error| AppError::Internal(error.to_string()))?;
    let content_sha256 = sha256_hex(content.as_bytes());
    let (procedure, calendar) = (procedure_of(app, input)?, calendar::current(app)?);
    app.decide_and_commit(None, |set| {
        if let Some(row) = app.store.read(|db| rounds::device_act(db, act_id))? {
            return first_result(&row, person, &content_sha256);
        }
        let intake =
            TakingIn { app, caller: &caller, office: &office, input, occurred_at, calendar: &calendar, now: app.now() };
        let Prepared { manifest, number, terms, checked } = intake.prepared(procedure.as_ref())?;
        let (terms, header, line) = intake.accepted(terms, &checked, procedure.as_ref())?;
        let taken = intake.write(&manifest, number, header, line, &checked, set)?;
        set.notes.push(note_row(&taken.leg_id, terms, occurred_at));
        set.acts.push(act(app, doing, "INTAKE.TAKEN", Some(&taken.leg_id)));
        set.device_acts.push(DeviceActRow {
            id: act_id.to_owned(),
            person_id: person.id.clone(),
            kind: "INTAKE".to_owned(),
            content_sha256: content_sha256.clone(),
            result: serde_json::to_string(&taken).map_err(|error| AppError::Internal(error.to_string()))?,
            occurred_at_us: occurred_at.us(),
            recorded_at_us: intake.now.us(),
        });
        Ok(TakenIn::New(taken))
    })
}

/// What taking it in would be refused for; nothing is taken. A form that is wrong in itself tells everything at once.
pub fn check(app: &App, person: &Person, input: &Intake, occurred_at: Ts) -> Result<(), AppError> {
    let caller = person.caller();
    let office = office_of(person, &caller)?;
    let (procedure, calendar) = (procedure_of(app, input)?, calendar::current(app)?);
    let intake =
        TakingIn { app, caller: &caller, office: &office, input, occurred_at, calendar: &calendar, now: app.now() };
    let prepared = intake.prepared(procedure.as_ref())?;
    intake.accepted(prepared.terms, &prepared.checked, procedure.as_ref()).map(|_| ())
}

fn office_of(person: &Person, caller: &Caller) -> Result<String, AppError> {
    let office = caller.post_office.clone().filter(|_| person.may(Right::TakeIn));
    office.ok_or_else(|| AppError::plain(Code::NotYourSide))
}

fn procedure_of(app: &App, input: &Intake) -> Result<Option<directory::Procedure>, AppError> {
    let known = directory::procedures_of(app, &input.agency_code)?;
    Ok(known.into_iter().find(|procedure| procedure.code == input.procedure_code))
}

/// What was answered under this id before; the id of somebody else's act, or of another kind, is nothing that can be answered.
fn first_result(row: &DeviceActRow, person: &Person, content_sha256: &str) -> Result<TakenIn, AppError> {
    if row.person_id != person.id || row.kind != "INTAKE" {
        return Err(AppError::plain(Code::IdempotencyKeyReused));
    }
    let taken: Taken = serde_json::from_str(&row.result).map_err(|error| AppError::Internal(error.to_string()))?;
    Ok(if row.content_sha256 == content_sha256 { TakenIn::Again(taken) } else { TakenIn::AgainChanged(taken) })
}

/// The manifest that the next line stands on: one that is open, or the next of its shift.
struct OpenManifest {
    /// The row that was read, with its receipt.
    read: Option<(ManifestRow, Receipt)>,
    id: ManifestId,
    manifest_no: String,
    line_no: u32,
    open_key: String,
}

/// An intake as it would stand: the place of its line, and what the rules say of note and line.
struct Prepared {
    manifest: OpenManifest,
    number: NoteNumber,
    terms: Result<consignment::Terms, Vec<Problem>>,
    checked: Checked,
}

struct TakingIn<'a> {
    app: &'a App,
    caller: &'a Caller,
    office: &'a str,
    input: &'a Intake,
    occurred_at: Ts,
    calendar: &'a Calendar,
    now: Ts,
}

impl TakingIn<'_> {
    fn prepared(&self, procedure: Option<&directory::Procedure>) -> Result<Prepared, AppError> {
        let (manifest, number) = self.place()?;
        let terms = self.input.typed_terms().check();
        // No promise where the terms are wrong, which is refused anyway, or where the calendar does not reach so far.
        let days = self.calendar.days_of(POST);
        let due_at = terms.as_ref().ok().and_then(|terms| promise(&days, self.occurred_at, terms.promise_days).ok());
        let name = procedure.map(|procedure| procedure.name.as_str());
        let checked = line::checked(self.input, &self.line_terms(&manifest, &number, name, due_at));
        Ok(Prepared { manifest, number, terms, checked })
    }

    /// Finds the open manifest of agency, day and shift of the act, and the next number of the office's notes.
    fn place(&self) -> Result<(OpenManifest, NoteNumber), AppError> {
        let (date, shift) = shift_of(self.occurred_at);
        let agency = self.input.agency_code.as_str();
        let open_key = format!("{}:{agency}:{date}:{shift}", self.caller.counterpart);
        let (open, made, number) = self.app.store.read(|db| {
            let open = kept::open_manifest(db, &open_key)?;
            let (date, shift) = (date.to_string(), i64::from(shift));
            let made = kept::manifests_of_shift(db, &self.caller.counterpart, agency, &date, shift)?;
            Ok((open, made, self.next_number(db)?))
        })?;
        let manifest = match open {
            Some(row) => {
                let receipt = receipts::of(&row)?;
                let line_no = u32::try_from(receipt.lines.len()).unwrap_or(u32::MAX).saturating_add(1);
                let (id, manifest_no) = (ManifestId::from_text(row.id.as_str()), row.manifest_no.clone());
                OpenManifest { read: Some((row, receipt)), id, manifest_no, line_no, open_key }
            }
            None => OpenManifest {
                read: None,
                id: ManifestId::make(&self.app.ids),
                manifest_no: manifest_no(self.office, agency, date, shift, made.saturating_add(1)),
                line_no: 1,
                open_key,
            },
        };
        Ok((manifest, number))
    }

    /// The office's next number that no open leg carries: a system may have used numbers of this form before.
    fn next_number(&self, db: &mut Db<'_>) -> Result<NoteNumber, StoreError> {
        let last_read = kept::last_note_no(db, self.office)?;
        let mut number = last_read.saturating_add(1);
        loop {
            let (_, key) = open_keys(LegKind::Intake.as_str(), None, Some(&note_no(self.office, number)));
            if read::legs::taken_note_keys(db, key.as_slice())?.is_empty() {
                return Ok(NoteNumber { post_office_code: self.office.to_owned(), last_read, number });
            }
            number = number.saturating_add(1);
        }
    }

    fn line_terms<'t>(
        &'t self,
        manifest: &'t OpenManifest,
        number: &NoteNumber,
        procedure_name: Option<&'t str>,
        due_at: Option<Ts>,
    ) -> line::Terms<'t> {
        line::Terms {
            post_office_code: self.office,
            manifest_no: &manifest.manifest_no,
            line_no: manifest.line_no,
            note_no: note_no(self.office, number.number),
            procedure_name,
            occurred_at: self.occurred_at,
            due_at,
        }
    }

    /// Terms and line, when no rule speaks against them: those of the note, of the contract, of an intake, and what the store knows.
    fn accepted<'c>(
        &self,
        terms: Result<consignment::Terms, Vec<Problem>>,
        checked: &'c Checked,
        procedure: Option<&directory::Procedure>,
    ) -> Result<(consignment::Terms, &'c Header, &'c Line), AppError> {
        let refused = |problems: Vec<Problem>| AppError::Refused(Refusal::body(problems));
        let header = checked.header.as_ref().map_err(|problems| refused(problems.clone()))?;
        let mut problems = line::problems(self.input, procedure);
        for signed in [&self.input.sender_signature, &self.input.clerk_signature] {
            if let Some(Signed::Drawn(sha256)) = signed
                && evidence::find(self.app, sha256)?.is_none()
            {
                problems.push(line::picture_is_missing(signed == &self.input.sender_signature));
            }
        }
        problems.extend(line::problems_of_contract(self.input, checked));
        let found = self.app.store.read(|db| problems_of_store(db, self.caller, header, checked))?;
        let found: Vec<Problem> = found.into_values().flatten().collect();
        // The number was free a moment ago: a twin took it, and the next decision takes another.
        if found.iter().any(|problem| problem.field == "consignmentNoteNo") {
            return Err(AppError::Race("consignment note number".to_owned()));
        }
        problems.extend(found);
        let line = checked.lines.first().and_then(|line| line.line.as_ref());
        match (terms, line) {
            (Ok(terms), Some(line)) if problems.is_empty() => Ok((terms, header, line)),
            (terms, _) => {
                problems.extend(terms.err().into_iter().flatten());
                Err(refused(problems))
            }
        }
    }

    fn write(
        &self,
        manifest: &OpenManifest,
        number: NoteNumber,
        header: &Header,
        line: &Line,
        checked: &Checked,
        set: &mut WriteSet,
    ) -> Result<Taken, AppError> {
        let taking =
            Taking { app: self.app, caller: self.caller, header, manifest_id: &manifest.id, now: self.now, post: None };
        let id = LegId::make(&self.app.ids);
        let events = self.events(&taking, &id, line, set);
        let leg = taking.leg(&id, line, &events, set)?;
        self.add_line(manifest, header, &leg, checked, set)?;
        set.note_numbers.push(number);
        let taken = Taken {
            leg_id: leg.id.clone(),
            note_no: leg.consignment_note_no.clone().unwrap_or_default(),
            manifest_id: leg.manifest_id.clone(),
            line_no: leg.line_no,
        };
        set.legs.push(leg);
        Ok(taken)
    }

    /// `REGISTERED`, `ACCEPTED` with the counts and both signatures (the sender's first), and `FEE_COLLECTED` when money was taken.
    fn events(&self, taking: &Taking<'_>, id: &LegId, line: &Line, set: &mut WriteSet) -> Vec<Event> {
        let place = Place { post_office_code: Some(self.office.to_owned()) };
        let event = |seq, kind| Event { place: place.clone(), ..taking.event(id, seq, kind, self.occurred_at) };
        let mut accepted = event(2, EventKind::Accepted);
        accepted.originals = Some(i64::from(line.originals()));
        accepted.copies = Some(i64::from(line.copies()));
        let signed = [&self.input.sender_signature, &self.input.clerk_signature];
        accepted.evidence = signed.into_iter().flatten().map(|signed| self.evidence(signed)).collect();
        let place_text = self.input.at_door.then(|| AT_DOOR.to_owned());
        set.details.extend(keep_detail(&mut accepted, Detail { place_text, ..Detail::default() }));
        let mut events = vec![event(1, EventKind::Registered), accepted];
        if line.fee_to_collect > 0 {
            events.push(Event {
                amount: Some(line.fee_to_collect),
                receipt_no: self.input.receipt_no.clone(),
                ..event(3, EventKind::FeeCollected)
            });
        }
        events
    }

    fn evidence(&self, signed: &Signed) -> Evidence {
        let (kind, reference, sha256) = match signed {
            Signed::Drawn(sha256) => ("SIGNATURE", evidence::reference(sha256), Some(sha256.clone())),
            Signed::OnPaper => ("DOCUMENT", "paper:consignment-note".to_owned(), None),
            Signed::Account => ("SIGNATURE", format!("account:{}", self.caller.key_id), None),
        };
        Evidence { kind: kind.to_owned(), reference, sha256 }
    }

    /// Puts the line on the manifest: its receipt always shows what is on it, and its digest covers every line.
    fn add_line(
        &self,
        manifest: &OpenManifest,
        header: &Header,
        leg: &LegRow,
        checked: &Checked,
        set: &mut WriteSet,
    ) -> Result<(), AppError> {
        let line = LineReceipt {
            index: manifest.line_no,
            line_no: Some(leg.line_no),
            outcome: LineOutcome::Accepted,
            leg_id: Some(LegId::from_text(leg.id.as_str())),
            dossier_no: leg.dossier_no.clone(),
            state: State::parse(&leg.state),
            holder: Holder::parse(&leg.holder),
            problems: checked.lines.iter().flat_map(|line| line.problems.clone()).collect(),
        };
        let before = manifest.read.as_ref().map_or("", |(row, _)| row.digest.as_str());
        let digest = sha256_tagged(format!("{before}\n{}", checked.digest).as_bytes());
        let mut receipt = match &manifest.read {
            Some((_, receipt)) => receipt.clone(),
            None => empty_receipt(manifest, header, self.now),
        };
        receipt.lines.push(line);
        receipt.summary = summarise(&receipt.lines);
        receipt.digest.clone_from(&digest);
        let text = receipts::text(&receipt)?;
        match &manifest.read {
            Some((row, _)) => set.manifest_changes.push(ManifestChange {
                digest_read: row.digest.clone(),
                row: ManifestRow { digest, receipt: text, ..row.clone() },
            }),
            None => set.manifests.push(self.manifest_row(manifest, header, digest, text)),
        }
        Ok(())
    }

    fn manifest_row(&self, manifest: &OpenManifest, header: &Header, digest: String, receipt: String) -> ManifestRow {
        ManifestRow {
            id: manifest.id.as_str().to_owned(),
            counterpart: self.caller.counterpart.clone(),
            side: Side::Post.as_str().to_owned(),
            manifest_no: header.manifest_no.clone(),
            revision: i64::from(header.revision),
            leg_kind: header.leg_kind.as_str().to_owned(),
            agency_code: header.agency_code.clone(),
            counter_code: None,
            post_office_code: header.post_office_code.clone(),
            shift_date: header.shift_date.to_string(),
            shift: i64::from(header.shift),
            mode: Mode::AllOrNothing.as_str().to_owned(),
            outcome: Outcome::Accepted.as_str().to_owned(),
            digest,
            received_at_us: self.now.us(),
            receipt,
            open_key: Some(manifest.open_key.clone()),
            closed_at_us: None,
        }
    }
}

fn note_row(leg_id: &str, terms: consignment::Terms, at: Ts) -> ConsignmentNoteRow {
    ConsignmentNoteRow {
        leg_id: leg_id.to_owned(),
        service: terms.service.as_str().to_owned(),
        taken_at: terms.taken_at.as_str().to_owned(),
        lane: terms.lane.as_str().to_owned(),
        with_slip: i64::from(terms.with_slip),
        promise_days: i64::from(terms.promise_days),
        postage: terms.postage.amount,
        postage_pay: terms.postage.pay.as_str().to_owned(),
        postage_paid_at_us: terms.postage.receipt_no.as_ref().map(|_| at.us()),
        postage_receipt_no: terms.postage.receipt_no,
    }
}

/// Where an intake at the door happened: no address, which stands with the party.
const AT_DOOR: &str = "tại địa chỉ người gửi";

fn empty_receipt(manifest: &OpenManifest, header: &Header, now: Ts) -> Receipt {
    Receipt {
        id: Some(manifest.id.clone()),
        manifest_no: header.manifest_no.clone(),
        revision: header.revision,
        leg_kind: LegKind::Intake,
        agency_code: header.agency_code.clone(),
        mode: Mode::AllOrNothing,
        outcome: Outcome::Accepted,
        digest: String::new(),
        received_at: now,
        summary: Summary::default(),
        lines: Vec::new(),
    }
}

/// A manifest that the person's office made; `NOT_FOUND` for any other.
pub fn manifest(app: &App, person: &Person, id: &str) -> Result<ManifestRow, AppError> {
    let own = person.caller().counterpart;
    let row = app.store.read(|db| read::manifests::by_id(db, id))?.filter(|row| row.counterpart == own);
    row.ok_or_else(|| AppError::plain(Code::NotFound))
}

/// Closes a manifest: it takes no more lines, and the feed tells of it. Closing again changes nothing.
pub fn close(app: &App, person: &Person, id: &str, doing: Doing<'_>) -> Result<ManifestRow, AppError> {
    app.decide_and_commit(None, |set| {
        let row = manifest(app, person, id)?;
        if row.open_key.is_none() {
            return Ok(row);
        }
        let now = app.now();
        let closed = ManifestRow { open_key: None, closed_at_us: Some(now.us()), ..row.clone() };
        set.feed.push(notices::manifest_accepted(&app.ids, &closed, receipts::of(&closed)?.summary, now));
        set.manifest_changes.push(ManifestChange { digest_read: row.digest, row: closed.clone() });
        set.acts.push(act(app, doing, "MANIFEST.CLOSED", Some(id)));
        Ok(closed)
    })
}
