//! Giving up an act that was refused: a device keeps such an act until its person retries or dismisses it, and a dismissal is an act
//! of its own, recorded with what was given up, when that had been done, why it was refused, and the person's reason.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::device_acts::Taking;
use crate::app::{App, AppError};
use crate::base::time::Ts;
use crate::domain::problem::{Code, Refusal};
use crate::store::round_rows::DeviceDismissalRow;
use crate::store::{WriteSet, rounds};

/// Characters of an id, a kind or a code.
const WORD_MAX: usize = 60;
/// Characters of what an act was about.
const ABOUT_MAX: usize = 120;
/// Characters of a reason.
const REASON_MAX: usize = 300;

/// What a device says of the act that was given up.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    /// Its id.
    act: String,
    kind: String,
    /// When it was done.
    at: String,
    /// The number of what it was done to; never a name.
    #[serde(default)]
    about: Option<String>,
    /// Code of the refusal.
    code: String,
    /// The refusal as the person read it.
    #[serde(default)]
    refusal: Option<String>,
    /// Why the person gave it up.
    reason: String,
}

impl Body {
    fn is_well_formed(&self) -> bool {
        let word = |text: &str| {
            let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
            !text.is_empty() && text.len() <= WORD_MAX && text.bytes().all(fits)
        };
        [&self.act, &self.kind, &self.code].into_iter().all(|text| word(text))
    }
}

fn cut(text: &str, most: usize) -> Option<String> {
    let text: String = text.trim().chars().take(most).collect();
    (!text.is_empty()).then_some(text)
}

/// Records that a refused act was given up. One that was taken after all stands; there is nothing to give up.
pub(super) fn dismiss(taking: &Taking<'_>, body: &Value, set: &mut WriteSet) -> Result<Value, AppError> {
    let body: Body = taking.body(body)?;
    let (Some(reason), Some(at), true) =
        (cut(&body.reason, REASON_MAX), Ts::parse_rfc3339(&body.at), body.is_well_formed())
    else {
        return Err(Refusal::plain(Code::BodyInvalid).into());
    };
    let app = taking.app;
    if app.store.read(|db| rounds::device_act(db, &body.act))?.is_some() {
        return Ok(json!({"outcome": "WAS_TAKEN"}));
    }
    if app.store.read(|db| rounds::dismissal(db, &body.act))?.is_none() {
        set.dismissals.push(DeviceDismissalRow {
            id: taking.act_id.to_owned(),
            act_id: body.act,
            person_id: taking.person.id.clone(),
            kind: body.kind,
            about: body.about.and_then(|about| cut(&about, ABOUT_MAX)),
            code: body.code,
            refusal: body.refusal.and_then(|text| cut(&text, REASON_MAX)),
            reason,
            occurred_at_us: at.us(),
            dismissed_at_us: taking.at.us(),
            recorded_at_us: taking.now.us(),
        });
    }
    Ok(json!({"outcome": "DISMISSED"}))
}

/// An act that was given up is never taken late, from whichever page or copy it comes.
pub(super) fn refuse_dismissed(app: &App, act_id: &str) -> Result<(), AppError> {
    if app.store.read(|db| rounds::dismissal(db, act_id))?.is_none() {
        return Ok(());
    }
    let (en, vi) = ("this act was dismissed: do it anew", "thao tác này đã được bỏ: hãy làm lại như thao tác mới");
    Err(Refusal::new(Code::IdempotencyKeyReused, en, vi).into())
}
