//! What the command line takes.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Giao Nhận: who held the paper, since when, and on whose signature.
#[derive(Parser)]
#[command(name = "giaonhan", version, about, long_about = None, arg_required_else_help = true)]
pub struct Cli {
    /// One JSON object per line on stdout, and nothing else.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(flatten)]
    pub store: StoreArgs,
    #[command(subcommand)]
    pub command: Command,
}

/// Which store and configuration.
#[derive(Args, Clone, Default)]
pub struct StoreArgs {
    /// Folder of the SQLite store; it must exist.
    #[arg(long, global = true, value_name = "DIR", conflicts_with = "database_url")]
    pub data: Option<PathBuf>,
    /// PostgreSQL, as postgres://user@host/database.
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// Configuration file.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Run the server.
    Serve {
        /// Address and port; port 0 takes a free one.
        #[arg(long, value_name = "ADDRESS:PORT")]
        listen: Option<SocketAddr>,
    },
    /// API keys of counterparts.
    Key {
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// Webhook subscriptions.
    Webhook {
        #[command(subcommand)]
        command: WebhookCommand,
    },
    /// Accounts of people.
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Post offices, agencies and procedures that pages name.
    Directory {
        #[command(subcommand)]
        command: DirectoryCommand,
    },
    /// The working calendar that deadlines are counted with.
    Calendar {
        #[command(subcommand)]
        command: CalendarCommand,
    },
    /// The legal clocks.
    Clocks {
        #[command(subcommand)]
        command: ClocksCommand,
    },
    /// Books of the other sides: what the post and the one-stop software say of a window of days.
    Book {
        #[command(subcommand)]
        command: BookCommand,
    },
    /// Compare a window of a book with the ledger: differences are opened, those that are over heal.
    Reconcile(ReconcileArgs),
    /// Reports for oversight.
    Report {
        #[command(subcommand)]
        command: ReportCommand,
    },
    /// What the case system alone knows: supplements, appointments, apologies, complaints.
    CaseMarks {
        #[command(subcommand)]
        command: CaseMarksCommand,
    },
    /// Postal zones, by which lanes of results are told.
    Zones {
        #[command(subcommand)]
        command: ZonesCommand,
    },
    /// Re-derive everything from the ledger and compare.
    Verify,
    /// Fees that the post has not paid over: by leg, and by place with their age.
    Money {
        /// A date or an instant; now when none is given.
        #[arg(long)]
        as_of: Option<String>,
    },
    /// What stands still or runs away: open alerts, the grave ones first.
    Alerts {
        /// Those that are over too, newest first.
        #[arg(long)]
        all: bool,
        /// Exit code 1 when a grave one is open.
        #[arg(long)]
        check: bool,
    },
    /// Originals lent for comparison, and where each stands; those of the oldest intakes first.
    Originals {
        /// Of this agency alone.
        #[arg(long)]
        agency: Option<String>,
        /// Those alone that still have to go back.
        #[arg(long)]
        open: bool,
    },
    /// The roll-ups that reports are made from.
    Tallies {
        #[command(subcommand)]
        command: TalliesCommand,
    },
    /// Manifests in files.
    Manifest {
        #[command(subcommand)]
        command: ManifestCommand,
    },
    /// Messages to counterparts.
    Outbox {
        #[command(subcommand)]
        command: OutboxCommand,
    },
    /// Simulators of the two counterparts.
    Sim {
        #[command(subcommand)]
        command: SimCommand,
    },
    /// Play one working day of a province against the simulators, and hold the books against each other.
    Demo {
        /// End after the day instead of staying up.
        #[arg(long)]
        once: bool,
        /// Repeats a day exactly.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Dossiers of the day; Khánh Hòa had about 550 in 2017.
        #[arg(long, default_value_t = 550)]
        dossiers: usize,
    },
    /// Bring the schema up to date.
    Migrate,
    /// The configuration.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
}

/// Keys.
#[derive(Subcommand)]
pub enum KeyCommand {
    /// Make a key; it is shown once.
    Create {
        #[arg(long)]
        counterpart: String,
        /// agency, post or oversight.
        #[arg(long)]
        side: String,
        /// Agency code, or `*`; may be given several times.
        #[arg(long, required = true, num_args = 1.., value_delimiter = ',')]
        agency: Vec<String>,
        /// read, write, ops.
        #[arg(long, value_delimiter = ',', default_values_t = ["read".to_owned(), "write".to_owned()])]
        scope: Vec<String>,
    },
    /// List keys, without the secrets.
    List,
    /// Revoke a key at once.
    Revoke { id: String },
    /// Make a new key with the same rights; the old one ends after the overlap.
    Rotate {
        id: String,
        /// Such as 24h, 30m or 90s.
        #[arg(long, default_value = "24h")]
        overlap: String,
    },
}

/// Accounts.
#[derive(Subcommand)]
pub enum UserCommand {
    /// Make an account; its first password is shown once and must be changed.
    Add {
        username: String,
        /// Full name, as it stands on papers.
        #[arg(long)]
        name: String,
        /// Title, as it stands on papers.
        #[arg(long)]
        title: Option<String>,
        /// post-clerk, postman, desk-clerk, post-supervisor, agency-supervisor, oversight, administrator.
        #[arg(long)]
        role: String,
        /// Code of the post office, for roles of the post.
        #[arg(long)]
        post_office: Option<String>,
        /// Code of the agency, for roles of the desk.
        #[arg(long)]
        agency: Option<String>,
    },
    /// List accounts.
    List,
    /// Give a new first password, shown once; ends every session.
    Reset { username: String },
    /// Lock an account; it is signed out everywhere at once.
    Lock { username: String },
    /// Open a locked account.
    Open { username: String },
    /// Bind an account to a subject of the provider of accounts.
    Bind {
        username: String,
        /// Issuer, as the provider writes it.
        #[arg(long)]
        provider: String,
        /// Subject (`sub`) of the person there.
        #[arg(long)]
        subject: String,
    },
}

/// Places and procedures.
#[derive(Subcommand)]
pub enum DirectoryCommand {
    /// Load a TOML file; what is there is replaced, others stay.
    Load { file: PathBuf },
}

/// What the case system alone knows.
#[derive(Subcommand)]
pub enum CaseMarksCommand {
    /// Tell the marks of a CSV table: markId, agencyCode, dossierNo, legKind, mark, occurredAt, date, reference.
    Load {
        file: PathBuf,
        /// Whose ids the marks have.
        #[arg(long)]
        counterpart: String,
    },
}

/// Postal zones.
#[derive(Subcommand)]
pub enum ZonesCommand {
    /// Load a CSV table: place, province, zone, class. What is there is replaced, others stay.
    Load { file: PathBuf },
}

/// The working calendar.
#[derive(Subcommand)]
pub enum CalendarCommand {
    /// Load a TOML file as a version; nothing that is loaded is changed.
    Load { file: PathBuf },
    /// Read and check a file as loading would, without a store.
    Check { file: PathBuf },
    /// What is loaded: versions, and the days of a year that are not as the week says.
    Show {
        /// The year; the versions alone when none is given.
        year: Option<i32>,
        /// `*`, POST, or the code of an agency.
        #[arg(long, default_value = "*")]
        whose: String,
    },
}

/// Books of the other sides.
#[derive(Subcommand)]
pub enum BookCommand {
    /// Take a book from a file, .csv or .json (schemas/books). Lines that cannot be read are told, the others are taken.
    Load {
        /// post or one-stop.
        #[arg(long)]
        side: String,
        /// Whose book.
        #[arg(long)]
        counterpart: String,
        /// First day, YYYY-MM-DD.
        #[arg(long)]
        from: String,
        /// The day after the last.
        #[arg(long)]
        until: String,
        /// The instant for which it was written, RFC 3339; now when none is given.
        #[arg(long)]
        as_of: Option<String>,
        /// It lists only a part of these days, so that nothing it lacks is missing.
        #[arg(long)]
        partial: bool,
        /// It lists orders too that the post has not taken yet.
        #[arg(long)]
        ordered: bool,
        file: PathBuf,
    },
}

/// What is to be compared.
#[derive(clap::Args)]
pub struct ReconcileArgs {
    /// post or one-stop.
    #[arg(long)]
    pub side: String,
    /// Whose book.
    #[arg(long)]
    pub counterpart: String,
    /// First day, YYYY-MM-DD.
    #[arg(long)]
    pub from: String,
    /// The day after the last.
    #[arg(long)]
    pub until: String,
    /// Ask the counterpart for its book of these days first, as the office does once a day; the book is kept.
    #[arg(long)]
    pub ask: bool,
    /// Compare and tell, write nothing about it.
    #[arg(long)]
    pub dry_run: bool,
    /// Write how each entry and leg was paired, and what differs, to this file (CSV).
    #[arg(long)]
    pub explain: Option<PathBuf>,
}

/// The legal clocks.
#[derive(Subcommand)]
pub enum ClocksCommand {
    /// How the clocks of a leg stand now.
    Of { leg_id: String },
    /// What the law leaves open: setting, value, article, doubt.
    Doubts,
    /// Derive the stored clocks of every leg anew; may run beside a server.
    Rebuild,
}

/// The roll-ups.
#[derive(Subcommand)]
pub enum TalliesCommand {
    /// Derive them again from the ledger and compare with what is stored.
    Check,
    /// Forget them and make them anew from the ledger.
    Rebuild,
}

/// Reports.
#[derive(Subcommand)]
pub enum ReportCommand {
    /// Which reports there are.
    Definitions,
    /// Cuts that were made, newest first.
    List {
        /// Of one definition alone.
        definition: Option<String>,
    },
    /// Make a report and keep it.
    Run {
        /// Such as BCCI_ANNEX or II06A; `report definitions` lists them.
        definition: String,
        /// First day, YYYY-MM-DD.
        #[arg(long)]
        from: String,
        /// The day after the last.
        #[arg(long)]
        until: String,
        /// Of one agency.
        #[arg(long)]
        agency: Option<String>,
        /// Of one post office.
        #[arg(long)]
        post_office: Option<String>,
        /// What the days of a sample are drawn with.
        #[arg(long)]
        seed: Option<String>,
        /// Also write it: json, csv, xlsx or pdf.
        #[arg(long)]
        format: Option<String>,
        /// vi or en.
        #[arg(long, default_value = "vi", requires = "format")]
        language: String,
        /// Into this file; `-` is stdout.
        #[arg(long = "out", value_name = "FILE", requires = "format")]
        file: Option<PathBuf>,
    },
    /// Write a cut into a file.
    Export {
        id: String,
        /// json, csv, xlsx or pdf.
        #[arg(long)]
        format: String,
        /// vi or en.
        #[arg(long, default_value = "vi")]
        language: String,
        /// Into this file; `-` is stdout.
        #[arg(long = "out", value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Work a percentage out again that somebody printed, such as `637 4584 13,8%`.
    Share {
        part: i64,
        whole: i64,
        /// As it is printed.
        printed: Option<String>,
    },
    /// Which reports leave by themselves: what comes next, waits, or was missed.
    Schedules,
    /// Make and send the report of a schedule now; one that was made for its period is told of, never made twice.
    Deliver {
        /// Its name in the settings.
        schedule: String,
        /// Such as 2026-10, 2026-Q3, 2026-H1, 2026, 2026-W45 or 2026-11-20; the last one that is over where none is given.
        #[arg(long)]
        period: Option<String>,
    },
    /// Enter figures that the ledger cannot know, from a table with a head, cells parted by `;`.
    Figures { file: PathBuf },
}

/// Webhooks.
#[derive(Subcommand)]
pub enum WebhookCommand {
    /// Subscribe; the secret is shown once.
    Create {
        #[arg(long)]
        counterpart: String,
        #[arg(long, required = true, num_args = 1.., value_delimiter = ',')]
        agency: Vec<String>,
        #[arg(long)]
        url: String,
        /// Event types; all when none is given.
        #[arg(long, value_delimiter = ',')]
        types: Vec<String>,
    },
    /// Make a new secret; the old one signs beside it until the overlap ends.
    Rotate {
        id: String,
        #[arg(long, default_value = "24h")]
        overlap: String,
    },
    /// Stop a subscription.
    Disable { id: String },
}

/// Manifests.
#[derive(Subcommand)]
pub enum ManifestCommand {
    /// Read a manifest file as the server would, without a store.
    Check {
        file: PathBuf,
        /// Who would send it: agency or post.
        #[arg(long, default_value = "agency")]
        side: String,
        /// all-or-nothing or good-lines.
        #[arg(long, default_value = "all-or-nothing")]
        mode: String,
    },
}

/// The outbox.
#[derive(Subcommand)]
pub enum OutboxCommand {
    /// List messages.
    List {
        /// DUE, CLAIMED, UNKNOWN, PARKED or SETTLED.
        #[arg(long)]
        state: Option<String>,
    },
    /// Send a parked message again.
    Replay {
        id: String,
        #[arg(long)]
        reason: String,
    },
    /// Give a parked message another body and send it again.
    Mend {
        id: String,
        /// File with the new body.
        #[arg(long, value_name = "FILE")]
        body: PathBuf,
        #[arg(long)]
        reason: String,
    },
}

/// Simulators.
#[derive(Subcommand)]
pub enum SimCommand {
    /// The one-stop software.
    OneStop {
        #[command(flatten)]
        common: SimArgs,
    },
    /// The post.
    Post {
        /// hcc or myvnpost.
        #[arg(long, default_value = "hcc")]
        family: String,
        #[command(flatten)]
        common: SimArgs,
    },
}

/// What every simulator takes.
#[derive(Args)]
pub struct SimArgs {
    /// Address and port; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Repeats a run exactly.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Faults with their shares, such as E1:0.05,E2.
    #[arg(long, default_value = "")]
    pub faults: String,
}

/// Configuration.
#[derive(Subcommand)]
pub enum ConfigCommand {
    /// Every setting, its value and where it came from; secrets masked.
    Explain,
}
