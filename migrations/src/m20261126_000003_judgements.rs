//! How decisions ended, and the tables by which each source's rows were resolved.

use sea_orm_migration::{
    prelude::*,
    schema::{string, string_null, text, text_null, timestamp_with_time_zone_null},
};

use super::columns::table;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            string_null("ended_by"),
            text_null("end_reason"),
            timestamp_with_time_zone_null("ended_at"),
        ] {
            let with_column = Table::alter()
                .table(Alias::new("decision"))
                .add_column(column)
                .to_owned();
            manager.alter_table(with_column).await?;
        }
        let knowledge = table("knowledge")
            .col(string("fingerprint").primary_key())
            .col(text("tables"))
            .to_owned();
        manager.create_table(knowledge).await
    }
}
