use std::time::Instant;

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use serde_json::json;

use crate::{app::App, clock::Clock};

use super::{
    Done, Global, Stop,
    annual::{self, AnnualCommand},
    print_object,
};

/// As of which day, and by what.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct AssessArgs {
    #[command(subcommand)]
    command: Option<AssessCommand>,
    /// As of this day, by what is known now; of another day than today nothing is written
    #[arg(long, value_name = "DATE")]
    as_of: Option<NaiveDate>,
    /// Do it though on a later day, or by newer rules, it was done already: after a wrong clock, or back to rules
    /// that others had replaced. First stop who would do it by those again
    #[arg(long, conflicts_with_all = ["as_of", "pack"])]
    take_over: bool,
    /// By this rule pack instead of the default one; nothing is written
    #[arg(long, value_name = "KEY")]
    pack: Option<String>,
}

/// What else is assessed.
#[derive(Subcommand)]
enum AssessCommand {
    /// The assessment of a year, for a division and all below it
    #[command(subcommand)]
    Annual(AnnualCommand),
}

pub(super) async fn run(global: &Global, args: AssessArgs) -> Result<Done, Stop> {
    if let Some(AssessCommand::Annual(command)) = args.command {
        return annual::run(global, command).await;
    }
    let app = App::start(global.config()?, Clock::system()).await?;
    let (assessing, today) = (app.assessing(), app.clock.today());
    let on = args.as_of.unwrap_or(today);
    let started = Instant::now();
    if args.take_over {
        assessing.take_over().await?;
    }
    let written = match on == today && args.pack.is_none() {
        true => Some(assessing.assess_all().await?),
        false => None,
    };
    let seconds = started.elapsed().as_secs_f64();
    let found = assessing.distribution(args.pack.as_deref(), on)?;
    let [pack, version, digest] = &found.pack;
    let grades: serde_json::Map<String, serde_json::Value> = found
        .grades
        .iter()
        .map(|(code, count)| (code.clone(), (*count).into()))
        .collect();
    let lines = app.catalogue.assess.red_lines_on(on);
    let edition = lines.first().map(|line| &line.edition);
    let red_lines = edition.map(|edition| {
        json!({ "version": edition.version, "digest": edition.digest, "count": lines.len() })
    });
    let mut report = json!({
        "as_of": on,
        "pack": pack,
        "version": version,
        "digest": digest,
        "red_lines": red_lines,
        "grades": grades,
        "written": written.is_some(),
    });
    if written.is_none() {
        report["crossed"] = json!(assessing.crossings(on));
    }
    if let Some(written) = written {
        report["bodies"] = written.bodies.into();
        report["scored"] = written.scored.into();
        report["raised"] = written.raised.into();
        report["cleared"] = written.cleared.into();
        report["moved"] = written.moved.into();
        report["seconds"] = ((seconds * 1_000.0).round() / 1_000.0).into();
    }
    print_object(global.output, &report)?;
    Ok(Done::Well)
}
