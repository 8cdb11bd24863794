//! OpenCPS v2, the one-stop software: writes what it should know about a leg, and reads it back (wire-formats 3.2, 5.4).
//!
//! Its answers prove little: 203 is "not logged in", 403 is nearly everything, 200 and 204 may be empty. So a value
//! counts as written only when an answer shows it; otherwise `find` reads it back before anything is repeated.

pub mod cases;

use crate::base::secret::Redacted;
use crate::domain::leg::{LegKind, State};
use crate::peers::encode::{form, percent};
use crate::peers::tolerant::Fields;
use crate::peers::{Answer, Auth, Call, Method, Reply, reply};

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";
const ROOT: &str = "/o/rest/v2/dossiers";

/// A value that the one-stop software should hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Update {
    /// `vnpostalStatus` for intake, `viaPostal` for the result.
    pub field: &'static str,
    /// The number.
    pub value: u8,
    /// Whether the process has to be moved too (the action with `receivedcollectionvnpost=1`).
    pub acts: bool,
    /// A clerk should read why.
    pub note: Option<&'static str>,
}

/// One row per state: `vnpostalStatus` of an intake leg, `viaPostal` of a result leg, and the note.
///
/// Intake 2 only once the operator has acknowledged, result 3 only while the operator holds the papers, and the
/// legally meaningful 3 and 4 at the end only from a confirmed state (design rule 4).
const TABLE: &[(State, u8, u8, Option<&str>)] = &[
    (State::Registered, 1, 2, None),
    (State::Ordered, 2, 2, None),
    (State::CollectionAssigned, 2, 2, None),
    (State::CollectionFailed, 2, 2, None),
    (State::Accepted, 2, 3, None),
    (State::InTransit, 2, 3, None),
    (State::AtDeliveryPost, 2, 3, None),
    (State::OutForDelivery, 2, 3, None),
    (State::AttemptFailed, 2, 3, None),
    (State::Partial, 2, 3, Some("Bưu điện báo phát một phần")),
    (State::DeliveredReported, 2, 3, None),
    (State::Confirmed, 3, 4, None),
    (State::Returning, 2, 3, None),
    (State::ReturnedReported, 2, 3, None),
    (State::ReturnConfirmed, 4, 2, Some("Bưu điện đã chuyển hoàn hồ sơ")),
    (State::Cancelled, 4, 2, Some("Đã hủy yêu cầu qua bưu điện")),
    (State::LostOrDamaged, 4, 3, Some("Hồ sơ bị mất hoặc hư hỏng khi qua bưu điện")),
];

/// What the one-stop software should hold for a leg in this state.
pub fn opencps_value(kind: LegKind, state: State) -> Option<Update> {
    let (_, intake, result, note) = TABLE.iter().find(|(row, ..)| *row == state)?;
    let (field, value) = match kind {
        LegKind::Intake => ("vnpostalStatus", *intake),
        LegKind::Result => ("viaPostal", *result),
    };
    let acts = kind == LegKind::Intake && state == State::Confirmed;
    Some(Update { field, value, acts, note: *note })
}

/// How the dossier is named in the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DossierRef {
    /// Numeric id or `referenceUid`.
    Id(String),
    /// Dossier number (`dossierNo`).
    Number(String),
}

/// What one installation of OpenCPS fixes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// Header `groupId`: the site.
    pub group_id: Option<String>,
    /// `actionUser` and the code of the action that confirms the papers of an intake leg.
    pub receive_action: Option<(String, String)>,
}

fn with_group(mut call: Call, settings: &Settings) -> Call {
    call.headers.extend(settings.group_id.iter().map(|group| ("groupId", Redacted::new(group.clone()))));
    call
}

fn item_field(update: &Update) -> &'static str {
    if update.field == "vnpostalStatus" { "postalCodeSend" } else { "postalCodeReceived" }
}

/// Writes the value, and the item number once there is one. Fields that are not named stay as they are, so that
/// what a clerk typed meanwhile is not lost.
pub fn put_status(dossier: &DossierRef, update: &Update, item_number: Option<&str>, settings: &Settings) -> Call {
    let path = match dossier {
        DossierRef::Id(id) => format!("{ROOT}/{}", percent(id)),
        DossierRef::Number(number) => format!("{ROOT}/{}/dossierNo", percent(number)),
    };
    let value = update.value.to_string();
    let mut pairs = vec![(update.field, value.as_str())];
    pairs.extend(item_number.map(|item| (item_field(update), item)));
    pairs.extend(update.note.map(|note| ("briefNote", note)));
    let call = Call {
        method: Method::Put,
        content_type: Some(FORM),
        body: form(&pairs).into_bytes(),
        ..Call::get(path, Auth::Basic)
    };
    with_group(call, settings)
}

/// Moves the process: the only way is an action. None when the installation does not name the action.
pub fn receive_action(dossier_id: &str, note: &str, settings: &Settings) -> Option<Call> {
    let (user, code) = settings.receive_action.as_ref()?;
    let body = form(&[("actionCode", code), ("actionUser", user), ("actionNote", note), ("payload", "{}")]);
    let call = Call {
        method: Method::Post,
        content_type: Some(FORM),
        body: body.into_bytes(),
        ..Call::get(format!("{ROOT}/{}/actions", percent(dossier_id)), Auth::Basic)
    };
    Some(with_group(call, settings))
}

/// Asks what the one-stop software holds now.
pub fn find(dossier: &DossierRef, settings: &Settings) -> Call {
    let path = match dossier {
        DossierRef::Id(id) => format!("{ROOT}/{}", percent(id)),
        DossierRef::Number(number) => {
            format!("{ROOT}?{}", form(&[("dossierNo", number), ("start", "0"), ("end", "10")]))
        }
    };
    with_group(Call::get(path, Auth::Basic), settings)
}

/// Reads the answer to `put_status`.
pub fn decode_put(answer: &Reply, dossier: &DossierRef, update: &Update, item_number: Option<&str>) -> Answer {
    match shown(answer, dossier, update, item_number) {
        Ok(Shown::Holds) => Answer::done(),
        Ok(Shown::Differs | Shown::Nothing) => Answer::unknown("the answer does not show the value that was written"),
        Err(answer) => answer,
    }
}

/// Reads the answer to `find`: whether the value is there already. `NotFound` means: not yet, write it.
pub fn decode_find(answer: &Reply, dossier: &DossierRef, update: &Update, item_number: Option<&str>) -> Answer {
    match shown(answer, dossier, update, item_number) {
        Ok(Shown::Holds) => Answer::done(),
        Ok(Shown::Differs) => Answer::NotFound,
        Ok(Shown::Nothing) => no_dossier(),
        Err(answer) => answer,
    }
}

/// Reads the answer to an action: its body is not documented, so any readable one without an error code is taken.
pub fn decode_action(answer: &Reply) -> Answer {
    match checked(answer).and_then(|()| reply::body(answer)) {
        Ok(value) => match Fields::of(&value) {
            Some(fields) => error_in(fields).unwrap_or_else(Answer::done),
            None => Answer::unknown("the answer is not an object"),
        },
        Err(answer) => answer,
    }
}

fn no_dossier() -> Answer {
    Answer::Refused { code: "NO_DOSSIER".to_owned(), text: "the one-stop software has no such dossier".to_owned() }
}

enum Shown {
    Holds,
    Differs,
    Nothing,
}

/// 203 and 401 are about who we are. 403 stands for nearly every failure, passing ones too, and so decides nothing:
/// only "no such dossier" is final.
fn checked(answer: &Reply) -> Result<(), Answer> {
    match answer.status {
        203 | 401 => Err(Answer::Unauthorised),
        403 => {
            let text = reply::message(&answer.body);
            Err(if reply::says_absent(&text) { no_dossier() } else { Answer::unknown(format!("HTTP 403 {text}")) })
        }
        _ => Ok(()),
    }
}

fn error_in(fields: Fields<'_>) -> Option<Answer> {
    let code = fields.integer(&["code"])?;
    let failed = code >= 400 || code == 203;
    failed.then(|| Answer::Refused { code: format!("CODE_{code}"), text: reply::message_of(fields) })
}

fn shown(answer: &Reply, dossier: &DossierRef, update: &Update, item_number: Option<&str>) -> Result<Shown, Answer> {
    let holds = |fields: Fields<'_>| {
        let value = fields.integer(&[update.field]) == Some(i64::from(update.value));
        // Two states may share a value: then the note tells them apart (a result withdrawn, a result never sent).
        let noted = update.note.is_none_or(|note| fields.text(&["briefNote"]).as_deref() == Some(note));
        value && noted && item_number.is_none_or(|item| fields.text(&[item_field(update)]).as_deref() == Some(item))
    };
    record(answer, dossier, |fields| match fields {
        Some(fields) if holds(fields) => Shown::Holds,
        Some(fields) if fields.get(&["dossierId", "dossierNo", "referenceUid", update.field]).is_some() => {
            Shown::Differs
        }
        _ => Shown::Nothing,
    })
}

/// The id by which an action names the dossier, out of the answer to `find`.
pub fn dossier_id(answer: &Reply, dossier: &DossierRef) -> Option<String> {
    let read = |fields: Option<Fields<'_>>| fields.and_then(|fields| fields.text(&["dossierId", "referenceUid"]));
    record(answer, dossier, read).ok().flatten()
}

/// Reads the record of our dossier in an answer.
fn record<T>(answer: &Reply, dossier: &DossierRef, read: impl FnOnce(Option<Fields<'_>>) -> T) -> Result<T, Answer> {
    checked(answer)?;
    let value = reply::body(answer)?;
    let Some(outer) = Fields::of(&value) else { return Err(Answer::unknown("the answer is not an object")) };
    if let Some(refusal) = error_in(outer) {
        return Err(refusal);
    }
    // A search may match more than was asked for: only the very number counts.
    let is_ours = |fields: &Fields<'_>| match dossier {
        DossierRef::Id(_) => true,
        DossierRef::Number(number) => fields.text(&["dossierNo"]).as_deref() == Some(number),
    };
    Ok(match outer.get(&["data"]) {
        Some(serde_json::Value::Array(rows)) => read(rows.iter().filter_map(Fields::of).find(is_ours)),
        Some(nested) => read(Fields::of(nested)),
        None => read(Some(outer)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peers::reply::replied;

    fn dossier() -> DossierRef {
        DossierRef::Number("000.00.53.H48-261102-0041".to_owned())
    }

    fn sent() -> Update {
        opencps_value(LegKind::Result, State::Accepted).unwrap()
    }

    #[test]
    fn a_value_without_its_note_is_not_yet_told() {
        let update = opencps_value(LegKind::Result, State::Cancelled).unwrap();
        let record = |note: &str| {
            let body = format!(
                r#"{{"dossierId":1,"dossierNo":"000.00.53.H48-261102-0041","viaPostal":"2","briefNote":"{note}"}}"#
            );
            decode_find(&replied(200, &body), &dossier(), &update, None)
        };
        assert_eq!(record(""), Answer::NotFound);
        assert_eq!(record(update.note.unwrap()), Answer::done());
    }

    #[test]
    fn every_state_has_a_value() {
        for state in State::ALL {
            for kind in LegKind::ALL {
                assert!(opencps_value(*kind, *state).is_some(), "{state}");
            }
        }
        assert_eq!(TABLE.len(), State::ALL.len());
    }

    /// Design rule 4: "handed over" and "returned" only from a confirmed state.
    #[test]
    fn the_last_values_come_from_confirmed_alone() {
        for state in State::ALL {
            let value = |kind| opencps_value(kind, *state).unwrap().value;
            assert_eq!(value(LegKind::Result) == 4, *state == State::Confirmed, "{state}");
            assert_eq!(value(LegKind::Intake) == 3, *state == State::Confirmed, "{state}");
        }
        assert!(opencps_value(LegKind::Intake, State::Confirmed).unwrap().acts);
        assert_eq!(opencps_value(LegKind::Intake, State::Registered).unwrap().value, 1, "unanswered is not on its way");
    }

    #[test]
    fn a_write_names_only_its_fields() {
        let settings = Settings { group_id: Some("20142".to_owned()), ..Settings::default() };
        let call = put_status(&dossier(), &sent(), Some("EA500120015VN"), &settings);
        assert_eq!(
            (call.method, call.path.as_str()),
            (Method::Put, "/o/rest/v2/dossiers/000.00.53.H48-261102-0041/dossierNo")
        );
        assert_eq!(String::from_utf8(call.body).unwrap(), "viaPostal=3&postalCodeReceived=EA500120015VN");
        assert_eq!(call.headers.len(), 1);
        let intake = opencps_value(LegKind::Intake, State::Ordered).unwrap();
        let call = put_status(&DossierRef::Id("96204".to_owned()), &intake, None, &Settings::default());
        assert_eq!(
            (call.path.as_str(), call.body.as_slice()),
            ("/o/rest/v2/dossiers/96204", b"vnpostalStatus=2".as_slice())
        );
        assert_eq!(receive_action("96204", "", &Settings::default()), None);
    }

    /// Wire-formats 8.1: an empty 200 was taken for success, and the case said "sent" when nothing was.
    #[test]
    fn an_answer_that_does_not_show_the_value_is_no_proof() {
        let put = |status, body: &str| decode_put(&replied(status, body), &dossier(), &sent(), None);
        assert_eq!(put(200, r#"{"dossierNo": "000.00.53.H48-261102-0041", "viaPostal": "3"}"#), Answer::done());
        for (status, body) in
            [(200, ""), (204, ""), (200, "{}"), (200, "null"), (200, r#"{"viaPostal": 2}"#), (500, ""), (403, "")]
        {
            assert!(matches!(put(status, body), Answer::Unknown { .. }), "{status} {body}");
        }
        assert_eq!((put(203, ""), put(401, "")), (Answer::Unauthorised, Answer::Unauthorised));
        let refused = |message: &str| {
            put(403, &format!(r#"{{"code": 403, "message": "{message}", "description": "No Content."}}"#))
        };
        assert!(matches!(refused("Lỗi hệ thống"), Answer::Unknown { .. }), "it says so of passing troubles too");
        assert!(matches!(refused("Dossier not found."), Answer::Refused { code, .. } if code == "NO_DOSSIER"));
        assert!(matches!(put(200, r#"{"code": 500, "message": "error"}"#), Answer::Refused { .. }));
    }

    #[test]
    fn reading_back_tells_there_from_not_yet() {
        let item = Some("EA500120015VN");
        let read = |body: &str| decode_find(&replied(200, body), &dossier(), &sent(), item);
        let row = |via: &str, item: &str| {
            format!(
                r#"{{"total": 2, "data": [{{"dossierNo": "another", "viaPostal": 3}}, {{"dossierNo": "000.00.53.H48-261102-0041", "viaPostal": {via}, "postalCodeReceived": "{item}"}}]}}"#
            )
        };
        assert_eq!(read(&row("\"3\"", "EA500120015VN")), Answer::done());
        assert_eq!(read(&row("2", "EA500120015VN")), Answer::NotFound);
        assert_eq!(read(&row("3", "")), Answer::NotFound, "the item number is part of it");
        assert!(matches!(read(r#"{"total": 0, "data": []}"#), Answer::Refused { code, .. } if code == "NO_DOSSIER"));
        assert!(matches!(read(""), Answer::Unknown { .. }));
        assert!(matches!(decode_find(&replied(204, ""), &dossier(), &sent(), None), Answer::Unknown { .. }));
    }
}
