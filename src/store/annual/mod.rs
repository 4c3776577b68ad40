//! Annual assessments: a campaign's steps, each one change. What is frozen and scored is written before, under
//! a number that no campaign names until then, so nobody sees it in part.

mod inputs;
mod objections;
mod results;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::assess::{Campaign, CampaignObjection, Publication};
use entities::{annual_campaign, annual_objection, annual_pack, change, publication};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use serde::de::DeserializeOwned;

pub use inputs::{Draft, frozen};
pub use objections::ObjectionsOf;
pub(super) use results::bodies_of;

use objections::objections_of;

use super::{
    Error, Known, ROWS_PER_BATCH, Result, Store, assess::end_versions, connect::lock_change_log,
    delivery::number_change,
};

/// A step of a campaign.
#[derive(Debug, Clone)]
pub struct CampaignStep {
    /// The version that stood; 0 where there was none.
    pub version: i64,
    pub after: Campaign,
    /// The objection that came with it or was decided by it, with its version before.
    pub objection: Option<(i64, CampaignObjection)>,
    /// The pack's digest and text, where it is to be kept.
    pub pack: Option<(String, String)>,
}

/// Whose assessment is public, by which decision, as long as it says what it said then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    pub stamp: i64,
    pub publication: Publication,
}

impl Store {
    /// Writes a step, if all stands as it was found.
    pub async fn write_campaign(&self, step: &CampaignStep, now: DateTime<Utc>) -> Result<bool> {
        let tx = self.begin_write().await?;
        let change = begin_change(&tx).await?;
        if !end_before(&tx, step, change).await? {
            tx.rollback().await?;
            return Ok(false);
        }
        self.put_step(tx, change, step, now).await?;
        Ok(true)
    }

    /// Takes a step that hangs on no version that somebody saw: it is made of how the campaign stands, and of
    /// these objections of a body, while nobody else writes. So of many at the same moment each follows the one before, and
    /// none has to be tried again. Nothing is written where there is no step.
    pub async fn follow_campaign<N: Send>(
        &self,
        (campaign, objections): (i64, ObjectionsOf),
        now: DateTime<Utc>,
        step: impl FnOnce(&Known<Campaign>, Vec<Known<CampaignObjection>>) -> Result<CampaignStep, N>
        + Send,
    ) -> Result<Result<(), N>> {
        let contradicts = || Error::Corrupt {
            table: "annual_campaign",
            id: campaign,
            reason: "no one version of it stands".to_owned(),
        };
        let tx = self.begin_write().await?;
        let change = begin_change(&tx).await?;
        let row = annual_campaign::Entity::find()
            .filter(annual_campaign::Column::Id.eq(campaign))
            .filter(annual_campaign::Column::ChangeTo.is_null())
            .one(&tx)
            .await?;
        let known = campaign_from_row(row.ok_or_else(contradicts)?)?;
        let objections = objections_of(&tx, campaign, objections).await?;
        let step = match step(&known, objections) {
            Ok(step) => step,
            Err(not) => {
                tx.rollback().await?;
                return Ok(Err(not));
            }
        };
        if !end_before(&tx, &step, change).await? {
            tx.rollback().await?;
            return Err(contradicts());
        }
        self.put_step(tx, change, &step, now).await?;
        Ok(Ok(()))
    }

    /// Writes what a step leaves, and closes its change.
    async fn put_step(
        &self,
        tx: DatabaseTransaction,
        change: i64,
        step: &CampaignStep,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let campaign = step.after.number();
        if let Some((digest, text)) = &step.pack {
            let row = annual_pack::ActiveModel {
                digest: Set(digest.clone()),
                text: Set(text.clone()),
            };
            let kept = OnConflict::column(annual_pack::Column::Digest)
                .do_nothing()
                .to_owned();
            let insert = annual_pack::Entity::insert(row).on_conflict(kept);
            insert.exec_without_returning(&tx).await?;
        }
        let row = annual_campaign::ActiveModel {
            id: Set(campaign),
            change_from: Set(change),
            change_to: Set(None),
            version: Set(step.version + 1),
            campaign: Set(json(&step.after)),
        };
        annual_campaign::Entity::insert(row)
            .exec_without_returning(&tx)
            .await?;
        if let Some((version, objection)) = &step.objection {
            let row = annual_objection::ActiveModel {
                id: Set(objection.id()),
                change_from: Set(change),
                change_to: Set(None),
                version: Set(version + 1),
                campaign_id: Set(campaign),
                number: Set(i64::from(objection.number)),
                agency_id: Set(objection.agency),
                objection: Set(json(objection)),
            };
            annual_objection::Entity::insert(row)
                .exec_without_returning(&tx)
                .await?;
        }
        number_change(&tx, change, now).await?;
        let about = step.objection.iter();
        let about: Vec<i64> = about.map(|(_, objection)| objection.agency).collect();
        self.commit_about(tx, &about).await
    }

    /// Makes an assessment of a body with these lines public, unless somebody was quicker.
    pub async fn publish_assessment(
        &self,
        (assessment, version): (i64, i64),
        body: Option<i64>,
        published: &Published,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let tx = self.begin_write().await?;
        let change = begin_change(&tx).await?;
        let found = HashMap::from([(assessment, version)]);
        if !end_publications(&tx, &found, change).await? {
            tx.rollback().await?;
            return Ok(false);
        }
        let row = publication::ActiveModel {
            id: Set(assessment),
            change_from: Set(change),
            change_to: Set(None),
            version: Set(version + 1),
            stamp: Set(published.stamp),
            publication: Set(json(&published.publication)),
        };
        publication::Entity::insert(row)
            .exec_without_returning(&tx)
            .await?;
        number_change(&tx, change, now).await?;
        self.commit_about(tx, body.as_slice()).await?;
        Ok(true)
    }

    /// The text of a pack that was kept.
    pub async fn annual_pack(&self, digest: &str) -> Result<Option<String>> {
        let row = annual_pack::Entity::find_by_id(digest.to_owned());
        Ok(row.one(&self.read).await?.map(|row| row.text))
    }
}

/// Taken first, so that of two that come to the same the second sees it done.
async fn begin_change(tx: &DatabaseTransaction) -> Result<i64> {
    lock_change_log(tx).await?;
    let change = change::ActiveModel {
        id: NotSet,
        seq: Set(None),
        cause: Set(super::CASEWORK.to_owned()),
        source: Set(None),
        closed_at: Set(None),
    };
    Ok(change.insert(tx).await?.id)
}

/// Ends what a step takes the place of; false where something else stands.
async fn end_before(tx: &DatabaseTransaction, step: &CampaignStep, change: i64) -> Result<bool> {
    let found = HashMap::from([(step.after.number(), step.version)]);
    if !end_campaigns(tx, &found, change).await? {
        return Ok(false);
    }
    let Some((version, objection)) = &step.objection else {
        return Ok(true);
    };
    let found = HashMap::from([(objection.id(), *version)]);
    end_objections(tx, &found, change).await
}

end_versions!(end_campaigns, annual_campaign);
end_versions!(end_objections, annual_objection);
end_versions!(end_publications, publication);

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("it is plain data")
}

fn of_json<T: DeserializeOwned>(table: &'static str, id: i64, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| Error::Corrupt {
        table,
        id,
        reason: error.to_string(),
    })
}

pub(super) fn campaign_from_row(row: annual_campaign::Model) -> Result<Known<Campaign>> {
    Ok(Known {
        id: row.id,
        row_id: row.id,
        version: row.version,
        fact: of_json("annual_campaign", row.id, &row.campaign)?,
    })
}

pub(super) fn publication_from_row(row: publication::Model) -> Result<Known<Published>> {
    Ok(Known {
        id: row.id,
        row_id: row.id,
        version: row.version,
        fact: Published {
            stamp: row.stamp,
            publication: of_json("publication", row.id, &row.publication)?,
        },
    })
}
