//! Versions of bodies' objections to their scores of a year: as filed, and as decided.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "annual_objection")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub change_from: i64,
    pub change_to: Option<i64>,
    pub version: i64,
    pub campaign_id: i64,
    /// The how-manieth of the campaign, from 1.
    pub number: i64,
    pub agency_id: i64,
    /// The whole objection as JSON, with the corrections that it led to.
    #[sea_orm(column_type = "Text")]
    pub objection: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
