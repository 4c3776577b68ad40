//! Lists of subjects that are checked row by row, and their parts.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, binary_null, boolean, date_null, string, string_null, text, text_null,
        timestamp_with_time_zone, timestamp_with_time_zone_null,
    },
};

use super::columns::{index, key, table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let lists = table("check_list")
            .col(string("id"))
            .col(timestamp_with_time_zone("asked_at"))
            .col(string("place"))
            .col(text("asker"))
            .col(boolean("at_door"))
            .col(string("purpose"))
            .col(string_null("reference"))
            .col(date_null("as_of"))
            .col(string("digest"))
            .col(text("headings"))
            .col(big_integer("rows"))
            .col(big_integer("answered"))
            .col(text_null("refused"))
            .col(binary_null("entry"))
            .col(timestamp_with_time_zone_null("finished_at"))
            .primary_key(&mut key(&["id"]))
            .to_owned();
        manager.create_table(lists).await?;
        let parts = table("check_list_part")
            .col(string("list"))
            .col(big_integer("part"))
            .col(text("rows"))
            .col(text_null("entries"))
            .primary_key(&mut key(&["list", "part"]))
            .to_owned();
        manager.create_table(parts).await?;
        for index in [
            index("check_list", &["finished_at", "asked_at"]),
            index("check_list", &["place", "finished_at"]),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
