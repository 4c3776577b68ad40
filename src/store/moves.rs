//! What closed changes did to records, read again from the change log: for those who missed it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::credit_record::CreditRecord;
use entities::{agency, change, credit_record, post};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, IntoCondition, Query, SelectStatement},
};

use super::{
    Known, Listing, Resident, ResidentSink, Result, Store,
    resident::names_of,
    rows::{agency_from_row, post_from_row, record_from_row},
};

/// Entries of the change log that are read at once.
const ENTRIES_PER_READ: u64 = 64;
/// Records of one change that are read at once.
const RECORDS_PER_READ: usize = 500;
/// Versions of one record that a change can touch: the one it ended, the one it brought, and a last
/// one that ends with it.
const VERSIONS_PER_MOVE: usize = 3;

/// An entry of the change log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub seq: i64,
    pub(super) change: i64,
    /// What made it, in the log's own words.
    pub cause: String,
    pub closed_at: DateTime<Utc>,
}

/// A record as one change found it and left it.
#[derive(Debug, Clone)]
pub struct RecordMove {
    pub id: i64,
    pub before: Option<Known<Listing<CreditRecord>>>,
    pub after: Option<Known<Listing<CreditRecord>>>,
    /// Its last version says that it is withdrawn, and stood at no time.
    pub is_retracted: bool,
}

type Row = (i64, Option<i64>, String, Option<DateTime<Utc>>);

impl Store {
    /// The entry with this number.
    pub async fn entry(&self, seq: i64) -> Result<Option<Entry>> {
        let entries = self.entries(seq - 1, seq).await?;
        Ok(entries.into_iter().next())
    }

    /// The entries after one number and up to another, oldest first; not always all of them.
    pub async fn entries(&self, after: i64, up_to: i64) -> Result<Vec<Entry>> {
        entries(&self.read, after, up_to).await
    }

    /// Those changes after one number and up to another that are turns.
    pub async fn turns(&self, after: i64, up_to: i64) -> Result<Vec<i64>> {
        turns(&self.read, after, up_to).await
    }

    /// What a change did to records, by their numbers from the one after `after` on; of a turn also to
    /// those that it left as they were, whose bodies and officials it changed. Says besides whether that
    /// is all.
    pub async fn record_moves(
        &self,
        entry: &Entry,
        is_turn: bool,
        after: i64,
    ) -> Result<(Vec<RecordMove>, bool)> {
        let touched = credit_record::Column::ChangeFrom.eq(entry.change);
        let touched = touched.or(credit_record::Column::ChangeTo.eq(entry.change));
        let limit = (RECORDS_PER_READ * VERSIONS_PER_MOVE) as u64;
        let mut rows = self
            .records_where(touched.into_condition(), after, limit)
            .await?;
        let mut bound = match rows.last() {
            // The versions of the last one may go on behind.
            Some(last) if rows.len() as u64 == limit => last.id,
            _ => i64::MAX,
        };
        if is_turn {
            let standing = standing_at(entry);
            let limit = RECORDS_PER_READ as u64;
            let found = self.records_where(standing, after, limit).await?;
            if let Some(last) = found.last().filter(|_| found.len() as u64 == limit) {
                bound = Ord::min(bound, last.id.saturating_add(1));
            }
            rows.extend(found);
        }
        let mut moves: BTreeMap<i64, RecordMove> = BTreeMap::new();
        for row in rows.into_iter().filter(|row| row.id < bound) {
            let (began, ended) = (
                row.change_from == entry.change,
                row.change_to == Some(entry.change),
            );
            let known = record_from_row(row)?;
            let record = moves.entry(known.id).or_insert_with(|| RecordMove {
                id: known.id,
                before: None,
                after: None,
                is_retracted: false,
            });
            match (began, ended) {
                (true, true) => record.is_retracted = true,
                (true, false) => record.after = Some(known),
                (false, true) => record.before = Some(known),
                (false, false) => {
                    record.before = Some(known.clone());
                    record.after = Some(known);
                }
            }
        }
        Ok((moves.into_values().collect(), bound == i64::MAX))
    }

    async fn records_where(
        &self,
        these: Condition,
        after: i64,
        limit: u64,
    ) -> Result<Vec<credit_record::Model>> {
        let rows = credit_record::Entity::find()
            .filter(these)
            .filter(credit_record::Column::Id.gt(after))
            .order_by_asc(credit_record::Column::Id)
            .order_by_asc(credit_record::Column::ChangeFrom)
            .limit(limit);
        Ok(rows.all(&self.read).await?)
    }

    /// The bodies and posts that changed since one number and up to another, as they were before.
    pub async fn undo_turns(
        &self,
        since: i64,
        up_to: i64,
        sink: &mut impl ResidentSink,
    ) -> Result<()> {
        let tx = self.begin_read().await?;
        let began =
            post::Entity::find().filter(post::Column::ChangeFrom.in_subquery(closed(since, up_to)));
        for row in began.all(&tx).await? {
            sink.take(Resident::PostEnded(row.id));
        }
        // What both began and ended since then did not stand before.
        let posts = post::Entity::find()
            .filter(post::Column::ChangeTo.in_subquery(closed(since, up_to)))
            .filter(post::Column::ChangeFrom.in_subquery(closed(0, since)));
        for row in posts.all(&tx).await? {
            sink.take(Resident::Post(post_from_row(row)?));
        }
        let before = Condition::all()
            .add(agency::Column::ChangeTo.in_subquery(closed(since, up_to)))
            .add(agency::Column::ChangeFrom.in_subquery(closed(0, since)));
        take_agencies(&tx, before, sink).await?;
        tx.rollback().await?;
        Ok(())
    }

    /// The bodies and posts that changed after one number and up to another, as they were then.
    pub async fn redo_turns(
        &self,
        after: i64,
        up_to: i64,
        sink: &mut impl ResidentSink,
    ) -> Result<()> {
        let tx = self.begin_read().await?;
        let ended =
            post::Entity::find().filter(post::Column::ChangeTo.in_subquery(closed(after, up_to)));
        for row in ended.all(&tx).await? {
            sink.take(Resident::PostEnded(row.id));
        }
        let not_over = post::Column::ChangeTo.not_in_subquery(closed(0, up_to));
        let posts = post::Entity::find()
            .filter(post::Column::ChangeFrom.in_subquery(closed(after, up_to)))
            .filter(post::Column::ChangeTo.is_null().or(not_over));
        for row in posts.all(&tx).await? {
            sink.take(Resident::Post(post_from_row(row)?));
        }
        let not_over = agency::Column::ChangeTo.not_in_subquery(closed(0, up_to));
        let then = Condition::all()
            .add(agency::Column::ChangeFrom.in_subquery(closed(after, up_to)))
            .add(agency::Column::ChangeTo.is_null().or(not_over));
        take_agencies(&tx, then, sink).await?;
        tx.rollback().await?;
        Ok(())
    }
}

async fn take_agencies(
    tx: &DatabaseTransaction,
    these: Condition,
    sink: &mut impl ResidentSink,
) -> Result<()> {
    let mut after = -1;
    loop {
        let rows = agency::Entity::find()
            .filter(these.clone())
            .filter(agency::Column::Id.gt(after))
            .order_by_asc(agency::Column::Id)
            .limit(RECORDS_PER_READ as u64)
            .all(tx)
            .await?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after = last.id;
        let mut names = names_of(tx, &rows).await?;
        for row in rows {
            let names = names.remove(&(row.id, row.change_from)).unwrap_or_default();
            sink.take(Resident::Agency(agency_from_row(row, names)?));
        }
    }
}

pub(super) async fn entries(
    db: &impl ConnectionTrait,
    after: i64,
    up_to: i64,
) -> Result<Vec<Entry>> {
    let rows: Vec<Row> = change::Entity::find()
        .filter(change::Column::Seq.gt(after))
        .filter(change::Column::Seq.lte(up_to))
        .order_by_asc(change::Column::Seq)
        .limit(ENTRIES_PER_READ)
        .select_only()
        .columns([
            change::Column::Id,
            change::Column::Seq,
            change::Column::Cause,
            change::Column::ClosedAt,
        ])
        .into_tuple()
        .all(db)
        .await?;
    let entry = |(change, seq, cause, closed_at): Row| {
        Some(Entry {
            seq: seq?,
            change,
            cause,
            closed_at: closed_at?,
        })
    };
    Ok(rows.into_iter().filter_map(entry).collect())
}

/// Which changes changed bodies or posts that may have been there already: by these, who may see a
/// record may be another one than before.
pub(super) async fn turns(db: &impl ConnectionTrait, after: i64, up_to: i64) -> Result<Vec<i64>> {
    macro_rules! is_named_by {
        ($table:ident, $column:ident) => {
            Expr::exists(
                Query::select()
                    .expr(Expr::value(1))
                    .from($table::Entity)
                    .and_where(
                        Expr::col(($table::Entity, $table::Column::$column))
                            .equals((change::Entity, change::Column::Id)),
                    )
                    .to_owned(),
            )
        };
    }
    let turns: Vec<Option<i64>> = change::Entity::find()
        .filter(change::Column::Seq.gt(after))
        .filter(change::Column::Seq.lte(up_to))
        .filter(
            Condition::any()
                .add(is_named_by!(agency, ChangeTo))
                .add(is_named_by!(post, ChangeFrom))
                .add(is_named_by!(post, ChangeTo)),
        )
        .order_by_asc(change::Column::Seq)
        .select_only()
        .column(change::Column::Seq)
        .into_tuple()
        .all(db)
        .await?;
    Ok(turns.into_iter().flatten().collect())
}

/// The changes after one number and up to another.
fn closed(after: i64, up_to: i64) -> SelectStatement {
    Query::select()
        .column(change::Column::Id)
        .from(change::Entity)
        .and_where(change::Column::Seq.gt(after))
        .and_where(change::Column::Seq.lte(up_to))
        .to_owned()
}

/// Records that stood at a change, were not its own, and whose bodies or officials it changed.
fn standing_at(entry: &Entry) -> Condition {
    let bodies = Query::select()
        .column(agency::Column::Id)
        .from(agency::Entity)
        .and_where(agency::Column::ChangeTo.eq(entry.change))
        .to_owned();
    let officials = Query::select()
        .column(post::Column::OfficialId)
        .from(post::Entity)
        .cond_where(
            Condition::any()
                .add(post::Column::ChangeFrom.eq(entry.change))
                .add(post::Column::ChangeTo.eq(entry.change)),
        )
        .to_owned();
    let whose = Condition::any()
        .add(credit_record::Column::AgencyId.in_subquery(bodies))
        .add(credit_record::Column::OfficialId.in_subquery(officials));
    let not_over = Condition::any()
        .add(credit_record::Column::ChangeTo.is_null())
        .add(credit_record::Column::ChangeTo.not_in_subquery(closed(0, entry.seq)));
    Condition::all()
        .add(whose)
        .add(credit_record::Column::ChangeFrom.in_subquery(closed(0, entry.seq - 1)))
        .add(not_over)
}
