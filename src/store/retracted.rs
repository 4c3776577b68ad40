//! Records that end without another version, since it is no longer told whom they are about: whoever
//! was told of them must hear that.

use chrono::NaiveDate;
use domain::credit_record::CreditRecordStatus;
use entities::credit_record::{Column, Entity};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, sea_query::Expr};

use super::{
    Fact, Result,
    rows::{self, NewVersion, record_from_row},
};

/// Why such a record ended.
const GROUND: &str = "所指主体不再确定 / who is meant is not told any more";

/// Writes of each of these records, which the change has ended, a last version that says WITHDRAWN. It
/// begins and ends with the change, so it is history from the first moment on and nobody sees it
/// stand; the outbox finds it, as it finds every version, by the change that brought it.
pub(super) async fn retract(
    tx: &DatabaseTransaction,
    (change, on): (i64, NaiveDate),
    ids: &[i64],
) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let ended = Entity::find()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(Column::ChangeTo.eq(change))
        .all(tx)
        .await?;
    let mut last = Vec::with_capacity(ended.len());
    for row in ended {
        let known = record_from_row(row)?;
        let mut record = known.fact.fact;
        record.status = CreditRecordStatus::Withdrawn;
        record.ended_on = Some(on);
        record.end_ground = Some(GROUND.to_owned());
        let fact = Fact::Record(record);
        last.push(NewVersion {
            id: known.id,
            row_id: known.row_id,
            version: known.version + 1,
            source: known.fact.source,
            content_hash: fact.content_hash(),
            fact,
        });
    }
    rows::insert(tx, (change, on), last).await?;
    Entity::update_many()
        .col_expr(Column::ChangeTo, Expr::value(change))
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(Column::ChangeFrom.eq(change))
        .exec(tx)
        .await?;
    Ok(())
}
