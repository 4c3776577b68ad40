//! Results: one row a body, in the order of their places.

use std::{fmt::Display, str::FromStr};

use domain::assess::Ranked;
use entities::annual_result;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::super::{ROWS_PER_BATCH, Result, Store, insert::insert_many, rows::read};
use super::inputs::Draft;

/// Rows fetched at once.
const PAGE: u64 = 4_096;

impl Store {
    /// Keeps results.
    pub async fn add_annual_results(&self, draft: Draft, bodies: &[Ranked]) -> Result<()> {
        for bodies in bodies.chunks(ROWS_PER_BATCH) {
            let tx = self.begin_write().await?;
            let rows = bodies.iter().map(|body| to_row(draft, body));
            insert_many::<annual_result::Entity, _>(&tx, rows.collect()).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// All results of a set, by their places.
    pub async fn annual_results(&self, set: i64) -> Result<Vec<Ranked>> {
        let mut all: Vec<Ranked> = Vec::new();
        loop {
            let last = all.last().map_or(0, |body| i64::from(body.place));
            let rows = annual_result::Entity::find()
                .filter(annual_result::Column::SetId.eq(set))
                .filter(annual_result::Column::Place.gt(last))
                .order_by_asc(annual_result::Column::Place)
                .limit(PAGE)
                .all(&self.read)
                .await?;
            let is_last = (rows.len() as u64) < PAGE;
            for row in rows {
                all.push(from_row(row)?.1);
            }
            if is_last {
                return Ok(all);
            }
        }
    }

    /// The results of bodies in these sets, each with its set.
    pub async fn annual_results_of(
        &self,
        agencies: &[i64],
        sets: &[i64],
    ) -> Result<Vec<(i64, Ranked)>> {
        let rows = annual_result::Entity::find()
            .filter(annual_result::Column::AgencyId.is_in(agencies.iter().copied()))
            .filter(annual_result::Column::SetId.is_in(sets.iter().copied()))
            .all(&self.read)
            .await?;
        rows.into_iter().map(from_row).collect()
    }
}

/// The bodies of a set, by their numbers: those that are in it stay.
pub(in super::super) async fn bodies_of(db: &impl ConnectionTrait, set: i64) -> Result<Vec<i64>> {
    let bodies = annual_result::Entity::find()
        .filter(annual_result::Column::SetId.eq(set))
        .select_only()
        .column(annual_result::Column::AgencyId)
        .into_tuple();
    Ok(bodies.all(db).await?)
}

fn to_row(draft: Draft, body: &Ranked) -> annual_result::ActiveModel {
    annual_result::ActiveModel {
        set_id: Set(draft.set),
        place: Set(i64::from(body.place)),
        campaign_id: Set(draft.campaign),
        made_at: Set(draft.made_at),
        overall_rank: Set(i64::from(body.rank)),
        group_rank: Set(i64::from(body.group_rank)),
        agency_id: Set(body.agency),
        uscc: Set(body.uscc.clone()),
        name: Set(body.name.clone()),
        division: Set(body.division.to_string()),
        level: Set(body.level.as_str().to_owned()),
        kind: Set(body.kind.as_str().to_owned()),
        score: Set(body.score.to_string()),
        grade: Set(body.grade.clone()),
    }
}

fn from_row(row: annual_result::Model) -> Result<(i64, Ranked)> {
    fn text<T: FromStr<Err: Display>>(place: i64, text: &str) -> Result<T> {
        read("annual_result", place, text)
    }
    let at = row.place;
    let number = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
    let body = Ranked {
        place: number(row.place),
        rank: number(row.overall_rank),
        group_rank: number(row.group_rank),
        agency: row.agency_id,
        uscc: row.uscc,
        name: row.name,
        division: text(at, &row.division)?,
        level: text(at, &row.level)?,
        kind: text(at, &row.kind)?,
        score: text(at, &row.score)?,
        grade: row.grade,
    };
    Ok((row.set_id, body))
}
