//! Acts, who may do them, and what they need: closed lists that workflow files name.

/// What is done in a case: a closed list, which files name and code carries out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Act {
    /// 不予受理
    Reject,
    /// 转交 to the superior or competent body.
    Transfer,
    /// 启动核实
    Accept,
    /// 陈述申辩 of the body that a lead is about.
    State,
    /// 延期, as far as the period's cap.
    Extend,
    /// 核实结论：founded or not.
    Find,
    /// 答复投诉人：why it is unfounded.
    Answer,
    /// 责令整改：a task with an owner and a day.
    AskRectification,
    /// 整改进展
    ReportProgress,
    /// 提交整改
    SubmitRectification,
    /// 验收整改
    AcceptRectification,
    /// 退回整改
    ReturnRectification,
    /// 认定：a record comes of it.
    Confirm,
    /// 定级
    Grade,
    /// 公示
    Publish,
    /// 提请惩戒措施
    ProposeSanction,
    /// 实施惩戒措施
    ImposeSanction,
    /// 中止惩戒措施
    SuspendSanction,
    /// 恢复惩戒措施
    ResumeSanction,
    /// 解除惩戒措施
    LiftSanction,
    /// 实施守信激励
    GrantIncentive,
    /// 终止守信激励：a record came.
    EndIncentive,
    /// 申请信用修复
    ApplyRepair,
    /// 准予修复
    AcceptRepair,
    /// 不予修复
    RefuseRepair,
    /// 撤销修复
    RevokeRepair,
    /// 提出异议
    FileObjection,
    /// 异议成立
    UpholdObjection,
    /// 异议不成立
    DismissObjection,
    /// 撤回异议
    WithdrawObjection,
    /// 撤销认定：it was wrong from the start.
    Withdraw,
    /// 发督办书
    IssueOrder,
    /// 答复督办书
    AnswerOrder,
    /// 约谈
    Summon,
    /// 通报
    Circulate,
    /// 法院拟纳入预警
    Prewarn,
    /// 报告履行
    ReportPerformance,
    /// 人大、上级提出监督事项
    OpenMatter,
    /// 答复监督事项
    AnswerMatter,
    /// 继续督办
    PressMatter,
    /// 办结监督事项
    SettleMatter,
    /// 办结
    Close,
    /// 催办：who owes something is reminded of it.
    Remind,
    /// 升级：the superior of who is late is told.
    Escalate,
    /// 期限重算 where a year's calendar has come out.
    Recount,
    /// 重新列入 by its source.
    Relist,
    /// 起始：the first day of a measure came, by time alone.
    Begin,
    /// 届满：by time alone.
    Expire,
}

crate::text_enum!(Act {
    Reject => "REJECT",
    Transfer => "TRANSFER",
    Accept => "ACCEPT",
    State => "STATE",
    Extend => "EXTEND",
    Find => "FIND",
    Answer => "ANSWER",
    AskRectification => "ASK_RECTIFICATION",
    ReportProgress => "REPORT_PROGRESS",
    SubmitRectification => "SUBMIT_RECTIFICATION",
    AcceptRectification => "ACCEPT_RECTIFICATION",
    ReturnRectification => "RETURN_RECTIFICATION",
    Confirm => "CONFIRM",
    Grade => "GRADE",
    Publish => "PUBLISH",
    ProposeSanction => "PROPOSE_SANCTION",
    ImposeSanction => "IMPOSE_SANCTION",
    SuspendSanction => "SUSPEND_SANCTION",
    ResumeSanction => "RESUME_SANCTION",
    LiftSanction => "LIFT_SANCTION",
    GrantIncentive => "GRANT_INCENTIVE",
    EndIncentive => "END_INCENTIVE",
    ApplyRepair => "APPLY_REPAIR",
    AcceptRepair => "ACCEPT_REPAIR",
    RefuseRepair => "REFUSE_REPAIR",
    RevokeRepair => "REVOKE_REPAIR",
    FileObjection => "FILE_OBJECTION",
    UpholdObjection => "UPHOLD_OBJECTION",
    DismissObjection => "DISMISS_OBJECTION",
    WithdrawObjection => "WITHDRAW_OBJECTION",
    Withdraw => "WITHDRAW",
    IssueOrder => "ISSUE_ORDER",
    AnswerOrder => "ANSWER_ORDER",
    Summon => "SUMMON",
    Circulate => "CIRCULATE",
    Prewarn => "PREWARN",
    ReportPerformance => "REPORT_PERFORMANCE",
    OpenMatter => "OPEN_MATTER",
    AnswerMatter => "ANSWER_MATTER",
    PressMatter => "PRESS_MATTER",
    SettleMatter => "SETTLE_MATTER",
    Close => "CLOSE",
    Remind => "REMIND",
    Escalate => "ESCALATE",
    Recount => "RECOUNT",
    Relist => "RELIST",
    Begin => "BEGIN",
    Expire => "EXPIRE",
});
crate::text_serde!(Act);

impl Act {
    /// Whether the words of it are for the body that a case is about, whoever says them. What a body is alleged to
    /// have done, and what is said to who alleged it, is verified without it.
    pub fn is_told_to_concerned(self) -> bool {
        match self {
            Self::Reject
            | Self::Transfer
            | Self::Accept
            | Self::Extend
            | Self::Find
            | Self::Answer
            | Self::AnswerOrder
            | Self::Summon
            | Self::Circulate
            | Self::Close => false,
            Self::State
            | Self::AskRectification
            | Self::ReportProgress
            | Self::SubmitRectification
            | Self::AcceptRectification
            | Self::ReturnRectification
            | Self::Confirm
            | Self::Grade
            | Self::Publish
            | Self::ProposeSanction
            | Self::ImposeSanction
            | Self::SuspendSanction
            | Self::ResumeSanction
            | Self::LiftSanction
            | Self::GrantIncentive
            | Self::EndIncentive
            | Self::ApplyRepair
            | Self::AcceptRepair
            | Self::RefuseRepair
            | Self::RevokeRepair
            | Self::FileObjection
            | Self::UpholdObjection
            | Self::DismissObjection
            | Self::WithdrawObjection
            | Self::Withdraw
            | Self::IssueOrder
            | Self::Prewarn
            | Self::ReportPerformance
            | Self::OpenMatter
            | Self::AnswerMatter
            | Self::PressMatter
            | Self::SettleMatter
            | Self::Remind
            | Self::Escalate
            | Self::Recount
            | Self::Relist
            | Self::Begin
            | Self::Expire => true,
        }
    }
}

/// Who does it, as he stands to the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Party {
    /// 信用牵头部门：an authority in whose area the case lies.
    Authority,
    /// 认定部门：the body that has the case in hand, or an authority that names none.
    Handler,
    /// 被反映单位：the body that the case is about.
    Concerned,
    /// 上级政府
    Government,
    /// 人大
    Congress,
    /// 法院
    Court,
    /// Time, by the hub's own jobs.
    Clock,
}

crate::text_enum!(Party {
    Authority => "AUTHORITY",
    Handler => "HANDLER",
    Concerned => "CONCERNED",
    Government => "GOVERNMENT",
    Congress => "CONGRESS",
    Court => "COURT",
    Clock => "CLOCK",
});
crate::text_serde!(Party);

/// What a step can't do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Need {
    /// 依据
    Basis,
    /// 说明
    Note,
    /// 证据, at least one piece.
    Evidence,
    /// A finding that it is founded has gone before.
    Founded,
    /// A finding that it is unfounded has gone before.
    Unfounded,
    /// Rectification was refused.
    Refusal,
    /// The case's period is over or, once an order (督办书) was issued, that of the last one.
    Silence,
}

crate::text_enum!(Need {
    Basis => "BASIS",
    Note => "NOTE",
    Evidence => "EVIDENCE",
    Founded => "FOUNDED",
    Unfounded => "UNFOUNDED",
    Refusal => "REFUSAL",
    Silence => "SILENCE",
});
