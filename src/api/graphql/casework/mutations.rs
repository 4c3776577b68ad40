//! The steps of casework, each a mutation.

use async_graphql::{Context, ID, InputObject, Object};
use domain::casework::{Act, Confirmation, Deed, Finding as Found};

use super::{
    super::{
        ask::ask,
        credit_record::Tier,
        error::Result,
        node::NodeKind,
        scalars::{Date, Decimal},
    },
    Finding,
    input::{Common, Of, body, digests, ordinal, part, step, words},
    outcome::{CaseOutcome, TransferClueOutcome},
    steps::steps,
};

/// 办件的步骤。 / Steps of casework.
#[derive(Default)]
pub struct CaseMutation;

/// 转交线索的输入。 / Whom a clue is passed on to.
#[derive(InputObject)]
pub struct TransferClueInput {
    /// 幂等键，1 至 255 字；72 小时内同键同输入只办一次。 / Idempotency key of 1 to 255 characters; within 72 hours the same key and input are done once.
    key: String,
    /// 线索的全局 id。 / The clue's global id.
    clue_id: ID,
    /// 所见线索的版本号。 / The clue's version that was seen.
    version: i32,
    /// 转往单位的全局 id。 / Global id of the body that it goes to.
    to: ID,
    /// 说明。 / In which words.
    note: Option<String>,
}

/// 认定失信记录的输入。 / What is confirmed.
#[derive(InputObject)]
pub struct ConfirmRecordInput {
    /// 幂等键，1 至 255 字；72 小时内同键同输入只办一次。 / Idempotency key of 1 to 255 characters; within 72 hours the same key and input are done once.
    key: String,
    /// 线索的全局 id。 / The clue's global id.
    clue_id: ID,
    /// 所见线索的版本号。 / The clue's version that was seen.
    version: i32,
    /// 目录清单条目编码。 / The code of the list's entry.
    item: String,
    /// 等级；缺省依清单。 / The grade; the list's by default.
    tier: Option<Tier>,
    /// 认定日期。 / The day of determination.
    identified_on: Date,
    /// 认定部门名称；缺省为承办单位。 / Who determined it; the body that has it in hand by default.
    identified_by: Option<String>,
    /// 涉及金额（元）。 / What is owed, in yuan.
    amount: Option<Decimal>,
    /// 逾期起算日，仅拖欠账款。 / The day from which a debt is overdue, of arrears alone.
    overdue_since: Option<Date>,
    /// 依据。 / What it rests on.
    basis: Option<String>,
    /// 说明。 / In which words.
    note: Option<String>,
    /// 证据的 SHA-256，十六进制小写，至多 20 件。 / SHA-256 of what is attached, in small hexadecimal digits, at most 20.
    evidence: Option<Vec<String>>,
}

steps! {
    "不予受理线索。 / Turns a clue away."
    reject_clue: RejectClueInput {
        "线索的全局 id。 / The clue's global id." clue_id: ID,
    }
    |ask, input| Of::Clue(&input.clue_id) => Ok(Deed::Plain(Act::Reject));

    "受理线索，启动核实。 / Takes a clue up and begins to verify it."
    accept_clue: AcceptClueInput {
        "线索的全局 id。 / The clue's global id." clue_id: ID,
    }
    |ask, input| Of::Clue(&input.clue_id) => Ok(Deed::Plain(Act::Accept));

    "延长本步期限至规则的上限。 / Extends the period that runs, as far as its rule allows."
    extend_deadline: ExtendDeadlineInput {
        "办件的全局 id。 / The case's global id." case_id: ID,
        "未决的修复申请或异议的全局 id；缺省为办件本身的期限。 / Global id of an application or objection that waits to be decided; the case's own period by default." part: Option<ID>,
    }
    |ask, input| Of::Case(&input.case_id) => {
        let waiting = |id: &ID| part(ask, NodeKind::Repair, id).or_else(|_| part(ask, NodeKind::Objection, id));
        input.part.as_ref().map(waiting).transpose().map(|part| Deed::Extend { part })
    };

    "作出核实结论。 / Says what verification found."
    verify_clue: VerifyClueInput {
        "线索的全局 id。 / The clue's global id." clue_id: ID,
        "结论。 / What it found." finding: Finding,
    }
    |ask, input| Of::Clue(&input.clue_id) => Ok(Deed::Find { finding: Found::from(input.finding) });

    "向反映人答复不属实的理由。 / Tells who alleged it why it is unfounded."
    answer_clue: AnswerClueInput {
        "线索的全局 id。 / The clue's global id." clue_id: ID,
    }
    |ask, input| Of::Clue(&input.clue_id) => Ok(Deed::Plain(Act::Answer));

    "被反映单位陈述申辩。 / The body that a lead is about has its say."
    make_statement: MakeStatementInput {
        "办件的全局 id。 / The case's global id." case_id: ID,
    }
    |ask, input| Of::Case(&input.case_id) => Ok(Deed::Plain(Act::State));

    "办结。 / Closes a case."
    close_case: CloseCaseInput {
        "办件的全局 id。 / The case's global id." case_id: ID,
    }
    |ask, input| Of::Case(&input.case_id) => Ok(Deed::Plain(Act::Close));

    "责令整改：责任单位、任务与期限。 / Asks for rectification: of whom, what, by when."
    ask_rectification: AskRectificationInput {
        "办件的全局 id。 / The case's global id." case_id: ID,
        "责任单位的全局 id。 / Global id of the body that owes it." owner: ID,
        "任务。 / What is to be done." title: String,
        "期限。 / By when." due_on: Date,
    }
    |ask, input| Of::Case(&input.case_id) => {
        let title = words(Some(&input.title), "a task")?;
        body(ask, &input.owner).map(|owner| Deed::AskRectification {
            owner,
            title: title.unwrap_or_default(),
            due_on: input.due_on.0,
        })
    };

    "报告整改进展。 / Tells how far a task is."
    report_progress: ReportProgressInput {
        "办件的全局 id。 / The case's global id." case_id: ID,
        "任务序号。 / The task's number." task: i32,
    }
    |ask, input| Of::Case(&input.case_id) => Ok(Deed::Task { act: Act::ReportProgress, task: ordinal(input.task) });

    "提交整改结果。 / Hands a task in."
    submit_rectification: SubmitRectificationInput {
        "办件的全局 id。 / The case's global id." case_id: ID,
        "任务序号。 / The task's number." task: i32,
    }
    |ask, input| Of::Case(&input.case_id) => Ok(Deed::Task { act: Act::SubmitRectification, task: ordinal(input.task) });

    "验收整改。 / Accepts a task."
    accept_rectification: AcceptRectificationInput {
        "办件的全局 id。 / The case's global id." case_id: ID,
        "任务序号。 / The task's number." task: i32,
    }
    |ask, input| Of::Case(&input.case_id) => Ok(Deed::Task { act: Act::AcceptRectification, task: ordinal(input.task) });

    "退回整改，或认定拒不整改。 / Gives a task back, or says that it was refused."
    return_rectification: ReturnRectificationInput {
        "办件的全局 id。 / The case's global id." case_id: ID,
        "任务序号。 / The task's number." task: i32,
        "是否拒不整改。 / Whether it was refused." refused: bool,
    }
    |ask, input| Of::Case(&input.case_id) => Ok(Deed::ReturnRectification { task: ordinal(input.task), is_refused: input.refused });

    "发出督办书。 / Issues a supervision order."
    issue_supervision_order: IssueSupervisionOrderInput {
        "办件的全局 id。 / The case's global id." case_id: ID,
        "答复期限。 / By when an answer is due." due_on: Date,
    }
    |ask, input| Of::Case(&input.case_id) => Ok(Deed::IssueOrder { due_on: input.due_on.0 });

    "答复督办书。 / Answers a supervision order."
    answer_supervision_order: AnswerSupervisionOrderInput {
        "办件的全局 id。 / The case's global id." case_id: ID,
        "督办书序号。 / The order's number." order: i32,
    }
    |ask, input| Of::Case(&input.case_id) => Ok(Deed::AnswerOrder { order: ordinal(input.order) });

    "约谈。 / Summons those responsible."
    summon_responsible: SummonResponsibleInput {
        "办件的全局 id。 / The case's global id." case_id: ID,
    }
    |ask, input| Of::Case(&input.case_id) => Ok(Deed::Plain(Act::Summon));

    "通报。 / Tells of it in a circular."
    circulate_case: CirculateCaseInput {
        "办件的全局 id。 / The case's global id." case_id: ID,
    }
    |ask, input| Of::Case(&input.case_id) => Ok(Deed::Plain(Act::Circulate));

    "定级。 / Grades a record."
    grade_record: GradeRecordInput {
        "记录的全局 id。 / The record's global id." record_id: ID,
        "等级。 / The grade." tier: Tier,
    }
    |ask, input| Of::Record(&input.record_id) => Ok(Deed::Grade { tier: input.tier.into() });

    "公示记录。 / Shows a record to the public."
    publish_record: PublishRecordInput {
        "记录的全局 id。 / The record's global id." record_id: ID,
    }
    |ask, input| Of::Record(&input.record_id) => Ok(Deed::Plain(Act::Publish));

    "提请实施措施。 / Proposes a measure."
    propose_sanction: ProposeSanctionInput {
        "记录的全局 id。 / The record's global id." record_id: ID,
        "措施编码。 / The measure's code." measure: String,
        "开始日期。 / The first day." starts_on: Option<Date>,
        "结束日期；缺省为可允许的最后一日。 / The last day; the last that is allowed by default." ends_on: Option<Date>,
    }
    |ask, input| Of::Record(&input.record_id) => Ok(Deed::Sanction {
        act: Act::ProposeSanction,
        measure: input.measure.clone(),
        starts_on: input.starts_on.as_ref().map(|day| day.0),
        ends_on: input.ends_on.as_ref().map(|day| day.0),
    });

    "实施措施；由清单所列的部门办理。 / Imposes a measure, by the body that the list names."
    impose_sanction: ImposeSanctionInput {
        "记录的全局 id。 / The record's global id." record_id: ID,
        "措施编码。 / The measure's code." measure: String,
        "开始日期；缺省为今日。 / The first day; today by default." starts_on: Option<Date>,
        "结束日期；缺省为可允许的最后一日。 / The last day; the last that is allowed by default." ends_on: Option<Date>,
    }
    |ask, input| Of::Record(&input.record_id) => Ok(Deed::Sanction {
        act: Act::ImposeSanction,
        measure: input.measure.clone(),
        starts_on: input.starts_on.as_ref().map(|day| day.0),
        ends_on: input.ends_on.as_ref().map(|day| day.0),
    });

    "中止措施。 / Suspends a measure."
    suspend_sanction: SuspendSanctionInput {
        "惩戒的全局 id。 / The sanction's global id." sanction_id: ID,
    }
    |ask, input| Of::Sanction(&input.sanction_id) => part(ask, NodeKind::Sanction, &input.sanction_id)
        .map(|sanction| Deed::SanctionMove { act: Act::SuspendSanction, sanction });

    "恢复措施。 / Resumes a measure."
    resume_sanction: ResumeSanctionInput {
        "惩戒的全局 id。 / The sanction's global id." sanction_id: ID,
    }
    |ask, input| Of::Sanction(&input.sanction_id) => part(ask, NodeKind::Sanction, &input.sanction_id)
        .map(|sanction| Deed::SanctionMove { act: Act::ResumeSanction, sanction });

    "解除措施。 / Lifts a measure."
    lift_sanction: LiftSanctionInput {
        "惩戒的全局 id。 / The sanction's global id." sanction_id: ID,
    }
    |ask, input| Of::Sanction(&input.sanction_id) => part(ask, NodeKind::Sanction, &input.sanction_id)
        .map(|sanction| Deed::SanctionMove { act: Act::LiftSanction, sanction });

    "实施守信激励；对没有有效失信记录的单位，由清单所列的部门办理。 / Grants an incentive: to a body about which no record holds, by the body that the list names."
    grant_incentive: GrantIncentiveInput {
        "单位的全局 id。 / The body's global id." agency_id: ID,
        "措施编码。 / The measure's code." measure: String,
        "开始日期；缺省为今日。 / The first day; today by default." starts_on: Option<Date>,
        "结束日期；缺省为可允许的最后一日。 / The last day; the last that is allowed by default." ends_on: Option<Date>,
    }
    |ask, input| Of::Agency(&input.agency_id) => Ok(Deed::Sanction {
        act: Act::GrantIncentive,
        measure: input.measure.clone(),
        starts_on: input.starts_on.as_ref().map(|day| day.0),
        ends_on: input.ends_on.as_ref().map(|day| day.0),
    });

    "申请信用修复。 / Applies for repair."
    apply_for_repair: ApplyForRepairInput {
        "记录的全局 id。 / The record's global id." record_id: ID,
        "公开信用承诺书的 SHA-256，十六进制小写；公示规则要求时必填。 / SHA-256 of the public commitment, in small hexadecimal digits; needed where the record's publicity rule says so." commitment: Option<String>,
    }
    |ask, input| Of::Record(&input.record_id) => Ok(Deed::ApplyRepair {
        commitment: digests(input.commitment.iter().cloned().collect())?.pop(),
    });

    "决定修复申请；准予即终止公示、共享和全部措施。 / Decides on an application for repair: granted, publicity, sharing and all measures end at once."
    decide_repair: DecideRepairInput {
        "修复申请的全局 id。 / The application's global id." repair_id: ID,
        "是否准予。 / Whether it is granted." accepted: bool,
    }
    |ask, input| Of::Repair(&input.repair_id) => part(ask, NodeKind::Repair, &input.repair_id).map(|repair| {
        let act = if input.accepted { Act::AcceptRepair } else { Act::RefuseRepair };
        Deed::Repair { act, repair }
    });

    "撤销修复，记录恢复有效。 / Revokes a repair: the record holds again."
    revoke_repair: RevokeRepairInput {
        "修复申请的全局 id。 / The application's global id." repair_id: ID,
    }
    |ask, input| Of::Repair(&input.repair_id) => part(ask, NodeKind::Repair, &input.repair_id)
        .map(|repair| Deed::Repair { act: Act::RevokeRepair, repair });

    "提出异议；受理即标注。 / Files an objection: the record is marked at once."
    file_objection: FileObjectionInput {
        "记录的全局 id。 / The record's global id." record_id: ID,
    }
    |ask, input| Of::Record(&input.record_id) => Ok(Deed::Plain(Act::FileObjection));

    "决定异议；成立即撤销记录。 / Decides on an objection: upheld, the record is withdrawn."
    decide_objection: DecideObjectionInput {
        "异议的全局 id。 / The objection's global id." objection_id: ID,
        "是否成立。 / Whether it is upheld." upheld: bool,
    }
    |ask, input| Of::Objection(&input.objection_id) => part(ask, NodeKind::Objection, &input.objection_id).map(|objection| {
        let act = if input.upheld { Act::UpholdObjection } else { Act::DismissObjection };
        Deed::Objection { act, objection }
    });

    "撤回异议。 / Takes an objection back."
    withdraw_objection: WithdrawObjectionInput {
        "异议的全局 id。 / The objection's global id." objection_id: ID,
    }
    |ask, input| Of::Objection(&input.objection_id) => part(ask, NodeKind::Objection, &input.objection_id)
        .map(|objection| Deed::Objection { act: Act::WithdrawObjection, objection });

    "撤销认定：记录自始错误。 / Withdraws a record: it was wrong from the start."
    withdraw_record: WithdrawRecordInput {
        "记录的全局 id。 / The record's global id." record_id: ID,
    }
    |ask, input| Of::Record(&input.record_id) => Ok(Deed::Plain(Act::Withdraw));

    "法院拟纳入失信名单前的预警。 / A court tells before it lists a body."
    prewarn_agency: PrewarnAgencyInput {
        "单位的全局 id。 / The body's global id." agency_id: ID,
    }
    |ask, input| Of::Agency(&input.agency_id) => Ok(Deed::Plain(Act::Prewarn));

    "报告履行。 / Reports performance."
    report_performance: ReportPerformanceInput {
        "办件的全局 id。 / The case's global id." case_id: ID,
    }
    |ask, input| Of::Case(&input.case_id) => Ok(Deed::Plain(Act::ReportPerformance));

    "提出监督事项（询问、督办、代表建议）。 / Opens a matter of oversight."
    open_matter: OpenMatterInput {
        "单位的全局 id；与记录、预警择一。 / The body's global id; this, a record or a warning." agency_id: Option<ID>,
        "所由提出的记录的全局 id；向其责任单位提出。 / Global id of the record that gives occasion; its body is asked." record_id: Option<ID>,
        "所由提出的预警的全局 id；向所涉单位提出。 / Global id of the warning that gives occasion; its body is asked." warning_id: Option<ID>,
        "答复期限。 / By when an answer is due." due_on: Date,
        "类别，即所走的流程：oversight 督办（未写明时）、inquiry 询问、proposal 代表建议。 / Its kind, which is its track: oversight (where none is named), inquiry, proposal." workflow: Option<String>,
    }
    |ask, input| match (&input.agency_id, &input.record_id, &input.warning_id) {
        (Some(agency), None, None) => Of::Agency(agency),
        (None, Some(record), None) => Of::Subject(record),
        (None, None, Some(warning)) => Of::Warned(warning),
        _ => Of::Unsaid,
    } => Ok(Deed::Matter { act: Act::OpenMatter, due_on: input.due_on.0, track: input.workflow.clone() });

    "答复监督事项。 / Answers a matter of oversight."
    answer_matter: AnswerMatterInput {
        "办件的全局 id。 / The case's global id." case_id: ID,
    }
    |ask, input| Of::Case(&input.case_id) => Ok(Deed::Plain(Act::AnswerMatter));

    "继续督办，另定期限。 / Presses a matter on, with a new day."
    press_matter: PressMatterInput {
        "办件的全局 id。 / The case's global id." case_id: ID,
        "答复期限。 / By when an answer is due." due_on: Date,
    }
    |ask, input| Of::Case(&input.case_id) => Ok(Deed::Matter { act: Act::PressMatter, due_on: input.due_on.0, track: None });

    "办结监督事项。 / Settles a matter of oversight."
    settle_matter: SettleMatterInput {
        "办件的全局 id。 / The case's global id." case_id: ID,
    }
    |ask, input| Of::Case(&input.case_id) => Ok(Deed::Plain(Act::SettleMatter));
}
