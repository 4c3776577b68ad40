//! How far each list of a feed was read: told with the delivery that it belongs to, in one
//! transaction, so that it never runs ahead of the rows.

use std::collections::BTreeMap;

use entities::checkpoint;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    sea_query::OnConflict,
};

use super::{Result, Store};

impl Store {
    /// Where the next delivery of a feed goes on, by its lists' names.
    pub async fn find_checkpoints(
        &self,
        source: &str,
        feed: &str,
    ) -> Result<BTreeMap<String, String>> {
        let rows = checkpoint::Entity::find()
            .filter(checkpoint::Column::Source.eq(source))
            .filter(checkpoint::Column::Feed.eq(feed))
            .all(&self.read)
            .await?;
        Ok(rows.into_iter().map(|row| (row.list, row.place)).collect())
    }
}

pub(super) async fn put_checkpoints(
    tx: &DatabaseTransaction,
    source: &str,
    feed: &str,
    checkpoints: &BTreeMap<String, String>,
) -> Result<()> {
    if checkpoints.is_empty() {
        return Ok(());
    }
    let rows = checkpoints
        .iter()
        .map(|(list, place)| checkpoint::ActiveModel {
            source: Set(source.to_owned()),
            feed: Set(feed.to_owned()),
            list: Set(list.clone()),
            place: Set(place.clone()),
        });
    let key = [
        checkpoint::Column::Source,
        checkpoint::Column::Feed,
        checkpoint::Column::List,
    ];
    checkpoint::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns(key)
                .update_column(checkpoint::Column::Place)
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
