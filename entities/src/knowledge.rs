//! The tables by which rows were resolved, as far as telling what changed in them needs it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "knowledge")]
pub struct Model {
    /// That of the rows of [`super::resolved`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub fingerprint: String,
    /// Their rows as a JSON list of [digest, forms asked for, forms led to].
    #[sea_orm(column_type = "Text")]
    pub tables: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
