use chrono::NaiveDate;
use clap::{Args, Subcommand};
use domain::{assess::Campaign, division::DivisionCode};
use serde_json::json;

use crate::{
    app::App,
    assess::{CampaignDone, Opening, refusal_told},
    clock::Clock,
};

use super::{Done, Global, Stop, noted::noted, print_object};

/// The assessment of a year.
#[derive(Subcommand)]
pub(super) enum AnnualCommand {
    /// Open it: freeze its inputs and score them
    Open {
        #[command(flatten)]
        which: Which,
        /// By this rule pack instead of the default one
        #[arg(long, value_name = "KEY")]
        pack: Option<String>,
        /// The day on which bodies may begin to object; today by default
        #[arg(long, value_name = "DATE")]
        objections_from: Option<NaiveDate>,
    },
    /// Reckon it anew from what was frozen, and compare the bytes
    Replay {
        #[command(flatten)]
        which: Which,
    },
    /// The data of the yearly report to the standing committee
    Report {
        #[command(flatten)]
        which: Which,
        /// The day on which it meets; that of the rules by default
        #[arg(long, value_name = "DATE")]
        meeting: Option<NaiveDate>,
    },
}

/// Which one.
#[derive(Args)]
pub(super) struct Which {
    /// The year
    #[arg(long)]
    year: i32,
    /// The division's code
    #[arg(long, value_name = "CODE")]
    division: DivisionCode,
}

pub(super) async fn run(global: &Global, command: AnnualCommand) -> Result<Done, Stop> {
    let app = App::start(global.config()?, Clock::system()).await?;
    let assessing = app.assessing();
    let campaign = |which: &Which| {
        let id = Campaign::number_of(which.year, which.division);
        let found = app.live.now().campaign(id).cloned();
        found.ok_or_else(|| {
            let Which { year, division } = which;
            Stop::Failed(format!("{division} is not assessed for {year}"))
        })
    };
    match command {
        AnnualCommand::Open {
            which,
            pack,
            objections_from,
        } => {
            let opening = Opening {
                year: which.year,
                division: which.division,
                pack,
                objections_from,
            };
            if app.catalogue.divisions.get(opening.division).is_none() {
                let reason = format!("--division: there is no division {}", opening.division);
                return Err(Stop::WrongUsage(reason));
            }
            if opening.is_too_late() {
                let reason =
                    "--objections-from: expected a day up to the end of the following year";
                return Err(Stop::WrongUsage(reason.to_owned()));
            }
            let object = format!("annual open {} {}", which.division, which.year);
            let open = async {
                match assessing.open_as("hub", &opening).await? {
                    CampaignDone::Refused(refused) => Err(Stop::Failed(format!(
                        "it can't be opened: {refused}: {}",
                        refusal_told(refused)
                    ))),
                    _ => Ok(()),
                }
            };
            noted(&app.audit, &object, open, |_| true).await?;
            let opened = campaign(&which)?;
            let fact = &opened.fact;
            let told = json!({
                "year": fact.year,
                "division": fact.division,
                "bodies": fact.bodies,
                "pack": fact.pack[0],
                "version": fact.pack[1],
                "digest": fact.pack[2],
                "inputs_digest": fact.inputs.digest,
                "preliminary_digest": fact.preliminary.digest,
                "objections_from": fact.objections_from,
                "objections_until": fact.window(&app.catalogue.calendar).last.date(),
            });
            print_object(global.output, &told)?;
            Ok(Done::Well)
        }
        AnnualCommand::Replay { which } => {
            let replayed = assessing.replay_annual(&campaign(&which)?.fact).await?;
            print_object(global.output, &serde_json::to_value(&replayed)?)?;
            Ok(if replayed.agrees {
                Done::Well
            } else {
                Done::Failed
            })
        }
        AnnualCommand::Report { which, meeting } => {
            let campaign = campaign(&which)?;
            let report = assessing
                .annual_report(None, &campaign.fact, meeting)
                .await?;
            let report = report.ok_or_else(|| {
                Stop::Failed(format!("no calendar is for the year {}", which.year))
            })?;
            print_object(global.output, &serde_json::to_value(&report)?)?;
            Ok(Done::Well)
        }
    }
}
