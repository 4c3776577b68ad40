//! What the resident graph is made of: the newest closed versions of all facts at start, and what
//! each later change brought and ended.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{
    agency::Agency,
    assess::{Campaign, Graded, Warning},
    assessment::AssessmentLine,
    casework::Case,
    clue::Clue,
    credit_record::CreditRecord,
    decision::Decision,
    indicator::Indicator,
    mention::Mention,
    post::Post,
    succession::Succession,
};
use entities::{
    agency, agency_name, annual_campaign, assessment, casefile, change, clue, credit_record,
    decision, indicator, mention, post, publication, score, succession, warning,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait,
    QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Alias, Expr, Func, Query, SelectStatement},
};

use sqlx::postgres::PgListener;

use super::{
    Entry, Error, Known, Listing, Published, Result, Store,
    annual::{bodies_of, campaign_from_row, publication_from_row},
    assess::{score_from_row, warning_from_row},
    evidence::open_changes,
    moves::{entries, turns},
    rows::{
        CLUE_COLUMNS, ClueRow, agency_from_row, assessment_from_row, case_from_row, clue_from_row,
        decision_from_row, indicator_from_row, mention_from_row, post_from_row, record_from_row,
        succession_from_row,
    },
};

/// Rows fetched at once: a few megabytes.
const PAGE: u64 = 4_096;

/// Where PostgreSQL tells of closed changes.
pub(super) const CHANGE_CHANNEL: &str = "zhengxin_change";

/// Notices of closed changes.
pub struct Notices(PgListener);

impl Notices {
    /// Waits for the next one; the connection is made anew when it is lost.
    pub async fn next(&mut self) -> Result<()> {
        let failed = |error: sqlx::Error| Error::Db(sea_orm::DbErr::Custom(error.to_string()));
        self.0.recv().await.map(drop).map_err(failed)
    }
}

/// One fact for the graph, or the end of one.
#[derive(Debug, Clone, PartialEq)]
pub enum Resident {
    Agency(Known<Agency>),
    Succession(Known<Succession>),
    Mention(Known<Listing<Mention>>),
    Record(Known<Listing<CreditRecord>>),
    /// Without its text.
    Clue(Known<Listing<Clue>>),
    Indicator(Known<Listing<Indicator>>),
    Post(Known<Post>),
    Decision(Known<Decision>),
    Assessment(Known<Listing<AssessmentLine>>),
    /// A case, which never ends.
    Case(Box<Known<Case>>),
    /// A body's score, which never ends.
    Score(Known<Graded>),
    /// A warning, which never ends.
    Warning(Box<Known<Warning>>),
    /// An annual assessment, which never ends, with the bodies that were assessed; none where they were told before.
    Campaign(Box<Known<Campaign>>, Vec<i64>),
    /// A decision to publish a third party's assessment, which never ends.
    Publication(Known<Published>),
    MentionEnded(i64),
    RecordEnded(i64),
    SuccessionEnded(i64),
    ClueEnded(i64),
    IndicatorEnded(i64),
    PostEnded(i64),
    DecisionEnded(i64),
    AssessmentEnded(i64),
}

/// Takes facts as they are read.
pub trait ResidentSink {
    /// One fact; of several about the same thing the last one stands.
    fn take(&mut self, fact: Resident);

    /// What comes from here on is by this change.
    fn begin(&mut self, _change: Entry) {}

    /// A record that the change ended was withdrawn by it.
    fn retract(&mut self, _record: i64) {}
}

/// Which versions are wanted.
enum Wanted {
    /// All newest ones, but for what open changes bring and end.
    Newest { open: Vec<i64> },
    /// Those that one change brought.
    BroughtBy(i64),
    /// Those that stood at this number of the change log.
    StoodAt(i64),
}

impl Store {
    /// Reads all facts as of one moment; returns the newest number of the change log then.
    pub async fn load(&self, sink: &mut impl ResidentSink) -> Result<i64> {
        let tx = self.begin_read().await?;
        let seq = newest_seq(&tx).await?;
        let open = open_changes(&tx).await?;
        read_facts(&tx, &Wanted::Newest { open }, sink).await?;
        tx.rollback().await?;
        Ok(seq)
    }

    /// The newest number of the change log that was closed at a moment.
    pub async fn seq_at(&self, moment: DateTime<Utc>) -> Result<i64> {
        let query = Query::select()
            .expr_as(Func::max(Expr::col(change::Column::Seq)), Alias::new("seq"))
            .from(change::Entity)
            .and_where(change::Column::ClosedAt.lte(moment))
            .to_owned();
        let row = self.read.query_one(&query).await?;
        Ok(match row {
            Some(row) => row.try_get::<Option<i64>>("", "seq")?.unwrap_or(0),
            None => 0,
        })
    }

    /// When a number of the change log was closed.
    pub async fn closed_at(&self, seq: i64) -> Result<Option<DateTime<Utc>>> {
        let closed_at = change::Entity::find()
            .filter(change::Column::Seq.eq(seq))
            .select_only()
            .column(change::Column::ClosedAt)
            .into_tuple::<Option<DateTime<Utc>>>()
            .one(&self.read)
            .await?;
        Ok(closed_at.flatten())
    }

    /// Reads all facts as they stood at a number of the change log.
    pub async fn load_at(&self, seq: i64, sink: &mut impl ResidentSink) -> Result<()> {
        let tx = self.begin_read().await?;
        read_facts(&tx, &Wanted::StoodAt(seq), sink).await?;
        tx.rollback().await?;
        Ok(())
    }

    /// Reads what the changes after `seq` brought and ended, oldest first; returns the number of
    /// the last one that was read, which is `seq` when there was none. A turn is read as the first or
    /// not at all, so that the changes of one version were seen by the same viewers.
    pub async fn follow(&self, seq: i64, sink: &mut impl ResidentSink) -> Result<i64> {
        let tx = self.begin_read().await?;
        let changes = entries(&tx, seq, i64::MAX).await?;
        let mut last = seq;
        let up_to = changes.last().map_or(seq, |change| change.seq);
        let turns = turns(&tx, seq, up_to).await?;
        for (at, entry) in changes.into_iter().enumerate() {
            if at > 0 && turns.contains(&entry.seq) {
                break;
            }
            let (change, number) = (entry.change, entry.seq);
            sink.begin(entry);
            read_ends(&tx, change, sink).await?;
            read_facts(&tx, &Wanted::BroughtBy(change), sink).await?;
            last = number;
        }
        tx.rollback().await?;
        Ok(last)
    }

    /// Hears of changes that other processes closed, where the database can tell; it is a wake-up
    /// and no more, since a notification may be lost.
    pub async fn listen(&self) -> Result<Option<Notices>> {
        if self.backend() != DbBackend::Postgres {
            return Ok(None);
        }
        let failed = |error: sqlx::Error| Error::Db(sea_orm::DbErr::Custom(error.to_string()));
        let pool = self.read.get_postgres_connection_pool();
        let mut listener = PgListener::connect_with(pool).await.map_err(failed)?;
        listener.listen(CHANGE_CHANNEL).await.map_err(failed)?;
        Ok(Some(Notices(listener)))
    }

    /// The newest number of the change log.
    pub async fn newest_seq(&self) -> Result<i64> {
        newest_seq(&self.read).await
    }
}

/// The changes up to a number.
fn closed_by(seq: i64) -> SelectStatement {
    Query::select()
        .column(change::Column::Id)
        .from(change::Entity)
        .and_where(change::Column::Seq.lte(seq))
        .to_owned()
}

async fn newest_seq(db: &impl ConnectionTrait) -> Result<i64> {
    let query = Query::select()
        .expr_as(Func::max(Expr::col(change::Column::Seq)), Alias::new("seq"))
        .from(change::Entity)
        .to_owned();
    match db.query_one(&query).await? {
        Some(row) => Ok(row.try_get::<Option<i64>>("", "seq")?.unwrap_or(0)),
        None => Ok(0),
    }
}

/// What a change ended comes first, so that what it brought in its place stands.
async fn read_ends(
    tx: &DatabaseTransaction,
    change: i64,
    sink: &mut impl ResidentSink,
) -> Result<()> {
    macro_rules! ends {
        ($table:ident, $ended:ident) => {
            let ids: Vec<i64> = $table::Entity::find()
                .filter($table::Column::ChangeTo.eq(change))
                .select_only()
                .column($table::Column::Id)
                .into_tuple()
                .all(tx)
                .await?;
            ids.into_iter()
                .for_each(|id| sink.take(Resident::$ended(id)));
        };
    }
    let retracted: Vec<i64> = credit_record::Entity::find()
        .filter(credit_record::Column::ChangeFrom.eq(change))
        .filter(credit_record::Column::ChangeTo.eq(change))
        .select_only()
        .column(credit_record::Column::Id)
        .into_tuple()
        .all(tx)
        .await?;
    retracted.into_iter().for_each(|id| sink.retract(id));
    ends!(mention, MentionEnded);
    ends!(credit_record, RecordEnded);
    ends!(succession, SuccessionEnded);
    ends!(clue, ClueEnded);
    ends!(indicator, IndicatorEnded);
    ends!(post, PostEnded);
    ends!(decision, DecisionEnded);
    ends!(assessment, AssessmentEnded);
    Ok(())
}

async fn read_facts(
    tx: &DatabaseTransaction,
    wanted: &Wanted,
    sink: &mut impl ResidentSink,
) -> Result<()> {
    macro_rules! all {
        ($query:ident, $tx:ident) => {
            $query.all($tx).await?
        };
    }
    macro_rules! short {
        ($query:ident, $tx:ident) => {
            $query
                .select_only()
                .columns(CLUE_COLUMNS)
                .into_model::<ClueRow>()
                .all($tx)
                .await?
        };
    }
    macro_rules! pages {
        ($table:ident, |$rows:ident| $each:block) => {
            pages!($table, all, |$rows| $each)
        };
        ($table:ident, $fetch:ident, |$rows:ident| $each:block) => {
            let mut after = -1;
            loop {
                let these = match wanted {
                    // What ends with the change that brought it never stood.
                    Wanted::BroughtBy(change) => Condition::all()
                        .add($table::Column::ChangeFrom.eq(*change))
                        .add(
                            Condition::any()
                                .add($table::Column::ChangeTo.is_null())
                                .add($table::Column::ChangeTo.ne(*change)),
                        ),
                    Wanted::Newest { open } => Condition::all()
                        .add(
                            Condition::any()
                                .add($table::Column::ChangeTo.is_null())
                                .add($table::Column::ChangeTo.is_in(open.iter().copied())),
                        )
                        .add($table::Column::ChangeFrom.is_not_in(open.iter().copied())),
                    Wanted::StoodAt(seq) => Condition::all()
                        .add($table::Column::ChangeFrom.in_subquery(closed_by(*seq)))
                        .add(
                            Condition::any()
                                .add($table::Column::ChangeTo.is_null())
                                .add($table::Column::ChangeTo.not_in_subquery(closed_by(*seq))),
                        ),
                };
                let $rows = $table::Entity::find()
                    .filter(these)
                    .filter($table::Column::Id.gt(after))
                    .order_by_asc($table::Column::Id)
                    .limit(PAGE);
                let $rows = $fetch!($rows, tx);
                let Some(last) = $rows.last() else { break };
                after = last.id;
                let is_last = ($rows.len() as u64) < PAGE;
                $each
                if is_last {
                    break;
                }
            }
        };
    }
    pages!(agency, |rows| {
        let mut names = names_of(tx, &rows).await?;
        for row in rows {
            let names = names.remove(&(row.id, row.change_from)).unwrap_or_default();
            sink.take(Resident::Agency(agency_from_row(row, names)?));
        }
    });
    pages!(succession, |rows| {
        for row in rows {
            sink.take(Resident::Succession(succession_from_row(row)?));
        }
    });
    pages!(mention, |rows| {
        for row in rows {
            sink.take(Resident::Mention(mention_from_row(row)?));
        }
    });
    pages!(credit_record, |rows| {
        for row in rows {
            sink.take(Resident::Record(record_from_row(row)?));
        }
    });
    pages!(clue, short, |rows| {
        for row in rows {
            sink.take(Resident::Clue(clue_from_row(row)?));
        }
    });
    pages!(indicator, |rows| {
        for row in rows {
            sink.take(Resident::Indicator(indicator_from_row(row)?));
        }
    });
    pages!(post, |rows| {
        for row in rows {
            sink.take(Resident::Post(post_from_row(row)?));
        }
    });
    pages!(decision, |rows| {
        for row in rows {
            sink.take(Resident::Decision(decision_from_row(row)?));
        }
    });
    // Behind what they are about.
    pages!(casefile, |rows| {
        for row in rows {
            sink.take(Resident::Case(Box::new(case_from_row(row)?)));
        }
    });
    pages!(assessment, |rows| {
        for row in rows {
            sink.take(Resident::Assessment(assessment_from_row(row)?));
        }
    });
    pages!(score, |rows| {
        for row in rows {
            sink.take(Resident::Score(score_from_row(row)?));
        }
    });
    pages!(warning, |rows| {
        for row in rows {
            sink.take(Resident::Warning(Box::new(warning_from_row(row)?)));
        }
    });
    pages!(annual_campaign, |rows| {
        for row in rows {
            let known = campaign_from_row(row)?;
            // They stay as they were with the first version, and a long list is not read again with each objection.
            let is_told = matches!(wanted, Wanted::BroughtBy(_)) && known.version > 1;
            let bodies = match is_told {
                true => Vec::new(),
                false => bodies_of(tx, known.fact.preliminary.set).await?,
            };
            sink.take(Resident::Campaign(Box::new(known), bodies));
        }
    });
    pages!(publication, |rows| {
        for row in rows {
            sink.take(Resident::Publication(publication_from_row(row)?));
        }
    });
    Ok(())
}

pub(super) type NamesByVersion = HashMap<(i64, i64), Vec<agency_name::Model>>;

/// The names of a page of agencies.
pub(super) async fn names_of(
    tx: &DatabaseTransaction,
    page: &[agency::Model],
) -> Result<NamesByVersion> {
    let rows = agency_name::Entity::find()
        .filter(agency_name::Column::AgencyId.is_in(page.iter().map(|row| row.id)))
        .order_by_asc(agency_name::Column::Ordinal)
        .all(tx)
        .await?;
    let mut names = NamesByVersion::new();
    for row in rows {
        names
            .entry((row.agency_id, row.change_from))
            .or_default()
            .push(row);
    }
    Ok(names)
}
