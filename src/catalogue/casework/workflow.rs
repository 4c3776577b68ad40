//! `workflows/*.toml`: tracks.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::{
    casework::{Act, Deadlines, Party, StageRule, StepRule, Workflow, ZeroReporting},
    division::DivisionTree,
};
use serde::Deserialize;
use toml::Spanned;

use super::{
    super::{
        Error,
        files::{Files, parse},
    },
    At, Held,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WorkflowFile {
    workflow: Spanned<String>,
    version: Spanned<String>,
    title: Spanned<String>,
    kinds: Vec<Spanned<String>>,
    #[serde(default)]
    channels: Vec<Spanned<String>>,
    division: Option<Spanned<String>>,
    from: Spanned<NaiveDate>,
    to: Option<Spanned<NaiveDate>>,
    #[serde(default)]
    named: bool,
    record_stage: Option<Spanned<String>>,
    #[serde(default)]
    zero_reporting: Vec<ZeroEntry>,
    stage: Vec<StageEntry>,
    step: Vec<StepEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ZeroEntry {
    from: Spanned<String>,
    to: Spanned<String>,
    levels: Spanned<Vec<Spanned<String>>>,
    legal_basis: Spanned<String>,
    #[serde(default)]
    verified: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StageEntry {
    code: Spanned<String>,
    title: Spanned<String>,
    #[serde(default, rename = "final")]
    is_final: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepEntry {
    act: Spanned<String>,
    from: Vec<Spanned<String>>,
    to: Option<Spanned<String>>,
    by: Spanned<Vec<Spanned<String>>>,
    #[serde(default)]
    needs: Vec<Spanned<String>>,
    starts: Option<Spanned<String>>,
    #[serde(default)]
    from_receipt: Option<Spanned<bool>>,
    #[serde(default)]
    keeps: bool,
    #[serde(default)]
    public: bool,
    legal_basis: Spanned<String>,
}

pub(super) fn load(
    files: &Files,
    deadlines: &Deadlines,
    tree: Option<&DivisionTree>,
) -> Result<Vec<Workflow>, Vec<Error>> {
    let (mut workflows, mut errors) = (Vec::new(), Vec::new());
    let mut versions = BTreeSet::new();
    let mut held = Held::new();
    for (name, text) in files.in_folder("workflows") {
        let at = At { file: name, text };
        let read = parse::<WorkflowFile>(name, text).map_err(|error| vec![error]);
        let read = read.and_then(|file| {
            let places = (file.version.clone(), file.from.clone());
            Ok((workflow(at, file, deadlines, tree)?, places))
        });
        let (workflow, (version, from)) = match read {
            Ok(read) => read,
            Err(found) => {
                errors.extend(found);
                continue;
            }
        };
        if !versions.insert((workflow.key.clone(), workflow.version.clone())) {
            let reason = format!("{:?} is there already", version.get_ref());
            errors.push(at.error(&version, "version", reason));
        }
        let time = (workflow.from, workflow.to);
        // Which of two tracks a case takes must be told by place and day.
        let met = taken_by(&workflow).into_iter().filter_map(|what| {
            let met = held.take((what.clone(), workflow.division), time)?;
            Some(format!(
                "{what} has a file for this place already, from {met}"
            ))
        });
        errors.extend(met.take(1).map(|reason| at.error(&from, "from", reason)));
        workflows.push(workflow);
    }
    // The newest of a track comes last.
    workflows.sort_by(|a, b| (&a.key, a.from).cmp(&(&b.key, b.from)));
    if errors.is_empty() {
        Ok(workflows)
    } else {
        Err(errors)
    }
}

/// What takes a track: itself, kinds of records, channels, and acts that begin a case.
fn taken_by(workflow: &Workflow) -> Vec<String> {
    let kinds = workflow.kinds.iter().map(|kind| format!("kind {kind}"));
    let channels = workflow.channels.iter();
    let channels = channels.map(|channel| format!("channel {channel}"));
    let openers = workflow.steps.iter();
    let openers = openers.filter(|step| step.from.is_empty() && !workflow.is_named);
    let openers = openers.map(|step| format!("act {}", step.act));
    let itself = format!("track {}", workflow.key);
    let all = std::iter::once(itself).chain(kinds).chain(channels);
    all.chain(openers).collect()
}

fn workflow(
    at: At<'_>,
    file: WorkflowFile,
    deadlines: &Deadlines,
    tree: Option<&DivisionTree>,
) -> Result<Workflow, Vec<Error>> {
    let one = |error| vec![error];
    let stem = file.workflow.get_ref();
    let stem = format!("workflows/{stem}");
    // Versions of one track stand in files of their own: `breach.toml`, `breach.2027.toml`.
    let is_named = at
        .file
        .strip_prefix(&stem)
        .is_some_and(|rest| rest.starts_with('.'));
    if !is_named {
        let reason = format!("{:?} is unlike the file's name", file.workflow.get_ref());
        return Err(one(at.error(&file.workflow, "workflow", reason)));
    }
    let mut codes = BTreeSet::new();
    let stages = super::all(file.stage.into_iter().map(|stage| {
        if !codes.insert(stage.code.get_ref().clone()) {
            let reason = format!("{:?} is there already", stage.code.get_ref());
            return Err(at.error(&stage.code, "stage.code", reason));
        }
        Ok(StageRule {
            code: at.said(stage.code, "stage.code")?,
            title: at.said(stage.title, "stage.title")?,
            is_final: stage.is_final,
        })
    }))?;
    let is_stage = |code: &Spanned<String>, key: &str| match codes.contains(code.get_ref()) {
        true => Ok(code.get_ref().clone()),
        false => Err(at.error(
            code,
            key,
            format!("{:?} is no stage of this file", code.get_ref()),
        )),
    };
    let acts: Vec<Spanned<String>> = file.step.iter().map(|entry| entry.act.clone()).collect();
    let mut seen = BTreeSet::new();
    let steps = super::all(file.step.into_iter().map(|entry| {
        let act = at.word(&entry.act, "step.act")?;
        let from: Vec<_> = entry
            .from
            .iter()
            .map(|from| is_stage(from, "step.from"))
            .collect::<Result<_, _>>()?;
        let again = match from.as_slice() {
            [] => (!seen.insert((act, String::new()))).then(|| entry.act.clone()),
            _ => {
                let mut again = None;
                for stage in &entry.from {
                    if !seen.insert((act, stage.get_ref().clone())) {
                        again = Some(stage.clone());
                    }
                }
                again
            }
        };
        if let Some(again) = again {
            let reason = format!("{act} leads from {:?} already", again.get_ref());
            return Err(at.error(&again, "step.from", reason));
        }
        if from.is_empty() && entry.to.is_none() {
            return Err(at.error(
                &entry.act,
                "step.to",
                "a step that begins a case says where",
            ));
        }
        if let Some(starts) = &entry.starts
            && !deadlines
                .periods
                .iter()
                .any(|rule| rule.key == *starts.get_ref())
        {
            let reason = format!("{:?} is no key of deadlines.toml", starts.get_ref());
            return Err(at.error(starts, "step.starts", reason));
        }
        let from_receipt = entry.from_receipt.filter(|said| *said.get_ref());
        if let Some(said) = &from_receipt {
            // What is filed has a period of its own, which begins with it.
            let files = matches!(act, Act::FileObjection | Act::ApplyRepair);
            if files || entry.starts.is_none() {
                let reason = "no period of the case begins with the step";
                return Err(at.error(said, "step.from_receipt", reason));
            }
        }
        if let Some(starts) = entry.starts.as_ref().filter(|_| entry.keeps) {
            let reason = "a step that keeps the period that runs begins none";
            return Err(at.error(starts, "step.starts", reason));
        }
        Ok(StepRule {
            act,
            from,
            to: entry
                .to
                .as_ref()
                .map(|to| is_stage(to, "step.to"))
                .transpose()?,
            by: at.some_words(&entry.by, "step.by")?,
            needs: at.each_once(&entry.needs, "step.needs")?,
            starts: entry.starts.map(Spanned::into_inner),
            from_receipt: from_receipt.is_some(),
            keeps: entry.keeps,
            is_public: entry.public,
            legal_basis: at.said(entry.legal_basis, "step.legal_basis")?,
        })
    }))?;
    let (from, to) = at.time(&file.from, file.to.as_ref()).map_err(one)?;
    let zero_reporting = file.zero_reporting.into_iter();
    let zero_reporting = super::all(zero_reporting.map(|entry| zero_reporting_of(at, entry)))?;
    let record_stage = file.record_stage.as_ref();
    let workflow = Workflow {
        kinds: at.each_once(&file.kinds, "kinds").map_err(one)?,
        channels: at.each_said(file.channels, "channels").map_err(one)?,
        division: at.division(file.division.as_ref(), tree).map_err(one)?,
        zero_reporting,
        is_named: file.named,
        record_stage: record_stage
            .map(|stage| is_stage(stage, "record_stage"))
            .transpose()
            .map_err(one)?,
        version: at.said(file.version, "version").map_err(one)?,
        title: at.said(file.title, "title").map_err(one)?,
        from,
        to,
        stages,
        steps,
        key: file.workflow.get_ref().clone(),
    };
    if let Some((nth, stage, other)) = unpaired(&workflow) {
        let act = workflow.steps[nth].act;
        let reason = format!("{act} leads from {stage:?}, where {other} is missing");
        return Err(one(at.error(&acts[nth], "step.act", reason)));
    }
    let (unreachable, stuck) = workflow.unreachable_or_stuck();
    for (stages, reason) in [
        (unreachable, "no step leads there"),
        (stuck, "no steps lead from there to an end"),
    ] {
        if let Some(stage) = stages.first() {
            let reason = format!("stage {stage:?}: {reason}");
            return Err(one(at.error(&file.workflow, "stage.code", reason)));
        }
    }
    Ok(workflow)
}

/// Where one act may be done another must be possible, too, by time alone where a party is named: what is begun would
/// have no end otherwise.
const PAIRS: [(Act, Act, Option<Party>); 9] = [
    (Act::ImposeSanction, Act::LiftSanction, None),
    (Act::ImposeSanction, Act::Expire, Some(Party::Clock)),
    (Act::ImposeSanction, Act::Close, Some(Party::Clock)),
    (Act::SuspendSanction, Act::ResumeSanction, None),
    (Act::ApplyRepair, Act::AcceptRepair, None),
    (Act::ApplyRepair, Act::RefuseRepair, None),
    (Act::FileObjection, Act::UpholdObjection, None),
    (Act::FileObjection, Act::DismissObjection, None),
    (Act::IssueOrder, Act::AnswerOrder, None),
];

/// A step that begins what nothing of its stage ends: the step, its stage, and what is missing.
fn unpaired(workflow: &Workflow) -> Option<(usize, &str, Act)> {
    let steps = workflow.steps.iter().enumerate();
    steps.into_iter().find_map(|(nth, step)| {
        let wanted = PAIRS.iter().filter(|(act, ..)| *act == step.act);
        let mut wanted = wanted.flat_map(|(_, other, by)| {
            let stages = step.from.iter();
            stages.map(move |stage| (stage.as_str(), *other, *by))
        });
        let missing = wanted.find(|(stage, other, by)| {
            let of_act = workflow.steps_of(*other);
            let mut fit = of_act.filter(|rule| by.is_none_or(|by| rule.by.contains(&by)));
            !fit.any(|rule| rule.from.iter().any(|from| from == stage))
        });
        missing.map(|(stage, other, _)| (nth, stage, other))
    })
}

fn zero_reporting_of(at: At<'_>, entry: ZeroEntry) -> Result<ZeroReporting, Error> {
    Ok(ZeroReporting {
        from: at.month_day(&entry.from, "zero_reporting.from")?,
        to: at.month_day(&entry.to, "zero_reporting.to")?,
        levels: at.some_words(&entry.levels, "zero_reporting.levels")?,
        legal_basis: at.said(entry.legal_basis, "zero_reporting.legal_basis")?,
        verified: entry.verified,
    })
}
