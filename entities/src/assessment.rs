//! Versions of the lines of third parties' assessments.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "assessment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub change_from: i64,
    pub change_to: Option<i64>,
    pub version: i64,
    /// The row of the source that told this version.
    pub row_id: i64,
    /// Of all that this version says: equal hashes, equal contents.
    pub content_hash: i64,
    pub source: String,
    pub assessor: String,
    pub period_from: Date,
    pub period_to: Date,
    pub uscc: Option<String>,
    pub division: Option<String>,
    /// None of an assessment as a whole.
    pub indicator: Option<String>,
    /// Decimal numbers.
    pub score: Option<String>,
    pub full_score: Option<String>,
    pub grade: Option<String>,
    pub report: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
