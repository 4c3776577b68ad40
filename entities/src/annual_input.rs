//! Frozen inputs of annual assessments, many bodies a row. Rows are never changed.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "annual_input")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub set_id: i64,
    /// The how-manieth, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub batch: i64,
    pub campaign_id: i64,
    pub made_at: DateTimeUtc,
    /// Code of its first body; bodies stand in the order of their codes.
    pub first_uscc: String,
    pub bodies: i64,
    /// A line of JSON for each body, compressed with zstd.
    #[sea_orm(column_type = "Blob")]
    pub packed: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
