//! Objections to scores, and the corrections that upheld ones led to.

use std::collections::HashMap;

use domain::assess::{CampaignObjection, Correction};
use entities::annual_objection;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    super::{Known, Result, Store},
    of_json,
};

/// Rows fetched at once.
const PAGE: u64 = 1_000;

impl Store {
    /// The objections of a campaign behind a number, of one body where it is named, at most `limit`.
    pub async fn campaign_objections(
        &self,
        campaign: i64,
        agency: Option<i64>,
        after: i64,
        limit: u64,
    ) -> Result<Vec<Known<CampaignObjection>>> {
        list_objections(&self.read, campaign, agency, after, limit).await
    }

    /// The objection with this number, as it stands.
    pub async fn campaign_objection(&self, id: i64) -> Result<Option<Known<CampaignObjection>>> {
        let row = annual_objection::Entity::find()
            .filter(annual_objection::Column::Id.eq(id))
            .filter(annual_objection::Column::ChangeTo.is_null())
            .one(&self.read)
            .await?;
        row.map(from_row).transpose()
    }

    /// What upheld objections of a campaign corrected, by the body's code, in the order of the objections.
    pub async fn annual_corrections(
        &self,
        campaign: i64,
    ) -> Result<HashMap<String, Vec<Correction>>> {
        let mut corrections: HashMap<String, Vec<Correction>> = HashMap::new();
        let mut after = 0;
        loop {
            let page = self
                .campaign_objections(campaign, None, after, PAGE)
                .await?;
            let Some(last) = page.last() else {
                return Ok(corrections);
            };
            after = i64::from(last.fact.number);
            for objection in page {
                let fact = objection.fact;
                let Some(decision) = fact.decision.filter(|decision| decision.upheld) else {
                    continue;
                };
                let of_body = corrections.entry(fact.uscc).or_default();
                of_body.extend(decision.corrections);
            }
        }
    }
}

pub(super) async fn list_objections(
    db: &impl ConnectionTrait,
    campaign: i64,
    agency: Option<i64>,
    after: i64,
    limit: u64,
) -> Result<Vec<Known<CampaignObjection>>> {
    let mut query = annual_objection::Entity::find()
        .filter(annual_objection::Column::CampaignId.eq(campaign))
        .filter(annual_objection::Column::Number.gt(after))
        .filter(annual_objection::Column::ChangeTo.is_null());
    if let Some(agency) = agency {
        query = query.filter(annual_objection::Column::AgencyId.eq(agency));
    }
    let rows = query
        .order_by_asc(annual_objection::Column::Number)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(from_row).collect()
}

fn from_row(row: annual_objection::Model) -> Result<Known<CampaignObjection>> {
    Ok(Known {
        id: row.id,
        row_id: row.id,
        version: row.version,
        fact: of_json("annual_objection", row.id, &row.objection)?,
    })
}
