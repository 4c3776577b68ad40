use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::Args;
use domain::run::RunState;

use crate::{
    app::App,
    clock::{Clock, parse_moment},
    ingest::{Error, From, Order, Report},
    jobs::{Brought, Drops},
    store,
};

use super::{
    Done, Global, Output, Stop,
    noted::noted,
    print_object,
    progress::{progress_bar, show},
};

#[derive(Args)]
pub(super) struct IngestArgs {
    /// The source's key, such as agency_register or court_debtors
    source: String,
    /// A file of the delivery; all files of one command are one delivery
    #[arg(long, value_name = "PATH")]
    file: Vec<PathBuf>,
    /// Who delivers, where a source has several deliverers
    #[arg(long, value_name = "NAME")]
    feed: Option<String>,
    /// Of when the delivery speaks: a day or an RFC 3339 moment; now where absent
    #[arg(long, value_name = "DATETIME", value_parser = parse_moment)]
    as_of: Option<DateTime<Utc>>,
    /// The delivery says only what changed: nothing is withdrawn for being missing
    #[arg(long)]
    partial: bool,
    /// Let a held run in
    #[arg(long, value_name = "RUN", conflicts_with_all = ["file", "feed", "as_of", "partial"])]
    approve: Option<i64>,
    /// Read the raw files of an earlier run again, as they were kept
    #[arg(long, value_name = "RUN", conflicts_with_all = ["file", "feed", "as_of", "partial", "approve"])]
    reread: Option<i64>,
    /// Do everything but store it
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(global: &Global, args: IngestArgs) -> Result<Done, Stop> {
    let app = App::open(global.config()?, Clock::system()).await?;
    let order = order(&app, args)?;
    if let Some(drops) = drops(&app, &order)? {
        return empty(global, &app, &drops, &order).await;
    }
    let ingest = app.ingest()?;
    let progress = progress_bar(global);
    let run = async {
        let done = ingest.run(&order, &|so_far| show(&progress, so_far)).await;
        progress.finish_and_clear();
        done.map_err(|error| match error {
            Error::UnknownSource { .. } | Error::Place { .. } | Error::Feed | Error::Future => {
                Stop::WrongUsage(error.to_string())
            }
            error => Stop::from(error),
        })
    };
    let report = match order.from {
        From::Approved(held) if !order.dry_run => {
            let object = format!("approveRun {held}");
            noted(&app.audit, &object, run, |report| report.change.is_some()).await?
        }
        _ => run.await?,
    };
    told(global.output, &report)
}

/// Prints a report, and says how its run ended.
fn told(output: Output, report: &Report) -> Result<Done, Stop> {
    match print_report(output, report) {
        // Who stopped reading is told by the exit code still.
        Ok(()) | Err(Stop::Unheard) => {}
        Err(stop) => return Err(stop),
    }
    if let Some(message) = report.message.as_ref().filter(|_| report.change.is_none()) {
        eprintln!("zhengxin: {}: {message}", report.source);
    }
    Ok(match report.outcome {
        Some(RunState::Done) => Done::Well,
        Some(RunState::Partly) => Done::WithRejects,
        Some(RunState::Held) => Done::Held,
        _ => Done::Failed,
    })
}

/// The drop folder that is meant where a place is asked for that has nothing else.
fn drops(app: &App, order: &Order) -> Result<Option<Drops>, Stop> {
    match (&order.from, app.catalogue.sources.get(&order.source)) {
        (From::Place(place), Some(source)) if place.url.is_none() => {
            Ok(Drops::of(&app.ingest()?, source, place))
        }
        _ => Ok(None),
    }
}

/// Brings in what lies in a drop folder now, one run after another; the worst outcome counts.
async fn empty(global: &Global, app: &App, drops: &Drops, order: &Order) -> Result<Done, Stop> {
    let Some(claim) = app.store.claim(&order.source).await? else {
        let source_key = order.source.clone();
        return Err(store::Error::Busy { source_key }.into());
    };
    let look = drops.look(true).await.map_err(|error| {
        let key = &order.source;
        Stop::Failed(format!(
            "the folder of sources.{key} can't be read: {error}"
        ))
    })?;
    if look.is_crowded {
        eprintln!(
            "zhengxin: {}: there is more than is looked at; ask again",
            order.source
        );
    }
    if look.complete.is_empty() && !global.quiet {
        eprintln!("zhengxin: {}: nothing lies there", order.source);
    }
    let mut worst = Done::Well;
    for dropped in &look.complete {
        let progress = progress_bar(global);
        let brought = drops
            .bring(dropped, order, &|so_far| show(&progress, so_far))
            .await;
        progress.finish_and_clear();
        let done = match brought {
            Brought::Report(report) => told(global.output, &report)?,
            Brought::Away(reason) => return Err(Stop::Failed(reason)),
            Brought::Refused(reason) | Brought::Later(reason) => {
                let name = dropped.name.display();
                eprintln!("zhengxin: {}: {name}: {reason}", order.source);
                Done::Failed
            }
        };
        worst = worst.max(done);
    }
    claim.release().await;
    Ok(worst)
}

fn order(app: &App, args: IngestArgs) -> Result<Order, Stop> {
    let configured = app.config.sources.get(&args.source);
    let from = if let Some(run) = args.approve {
        From::Approved(run)
    } else if let Some(run) = args.reread {
        From::Reread(run)
    } else if !args.file.is_empty() {
        From::Files(args.file)
    } else if let Some(place) = configured {
        From::Place(Box::new(place.clone()))
    } else if app.catalogue.sources.contains_key(&args.source) {
        let reason = format!(
            "give files with --file, or configure sources.{}.url to pull it",
            args.source
        );
        return Err(Stop::WrongUsage(reason));
    } else {
        // What sources there are is said by whom it is asked.
        From::Files(Vec::new())
    };
    // What is dropped may name its feed itself, and falls back to the configured one later.
    let is_dropped = matches!(&from, From::Place(place) if place.url.is_none());
    let configured_feed = configured.filter(|_| !is_dropped);
    Ok(Order {
        feed: args
            .feed
            .or_else(|| configured_feed.and_then(|source| source.feed.clone())),
        source: args.source,
        from,
        as_of: args.as_of,
        partial: args.partial,
        dry_run: args.dry_run,
    })
}

/// Rejected rows that a table shows; JSON shows more.
const REJECTS_SHOWN: usize = 20;

fn print_report(output: Output, report: &Report) -> Result<(), Stop> {
    let mut object = serde_json::to_value(report).expect("a report always serialises");
    if output == Output::Table {
        let shown = report.rejects.iter().take(REJECTS_SHOWN);
        let mut lines: Vec<serde_json::Value> = shown
            .map(|reject| {
                let column = reject
                    .column
                    .as_deref()
                    .map(|column| format!(", column {column}"))
                    .unwrap_or_default();
                format!(
                    "{}, line {}{column}: {}",
                    reject.file, reject.line, reject.reason
                )
                .into()
            })
            .collect();
        let more = report.counts.rejected - lines.len() as i64;
        if more > 0 {
            lines.push(format!("… and {more} more").into());
        }
        object["rejects"] = lines.into();
    }
    print_object(output, &object)
}
