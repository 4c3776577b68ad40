//! Objections to scores, and the corrections that upheld ones led to.

use std::collections::HashMap;

use domain::assess::{CampaignObjection, Correction};
use entities::annual_objection;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::{
    super::{Known, Result, Store},
    of_json,
};

/// Rows fetched at once.
const PAGE: u64 = 1_000;
/// The version of an objection that waits for its decision; it is decided once, by the next.
const FILED: i64 = 1;

/// A body's objections that a step of a campaign is made of.
#[derive(Debug, Clone, Copy)]
pub enum ObjectionsOf {
    /// Those that wait for their decision, which are few.
    Undecided(i64),
    /// All of them.
    All(i64),
}

impl Store {
    /// The objections of a campaign behind a number, at most `limit`.
    pub async fn campaign_objections(
        &self,
        campaign: i64,
        after: i64,
        limit: u64,
    ) -> Result<Vec<Known<CampaignObjection>>> {
        let rows = standing(campaign, None)
            .filter(annual_objection::Column::Number.gt(after))
            .order_by_asc(annual_objection::Column::Number)
            .limit(limit)
            .all(&self.read)
            .await?;
        rows.into_iter().map(from_row).collect()
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

    /// What upheld objections of a campaign corrected, of one body where it is named, by the body's code. They stand in
    /// the order of deciding, which is that of the changes: their numbers are handed out under the lock of the log.
    pub async fn annual_corrections(
        &self,
        campaign: i64,
        agency: Option<i64>,
    ) -> Result<HashMap<String, Vec<Correction>>> {
        let mut upheld = Vec::new();
        let mut after = 0;
        loop {
            let rows = standing(campaign, agency)
                .filter(annual_objection::Column::Version.gt(FILED))
                .filter(annual_objection::Column::Number.gt(after))
                .order_by_asc(annual_objection::Column::Number)
                .limit(PAGE)
                .all(&self.read)
                .await?;
            let Some(last) = rows.last() else { break };
            after = last.number;
            for row in rows {
                let change = row.change_from;
                let fact = from_row(row)?.fact;
                let decision = fact.decision.filter(|decision| decision.upheld);
                upheld.extend(decision.map(|decision| (change, fact.uscc, decision.corrections)));
            }
        }
        upheld.sort_unstable_by_key(|(change, ..)| *change);
        let mut corrections: HashMap<String, Vec<Correction>> = HashMap::new();
        for (_, body, more) in upheld {
            corrections.entry(body).or_default().extend(more);
        }
        Ok(corrections)
    }
}

/// A body's objections in the order of the changes that left them so: decided ones in the order of deciding.
pub(super) async fn objections_of(
    db: &impl ConnectionTrait,
    campaign: i64,
    of: ObjectionsOf,
) -> Result<Vec<Known<CampaignObjection>>> {
    let query = match of {
        ObjectionsOf::Undecided(agency) => {
            standing(campaign, Some(agency)).filter(annual_objection::Column::Version.eq(FILED))
        }
        ObjectionsOf::All(agency) => standing(campaign, Some(agency)),
    };
    let rows = query
        .order_by_asc(annual_objection::Column::ChangeFrom)
        .all(db)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// The objections of a campaign as they stand, of one body where it is named.
fn standing(campaign: i64, agency: Option<i64>) -> Select<annual_objection::Entity> {
    let query = annual_objection::Entity::find()
        .filter(annual_objection::Column::CampaignId.eq(campaign))
        .filter(annual_objection::Column::ChangeTo.is_null());
    match agency {
        Some(agency) => query.filter(annual_objection::Column::AgencyId.eq(agency)),
        None => query,
    }
}

fn from_row(row: annual_objection::Model) -> Result<Known<CampaignObjection>> {
    Ok(Known {
        id: row.id,
        row_id: row.id,
        version: row.version,
        fact: of_json("annual_objection", row.id, &row.objection)?,
    })
}
