//! Signing: what both saw, and what the second signature makes of it. Custody moves here and nowhere else by agreement (C2).

use crate::app::discrepancies::Found;
use crate::app::handovers::{Extra, KeptEvidence, get, sides};
use crate::app::idempotency::{Keyed, Rendered};
use crate::app::leg_work::LegsInWork;
use crate::app::people::{Doing, act};
use crate::app::{App, AppError, notices};
use crate::base::fault;
use crate::base::id::{EventId, HandoverId, LegId};
use crate::base::time::{MINUTE_US, Ts};
use crate::domain::access::Caller;
use crate::domain::custody::{Detail, Event, EventKind, Source};
use crate::domain::discrepancy::Kind;
use crate::domain::handover::{LineOutcome, event_of_signing};
use crate::domain::handover_input::SignInput;
use crate::domain::leg::{LegKind, Side};
use crate::domain::problem::{Code, Problem, Refusal};
use crate::store::read;
use crate::store::read::handovers::WholeHandover;
use crate::store::rows::{HandoverLineRow, HandoverRow, HandoverSignatureRow, LegRow};
use crate::store::write::HandoverChange;
use crate::store::{Db, StoreError, WriteSet};

/// A signature may not be dated further ahead of our clock than this (contract 7).
const AHEAD_US_MAX: i64 = 5 * MINUTE_US;

/// Signs for one side. At the second signature custody moves.
pub fn sign(
    app: &App,
    caller: &Caller,
    id: &str,
    input: &SignInput,
    keyed: &Keyed<'_, WholeHandover>,
    doing: Option<Doing<'_>>,
) -> Result<Rendered, AppError> {
    let rendered = app.decide_and_commit(Some("handover.before_commit"), |set| {
        let mut handover = get(app, caller, id)?;
        let now = app.now();
        let Some(signed_at) = may_sign(caller, &handover, input, now)? else {
            return Ok(keyed.reply(&handover, set));
        };
        let signing = Signing { app, caller, signed_at, now };
        app.store.read(|db| signing.add(db, &mut handover, input, set))?;
        set.acts.extend(doing.map(|doing| act(app, doing, "HANDOVER.SIGN", Some(id))));
        Ok(keyed.reply(&handover, set))
    })?;
    fault::point("handover.after_commit");
    Ok(rendered)
}

/// When the signature counts from; `None` when the same signature stands already.
fn may_sign(caller: &Caller, handover: &WholeHandover, input: &SignInput, now: Ts) -> Result<Option<Ts>, AppError> {
    let (from, to) = sides(&handover.row)?;
    if input.side != caller.side || (input.side != from && input.side != to) {
        return Err(AppError::plain(Code::NotYourSide));
    }
    let standing = handover.signatures.iter().find(|s| s.lapsed == 0 && s.side == input.side.as_str());
    let same = standing.is_some_and(|s| {
        s.signer_name == input.signer_name && s.signer_title == input.signer_title && s.digest == input.digest
    });
    if same {
        return Ok(None);
    }
    if handover.row.status != "OPEN" {
        return Err(AppError::plain(Code::HandoverClosed));
    }
    let signed_at = input.signed_at.unwrap_or(now);
    if signed_at > now.plus_us(AHEAD_US_MAX) {
        return Err(Refusal::body(vec![Problem::error(
            Code::FieldInvalid,
            "signedAt",
            "lies more than 5 minutes ahead of our clock",
            "đi trước đồng hồ của hệ thống hơn 5 phút",
        )])
        .into());
    }
    if handover.lines.iter().any(|line| line.outcome.is_none()) {
        return Err(AppError::plain(Code::LinesUncounted));
    }
    if input.digest != handover.row.digest {
        return Err(AppError::plain(Code::HandoverChanged));
    }
    if standing.is_some() {
        return Err(AppError::plain(Code::AlreadySigned));
    }
    Ok(Some(signed_at))
}

/// One signature in the making.
struct Signing<'a> {
    app: &'a App,
    caller: &'a Caller,
    signed_at: Ts,
    now: Ts,
}

impl Signing<'_> {
    fn add(
        &self,
        db: &mut Db<'_>,
        handover: &mut WholeHandover,
        input: &SignInput,
        set: &mut WriteSet,
    ) -> Result<(), StoreError> {
        let signature = self.row(handover, input)?;
        let other = handover.signatures.iter().find(|s| s.lapsed == 0).map(|s| Ts::from_us(s.signed_at_us));
        let version_read = handover.row.version;
        handover.row.version += 1;
        handover.signatures.push(signature.clone());
        let mut freed = Vec::new();
        if let Some(other) = other {
            // The legal moment is the later of the two signatures (C5, QĐ 45 Đ7 k4).
            self.complete(db, handover, other.max(self.signed_at), set)?;
            freed = handover.lines.clone();
        }
        set.handover_changes.push(HandoverChange {
            version_read,
            row: handover.row.clone(),
            lines: freed,
            lapse_signatures: false,
            signatures: vec![signature],
        });
        Ok(())
    }

    fn row(&self, handover: &WholeHandover, input: &SignInput) -> Result<HandoverSignatureRow, StoreError> {
        let evidence: Vec<KeptEvidence> = input
            .evidence
            .iter()
            .map(|piece| KeptEvidence {
                kind: piece.kind.as_str().to_owned(),
                r#ref: piece.reference.clone(),
                sha256: piece.sha256.clone(),
            })
            .collect();
        Ok(HandoverSignatureRow {
            handover_id: handover.row.id.clone(),
            side: input.side.as_str().to_owned(),
            signer_name: input.signer_name.clone(),
            signer_title: input.signer_title.clone(),
            signed_at_us: self.signed_at.us(),
            recorded_at_us: self.now.us(),
            digest: input.digest.clone(),
            evidence: serde_json::to_string(&evidence).map_err(|error| StoreError::Corrupt(error.to_string()))?,
            lapsed: 0,
            seq: i64::try_from(handover.signatures.len()).unwrap_or(i64::MAX).saturating_add(1),
        })
    }

    fn complete(
        &self,
        db: &mut Db<'_>,
        handover: &mut WholeHandover,
        moment: Ts,
        set: &mut WriteSet,
    ) -> Result<(), StoreError> {
        let ids: Vec<String> = handover.lines.iter().map(|line| line.leg_id.clone()).collect();
        let mut work = LegsInWork::new(self.app, self.now);
        let rows = read::legs::by_ids(db, &ids)?;
        work.take(db, rows)?;
        let (mut taken, mut filed) = (0, false);
        for line in &mut handover.lines {
            line.open_leg_id = None;
            let outcome = line.outcome.as_deref().and_then(LineOutcome::parse).unwrap_or(LineOutcome::Missing);
            taken += usize::from(outcome == LineOutcome::Taken);
            if let Some(leg) = work.get(&line.leg_id)
                && let Some(event) = self.event(&handover.row, line, leg.row(), outcome, moment)
            {
                // Only the agency's taking of an intake leg files it (QĐ 45 Đ7 k4).
                filed |= event.kind == EventKind::Confirmed;
                leg.append(event, Detail::default());
            }
            if let Some(kind) = outcome.discrepancy() {
                let subject = format!("{kind}:{}:{}", handover.row.id, line.line_no);
                work.findings.find(found(&handover.row, kind, subject, Some(line.leg_id.clone())));
            }
        }
        let extras: Vec<Extra> = serde_json::from_str(&handover.row.extras).unwrap_or_default();
        for place in 0..extras.len() {
            let subject = format!("{}:{}:{place}", Kind::HandoverExtra, handover.row.id);
            work.findings.find(found(&handover.row, Kind::HandoverExtra, subject, None));
        }
        handover.row.status = "COMPLETED".to_owned();
        handover.row.completed_at_us = Some(self.now.us());
        handover.row.filed_at_us = filed.then_some(moment.us());
        work.finish(db, set)?;
        let lines = handover.lines.len();
        set.feed.push(notices::handover_completed(&self.app.ids, &handover.row, lines, taken, self.now));
        Ok(())
    }

    /// The event that both signatures make of a line. A correction writes only what goes back.
    fn event(
        &self,
        handover: &HandoverRow,
        line: &HandoverLineRow,
        leg: &LegRow,
        outcome: LineOutcome,
        moment: Ts,
    ) -> Option<Event> {
        let (kind, corrects) = match (&line.annuls_event_id, outcome) {
            (None, LineOutcome::Taken) => {
                let (giver, receiver) = (Side::parse(&handover.giver)?, Side::parse(&handover.receiver)?);
                (event_of_signing(LegKind::parse(&leg.kind)?, giver, receiver)?, None)
            }
            (Some(annulled), outcome) if outcome != LineOutcome::Taken => {
                (EventKind::Corrected, Some(EventId::from_text(annulled.as_str())))
            }
            _ => return None,
        };
        let source = Source::of(self.caller.counterpart.as_str(), self.caller.side);
        let leg_id = LegId::from_text(leg.id.as_str());
        let mut event = Event::new(EventId::make(&self.app.ids), leg_id, kind, moment, self.now, source);
        event.handover_id = Some(HandoverId::from_text(handover.id.as_str()));
        event.originals = line.originals;
        event.copies = line.copies;
        event.corrects = corrects;
        Some(event)
    }
}

fn found(handover: &HandoverRow, kind: Kind, subject_key: String, leg_id: Option<String>) -> Found {
    Found {
        kind,
        subject_key,
        leg_id,
        handover_id: Some(handover.id.clone()),
        agency_code: Some(handover.agency_code.clone()),
        reporter: None,
        evidence: Vec::new(),
    }
}
