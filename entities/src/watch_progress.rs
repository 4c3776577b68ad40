//! How far a list's events are written down for a subscriber.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "watch_progress")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub list_id: i64,
    /// His name in the configuration.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subscriber: String,
    /// A place in the change log.
    pub reached: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
