//! The texts of clues, which are too long to be resident.

use std::collections::{HashMap, HashSet};

use entities::clue::{Column, Entity};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::{Result, Store};

impl Store {
    /// The texts of these versions of clues, as `(id, version)`; none for those without one. A
    /// version is named, so that a text never belongs to another answer than the rest.
    pub async fn list_clue_contents(
        &self,
        versions: &[(i64, i64)],
    ) -> Result<HashMap<(i64, i64), String>> {
        let wanted: HashSet<(i64, i64)> = versions.iter().copied().collect();
        let numbers: HashSet<i64> = versions.iter().map(|(_, version)| *version).collect();
        let rows: Vec<(i64, i64, Option<String>)> = Entity::find()
            .filter(Column::Id.is_in(versions.iter().map(|(id, _)| *id)))
            .filter(Column::Version.is_in(numbers))
            .select_only()
            .columns([Column::Id, Column::Version, Column::Content])
            .into_tuple()
            .all(&self.read)
            .await?;
        let found = rows.into_iter().filter_map(|(id, version, content)| {
            let key = (id, version);
            content
                .filter(|_| wanted.contains(&key))
                .map(|content| (key, content))
        });
        Ok(found.collect())
    }
}
