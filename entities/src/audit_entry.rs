//! The audit log. The record is the entry; the columns from `at` on repeat parts of it to find it by.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    pub id: Vec<u8>,
    pub record: Vec<u8>,
    pub leaf: Vec<u8>,
    pub chain: Vec<u8>,
    pub at: DateTimeUtc,
    pub subject: String,
    pub issuer: Option<String>,
    pub role: String,
    pub action: String,
    pub outcome: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
