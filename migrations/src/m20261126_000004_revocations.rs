//! Tokens that are believed no longer though their time is not over.

use sea_orm_migration::{
    prelude::*,
    schema::{text, text_null, timestamp_with_time_zone},
};

use super::columns::{index, key, table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let revocations = table("revocation")
            .col(text("kind"))
            .col(text("name"))
            .col(timestamp_with_time_zone("at"))
            .col(text("revoked_by"))
            .col(text_null("reason"))
            .primary_key(&mut key(&["kind", "name"]))
            .to_owned();
        manager.create_table(revocations).await?;
        manager.create_index(index("revocation", &["at"])).await
    }
}
