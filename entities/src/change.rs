//! The change log: one entry a transaction or delivery, numbered in commit order.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "change")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its number; none while it is being written.
    #[sea_orm(unique)]
    pub seq: Option<i64>,
    /// What made it: `delivery` or `resolution`; `taken back` while it is being taken back.
    pub cause: String,
    /// The source whose rows it resolves anew; none of a delivery, whose run names it.
    pub source: Option<String>,
    pub closed_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
