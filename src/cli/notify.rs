use clap::{Args, Subcommand};
use domain::{date::china_offset, notice::NoticeState};
use serde_json::{Value, json};

use crate::{
    app::{App, open_audit, open_store},
    clock::Clock,
    store::{NoticeAttempt, NoticeEntry},
};

use super::{Done, Global, Stop, noted::noted, print_list, print_object};

#[derive(Subcommand)]
pub(super) enum NotifyCommand {
    /// Tell subscribers what is due
    Send,
    /// Show notices with each time that they were tried, the newest first
    List(ListArgs),
    /// Send a notice again under the same id, whatever became of it
    Replay(ReplayArgs),
    /// Give notices free again that were given up, and tell a subscriber again who wanted no more
    Retry(RetryArgs),
}

#[derive(Args)]
pub(super) struct ListArgs {
    /// Only those in this state: PENDING, SENDING, DELIVERED, DEAD or GONE
    #[arg(long, value_name = "STATE", value_parser = state)]
    state: Option<NoticeState>,
    /// Only those for this subscriber
    #[arg(long, value_name = "NAME")]
    subscriber: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    limit: u64,
}

#[derive(Args)]
pub(super) struct ReplayArgs {
    /// The notice's number in the list's first column
    id: i64,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(super) struct RetryArgs {
    /// Those of this subscriber
    subscriber: Option<String>,
    /// Those of all subscribers
    #[arg(long)]
    all: bool,
}

fn state(text: &str) -> Result<NoticeState, String> {
    text.to_uppercase()
        .parse()
        .map_err(|error: domain::UnknownValue| error.to_string())
}

pub(super) async fn run(global: &Global, command: NotifyCommand) -> Result<Done, Stop> {
    match command {
        NotifyCommand::Send => send(global).await,
        NotifyCommand::List(args) => list(global, &args).await,
        NotifyCommand::Replay(args) => replay(global, &args).await,
        NotifyCommand::Retry(args) => retry(global, &args).await,
    }
}

async fn send(global: &Global) -> Result<Done, Stop> {
    let app = App::open(global.config()?, Clock::system()).await?;
    let notify = app.notify()?;
    if !notify.is_configured() {
        let reason = "configure notify.NAME, with url or mail".to_owned();
        return Err(Stop::WrongUsage(reason));
    }
    let report = notify.round().await?;
    let object = serde_json::to_value(&report).expect("a report always serialises");
    print_object(global.output, &object)?;
    Ok(match report.troubles.is_empty() {
        true => Done::Well,
        false => Done::Failed,
    })
}

async fn list(global: &Global, args: &ListArgs) -> Result<Done, Stop> {
    let store = open_store(&global.config()?).await?;
    let entries = store
        .list_notices(args.subscriber.as_deref(), args.state, args.limit)
        .await?;
    print_list(global.output, &entries, object, line)?;
    Ok(Done::Well)
}

fn object(entry: &NoticeEntry) -> Value {
    let attempt = |attempt: &NoticeAttempt| {
        json!({
            "at": attempt.at,
            "endedAt": attempt.ended_at,
            "status": attempt.status,
            "error": attempt.error,
        })
    };
    json!({
        "id": entry.id,
        "subscriber": entry.subscriber,
        "message": entry.message,
        "kind": entry.notice.kind(),
        "about": entry.about.to_string(),
        "version": entry.notice.version(),
        "level": level(entry),
        "agency": entry.notice.agency().uscc,
        "state": entry.state.as_str(),
        "dueAt": entry.due_at,
        "nextAt": entry.next_at,
        "createdAt": entry.created_at,
        "settledAt": entry.settled_at,
        "attempts": entry.attempts.iter().map(attempt).collect::<Vec<_>>(),
    })
}

/// How serious a warning is; of a watched subject's event nobody says.
fn level(entry: &NoticeEntry) -> Option<&'static str> {
    let warning = entry.notice.warning();
    warning.map(|notice| notice.warning.level.as_str())
}

fn line(entry: &NoticeEntry) -> String {
    let last = entry.attempts.last();
    let status = last.and_then(|last| last.status);
    let status = status.map_or_else(|| "-".to_owned(), |status| status.to_string());
    let error = last.and_then(|last| last.error.as_deref());
    let next = match entry.state {
        NoticeState::Pending => {
            let there = entry.next_at.with_timezone(&china_offset());
            format!("from {}  ", there.format("%Y-%m-%d %H:%M:%S"))
        }
        _ => String::new(),
    };
    format!(
        "{:<6} {:<16} {:<9} {:<24} {:<6} {:>2}x {:<3} {}{}",
        entry.id,
        entry.subscriber,
        entry.state.as_str(),
        entry.notice.kind(),
        level(entry).unwrap_or("-"),
        entry.attempts.len(),
        status,
        next,
        error.unwrap_or_default()
    )
}

async fn replay(global: &Global, args: &ReplayArgs) -> Result<Done, Stop> {
    let config = global.config()?;
    let store = open_store(&config).await?;
    let clock = Clock::system();
    let audit = open_audit(&config, store.clone(), clock.clone())?;
    let replay = async {
        if store.replay_notice(args.id, clock.now()).await? {
            return Ok(());
        }
        let reason = format!("there is no notice {}, or it is being sent", args.id);
        Err(Stop::Failed(reason))
    };
    let object = format!("notify replay {}", args.id);
    noted(&audit, &object, replay, |_| true).await?;
    print_object(global.output, &json!({ "replayed": args.id }))?;
    Ok(Done::Well)
}

async fn retry(global: &Global, args: &RetryArgs) -> Result<Done, Stop> {
    let config = global.config()?;
    let store = open_store(&config).await?;
    let subscriber = args.subscriber.as_deref().filter(|_| !args.all);
    let whose = subscriber.unwrap_or("--all");
    let clock = Clock::system();
    let audit = open_audit(&config, store.clone(), clock.clone())?;
    let retry = async {
        let freed = store.retry_notices(subscriber, clock.now()).await?;
        match (subscriber, freed) {
            (Some(name), 0) => Err(Stop::Failed(format!("no notice of {name} was given up"))),
            _ => Ok(freed),
        }
    };
    let object = format!("notify retry {whose}");
    let freed = noted(&audit, &object, retry, |_| true).await?;
    print_object(global.output, &json!({ "retried": freed }))?;
    Ok(Done::Well)
}
