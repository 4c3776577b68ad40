//! Staging: a batch of identified rows becomes versions and evidence under the delivery's change.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::id::{Kind, derived_id};
use entities::evidence;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, sea_query::Expr,
};

use crate::failpoint;

use super::{
    Delivery, FactOf, HashedFact, ROWS_PER_BATCH, Result, StagedRow, Tally,
    fact::{id_of_row, tables_of},
    insert::insert_many,
    rows::{self, NewVersion},
    told::Told,
    version::{self, Current, History},
    withdraw::{china_day, confirm_clues, delist},
};

/// What a batch comes to in the database.
#[derive(Default)]
struct Plan {
    new: Vec<NewVersion>,
    ended: HashMap<&'static str, Vec<Current>>,
    restored: HashMap<&'static str, Vec<i64>>,
    /// Rows of allegations that are records now.
    established: Vec<i64>,
    evidence: Vec<evidence::ActiveModel>,
    /// Contents that end, with the change that brought them.
    evidence_ended: Vec<(i64, i64)>,
    evidence_restored: Vec<i64>,
}

/// Histories of facts by table and number.
type Known = HashMap<&'static str, HashMap<i64, History>>;

impl Delivery {
    /// Stages one batch in one transaction. Of rows with the same key the last one stands, in one
    /// batch or in several: what an earlier one of this delivery brought gives way, and what it
    /// ended comes back where the last one says the same.
    pub async fn stage(&mut self, yields: &'static str, rows: Vec<StagedRow>) -> Result<Tally> {
        debug_assert!(rows.len() <= ROWS_PER_BATCH);
        let newer_full = self.newer_full(yields).await?;
        let tx = self.store.begin_write_under(self.change).await?;
        let last: HashMap<i64, usize> = rows
            .iter()
            .enumerate()
            .map(|(at, row)| (row.row_id, at))
            .collect();
        let row_ids: Vec<i64> = last.keys().copied().collect();
        // Of a row that nobody has told yet nothing is to be found.
        let told_ids = row_ids.iter().copied().filter(|id| self.may_be_told(*id));
        let told_ids: Vec<i64> = told_ids.collect();
        let told = self.told(&tx, &told_ids).await?;
        let known = self.known(&tx, yields, &rows, &told_ids).await?;
        let (mut unlisted, mut ends) = (Vec::new(), Vec::new());
        let (nothing, mut plan) = (Told::default(), Plan::default());
        let mut tally = Vec::with_capacity(rows.len());
        for (at, row) in rows.into_iter().enumerate() {
            let told = told.get(&row.row_id).unwrap_or(&nothing);
            let stands = last.get(&row.row_id) == Some(&at);
            tally.push(match row.fact.is_some() {
                _ if !stands => FactOf::Unchanged,
                false if self.may_end(newer_full, told) => {
                    self.disputed.remove(&row.row_id);
                    unlisted.push(row.row_id);
                    match told.is_listed_before(self.change) {
                        true => FactOf::Withdrawn,
                        // This delivery itself listed it first: it comes to nothing.
                        false => {
                            ends.extend(Some(row).filter(|row| row.keeps_end));
                            FactOf::Unchanged
                        }
                    }
                }
                false => {
                    if told.now.is_none() {
                        unlisted.extend(told.own_past.as_ref().map(|_| row.row_id));
                        ends.extend(Some(row).filter(|row| row.keeps_end));
                    }
                    FactOf::Unchanged
                }
                true if self.plan_row(&mut plan, (yields, newer_full), row, told, &known) => {
                    FactOf::Stored
                }
                true => FactOf::Unchanged,
            });
        }
        for (table, versions) in plan.ended {
            version::end(&tx, table, &versions, self.change).await?;
        }
        for (table, ids) in plan.restored {
            version::restore(&tx, table, &ids, self.change).await?;
        }
        self.end_evidence(&tx, &plan.evidence_ended).await?;
        self.restore_evidence(&tx, &plan.evidence_restored).await?;
        insert_many::<evidence::Entity, _>(&tx, plan.evidence).await?;
        let now = (self.change, china_day(self.data_as_of));
        rows::insert(&tx, now, plan.new).await?;
        confirm_clues(&tx, now, &plan.established).await?;
        self.forget_own(&tx, tables_of(yields), &unlisted).await?;
        self.unlist(&tx, tables_of(yields), &unlisted).await?;
        if !ends.is_empty() {
            // What this delivery itself listed first is gone by now.
            let row_ids: Vec<i64> = ends.iter().map(|row| row.row_id).collect();
            let told = self.told(&tx, &row_ids).await?;
            let earlier = self.mark_ends(&tx, yields, ends, &told).await?;
            self.delist_earlier(&tx, tables_of(yields), &earlier)
                .await?;
        }
        failpoint::hit("stage.batch").await?;
        tx.commit().await?;
        let is_own = |id: &i64| told.get(id).is_none_or(|told| told.earlier == 0);
        self.own.extend(row_ids.into_iter().filter(is_own));
        failpoint::hit("stage.staged").await?;
        Ok(tally)
    }

    async fn known(
        &self,
        tx: &DatabaseTransaction,
        yields: &str,
        rows: &[StagedRow],
        row_ids: &[i64],
    ) -> Result<Known> {
        let mut known = Known::new();
        for table in tables_of(yields) {
            let of_rows = row_ids
                .iter()
                .filter_map(|row_id| id_of_row(table, *row_id));
            // A fact may have been told by another row.
            let told = rows.iter().filter_map(|row| {
                let fact = &row.fact.as_ref()?.fact;
                let is_asked = fact.table() == *table && id_of_row(table, row.row_id).is_none();
                is_asked.then(|| fact.id(row.row_id))
            });
            let ids = of_rows.chain(told);
            let mut ids: Vec<i64> = ids.collect();
            ids.sort_unstable();
            ids.dedup();
            known.insert(
                table,
                version::histories(tx, table, ids, self.change).await?,
            );
        }
        Ok(known)
    }

    /// Plans one row; whether it brings anything.
    fn plan_row(
        &mut self,
        plan: &mut Plan,
        (yields, newer_full): (&str, Option<DateTime<Utc>>),
        mut row: StagedRow,
        told: &Told,
        known_facts: &Known,
    ) -> bool {
        let Some(HashedFact { mut fact, mut hash }) = row.fact.take() else {
            return false;
        };
        if told.newest.is_some_and(|newest| newest > self.data_as_of) {
            return false;
        }
        // The feed's newest full delivery is newer than this one: what the feed has ever told is as
        // that left it, and what it never heard of is not listed any more.
        let is_past = newer_full.is_some();
        let end = told.first_end_after(self.data_as_of);
        let end = end.into_iter().chain(newer_full).min();
        let is_kept = end.is_none_or(|end| delist(&mut fact, china_day(end)));
        if is_past && (told.earlier > 0 || !is_kept) {
            return false;
        }
        if end.is_some() {
            hash = fact.content_hash();
        }
        plan.evidence_ended
            .extend(told.own_end.map(|mark| (mark, self.change)));
        // A word that comes when the row has ended by one that is newer tells what stood until then.
        let last = told.last.as_ref().filter(|_| end.is_some());
        let own_past = told.own_past.as_ref();
        let known = told.now.as_ref().or(own_past).or(last);
        let new_content = known.is_none_or(|known| known.digest != row.digest);
        if new_content {
            let given_up = told.now.as_ref().or(own_past);
            plan.evidence_ended
                .extend(given_up.map(|now| (now.id, now.change_from)));
            match told
                .replaced
                .as_ref()
                .filter(|replaced| end.is_none() && replaced.digest == row.digest)
            {
                Some(replaced) => plan.evidence_restored.push(replaced.id),
                None => plan
                    .evidence
                    .push(self.evidence_row(&row, yields, told, end.is_some())),
            }
        } else if let (None, None, Some(last)) = (&told.now, own_past, last) {
            self.spoken_later.push(last.id);
        }
        let (id, table) = (fact.id(row.row_id), fact.table());
        // What the row came to before, such as a mention that is told now.
        for other in tables_of(yields).iter().filter(|other| **other != table) {
            let before = id_of_row(other, row.row_id).and_then(|id| known_facts[other].get(&id));
            if let (&"clue", "credit_record", Some(before)) = (other, table, before) {
                self.disputed.remove(&row.row_id);
                self.plan_established(plan, row.row_id, before);
                continue;
            }
            if let (&"credit_record", "clue", Some(before)) = (other, table, before)
                && before
                    .current
                    .is_some_and(|now| now.change_from != self.change)
            {
                self.disputed.insert(row.row_id);
            }
            plan.ended
                .entry(other)
                .or_default()
                .extend(before.and_then(|before| before.current));
        }
        let history = known_facts[table].get(&id).copied().unwrap_or_default();
        if !is_kept {
            plan.ended.entry(table).or_default().extend(history.current);
            return new_content;
        }
        let new_fact = history.current.is_none_or(|now| now.content_hash != hash);
        if new_fact {
            plan.ended.entry(table).or_default().extend(history.current);
            match history
                .replaced
                .filter(|replaced| replaced.content_hash == hash)
            {
                Some(_) => plan.restored.entry(table).or_default().push(id),
                None => plan.new.push(NewVersion {
                    id,
                    row_id: row.row_id,
                    content_hash: hash,
                    version: match history.current {
                        Some(own) if own.change_from == self.change => own.version,
                        _ => history.highest + 1,
                    },
                    source: self.source.clone(),
                    fact,
                }),
            }
        }
        new_content || new_fact
    }

    /// An allegation stays when it is established, as it was before this delivery: what this one
    /// itself alleged of the row gives way to its last word.
    fn plan_established(&self, plan: &mut Plan, row_id: i64, clue: &History) {
        let own = clue.current.filter(|now| now.change_from == self.change);
        plan.ended.entry("clue").or_default().extend(own);
        if let Some(before) = clue.replaced {
            plan.restored.entry("clue").or_default().push(before.id);
        }
        if clue.replaced.is_some() || own.is_none() {
            plan.established.push(row_id);
        }
    }

    fn evidence_row(
        &self,
        row: &StagedRow,
        yields: &str,
        told: &Told,
        is_past: bool,
    ) -> evidence::ActiveModel {
        // A content that this delivery itself brought gives its place to the later one.
        let own = told.now.as_ref().or(told.own_past.as_ref());
        let replaces_own = own.is_some_and(|now| now.change_from == self.change);
        let ordinal = told.contents - usize::from(replaces_own);
        evidence::ActiveModel {
            id: Set(derived_id(
                Kind::Evidence,
                row.row_id,
                &format!("{ordinal} {}", row.digest),
            )),
            row_id: Set(row.row_id),
            change_from: Set(self.change),
            source: Set(self.source.clone()),
            feed: Set(self.feed.clone()),
            yields: Set(yields.to_owned()),
            form: Set(Some(row.form.clone())),
            subject_name: Set(row.subject.as_ref().map(|subject| subject.name.clone())),
            subject_code: Set(row.subject.as_ref().map(|subject| subject.code.clone())),
            run_id: Set(self.run_id),
            source_key: Set(row.source_key.clone()),
            location: Set(row.location.clone()),
            digest: Set(row.digest.clone()),
            content: Set(row.content.clone()),
            received_at: Set(self.received_at),
            data_as_of: Set(self.data_as_of),
            last_seen_at: Set(self.received_at),
            is_end: Set(false),
            // What only an older delivery lists is not listed now.
            change_withdrawn: Set(is_past.then_some(self.change)),
            withdrawn_at: Set(is_past.then_some(self.received_at)),
        }
    }

    /// Ends contents, as `(id, change that brought it)`.
    pub(super) async fn end_evidence(
        &self,
        tx: &DatabaseTransaction,
        contents: &[(i64, i64)],
    ) -> Result<()> {
        let (own, earlier): (Vec<_>, Vec<_>) =
            contents.iter().partition(|(_, from)| *from == self.change);
        if !own.is_empty() {
            evidence::Entity::delete_many()
                .filter(evidence::Column::Id.is_in(own.iter().map(|(id, _)| *id)))
                .exec(tx)
                .await?;
        }
        if !earlier.is_empty() {
            evidence::Entity::update_many()
                .col_expr(evidence::Column::ChangeWithdrawn, Expr::value(self.change))
                .col_expr(evidence::Column::WithdrawnAt, Expr::value(self.received_at))
                .filter(evidence::Column::Id.is_in(earlier.iter().map(|(id, _)| *id)))
                .exec(tx)
                .await?;
        }
        Ok(())
    }

    /// Takes back that this delivery ended these contents.
    pub(super) async fn restore_evidence(
        &self,
        tx: &DatabaseTransaction,
        ids: &[i64],
    ) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        evidence::Entity::update_many()
            .col_expr(
                evidence::Column::ChangeWithdrawn,
                Expr::value(Option::<i64>::None),
            )
            .col_expr(
                evidence::Column::WithdrawnAt,
                Expr::value(Option::<DateTime<Utc>>::None),
            )
            .filter(evidence::Column::Id.is_in(ids.iter().copied()))
            .exec(tx)
            .await?;
        Ok(())
    }
}
