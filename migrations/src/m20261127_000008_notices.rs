//! What subscribers are told of warnings, and each time that it was tried.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, big_pk_auto, string, string_null, text, text_null,
        timestamp_with_time_zone, timestamp_with_time_zone_null,
    },
};

use super::columns::{foreign_key, index, table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let notices = table("notice")
            .col(big_pk_auto("id"))
            .col(string("subscriber"))
            .col(big_integer("warning_id"))
            .col(big_integer("version"))
            .col(string("state"))
            .col(big_integer("attempts"))
            .col(timestamp_with_time_zone("due_at"))
            .col(timestamp_with_time_zone("next_at"))
            .col(string_null("claim"))
            .col(text("notice"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("settled_at"))
            .to_owned();
        manager.create_table(notices).await?;
        let attempts = table("notice_attempt")
            .col(big_pk_auto("id"))
            .col(big_integer("notice_id"))
            .col(timestamp_with_time_zone("at"))
            .col(timestamp_with_time_zone_null("ended_at"))
            .col(big_integer_null("status"))
            .col(text_null("error"))
            .foreign_key(&mut foreign_key("notice_attempt", "notice_id", "notice"))
            .to_owned();
        manager.create_table(attempts).await?;
        // No version is told to the same subscriber by two messages.
        let once = index("notice", &["warning_id", "subscriber", "version"])
            .unique()
            .to_owned();
        for index in [
            once,
            index("notice", &["subscriber", "state", "next_at"]),
            index("notice_attempt", &["notice_id"]),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
