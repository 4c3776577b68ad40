//! Versions of bodies' scores by the default rule pack.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "score")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub change_from: i64,
    pub change_to: Option<i64>,
    pub version: i64,
    /// Of pack and contributions: equal hashes, equal scores.
    pub content_hash: i64,
    pub agency_id: i64,
    pub pack: String,
    pub pack_version: String,
    /// SHA-256 of the pack's file.
    pub pack_digest: String,
    /// The day as of which it came to be so.
    pub day: Date,
    /// Decimal numbers: now, and so many days before as the window has.
    pub score: String,
    pub score_before: String,
    pub grade: String,
    /// What it is made of, as JSON.
    #[sea_orm(column_type = "Text")]
    pub contributions: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
