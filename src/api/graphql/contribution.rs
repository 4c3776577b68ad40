use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use domain::{
    assess::{self, Ground, RuleChange, RulePack},
    assessment::AssessmentLine,
};

use crate::graph::View;

use super::{
    connection::{request, wants_total},
    credit_record::{CreditRecord, CreditRecordConnection},
    error::Result,
    indicator::Indicator,
    scalars::Decimal,
};

/// Measurements that one contribution shows.
const INDICATORS_MAX: usize = 200;

/// 评估的一项得分。 / What one rule or indicator adds to an assessment.
pub struct Contribution {
    view: Option<Arc<View>>,
    rule: String,
    title: String,
    indicator: Option<String>,
    points: rust_decimal::Decimal,
    full_points: Option<rust_decimal::Decimal>,
    legal_basis: String,
    is_illustrative: bool,
    records: Vec<i64>,
    indicators: Vec<i64>,
}

/// 两份评分中一项之差。 / One rule whose points are others in two assessments.
#[derive(SimpleObject)]
pub struct ContributionChange {
    /// 规则。 / The rule.
    rule: String,
    /// 名称。 / What it is called.
    title: String,
    /// 原得分。 / Points in the other one.
    before: Decimal,
    /// 现得分。 / Points in this one.
    after: Decimal,
}

/// What a ground is called by: its word, its title, its heading, what it rests on, whether it is an example.
fn named(pack: &RulePack, ground: &Ground) -> (String, String, Option<String>, String, bool) {
    let whole = |word: &str, title: &str| {
        let basis = pack.legal_basis.clone();
        (
            word.to_owned(),
            title.to_owned(),
            None,
            basis,
            pack.is_illustrative,
        )
    };
    match ground {
        Ground::Base => whole("base", "基准分"),
        Ground::Limits => whole("limits", "总分上下限"),
        Ground::Bounds(code) => {
            let heading = pack.heading(code).map_or("", |heading| &*heading.title);
            let mut named = whole(&format!("bounds.{code}"), &format!("{heading}：上下限"));
            named.2 = Some(code.clone());
            named
        }
        Ground::Rule(code) => match pack.rule(code) {
            Some(rule) => {
                let heading = pack.headings[rule.heading].code.clone();
                let basis = rule.legal_basis.clone();
                (
                    code.clone(),
                    rule.title.clone(),
                    Some(heading),
                    basis,
                    rule.is_illustrative,
                )
            }
            None => whole(code, code),
        },
    }
}

impl Contribution {
    /// One of a score by the rules.
    pub(super) fn of(view: &Arc<View>, pack: &RulePack, part: &assess::Contribution) -> Self {
        let (rule, title, indicator, legal_basis, is_illustrative) = named(pack, &part.ground);
        Self {
            view: Some(Arc::clone(view)),
            rule,
            title,
            indicator,
            points: part.points,
            full_points: None,
            legal_basis,
            is_illustrative,
            records: part.records.clone(),
            indicators: part.indicators.clone(),
        }
    }

    /// One of what a third party told; none of the line of the whole.
    pub(super) fn of_line(line: &AssessmentLine) -> Option<Self> {
        let indicator = line.indicator.as_ref()?;
        Some(Self {
            view: None,
            rule: indicator.clone(),
            title: indicator.clone(),
            indicator: Some(indicator.clone()),
            points: line.score?,
            full_points: line.full_score,
            legal_basis: line.report.as_ref().unwrap_or(&line.assessor).clone(),
            is_illustrative: false,
            records: Vec::new(),
            indicators: Vec::new(),
        })
    }
}

impl ContributionChange {
    pub(super) fn of(packs: &[&RulePack; 2], change: &RuleChange) -> Self {
        let knows = |pack: &&&RulePack| match &change.ground {
            Ground::Rule(code) => pack.rule(code).is_some(),
            Ground::Bounds(code) => pack.heading(code).is_some(),
            _ => true,
        };
        let pack = packs.iter().find(knows).unwrap_or(&packs[0]);
        let (rule, title, ..) = named(pack, &change.ground);
        Self {
            rule,
            title,
            before: Decimal(change.before),
            after: Decimal(change.after),
        }
    }
}

/// 评估的一项得分。 / What one rule or indicator adds to an assessment.
#[Object]
impl Contribution {
    /// 规则或指标；base 为基准分，bounds. 与 limits 为上下限之调整。 / The rule, or a third party's own indicator; `base` is what all begin with, `bounds.` and `limits` what bounds give back or take.
    async fn rule(&self) -> &str {
        &self.rule
    }

    /// 名称。 / What it is called.
    async fn title(&self) -> &str {
        &self.title
    }

    /// 所属指标。 / The heading that it stands below.
    async fn indicator(&self) -> Option<&str> {
        self.indicator.as_deref()
    }

    /// 得分，已计封顶与权重。 / Points, after caps and weights.
    async fn points(&self) -> Decimal {
        Decimal(self.points)
    }

    /// 满分。 / Points at most, where they are told.
    async fn full_points(&self) -> Option<Decimal> {
        self.full_points.map(Decimal)
    }

    /// 依据；第三方评估为其报告文号，无文号者为评估机构。 / What it rests on; of a third party its report, or itself where that has no number.
    async fn legal_basis(&self) -> &str {
        &self.legal_basis
    }

    /// 是否为示例、非法定。 / Whether its points are an example without force of law.
    async fn illustrative(&self) -> bool {
        self.is_illustrative
    }

    /// 所计记录中可见者，新者在前。 / Of the records that were counted those that may be seen, newest first.
    async fn records(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<CreditRecordConnection>> {
        let Some(view) = &self.view else {
            return Ok(None);
        };
        let request = request(first, after, None, None);
        let found = view.records_among(&self.rule, &self.records, &request, wants_total(ctx))?;
        Ok(Some(CreditRecordConnection::new(found, |row| {
            CreditRecord::at(view, row)
        })))
    }

    /// 所计指标中可见者，至多 200 项。 / Of the measurements that were counted those that may be seen, at most 200.
    async fn indicators(&self) -> Vec<Indicator> {
        let Some(view) = &self.view else {
            return Vec::new();
        };
        let rows = self
            .indicators
            .iter()
            .filter_map(|id| view.indicator_row(*id));
        let seen = rows.filter_map(|row| Indicator::at(view, row));
        seen.take(INDICATORS_MAX).collect()
    }
}
