//! Watch lists: whose subjects a client is told of.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "watch_list")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// A digest of caller, role and scope.
    pub owner: String,
    /// A digest of the caller and the key under which he asked for it: of one request one list.
    #[sea_orm(unique)]
    pub request: String,
    pub subject: String,
    pub role: String,
    /// Codes, parted by spaces.
    pub divisions: String,
    /// The code of the body that he acts for.
    pub agency: Option<String>,
    pub title: String,
    pub purpose: String,
    pub reference: Option<String>,
    /// The number of the change log at which it began.
    pub since: i64,
    /// A count of what was done with it.
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub ended_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
