//! Versions of measurements about bodies.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "indicator")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub change_from: i64,
    pub change_to: Option<i64>,
    pub version: i64,
    /// The row of the source that told this version.
    pub row_id: i64,
    /// Of all that this version says: equal hashes, equal contents.
    pub content_hash: i64,
    pub source: String,
    pub agency_id: i64,
    pub code: String,
    pub title: String,
    pub period_from: Date,
    pub period_to: Date,
    /// A decimal number.
    pub value: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
