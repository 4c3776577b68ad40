//! Versions of warnings. What a warning is stands in `warning`; the other columns are what it is found by.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "warning")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub change_from: i64,
    pub change_to: Option<i64>,
    /// The number of its last event.
    pub version: i64,
    pub agency_id: i64,
    pub red_line: String,
    pub level: String,
    pub state: String,
    /// The whole warning as JSON.
    #[sea_orm(column_type = "Text")]
    pub warning: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
