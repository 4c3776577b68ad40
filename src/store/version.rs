//! Versions of facts: each is a row, and those of one change are written and ended together.

use std::collections::HashMap;

use sea_orm::{
    ConnectionTrait, DatabaseTransaction,
    sea_query::{Alias, Expr, ExprTrait, Query},
};

use super::Result;

/// The newest version of a fact, as far as writing the next one needs it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Current {
    pub id: i64,
    pub change_from: i64,
    pub version: i64,
    pub content_hash: i64,
}

/// What a table holds of one fact, as far as writing its next version needs it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct History {
    /// The version that nothing has ended.
    pub current: Option<Current>,
    /// The version that the change at hand itself ended.
    pub replaced: Option<Current>,
    /// The highest version number so far.
    pub highest: i64,
}

/// The histories of facts, by their numbers.
pub(super) async fn histories(
    tx: &DatabaseTransaction,
    table: &'static str,
    ids: impl IntoIterator<Item = i64>,
    change: i64,
) -> Result<HashMap<i64, History>> {
    let mut ids = ids.into_iter().peekable();
    if ids.peek().is_none() {
        return Ok(HashMap::new());
    }
    let columns = ["id", "change_from", "change_to", "version", "content_hash"];
    let query = Query::select()
        .columns(columns.map(Alias::new))
        .from(Alias::new(table))
        .and_where(Expr::col(Alias::new("id")).is_in(ids))
        .to_owned();
    let mut found: HashMap<i64, History> = HashMap::new();
    for row in tx.query_all(&query).await? {
        let version = Current {
            id: row.try_get("", "id")?,
            change_from: row.try_get("", "change_from")?,
            version: row.try_get("", "version")?,
            content_hash: row.try_get("", "content_hash")?,
        };
        let history = found.entry(version.id).or_default();
        history.highest = Ord::max(history.highest, version.version);
        match row.try_get::<Option<i64>>("", "change_to")? {
            None => history.current = Some(version),
            Some(ended_by) if ended_by == change => history.replaced = Some(version),
            Some(_) => {}
        }
    }
    Ok(found)
}

/// Takes back that this change ended these facts.
pub(super) async fn restore(
    tx: &DatabaseTransaction,
    table: &'static str,
    ids: &[i64],
    change: i64,
) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let query = Query::update()
        .table(Alias::new(table))
        .value(Alias::new("change_to"), Option::<i64>::None)
        .and_where(Expr::col(Alias::new("id")).is_in(ids.iter().copied()))
        .and_where(Expr::col(Alias::new("change_to")).eq(change))
        .to_owned();
    tx.execute(&query).await?;
    Ok(())
}

/// Ends the newest versions of these facts: what an earlier change brought is ended, what this one
/// brought is taken back.
pub(super) async fn end(
    tx: &DatabaseTransaction,
    table: &'static str,
    versions: &[Current],
    change: i64,
) -> Result<u64> {
    let (own, earlier): (Vec<_>, Vec<_>) = versions
        .iter()
        .partition(|version| version.change_from == change);
    let ids = |versions: &[&Current]| {
        versions
            .iter()
            .map(|version| version.id)
            .collect::<Vec<_>>()
    };
    let mut ended = 0;
    if !own.is_empty() {
        let query = Query::delete()
            .from_table(Alias::new(table))
            .and_where(Expr::col(Alias::new("id")).is_in(ids(&own)))
            .and_where(Expr::col(Alias::new("change_from")).eq(change))
            .to_owned();
        ended += tx.execute(&query).await?.rows_affected();
    }
    if !earlier.is_empty() {
        let query = Query::update()
            .table(Alias::new(table))
            .value(Alias::new("change_to"), change)
            .and_where(Expr::col(Alias::new("id")).is_in(ids(&earlier)))
            .and_where(Expr::col(Alias::new("change_to")).is_null())
            .to_owned();
        ended += tx.execute(&query).await?.rows_affected();
    }
    Ok(ended)
}
