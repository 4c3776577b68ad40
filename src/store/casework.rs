//! Cases: each event is one change, with the case, its lead and its record as they stand after it.

use std::{collections::HashMap, ops::RangeInclusive};

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    casework::{Case, Event},
    credit_record::CreditRecord,
    id::{Kind, derived_id},
};
use entities::{attachment, case_event, casefile, change, clue, credit_record, zero_report};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};

use super::{
    Error, Fact, Known, ROWS_PER_BATCH, Result, Store,
    connect::lock_change_log,
    delivery::number_change,
    evidence::open_changes,
    insert::insert_many,
    outbox::enqueue,
    rows::{self, NewVersion, case_from_row, casefile_to_row},
    version::{self, Current},
};

/// The source of records that were confirmed here.
pub const CASEWORK: &str = "casework";

/// One event of a case, with what it makes of it.
#[derive(Debug, Clone)]
pub struct CaseStep {
    /// The case's number.
    pub id: i64,
    /// The case after the event.
    pub case: Case,
    /// The event.
    pub event: Event,
    /// The record that it confirms.
    pub record: Option<CreditRecord>,
    /// Whether time alone did it.
    pub is_by_time: bool,
}

/// What came of writing one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is in the log.
    Done,
    /// Somebody was quicker: the case has so many events.
    Changed { current: i64 },
    /// A delivery that is about its lead or record comes in.
    Busy,
}

/// A zero report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZeroReport {
    /// Of which division.
    pub division: String,
    /// On which track.
    pub workflow: String,
    /// Of which day.
    pub day: NaiveDate,
    /// Who says so.
    pub by_subject: String,
    /// In which role.
    pub by_role: String,
    /// When.
    pub at: DateTime<Utc>,
    /// In which words.
    pub note: Option<String>,
    /// On what basis.
    pub basis: String,
    /// Digests of what is attached.
    pub evidence: Vec<String>,
}

impl Store {
    /// Writes one event, whole or not at all, and only if the case stands as the event found it.
    pub async fn write_step(&self, step: CaseStep, now: DateTime<Utc>) -> Result<Written> {
        let tx = self.begin_write().await?;
        // Taken first, so that of two events of one case the second sees what the first did.
        lock_change_log(&tx).await?;
        let standing = casefile::Entity::find()
            .filter(casefile::Column::Id.eq(step.id))
            .filter(casefile::Column::ChangeTo.is_null())
            .one(&tx)
            .await?;
        let current = standing.as_ref().map_or(0, |row| row.version);
        if current + 1 != i64::from(step.event.number) {
            tx.rollback().await?;
            return Ok(Written::Changed { current });
        }
        let change = change::ActiveModel {
            id: NotSet,
            seq: Set(None),
            cause: Set(if step.is_by_time { "time" } else { CASEWORK }.to_owned()),
            source: Set(None),
            closed_at: Set(None),
        };
        let change = change.insert(&tx).await?.id;
        casefile::Entity::update_many()
            .col_expr(casefile::Column::ChangeTo, Expr::value(change))
            .filter(casefile::Column::Id.eq(step.id))
            .filter(casefile::Column::ChangeTo.is_null())
            .exec(&tx)
            .await?;
        let event = case_event::ActiveModel {
            case_id: Set(step.id),
            number: Set(i64::from(step.event.number)),
            change_from: Set(change),
            act: Set(step.event.act.as_str().to_owned()),
            at: Set(step.event.at),
            by_subject: Set(step.event.by.subject.clone()),
            event: Set(serde_json::to_string(&step.event).expect("an event is plain data")),
        };
        insert_many::<casefile::Entity, _>(&tx, vec![casefile_to_row(step.id, change, &step.case)])
            .await?;
        insert_many::<case_event::Entity, _>(&tx, vec![event]).await?;
        insert_many::<attachment::Entity, _>(&tx, attached(&step, change, now)).await?;
        let mut about: Vec<i64> = step.case.about.agency.into_iter().collect();
        if !step.event.leaves_subjects() {
            match write_subjects(&tx, change, step).await? {
                Some(agencies) => about.extend(agencies),
                None => {
                    tx.rollback().await?;
                    return Ok(Written::Busy);
                }
            }
        }
        enqueue(&tx, &self.outbox, change, now).await?;
        number_change(&tx, change, now).await?;
        self.commit_about(tx, &about).await?;
        Ok(Written::Done)
    }

    /// A case as it stands.
    pub async fn find_case(&self, id: i64) -> Result<Option<Known<Case>>> {
        let row = casefile::Entity::find()
            .filter(casefile::Column::Id.eq(id))
            .filter(casefile::Column::ChangeTo.is_null())
            .one(&self.read)
            .await?;
        row.map(case_from_row).transpose()
    }

    /// Events of these cases with numbers between these, oldest first.
    pub async fn events_of(
        &self,
        cases: &[i64],
        numbers: RangeInclusive<u32>,
    ) -> Result<HashMap<i64, Vec<Event>>> {
        let (first, last) = (i64::from(*numbers.start()), i64::from(*numbers.end()));
        let open = open_changes(&self.read).await?;
        let mut events: HashMap<i64, Vec<Event>> = HashMap::new();
        for some in cases.chunks(ROWS_PER_BATCH) {
            let rows = case_event::Entity::find()
                .filter(case_event::Column::CaseId.is_in(some.iter().copied()))
                .filter(case_event::Column::Number.between(first, last))
                .filter(case_event::Column::ChangeFrom.is_not_in(open.iter().copied()))
                .order_by_asc(case_event::Column::CaseId)
                .order_by_asc(case_event::Column::Number)
                .all(&self.read)
                .await?;
            for row in &rows {
                events
                    .entry(row.case_id)
                    .or_default()
                    .push(event_from_row(row)?);
            }
        }
        Ok(events)
    }

    /// Keeps a zero report; of a division, track and day the first stands.
    pub async fn report_zero(&self, report: ZeroReport) -> Result<ZeroReport> {
        let tx = self.begin_write().await?;
        let row = zero_report::ActiveModel {
            division: Set(report.division.clone()),
            workflow: Set(report.workflow.clone()),
            day: Set(report.day),
            by_subject: Set(report.by_subject),
            by_role: Set(report.by_role),
            at: Set(report.at),
            note: Set(report.note),
            basis: Set(report.basis),
            evidence: Set(report.evidence.join(" ")),
        };
        let key = [
            zero_report::Column::Division,
            zero_report::Column::Workflow,
            zero_report::Column::Day,
        ];
        zero_report::Entity::insert(row)
            .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
            .exec_without_returning(&tx)
            .await?;
        let key = (report.division, report.workflow, report.day);
        let stands = zero_report::Entity::find_by_id(key).one(&tx).await?;
        self.commit(tx).await?;
        stands.map(zero_from_row).ok_or(Error::Lost)
    }

    /// The zero reports of a day in a track: one a division at most.
    pub async fn zero_reports_on(&self, workflow: &str, day: NaiveDate) -> Result<Vec<ZeroReport>> {
        let rows = zero_report::Entity::find()
            .filter(zero_report::Column::Workflow.eq(workflow))
            .filter(zero_report::Column::Day.eq(day))
            .all(&self.read)
            .await?;
        Ok(rows.into_iter().map(zero_from_row).collect())
    }

    /// Zero reports of a track from divisions whose codes begin so, the newest day first, at most `limit`.
    pub async fn list_zero_reports(
        &self,
        workflow: &str,
        beginnings: &[String],
        limit: u64,
    ) -> Result<Vec<ZeroReport>> {
        let begins = |any: Condition, code: &String| {
            any.add(zero_report::Column::Division.starts_with(code))
        };
        let rows = zero_report::Entity::find()
            .filter(zero_report::Column::Workflow.eq(workflow))
            .filter(beginnings.iter().fold(Condition::any(), begins))
            .order_by_desc(zero_report::Column::Day)
            .order_by_asc(zero_report::Column::Division)
            .limit(limit)
            .all(&self.read)
            .await?;
        Ok(rows.into_iter().map(zero_from_row).collect())
    }
}

fn zero_from_row(row: zero_report::Model) -> ZeroReport {
    ZeroReport {
        division: row.division,
        workflow: row.workflow,
        day: row.day,
        by_subject: row.by_subject,
        by_role: row.by_role,
        at: row.at,
        note: row.note,
        basis: row.basis,
        evidence: row.evidence.split_whitespace().map(str::to_owned).collect(),
    }
}

fn event_from_row(row: &case_event::Model) -> Result<Event> {
    serde_json::from_str(&row.event).map_err(|error| Error::Corrupt {
        table: "case_event",
        id: row.case_id,
        reason: error.to_string(),
    })
}

fn attached(step: &CaseStep, change: i64, now: DateTime<Utc>) -> Vec<attachment::ActiveModel> {
    let number = step.event.number;
    let attach = |(at, digest): (usize, &String)| attachment::ActiveModel {
        id: Set(derived_id(
            Kind::Evidence,
            step.id,
            &format!("{number} {at} {digest}"),
        )),
        case_id: Set(step.id),
        change_from: Set(change),
        digest: Set(digest.clone()),
        received_at: Set(now),
    };
    step.event.evidence.iter().enumerate().map(attach).collect()
}

/// The lead and the record as they stand after the event, each as a version of its own; the bodies that
/// they are about. None where a delivery that is not closed has a hand on one of them.
async fn write_subjects(
    tx: &DatabaseTransaction,
    change: i64,
    step: CaseStep,
) -> Result<Option<Vec<i64>>> {
    let mut open = open_changes(tx).await?;
    open.retain(|other| *other != change);
    let (mut new, mut about) = (Vec::new(), Vec::new());
    let on = step.event.on;
    if let Some(id) = step.case.about.clue {
        let rows = clue::Entity::find()
            .filter(clue::Column::Id.eq(id))
            .filter(
                Condition::any()
                    .add(clue::Column::ChangeTo.is_null())
                    .add(clue::Column::ChangeTo.is_in(open.iter().copied())),
            )
            .all(tx)
            .await?;
        let is_open =
            |row: &clue::Model| row.change_to.is_some() || open.contains(&row.change_from);
        if rows.iter().any(is_open) {
            return Ok(None);
        }
        for row in rows {
            let current = current(row.id, row.change_from, row.version, row.content_hash);
            let (row_id, source) = (row.row_id, row.source.clone());
            let clue = rows::clue_with_text(row)?;
            about.extend(clue.agency_ids.iter().copied());
            let fact = Fact::Clue(clue);
            new.push(("clue", next(current, row_id, source, fact)));
        }
    }
    match (step.record, step.case.about.record) {
        (Some(record), Some(id)) => {
            about.extend(record.subject.agency());
            let fact = Fact::Record(record);
            let version = NewVersion {
                id,
                row_id: step.id,
                version: 1,
                source: CASEWORK.to_owned(),
                content_hash: fact.content_hash(),
                fact,
            };
            rows::insert(tx, (change, on), vec![version]).await?;
        }
        (None, Some(id)) => {
            let rows = credit_record::Entity::find()
                .filter(credit_record::Column::Id.eq(id))
                .filter(
                    Condition::any()
                        .add(credit_record::Column::ChangeTo.is_null())
                        .add(credit_record::Column::ChangeTo.is_in(open.iter().copied())),
                )
                .all(tx)
                .await?;
            let is_open = |row: &credit_record::Model| {
                row.change_to.is_some() || open.contains(&row.change_from)
            };
            if rows.iter().any(is_open) {
                return Ok(None);
            }
            for row in rows {
                let current = current(row.id, row.change_from, row.version, row.content_hash);
                let known = rows::record_from_row(row)?;
                about.extend(known.fact.fact.subject.agency());
                let fact = Fact::Record(known.fact.fact);
                let next = next(current, known.row_id, known.fact.source, fact);
                new.push(("credit_record", next));
            }
        }
        _ => {}
    }
    for (table, (current, version)) in new {
        // A delivery that began meanwhile may have ended it.
        if version::end(tx, table, &[current], change).await? != 1 {
            return Ok(None);
        }
        rows::insert(tx, (change, on), vec![version]).await?;
    }
    Ok(Some(about))
}

fn current(id: i64, change_from: i64, version: i64, content_hash: i64) -> Current {
    Current {
        id,
        change_from,
        version,
        content_hash,
    }
}

/// The next version; casework's own words are written over it as it is inserted.
fn next(current: Current, row_id: i64, source: String, fact: Fact) -> (Current, NewVersion) {
    let new = NewVersion {
        id: current.id,
        row_id,
        version: current.version + 1,
        source,
        content_hash: current.content_hash,
        fact,
    };
    (current, new)
}
