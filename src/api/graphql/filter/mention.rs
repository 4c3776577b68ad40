use async_graphql::InputObject;

use crate::graph::MentionPredicate;

use super::{
    super::{ask::Ask, error::Result, resolution::ResolutionOutcome},
    DivisionOps, StringOps, bounded, division_tests, parts, readable, small, text_tests,
};

/// 提及条件；并列各项须同时满足。 / Tests of a mention; all that are given must hold.
#[derive(InputObject)]
pub struct MentionFilter {
    /// 均满足。 / All hold.
    and: Option<Vec<MentionFilter>>,
    /// 任一满足。 / One holds.
    or: Option<Vec<MentionFilter>>,
    /// 不满足。 / Does not hold.
    not: Option<Box<MentionFilter>>,
    /// 归一结果类型。 / The resolver's outcome.
    outcome: Option<Vec<ResolutionOutcome>>,
    /// 数据源的键。 / Its source's key.
    source: Option<StringOps>,
    /// 指向的区划。 / The division that its row points to.
    division: Option<DivisionOps>,
    /// 已有人工判定。 / A decision holds of it.
    decided: Option<bool>,
}

pub(in crate::api::graphql) fn mention_predicate(
    ask: &Ask,
    filter: Option<MentionFilter>,
) -> Result<MentionPredicate> {
    let predicate = mention_parts(ask, filter)?;
    small(predicate.parts())?;
    Ok(predicate)
}

fn mention_parts(ask: &Ask, filter: Option<MentionFilter>) -> Result<MentionPredicate> {
    use MentionPredicate as P;
    let Some(filter) = filter else {
        return Ok(P::All(Vec::new()));
    };
    let may = |field| readable(ask, "Mention", field);
    let mut parts = parts!(ask, filter, P, mention_parts);
    if let Some(outcomes) = filter.outcome {
        may("resolution")?;
        readable(ask, "Resolution", "outcome")?;
        parts.push(P::Outcome(
            bounded(outcomes)?.into_iter().map(Into::into).collect(),
        ));
    }
    if let Some(ops) = filter.source {
        may("source")?;
        readable(ask, "Source", "key")?;
        parts.extend(text_tests(ops)?.into_iter().map(P::Source));
    }
    if let Some(ops) = filter.division {
        may("division")?;
        parts.extend(division_tests(ops)?.into_iter().map(P::Division));
    }
    if let Some(wanted) = filter.decided {
        may("decision")?;
        parts.push(P::Decided(wanted));
    }
    Ok(P::All(parts))
}
