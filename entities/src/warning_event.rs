//! What happened to warnings: never changed, never deleted.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "warning_event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub warning_id: i64,
    /// From 1, without a gap.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    pub change_from: i64,
    pub act: String,
    pub at: DateTimeUtc,
    pub by_subject: String,
    /// The whole event as JSON.
    #[sea_orm(column_type = "Text")]
    pub event: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
