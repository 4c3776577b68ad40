//! From what happens to warnings to what subscribers are told of it.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use domain::{
    assess::{WarningAct, WarningEvent, WarningLevel, WarningState},
    notice::{Notice, NoticeAgency, NoticeKind, NoticeState},
};
use entities::{agency, notice, warning};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect,
};

use super::NoticeTarget;
use crate::store::{Error, ROWS_PER_BATCH, Result, rows::read};

/// Writes down what subscribers are to be told of these events, in their own transaction, behind the
/// warnings that they changed.
pub(in crate::store) async fn enqueue(
    tx: &DatabaseTransaction,
    targets: &[NoticeTarget],
    (events, warned): (&[WarningEvent], &HashMap<i64, Vec<String>>),
    change: i64,
    now: DateTime<Utc>,
) -> Result<()> {
    if targets.is_empty() || events.is_empty() {
        return Ok(());
    }
    let before = before(tx, change).await?;
    let asks_who_is_warned = targets.iter().any(|target| target.wanted.warned.is_some());
    let told: Vec<(&WarningEvent, Option<NoticeKind>)> = events
        .iter()
        .filter_map(|event| {
            let before = before.get(&event.after.number()).copied();
            let kind = NoticeKind::of(event, before);
            let may_concern_others = asks_who_is_warned && event.act == WarningAct::Follow;
            let is_told = kind.is_some() || may_concern_others && event.after.state.is_open();
            is_told.then_some((event, kind))
        })
        .collect();
    for told in told.chunks(ROWS_PER_BATCH) {
        let agencies = agencies(tx, told.iter().map(|(event, _)| event.after.agency)).await?;
        let numbers = told.iter().map(|(event, _)| event.after.number());
        let knowing = knowing(tx, numbers).await?;
        let mut rows = Vec::new();
        for (event, kind) in told {
            let number = event.after.number();
            let agency = agencies.get(&event.after.agency);
            let agency = agency.ok_or_else(|| Error::Corrupt {
                table: "warning",
                id: number,
                reason: "its agency is missing".to_owned(),
            })?;
            let notice = Notice {
                // Of what is no news to others, who is warned from now on hears as of a new one.
                kind: kind.unwrap_or(NoticeKind::Raised),
                at: event.at,
                version: event.number,
                warning: event.after.clone(),
                agency: agency.clone(),
            };
            let warned = warned.get(&number).map(Vec::as_slice);
            let warned = warned.unwrap_or_default();
            for target in targets {
                // Whoever was told of a warning is told how it goes on.
                let knows = || knowing.contains(&(target.key.clone(), number));
                let wants = target.wanted.takes(&notice, warned);
                let is_told = match kind {
                    Some(_) => wants || knows(),
                    None => wants && target.wanted.warned.is_some() && !knows(),
                };
                if is_told {
                    rows.push(row(target, number, &notice, now));
                }
            }
        }
        for rows in rows.chunks(ROWS_PER_BATCH) {
            notice::Entity::insert_many(rows.iter().cloned())
                .exec_without_returning(tx)
                .await?;
        }
    }
    Ok(())
}

fn row(
    target: &NoticeTarget,
    warning: i64,
    told: &Notice,
    now: DateTime<Utc>,
) -> notice::ActiveModel {
    let timing = target.timing.as_ref();
    let due = timing.map_or(now, |timing| timing.due(told.warning.level, now));
    notice::ActiveModel {
        id: NotSet,
        subscriber: Set(target.key.clone()),
        warning_id: Set(warning),
        version: Set(i64::from(told.version)),
        state: Set(NoticeState::Pending.as_str().to_owned()),
        attempts: Set(0),
        due_at: Set(due),
        next_at: Set(due),
        claim: Set(None),
        notice: Set(serde_json::to_string(told).expect("a notice is plain data")),
        created_at: Set(now),
        settled_at: Set(None),
    }
}

/// Level and state of the warnings whose versions a change ended.
async fn before(
    tx: &DatabaseTransaction,
    change: i64,
) -> Result<HashMap<i64, (WarningLevel, WarningState)>> {
    let rows: Vec<(i64, String, String)> = warning::Entity::find()
        .filter(warning::Column::ChangeTo.eq(change))
        .select_only()
        .columns([
            warning::Column::Id,
            warning::Column::Level,
            warning::Column::State,
        ])
        .into_tuple()
        .all(tx)
        .await?;
    let standing = |(id, level, state): (i64, String, String)| {
        let level = read("warning", id, &level)?;
        Ok((id, (level, read("warning", id, &state)?)))
    };
    rows.into_iter().map(standing).collect()
}

/// The bodies as they stand.
async fn agencies(
    tx: &DatabaseTransaction,
    ids: impl Iterator<Item = i64>,
) -> Result<HashMap<i64, NoticeAgency>> {
    let ids: HashSet<i64> = ids.collect();
    let rows = agency::Entity::find()
        .filter(agency::Column::Id.is_in(ids))
        .filter(agency::Column::ChangeFrom.in_subquery(crate::store::outbox::closed()))
        .all(tx)
        .await?;
    let mut newest: HashMap<i64, agency::Model> = HashMap::new();
    for row in rows {
        if newest
            .get(&row.id)
            .is_none_or(|known| known.version < row.version)
        {
            newest.insert(row.id, row);
        }
    }
    let told = |(id, row): (i64, agency::Model)| {
        let agency = NoticeAgency {
            uscc: row.uscc,
            name: row.name,
            division: row.division,
        };
        (id, agency)
    };
    Ok(newest.into_iter().map(told).collect())
}

/// Who was told of which of these warnings.
async fn knowing(
    tx: &DatabaseTransaction,
    warnings: impl Iterator<Item = i64>,
) -> Result<HashSet<(String, i64)>> {
    let rows: Vec<(String, i64)> = notice::Entity::find()
        .filter(notice::Column::WarningId.is_in(warnings))
        .select_only()
        .columns([notice::Column::Subscriber, notice::Column::WarningId])
        .distinct()
        .into_tuple()
        .all(tx)
        .await?;
    Ok(rows.into_iter().collect())
}
