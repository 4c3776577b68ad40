use std::{io::IsTerminal, path::PathBuf};

use chrono::{DateTime, Utc};
use clap::Args;
use domain::run::RunState;
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    app::App,
    clock::{Clock, parse_moment},
    ingest::{Error, From, Order, Report},
};

use super::{Done, Global, Output, Stop, print_object};

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
    /// Do everything but store it
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(global: &Global, args: IngestArgs) -> Result<Done, Stop> {
    let app = App::start(global.config()?, Clock::system()).await?;
    let order = order(&app, args)?;
    let progress = progress_bar(global);
    let report = app
        .ingest()?
        .run(&order, &|rows| progress.set_position(rows as u64))
        .await;
    progress.finish_and_clear();
    let report = report.map_err(|error| match error {
        Error::UnknownSource { .. } | Error::Place { .. } | Error::Feed | Error::Future => {
            Stop::WrongUsage(error.to_string())
        }
        error => Stop::from(error),
    })?;
    print_report(global.output, &report);
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

fn order(app: &App, args: IngestArgs) -> Result<Order, Stop> {
    let configured = app.config.sources.get(&args.source);
    let from = if let Some(run) = args.approve {
        From::Approved(run)
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
    Ok(Order {
        feed: args
            .feed
            .or_else(|| configured.and_then(|source| source.feed.clone())),
        source: args.source,
        from,
        as_of: args.as_of,
        partial: args.partial,
        dry_run: args.dry_run,
    })
}

/// A bar on a terminal, nothing elsewhere.
pub(super) fn progress_bar(global: &Global) -> ProgressBar {
    if global.quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {human_pos} rows, {per_sec}, {elapsed}");
    ProgressBar::no_length().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
}

/// Rejected rows that a table shows; JSON shows more.
const REJECTS_SHOWN: usize = 20;

fn print_report(output: Output, report: &Report) {
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
    print_object(output, &object);
}
