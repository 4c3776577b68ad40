//! The data of the yearly report.

use std::sync::Arc;

use async_graphql::SimpleObject;
use domain::assess::{self, Campaign, RulePack};

use crate::{graph::View, store::Known};

use super::{
    super::scalars::Date,
    result::{AnnualGroup, AnnualResult, count, number},
};

/// 年度政务诚信报告的数据。 / The data of the yearly report on government integrity.
#[derive(SimpleObject)]
pub struct AnnualReport {
    /// 单位数，以可见者为限。 / How many bodies it tells of.
    bodies: i32,
    /// 所依据结果的摘要。 / Digest of the results that it rests on.
    results_digest: String,
    /// 按层级和类别的分布。 / By level and kind.
    groups: Vec<AnnualGroup>,
    /// 与上一年度相比；上年未评估者为 null。 / Against the year before; null where that was not assessed.
    moves: Option<AnnualMoves>,
    /// 异议件数。 / Objections.
    objections: AnnualObjectionCounts,
    /// 前十名。 / The first ten.
    best: Vec<AnnualResult>,
    /// 后十名，末位在前。 / The last ten, the last first.
    worst: Vec<AnnualResult>,
    /// 会议日。 / The day on which the standing committee meets.
    meeting_on: Date,
    /// 会前日程，先者在前。 / What is due before it, the first first.
    calendar: Vec<AnnualReportDue>,
}

/// 与上一年度相比。 / Against the year before.
#[derive(SimpleObject)]
pub struct AnnualMoves {
    /// 得分上升的单位数。 / Bodies whose score is higher.
    better: i32,
    /// 得分不变的单位数。 / Bodies whose score is the same.
    same: i32,
    /// 得分下降的单位数。 / Bodies whose score is lower.
    worse: i32,
    /// 上年未评的单位数。 / Bodies that were not assessed then.
    added: i32,
    /// 今年未评的单位数。 / Bodies that were assessed then and are not now.
    gone: i32,
    /// 等级变动。 / From which grade to which.
    grades: Vec<AnnualGradeMove>,
}

/// 由某等级至某等级的单位数。 / Bodies that had one grade and have another.
#[derive(SimpleObject)]
pub struct AnnualGradeMove {
    /// 上年等级。 / The grade then.
    before: String,
    /// 本年等级。 / The grade now.
    after: String,
    /// 单位数。 / How many.
    bodies: i32,
}

/// 异议件数。 / How many objections there were.
#[derive(SimpleObject)]
pub struct AnnualObjectionCounts {
    /// 提出。 / Filed.
    filed: i32,
    /// 成立。 / Upheld.
    upheld: i32,
    /// 不成立。 / Not upheld.
    rejected: i32,
}

/// 会前一项日程。 / What is due before the meeting.
#[derive(SimpleObject)]
pub struct AnnualReportDue {
    /// 键。 / Its key.
    key: String,
    /// 事项。 / What is to be done.
    title: String,
    /// 最迟之日。 / The last day on which it is done in time.
    due_on: Date,
    /// 依据。 / What it rests on.
    legal_basis: String,
    /// 条文是否已核对。 / Whether the article was read.
    verified: bool,
}

impl AnnualReport {
    pub(super) fn of(
        view: &Arc<View>,
        campaign: &Arc<Known<Campaign>>,
        pack: &RulePack,
        report: assess::AnnualReport,
    ) -> Self {
        let named = |bodies: Vec<assess::Ranked>| {
            let bodies = bodies.into_iter();
            bodies
                .map(|body| AnnualResult::new(view, campaign, body, None))
                .collect()
        };
        let groups = report.groups.into_iter();
        let calendar = report.calendar.into_iter();
        Self {
            bodies: count(report.bodies),
            results_digest: report.results_digest,
            groups: groups.map(|group| AnnualGroup::of(pack, group)).collect(),
            moves: report.moves.map(Into::into),
            objections: AnnualObjectionCounts {
                filed: number(report.objections.filed),
                upheld: number(report.objections.upheld),
                rejected: number(report.objections.rejected),
            },
            best: named(report.best),
            worst: named(report.worst),
            meeting_on: Date(report.meeting),
            calendar: calendar.map(Into::into).collect(),
        }
    }
}

impl From<assess::Moves> for AnnualMoves {
    fn from(moves: assess::Moves) -> Self {
        let grades = moves.grades.into_iter();
        Self {
            better: count(moves.better),
            same: count(moves.same),
            worse: count(moves.worse),
            added: count(moves.new),
            gone: count(moves.gone),
            grades: grades
                .map(|(before, after, bodies)| AnnualGradeMove {
                    before,
                    after,
                    bodies: count(bodies),
                })
                .collect(),
        }
    }
}

impl From<assess::ReportDue> for AnnualReportDue {
    fn from(due: assess::ReportDue) -> Self {
        Self {
            key: due.key,
            title: due.title,
            due_on: Date(due.due_on),
            legal_basis: due.legal_basis,
            verified: due.verified,
        }
    }
}
