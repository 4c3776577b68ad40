use std::sync::Arc;

use async_graphql::{InputObject, Object};
use domain::resolution;

use crate::graph::View;

use super::{
    agency::Agency,
    scalars::{Date, api_enum},
};

api_enum! {
    /// 归一结果类型。 / How a subject was told, or why not.
    ResolutionOutcome = resolution::Outcome {
        /// 代码命中。 / By a known code.
        ExactCode,
        /// 名称完全一致。 / By exactly this name.
        ExactName,
        /// 曾用名、别名或简称。 / By a former or second name, or a short form.
        Alias,
        /// 由后继单位承继。 / The body is gone and has a successor.
        Successor,
        /// 纠错后唯一命中。 / One candidate with a repaired error.
        Fuzzy,
        /// 多个单位均符合。 / Several bodies fit.
        Ambiguous,
        /// 代码与名称矛盾。 / Code and name mean different bodies.
        Conflict,
        /// 无符合者，不代表无记录。 / Nobody fits, which is not "nothing against him".
        None,
    }
}

/// 查询主体的输入；至少给出一项。 / Who is meant: at least one of code, organisation code, name.
#[derive(InputObject)]
pub struct ResolveInput {
    /// 统一社会信用代码，按原文。 / Unified social credit code, as written.
    pub(super) uscc: Option<String>,
    /// 组织机构代码，按原文。 / Organisation code, as written.
    pub(super) org_code: Option<String>,
    /// 名称，按原文。 / Name, as written.
    pub(super) name: Option<String>,
    /// 限定区划（含以下）。 / Only bodies in this division or below it.
    pub(super) division: Option<String>,
    /// 按此日的名称归一；缺省为今日在册情况。 / The day as of which the name is taken; without it,
    /// as the register stands today.
    pub(super) as_of: Option<Date>,
}

/// 归一结果：不确定时如实说明，绝不猜测。 / Who is meant; ambiguity is an answer, never a guess.
pub struct Resolution {
    view: Arc<View>,
    told: resolution::Resolution,
}

impl Resolution {
    /// An answer whose bodies are looked up in a view.
    pub(super) fn new(view: &Arc<View>, told: resolution::Resolution) -> Self {
        let view = Arc::clone(view);
        Self { view, told }
    }
}

/// 候选单位。 / A body that could be meant.
pub struct ResolutionCandidate {
    agency: Agency,
    score: f64,
    reason: String,
}

/// 归一结果：不确定时如实说明，绝不猜测。 / Who is meant; ambiguity is an answer, never a guess.
#[Object]
impl Resolution {
    /// 结果类型。 / How it was told, or why not.
    async fn outcome(&self) -> ResolutionOutcome {
        self.told.outcome.into()
    }

    /// 所指单位；不可见时为 null。 / The agency; null where hidden or not told.
    async fn agency(&self) -> Option<Agency> {
        Agency::by_id(&self.view, self.told.agency?)
    }

    /// 分值，用于排序，不是概率。 / Orders answers; no probability.
    async fn score(&self) -> f64 {
        self.told.score
    }

    /// 依次所做的判断。 / What was tried and found, in order.
    async fn steps(&self) -> &[String] {
        &self.told.steps
    }

    /// 候选单位，至多 20 个；无符合者时为最接近的至多 3 个。 / Bodies that fit, at most 20; where
    /// nobody does, the nearest, at most 3.
    async fn candidates(&self) -> Vec<ResolutionCandidate> {
        let candidate = |candidate: &resolution::Candidate| {
            Some(ResolutionCandidate {
                agency: Agency::by_id(&self.view, candidate.agency)?,
                score: candidate.score,
                reason: candidate.reason.clone(),
            })
        };
        self.told.candidates.iter().filter_map(candidate).collect()
    }
}

/// 候选单位。 / A body that could be meant.
#[Object]
impl ResolutionCandidate {
    /// 单位。 / The body.
    async fn agency(&self) -> &Agency {
        &self.agency
    }

    /// 分值。 / Its score.
    async fn score(&self) -> f64 {
        self.score
    }

    /// 理由。 / Why it fits.
    async fn reason(&self) -> &str {
        &self.reason
    }
}
