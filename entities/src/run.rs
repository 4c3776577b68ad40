//! One attempt to bring a delivery in.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "run")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub source: String,
    pub feed: String,
    /// The change under which its rows are written; none once they are taken back.
    pub change_id: Option<i64>,
    /// The kinds of facts of which it tells all, parted by spaces; empty while it is not in, and
    /// where it is partial or not complete.
    pub covers: String,
    /// Whether it says all that its feed holds.
    pub is_full: bool,
    /// Whether the hub itself fetched it from the source's place.
    pub is_fetched: bool,
    /// The run whose raw files it reads again.
    pub reread_of: Option<i64>,
    pub data_as_of: DateTimeUtc,
    pub state: String,
    pub started_at: DateTimeUtc,
    pub ended_at: Option<DateTimeUtc>,
    pub received: i64,
    pub stored: i64,
    pub unchanged: i64,
    pub rejected: i64,
    pub unresolved: i64,
    pub out_of_scope: i64,
    pub withdrawn: i64,
    pub message: Option<String>,
    /// Digest of the place from which it is fetched, and of how.
    pub place: Option<String>,
    /// When a file last landed of which the run after this one may make use.
    pub landed_at: Option<DateTimeUtc>,
    /// How far lists are read with what has landed so far: a JSON object of names and places.
    #[sea_orm(column_type = "Text", nullable)]
    pub checkpoints: Option<String>,
    /// Whether all has landed that its place had to give.
    pub is_whole: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
