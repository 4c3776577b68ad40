//! `zhengxin check`: sanction checks from the command line, with receipts like those of the API.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;
use domain::{
    check::Verdict,
    privacy::mask_numbers,
    viewer::{Role, Viewer},
};
use serde_json::json;

use crate::{
    app::App,
    check::{Asked, BATCH_MAX, Body, CheckInput, Echo, NotChecked, Receipt, ReceiptId, RecordLine},
    clock::Clock,
    graph::View,
    outbound::guarded,
};

use super::{
    Done, Global, Out, Output, Stop,
    check_file::{ANSWERS, CheckFile, cells},
    print_object,
};

/// A body is given by one of code, organisation code, name and case number, or many in a file.
#[derive(Args)]
pub(super) struct CheckArgs {
    /// A name, as written
    #[arg(long)]
    name: Option<String>,
    /// A unified social credit code, as written
    #[arg(long, value_name = "CODE")]
    uscc: Option<String>,
    /// An organisation code, as written
    #[arg(long, value_name = "CODE")]
    org_code: Option<String>,
    /// Only bodies in this division or below it
    #[arg(long, value_name = "CODE")]
    division: Option<String>,
    /// The listing that is looked up
    #[arg(long, value_name = "NO")]
    case_number: Option<String>,
    /// A CSV file or a workbook: columns of names and codes are found by their headings; the answers are
    /// written as CSV behind the file's own columns
    #[arg(long, value_name = "FILE", conflicts_with_all = ["name", "uscc", "org_code", "division", "case_number"])]
    file: Option<PathBuf>,
    /// Facts as of this day; today by default
    #[arg(long, value_name = "DAY")]
    as_of: Option<NaiveDate>,
    /// What for; it is kept
    #[arg(long, value_name = "TEXT", required_unless_present = "replay")]
    purpose: Option<String>,
    /// The case or document that is the occasion; it is kept
    #[arg(long, value_name = "TEXT")]
    reference: Option<String>,
    /// Compute the answer of a receipt again, and say whether its bytes are the same
    #[arg(long, value_name = "ID", conflicts_with_all = ["name", "uscc", "org_code", "division", "case_number", "file", "as_of", "purpose", "reference"])]
    replay: Option<String>,
}

pub(super) async fn run(global: &Global, args: CheckArgs) -> Result<Done, Stop> {
    let texts = Echo {
        uscc: args.uscc,
        org_code: args.org_code,
        name: args.name,
        division: args.division,
        case_number: args.case_number,
    };
    let input = CheckInput::new(texts, None);
    if args.replay.is_none() && args.file.is_none() && !input.is_asked() {
        let usage = "give --name, --uscc, --org-code, --case-number, --file or --replay";
        return Err(Stop::WrongUsage(usage.to_owned()));
    }
    let app = App::start(global.config()?, Clock::system()).await?;
    if let Some(id) = args.replay {
        return replay(global, &app, &id).await;
    }
    let asked = Asked {
        inputs: Vec::new(),
        as_of: args.as_of,
        purpose: args.purpose.unwrap_or_default(),
        reference: args.reference,
        request: "command line".to_owned(),
    };
    let view = app.view(&app.live.now(), checker(&app));
    if let Some(path) = &args.file {
        let list = CheckFile::open(path, &app.catalogue.checks)?;
        return answer_list(&app, &view, &list, asked).await;
    }
    let asked = Asked {
        inputs: vec![input],
        ..asked
    };
    let mut worst = Done::Well;
    for receipt in ask(&app, &view, &asked).await? {
        print(global, &app, &receipt)?;
        worst = worst.max(done(receipt.answer.verdict));
    }
    Ok(worst)
}

/// Whoever has the command line checks as the province's credit authority does.
fn checker(app: &App) -> Viewer {
    Viewer {
        subject: "command line".to_owned(),
        role: Role::Authority,
        divisions: app.config.hub.province.parse().into_iter().collect(),
        ..Viewer::public()
    }
}

async fn ask(app: &App, view: &View, asked: &Asked) -> Result<Vec<Receipt>, Stop> {
    let told = app.checking().check(view, asked).await;
    let told = told.map_err(|error| match error {
        NotChecked::Invalid(reason) => Stop::WrongUsage(reason),
        error => error.into(),
    })?;
    Ok(told.into_iter().map(|(receipt, _)| receipt).collect())
}

/// All rows of a list: so many at once, each part with an entry of its own in the audit log.
async fn answer_list(app: &App, view: &View, list: &CheckFile, asked: Asked) -> Result<Done, Stop> {
    let headings = list.sheet.headings.iter().map(String::as_str);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(
        headings
            .chain(ANSWERS)
            .map(|cell| guarded(cell).into_owned()),
    )?;
    let mut out = Out::new();
    let mut worst = Done::Well;
    for part in list.sheet.rows.chunks(BATCH_MAX) {
        let inputs = part.iter().map(|row| list.input(row)).collect();
        let receipts = ask(
            app,
            view,
            &Asked {
                inputs,
                ..asked.clone()
            },
        )
        .await?;
        for (row, receipt) in part.iter().zip(receipts) {
            worst = worst.max(done(receipt.answer.verdict));
            // The list's own words, without numbers of persons, as in all that leaves.
            let listed = row.cells.iter().map(|cell| mask_numbers(cell).into_owned());
            let cells = listed.chain(cells(app, &receipt));
            writer.write_record(cells.map(|cell| guarded(&cell).into_owned()))?;
        }
        let written = std::mem::replace(&mut writer, csv::Writer::from_writer(Vec::new()));
        let bytes = written
            .into_inner()
            .map_err(|error| Stop::Failed(error.to_string()))?;
        out.line(String::from_utf8_lossy(&bytes).trim_end())?;
    }
    out.end()?;
    Ok(worst)
}

/// Tells a receipt's answer anew from the data that it names.
async fn replay(global: &Global, app: &App, name: &str) -> Result<Done, Stop> {
    let unknown = || Stop::Failed(format!("no check has the id {name:?}"));
    let id = ReceiptId::named(name, &app.config.hub.province).ok_or_else(unknown)?;
    let checking = app.checking();
    let kept = checking.kept(id).await?.ok_or_else(unknown)?;
    let newest = app.live.now();
    let version = app
        .live
        .version_at("command line", kept.data_version, &newest)
        .await?;
    let receipt = kept.receipt(id)?.ok_or_else(unknown)?;
    let replayed = checking.replay(&kept, &receipt, &version);
    print_object(
        global.output,
        &json!({
            "id": name,
            "agrees": replayed.agrees(),
            "answerDigest": replayed.kept,
            "replayedDigest": replayed.again,
            "dataVersion": kept.data_version.to_string(),
            "resolverVersion": replayed.resolver[0],
            "replayedBy": replayed.resolver[1],
        }),
    )?;
    match replayed.agrees() {
        true => Ok(Done::Well),
        false => Ok(Done::Failed),
    }
}

fn done(verdict: Verdict) -> Done {
    match verdict {
        Verdict::Clear => Done::Well,
        Verdict::Listed | Verdict::Restricted => Done::Hit,
        Verdict::Possible | Verdict::Ambiguous | Verdict::UnknownSubject | Verdict::NotCovered => {
            Done::Unsure
        }
    }
}

fn print(global: &Global, app: &App, receipt: &Receipt) -> Result<(), Stop> {
    let told = json!({
        "id": receipt.name(&app.config.hub.province),
        "verdict": receipt.answer.verdict,
        "notice": receipt.notice,
        "answer": receipt.answer,
        "answerDigest": receipt.digest,
        "purpose": receipt.purpose,
        "reference": receipt.reference,
        "askedAt": receipt.asked_at.to_rfc3339(),
        "dataAsOf": receipt.data_as_of.to_rfc3339(),
        "dataVersion": receipt.data_version.to_string(),
        "resolverVersion": receipt.resolver_version,
    });
    if global.output != Output::Table {
        return print_object(global.output, &told);
    }
    let answer = &receipt.answer;
    let agency = answer.resolution.agency.as_ref();
    let body = |body: &Body| format!("{} {}", body.uscc, body.name);
    let records = answer.records.iter().map(record_line);
    let inherited = answer.inherited.iter();
    let inherited =
        inherited.map(|line| format!("{} ← {}", record_line(&line.record), line.from_name));
    let measures = answer
        .sanctions
        .iter()
        .map(|line| format!("{} {}", line.measure, line.title));
    print_object(
        Output::Table,
        &json!({
            "verdict": answer.verdict,
            "notice": receipt.notice,
            "agency": agency.map(body),
            "candidates": answer.resolution.candidates.iter().map(|choice| body(&choice.agency)).collect::<Vec<_>>(),
            "records": records.collect::<Vec<_>>(),
            "sanctions": measures.collect::<Vec<_>>(),
            "inherited": inherited.collect::<Vec<_>>(),
            "steps": answer.resolution.steps,
            "receipt": told["id"],
            "digest": receipt.digest,
        }),
    )
}

fn record_line(line: &RecordLine) -> String {
    let case = line.case_number.as_deref().unwrap_or_default();
    let tier = line.tier.as_deref().unwrap_or("-");
    format!(
        "{} {} {tier} {} {case}",
        line.identified_on, line.kind, line.identified_by
    )
}
