use domain::{
    clue::{Clue, ClueStage},
    money::Money,
};
use entities::clue;
use sea_orm::FromQueryResult;

use super::{
    super::{Known, Listing, Result},
    Stamp, read, row,
};

pub(super) fn to_row(stamp: &Stamp, fact: Clue) -> clue::ActiveModel {
    let agencies: Vec<String> = fact.agency_ids.iter().map(ToString::to_string).collect();
    row!(
        stamp,
        clue {
            source: stamp.source.clone(),
            agencies: agencies.join(" "),
            channel: fact.channel,
            category: fact.category,
            title: fact.title,
            content: fact.content,
            stage: fact.stage.as_str().to_owned(),
            due_on: fact.due_on,
            due_is_provisional: fact.due_is_provisional,
            passed_on: fact.passed_on,
            ended_on: fact.ended_on,
            received_at: fact.received_at,
            amount_cents: fact.amount.map(|amount| amount.cents()),
        }
    )
}

/// A clue without its text, which is too long to be resident.
#[derive(FromQueryResult)]
pub(in super::super) struct ClueRow {
    pub id: i64,
    row_id: i64,
    version: i64,
    source: String,
    agencies: String,
    channel: String,
    category: Option<String>,
    title: String,
    stage: String,
    due_on: Option<chrono::NaiveDate>,
    due_is_provisional: bool,
    passed_on: Option<chrono::NaiveDate>,
    ended_on: Option<chrono::NaiveDate>,
    received_at: chrono::DateTime<chrono::Utc>,
    amount_cents: Option<i64>,
}

/// The columns of a [`ClueRow`].
pub(in super::super) const CLUE_COLUMNS: [clue::Column; 15] = [
    clue::Column::Id,
    clue::Column::RowId,
    clue::Column::Version,
    clue::Column::Source,
    clue::Column::Agencies,
    clue::Column::Channel,
    clue::Column::Category,
    clue::Column::Title,
    clue::Column::Stage,
    clue::Column::DueOn,
    clue::Column::DueIsProvisional,
    clue::Column::PassedOn,
    clue::Column::EndedOn,
    clue::Column::ReceivedAt,
    clue::Column::AmountCents,
];

/// The same allegation with a record of its own.
pub(in super::super) fn confirmed(row: clue::Model) -> Result<Clue> {
    let clue = with_text(row)?;
    Ok(Clue {
        stage: ClueStage::Confirmed,
        ..clue
    })
}

/// An allegation with its text.
pub(in super::super) fn with_text(row: clue::Model) -> Result<Clue> {
    let short = ClueRow {
        id: row.id,
        row_id: row.row_id,
        version: row.version,
        source: row.source,
        agencies: row.agencies,
        channel: row.channel,
        category: row.category,
        title: row.title,
        stage: row.stage,
        due_on: row.due_on,
        due_is_provisional: row.due_is_provisional,
        passed_on: row.passed_on,
        ended_on: row.ended_on,
        received_at: row.received_at,
        amount_cents: row.amount_cents,
    };
    let mut clue = from_row(short)?.fact.fact;
    clue.content = row.content;
    Ok(clue)
}

pub(in super::super) fn from_row(row: ClueRow) -> Result<Known<Listing<Clue>>> {
    let agency_ids = row
        .agencies
        .split_whitespace()
        .map(|id| read("clue", row.id, id));
    let fact = Clue {
        agency_ids: agency_ids.collect::<Result<_>>()?,
        channel: row.channel,
        category: row.category,
        title: row.title,
        content: None,
        stage: read("clue", row.id, &row.stage)?,
        due_on: row.due_on,
        due_is_provisional: row.due_is_provisional,
        passed_on: row.passed_on,
        ended_on: row.ended_on,
        received_at: row.received_at,
        amount: row.amount_cents.map(Money::from_cents),
    };
    Ok(Known {
        id: row.id,
        row_id: row.row_id,
        version: row.version,
        fact: Listing {
            source: row.source,
            fact,
        },
    })
}
