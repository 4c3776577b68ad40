//! Facts as rows and back, one file a table.

mod agency;
mod assessment;
mod casefile;
mod clue;
mod credit_record;
mod decision;
mod indicator;
mod lapse;
mod mention;
mod post;
mod succession;

use chrono::NaiveDate;
use sea_orm::DatabaseTransaction;

pub(super) use agency::from_row as agency_from_row;
pub(super) use assessment::from_row as assessment_from_row;
pub(super) use casefile::{from_row as case_from_row, to_row as casefile_to_row};
pub(super) use clue::{
    CLUE_COLUMNS, ClueRow, confirmed, from_row as clue_from_row, with_text as clue_with_text,
};
pub(super) use credit_record::from_row as record_from_row;
pub(super) use decision::{
    ending as decision_ending, from_row as decision_from_row, to_row as decision_to_row,
};
pub(super) use indicator::from_row as indicator_from_row;
pub(super) use mention::from_row as mention_from_row;
pub(super) use post::from_row as post_from_row;
pub(super) use succession::from_row as succession_from_row;

use super::{Error, Fact, Result, insert::insert_many};

/// A version that is about to be written.
pub(super) struct NewVersion {
    pub id: i64,
    pub row_id: i64,
    pub version: i64,
    /// Who lists it: the source's key.
    pub source: String,
    pub content_hash: i64,
    pub fact: Fact,
}

/// What every version has beside its fact.
struct Stamp {
    id: i64,
    change: i64,
    version: i64,
    row_id: i64,
    content_hash: i64,
    source: String,
}

/// A row of versions: what all have, and these columns.
macro_rules! row {
    ($stamp:ident, $table:ident { $($column:ident: $value:expr),* $(,)? }) => {
        entities::$table::ActiveModel {
            id: sea_orm::ActiveValue::Set($stamp.id),
            change_from: sea_orm::ActiveValue::Set($stamp.change),
            change_to: sea_orm::ActiveValue::Set(None),
            version: sea_orm::ActiveValue::Set($stamp.version),
            row_id: sea_orm::ActiveValue::Set($stamp.row_id),
            content_hash: sea_orm::ActiveValue::Set($stamp.content_hash),
            $($column: sea_orm::ActiveValue::Set($value),)*
        }
    };
}
use row;

/// Writes versions, at most a batch, in as many statements as there are tables; what holds again does so from this day
/// on.
pub(super) async fn insert(
    tx: &DatabaseTransaction,
    (change, on): (i64, NaiveDate),
    mut new: Vec<NewVersion>,
) -> Result<()> {
    casefile::write_over(tx, &mut new).await?;
    lapse::carry(tx, on, &mut new).await?;
    let mut agencies = Vec::new();
    let mut names = Vec::new();
    let mut successions = Vec::new();
    let mut mentions = Vec::new();
    let mut records = Vec::new();
    let mut clues = Vec::new();
    let mut indicators = Vec::new();
    let mut posts = Vec::new();
    let mut assessments = Vec::new();
    for new in new {
        let stamp = Stamp {
            id: new.id,
            change,
            version: new.version,
            row_id: new.row_id,
            content_hash: new.content_hash,
            source: new.source,
        };
        match new.fact {
            Fact::Agency(fact) => {
                names.extend(agency::names(&stamp, &fact));
                agencies.push(agency::to_row(&stamp, fact));
            }
            Fact::Succession(fact) => successions.push(succession::to_row(&stamp, fact)),
            Fact::Mention(fact) => mentions.push(mention::to_row(&stamp, fact)),
            Fact::Record(fact) => records.push(credit_record::to_row(&stamp, fact)),
            Fact::Clue(fact) => clues.push(clue::to_row(&stamp, fact)),
            Fact::Indicator(fact) => indicators.push(indicator::to_row(&stamp, fact)),
            Fact::Post(fact) => posts.push(post::to_row(&stamp, fact)),
            Fact::Assessment(fact) => assessments.push(assessment::to_row(&stamp, fact)),
        }
    }
    insert_many::<entities::agency::Entity, _>(tx, agencies).await?;
    insert_many::<entities::agency_name::Entity, _>(tx, names).await?;
    insert_many::<entities::succession::Entity, _>(tx, successions).await?;
    insert_many::<entities::mention::Entity, _>(tx, mentions).await?;
    insert_many::<entities::credit_record::Entity, _>(tx, records).await?;
    insert_many::<entities::clue::Entity, _>(tx, clues).await?;
    insert_many::<entities::indicator::Entity, _>(tx, indicators).await?;
    insert_many::<entities::post::Entity, _>(tx, posts).await?;
    insert_many::<entities::assessment::Entity, _>(tx, assessments).await
}

pub(super) fn read<T: std::str::FromStr<Err: std::fmt::Display>>(
    table: &'static str,
    id: i64,
    text: &str,
) -> Result<T> {
    text.parse().map_err(|error: T::Err| Error::Corrupt {
        table,
        id,
        reason: error.to_string(),
    })
}

pub(super) fn read_optional<T: std::str::FromStr<Err: std::fmt::Display>>(
    table: &'static str,
    id: i64,
    text: Option<&str>,
) -> Result<Option<T>> {
    text.map(|text| read(table, id, text)).transpose()
}
