use std::path::PathBuf;

use clap::Args;
use domain::{
    resolution::{Resolution, Subject},
    viewer::{Role, Viewer},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{app::App, clock::Clock, graph::View};

use super::{Done, Global, Out, Stop, print_line};

#[derive(Args)]
pub(super) struct ResolveArgs {
    /// A name, as written
    #[arg(long)]
    name: Option<String>,
    /// A unified social credit code or organisation code, as written
    #[arg(long, value_name = "CODE")]
    uscc: Option<String>,
    /// Only bodies in this division or below it
    #[arg(long, value_name = "CODE")]
    division: Option<String>,
    /// Names as of this day; without it, as the register stands today
    #[arg(long, value_name = "DAY")]
    as_of: Option<String>,
    /// A CSV file with the columns name, uscc, org_code, division, as_of, any of them empty
    #[arg(long, value_name = "CSV", conflicts_with_all = ["name", "uscc", "division", "as_of"])]
    file: Option<PathBuf>,
}

/// The columns of a file of which it must have one.
const COLUMNS: [&str; 3] = ["name", "uscc", "org_code"];

#[derive(Default, Deserialize)]
#[serde(default)]
struct Input {
    name: Option<String>,
    uscc: Option<String>,
    org_code: Option<String>,
    division: Option<String>,
    as_of: Option<String>,
}

pub(super) async fn run(global: &Global, args: ResolveArgs) -> Result<Done, Stop> {
    if args.file.is_none() && args.name.is_none() && args.uscc.is_none() {
        return Err(Stop::WrongUsage("give --name, --uscc or --file".to_owned()));
    }
    let app = App::start(global.config()?, Clock::system()).await?;
    // Whoever has the command line has the whole directory.
    let viewer = Viewer {
        role: Role::Operator,
        ..Viewer::public()
    };
    let view = app.view(&app.live.now(), viewer);
    match args.file {
        None => {
            let input = Input {
                name: args.name,
                uscc: args.uscc,
                org_code: None,
                division: args.division,
                as_of: args.as_of,
            };
            print_line(answer(&view, &input).map_err(Stop::WrongUsage)?)?;
            Ok(Done::Well)
        }
        Some(path) => {
            let place = path.display().to_string();
            let mut reader = csv::ReaderBuilder::new()
                .flexible(true)
                .from_path(&path)
                .map_err(|error| Stop::Failed(format!("{place} can't be read: {error}")))?;
            let headings = reader
                .headers()
                .map_err(|error| Stop::Failed(format!("{place} can't be read: {error}")))?;
            if !headings.iter().any(|heading| COLUMNS.contains(&heading)) {
                let expected = COLUMNS.join(", ");
                let reason = format!("{place} has none of the columns {expected}");
                return Err(Stop::Failed(reason));
            }
            // A line for each row, whatever it says.
            let (mut out, mut done) = (Out::new(), Done::Well);
            for row in reader.deserialize::<Input>() {
                let told = row.map_err(|error| error.to_string());
                let line = told.and_then(|input| answer(&view, &input));
                out.line(line.unwrap_or_else(|reason| {
                    done = Done::WithRejects;
                    unanswered(reason)
                }))?;
            }
            out.end()?;
            Ok(done)
        }
    }
}

fn answer(view: &View, input: &Input) -> Result<Value, String> {
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let (code, org_code, name) = (
        filled(&input.uscc),
        filled(&input.org_code),
        filled(&input.name),
    );
    let within = match filled(&input.division) {
        None => None,
        Some(code) => Some(
            code.trim()
                .parse()
                .map_err(|error| format!("division {code:?}: {error}"))?,
        ),
    };
    let as_of = match filled(&input.as_of) {
        None => None,
        Some(day) => Some(
            day.trim()
                .parse()
                .map_err(|_| format!("as_of {day:?} is no day, expected YYYY-MM-DD"))?,
        ),
    };
    let subject = Subject {
        code: code.as_deref(),
        org_code: org_code.as_deref(),
        name: name.as_deref(),
        within,
        context: None,
        as_of,
    };
    Ok(to_json(view, &view.resolve(&subject)))
}

/// What a row comes to that can't be understood: nobody, and why.
fn unanswered(reason: String) -> Value {
    json!({
        "outcome": "NONE",
        "agency": null,
        "score": 0.0,
        "steps": [reason],
        "candidates": [],
        "error": reason,
    })
}

fn to_json(view: &View, resolution: &Resolution) -> Value {
    let agency = |id: i64| {
        let agency = view.agency_at(view.agency_row(id)?)?;
        Some(json!({
            "uscc": agency.fact.uscc,
            "name": agency.fact.name,
            "division": agency.fact.division.to_string(),
        }))
    };
    let candidates: Vec<Value> = resolution
        .candidates
        .iter()
        .map(|candidate| {
            json!({ "agency": agency(candidate.agency), "score": candidate.score, "reason": candidate.reason })
        })
        .collect();
    json!({
        "outcome": resolution.outcome.as_str(),
        "agency": resolution.agency.and_then(agency),
        "score": resolution.score,
        "steps": resolution.steps,
        "candidates": candidates,
    })
}
