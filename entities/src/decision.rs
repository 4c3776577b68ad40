//! Versions of decisions about whom a source's text means.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "decision")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub change_from: i64,
    pub change_to: Option<i64>,
    pub version: i64,
    /// The row of the mention on which it was taken.
    pub row_id: i64,
    /// Of all that this version says: equal hashes, equal contents.
    pub content_hash: i64,
    pub source: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    pub code: String,
    /// The division of whose rows it holds; none where it holds everywhere.
    pub reach: Option<String>,
    pub judgement: String,
    pub agency_id: Option<i64>,
    /// Numbers of the bodies that are not meant, parted by spaces.
    #[sea_orm(column_type = "Text")]
    pub excluded: String,
    /// Numbers of the bodies that the codes led to when it was taken, parted by spaces.
    #[sea_orm(column_type = "Text")]
    pub coded: String,
    pub division: Option<String>,
    pub by_subject: String,
    pub by_role: String,
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    pub at: DateTimeUtc,
    /// Who undid it or decided anew, where it holds no longer.
    pub ended_by: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub end_reason: Option<String>,
    pub ended_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
