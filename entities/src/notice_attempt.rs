//! Each time that a notice was tried.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notice_attempt")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub notice_id: i64,
    pub at: DateTimeUtc,
    /// None while it is tried, and of one whose sender was killed.
    pub ended_at: Option<DateTimeUtc>,
    /// What was answered: of HTTP or of SMTP.
    pub status: Option<i64>,
    /// What went wrong, in short.
    pub error: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
