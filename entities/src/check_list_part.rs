//! Rows of a list of subjects that are answered together.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "check_list_part")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub list: String,
    /// From 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub part: i64,
    /// Their cells, as a JSON array of arrays; numbers of persons are hidden in them.
    #[sea_orm(column_type = "Text")]
    pub rows: String,
    /// Entries of the audit log under which the answers are kept, each with how many, as a JSON array of pairs.
    #[sea_orm(column_type = "Text", nullable)]
    pub entries: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
