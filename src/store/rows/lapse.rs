//! The times within which a record did not hold, before it held again.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::credit_record::{CreditRecord, CreditRecordStatus, Lapse};
use entities::credit_record::{Column, Entity};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use super::{
    super::{Fact, Result},
    NewVersion, record_from_row,
};

/// What is written on a day goes on from the version before it: its lapses stay, and where the record had ended and
/// holds again, from that day on, there is one more.
pub(super) async fn carry(
    tx: &DatabaseTransaction,
    on: NaiveDate,
    new: &mut [NewVersion],
) -> Result<()> {
    let goes_on = |new: &&NewVersion| new.version > 1 && matches!(new.fact, Fact::Record(_));
    let ids: Vec<i64> = new.iter().filter(goes_on).map(|new| new.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let rows = Entity::find().filter(Column::Id.is_in(ids)).all(tx).await?;
    let mut before = HashMap::new();
    for row in rows {
        let key = (row.id, row.version);
        before.insert(key, record_from_row(row)?.fact.fact);
    }
    for new in new {
        if let Fact::Record(record) = &mut new.fact
            && let Some(before) = before.remove(&(new.id, new.version - 1))
        {
            record.lapses = lapses(before, record, on);
        }
    }
    Ok(())
}

fn lapses(before: CreditRecord, now: &CreditRecord, on: NaiveDate) -> Box<[Lapse]> {
    // What was said to be wrong from the start was not, if it holds now.
    let had_ended = !matches!(
        before.status,
        CreditRecordStatus::Active | CreditRecordStatus::Withdrawn
    );
    let ended_on = before.ended_on.filter(|from| had_ended && *from < on);
    match (now.status, ended_on) {
        (CreditRecordStatus::Active, Some(from)) => {
            let lapse = Lapse {
                status: before.status,
                from,
                to: on,
            };
            before.lapses.into_iter().chain([lapse]).collect()
        }
        _ => before.lapses,
    }
}
