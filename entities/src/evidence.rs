//! One content of one row of a source, and when it was seen.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "evidence")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub row_id: i64,
    pub change_from: i64,
    pub source: String,
    pub feed: String,
    /// What its source makes of it, such as `credit_record`.
    pub yields: String,
    /// The form that reads it; none of rows that were stored before forms were noted.
    pub form: Option<String>,
    /// Whom it names, normalised; none where it names nobody.
    pub subject_name: Option<String>,
    /// The codes that it gives, in capitals.
    pub subject_code: Option<String>,
    pub run_id: i64,
    pub source_key: String,
    /// File and line.
    pub location: String,
    /// SHA-256 of the row's kept fields, in hexadecimal.
    pub digest: String,
    /// The row's kept fields as a JSON object.
    #[sea_orm(column_type = "Text")]
    pub content: String,
    pub received_at: DateTimeUtc,
    /// Of when the newest delivery that told it speaks.
    pub data_as_of: DateTimeUtc,
    pub last_seen_at: DateTimeUtc,
    /// Whether it is no content but an end, told of a row that was not listed; withdrawn ever since.
    pub is_end: bool,
    /// The change in which the feed stopped listing the row.
    pub change_withdrawn: Option<i64>,
    pub withdrawn_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
