//! Frozen inputs: lines of JSON, compressed, in the order of the bodies' codes.

use chrono::{DateTime, Utc};
use domain::assess::FrozenBody;
use entities::{annual_input, annual_result};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::super::{Error, Result, Store};

/// Quick, and a fifth of the size.
const LEVEL: i32 = 3;

/// What is written for a campaign that may come to nothing.
#[derive(Debug, Clone, Copy)]
pub struct Draft {
    /// By which number it is found.
    pub set: i64,
    pub campaign: i64,
    pub made_at: DateTime<Utc>,
}

impl Store {
    /// Keeps a batch of lines, the first of which is about this body.
    pub async fn add_annual_inputs(
        &self,
        draft: Draft,
        batch: i64,
        first_uscc: &str,
        lines: &[String],
    ) -> Result<()> {
        let packed = zstd::bulk::compress(lines.join("\n").as_bytes(), LEVEL);
        let packed = packed.map_err(|error| broken(draft.set, &error.to_string()))?;
        let row = annual_input::ActiveModel {
            set_id: Set(draft.set),
            batch: Set(batch),
            campaign_id: Set(draft.campaign),
            made_at: Set(draft.made_at),
            first_uscc: Set(first_uscc.to_owned()),
            bodies: Set(lines.len() as i64),
            packed: Set(packed),
        };
        let tx = self.begin_write().await?;
        annual_input::Entity::insert(row)
            .exec_without_returning(&tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// A batch of lines; none behind the last.
    pub async fn annual_inputs(&self, set: i64, batch: i64) -> Result<Option<Vec<String>>> {
        let row = annual_input::Entity::find_by_id((set, batch));
        let row = row.one(&self.read).await?;
        row.map(|row| unpacked(&row)).transpose()
    }

    /// What was frozen of a body.
    pub async fn annual_body(&self, set: i64, uscc: &str) -> Result<Option<FrozenBody>> {
        let row = annual_input::Entity::find()
            .filter(annual_input::Column::SetId.eq(set))
            .filter(annual_input::Column::FirstUscc.lte(uscc))
            .order_by_desc(annual_input::Column::FirstUscc)
            .limit(1)
            .one(&self.read)
            .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        for line in unpacked(&row)? {
            let body = frozen(set, &line)?;
            if body.uscc == uscc {
                return Ok(Some(body));
            }
        }
        Ok(None)
    }

    /// Deletes what attempts left before a moment that came to nothing: all sets of a campaign but these.
    pub async fn sweep_annual(
        &self,
        campaign: i64,
        named: &[i64],
        before: DateTime<Utc>,
    ) -> Result<()> {
        let tx = self.begin_write().await?;
        annual_input::Entity::delete_many()
            .filter(annual_input::Column::CampaignId.eq(campaign))
            .filter(annual_input::Column::MadeAt.lt(before))
            .filter(annual_input::Column::SetId.is_not_in(named.iter().copied()))
            .exec(&tx)
            .await?;
        annual_result::Entity::delete_many()
            .filter(annual_result::Column::CampaignId.eq(campaign))
            .filter(annual_result::Column::MadeAt.lt(before))
            .filter(annual_result::Column::SetId.is_not_in(named.iter().copied()))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Deletes a set that no campaign names.
    pub async fn drop_annual(&self, set: i64) -> Result<()> {
        let tx = self.begin_write().await?;
        annual_input::Entity::delete_many()
            .filter(annual_input::Column::SetId.eq(set))
            .exec(&tx)
            .await?;
        annual_result::Entity::delete_many()
            .filter(annual_result::Column::SetId.eq(set))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}

/// A body of its line.
pub fn frozen(set: i64, line: &str) -> Result<FrozenBody> {
    super::of_json("annual_input", set, line)
}

fn unpacked(row: &annual_input::Model) -> Result<Vec<String>> {
    let bytes = zstd::stream::decode_all(row.packed.as_slice());
    let bytes = bytes.map_err(|error| broken(row.set_id, &error.to_string()))?;
    let text = String::from_utf8(bytes);
    let text = text.map_err(|error| broken(row.set_id, &error.to_string()))?;
    Ok(text.split('\n').map(str::to_owned).collect())
}

fn broken(set: i64, reason: &str) -> Error {
    Error::Corrupt {
        table: "annual_input",
        id: set,
        reason: reason.to_owned(),
    }
}
