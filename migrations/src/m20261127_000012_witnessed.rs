//! Statements about the audit log that a witness signed and gave back. On SQLite this step is applied to the log's
//! own file, too.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, text, timestamp_with_time_zone},
};

use super::columns::{key, table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let witnessed = table("audit_witnessed")
            .col(big_integer("size"))
            .col(timestamp_with_time_zone("at"))
            .col(text("note"))
            .primary_key(&mut key(&["size"]))
            .to_owned();
        manager.create_table(witnessed).await
    }
}
