//! Resolving rows of a source anew from what is kept of them: under one change of its own, seen whole
//! or not at all, like a delivery's. Evidence stays as it is: nobody said anything new.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{
    decision::{Decision, Ending},
    id::{Kind, stable_id},
    mention::{Mention, SubjectText},
};
use entities::{change, decision, evidence, mention};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, ExprTrait, FromQueryResult,
    QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::Expr,
};

use crate::failpoint;

use super::{
    Fact, Known, Listing, ROWS_PER_BATCH, Resolved, Result, Store,
    delivery::number_change,
    evidence::open_changes,
    fact::{id_of_row, tables_of},
    hold::Hold,
    insert::insert_many,
    outbox::enqueue,
    resolved::note_resolved,
    retracted::retract,
    rows::{
        self, NewVersion, decision_ending, decision_from_row, decision_to_row, mention_from_row,
    },
    version::{self, Current, History},
    withdraw::{china_day, confirm_clues},
};

/// Rows whose names are looked through in one go: small ones, read from an index.
const NAMES_PER_PAGE: u64 = 4_096;

/// A source's rows that are being resolved anew. Whoever holds it holds the source, and no delivery
/// of it comes in meanwhile.
pub struct Reresolution {
    store: Store,
    source: String,
    change: i64,
    at: DateTime<Utc>,
    moved: u64,
    /// The bodies that decisions are about.
    about: Vec<i64>,
    hold: Hold,
}

/// A decision that holds no longer, and how it ended, where that was kept.
pub type EndedDecision = (Known<Decision>, Option<Ending>);

/// What is kept of a row: its newest content.
#[derive(Debug, Clone, FromQueryResult)]
pub struct KeptRow {
    pub row_id: i64,
    pub yields: String,
    /// The form that reads it.
    pub form: Option<String>,
    pub content: String,
    pub received_at: DateTime<Utc>,
    data_as_of: DateTime<Utc>,
    change_withdrawn: Option<i64>,
}

impl KeptRow {
    /// Whether its feed lists it still.
    pub fn is_listed(&self) -> bool {
        self.change_withdrawn.is_none()
    }
}

/// What a kept row comes to now.
#[derive(Debug, Clone)]
pub struct Retold {
    pub row_id: i64,
    pub yields: String,
    /// None where nothing is told of it any more.
    pub fact: Option<Fact>,
}

/// What a batch comes to in the database.
#[derive(Default)]
struct Plan {
    new: Vec<NewVersion>,
    ended: HashMap<&'static str, Vec<Current>>,
    /// Rows of allegations that are records now.
    established: Vec<i64>,
    /// Records that end.
    retracted: Vec<i64>,
    moved: u64,
}

/// Histories of facts by table and number.
type Histories = HashMap<&'static str, HashMap<i64, History>>;

impl Store {
    /// Begins to resolve rows of a source anew; refused while a delivery of it comes in.
    pub async fn begin_reresolution(
        &self,
        source: &str,
        now: DateTime<Utc>,
    ) -> Result<Reresolution> {
        let hold = self.hold_source(source).await?;
        for (run, change) in self.list_interrupted(source).await? {
            self.take_back_interrupted(run, change, now).await?;
        }
        self.take_back_reresolved(source).await?;
        let tx = self.begin_write().await?;
        let change = change::ActiveModel {
            id: NotSet,
            seq: Set(None),
            cause: Set("resolution".to_owned()),
            source: Set(Some(source.to_owned())),
            closed_at: Set(None),
        };
        let change = change.insert(&tx).await?.id;
        tx.commit().await?;
        failpoint::hit("run.begun").await?;
        Ok(Reresolution {
            store: self.clone(),
            source: source.to_owned(),
            change,
            at: now,
            moved: 0,
            about: Vec::new(),
            hold,
        })
    }

    /// The newest closed version of a mention, whether or not it stands.
    pub async fn find_mention(&self, id: i64) -> Result<Option<Known<Listing<Mention>>>> {
        let open = open_changes(&self.read).await?;
        let row = mention::Entity::find()
            .filter(mention::Column::Id.eq(id))
            .filter(mention::Column::ChangeFrom.is_not_in(open))
            .order_by_desc(mention::Column::Version)
            .one(&self.read)
            .await?;
        row.map(mention_from_row).transpose()
    }

    /// Decisions that hold no longer, the last ended first, at most `limit`.
    pub async fn list_ended_decisions(&self, limit: u64) -> Result<Vec<EndedDecision>> {
        let last = decision::Entity::find()
            .order_by_desc(decision::Column::ChangeTo)
            .order_by_asc(decision::Column::Id)
            .limit(limit);
        self.ended_decisions(last).await
    }

    /// A version of a decision that stands no longer.
    pub async fn find_ended_decision(
        &self,
        id: i64,
        version: i64,
    ) -> Result<Option<EndedDecision>> {
        let one = decision::Entity::find()
            .filter(decision::Column::Id.eq(id))
            .filter(decision::Column::Version.eq(version));
        Ok(self.ended_decisions(one).await?.pop())
    }

    async fn ended_decisions(
        &self,
        select: Select<decision::Entity>,
    ) -> Result<Vec<EndedDecision>> {
        let open = open_changes(&self.read).await?;
        let rows = select
            .filter(decision::Column::ChangeTo.is_not_null())
            .filter(decision::Column::ChangeTo.is_not_in(open))
            .all(&self.read)
            .await?;
        let ended = |row: decision::Model| {
            let ending = decision_ending(&row);
            Ok((decision_from_row(row)?, ending))
        };
        rows.into_iter().map(ended).collect()
    }

    /// The newest contents of these rows with the forms that read them.
    pub async fn list_kept(&self, row_ids: &[i64]) -> Result<Vec<KeptRow>> {
        let open = open_changes(&self.read).await?;
        let contents = evidence::Entity::find()
            .filter(evidence::Column::RowId.is_in(row_ids.iter().copied()))
            .filter(evidence::Column::ChangeFrom.is_not_in(open.iter().copied()))
            .filter(evidence::Column::IsEnd.eq(false))
            .select_only()
            .columns([
                evidence::Column::RowId,
                evidence::Column::Yields,
                evidence::Column::Form,
                evidence::Column::Content,
                evidence::Column::ReceivedAt,
                evidence::Column::DataAsOf,
                evidence::Column::ChangeWithdrawn,
            ])
            .into_model::<KeptRow>()
            .all(&self.read)
            .await?;
        let mut newest: HashMap<i64, KeptRow> = HashMap::new();
        let age = |row: &KeptRow| (row.is_listed(), row.data_as_of, row.received_at);
        for mut row in contents {
            row.change_withdrawn = row.change_withdrawn.filter(|by| !open.contains(by));
            match newest.get(&row.row_id) {
                Some(known) if age(known) >= age(&row) => {}
                _ => drop(newest.insert(row.row_id, row)),
            }
        }
        let mut rows: Vec<KeptRow> = newest.into_values().collect();
        rows.sort_unstable_by_key(|row| row.row_id);
        Ok(rows)
    }
}

impl Reresolution {
    /// Rows and whom they name, behind the last one of the page before, in the order of names; only
    /// those that write this of their subject, where that is given.
    pub async fn page_named(
        &self,
        only: Option<&SubjectText>,
        after: Option<&(i64, SubjectText)>,
    ) -> Result<Vec<(i64, SubjectText)>> {
        let (name, code) = (evidence::Column::SubjectName, evidence::Column::SubjectCode);
        let mut wanted = Condition::all()
            .add(evidence::Column::Source.eq(&self.source))
            .add(name.is_not_null());
        if let Some(only) = only {
            wanted = wanted.add(name.eq(&only.name)).add(code.eq(&only.code));
        }
        if let Some((row_id, subject)) = after {
            let same = name
                .eq(&subject.name)
                .and(evidence::Column::RowId.gt(*row_id));
            wanted = wanted.add(Condition::any().add(name.gt(&subject.name)).add(same));
        }
        let rows: Vec<(i64, String, Option<String>)> = evidence::Entity::find()
            .filter(wanted)
            .order_by_asc(name)
            .order_by_asc(evidence::Column::RowId)
            .limit(NAMES_PER_PAGE)
            .select_only()
            .columns([evidence::Column::RowId, name, code])
            .into_tuple()
            .all(&self.store.read)
            .await?;
        let named = |(row_id, name, code): (i64, String, Option<String>)| {
            let code = code.unwrap_or_default();
            (row_id, SubjectText { name, code })
        };
        Ok(rows.into_iter().map(named).collect())
    }

    /// What is kept of these rows.
    pub async fn kept(&self, row_ids: &[i64]) -> Result<Vec<KeptRow>> {
        self.store.list_kept(row_ids).await
    }

    /// Keeps a decision, in the place of the one that stood under its number; of `before` it is not said any more.
    pub async fn decide(
        &mut self,
        row_id: i64,
        fact: Decision,
        before: Option<&Known<Decision>>,
    ) -> Result<Known<Decision>> {
        let id = fact.id();
        let agencies = before.and_then(|before| before.fact.agency).into_iter();
        self.about.extend(agencies.chain(fact.agency));
        let tx = self.store.begin_write_under(self.change).await?;
        let ending = Ending {
            by: fact.by.clone(),
            reason: fact.reason.clone(),
            at: fact.at,
        };
        let history = self.end_decision(&tx, id, ending).await?;
        let new = Known {
            id,
            row_id,
            version: history.highest + 1,
            fact,
        };
        let hash = stable_id(Kind::Decision, &[&format!("{:?}", new.fact)]);
        let row = decision_to_row(new.clone(), hash, self.change);
        insert_many::<decision::Entity, _>(&tx, vec![row]).await?;
        tx.commit().await?;
        Ok(new)
    }

    /// Ends a decision.
    pub async fn undo(&mut self, standing: &Known<Decision>, ending: Ending) -> Result<()> {
        self.about.extend(standing.fact.agency);
        let tx = self.store.begin_write_under(self.change).await?;
        self.end_decision(&tx, standing.id, ending).await?;
        Ok(tx.commit().await?)
    }

    async fn end_decision(
        &mut self,
        tx: &DatabaseTransaction,
        id: i64,
        ending: Ending,
    ) -> Result<History> {
        let mut known = version::histories(tx, "decision", [id], self.change).await?;
        let history = known.remove(&id).unwrap_or_default();
        let standing: Vec<Current> = history.current.into_iter().collect();
        version::end(tx, "decision", &standing, self.change).await?;
        let by = Expr::value(ending.by);
        decision::Entity::update_many()
            .col_expr(decision::Column::EndedBy, by)
            .col_expr(decision::Column::EndReason, Expr::value(ending.reason))
            .col_expr(decision::Column::EndedAt, Expr::value(ending.at))
            .filter(decision::Column::Id.eq(id))
            .filter(decision::Column::ChangeTo.eq(self.change))
            .exec(tx)
            .await?;
        self.moved += 1;
        Ok(history)
    }

    /// Writes what moved of a batch of rows, in one transaction; returns how many did.
    pub async fn stage(&mut self, batch: Vec<Retold>) -> Result<u64> {
        debug_assert!(batch.len() <= ROWS_PER_BATCH);
        let tx = self.store.begin_write_under(self.change).await?;
        let known = self.histories(&tx, &batch).await?;
        let mut plan = Plan::default();
        for row in batch {
            self.plan(&mut plan, row, &known);
        }
        for (table, versions) in plan.ended {
            version::end(&tx, table, &versions, self.change).await?;
        }
        let now = (self.change, china_day(self.at));
        rows::insert(&tx, now, plan.new).await?;
        confirm_clues(&tx, now, &plan.established).await?;
        retract(&tx, now, &plan.retracted).await?;
        failpoint::hit("stage.batch").await?;
        tx.commit().await?;
        failpoint::hit("stage.staged").await?;
        self.moved += plan.moved;
        Ok(plan.moved)
    }

    async fn histories(&self, tx: &DatabaseTransaction, batch: &[Retold]) -> Result<Histories> {
        let mut ids: HashMap<&'static str, Vec<i64>> = HashMap::new();
        for row in batch {
            for table in tables_of(&row.yields) {
                let id = id_of_row(table, row.row_id);
                ids.entry(table).or_default().extend(id);
            }
        }
        let mut known = Histories::new();
        for (table, ids) in ids {
            known.insert(
                table,
                version::histories(tx, table, ids, self.change).await?,
            );
        }
        Ok(known)
    }

    /// Plans one row: what it comes to now takes the place of what it came to before.
    fn plan(&self, plan: &mut Plan, row: Retold, known: &Histories) {
        let of_row = |table: &str| {
            let id = id_of_row(table, row.row_id)?;
            known.get(table)?.get(&id).copied()
        };
        let table = row.fact.as_ref().map(Fact::table);
        let history = table.and_then(of_row).unwrap_or_default();
        let hash = row.fact.as_ref().map(Fact::content_hash);
        if history
            .current
            .is_some_and(|now| Some(now.content_hash) == hash)
        {
            return;
        }
        let mut has_moved = row.fact.is_some();
        for other in tables_of(&row.yields) {
            let Some(now) = of_row(other).and_then(|history| history.current) else {
                continue;
            };
            match (*other, table) {
                // An allegation stays when it is established, and when it is listed no longer.
                ("clue", Some("credit_record")) => plan.established.push(row.row_id),
                ("clue", None) => {}
                _ => {
                    plan.ended.entry(other).or_default().push(now);
                    has_moved = true;
                    if *other == "credit_record" && table != Some("credit_record") {
                        plan.retracted.push(now.id);
                    }
                }
            }
        }
        plan.moved += u64::from(has_moved);
        if let Some(fact) = row.fact {
            plan.new.push(NewVersion {
                id: fact.id(row.row_id),
                row_id: row.row_id,
                version: history.highest + 1,
                source: self.source.clone(),
                content_hash: fact.content_hash(),
                fact,
            });
        }
    }

    /// Closes it with its one entry in the change log, whose number it returns; where nothing moved
    /// there is none. From here on the source's rows are resolved up to there.
    pub async fn close(
        self,
        resolved: Option<Resolved>,
        now: DateTime<Utc>,
    ) -> Result<Option<i64>> {
        failpoint::hit("close").await?;
        let tx = self.store.begin_write_under(self.change).await?;
        if let Some(resolved) = resolved {
            note_resolved(&tx, &self.source, resolved).await?;
        }
        let seq = if self.moved == 0 {
            change::Entity::delete_by_id(self.change).exec(&tx).await?;
            None
        } else {
            enqueue(&tx, &self.store.outbox, self.change, now).await?;
            Some(number_change(&tx, self.change, now).await?)
        };
        failpoint::hit("close.commit").await?;
        self.store.commit_about(tx, &self.about).await?;
        failpoint::hit("closed").await?;
        self.hold.release().await;
        Ok(seq)
    }

    /// Takes it back without a trace.
    pub async fn take_back(self) -> Result<()> {
        let taken_back = self.store.take_back_change(self.change).await;
        self.hold.release().await;
        taken_back
    }
}
