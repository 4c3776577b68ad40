//! What is known of rows already: their contents, and the ends that were told of them. In whatever order
//! deliveries come, the newest word on a row stands, by the time of which its delivery speaks.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use domain::id::{Kind, derived_id};
use entities::{evidence, run};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect,
    sea_query::Expr,
};

use super::{Delivery, ROWS_PER_BATCH, Result, StagedRow, insert::insert_many};

/// A content of a row, as far as writing the next one needs it.
#[derive(Clone)]
pub(super) struct Content {
    pub(super) id: i64,
    pub(super) change_from: i64,
    pub(super) digest: String,
    data_as_of: DateTime<Utc>,
}

/// Its row, the content, the change that ended it, and whether it is only the mark of an end.
type ToldRow = (i64, i64, i64, String, DateTime<Utc>, Option<i64>, bool);

/// What is known of a row already.
#[derive(Default)]
pub(super) struct Told {
    pub(super) contents: usize,
    /// Those that earlier deliveries told.
    pub(super) earlier: usize,
    /// The content that its feed lists now.
    pub(super) now: Option<Content>,
    /// The content that this delivery itself ended.
    pub(super) replaced: Option<Content>,
    /// The content that this delivery told, listed no longer by then.
    pub(super) own_past: Option<Content>,
    /// The end that this delivery told of a row that was not listed.
    pub(super) own_end: Option<i64>,
    /// The newest content of earlier deliveries.
    pub(super) last: Option<Content>,
    /// Of when the newest delivery that told a content of it speaks.
    pub(super) newest: Option<DateTime<Utc>>,
    /// Of when those speak that ended it, in order, with the mark that tells so where nothing else does.
    ends: Vec<(DateTime<Utc>, Option<i64>)>,
}

/// What an end comes to that is told of a row which is not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It says nothing new, or is older than what is known.
    Known,
    /// It is the first since the row was last listed, or the second, and leaves a mark.
    Marked,
    /// It is one more of many, and the last mark speaks of it from now on.
    Later(i64),
}

impl Told {
    /// Whether its feed listed it before this change.
    pub(super) fn is_listed_before(&self, change: i64) -> bool {
        let now = self.now.as_ref();
        self.replaced.is_some() || now.is_some_and(|now| now.change_from != change)
    }

    /// When it was first listed no longer after a word on it, as far as is known.
    pub(super) fn first_end_after(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.ends.iter().map(|(end, _)| *end).find(|end| *end > at)
    }

    /// What an end comes to that is told as of this time of a row which is not listed. The first one
    /// says since when it is listed no longer, the last one which late contents are older; how many
    /// there were between is not kept, for a quiet table's last rows are read with every run.
    fn end_at(&self, at: DateTime<Utc>) -> End {
        let is_own = self.own_end.is_some() || self.replaced.is_some();
        if is_own || self.newest.is_some_and(|newest| newest > at) {
            return End::Known;
        }
        let is_since =
            |end: &&(DateTime<Utc>, Option<i64>)| self.newest.is_none_or(|newest| end.0 >= newest);
        let since: Vec<_> = self.ends.iter().filter(is_since).collect();
        match (since.first(), since.last()) {
            (Some(first), Some((last, mark))) if first.0 <= at => match mark {
                _ if at <= *last => End::Known,
                Some(mark) if since.len() > 1 => End::Later(*mark),
                _ => End::Marked,
            },
            _ => End::Marked,
        }
    }
}

impl Delivery {
    pub(super) async fn told(
        &self,
        tx: &DatabaseTransaction,
        row_ids: &[i64],
    ) -> Result<HashMap<i64, Told>> {
        if row_ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows: Vec<ToldRow> = evidence::Entity::find()
            .filter(evidence::Column::RowId.is_in(row_ids.iter().copied()))
            .select_only()
            .columns([
                evidence::Column::RowId,
                evidence::Column::Id,
                evidence::Column::ChangeFrom,
                evidence::Column::Digest,
                evidence::Column::DataAsOf,
                evidence::Column::ChangeWithdrawn,
                evidence::Column::IsEnd,
            ])
            .into_tuple()
            .all(tx)
            .await?;
        // Who ended a content spoke of it, too, and perhaps of a later day.
        let ended_by = rows.iter().filter_map(|(.., ended_by, _)| *ended_by);
        let ended_by: HashSet<i64> = ended_by.filter(|by| *by != self.change).collect();
        let spoke: HashMap<i64, DateTime<Utc>> = match ended_by.is_empty() {
            true => HashMap::new(),
            false => run::Entity::find()
                .filter(run::Column::ChangeId.is_in(ended_by))
                .select_only()
                .columns([run::Column::ChangeId, run::Column::DataAsOf])
                .into_tuple()
                .all(tx)
                .await?
                .into_iter()
                .collect(),
        };
        let mut told: HashMap<i64, Told> = HashMap::new();
        for (row_id, id, change_from, digest, data_as_of, ended_by, is_end) in rows {
            let told = told.entry(row_id).or_default();
            let is_own = change_from == self.change;
            match ended_by {
                _ if is_end && is_own => told.own_end = Some(id),
                _ if is_end => told.ends.push((data_as_of, Some(id))),
                // One that was past when it came did not end by the word of its own delivery.
                Some(by) if by != change_from => {
                    let end = spoke.get(&by).map(|spoke| (*spoke, None));
                    told.ends.extend(end);
                }
                _ => {}
            }
            if is_end {
                continue;
            }
            told.contents += 1;
            told.earlier += usize::from(!is_own);
            told.newest = told.newest.max(Some(data_as_of));
            let content = Content {
                id,
                change_from,
                digest,
                data_as_of,
            };
            let last = told.last.as_ref();
            if !is_own && last.is_none_or(|last| last.data_as_of <= data_as_of) {
                told.last = Some(content.clone());
            }
            match ended_by {
                None => told.now = Some(content),
                Some(by) if by == self.change && is_own => told.own_past = Some(content),
                Some(by) if by == self.change => told.replaced = Some(content),
                Some(_) => {}
            }
        }
        for told in told.values_mut() {
            told.ends.sort_unstable();
        }
        Ok(told)
    }

    /// Notes ends of rows that are not listed: what comes late and is older does not list them then.
    /// Gives the rows that were listed no longer since an earlier day than was known.
    pub(super) async fn mark_ends(
        &mut self,
        tx: &DatabaseTransaction,
        yields: &str,
        rows: Vec<StagedRow>,
        told: &HashMap<i64, Told>,
    ) -> Result<Vec<i64>> {
        let (nothing, mut marks, mut earlier) = (Told::default(), Vec::new(), Vec::new());
        for row in rows {
            let told = told.get(&row.row_id).unwrap_or(&nothing);
            match told.end_at(self.data_as_of) {
                End::Known => {}
                End::Later(mark) => self.spoken_later.push(mark),
                End::Marked => {
                    if told.first_end_after(self.data_as_of).is_some() {
                        earlier.push(row.row_id);
                    }
                    marks.push(self.end_mark(row, yields));
                }
            }
        }
        insert_many::<evidence::Entity, _>(tx, marks).await?;
        Ok(earlier)
    }

    /// A mark keeps nothing of its row: whom that is about was never told.
    fn end_mark(&self, row: StagedRow, yields: &str) -> evidence::ActiveModel {
        let at = self.data_as_of.timestamp_micros();
        evidence::ActiveModel {
            id: Set(derived_id(Kind::Evidence, row.row_id, &format!("end {at}"))),
            row_id: Set(row.row_id),
            change_from: Set(self.change),
            source: Set(self.source.clone()),
            feed: Set(self.feed.clone()),
            yields: Set(yields.to_owned()),
            form: Set(None),
            subject_name: Set(None),
            subject_code: Set(None),
            run_id: Set(self.run_id),
            source_key: Set(row.source_key),
            location: Set(row.location),
            digest: Set(String::new()),
            content: Set("{}".to_owned()),
            received_at: Set(self.received_at),
            data_as_of: Set(self.data_as_of),
            last_seen_at: Set(self.received_at),
            is_end: Set(true),
            change_withdrawn: Set(Some(self.change)),
            withdrawn_at: Set(Some(self.received_at)),
        }
    }

    /// Notes that contents and marks were told again, of a later time. As with when rows were last seen,
    /// it may follow the closing: whoever is killed here is told again what he was told last.
    pub(super) async fn note_spoken_later(&self) -> Result<()> {
        for batch in self.spoken_later.chunks(ROWS_PER_BATCH) {
            let tx = self.store.begin_write().await?;
            evidence::Entity::update_many()
                .col_expr(evidence::Column::DataAsOf, Expr::value(self.data_as_of))
                .filter(evidence::Column::Id.is_in(batch.iter().copied()))
                .filter(evidence::Column::DataAsOf.lt(self.data_as_of))
                .exec(&tx)
                .await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
