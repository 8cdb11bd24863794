//! The command line (contract 11). Results go to stdout, logs and hints to stderr; with `--json` stdout is one object per line.

pub mod engine;

mod alerts;
mod args;
mod books;
mod calendar;
mod clocks;
mod demo;
mod keys;
mod ledger;
mod money;
mod originals;
mod outbox;
mod people;
mod reports;
mod serve;
mod settings;
mod sims;
mod tables;
mod tallies;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use serde_json::Value;

use crate::app::AppError;
use crate::config::ConfigError;
use crate::store::StoreError;
use args::{
    CaseMarksCommand, Cli, Command, ConfigCommand, DirectoryCommand, KeyCommand, ManifestCommand, OutboxCommand,
    WebhookCommand, ZonesCommand,
};

/// Why a command did not do it, by exit code.
#[derive(Debug)]
pub enum Failure {
    /// 1: the answer is no.
    No(String),
    /// 2: the command line is wrong.
    Usage(String),
    /// 3: database, folder, port or configuration.
    Environment(String),
}

impl Failure {
    /// Database, folder, port or configuration.
    pub fn environment(why: impl Into<String>) -> Self {
        Failure::Environment(why.into())
    }

    fn code(&self) -> u8 {
        match self {
            Failure::No(_) => 1,
            Failure::Usage(_) => 2,
            Failure::Environment(_) => 3,
        }
    }

    fn text(&self) -> &str {
        match self {
            Failure::No(text) | Failure::Usage(text) | Failure::Environment(text) => text,
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Failure::Environment(error.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Failure::Environment(error.to_string())
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Refused(refusal) => Failure::No(format!("{}: {}", refusal.code.as_str(), refusal.message.en)),
            other => Failure::Environment(other.to_string()),
        }
    }
}

/// Where results go: lines for people, or one JSON object per line.
#[derive(Clone, Copy)]
pub struct Out {
    json: bool,
}

impl Out {
    /// Prints one result: the object with `--json`, else the line.
    pub fn result(self, object: &Value, line: &str) {
        let mut stdout = std::io::stdout().lock();
        // A closed pipe is the reader's business.
        let _ = if self.json { writeln!(stdout, "{object}") } else { writeln!(stdout, "{line}") };
        let _ = stdout.flush();
    }

    /// Prints a line for people on stderr, where results do not go.
    pub fn hint(self, line: &str) {
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}

/// Runs the program with the arguments of the process.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { 2 } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let out = Out { json: cli.json };
    match dispatch(cli, out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.text().is_empty() {
                out.hint(&format!("giaonhan: {}", failure.text()));
            }
            ExitCode::from(failure.code())
        }
    }
}

fn dispatch(cli: Cli, out: Out) -> Result<(), Failure> {
    let store = &cli.store;
    match cli.command {
        Command::Serve { listen } => serve::serve(store, listen, out),
        Command::Key { command } => match command {
            KeyCommand::Create { counterpart, side, agency, scope } => {
                keys::create(store, &counterpart, &side, &agency, &scope, out)
            }
            KeyCommand::List => keys::list(store, out),
            KeyCommand::Revoke { id } => keys::revoke(store, &id, out),
            KeyCommand::Rotate { id, overlap } => keys::rotate(store, &id, &overlap, out),
        },
        Command::Webhook { command } => match command {
            WebhookCommand::Create { counterpart, agency, url, types } => {
                keys::create_webhook(store, &counterpart, &agency, &url, &types, out)
            }
            WebhookCommand::Rotate { id, overlap } => keys::rotate_webhook(store, &id, &overlap, out),
            WebhookCommand::Disable { id } => keys::disable_webhook(store, &id, out),
        },
        Command::User { command } => people::user(store, command, out),
        Command::Directory { command: DirectoryCommand::Load { file } } => people::load_directory(store, &file, out),
        Command::Calendar { command } => calendar::calendar(store, command, out),
        Command::CaseMarks { command: CaseMarksCommand::Load { file, counterpart } } => {
            tables::case_marks(store, &file, &counterpart, out)
        }
        Command::Zones { command: ZonesCommand::Load { file } } => tables::zones(store, &file, out),
        Command::Clocks { command } => clocks::clocks(store, command, out),
        Command::Book { command } => books::book(store, command, out),
        Command::Reconcile(args) => books::reconcile(store, &args, out),
        Command::Report { command } => reports::report(store, command, out),
        Command::Verify => ledger::verify(store, out),
        Command::Money { as_of } => money::money(store, as_of.as_deref(), out),
        Command::Alerts { all, check } => alerts::alerts(store, all, check, out),
        Command::Originals { agency, open } => originals::originals(store, agency.as_deref(), open, out),
        Command::Tallies { command } => tallies::tallies(store, &command, out),
        Command::Manifest { command: ManifestCommand::Check { file, side, mode } } => {
            ledger::check_manifest(&file, &side, &mode, out)
        }
        Command::Outbox { command } => match command {
            OutboxCommand::List { state } => outbox::list(store, state.as_deref(), out),
            OutboxCommand::Replay { id, reason } => outbox::replay(store, &id, &reason, out),
            OutboxCommand::Mend { id, body, reason } => outbox::mend(store, &id, &body, &reason, out),
        },
        Command::Sim { command } => sims::run(command, out),
        Command::Demo { once, seed, dossiers } => demo::demo(store, &demo::Wish { once, seed, dossiers }, out),
        Command::Migrate => ledger::migrate(store, out),
        Command::Config { command: ConfigCommand::Explain } => settings::explain(store, out),
    }
}
