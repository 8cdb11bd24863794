//! What people did on their devices, perhaps hours ago and without a line: each act is taken exactly once, by the id that the device
//! gave it, at its true time. The act and what it does are one transaction.

mod dismissals;
mod door;

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::app::facts::ReportedEvidence;
use crate::app::intake::{self, Intake, TakenIn};
use crate::app::people::{Doing, act};
use crate::app::scans::{self, NewScan};
use crate::app::{App, AppError, evidence};
use crate::base::digest::sha256_hex;
use crate::base::time::Ts;
use crate::domain::access::Caller;
use crate::domain::fact::EvidenceKind;
use crate::domain::person::{Person, Right};
use crate::domain::problem::{Code, Refusal};
use crate::store::people_rows::DeviceActRow;
use crate::store::round_rows::DeviceFileRow;
use crate::store::{WriteSet, rounds};

/// Acts of one call.
pub const ACTS_MAX: usize = 50;
/// Files of one act.
const FILES_MAX: usize = 8;

/// An act as a device sends it.
#[derive(Debug, Clone, Deserialize)]
pub struct Act {
    /// The device's id of it.
    pub id: String,
    /// What was done.
    pub kind: String,
    /// When, RFC 3339 with the device's offset.
    pub at: String,
    /// What, by kind.
    #[serde(default)]
    pub body: Value,
    /// Pictures that were sent before.
    #[serde(default)]
    pub files: Vec<ActFile>,
}

/// A picture of an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActFile {
    /// `signature` or what was photographed.
    pub name: String,
    /// Digest of the bytes as they were sent.
    pub sha256: String,
}

/// What became of one act.
#[derive(Debug, Clone, PartialEq)]
pub enum Taken {
    /// Done now, with this result.
    Taken(Value),
    /// Done before: its first result.
    Known(Value),
    /// Not done, and why; the device keeps it for its person.
    Refused(Refusal),
}

/// One act in work.
pub(super) struct Taking<'a> {
    pub(super) app: &'a App,
    pub(super) person: &'a Person,
    pub(super) caller: Caller,
    pub(super) act_id: &'a str,
    pub(super) at: Ts,
    pub(super) now: Ts,
    pub(super) evidence: Vec<ReportedEvidence>,
}

impl Taking<'_> {
    /// The body as this kind has it.
    pub(super) fn body<T: DeserializeOwned>(&self, body: &Value) -> Result<T, AppError> {
        T::deserialize(body).map_err(|_| Refusal::plain(Code::BodyInvalid).into())
    }

    fn scan<'b>(&'b self, session_id: &'b str) -> NewScan<'b> {
        NewScan { id: self.act_id, person: self.person, session_id, at: self.at, now: self.now }
    }
}

type Take = fn(&Taking<'_>, &Value, &mut WriteSet) -> Result<Value, AppError>;

/// What devices do: kind, the right it needs, how it is taken.
const KINDS: &[(&str, Right, Take)] = &[
    ("SCAN", Right::Scan, scan),
    ("UNDO", Right::Scan, undo),
    ("DELIVERY", Right::Deliver, door::deliver),
    ("ATTEMPT", Right::Deliver, door::attempt),
    ("INVITATION", Right::Deliver, door::invite),
    ("RETURN", Right::Deliver, door::turn_back),
    ("RECOVERED", Right::Deliver, door::recovered),
    ("DISMISSAL", Right::Scan, dismissals::dismiss),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScanBody {
    session: String,
    code: String,
}

/// Characters of a code: more than any number that is printed.
const CODE_MAX: usize = 120;

fn scan(taking: &Taking<'_>, body: &Value, set: &mut WriteSet) -> Result<Value, AppError> {
    let body: ScanBody = taking.body(body)?;
    if body.code.trim().is_empty() || body.code.chars().count() > CODE_MAX {
        return Err(Refusal::plain(Code::BodyInvalid).into());
    }
    let judged = scans::scan(taking.app, &taking.scan(&body.session), body.code.trim(), set)?;
    Ok(json!(judged))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UndoBody {
    session: String,
    undoes: String,
    #[serde(default)]
    reason: Option<String>,
}

fn undo(taking: &Taking<'_>, body: &Value, set: &mut WriteSet) -> Result<Value, AppError> {
    let body: UndoBody = taking.body(body)?;
    let reason = body.reason.map(|reason| reason.trim().chars().take(CODE_MAX).collect::<String>());
    let reason = reason.as_deref().filter(|reason| !reason.is_empty());
    scans::undo(taking.app, &taking.scan(&body.session), &body.undoes, reason, set)?;
    Ok(json!({"outcome": "UNDO"}))
}

/// Takes acts in the order they are sent, each by itself. What could not be reached now is left out of the answer, and the
/// device sends it again.
pub fn take(app: &App, person: &Person, acts: &[Act], doing: Doing<'_>) -> Result<BTreeMap<String, Taken>, AppError> {
    let mut answers = BTreeMap::new();
    for act in acts {
        let taken = match take_one(app, person, act, doing) {
            Ok(taken) => taken,
            Err(AppError::Refused(refusal)) => Taken::Refused(refusal),
            Err(AppError::HandoverRefused(_)) => Taken::Refused(Refusal::plain(Code::BodyInvalid)),
            Err(AppError::Internal(why)) => {
                tracing::error!(error = why.as_str(), kind = act.kind.as_str(), "an act of a device failed");
                Taken::Refused(Refusal::plain(Code::Internal))
            }
            // Later acts lean on this one: the device sends from here again.
            Err(error) if answers.is_empty() => return Err(error),
            Err(_) => break,
        };
        answers.insert(act.id.clone(), taken);
    }
    Ok(answers)
}

fn take_one(app: &App, person: &Person, sent: &Act, doing: Doing<'_>) -> Result<Taken, AppError> {
    let invalid = |en: &str, vi: &str| AppError::Refused(Refusal::new(Code::BodyInvalid, en, vi));
    let is_id = (8..=60).contains(&sent.id.len()) && sent.id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !is_id || sent.files.len() > FILES_MAX {
        return Err(invalid("the act cannot be read", "thao tác không đọc được"));
    }
    let at = Ts::parse_rfc3339(&sent.at).ok_or_else(|| invalid("the time cannot be read", "không đọc được giờ"))?;
    dismissals::refuse_dismissed(app, &sent.id)?;
    if sent.kind == INTAKE {
        return take_in(app, person, sent, at, doing);
    }
    let Some((kind, right, take)) = KINDS.iter().find(|(known, _, _)| *known == sent.kind) else {
        return Err(invalid("this kind of act is not known", "loại thao tác này chưa được hỗ trợ"));
    };
    if !person.may(*right) {
        return Err(Refusal::new(
            Code::ScopeMissing,
            "your role may not do this",
            "vai trò của bạn không được làm việc này",
        )
        .into());
    }
    let content = json!([person.id, kind, sent.at, sent.body, sent.files]).to_string();
    let content_sha256 = sha256_hex(content.as_bytes());
    let evidence = pictures(app, person, &sent.files)?;
    app.decide_and_commit(None, |set| {
        if let Some(known) = app.store.read(|db| rounds::device_act(db, &sent.id))? {
            if known.content_sha256 != content_sha256 {
                let (en, vi) = ("another act has this id", "đã có thao tác khác mang mã này");
                return Err(Refusal::new(Code::IdempotencyKeyReused, en, vi).into());
            }
            return Ok(Taken::Known(serde_json::from_str(&known.result).unwrap_or_default()));
        }
        let now = app.now();
        let caller = person.caller();
        let taking = Taking { app, person, caller, act_id: &sent.id, at, now, evidence: evidence.clone() };
        let result = take(&taking, &sent.body, set)?;
        set.device_acts.push(DeviceActRow {
            id: sent.id.clone(),
            person_id: person.id.clone(),
            kind: sent.kind.clone(),
            content_sha256: content_sha256.clone(),
            result: result.to_string(),
            occurred_at_us: at.us(),
            recorded_at_us: now.us(),
        });
        set.acts.push(act(app, doing, &format!("DEVICE.{kind}"), Some(&sent.id)));
        Ok(Taken::Taken(result))
    })
}

/// The kind of act that makes a leg: its use case keeps the act itself.
const INTAKE: &str = "INTAKE";

fn take_in(app: &App, person: &Person, sent: &Act, at: Ts, doing: Doing<'_>) -> Result<Taken, AppError> {
    let input = Intake::deserialize(&sent.body).map_err(|_| Refusal::plain(Code::BodyInvalid))?;
    let kept = pictures(app, person, &sent.files)?;
    let kept_of = |name: &str| {
        let place = sent.files.iter().position(|file| file.name == name)?;
        kept.get(place)?.sha256.clone()
    };
    let taken = intake::take(app, person, &input.with_pictures(kept_of), &sent.id, at, doing)?;
    Ok(match taken {
        TakenIn::New(taken) => Taken::Taken(json!(taken)),
        // Changed or not, the note of the first sending stands; the device has nothing more to send.
        TakenIn::Again(taken) | TakenIn::AgainChanged(taken) => Taken::Known(json!(taken)),
    })
}

/// What was kept of the pictures of an act: evidence refers to what is there, not to what was sent.
fn pictures(app: &App, person: &Person, files: &[ActFile]) -> Result<Vec<ReportedEvidence>, AppError> {
    files
        .iter()
        .map(|file| {
            let kept = app.store.read(|db| rounds::device_file(db, &file.sha256, &person.id))?.ok_or_else(|| {
                let (en, vi) = ("a picture of it has not arrived", "ảnh kèm theo chưa được gửi lên");
                AppError::Refused(Refusal::new(Code::BodyInvalid, en, vi))
            })?;
            let kind = if file.name == "signature" { EvidenceKind::Signature } else { EvidenceKind::Photo };
            Ok(ReportedEvidence {
                kind: kind.as_str().to_owned(),
                reference: evidence::reference(&kept.kept_sha256),
                sha256: Some(kept.kept_sha256),
            })
        })
        .collect()
}

/// Keeps a picture that a device sends under the digest of its bytes.
pub fn keep_picture(app: &App, person: &Person, sha256: &str, bytes: &[u8], doing: Doing<'_>) -> Result<(), AppError> {
    if sha256_hex(bytes) != sha256 {
        let (en, vi) = ("the picture arrived damaged", "ảnh đến nơi bị hỏng");
        return Err(Refusal::new(Code::BodyNotReadable, en, vi).into());
    }
    if app.store.read(|db| rounds::device_file(db, sha256, &person.id))?.is_some() {
        return Ok(());
    }
    let kept = evidence::keep(app, bytes, doing)?;
    let row = DeviceFileRow {
        sent_sha256: sha256.to_owned(),
        person_id: person.id.clone(),
        kept_sha256: kept.sha256,
        at_us: app.now().us(),
    };
    let acts = vec![act(app, doing, "FILE.KEEP", Some(sha256))];
    Ok(app.store.commit(WriteSet { device_files: vec![row], acts, ..WriteSet::default() })?)
}
