//! Versions of officials' posts.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "post")]
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
    /// The official's number, derived from `person`.
    pub official_id: i64,
    /// Keyed digest of the citizen number, in hexadecimal.
    pub person: String,
    pub name: String,
    pub agency_uscc: String,
    pub title: String,
    pub valid_from: Option<Date>,
    pub valid_to: Option<Date>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
