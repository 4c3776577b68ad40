//! Versions of government-integrity records.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "credit_record")]
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
    /// Whom it is about; exactly one of this and `official_id` is set.
    pub agency_id: Option<i64>,
    pub official_id: Option<i64>,
    pub kind: String,
    pub tier: Option<String>,
    pub status: String,
    pub catalogue_item: String,
    pub domain: Option<String>,
    pub amount_cents: Option<i64>,
    /// The day from which a debt is overdue.
    pub overdue_since: Option<Date>,
    pub identified_on: Date,
    pub identified_by: String,
    pub case_number: Option<String>,
    pub ended_on: Option<Date>,
    pub end_ground: Option<String>,
    pub under_objection: bool,
    pub public_until: Option<Date>,
    /// The day on which what it is about was seen to be set right.
    pub corrected_on: Option<Date>,
    /// Times within which it did not hold, as JSON; null where there is none.
    #[sea_orm(column_type = "Text", nullable)]
    pub lapses: Option<String>,
    /// Whether it is kept from the public though its list is a public one.
    pub is_withheld: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
