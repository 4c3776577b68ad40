//! `zhengxin check`: sanction checks from the command line, with receipts like those of the API.

use std::{
    collections::BTreeSet,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use chrono::NaiveDate;
use clap::Args;
use domain::{
    audit::{Action, EntryId},
    check::Verdict,
    privacy::mask_numbers,
    viewer::{Role, Viewer},
};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    app::App,
    audit::Draft,
    check::{
        Asked, Body, CheckInput, Echo, LIST_BYTES_MAX, Lists, NotChecked, PartTold, Receipt,
        ReceiptId, RecordLine, SanctionLine, whole_name, whole_named,
    },
    clock::Clock,
    graph::View,
};

use super::{Done, Global, Out, Output, Stop, print_object};

/// Receipts of a list that are told where their answers are others now.
const OTHERS_TOLD: usize = 10;

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
    /// written as CSV behind the file's own columns, the receipt of the whole list to standard error. The same
    /// file for the same purpose on one day is the same list: broken off, it goes on where it was
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
    /// Compute the answer of a receipt again, or all of a list's, and say whether the bytes are the same
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
        let draft = Draft::by(
            &checker(&app),
            Action::Read,
            mask_numbers(&format!("check --replay {id}")),
        );
        app.audit.record(draft, None).await?;
        return match whole_named(&id, &app.config.hub.province) {
            Some(entry) => replay_list(global, &app, &id, entry).await,
            None => replay(global, &app, &id).await,
        };
    }
    let asked = Asked {
        inputs: Vec::new(),
        as_of: args.as_of,
        purpose: args.purpose.unwrap_or_default(),
        reference: args.reference,
        request: "command line".to_owned(),
    };
    if let Some(path) = &args.file {
        return answer_list(&app, path, &asked).await;
    }
    let view = app.view(&app.live.now(), checker(&app));
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

/// All rows of a list with their answers, part by part; one that was broken off goes on from its next part.
async fn answer_list(app: &App, path: &Path, asked: &Asked) -> Result<Done, Stop> {
    let place = path.display();
    let failed = |error: std::io::Error| Stop::Failed(format!("{place}: {error}"));
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    let mut file = file.take(LIST_BYTES_MAX + 1);
    file.read_to_end(&mut bytes).map_err(failed)?;
    let lists = app.lists();
    let list = lists.accept(&checker(app), asked, bytes, false).await;
    let list = list.map_err(|error| match error {
        NotChecked::Invalid(reason) => match reason.strip_prefix("list:") {
            Some(reason) => Stop::Failed(format!("{place}:{reason}")),
            None => Stop::WrongUsage(reason),
        },
        error => error.into(),
    })?;
    let mut out = Out::new();
    let mut lines = vec![Lists::headings(&list)?];
    let mut worst = Done::Well;
    for part in 0..Lists::parts(&list) {
        let PartTold { rows, is_again } = lists.part(&list, part).await?;
        // What is told again leaves like an export; what is told for the first time has its check's entry.
        if is_again {
            let object = format!("check --file, list {}", list.id);
            let draft = Draft {
                purpose: Some(list.purpose.clone()),
                reference: list.reference.clone(),
                request: asked.request.clone(),
                ..Draft::by(&checker(app), Action::Export, object)
            };
            let drafts = draft.about(&lists.about(&rows));
            app.audit.record_all(drafts).await?;
        }
        for told in rows {
            worst = worst.max(done(told.1.answer.verdict));
            lines.push(lists.line(told));
        }
        out.bytes(&Lists::csv(&std::mem::take(&mut lines))?)?;
    }
    out.bytes(&Lists::csv(&lines)?)?;
    out.end()?;
    if list.entry.is_none() {
        lists.finish(&list).await?;
    }
    let list = lists.find(&checker(app), &list.id).await?;
    let entry = list
        .and_then(|list| list.entry)
        .and_then(|entry| entry.try_into().ok());
    if let Some(entry) = entry {
        eprintln!("{}", whole_name(EntryId(entry), &lists.province));
    }
    Ok(worst)
}

/// Tells all answers of a list anew, and says of how many the bytes are others.
async fn replay_list(global: &Global, app: &App, name: &str, entry: EntryId) -> Result<Done, Stop> {
    let unknown = || Stop::Failed(format!("no list has the receipt {name:?}"));
    let whole = app.lists().whole(entry).await?.ok_or_else(unknown)?;
    let (checking, newest) = (app.checking(), app.live.now());
    let (mut rows, mut others, mut reasons) = (0, Vec::new(), BTreeSet::new());
    let mut answers = Sha256::new();
    for (entry, count) in whole.parts()? {
        let kept = checking.kept(ReceiptId { entry, place: 0 }).await?;
        let kept = kept.ok_or(NotChecked::Gone)?;
        let version = app
            .live
            .version_at("command line", kept.data_version, &newest)
            .await?;
        for place in 0..count {
            let receipt = kept.receipt(ReceiptId { entry, place })?;
            let receipt = receipt.ok_or(NotChecked::Gone)?;
            rows += 1;
            answers.update(&receipt.digest);
            answers.update(b"\n");
            if let Some(reason) = checking.replay(&kept, &receipt, &version).reason() {
                others.push(receipt.name(&app.config.hub.province));
                reasons.insert(reason);
            }
        }
    }
    let is_same = crate::hex(&answers.finalize()) == whole.answers;
    let agrees = is_same && others.is_empty();
    let differing = others.len();
    others.truncate(OTHERS_TOLD);
    print_object(
        global.output,
        &json!({
            "id": name,
            "agrees": agrees,
            "rows": rows,
            "verdicts": whole.verdicts,
            "digest": whole.digest,
            "answersDigest": whole.answers,
            "answersAgree": is_same,
            "differing": differing,
            "differingReceipts": others,
            "reasons": reasons,
        }),
    )?;
    Ok(if agrees { Done::Well } else { Done::Failed })
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
            "reason": replayed.reason(),
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
    let measure = |line: &SanctionLine| format!("{} {}", line.measure, line.title);
    let measures = answer.sanctions.iter().map(measure);
    let theirs = answer.inherited_sanctions.iter();
    let theirs = theirs.map(|line| format!("{} ← {}", measure(&line.sanction), line.from_name));
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
            "inheritedSanctions": theirs.collect::<Vec<_>>(),
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
