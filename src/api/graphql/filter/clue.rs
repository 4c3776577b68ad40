use async_graphql::InputObject;

use crate::graph::{ClueOrder as By, CluePredicate};

use super::{
    super::{
        ask::Ask,
        clue::{ClueOrderField, ClueStage},
        error::Result,
    },
    AgencyFilter, DateOps, Direction, StringOps, agency_parts, bounded, date_tests, ordered, parts,
    readable, small, text_tests,
};

/// 线索条件；并列各项须同时满足。 / Tests of a clue; all that are given must hold.
#[derive(InputObject)]
pub struct ClueFilter {
    /// 均满足。 / All hold.
    and: Option<Vec<ClueFilter>>,
    /// 任一满足。 / One holds.
    or: Option<Vec<ClueFilter>>,
    /// 不满足。 / Does not hold.
    not: Option<Box<ClueFilter>>,
    /// 所处环节。 / Where it stands.
    stage: Option<Vec<ClueStage>>,
    /// 来源渠道。 / Its channel.
    channel: Option<StringOps>,
    /// 办理期限。 / The day by which an answer is promised.
    due_on: Option<DateOps>,
    /// 所涉单位之一。 / One of its agencies.
    agency: Option<AgencyFilter>,
}

/// 线索的排序。 / An order of clues.
#[derive(InputObject)]
pub struct ClueOrder {
    /// 字段。 / By what.
    field: ClueOrderField,
    /// 方向。 / In which direction.
    direction: Direction,
}

pub(in crate::api::graphql) fn clue_predicate(
    ask: &Ask,
    filter: Option<ClueFilter>,
) -> Result<CluePredicate> {
    let predicate = clue_parts(ask, filter)?;
    small(predicate.parts())?;
    Ok(predicate)
}

fn clue_parts(ask: &Ask, filter: Option<ClueFilter>) -> Result<CluePredicate> {
    use CluePredicate as P;
    let Some(filter) = filter else {
        return Ok(P::All(Vec::new()));
    };
    let may = |field| readable(ask, "Clue", field);
    let mut parts = parts!(ask, filter, P, clue_parts);
    if let Some(stages) = filter.stage {
        may("stage")?;
        parts.push(P::Stage(
            bounded(stages)?.into_iter().map(Into::into).collect(),
        ));
    }
    if let Some(ops) = filter.channel {
        may("channel")?;
        parts.extend(text_tests(ops)?.into_iter().map(P::Channel));
    }
    if let Some(ops) = filter.due_on {
        may("dueOn")?;
        parts.extend(date_tests(ops).map(P::DueOn));
    }
    if let Some(agency) = filter.agency {
        may("agencies")?;
        parts.push(P::Agency(agency_parts(ask, Some(agency))?));
    }
    Ok(P::All(parts))
}

pub(in crate::api::graphql) fn clue_order(
    ask: &Ask,
    order: Option<Vec<ClueOrder>>,
) -> Result<Vec<(By, bool)>> {
    ordered(order, |order| {
        let field = match order.field {
            ClueOrderField::ReceivedAt => "receivedAt",
            ClueOrderField::DueOn => "dueOn",
        };
        readable(ask, "Clue", field)?;
        Ok((order.field.into(), order.direction == Direction::Desc))
    })
}
