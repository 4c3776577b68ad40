//! Watch lists, their subjects, and how far subscribers are told of them.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_pk_auto, string, string_null, timestamp_with_time_zone,
        timestamp_with_time_zone_null,
    },
};

use super::columns::{foreign_key, index, key, table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let lists = table("watch_list")
            .col(big_pk_auto("id"))
            .col(string("owner"))
            .col(string("request").unique_key())
            .col(string("subject"))
            .col(string("role"))
            .col(string("divisions"))
            .col(string_null("agency"))
            .col(string("title"))
            .col(string("purpose"))
            .col(string_null("reference"))
            .col(big_integer("since"))
            .col(big_integer("version"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("ended_at"))
            .to_owned();
        let subjects = table("watch_subject")
            .col(big_integer("list_id"))
            .col(big_integer("agency_id"))
            .col(string("uscc"))
            .col(big_integer("since"))
            .col(timestamp_with_time_zone("added_at"))
            .primary_key(&mut key(&["list_id", "agency_id"]))
            .foreign_key(&mut foreign_key("watch_subject", "list_id", "watch_list"))
            .to_owned();
        let progress = table("watch_progress")
            .col(big_integer("list_id"))
            .col(string("subscriber"))
            .col(string("reached"))
            .primary_key(&mut key(&["list_id", "subscriber"]))
            .foreign_key(&mut foreign_key("watch_progress", "list_id", "watch_list"))
            .to_owned();
        for table in [lists, subjects, progress] {
            manager.create_table(table).await?;
        }
        for index in [
            index("watch_list", &["owner", "id"]),
            // Whose lists a subscriber is told of.
            index("watch_list", &["subject", "role"]),
            // What became of a watched body.
            index("credit_record", &["agency_id", "change_from"]),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
