//! What mutations came to, by the keys under which clients asked for them.

use sea_orm_migration::{
    prelude::*,
    schema::{string, text, timestamp_with_time_zone},
};

use super::columns::{index, key, table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let outcomes = table("idempotency")
            .col(text("subject"))
            .col(text("key"))
            .col(string("request_digest"))
            .col(text("answer"))
            .col(timestamp_with_time_zone("at"))
            .primary_key(&mut key(&["subject", "key"]))
            .to_owned();
        manager.create_table(outcomes).await?;
        manager.create_index(index("idempotency", &["at"])).await
    }
}
