//! The outbox: versions of records that a platform is to hear of.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The key of the platform's layout.
    pub target: String,
    pub record_id: i64,
    pub version: i64,
    /// The change that brought the version, whose transaction wrote this row.
    pub change_id: i64,
    pub state: String,
    /// Given free again after so many refusals.
    pub retries: i64,
    /// Begun to be sent so many times.
    pub attempts: i64,
    /// Not before this; of one that is being sent, when its sender has lost it.
    pub next_at: DateTimeUtc,
    /// The token of whoever is sending it.
    pub claim: Option<String>,
    pub operation: Option<String>,
    /// SHA-256 of the row that was sent, in hexadecimal.
    pub digest: Option<String>,
    /// The file package that carries it.
    pub package: Option<String>,
    /// The platform's number for having got it.
    pub receipt: Option<String>,
    /// Why it was refused, put off or cancelled.
    pub reason: Option<String>,
    pub created_at: DateTimeUtc,
    pub sent_at: Option<DateTimeUtc>,
    pub settled_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
