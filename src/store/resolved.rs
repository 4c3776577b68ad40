//! How far each source's rows follow the register, and what changed in it since.

use std::collections::HashMap;

use domain::{
    affected::{Affected, Places},
    division::DivisionTree,
    uscc::Uscc,
};
use entities::{agency, agency_name, change, knowledge, resolved, succession};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Alias, Expr, ExprTrait, OnConflict, Query, SelectStatement},
};

use super::{ROWS_PER_BATCH, Result, Store, rows::read};

/// Versions read at once.
const PAGE: u64 = 4_096;

/// Up to where a source's rows are resolved, and by which catalogue and resolver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    pub seq: i64,
    pub fingerprint: String,
}

impl Store {
    /// Up to where a source's rows are resolved; none where that was never noted.
    pub async fn resolved(&self, source: &str) -> Result<Option<Resolved>> {
        let row = resolved::Entity::find_by_id(source.to_owned())
            .one(&self.read)
            .await?;
        Ok(row.map(|row| Resolved {
            seq: row.seq,
            fingerprint: row.fingerprint,
        }))
    }

    /// The same for all sources.
    pub async fn list_resolved(&self) -> Result<HashMap<String, Resolved>> {
        let rows = resolved::Entity::find().all(&self.read).await?;
        let noted = |row: resolved::Model| {
            let resolved = Resolved {
                seq: row.seq,
                fingerprint: row.fingerprint,
            };
            (row.source, resolved)
        };
        Ok(rows.into_iter().map(noted).collect())
    }

    /// Notes by which register a source's first rows were resolved; what was noted before stands.
    pub async fn note_first_resolved(&self, source: &str, by: Resolved) -> Result<()> {
        if self.resolved(source).await?.is_some() {
            return Ok(());
        }
        let tx = self.begin_write().await?;
        resolved::Entity::insert(to_row(source, by))
            .on_conflict_do_nothing()
            .exec_without_returning(&tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Notes up to where a source's rows are resolved, where nothing had to be done for it.
    pub async fn note_resolved(&self, source: &str, by: Resolved) -> Result<()> {
        let tx = self.begin_write().await?;
        note_resolved(&tx, source, by).await?;
        Ok(tx.commit().await?)
    }

    /// The tables that a fingerprint stands for, as they were noted.
    pub async fn find_knowledge(&self, fingerprint: &str) -> Result<Option<String>> {
        let row = knowledge::Entity::find_by_id(fingerprint.to_owned())
            .one(&self.read)
            .await?;
        Ok(row.map(|row| row.tables))
    }

    /// Notes the tables that a fingerprint stands for; those that no source goes by any more go.
    pub async fn note_knowledge(
        &self,
        fingerprint: &str,
        tables: impl FnOnce() -> String,
    ) -> Result<()> {
        if self.find_knowledge(fingerprint).await?.is_some() {
            return Ok(());
        }
        let tx = self.begin_write().await?;
        let used = Query::select()
            .column(resolved::Column::Fingerprint)
            .from(resolved::Entity)
            .to_owned();
        knowledge::Entity::delete_many()
            .filter(knowledge::Column::Fingerprint.not_in_subquery(used))
            .exec(&tx)
            .await?;
        let row = knowledge::ActiveModel {
            fingerprint: Set(fingerprint.to_owned()),
            tables: Set(tables()),
        };
        knowledge::Entity::insert(row)
            .on_conflict_do_nothing()
            .exec_without_returning(&tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Whether the register of bodies changed after this number of the change log.
    pub async fn register_moved(&self, after: i64) -> Result<bool> {
        self.have_moved(&["agency", "succession"], after).await
    }

    /// Whether that of officials did.
    pub async fn posts_moved(&self, after: i64) -> Result<bool> {
        self.have_moved(&["post"], after).await
    }

    async fn have_moved(&self, tables: &[&'static str], after: i64) -> Result<bool> {
        // One query an index: together, planners would rather read the whole table.
        for table in tables {
            for column in ["change_from", "change_to"] {
                let by_changes = Expr::col(Alias::new(column)).in_subquery(changes_after(after));
                let moved = Query::select()
                    .expr(Expr::value(1))
                    .from(Alias::new(*table))
                    .and_where(by_changes)
                    .limit(1)
                    .to_owned();
                if self.read.query_one(&moved).await?.is_some() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// What changed in the register after this number of the change log.
    pub async fn affected(
        &self,
        after: i64,
        places: &Places,
        tree: &DivisionTree,
    ) -> Result<Affected> {
        let mut affected = Affected::default();
        let moved = moved_in("agency", after);
        self.add_bodies(&mut affected, moved, places, tree).await?;
        let mut last = (-1, -1);
        loop {
            let rows = succession::Entity::find()
                .filter(moved_in("succession", after))
                .filter(beyond(
                    succession::Column::Id,
                    succession::Column::ChangeFrom,
                    last,
                ))
                .order_by_asc(succession::Column::Id)
                .order_by_asc(succession::Column::ChangeFrom)
                .limit(PAGE)
                .all(&self.read)
                .await?;
            let Some(newest) = rows.last() else { break };
            last = (newest.id, newest.change_from);
            let ends = rows.iter().flat_map(|row| [&row.from_uscc, &row.to_uscc]);
            let codes: Vec<String> = ends.flatten().cloned().collect();
            for codes in codes.chunks(ROWS_PER_BATCH) {
                let named = agency::Column::Uscc.is_in(codes.iter().cloned());
                let named = Condition::all().add(named);
                self.add_bodies(&mut affected, named, places, tree).await?;
            }
            for row in rows {
                affected.add_name(places, &row.from_name);
                if let Some(name) = &row.to_name {
                    affected.add_name(places, name);
                }
            }
        }
        Ok(affected)
    }

    /// Takes in bodies with all names that they have ever had.
    async fn add_bodies(
        &self,
        affected: &mut Affected,
        which: Condition,
        places: &Places,
        tree: &DivisionTree,
    ) -> Result<()> {
        let mut last = (-1, -1);
        loop {
            let rows = agency::Entity::find()
                .filter(which.clone())
                .filter(beyond(agency::Column::Id, agency::Column::ChangeFrom, last))
                .order_by_asc(agency::Column::Id)
                .order_by_asc(agency::Column::ChangeFrom)
                .limit(PAGE)
                .all(&self.read)
                .await?;
            let Some(newest) = rows.last() else {
                return Ok(());
            };
            last = (newest.id, newest.change_from);
            let names = agency_name::Entity::find()
                .filter(agency_name::Column::AgencyId.is_in(rows.iter().map(|row| row.id)))
                .all(&self.read)
                .await?;
            for name in names {
                affected.add_name(places, &name.name);
            }
            for row in rows {
                affected.add_name(places, &row.name);
                affected.add_code(&read::<Uscc>("agency", row.id, &row.uscc)?);
                affected.add_division(places, tree, read("agency", row.id, &row.division)?);
            }
        }
    }
}

/// Notes up to where a source's rows are resolved.
pub(super) async fn note_resolved(
    db: &impl ConnectionTrait,
    source: &str,
    by: Resolved,
) -> Result<()> {
    let newer = OnConflict::column(resolved::Column::Source)
        .update_columns([resolved::Column::Seq, resolved::Column::Fingerprint])
        .to_owned();
    resolved::Entity::insert(to_row(source, by))
        .on_conflict(newer)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

fn to_row(source: &str, by: Resolved) -> resolved::ActiveModel {
    resolved::ActiveModel {
        source: Set(source.to_owned()),
        seq: Set(by.seq),
        fingerprint: Set(by.fingerprint),
    }
}

/// Versions that a change after this number brought or ended.
fn moved_in(table: &'static str, after: i64) -> Condition {
    let column = |name: &'static str| Expr::col((Alias::new(table), Alias::new(name)));
    Condition::any()
        .add(column("change_from").in_subquery(changes_after(after)))
        .add(column("change_to").in_subquery(changes_after(after)))
}

fn changes_after(after: i64) -> SelectStatement {
    Query::select()
        .column(change::Column::Id)
        .from(change::Entity)
        .and_where(change::Column::Seq.gt(after))
        .to_owned()
}

/// Versions behind this one, by fact and change.
fn beyond<C: ColumnTrait>(id: C, change_from: C, (last, change): (i64, i64)) -> Condition {
    Condition::any()
        .add(id.gt(last))
        .add(id.eq(last).and(change_from.gt(change)))
}
