//! The sections of the settings, typed. What each key means stands in `default.toml`.

use super::layers::Leaf;
use super::read::{FromLeaf, by_serde, section};
use crate::base::secret::Redacted;
use crate::domain::clocks::{AfterCutOff, ApologyDay, DayEnds, Settings};
use chrono::NaiveTime;
use serde::Deserialize;
use std::net::SocketAddr;

section! {
    /// Sizes of the store; which database it is stands in `Settings::database`.
    Store {
        /// Connections: all of them on PostgreSQL, the readers on SQLite.
        pool_size: u32,
        /// Folder of evidence files; empty is decided by `Settings::evidence_folder`.
        evidence_dir: String,
        /// Write sets in one transaction of the writer.
        group_commit_max: usize,
        /// Write sets waiting for the writer.
        queue_max: usize,
    }
}

section! {
    /// Who listens, and for how long.
    Http {
        /// Address and port.
        listen: SocketAddr,
        /// Threads; 0 is one for each processor.
        workers: usize,
        /// In which a body must arrive whole.
        body_timeout_ms: u32,
        /// How long an idle connection stays open.
        keep_alive_s: u32,
        /// What calls in progress get at SIGTERM.
        shutdown_timeout_s: u32,
    }
}

section! {
    /// The pages for people.
    Pages {
        /// How people reach the pages from outside, for links on papers; empty when it is not known.
        public_url: String,
        /// The province, as it stands on pages and papers.
        province_name: String,
        /// Folder of an office's own templates of papers; empty: the program's own.
        templates_dir: String,
        /// How long a session lasts.
        session_minutes: u32,
        /// How long it lasts without use.
        session_idle_minutes: u32,
        /// A reverse proxy says where calls come from.
        behind_proxy: bool,
        /// Words on the button of the provider of accounts.
        provider_name: String,
        /// The provider as it names itself; empty when there is none.
        provider_issuer: String,
        /// Who we are there.
        provider_client_id: String,
        /// What proves it; none where PKCE alone does.
        provider_client_secret: Option<Redacted<String>>,
        /// What is asked for.
        provider_scopes: Vec<String>,
        /// Days after which papers that a citizen is to give are on the work list.
        held_days_citizen: u32,
        /// The same of papers with the post.
        held_days_post: u32,
        /// The same of papers with an agency.
        held_days_agency: u32,
    }
}

section! {
    /// Published limits (contract 1).
    Limits {
        /// Bytes of a body.
        body_bytes_max: usize,
        /// Lines of a manifest.
        manifest_lines_max: usize,
        /// Facts of a call.
        facts_max: usize,
        /// Lines of a handover.
        handover_lines_max: usize,
        /// Requests per second of one key.
        requests_per_second: u32,
        /// Requests that a key may save up.
        burst: u32,
    }
}

section! {
    /// How messages leave.
    Outbox {
        /// How long a claimed message is ours.
        lease_ms: u32,
        /// Messages of one claim.
        batch_max: usize,
        /// Messages on their way at once.
        in_flight_max: usize,
        /// Between looks when nothing nudges.
        poll_ms: u32,
        /// Before each further attempt at an order or a report; the last one repeats.
        order_retry_s: Vec<u32>,
        /// Attempts at an order in all.
        order_attempts_max: u32,
        /// After which an order is parked in any case.
        order_life_s: u32,
        /// Before each further attempt at a webhook; the last one repeats.
        webhook_retry_s: Vec<u32>,
        /// Attempts at a webhook in all.
        webhook_attempts_max: u32,
        /// After which a webhook is parked in any case.
        webhook_life_s: u32,
        /// By how much each delay may grow.
        jitter_percent: u32,
        /// The longest Retry-After that is honoured.
        retry_after_max_s: u32,
    }
}

section! {
    /// Calls to subscribers of webhooks.
    Webhook {
        /// To connect.
        connect_timeout_ms: u32,
        /// For the whole call.
        timeout_ms: u32,
        /// Whether private networks may be called.
        allow_private_addresses: bool,
    }
}

section! {
    /// How stored messages of counterparts are decided.
    Inbox {
        /// How long a claimed row is ours.
        lease_ms: u32,
        /// Rows of one claim.
        batch_max: usize,
        /// Between looks when nothing nudges.
        poll_ms: u32,
    }
}

section! {
    /// How the posts' feeds are read.
    Poller {
        /// Between two readings.
        interval_ms: u32,
        /// How long a reading is ours.
        lease_ms: u32,
    }
}

section! {
    /// How the feed gets its numbers.
    Publisher {
        /// Between two steps.
        interval_ms: u32,
        /// Events of one step.
        batch_max: usize,
    }
}

section! {
    /// How the books are compared.
    Reconciler {
        /// Between two looks for what a day has left.
        interval_ms: u32,
        /// Whether a day's books are asked for and compared without being told to.
        daily: bool,
        /// Hour of the day in Vietnam from which a day's books are asked for and compared.
        hour: u32,
        /// Days that are compared each day.
        days: u32,
        /// Hours by which a book may lag behind the ledger.
        lag_h: u32,
        /// Days within which a number pairs an entry and a leg.
        pair_days: u32,
        /// Days for which the post may hold an item.
        held_days: u32,
    }
}

section! {
    /// How legs that changed are rolled up for reports.
    Tallies {
        /// Between two looks.
        interval_ms: u32,
        /// How long rolling up is ours.
        lease_ms: u32,
        /// Legs of one round.
        legs_max: usize,
    }
}

section! {
    /// What is told before anybody asks.
    Alerts {
        /// Between two looks.
        interval_ms: u32,
        /// How long looking is ours.
        lease_ms: u32,
        /// Per cent of a counterpart's usual longest gap.
        silence_percent: u32,
        /// No shorter silence is told, in working minutes.
        silence_floor_minutes: u32,
        /// Per cent of a counterpart's usual rate.
        rate_percent: u32,
        /// No smaller count in a quarter of an hour is told.
        rate_floor: u32,
        /// How long a message may wait.
        message_minutes: u32,
        /// How long a report may wait.
        report_minutes: u32,
        /// How long a fact may fit no leg.
        unmatched_days: u32,
        /// Legs held too long at one place.
        held_legs: u32,
        /// Readings of a feed that may fail.
        feed_intervals: u32,
        /// How long books may not be compared.
        comparison_hours: u32,
        /// Days before the end of the calendar.
        calendar_days: u32,
        /// How long clocks and roll-ups may be behind.
        derived_minutes: u32,
    }
}

section! {
    /// How legal clocks are derived.
    Deadlines {
        /// Between two looks at what is due.
        interval_ms: u32,
    }
}

section! {
    /// How long answers are kept for their Idempotency-Key (contract 3).
    Idempotency {
        /// Days of an answer.
        keep_days: u32,
        /// After which a request that never ended frees its key.
        lease_s: u32,
    }
}

section! {
    /// What this process does.
    Roles {
        /// Answers machines.
        api: bool,
        /// Sends the outbox.
        dispatcher: bool,
        /// Decides the inbox.
        inbox: bool,
        /// Reads the posts' feeds.
        poller: bool,
        /// Numbers the feed.
        publisher: bool,
        /// Derives legal clocks.
        deadlines: bool,
        /// Compares the books.
        reconciler: bool,
        /// Rolls up for reports.
        tallies: bool,
        /// Makes the reports of schedules and queues them for their receivers.
        distribution: bool,
        /// Looks for what stands still.
        alerts: bool,
    }
}

section! {
    /// What the law leaves open about its clocks: each key is one of `domain::clocks::DOUBTS`.
    Clocks {
        /// A first attempt that failed ends the transit of a result.
        first_attempt_ends_transit: bool,
        /// A receiver who is not there suspends it.
        absence_suspends_transit: bool,
        /// The 15:00 rule holds for the post too.
        post_counts_as_desk: bool,
        /// When papers that came after 15:00 have to be gone.
        after_cut_off: AfterCutOff,
        /// When the last working day of a term is over.
        day_ends: DayEnds,
        /// A term in plain days does not end on a day off.
        plain_days_roll_over: bool,
        /// Two more working days pass after the second invitation.
        wait_after_second_invitation: bool,
        /// The day before an appointment on which an apology is due.
        apology_day: ApologyDay,
        /// The time of that day.
        apology_time: NaiveTime,
        /// Working days in which a fee is paid over; none where no agreement says.
        fee_remittance_days: Option<u32>,
    }
}

impl Clocks {
    /// As the rules read them.
    pub fn settings(&self) -> Settings {
        Settings {
            first_attempt_ends_transit: self.first_attempt_ends_transit,
            absence_suspends_transit: self.absence_suspends_transit,
            post_counts_as_desk: self.post_counts_as_desk,
            after_cut_off: self.after_cut_off,
            day_ends: self.day_ends,
            plain_days_roll_over: self.plain_days_roll_over,
            wait_after_second_invitation: self.wait_after_second_invitation,
            apology_day: self.apology_day,
            apology_time: self.apology_time,
            fee_remittance_days: self.fee_remittance_days,
        }
    }
}

section! {
    /// What stands in the head of reports, and what they hold figures against.
    Reports {
        /// The body above the one that issues them.
        superior: Option<String>,
        /// Who issues them.
        issuer: String,
        /// The place before the date.
        place: String,
        /// The province's ceiling of late shares, in hundredths of a percent.
        late_basis_points: u32,
        /// The line of sanctions, in hundredths of a percent.
        sanction_basis_points: u32,
        /// Days of a compliance sample.
        sample_days: usize,
        /// Lines of a list in a report.
        lines_max: u32,
    }
}

section! {
    /// How reports leave by themselves.
    Distribution {
        /// Between two looks at what is due.
        interval_ms: u32,
        /// Missed periods of one schedule that are caught up by themselves.
        catch_up_max: usize,
    }
}

section! {
    /// What is logged, and how.
    Log {
        /// For people or for collectors.
        format: LogFormat,
        /// Level or directives.
        filter: String,
    }
}

section! {
    /// Crash tests.
    FaultPoint {
        /// The fault point that kills the process.
        armed: Option<String>,
    }
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// A line for people.
    Text,
    /// One JSON object per line.
    Json,
}

by_serde!(LogFormat);
