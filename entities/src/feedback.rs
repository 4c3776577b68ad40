//! What the owner of an exchange table is to hear of a version of a row, and has heard once it is told.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "feedback")]
pub struct Model {
    /// Derived from the row's version and what became of it, so that the same is told once.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub source: String,
    pub feed: String,
    pub exchange_table: String,
    /// The row's number in its exchange table.
    pub row: String,
    /// The run that first received the version.
    pub run_id: i64,
    pub ok: bool,
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    pub told_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
