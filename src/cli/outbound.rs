use clap::{Args, Subcommand};
use domain::outbox::OutboxState;
use serde_json::{Value, json};

use crate::{
    app::{App, open_audit, open_store},
    clock::Clock,
    store::OutboxEntry,
};

use super::{Done, Global, Stop, noted::noted, print_list, print_object};

#[derive(Subcommand)]
pub(super) enum OutboundCommand {
    /// Send what waits, and read what platforms have said since
    Send,
    /// Show what is in the outbox, the newest first
    List(ListArgs),
    /// Give refused messages free again, after what was wrong has been mended
    Retry(RetryArgs),
}

#[derive(Args)]
pub(super) struct ListArgs {
    /// Only those in this state: PENDING, UNKNOWN, SENT, ACCEPTED, REFUSED or CANCELLED
    #[arg(long, value_name = "STATE", value_parser = state)]
    state: Option<OutboxState>,
    /// Only those for this platform
    #[arg(long, value_name = "KEY")]
    target: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    limit: u64,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(super) struct RetryArgs {
    /// The message's number in the list's first column
    id: Option<i64>,
    /// All that are refused
    #[arg(long)]
    all_refused: bool,
}

fn state(text: &str) -> Result<OutboxState, String> {
    text.to_uppercase()
        .parse()
        .map_err(|error: domain::UnknownValue| error.to_string())
}

pub(super) async fn run(global: &Global, command: OutboundCommand) -> Result<Done, Stop> {
    match command {
        OutboundCommand::Send => send(global).await,
        OutboundCommand::List(args) => list(global, &args).await,
        OutboundCommand::Retry(args) => retry(global, &args).await,
    }
}

async fn send(global: &Global) -> Result<Done, Stop> {
    let app = App::start(global.config()?, Clock::system()).await?;
    let outbound = app.outbound()?;
    if !outbound.is_configured() {
        let keys: Vec<_> = app.catalogue.outbound.keys().cloned().collect();
        let reason = format!(
            "configure outbound.KEY, with KEY one of {}",
            keys.join(", ")
        );
        return Err(Stop::WrongUsage(reason));
    }
    let report = outbound.round().await?;
    let object = serde_json::to_value(&report).expect("a report always serialises");
    print_object(global.output, &object)?;
    Ok(if report.refused > 0 {
        Done::WithRejects
    } else if report.troubles.is_empty() {
        Done::Well
    } else {
        Done::Failed
    })
}

async fn list(global: &Global, args: &ListArgs) -> Result<Done, Stop> {
    let store = open_store(&global.config()?).await?;
    let entries = store
        .list_outbox(args.target.as_deref(), args.state, args.limit)
        .await?;
    print_list(global.output, &entries, object, line)?;
    Ok(Done::Well)
}

fn object(entry: &OutboxEntry) -> Value {
    json!({
        "id": entry.id,
        "target": entry.target,
        "number": entry.number.to_string(),
        "recordId": entry.number.record_id,
        "version": entry.number.version,
        "state": entry.state.as_str(),
        "operation": entry.operation.map(|operation| operation.as_str()),
        "attempts": entry.attempts,
        "package": entry.package,
        "receipt": entry.receipt,
        "reason": entry.reason,
        "nextAt": entry.next_at,
        "createdAt": entry.created_at,
        "sentAt": entry.sent_at,
        "settledAt": entry.settled_at,
    })
}

fn line(entry: &OutboxEntry) -> String {
    let operation = entry.operation.map_or("-", |operation| operation.as_str());
    let told = [&entry.receipt, &entry.package, &entry.reason];
    let told: Vec<&str> = told.into_iter().flatten().map(String::as_str).collect();
    format!(
        "{:<6} {:<16} {:<24} {:<9} {:<6} {}",
        entry.id,
        entry.target,
        entry.number.to_string(),
        entry.state.as_str(),
        operation,
        told.join("  ")
    )
}

async fn retry(global: &Global, args: &RetryArgs) -> Result<Done, Stop> {
    let config = global.config()?;
    let store = open_store(&config).await?;
    let id = args.id.filter(|_| !args.all_refused);
    let which = id.map_or_else(|| "--all-refused".to_owned(), |id| id.to_string());
    let clock = Clock::system();
    let audit = open_audit(&config, store.clone(), clock.clone())?;
    let retry = async {
        match (id, store.retry_outbox(id, clock.now()).await?) {
            (Some(id), 0) => Err(Stop::Failed(format!(
                "message {id} is not refused, or a newer version of its record speaks for it"
            ))),
            (_, freed) => Ok(freed),
        }
    };
    let object = format!("outbound retry {which}");
    let freed = noted(&audit, &object, retry, |_| true).await?;
    print_object(global.output, &json!({ "retried": freed }))?;
    Ok(Done::Well)
}
