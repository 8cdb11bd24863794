//! Public tracking at two levels (TT 01/2018 Đ16 k2d): by number alone the code and how far it got; with the secret that is
//! printed on the slip also times, places and who signed. Never a party's data.

use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use crate::app::people::sessions::WINDOW_US;
use crate::app::people::{Doing, act};
use crate::app::{App, AppError, dossier, legs};
use crate::base::digest::{hex, sha256_hex};
use crate::base::id::ActId;
use crate::domain::custody::EventKind;
use crate::domain::custody::table::row_of;
use crate::domain::leg::{LegKind, Side, State, words};
use crate::store::people;
use crate::store::people_rows::SignInFailureRow;
use crate::store::read;
use crate::store::read::dossiers::{self, Spellings};
use crate::store::rows::LegRow;

/// Crockford's letters: none that is read as another.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Letters of a secret: 50 bits.
const SECRET_LETTERS: usize = 10;
/// Wrong secrets of one number within the window, after which it waits.
pub const WRONG_SECRETS_MAX: i64 = 5;

words! {
    /// What a citizen waits for, in order.
    Step {
        /// The post took the dossier.
        PostTook = "POST_TOOK",
        /// The agency took it: the day it counts as filed.
        AgencyTook = "AGENCY_TOOK",
        /// The result is there.
        ResultReady = "RESULT_READY",
        /// The post brings it.
        ResultOnWay = "RESULT_ON_WAY",
        /// It was handed out.
        HandedOut = "HANDED_OUT",
    }
}

words! {
    /// How it stands, in one sentence.
    Now {
        /// On a list, not yet taken.
        Expected = "EXPECTED",
        /// With the post, to the agency.
        OnWay = "ON_WAY",
        /// The post says that it reached the agency.
        ReportedThere = "REPORTED_THERE",
        /// With the agency.
        AtAgency = "AT_AGENCY",
        /// The result waits for the post.
        ResultReady = "RESULT_READY",
        /// With the post, to the citizen.
        ResultOnWay = "RESULT_ON_WAY",
        /// The post came and could not hand it out.
        NotReached = "NOT_REACHED",
        /// The post says that it was handed out.
        ReportedOut = "REPORTED_OUT",
        /// Handed out.
        HandedOut = "HANDED_OUT",
        /// On its way back.
        GoingBack = "GOING_BACK",
        /// Back where it came from.
        Back = "BACK",
        /// Withdrawn.
        Withdrawn = "WITHDRAWN",
        /// Something that people have to settle.
        Trouble = "TROUBLE",
    }
}

/// A step and when it was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// The step.
    pub step: Step,
    /// When; `None` when not yet.
    pub at_us: Option<i64>,
}

/// What everybody may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// How it stands.
    pub now: Now,
    /// Since when.
    pub since_us: i64,
    /// The steps of the ways that the post goes for this dossier.
    pub steps: Vec<Reached>,
}

/// One line of what the secret opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// Intake or result.
    pub leg_kind: LegKind,
    /// What.
    pub event: EventKind,
    /// When.
    pub at_us: i64,
    /// The post office, where it was said.
    pub post_office_code: String,
    /// The agency.
    pub agency_code: String,
    /// Why an attempt failed.
    pub cause: Option<String>,
    /// Who signed, giver first.
    pub signers: Vec<String>,
}

/// What the secret opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// As without it.
    pub progress: Progress,
    /// Newest first.
    pub happened: Vec<Happened>,
    /// Item numbers, for the post's own tracking.
    pub item_numbers: Vec<String>,
}

/// What came of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// It fits.
    Opened(Box<Opened>),
    /// Number or secret is wrong: nobody learns which.
    Wrong,
    /// Too many wrong ones: to wait.
    Wait,
}

/// The secret of a leg as it is printed on its slip, such as `7K3QX-9M2TD`.
pub fn secret_of(app: &App, leg_id: &str) -> Result<String, AppError> {
    Ok(secret_with(&own_secret(app)?, leg_id))
}

fn own_secret(app: &App) -> Result<String, AppError> {
    let mut fresh = [0_u8; 32];
    SystemRandom::new().fill(&mut fresh).map_err(|_| AppError::Internal("no randomness".to_owned()))?;
    Ok(app.store.own_secret("tracking", || hex(&fresh))?)
}

fn secret_with(own: &str, leg_id: &str) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, own.as_bytes()), leg_id.as_bytes());
    grouped(&letters_of(tag.as_ref()))
}

/// The first letters of a digest, five bits each.
fn letters_of(digest: &[u8]) -> String {
    let bit = |place: usize| digest.get(place / 8).is_some_and(|byte| byte >> (7 - place % 8) & 1 == 1);
    let letter = |number: usize| {
        let value = (0..5).fold(0_usize, |value, place| value << 1 | usize::from(bit(number * 5 + place)));
        char::from(LETTERS.get(value).copied().unwrap_or(b'0'))
    };
    (0..SECRET_LETTERS).map(letter).collect()
}

fn grouped(letters: &str) -> String {
    let (first, second) = letters.split_at_checked(SECRET_LETTERS / 2).unwrap_or((letters, ""));
    format!("{first}-{second}")
}

/// A secret as people type it: any case, dashes and blanks anywhere, and the letters that look like digits.
fn as_printed(typed: &str) -> String {
    let letters: String = typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| match c.to_ascii_uppercase() {
            'I' | 'L' => '1',
            'O' => '0',
            other => other,
        })
        .collect();
    grouped(&letters)
}

/// Whether two texts are equal, in a time that does not tell where they differ.
fn alike(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

/// The legs behind a number: those of one dossier, oldest first. A number that is unknown costs the same queries.
fn legs_behind(app: &App, number: &str) -> Result<Vec<LegRow>, AppError> {
    let named = dossier::by_public_number(app, number)?;
    let newest = named.into_iter().next_back();
    let dossier_no = newest.as_ref().and_then(|row| row.dossier_no.clone()).unwrap_or_default();
    let spellings = Spellings { dossier_nos: vec![dossier_no], ..Spellings::default() };
    let of_dossier = app.store.read(|db| dossiers::by_number(db, &spellings))?;
    Ok(if of_dossier.is_empty() { newest.into_iter().collect() } else { of_dossier })
}

/// When a leg was registered, by its first event. Nothing costs the same query.
fn registered(app: &App, row: Option<&LegRow>) -> Result<Option<i64>, AppError> {
    let id = row.map_or("", |row| row.id.as_str());
    let events = app.store.read(|db| read::legs::events_of(db, id))?;
    Ok(events.first().map(|event| event.occurred_at_us))
}

fn newest(rows: &[LegRow], kind: LegKind) -> Option<&LegRow> {
    rows.iter().rev().find(|row| row.kind == kind.as_str())
}

/// How far a dossier got, by its number or the number of its consignment note; `None` when there is none.
pub fn progress(app: &App, number: &str) -> Result<Option<Progress>, AppError> {
    progress_of(app, &legs_behind(app, number)?)
}

fn progress_of(app: &App, rows: &[LegRow]) -> Result<Option<Progress>, AppError> {
    let (intake, result) = (newest(rows, LegKind::Intake), newest(rows, LegKind::Result));
    let ready_at_us = registered(app, result)?;
    let mut steps = Vec::new();
    if let Some(row) = intake {
        let confirmed = row.filed_at_us.or((row.state == State::Confirmed.as_str()).then_some(row.state_since_us));
        steps.push(Reached { step: Step::PostTook, at_us: row.accepted_by_post_at_us });
        steps.push(Reached { step: Step::AgencyTook, at_us: confirmed });
    }
    if let Some(row) = result {
        let out = (row.state == State::Confirmed.as_str()).then_some(row.state_since_us);
        steps.push(Reached { step: Step::ResultReady, at_us: ready_at_us });
        steps.push(Reached { step: Step::ResultOnWay, at_us: row.accepted_by_post_at_us });
        steps.push(Reached { step: Step::HandedOut, at_us: out });
    }
    let Some(row) = result.or(intake) else { return Ok(None) };
    let now = now_of(row)?;
    if matches!(now, Now::GoingBack | Now::Back | Now::Withdrawn | Now::Trouble) {
        steps.retain(|reached| reached.at_us.is_some());
    }
    Ok(Some(Progress { now, since_us: row.state_since_us, steps }))
}

fn now_of(row: &LegRow) -> Result<Now, AppError> {
    let broken = || AppError::Internal(format!("state of {}", row.id));
    let kind = LegKind::parse(&row.kind).ok_or_else(broken)?;
    let state = State::parse(&row.state).ok_or_else(broken)?;
    Ok(match (state, kind) {
        (State::Registered | State::Ordered | State::CollectionAssigned | State::CollectionFailed, LegKind::Intake) => {
            Now::Expected
        }
        (State::Registered | State::Ordered | State::CollectionAssigned | State::CollectionFailed, LegKind::Result) => {
            Now::ResultReady
        }
        (State::AttemptFailed, LegKind::Result) => Now::NotReached,
        (
            State::Accepted
            | State::InTransit
            | State::AtDeliveryPost
            | State::OutForDelivery
            | State::AttemptFailed
            | State::Partial,
            LegKind::Intake,
        ) => Now::OnWay,
        (
            State::Accepted | State::InTransit | State::AtDeliveryPost | State::OutForDelivery | State::Partial,
            LegKind::Result,
        ) => Now::ResultOnWay,
        (State::DeliveredReported, LegKind::Intake) => Now::ReportedThere,
        (State::DeliveredReported, LegKind::Result) => Now::ReportedOut,
        (State::Confirmed, LegKind::Intake) => Now::AtAgency,
        (State::Confirmed, LegKind::Result) => Now::HandedOut,
        (State::Returning | State::ReturnedReported, _) => Now::GoingBack,
        (State::ReturnConfirmed, _) => Now::Back,
        (State::Cancelled, _) => Now::Withdrawn,
        (State::LostOrDamaged, _) => Now::Trouble,
    })
}

/// What the secret of any of its legs opens. Wrong secrets of one number are counted, known or not.
pub fn open(app: &App, number: &str, secret: &str, request_id: &str) -> Result<Opening, AppError> {
    let doing = Doing { person: None, request_id };
    let subject = subject_of(number);
    let since_us = app.now().plus_us(-WINDOW_US).us();
    if app.store.read(|db| people::failures(db, &subject, since_us))? >= WRONG_SECRETS_MAX {
        return Ok(Opening::Wait);
    }
    let rows = legs_behind(app, number)?;
    let (own, typed) = (own_secret(app)?, as_printed(secret));
    let fitting = rows.iter().find(|row| alike(&secret_with(&own, &row.id), &typed)).map(|row| row.id.clone());
    match (progress_of(app, &rows)?, fitting) {
        (Some(progress), Some(leg_id)) => {
            app.store.insert_act(act(app, doing, "TRACKING.OPENED", Some(&leg_id)))?;
            Ok(Opening::Opened(Box::new(opened(app, progress, rows)?)))
        }
        _ => {
            let failure = SignInFailureRow { id: ActId::make(&app.ids).into(), subject, at_us: app.now().us() };
            app.store.insert_failures(vec![failure], act(app, doing, "TRACKING.FAILED", None))?;
            Ok(Opening::Wrong)
        }
    }
}

/// One number has one count, however it is typed.
fn subject_of(number: &str) -> String {
    let spellings = dossier::spellings(number);
    let settled = spellings.dossier_nos.first().or(spellings.note_nos.first()).cloned().unwrap_or_default();
    sha256_hex(format!("tracking:{}", settled.to_uppercase()).as_bytes())
}

fn opened(app: &App, progress: Progress, rows: Vec<LegRow>) -> Result<Opened, AppError> {
    let mut happened = Vec::new();
    let item_numbers = rows.iter().filter_map(|row| row.item_number.clone()).collect();
    for row in rows {
        let Some(leg_kind) = LegKind::parse(&row.kind) else { continue };
        let handovers = app.store.read(|db| dossiers::handovers_of_leg(db, &row.id))?;
        let custody = legs::custody_of(app, row)?;
        for entry in custody.entries {
            let event = entry.event;
            if !entry.stand.applied || row_of(event.kind).to.is_none() {
                continue;
            }
            let handover = handovers
                .iter()
                .find(|handover| event.handover_id.as_ref().is_some_and(|id| id.as_str() == handover.row.id));
            let signers = handover.map(|handover| {
                let of_side = |side: &str| {
                    let mut of_side = handover.signatures.iter().filter(|signature| signature.side == side);
                    of_side.next_back().map(|signature| signature.signer_name.clone())
                };
                [of_side(&handover.row.giver), of_side(&handover.row.receiver)].into_iter().flatten().collect()
            });
            happened.push(Happened {
                leg_kind,
                event: event.kind,
                at_us: event.occurred_at.us(),
                post_office_code: event.place.post_office_code.unwrap_or_else(|| custody.row.post_office_code.clone()),
                agency_code: custody.row.agency_code.clone(),
                cause: event.cause,
                signers: signers.unwrap_or_default(),
            });
        }
    }
    happened.sort_by_key(|one| std::cmp::Reverse(one.at_us));
    Ok(Opened { progress, happened, item_numbers })
}

/// Whose place an event is told with: the side that has the papers after it.
pub fn place_of(leg_kind: LegKind, event: EventKind) -> Side {
    match (leg_kind, event) {
        (LegKind::Intake, EventKind::Confirmed)
        | (LegKind::Result, EventKind::Registered | EventKind::ReturnConfirmed) => Side::Agency,
        _ => Side::Post,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_ten_letters_that_nobody_misreads() {
        assert_eq!(letters_of(&[0; 32]), "0000000000");
        assert_eq!(letters_of(&[0xff; 32]), "ZZZZZZZZZZ");
        assert_eq!(
            letters_of(&[0b0000_1000, 0b1000_0110, 0b0100_0010, 0b1001_1000, 0b1110_0100, 0, 0]).get(..7),
            Some("1234567")
        );
        assert_eq!(grouped("7K3QX9M2TD"), "7K3QX-9M2TD");
    }

    #[test]
    fn a_secret_is_read_as_it_was_meant() {
        for typed in ["7K3QX-9M20D", "7k3qx9m2od", " 7K3QX 9M2OD "] {
            assert_eq!(as_printed(typed), "7K3QX-9M20D", "{typed}");
        }
        assert_eq!(as_printed("lIo"), "110-");
        assert_eq!(as_printed("ữữ"), "-");
    }

    #[test]
    fn texts_are_alike_only_when_they_are_equal() {
        assert!(alike("abc", "abc") && !alike("abc", "abd") && !alike("abc", "ab") && !alike("", "a"));
    }
}
