//! Zero reports (零报告): a body says of a day that there was nothing to report.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "zero_report")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub division: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub workflow: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    pub by_subject: String,
    pub by_role: String,
    pub at: DateTimeUtc,
    pub note: Option<String>,
    pub basis: String,
    /// SHA-256 of what is attached, with blanks between.
    pub evidence: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
