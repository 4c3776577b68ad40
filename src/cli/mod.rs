//! The command line. Data goes to standard output, everything else to standard error.
#![expect(clippy::print_stderr, reason = "the command line's own room")]

mod annual;
mod assess;
mod audit;
mod catalogue_diff;
mod check;
mod check_catalogue;
mod demo;
mod doctor;
mod ingest;
mod ledger;
mod migrate;
mod noted;
mod notify;
mod out;
mod outbound;
mod progress;
mod raw;
mod resolve;
mod serve;
mod token;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::{
    api,
    config::{self, Config, LogFormat},
    telemetry,
};

use out::{Out, print_line, print_list, print_object};

/// Zhengxin (政信): a GraphQL data hub for government integrity.
///
/// Start with `zhengxin demo`: it makes a province up, brings its sources in and serves it.
#[derive(Parser)]
#[command(
    name = "zhengxin",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args, Clone)]
struct Global {
    /// Configuration file (TOML)
    #[arg(long, short = 'c', global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of the embedded database and of raw deliveries
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Database address: sqlite:PATH or postgres://…
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// Form of reports on standard output
    #[arg(long, short = 'o', global = true, value_enum, default_value_t = Output::Table)]
    output: Output,
    /// No progress, errors only
    #[arg(long, short = 'q', global = true)]
    quiet: bool,
    /// More of the log; twice for all of it
    #[arg(long, short = 'v', global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    Table,
    Json,
    Jsonl,
}

#[derive(Subcommand)]
enum Command {
    /// Make a province up, bring its sources in over HTTP, and serve it
    Demo(demo::DemoArgs),
    /// Serve the hub
    Serve(serve::ServeArgs),
    /// Bring a source in, from its configured address or from files
    Ingest(ingest::IngestArgs),
    /// What is sent to platforms: the outbox
    #[command(subcommand)]
    Outbound(outbound::OutboundCommand),
    /// What subscribers are told of warnings: notices
    #[command(subcommand)]
    Notify(notify::NotifyCommand),
    /// Score every body and detect red lines
    Assess(assess::AssessArgs),
    /// Write the ledger of cases to a CSV file or a workbook
    Ledger(ledger::LedgerArgs),
    /// Tell who a name or a code means, one JSON object a line
    Resolve(resolve::ResolveArgs),
    /// Check whether something stands against a subject; the answer is a receipt
    Check(check::CheckArgs),
    /// Tokens: issue some for development, revoke any
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// The GraphQL schema
    #[command(subcommand)]
    Schema(SchemaCommand),
    /// Bring the database's schema up to date
    Migrate,
    /// The catalogue of sources, lists and rights
    #[command(subcommand)]
    Catalogue(CatalogueCommand),
    /// The audit log: verify, state, prove, export it
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Raw deliveries: erase one, wrap their keys anew
    #[command(subcommand)]
    Raw(raw::RawCommand),
    /// Look whether everything that the hub needs is as it must be
    Doctor,
}

#[derive(Subcommand)]
enum SchemaCommand {
    /// Print the schema, the same bytes as schema.graphql
    Print,
}

#[derive(Subcommand)]
enum CatalogueCommand {
    /// Check the built-in catalogue, or the one in a folder
    Check {
        /// The folder
        dir: Option<PathBuf>,
    },
    /// Say what another catalogue would change for the records and open cases that are here
    Diff {
        /// The other catalogue's folder
        dir: PathBuf,
    },
}

/// How a command ended, the worse the later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Done {
    Well,
    /// Nobody is told for sure, or perhaps something stands against him.
    Unsure,
    /// Something stands against a subject.
    Hit,
    WithRejects,
    Held,
    Failed,
}

/// What stops a command: the contract's exit code and one clear sentence.
#[derive(Debug)]
enum Stop {
    Failed(String),
    WrongUsage(String),
    /// Nobody reads on what it says.
    Unheard,
}

impl<E: std::error::Error> From<E> for Stop {
    fn from(error: E) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            let said = error.to_string();
            if !text.contains(&said) {
                text.push_str(": ");
                text.push_str(&said);
            }
            cause = error.source();
        }
        Stop::Failed(text)
    }
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(api::executing_max() + 1)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return tell(Err(error.into())),
    };
    // Traces are sent from within the runtime.
    let entered = runtime.enter();
    let log = match start_log(&cli) {
        Ok(log) => log,
        Err(stop) => return tell(Err(stop)),
    };
    drop(entered);
    let done = runtime.block_on(run(cli));
    drop(log);
    // A reader that waits for a source on a blocking thread must not keep the process.
    runtime.shutdown_background();
    tell(done)
}

fn tell(done: Result<Done, Stop>) -> ExitCode {
    match done {
        Ok(Done::Well) | Err(Stop::Unheard) => ExitCode::SUCCESS,
        Ok(Done::Failed) => ExitCode::from(1),
        Ok(Done::Hit) => ExitCode::from(3),
        Ok(Done::Unsure) => ExitCode::from(4),
        Ok(Done::WithRejects) => ExitCode::from(5),
        Ok(Done::Held) => ExitCode::from(6),
        Err(Stop::Failed(reason)) => {
            eprintln!("zhengxin: {reason}");
            ExitCode::from(1)
        }
        Err(Stop::WrongUsage(reason)) => {
            eprintln!("zhengxin: {reason}");
            ExitCode::from(2)
        }
    }
}

async fn run(cli: Cli) -> Result<Done, Stop> {
    let global = cli.global;
    match cli.command {
        Command::Demo(args) => demo::run(&global, args).await,
        Command::Serve(args) => serve::run(&global, &args).await,
        Command::Ingest(args) => ingest::run(&global, args).await,
        Command::Outbound(command) => outbound::run(&global, command).await,
        Command::Notify(command) => notify::run(&global, command).await,
        Command::Resolve(args) => resolve::run(&global, args).await,
        Command::Check(args) => check::run(&global, args).await,
        Command::Token(command) => token::run(&global, command).await,
        Command::Schema(SchemaCommand::Print) => {
            print_line(api::graphql::sdl().trim_end_matches('\n'))?;
            Ok(Done::Well)
        }
        Command::Migrate => migrate::run(&global).await,
        Command::Catalogue(CatalogueCommand::Check { dir }) => {
            check_catalogue::run(&global, dir.as_deref())
        }
        Command::Catalogue(CatalogueCommand::Diff { dir }) => {
            catalogue_diff::run(&global, &dir).await
        }
        Command::Assess(args) => assess::run(&global, args).await,
        Command::Ledger(args) => ledger::run(&global, args).await,
        Command::Audit(command) => audit::run(&global, command).await,
        Command::Raw(command) => raw::run(&global, command).await,
        Command::Doctor => doctor::run(&global).await,
    }
}

impl Global {
    /// File, then environment, then flags.
    fn config(&self) -> Result<Config, Stop> {
        let mut config = Config::load(self.config.as_deref())?;
        if let Some(data) = &self.data {
            config.database.data.clone_from(data);
        }
        if let Some(url) = &self.database_url {
            config.database.url = Some(url.clone());
        }
        Ok(config)
    }
}

/// Starts the log. What is wrong with the configuration the command itself says, where it needs one.
fn start_log(cli: &Cli) -> Result<telemetry::Guard, Stop> {
    let is_server = matches!(cli.command, Command::Serve(_));
    let levels = match (cli.global.quiet, cli.global.verbose) {
        (true, _) => "error",
        (false, 0) if is_server => "zhengxin=info,warn",
        (false, 0) => "warn",
        (false, 1) => "zhengxin=debug,info",
        (false, _) => "zhengxin=trace,debug",
    };
    let mut config = match cli.global.config() {
        Ok(config) => config.telemetry,
        Err(_) => config::Telemetry::default(),
    };
    if !is_server {
        config.otlp = None;
    }
    // A server's only report is its log.
    let format = match is_server && cli.global.output != Output::Table {
        true => LogFormat::Json,
        false => config.log_format,
    };
    Ok(telemetry::start(levels, format, &config, is_server)?)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Cli::command().debug_assert();
    }
}
