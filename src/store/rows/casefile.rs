use std::collections::HashMap;

use domain::casework::Case;
use entities::casefile;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect,
};

use super::{
    super::{Error, Fact, Known, Result},
    NewVersion,
};

pub(in super::super) fn to_row(id: i64, change: i64, case: &Case) -> casefile::ActiveModel {
    casefile::ActiveModel {
        id: Set(id),
        change_from: Set(change),
        change_to: Set(None),
        version: Set(i64::from(case.events)),
        workflow: Set(case.workflow.clone()),
        stage: Set(case.stage.clone()),
        clue_id: Set(case.about.clue),
        record_id: Set(case.about.record),
        agency_id: Set(case.about.agency),
        state: Set(serde_json::to_string(case).expect("a case is plain data")),
    }
}

pub(in super::super) fn from_row(row: casefile::Model) -> Result<Known<Case>> {
    let fact = serde_json::from_str(&row.state).map_err(|error| Error::Corrupt {
        table: "casefile",
        id: row.id,
        reason: error.to_string(),
    })?;
    Ok(Known {
        id: row.id,
        row_id: row.id,
        version: row.version,
        fact,
    })
}

/// What casework has said of a lead or a record stands in whatever its source tells of it. The hash
/// stays that of the source's own words, so that what it says again changes nothing.
pub(super) async fn write_over(tx: &DatabaseTransaction, new: &mut [NewVersion]) -> Result<()> {
    let is_dealt_with = |new: &&NewVersion| matches!(new.fact, Fact::Clue(_) | Fact::Record(_));
    let ids: Vec<i64> = new.iter().filter(is_dealt_with).map(|new| new.id).collect();
    if ids.is_empty() || !has_cases(tx).await? {
        return Ok(());
    }
    let mut cases: HashMap<i64, Vec<Case>> = HashMap::new();
    for column in [casefile::Column::ClueId, casefile::Column::RecordId] {
        let rows = casefile::Entity::find()
            .filter(column.is_in(ids.iter().copied()))
            .filter(casefile::Column::ChangeTo.is_null())
            .all(tx)
            .await?;
        for row in rows {
            let about = (row.clue_id, row.record_id);
            let case = from_row(row)?.fact;
            let id = match column {
                casefile::Column::ClueId => about.0,
                _ => about.1,
            };
            if let Some(id) = id {
                cases.entry(id).or_default().push(case);
            }
        }
    }
    for new in new {
        let cases = cases.get(&new.id).into_iter().flatten();
        match &mut new.fact {
            // What was said of it while it was another body's is not said of this one.
            Fact::Clue(clue) => {
                let bodies = clue.agency_ids.clone();
                let its = cases.filter(|case| !case.was_of_another(&bodies));
                its.for_each(|case| case.write_clue(clue));
            }
            Fact::Record(record) => {
                let body = record.subject.agency();
                let its = cases.filter(|case| !case.was_of_another(body.as_slice()));
                its.for_each(|case| case.write_record(record));
            }
            _ => {}
        }
    }
    Ok(())
}

async fn has_cases(tx: &DatabaseTransaction) -> Result<bool> {
    let one: Option<i64> = casefile::Entity::find()
        .select_only()
        .column(casefile::Column::Id)
        .limit(1)
        .into_tuple()
        .one(tx)
        .await?;
    Ok(one.is_some())
}
