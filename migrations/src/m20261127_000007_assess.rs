//! Scores of bodies, warnings about them with their events, and by which rules both came to be.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, big_pk_auto, date, string, string_uniq, text,
        timestamp_with_time_zone,
    },
};

use super::columns::{foreign_key, index, index_where_set, key, table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let scores = table("score")
            .col(big_integer("id"))
            .col(big_integer("change_from"))
            .col(big_integer_null("change_to"))
            .col(big_integer("version"))
            .col(big_integer("content_hash"))
            .col(big_integer("agency_id"))
            .col(string("pack"))
            .col(string("pack_version"))
            .col(string("pack_digest"))
            .col(date("day"))
            .col(string("score"))
            .col(string("score_before"))
            .col(string("grade"))
            .col(text("contributions"))
            .primary_key(&mut key(&["id", "change_from"]))
            .foreign_key(&mut foreign_key("score", "change_from", "change"))
            .to_owned();
        manager.create_table(scores).await?;
        let warnings = table("warning")
            .col(big_integer("id"))
            .col(big_integer("change_from"))
            .col(big_integer_null("change_to"))
            .col(big_integer("version"))
            .col(big_integer("agency_id"))
            .col(string("red_line"))
            .col(string("level"))
            .col(string("state"))
            .col(text("warning"))
            .primary_key(&mut key(&["id", "change_from"]))
            .foreign_key(&mut foreign_key("warning", "change_from", "change"))
            .to_owned();
        manager.create_table(warnings).await?;
        let events = table("warning_event")
            .col(big_integer("warning_id"))
            .col(big_integer("number"))
            .col(big_integer("change_from"))
            .col(string("act"))
            .col(timestamp_with_time_zone("at"))
            .col(string("by_subject"))
            .col(text("event"))
            .primary_key(&mut key(&["warning_id", "number"]))
            .foreign_key(&mut foreign_key("warning_event", "change_from", "change"))
            .to_owned();
        manager.create_table(events).await?;
        let bases = table("assess_basis")
            .col(big_pk_auto("id"))
            .col(string_uniq("fingerprint"))
            .col(string("version"))
            .col(date("day"))
            .to_owned();
        manager.create_table(bases).await?;
        for index in [
            index("score", &["change_from", "id"]),
            index_where_set("score", "change_to"),
            index("warning", &["change_from", "id"]),
            index_where_set("warning", "change_to"),
            index("warning_event", &["change_from"]),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
