//! Roots of complete subtrees of the log: of 256 leaves, of 256 of those, and so on.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_node")]
pub struct Model {
    /// It has 2^level leaves.
    #[sea_orm(primary_key, auto_increment = false)]
    pub level: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub place: i64,
    pub hash: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
