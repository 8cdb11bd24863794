//! What a use case decided, as a value, and how it is committed: everything or nothing, in one fixed order.
//!
//! Rows that replace others carry the version that was read; a set that loses a version check or a unique key is decided again
//! (`StoreError::Conflict`). Nothing else opens a write transaction on these tables.

use diesel::prelude::*;

use crate::on;
use crate::store::books::{self, BookTaken, ReconciliationRow};
use crate::store::clocks::{self, ClockWrites};
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::intake::{self, ConsignmentNoteRow, ManifestChange, NoteNumber, PostagePaid};
use crate::store::originals::OriginalWrites;
use crate::store::people_rows::{AuditRow, DeviceActRow, EvidenceFileRow};
use crate::store::round_rows::{
    AssignmentEnd, AssignmentRow, DeviceDismissalRow, DeviceFileRow, RecoveredPaperRow, ScanRow, ScanSessionClose,
    ScanSessionRow,
};
use crate::store::rows::*;
use crate::store::settling::Settling;
use crate::store::{arrays, replace, rounds, schema, tallies};

/// The cache of a leg's fold, replaced where `events` is still the number that was read.
#[derive(Debug, Clone, PartialEq, Eq, AsChangeset)]
#[diesel(table_name = schema::leg, treat_none_as_null = true)]
#[allow(missing_docs)]
pub struct LegState {
    pub dossier_no: Option<String>,
    pub item_number: Option<String>,
    pub item_grade: Option<String>,
    pub state: String,
    pub state_since_us: i64,
    pub holder: String,
    pub holder_since_us: i64,
    pub is_open: i64,
    pub open_dossier_key: Option<String>,
    pub open_note_key: Option<String>,
    pub accepted_by_post_at_us: Option<i64>,
    pub filed_at_us: Option<i64>,
    pub case_received_at_us: Option<i64>,
    pub attempts: i64,
    pub events: i64,
    pub head: String,
}

/// A leg to replace.
#[derive(Debug, Clone)]
pub struct LegChange {
    /// Which.
    pub id: String,
    /// The number of events that was read.
    pub events_read: i64,
    /// What it becomes.
    pub state: LegState,
    /// A number of it became known, by which facts may find it.
    pub binds: bool,
}

/// A handover to replace.
#[derive(Debug, Clone)]
pub struct HandoverChange {
    /// The version that was read.
    pub version_read: i64,
    /// What it becomes; `version` is one more.
    pub row: HandoverRow,
    /// Lines to replace.
    pub lines: Vec<HandoverLineRow>,
    /// Signatures made so far lapse.
    pub lapse_signatures: bool,
    /// Signatures to add.
    pub signatures: Vec<HandoverSignatureRow>,
}

/// A discrepancy to touch or resolve, where its state is still the one that was read.
#[derive(Debug, Clone)]
pub struct DiscrepancyChange {
    /// The state that was read.
    pub state_read: String,
    /// What it becomes.
    pub row: DiscrepancyRow,
}

/// The end of a claimed message, guarded by owner and fence.
#[derive(Debug, Clone)]
pub struct OutboxSettle {
    /// Which.
    pub id: String,
    /// Who claimed it.
    pub owner: String,
    /// The fence of that claim.
    pub fence: i64,
    /// New state.
    pub state: String,
    /// When it is due again.
    pub due_at_us: i64,
    /// The next attempt asks before it repeats.
    pub ask_first: i64,
    /// Attempts made.
    pub attempts: i64,
    /// What came of it.
    pub last_outcome: Option<String>,
    /// Why, without personal data.
    pub last_error: Option<String>,
    /// When it was parked.
    pub parked_at_us: Option<i64>,
}

/// A parked message that a person mends or replays.
#[derive(Debug, Clone)]
pub struct OutboxRevive {
    /// Which; it must be parked.
    pub id: String,
    /// The body to send from now on.
    pub body: String,
    /// When it is due.
    pub due_at_us: i64,
}

/// A fact that found its leg later.
#[derive(Debug, Clone)]
pub struct FactMatched {
    /// Who reported it.
    pub counterpart: String,
    /// Its id there.
    pub fact_id: String,
    /// Which variant.
    pub variant: i64,
}

/// The stored reply of a decided request.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Who asked.
    pub counterpart: String,
    /// Which route.
    pub route: String,
    /// With which key.
    pub idem_key: String,
    /// Our claim on it.
    pub claim: String,
    /// Status.
    pub status: i64,
    /// Media type.
    pub media_type: String,
    /// Location header.
    pub location: Option<String>,
    /// Body, byte for byte.
    pub reply: String,
}

/// The end of an inbox row.
#[derive(Debug, Clone)]
pub struct InboxDone {
    /// Which; it must be new.
    pub id: String,
    /// `DONE` or `QUARANTINED`.
    pub state: String,
    /// When.
    pub done_at_us: i64,
    /// Why it was put aside.
    pub error: Option<String>,
}

/// Everything that one use case decided.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct WriteSet {
    pub manifests: Vec<ManifestRow>,
    pub manifest_changes: Vec<ManifestChange>,
    pub note_numbers: Vec<NoteNumber>,
    pub notes: Vec<ConsignmentNoteRow>,
    pub postage_paid: Vec<PostagePaid>,
    pub legs: Vec<LegRow>,
    pub leg_changes: Vec<LegChange>,
    pub parties: Vec<PartyRow>,
    pub events: Vec<CustodyEventRow>,
    pub details: Vec<EventDetailRow>,
    pub facts: Vec<FactRow>,
    pub facts_matched: Vec<FactMatched>,
    pub handovers: Vec<(HandoverRow, Vec<HandoverLineRow>)>,
    pub handover_changes: Vec<HandoverChange>,
    pub discrepancies: Vec<DiscrepancyRow>,
    pub discrepancy_changes: Vec<DiscrepancyChange>,
    pub feed: Vec<FeedEventRow>,
    pub outbox: Vec<OutboxRow>,
    pub outbox_settles: Vec<OutboxSettle>,
    pub outbox_revives: Vec<OutboxRevive>,
    pub outbox_log: Vec<OutboxLogRow>,
    pub webhooks_gone: Vec<String>,
    pub inbox: Vec<InboxRow>,
    pub inbox_done: Vec<InboxDone>,
    pub cursors: Vec<FeedCursorRow>,
    pub reply: Option<Reply>,
    pub looks: Vec<PersonalLookRow>,
    pub acts: Vec<AuditRow>,
    pub device_acts: Vec<DeviceActRow>,
    pub files: Vec<EvidenceFileRow>,
    pub settling: Settling,
    pub device_files: Vec<DeviceFileRow>,
    pub dismissals: Vec<DeviceDismissalRow>,
    pub scan_sessions: Vec<ScanSessionRow>,
    pub scan_closes: Vec<ScanSessionClose>,
    pub scans: Vec<ScanRow>,
    pub assignment_ends: Vec<AssignmentEnd>,
    pub assignments: Vec<AssignmentRow>,
    pub recovered: Vec<RecoveredPaperRow>,
    pub books: Vec<BookTaken>,
    pub reconciliations: Vec<ReconciliationRow>,
    pub clocks: ClockWrites,
    pub originals: OriginalWrites,
}

/// SQLite is fastest with one prepared statement for each row, PostgreSQL with one for all.
macro_rules! insert_all {
    ($db:expr, $table:ident, $rows:expr) => {
        let rows: Vec<_> = $rows;
        match $db {
            Db::Pg(c) => {
                arrays::insert(c, &rows)?;
            }
            Db::Sqlite(c) => {
                for row in rows {
                    diesel::insert_into(schema::$table::table).values(row).execute(*c)?;
                }
            }
        }
    };
}

/// A row that was read must still be as it was read.
pub(super) fn must_hit(rows: usize, what: &str) -> Result<(), StoreError> {
    must_hit_all(rows, 1, what)
}

fn must_hit_all(rows: usize, all: usize, what: &str) -> Result<(), StoreError> {
    if rows == all { Ok(()) } else { Err(StoreError::Conflict(what.to_owned())) }
}

impl WriteSet {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        let WriteSet {
            manifests,
            manifest_changes,
            note_numbers,
            notes,
            postage_paid,
            legs,
            leg_changes,
            parties,
            events,
            details,
            facts,
            facts_matched,
            handovers,
            handover_changes,
            discrepancies,
            discrepancy_changes,
            feed,
            outbox,
            outbox_settles,
            outbox_revives,
            outbox_log,
            webhooks_gone,
            inbox,
            inbox_done,
            cursors,
            reply,
            looks,
            acts,
            device_acts,
            files,
            settling,
            device_files,
            dismissals,
            scan_sessions,
            scan_closes,
            scans,
            assignment_ends,
            assignments,
            recovered,
            books,
            reconciliations,
            clocks,
            originals,
        } = self;
        manifests.is_empty()
            && manifest_changes.is_empty()
            && note_numbers.is_empty()
            && notes.is_empty()
            && postage_paid.is_empty()
            && legs.is_empty()
            && leg_changes.is_empty()
            && parties.is_empty()
            && events.is_empty()
            && details.is_empty()
            && facts.is_empty()
            && facts_matched.is_empty()
            && handovers.is_empty()
            && handover_changes.is_empty()
            && discrepancies.is_empty()
            && discrepancy_changes.is_empty()
            && feed.is_empty()
            && outbox.is_empty()
            && outbox_settles.is_empty()
            && outbox_revives.is_empty()
            && outbox_log.is_empty()
            && webhooks_gone.is_empty()
            && inbox.is_empty()
            && inbox_done.is_empty()
            && cursors.is_empty()
            && reply.is_none()
            && looks.is_empty()
            && acts.is_empty()
            && device_acts.is_empty()
            && files.is_empty()
            && settling.is_empty()
            && device_files.is_empty()
            && dismissals.is_empty()
            && scan_sessions.is_empty()
            && scan_closes.is_empty()
            && scans.is_empty()
            && assignment_ends.is_empty()
            && assignments.is_empty()
            && recovered.is_empty()
            && books.is_empty()
            && reconciliations.is_empty()
            && clocks.is_empty()
            && originals.is_empty()
    }

    /// How many rows it writes or replaces, to tell small sets from great ones.
    pub fn rows(&self) -> usize {
        [
            self.manifests.len(),
            self.legs.len(),
            self.leg_changes.len(),
            self.events.len(),
            self.facts.len(),
            self.feed.len(),
            self.outbox.len(),
            self.outbox_settles.len(),
            self.inbox.len(),
            self.books.iter().map(|book| book.entries.len()).sum(),
            self.clocks.rows.len(),
            self.originals.lent.len(),
        ]
        .iter()
        .sum()
    }

    /// Writes the set inside the transaction that is open.
    pub fn apply(&self, db: &mut Db<'_>) -> Result<(), StoreError> {
        apply_all(db, &[self])
    }
}

/// Writes sets that were decided apart inside the transaction that is open, all or none, rows of one table together. Version
/// checks come first, so that a lost race costs little: two sets that replace the same row are such a race.
pub fn apply_all(db: &mut Db<'_>, sets: &[&WriteSet]) -> Result<(), StoreError> {
    macro_rules! all {
        ($field:ident) => {
            sets.iter().flat_map(|set| &set.$field).collect::<Vec<_>>()
        };
    }
    apply_legs(db, &all!(leg_changes))?;
    for change in all!(handover_changes) {
        apply_handover(db, change)?;
    }
    apply_settles(db, &all!(outbox_settles))?;
    for revive in all!(outbox_revives) {
        apply_revive(db, revive)?;
    }
    for hook in all!(webhooks_gone) {
        on!(db, |c| diesel::update(schema::webhook::table.filter(schema::webhook::id.eq(hook)))
            .set(schema::webhook::state.eq("DISABLED"))
            .execute(c))?;
    }
    for done in all!(inbox_done) {
        apply_inbox_done(db, done)?;
    }
    intake::apply(db, &all!(note_numbers), &all!(manifest_changes), &all!(postage_paid))?;
    insert_all!(db, manifest, all!(manifests));
    insert_all!(db, leg, all!(legs));
    insert_all!(db, consignment_note, all!(notes));
    insert_all!(db, party, all!(parties));
    insert_all!(db, custody_event, all!(events));
    insert_all!(db, event_detail, all!(details));
    insert_all!(db, fact, all!(facts));
    for matched in all!(facts_matched) {
        apply_fact_matched(db, matched)?;
    }
    for (row, lines) in all!(handovers) {
        on!(db, |c| diesel::insert_into(schema::handover::table).values(row).execute(c))?;
        insert_all!(db, handover_line, lines.iter().collect());
    }
    for change in all!(discrepancy_changes) {
        apply_discrepancy(db, change)?;
    }
    insert_all!(db, discrepancy, all!(discrepancies));
    insert_all!(db, feed_event, all!(feed));
    insert_all!(db, outbox, all!(outbox));
    insert_all!(db, outbox_log, all!(outbox_log));
    insert_all!(db, inbox, all!(inbox));
    for cursor in all!(cursors) {
        apply_cursor(db, cursor)?;
    }
    for reply in all!(reply) {
        apply_reply(db, reply)?;
    }
    insert_all!(db, personal_look, all!(looks));
    insert_all!(db, audit, all!(acts));
    insert_all!(db, device_act, all!(device_acts));
    for file in all!(files) {
        on!(db, |c| diesel::insert_into(schema::evidence_file::table)
            .values(file)
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    all!(books).into_iter().try_for_each(|book| books::apply(db, book))?;
    insert_all!(db, reconciliation, all!(reconciliations));
    sets.iter().try_for_each(|set| set.settling.apply(db))?;
    sets.iter().try_for_each(|set| set.originals.apply(db))?;
    rounds::apply(db, sets)?;
    tallies::mark_due(db, sets)?;
    clocks::apply(db, sets)
}

fn apply_legs(db: &mut Db<'_>, changes: &[&LegChange]) -> Result<(), StoreError> {
    match db {
        Db::Pg(c) => must_hit_all(replace::legs(c, changes)?, changes.len(), "leg"),
        Db::Sqlite(c) => changes.iter().try_for_each(|change| apply_leg(c, change)),
    }
}

fn apply_leg(c: &mut SqliteConnection, change: &LegChange) -> Result<(), StoreError> {
    use schema::leg::dsl as t;
    let read = t::leg.filter(t::id.eq(&change.id)).filter(t::events.eq(change.events_read));
    let rows = diesel::update(read).set(&change.state).execute(c)?;
    must_hit(rows, "leg")
}

fn apply_handover(db: &mut Db<'_>, change: &HandoverChange) -> Result<(), StoreError> {
    use schema::handover::dsl as t;
    use schema::handover_line::dsl as l;
    use schema::handover_signature::dsl as s;
    let row = &change.row;
    let rows =
        on!(db, |c| diesel::update(t::handover.filter(t::id.eq(&row.id)).filter(t::version.eq(change.version_read)))
            .set((
                t::status.eq(&row.status),
                t::digest.eq(&row.digest),
                t::extras.eq(&row.extras),
                t::completed_at_us.eq(row.completed_at_us),
                t::filed_at_us.eq(row.filed_at_us),
                t::reason.eq(&row.reason),
                t::version.eq(row.version),
            ))
            .execute(c))?;
    must_hit(rows, "handover")?;
    for line in &change.lines {
        let rows = on!(db, |c| diesel::update(
            l::handover_line.filter(l::handover_id.eq(&line.handover_id)).filter(l::line_no.eq(line.line_no))
        )
        .set((
            l::outcome.eq(&line.outcome),
            l::originals.eq(line.originals),
            l::copies.eq(line.copies),
            l::note.eq(&line.note),
            l::open_leg_id.eq(&line.open_leg_id),
        ))
        .execute(c))?;
        must_hit(rows, "handover line")?;
    }
    if change.lapse_signatures {
        on!(db, |c| diesel::update(s::handover_signature.filter(s::handover_id.eq(&row.id)))
            .set(s::lapsed.eq(1))
            .execute(c))?;
    }
    insert_all!(db, handover_signature, change.signatures.iter().collect());
    Ok(())
}

fn apply_settles(db: &mut Db<'_>, settles: &[&OutboxSettle]) -> Result<(), StoreError> {
    match db {
        Db::Pg(c) => must_hit_all(replace::claims(c, settles)?, settles.len(), "lease"),
        Db::Sqlite(c) => settles.iter().try_for_each(|settle| apply_settle(c, settle)),
    }
}

fn apply_settle(c: &mut SqliteConnection, settle: &OutboxSettle) -> Result<(), StoreError> {
    use schema::outbox::dsl as t;
    let rows = diesel::update(
        t::outbox
            .filter(t::id.eq(&settle.id))
            .filter(t::lease_owner.eq(&settle.owner))
            .filter(t::fence.eq(settle.fence))
            .filter(t::state.eq("CLAIMED")),
    )
    .set((
        t::state.eq(&settle.state),
        t::due_at_us.eq(settle.due_at_us),
        t::ask_first.eq(settle.ask_first),
        t::attempts.eq(settle.attempts),
        t::lease_owner.eq(None::<String>),
        t::lease_until_us.eq(None::<i64>),
        t::last_outcome.eq(&settle.last_outcome),
        t::last_error.eq(&settle.last_error),
        t::parked_at_us.eq(settle.parked_at_us),
    ))
    .execute(c)?;
    must_hit(rows, "lease")
}

fn apply_revive(db: &mut Db<'_>, revive: &OutboxRevive) -> Result<(), StoreError> {
    use schema::outbox::dsl as t;
    let rows = on!(db, |c| diesel::update(t::outbox.filter(t::id.eq(&revive.id)).filter(t::state.eq("PARKED")))
        .set((
            t::state.eq("DUE"),
            t::body.eq(&revive.body),
            t::due_at_us.eq(revive.due_at_us),
            t::attempts.eq(0),
            t::ask_first.eq(1),
            t::first_sent_at_us.eq(None::<i64>),
            t::parked_at_us.eq(None::<i64>),
        ))
        .execute(c))?;
    must_hit(rows, "parked message")
}

fn apply_inbox_done(db: &mut Db<'_>, done: &InboxDone) -> Result<(), StoreError> {
    use schema::inbox::dsl as t;
    let rows = on!(db, |c| diesel::update(t::inbox.filter(t::id.eq(&done.id)).filter(t::state.eq("NEW")))
        .set((t::state.eq(&done.state), t::done_at_us.eq(done.done_at_us), t::error.eq(&done.error)))
        .execute(c))?;
    must_hit(rows, "inbox row")
}

fn apply_fact_matched(db: &mut Db<'_>, matched: &FactMatched) -> Result<(), StoreError> {
    use schema::fact::dsl as t;
    let rows = on!(db, |c| diesel::update(
        t::fact
            .filter(t::counterpart.eq(&matched.counterpart))
            .filter(t::fact_id.eq(&matched.fact_id))
            .filter(t::variant.eq(matched.variant))
            .filter(t::matched.eq(0))
    )
    .set(t::matched.eq(1))
    .execute(c))?;
    must_hit(rows, "fact")
}

fn apply_discrepancy(db: &mut Db<'_>, change: &DiscrepancyChange) -> Result<(), StoreError> {
    use schema::discrepancy::dsl as t;
    let row = &change.row;
    let rows =
        on!(db, |c| diesel::update(t::discrepancy.filter(t::id.eq(&row.id)).filter(t::state.eq(&change.state_read)))
            .set((
                t::state.eq(&row.state),
                t::last_seen_at_us.eq(row.last_seen_at_us),
                t::evidence.eq(&row.evidence),
                t::resolution_outcome.eq(&row.resolution_outcome),
                t::resolution_reason.eq(&row.resolution_reason),
                t::resolution_by.eq(&row.resolution_by),
                t::resolution_at_us.eq(row.resolution_at_us),
            ))
            .execute(c))?;
    must_hit(rows, "discrepancy")
}

fn apply_cursor(db: &mut Db<'_>, cursor: &FeedCursorRow) -> Result<(), StoreError> {
    use schema::feed_cursor::dsl as t;
    on!(db, |c| diesel::insert_into(t::feed_cursor)
        .values(cursor)
        .on_conflict((t::counterpart, t::feed))
        .do_update()
        .set((t::value.eq(&cursor.value), t::updated_at_us.eq(cursor.updated_at_us)))
        .execute(c))?;
    Ok(())
}

fn apply_reply(db: &mut Db<'_>, reply: &Reply) -> Result<(), StoreError> {
    use schema::idempotency::dsl as t;
    let rows = on!(db, |c| diesel::update(
        t::idempotency
            .filter(t::counterpart.eq(&reply.counterpart))
            .filter(t::route.eq(&reply.route))
            .filter(t::idem_key.eq(&reply.idem_key))
            .filter(t::claim.eq(&reply.claim))
            .filter(t::status.is_null())
    )
    .set((
        t::status.eq(reply.status),
        t::media_type.eq(&reply.media_type),
        t::location.eq(&reply.location),
        t::reply.eq(&reply.reply),
    ))
    .execute(c))?;
    must_hit(rows, "idempotency claim")
}
