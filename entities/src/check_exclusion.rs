//! Reviewed false matches of checks.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "check_exclusion")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// A digest of the role, areas and body for whom it holds.
    pub place: String,
    /// A digest of the caller and the key under which he asked for it: of one request one review.
    #[sea_orm(unique)]
    pub request: String,
    /// The code of the division to which the question was limited, or nothing.
    pub division: String,
    /// The name as the resolver reads it.
    pub name: String,
    pub agency_id: i64,
    pub uscc: String,
    pub reason: String,
    pub reference: Option<String>,
    pub by_subject: String,
    pub by_role: String,
    pub made_at: DateTimeUtc,
    pub expires_on: Date,
    pub revoked_at: Option<DateTimeUtc>,
    pub revoked_by: Option<String>,
    pub revoke_reason: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
