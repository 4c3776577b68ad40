//! One case as a row.

use chrono::NaiveDate;
use domain::casework::{Case, DueKind, ObjectionState, Owed, Sanction, Task};

use crate::{catalogue::Catalogue, graph::View};

/// The columns.
pub(super) const COLUMNS: [&str; 21] = [
    "办件编号",
    "流程",
    "环节",
    "单位",
    "统一社会信用代码",
    "区划",
    "承办单位",
    "开始日期",
    "办理期限",
    "期限暂定",
    "逾期",
    "各项期限",
    "核实结论",
    "目录条目",
    "失信等级",
    "记录状态",
    "终止事由",
    "未验收整改",
    "惩戒措施",
    "修复",
    "异议未决",
];

pub(super) type Row = [String; COLUMNS.len()];

pub(super) fn row(view: &View, catalogue: &Catalogue, row: u32) -> Option<Row> {
    let known = view.case_at(row)?;
    let case = &known.fact;
    let workflow = catalogue
        .casework
        .workflow(&case.workflow, &case.workflow_version);
    let stage = workflow.and_then(|workflow| workflow.stage(&case.stage));
    let bodies: Vec<_> = view
        .case_agencies(case)
        .into_iter()
        .filter_map(|row| view.agency_at(row))
        .collect();
    let each = |told: &dyn Fn(&domain::agency::Agency) -> String| {
        let told = bodies.iter().map(|body| told(&body.fact));
        told.collect::<Vec<_>>().join("；")
    };
    let handler = case.handler.and_then(|id| view.agency_row(id));
    let handler = handler.and_then(|row| view.agency_at(row));
    let running = case.running.as_ref();
    let record = case.record.as_ref();
    let item = record.and_then(|record| catalogue.lists.item(&record.item, record.identified_on));
    let place = view.present().place_of(case);
    let owed = |task: &&Task| task.is_owed();
    let in_words = |sanction: &Sanction| {
        let measure = catalogue.measure_of(sanction, place);
        let title = measure.map_or(sanction.measure.as_str(), |measure| &measure.title);
        format!("{title}（{}）", sanction.status)
    };
    let sanctions: Vec<String> = case.sanctions.iter().map(in_words).collect();
    let mut objections = case.objections.iter();
    let text = |text: Option<String>| text.unwrap_or_default();
    Some([
        known.id.to_string(),
        text(workflow.map(|workflow| workflow.title.clone())),
        stage.map_or_else(|| case.stage.clone(), |stage| stage.title.clone()),
        each(&|body| view.name_of(body).to_owned()),
        each(&|body| body.uscc.to_string()),
        each(&|body| text(view.divisions().full_name(body.division))),
        text(handler.map(|body| view.name_of(&body.fact).to_owned())),
        case.opened_on.to_string(),
        text(running.map(|running| running.on.to_string())),
        yes(running.is_some_and(|running| running.is_provisional)),
        yes(case.is_overdue(view.day())),
        due(case, view.day()),
        text(case.finding.map(|finding| finding.to_string())),
        text(item.map(|item| item.title.clone())),
        text(
            record
                .and_then(|record| record.tier)
                .map(|tier| tier.to_string()),
        ),
        text(record.map(|record| record.status.to_string())),
        text(record.and_then(|record| record.end_ground.clone())),
        case.tasks.iter().filter(owed).count().to_string(),
        sanctions.join("；"),
        text(case.repairs.last().map(|repair| repair.state.to_string())),
        yes(objections.any(|objection| objection.state == ObjectionState::Filed)),
    ])
}

fn yes(is_so: bool) -> String {
    if is_so { "是" } else { "" }.to_owned()
}

/// All that is due, each with its day: the case's own period, objections, repairs, tasks, orders.
fn due(case: &Case, day: NaiveDate) -> String {
    let in_words = |owed: Owed<'_>| {
        let (what, number) = match owed.of {
            DueKind::Period => ("办理", None),
            DueKind::Objection => ("异议", None),
            DueKind::Repair => ("修复", None),
            DueKind::Task => ("整改", Some(owed.number)),
            DueKind::Order => ("督办", Some(owed.number)),
            DueKind::Matter => ("监督", None),
        };
        let number = number.map_or_else(String::new, |number| number.to_string());
        let mark = match (owed.is_provisional, owed.due_on < day) {
            (true, _) => "（暂定）",
            (false, true) => "（逾期）",
            (false, false) => "",
        };
        format!("{what}{number} {}{mark}", owed.due_on)
    };
    case.owed().map(in_words).collect::<Vec<_>>().join("；")
}
