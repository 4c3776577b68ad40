//! Scores and warnings: a batch of them is one change, written only if all stand as they were found.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::assess::{Basis, GradeCode, Graded, RulePack, Warning, WarningEvent};
use entities::{change, score, warning, warning_event};
use rust_decimal::Decimal;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Alias, Expr, ExprTrait, JoinType, Order, Query},
};

use super::{
    Error, Known, ROWS_PER_BATCH, Result, Store, basis::take_basis, connect::lock_change_log,
    delivery::number_change, evidence::open_changes, insert::insert_many, notice,
};

/// Why scores and warnings are others now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssessedBy<'a> {
    /// By these rules, over what is known.
    Rules(&'a Basis),
    /// By somebody, who did something about a warning.
    Person,
}

/// What came of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// It is in the log.
    Done,
    /// Something of it stands otherwise than it was found.
    Changed,
    /// By newer rules, or on a later day, bodies were graded and warned already.
    Behind,
}

/// A body's next score.
#[derive(Debug, Clone)]
pub struct NextScore {
    /// The body's number.
    pub agency: i64,
    /// The version that stands; 0 where there is none.
    pub version: i64,
    pub score: Decimal,
    /// The same so many days before.
    pub before: Decimal,
    pub grade: String,
    /// What it is made of, as JSON.
    pub contributions: String,
    pub content_hash: i64,
}

/// What changes at once.
#[derive(Debug, Clone, Default)]
pub struct Assessed {
    pub scores: Vec<NextScore>,
    pub warnings: Vec<WarningEvent>,
}

/// The same as rows, made where there is time for it: the writer waits for nobody.
#[derive(Debug)]
pub struct AssessedRows {
    scores: Vec<score::ActiveModel>,
    warnings: Vec<warning::ActiveModel>,
    events: Vec<warning_event::ActiveModel>,
    /// Versions that were found, by the numbers of scores and of warnings.
    found: [HashMap<i64, i64>; 2],
    told: Vec<WarningEvent>,
    /// The codes of those who are warned, by the numbers of warnings.
    warned: HashMap<i64, Vec<String>>,
}

impl AssessedRows {
    /// The rows of a batch; of scores by this pack as of this day.
    pub fn of(mut batch: Assessed, graded: Option<(&RulePack, NaiveDate)>) -> Self {
        // Numbers are spread evenly: in their order they touch each page of a table once.
        batch
            .scores
            .sort_unstable_by_key(|next| Graded::number(next.agency));
        batch.warnings.sort_by_key(|event| event.after.number());
        let scores = batch.scores.iter();
        let scores = scores.map(|next| (Graded::number(next.agency), next.version));
        let warnings = batch.warnings.iter();
        let warnings = warnings.map(|event| (event.after.number(), i64::from(event.number) - 1));
        let found = [scores.collect(), warnings.collect()];
        let rows = graded.into_iter().flat_map(|(pack, day)| {
            let scores = std::mem::take(&mut batch.scores).into_iter();
            scores.map(move |next| score_row(next, pack, day))
        });
        Self {
            scores: rows.collect(),
            warnings: batch.warnings.iter().map(warning_row).collect(),
            events: batch.warnings.iter().map(event_row).collect(),
            found,
            told: batch.warnings,
            warned: HashMap::new(),
        }
    }

    /// The same with the codes of those who are warned, by the numbers of warnings, where a subscriber asks for it.
    pub fn warning(mut self, warned: HashMap<i64, Vec<String>>) -> Self {
        self.warned = warned;
        self
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.scores.is_empty() && self.told.is_empty()
    }
}

impl Store {
    /// Writes a batch, whole or not at all.
    pub async fn write_assessed(
        &self,
        by: AssessedBy<'_>,
        batch: AssessedRows,
        now: DateTime<Utc>,
    ) -> Result<Judged> {
        let tx = self.begin_write().await?;
        // Taken first, so that of two processes that come to the same the second sees it done.
        lock_change_log(&tx).await?;
        if let AssessedBy::Rules(basis) = by
            && !take_basis(&tx, basis).await?
        {
            tx.rollback().await?;
            return Ok(Judged::Behind);
        }
        let cause = match by {
            AssessedBy::Rules(_) => "rules",
            AssessedBy::Person => super::CASEWORK,
        };
        let change = change::ActiveModel {
            id: NotSet,
            seq: Set(None),
            cause: Set(cause.to_owned()),
            source: Set(None),
            closed_at: Set(None),
        };
        let change = change.insert(&tx).await?.id;
        let [scores, warnings] = &batch.found;
        if !end_scores(&tx, scores, change).await? || !end_warnings(&tx, warnings, change).await? {
            tx.rollback().await?;
            return Ok(Judged::Changed);
        }
        insert(&tx, batch.scores, |row| row.change_from = Set(change)).await?;
        insert(&tx, batch.warnings, |row| row.change_from = Set(change)).await?;
        insert(&tx, batch.events, |row| row.change_from = Set(change)).await?;
        let about: Vec<i64> = match by {
            AssessedBy::Rules(_) => Vec::new(),
            AssessedBy::Person => batch.told.iter().map(|event| event.after.agency).collect(),
        };
        let told = (&*batch.told, &batch.warned);
        notice::enqueue(&tx, &self.notices, told, change, now).await?;
        number_change(&tx, change, now).await?;
        self.commit_about(tx, &about).await?;
        Ok(Judged::Done)
    }

    /// What happened to a warning, from the event after a number on, at most `limit`.
    pub async fn list_warning_events(
        &self,
        warning: i64,
        after: i64,
        limit: u64,
    ) -> Result<Vec<WarningEvent>> {
        let open = open_changes(&self.read).await?;
        let rows = warning_event::Entity::find()
            .filter(warning_event::Column::WarningId.eq(warning))
            .filter(warning_event::Column::Number.gt(after))
            .filter(warning_event::Column::ChangeFrom.is_not_in(open))
            .order_by_asc(warning_event::Column::Number)
            .limit(limit)
            .all(&self.read)
            .await?;
        let events = rows.into_iter();
        events
            .map(|row| event_of(row.warning_id, &row.event))
            .collect()
    }
}

/// A warning as one change found it and left it.
#[derive(Debug, Clone)]
pub struct WarningMove {
    /// The change's number in the log.
    pub seq: i64,
    pub closed_at: DateTime<Utc>,
    pub id: i64,
    pub before: Option<Warning>,
    pub after: Warning,
}

impl Store {
    /// What changes did to warnings, in the order of the log and then by number: from behind a place up to
    /// a number of the log, at most `limit`.
    pub async fn warning_moves(
        &self,
        (seq, id): (i64, i64),
        up_to: i64,
        limit: u64,
    ) -> Result<Vec<WarningMove>> {
        let later = Expr::col((change::Entity, change::Column::Seq)).gt(seq);
        let same = Expr::col((change::Entity, change::Column::Seq))
            .eq(seq)
            .and(Expr::col((warning_event::Entity, warning_event::Column::WarningId)).gt(id));
        let before = Alias::new("before");
        let earlier = |column: warning_event::Column| Expr::col((before.clone(), column));
        let event = |column: warning_event::Column| Expr::col((warning_event::Entity, column));
        let query = Query::select()
            .columns([
                (change::Entity, change::Column::Seq),
                (change::Entity, change::Column::ClosedAt),
            ])
            .columns([
                (warning_event::Entity, warning_event::Column::WarningId),
                (warning_event::Entity, warning_event::Column::Event),
            ])
            .expr_as(earlier(warning_event::Column::Event), "earlier")
            .from(change::Entity)
            .inner_join(
                warning_event::Entity,
                event(warning_event::Column::ChangeFrom)
                    .equals((change::Entity, change::Column::Id)),
            )
            .join_as(
                JoinType::LeftJoin,
                warning_event::Entity,
                before.clone(),
                earlier(warning_event::Column::WarningId)
                    .equals((warning_event::Entity, warning_event::Column::WarningId))
                    .and(
                        earlier(warning_event::Column::Number)
                            .eq(event(warning_event::Column::Number).sub(1)),
                    ),
            )
            .and_where(later.or(same))
            .and_where(Expr::col((change::Entity, change::Column::Seq)).gte(seq))
            .and_where(Expr::col((change::Entity, change::Column::Seq)).lte(up_to))
            .order_by((change::Entity, change::Column::Seq), Order::Asc)
            .order_by(
                (warning_event::Entity, warning_event::Column::WarningId),
                Order::Asc,
            )
            .limit(limit)
            .to_owned();
        let mut moves = Vec::new();
        for row in self.read.query_all(&query).await? {
            let id = row.try_get("", "warning_id")?;
            let event: String = row.try_get("", "event")?;
            let earlier: Option<String> = row.try_get("", "earlier")?;
            let before = earlier.map(|text| event_of(id, &text)).transpose()?;
            moves.push(WarningMove {
                seq: row.try_get("", "seq")?,
                closed_at: row.try_get("", "closed_at")?,
                id,
                before: before.map(|event| event.after),
                after: event_of(id, &event)?.after,
            });
        }
        Ok(moves)
    }
}

fn event_of(warning: i64, text: &str) -> Result<WarningEvent> {
    serde_json::from_str(text).map_err(|error| Error::Corrupt {
        table: "warning_event",
        id: warning,
        reason: error.to_string(),
    })
}

/// Ends the versions that stand, of these numbers, if they are the ones that were found.
macro_rules! end_versions {
    ($name:ident, $table:ident) => {
        async fn $name(
            tx: &DatabaseTransaction,
            found: &HashMap<i64, i64>,
            change: i64,
        ) -> Result<bool> {
            let ids: Vec<i64> = found.keys().copied().collect();
            let mut standing = 0;
            for ids in ids.chunks(ROWS_PER_BATCH) {
                let versions: Vec<(i64, i64)> = $table::Entity::find()
                    .filter($table::Column::Id.is_in(ids.iter().copied()))
                    .filter($table::Column::ChangeTo.is_null())
                    .select_only()
                    .columns([$table::Column::Id, $table::Column::Version])
                    .into_tuple()
                    .all(tx)
                    .await?;
                if versions
                    .iter()
                    .any(|(id, version)| found.get(id) != Some(version))
                {
                    return Ok(false);
                }
                if versions.is_empty() {
                    continue;
                }
                standing += versions.len();
                $table::Entity::update_many()
                    .col_expr($table::Column::ChangeTo, Expr::value(change))
                    .filter($table::Column::Id.is_in(ids.iter().copied()))
                    .filter($table::Column::ChangeTo.is_null())
                    .exec(tx)
                    .await?;
            }
            Ok(standing == found.values().filter(|version| **version > 0).count())
        }
    };
}
pub(super) use end_versions;

end_versions!(end_scores, score);
end_versions!(end_warnings, warning);

/// Inserts rows, each of which is told its change first.
async fn insert<E, A>(
    tx: &DatabaseTransaction,
    rows: Vec<A>,
    in_change: impl Fn(&mut A),
) -> Result<()>
where
    E: EntityTrait,
    A: ActiveModelTrait<Entity = E>,
{
    let mut rows = rows.into_iter();
    loop {
        let mut some: Vec<A> = rows.by_ref().take(ROWS_PER_BATCH).collect();
        if some.is_empty() {
            return Ok(());
        }
        some.iter_mut().for_each(&in_change);
        insert_many::<E, A>(tx, some).await?;
    }
}

fn score_row(next: NextScore, pack: &RulePack, day: NaiveDate) -> score::ActiveModel {
    score::ActiveModel {
        id: Set(Graded::number(next.agency)),
        change_from: NotSet,
        change_to: Set(None),
        version: Set(next.version + 1),
        content_hash: Set(next.content_hash),
        agency_id: Set(next.agency),
        pack: Set(pack.key.clone()),
        pack_version: Set(pack.version.clone()),
        pack_digest: Set(pack.digest.clone()),
        day: Set(day),
        score: Set(next.score.to_string()),
        score_before: Set(next.before.to_string()),
        grade: Set(next.grade),
        contributions: Set(next.contributions),
    }
}

fn warning_row(event: &WarningEvent) -> warning::ActiveModel {
    let after = &event.after;
    warning::ActiveModel {
        id: Set(after.number()),
        change_from: NotSet,
        change_to: Set(None),
        version: Set(i64::from(event.number)),
        agency_id: Set(after.agency),
        red_line: Set(after.red_line.clone()),
        level: Set(after.level.as_str().to_owned()),
        state: Set(after.state.as_str().to_owned()),
        warning: Set(serde_json::to_string(after).expect("a warning is plain data")),
    }
}

fn event_row(event: &WarningEvent) -> warning_event::ActiveModel {
    warning_event::ActiveModel {
        warning_id: Set(event.after.number()),
        number: Set(i64::from(event.number)),
        change_from: NotSet,
        act: Set(event.act.as_str().to_owned()),
        at: Set(event.at),
        by_subject: Set(event.by.clone()),
        event: Set(serde_json::to_string(event).expect("an event is plain data")),
    }
}

pub(super) fn score_from_row(row: score::Model) -> Result<Known<Graded>> {
    let corrupt = |reason: String| Error::Corrupt {
        table: "score",
        id: row.id,
        reason,
    };
    let number = |text: &str| {
        let read = text.parse::<Decimal>();
        read.map_err(|error| corrupt(error.to_string()))
    };
    let grade = GradeCode::of(&row.grade);
    Ok(Known {
        id: row.id,
        row_id: row.id,
        version: row.version,
        fact: Graded {
            agency: row.agency_id,
            day: row.day,
            score: number(&row.score)?,
            before: number(&row.score_before)?,
            grade: grade.ok_or_else(|| corrupt(format!("{:?} is no grade's code", row.grade)))?,
            content_hash: row.content_hash,
        },
    })
}

pub(super) fn warning_from_row(row: warning::Model) -> Result<Known<Warning>> {
    let fact = serde_json::from_str(&row.warning).map_err(|error| Error::Corrupt {
        table: "warning",
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
