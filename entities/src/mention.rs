//! Versions of rows whose subject is not resolved.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "mention")]
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
    pub text: String,
    pub code: Option<String>,
    pub division: Option<String>,
    pub outcome: String,
    pub score: f64,
    /// What the resolver tried, a line each.
    #[sea_orm(column_type = "Text")]
    pub steps: String,
    /// Candidates as a JSON list of [agency, score, reason].
    #[sea_orm(column_type = "Text")]
    pub candidates: String,
    /// The version of the decision that holds of it.
    pub decision_version: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
