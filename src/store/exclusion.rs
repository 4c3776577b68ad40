//! Reviewed false matches of checks: looked up by what was asked, in one query, and only where a check is in doubt.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    exclusion::{ExcludedName, Exclusion},
    viewer::Role,
};
use entities::check_exclusion::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use super::{Result, Store, connect::lock_change_log};

/// Reviews that hold at once for one role with its areas and body.
pub const EXCLUSIONS_MAX: u64 = 10_000;

/// A review that is to be.
#[derive(Debug, Clone)]
pub struct NewExclusion {
    /// For whom it holds: a digest of role, areas and body.
    pub place: String,
    /// A digest of the caller and his key: asked for again under it, there is one.
    pub request: String,
    pub role: Role,
    pub exclusion: Exclusion,
}

/// What making a review came to.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one a request, and it is told at once"
)]
pub enum Excluded {
    Done(Exclusion),
    /// Another one says so already.
    Known,
    /// There are as many as there may be.
    TooMany,
}

impl Store {
    /// Keeps a review, once for each request; `today` is the day on which others must still hold to count.
    pub async fn exclude(&self, new: NewExclusion, today: NaiveDate) -> Result<Excluded> {
        let tx = self.begin_write().await?;
        // Two that come to the same at once see each other.
        lock_change_log(&tx).await?;
        let known = Entity::find().filter(Column::Request.eq(&new.request));
        if let Some(known) = known.one(&tx).await? {
            return Ok(Excluded::Done(from_row(known)));
        }
        let told = new.exclusion;
        let holding = Entity::find()
            .filter(Column::Place.eq(&new.place))
            .filter(Column::RevokedAt.is_null())
            .filter(Column::ExpiresOn.gte(today));
        let same = holding
            .clone()
            .filter(Column::Name.eq(&told.asked.name))
            .filter(Column::Division.eq(&told.asked.division))
            .filter(Column::AgencyId.eq(told.agency));
        if same.count(&tx).await? > 0 {
            return Ok(Excluded::Known);
        }
        if holding.count(&tx).await? >= EXCLUSIONS_MAX {
            return Ok(Excluded::TooMany);
        }
        let row = ActiveModel {
            id: NotSet,
            place: Set(new.place),
            request: Set(new.request),
            division: Set(told.asked.division),
            name: Set(told.asked.name),
            agency_id: Set(told.agency),
            uscc: Set(told.uscc),
            reason: Set(told.reason),
            reference: Set(told.reference),
            by_subject: Set(told.by),
            by_role: Set(new.role.to_string()),
            made_at: Set(told.made_at),
            expires_on: Set(told.expires_on),
            revoked_at: Set(None),
            revoked_by: Set(None),
            revoke_reason: Set(None),
        };
        let made = from_row(row.insert(&tx).await?);
        self.commit_about(tx, &[made.agency]).await?;
        Ok(Excluded::Done(made))
    }

    /// Revokes a review; false where it is revoked already.
    pub async fn revoke_exclusion(
        &self,
        exclusion: &Exclusion,
        (by, reason): (&str, &str),
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let tx = self.begin_write().await?;
        let revoked = Entity::update_many()
            .col_expr(Column::RevokedAt, Expr::value(now))
            .col_expr(Column::RevokedBy, Expr::value(by))
            .col_expr(Column::RevokeReason, Expr::value(reason))
            .filter(Column::Id.eq(exclusion.id))
            .filter(Column::RevokedAt.is_null())
            .exec(&tx)
            .await?;
        if revoked.rows_affected == 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        self.commit_about(tx, &[exclusion.agency]).await?;
        Ok(true)
    }

    /// The review with this number of this place.
    pub async fn exclusion(&self, place: &str, id: i64) -> Result<Option<Exclusion>> {
        let row = Entity::find_by_id(id).filter(Column::Place.eq(place));
        Ok(row.one(&self.read).await?.map(from_row))
    }

    /// Which bodies these names do not mean, for this place, on a day.
    pub async fn excluded(
        &self,
        place: &str,
        names: &BTreeSet<ExcludedName>,
        today: NaiveDate,
    ) -> Result<HashMap<ExcludedName, Vec<i64>>> {
        let texts = names.iter().map(|one| one.name.clone());
        let rows: Vec<(String, String, i64)> = Entity::find()
            .filter(Column::Place.eq(place))
            .filter(Column::Name.is_in(texts))
            .filter(Column::RevokedAt.is_null())
            .filter(Column::ExpiresOn.gte(today))
            .order_by_asc(Column::AgencyId)
            .select_only()
            .columns([Column::Division, Column::Name, Column::AgencyId])
            .into_tuple()
            .all(&self.read)
            .await?;
        let mut excluded: HashMap<ExcludedName, Vec<i64>> = HashMap::new();
        for (division, name, agency) in rows {
            let asked = ExcludedName { division, name };
            excluded.entry(asked).or_default().push(agency);
        }
        Ok(excluded)
    }

    /// The reviews of a place, the newest first, from behind one, at most `limit`; those that hold on a day alone where
    /// it is named.
    pub async fn exclusions(
        &self,
        place: &str,
        holding: Option<NaiveDate>,
        before: Option<i64>,
        limit: u64,
    ) -> Result<Vec<Exclusion>> {
        let mut query = Entity::find().filter(of(place, holding));
        if let Some(before) = before {
            query = query.filter(Column::Id.lt(before));
        }
        let rows = query
            .order_by_desc(Column::Id)
            .limit(limit)
            .all(&self.read)
            .await?;
        Ok(rows.into_iter().map(from_row).collect())
    }

    /// How many these are.
    pub async fn count_exclusions(&self, place: &str, holding: Option<NaiveDate>) -> Result<u64> {
        let these = Entity::find().filter(of(place, holding));
        Ok(these.count(&self.read).await?)
    }
}

fn of(place: &str, holding: Option<NaiveDate>) -> Condition {
    let of_place = Condition::all().add(Column::Place.eq(place));
    match holding {
        Some(day) => of_place
            .add(Column::RevokedAt.is_null())
            .add(Column::ExpiresOn.gte(day)),
        None => of_place,
    }
}

fn from_row(row: Model) -> Exclusion {
    let revoked = row.revoked_at.map(|at| {
        let by = row.revoked_by.unwrap_or_default();
        (at, by, row.revoke_reason.unwrap_or_default())
    });
    Exclusion {
        id: row.id,
        asked: ExcludedName {
            division: row.division,
            name: row.name,
        },
        agency: row.agency_id,
        uscc: row.uscc,
        reason: row.reason,
        reference: row.reference,
        by: row.by_subject,
        made_at: row.made_at,
        expires_on: row.expires_on,
        revoked,
    }
}
