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
use crate::domain::calendar::POST;
use crate::domain::custody::{Detail, Event, EventKind, Evidence, Place};
use crate::domain::intake::{manifest_no, note_no, promise, shift_of};
use crate::domain::leg::{Holder, LegKind, Side, State};
use crate::domain::manifest::{Checked, Header, Line, Mode};
use crate::domain::person::{Person, Right};
use crate::domain::problem::{Code, Problem, Refusal};
use crate::domain::receipt::{LineOutcome, LineReceipt, Outcome, Receipt, Summary, summarise};
use crate::store::intake::{self as kept, ManifestChange, NoteNumber};
use crate::store::people_rows::DeviceActRow;
use crate::store::rows::{LegRow, ManifestRow};
use crate::store::{Db, StoreError, WriteSet, read};

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
    /// Working days until it is at the agency (J+n).
    pub promise_days: u32,
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
    let office = caller.post_office.clone().filter(|_| person.may(Right::TakeIn));
    let office = office.ok_or_else(|| AppError::plain(Code::NotYourSide))?;
    if act_id.is_empty() || act_id.len() > ACT_ID_CHARS_MAX {
        return Err(AppError::plain(Code::IdempotencyKeyInvalid));
    }
    let content = serde_json::to_string(input).map_err(|error| AppError::Internal(error.to_string()))?;
    let content_sha256 = sha256_hex(content.as_bytes());
    let known = directory::procedures_of(app, &input.agency_code)?;
    let procedure = known.into_iter().find(|procedure| procedure.code == input.procedure_code);
    let calendar = calendar::current(app)?;
    let due_at = promise(&calendar.days_of(POST), occurred_at, input.promise_days).ok();
    app.decide_and_commit(None, |set| {
        if let Some(row) = app.store.read(|db| kept::device_act(db, act_id))? {
            return first_result(&row, person, &content_sha256);
        }
        let intake = TakingIn { app, caller: &caller, office: &office, input, occurred_at, due_at, now: app.now() };
        let (manifest, number) = intake.place()?;
        let procedure_name = procedure.as_ref().map(|procedure| procedure.name.as_str());
        let checked = line::checked(input, &intake.line_terms(&manifest, &number, procedure_name));
        let (header, line) = intake.accepted(&checked, procedure_name.is_some())?;
        let taken = intake.write(&manifest, number, header, line, &checked, set)?;
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

struct TakingIn<'a> {
    app: &'a App,
    caller: &'a Caller,
    office: &'a str,
    input: &'a Intake,
    occurred_at: Ts,
    due_at: Option<Ts>,
    now: Ts,
}

impl TakingIn<'_> {
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
    ) -> line::Terms<'t> {
        line::Terms {
            post_office_code: self.office,
            manifest_no: &manifest.manifest_no,
            line_no: manifest.line_no,
            note_no: note_no(self.office, number.number),
            procedure_name,
            occurred_at: self.occurred_at,
            due_at: self.due_at,
        }
    }

    /// The line, when no rule speaks against it: those of the contract, those of an intake, and what the store knows.
    fn accepted<'c>(&self, checked: &'c Checked, procedure_is_known: bool) -> Result<(&'c Header, &'c Line), AppError> {
        let refused = |problems: Vec<Problem>| AppError::Refused(Refusal::body(problems));
        let header = checked.header.as_ref().map_err(|problems| refused(problems.clone()))?;
        let mut problems = line::problems(self.input, procedure_is_known);
        for signed in [&self.input.sender_signature, &self.input.clerk_signature] {
            if let Some(Signed::Drawn(sha256)) = signed
                && evidence::find(self.app, sha256)?.is_none()
            {
                problems.push(line::picture_is_missing(signed == &self.input.sender_signature));
            }
        }
        problems.extend(checked.lines.iter().flat_map(|line| line.problems.clone()).filter(Problem::is_error));
        let found = self.app.store.read(|db| problems_of_store(db, self.caller, header, checked))?;
        let found: Vec<Problem> = found.into_values().flatten().collect();
        // The number was free a moment ago: a twin took it, and the next decision takes another.
        if found.iter().any(|problem| problem.field == "consignmentNoteNo") {
            return Err(AppError::Race("consignment note number".to_owned()));
        }
        problems.extend(found);
        match checked.lines.first().and_then(|line| line.line.as_ref()) {
            Some(line) if problems.is_empty() => Ok((header, line)),
            _ => Err(refused(problems)),
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
