//! Results of annual assessments, one row a body. Rows are never changed.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "annual_result")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub set_id: i64,
    /// Its place in the ranking, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub place: i64,
    pub campaign_id: i64,
    pub made_at: DateTimeUtc,
    pub overall_rank: i64,
    pub group_rank: i64,
    pub agency_id: i64,
    pub uscc: String,
    pub name: String,
    pub division: String,
    pub level: String,
    pub kind: String,
    /// A decimal number.
    pub score: String,
    pub grade: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
