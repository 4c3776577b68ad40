//! Lists of subjects that somebody handed over to be checked.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "check_list")]
pub struct Model {
    /// A digest of who hands over what, for which purpose, on which day: the same again is the same list.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub asked_at: DateTimeUtc,
    /// A digest of the role, the areas and the body of who asks.
    pub place: String,
    /// Who asks, as JSON.
    #[sea_orm(column_type = "Text")]
    pub asker: String,
    /// Whether it came over HTTP, so that the hub answers it by itself.
    pub at_door: bool,
    pub purpose: String,
    pub reference: Option<String>,
    pub as_of: Option<Date>,
    /// SHA-256 of the file, in hexadecimal.
    pub digest: String,
    /// As a JSON array.
    #[sea_orm(column_type = "Text")]
    pub headings: String,
    pub rows: i64,
    /// Rows that were answered.
    pub answered: i64,
    /// Why it can't be answered.
    #[sea_orm(column_type = "Text", nullable)]
    pub refused: Option<String>,
    /// The audit log's entry of the whole.
    pub entry: Option<Vec<u8>>,
    pub finished_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
