//! Versions of cases. What a case is stands in `state`; the other columns are what it is found by.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "casefile")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub change_from: i64,
    pub change_to: Option<i64>,
    /// The number of its last event.
    pub version: i64,
    pub workflow: String,
    pub stage: String,
    pub clue_id: Option<i64>,
    pub record_id: Option<i64>,
    pub agency_id: Option<i64>,
    /// The whole case as JSON.
    #[sea_orm(column_type = "Text")]
    pub state: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
