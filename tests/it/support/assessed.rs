//! What a database holds of grading and warning, as text: straight from the tables.

use std::collections::BTreeSet;

use entities::{change, score, warning, warning_event};
use sea_orm::{EntityTrait, QueryOrder};

use super::Hub;

/// All that was ever written of scores, warnings and their events, in the order of their numbers and versions, without
/// what tells in which changes it came.
pub(crate) async fn assessed(hub: &Hub) -> String {
    let db = hub.database().await;
    let closed = change::Entity::find().all(&db).await.expect("a table");
    let closed: BTreeSet<i64> = closed
        .iter()
        .filter(|change| change.seq.is_some())
        .map(|change| change.id)
        .collect();
    let is_over = |to: Option<i64>| to.is_some_and(|to| closed.contains(&to));
    let mut lines = Vec::new();
    let scores = score::Entity::find()
        .order_by_asc(score::Column::Id)
        .order_by_asc(score::Column::Version);
    for row in scores.all(&db).await.expect("a table") {
        lines.push(format!(
            "score {} v{} over {} of {} by {} {} {} on {}: {} from {} {} {} {}",
            row.id,
            row.version,
            is_over(row.change_to),
            row.agency_id,
            row.pack,
            row.pack_version,
            row.pack_digest,
            row.day,
            row.score,
            row.score_before,
            row.grade,
            row.content_hash,
            row.contributions
        ));
    }
    let warnings = warning::Entity::find()
        .order_by_asc(warning::Column::Id)
        .order_by_asc(warning::Column::Version);
    for row in warnings.all(&db).await.expect("a table") {
        lines.push(format!(
            "warning {} v{} over {} of {} {} {} {} {}",
            row.id,
            row.version,
            is_over(row.change_to),
            row.agency_id,
            row.red_line,
            row.level,
            row.state,
            row.warning
        ));
    }
    let events = warning_event::Entity::find()
        .order_by_asc(warning_event::Column::WarningId)
        .order_by_asc(warning_event::Column::Number);
    for row in events.all(&db).await.expect("a table") {
        lines.push(format!(
            "event {} of {} {} at {} by {} {}",
            row.number, row.warning_id, row.act, row.at, row.by_subject, row.event
        ));
    }
    db.close().await.expect("it closes");
    lines.join("\n")
}
