use async_graphql::SimpleObject;
use domain::assess::{Beside, RulePack};

use super::scalars::Decimal;

/// 第三方评估的一项与本系统评分并列；量程不同，只比占比，不合并。 / One line of a third party's assessment beside our score. Scales differ: shares are set beside each other, nothing is merged.
#[derive(SimpleObject)]
pub struct AssessmentComparison {
    /// 第三方指标；总分为 null。 / The third party's indicator; null of the whole.
    indicator: Option<String>,
    /// 对应的本系统指标；未作对应者为 null。 / Our heading that answers to it; null where none does.
    heading: Option<String>,
    /// 该指标的名称。 / What that is called.
    title: Option<String>,
    /// 第三方得分。 / Their points.
    theirs: Option<Decimal>,
    /// 第三方得分占比（%）。 / Their points as a share of what can be had, in per cent.
    their_share: Option<Decimal>,
    /// 本系统得分。 / Our points.
    ours: Option<Decimal>,
    /// 本系统得分占比（%）；无上下限者为 null。 / Our points as a share, in per cent; null where the scale has no end.
    our_share: Option<Decimal>,
    /// 占比之差（百分点），第三方减本系统。 / Their share less ours, in points of per cent.
    difference: Option<Decimal>,
}

impl AssessmentComparison {
    pub(super) fn of(pack: &RulePack, line: Beside) -> Self {
        let difference = line.difference();
        let share = |points: Option<domain::assess::Points>| points?.share().map(Decimal);
        let heading = line.heading.as_deref();
        let title = heading.and_then(|code| Some(pack.heading(code)?.title.clone()));
        Self {
            title,
            theirs: line.theirs.map(|theirs| Decimal(theirs.points)),
            their_share: share(line.theirs),
            ours: line.ours.map(|ours| Decimal(ours.points)),
            our_share: share(line.ours),
            difference: difference.map(Decimal),
            indicator: line.indicator,
            heading: line.heading,
        }
    }
}
