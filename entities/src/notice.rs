//! What a subscriber is told of: versions of warnings, and what became of watched subjects.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notice")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// His name in the configuration.
    pub subscriber: String,
    /// The number of what it tells of: of a warning, or of a watched subject's event.
    pub warning_id: i64,
    pub version: i64,
    pub state: String,
    /// Begun to be sent so many times, since it was last given free.
    pub attempts: i64,
    /// When it was to leave. Mail that is due at one moment is one mail.
    pub due_at: DateTimeUtc,
    /// Not before this; of one that is being sent, when its sender has lost it.
    pub next_at: DateTimeUtc,
    /// The token of whoever is sending it.
    pub claim: Option<String>,
    /// What is told, as JSON: the same at each try.
    #[sea_orm(column_type = "Text")]
    pub notice: String,
    pub created_at: DateTimeUtc,
    pub settled_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
