//! Cases with their events, zero reports, and what casework says of leads and records.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, boolean, date, date_null, string, string_null, text,
        timestamp_with_time_zone,
    },
};

use super::columns::{foreign_key, index, index_where_set, key, table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, mut column) in [
            ("credit_record", boolean("under_objection")),
            ("credit_record", boolean("is_withheld")),
            ("clue", boolean("due_is_provisional")),
        ] {
            let with_column = Table::alter()
                .table(Alias::new(table))
                .add_column(column.default(false))
                .to_owned();
            manager.alter_table(with_column).await?;
        }
        for (table, column) in [
            ("credit_record", "public_until"),
            ("clue", "passed_on"),
            ("clue", "ended_on"),
        ] {
            let with_column = Table::alter()
                .table(Alias::new(table))
                .add_column(date_null(column))
                .to_owned();
            manager.alter_table(with_column).await?;
        }
        let cases = table("casefile")
            .col(big_integer("id"))
            .col(big_integer("change_from"))
            .col(big_integer_null("change_to"))
            .col(big_integer("version"))
            .col(string("workflow"))
            .col(string("stage"))
            .col(big_integer_null("clue_id"))
            .col(big_integer_null("record_id"))
            .col(big_integer_null("agency_id"))
            .col(text("state"))
            .primary_key(&mut key(&["id", "change_from"]))
            .foreign_key(&mut foreign_key("casefile", "change_from", "change"))
            .to_owned();
        manager.create_table(cases).await?;
        for index in [
            index("casefile", &["change_from", "id"]),
            index_where_set("casefile", "change_to"),
            index_where_set("casefile", "clue_id"),
            index_where_set("casefile", "record_id"),
        ] {
            manager.create_index(index).await?;
        }
        let events = table("case_event")
            .col(big_integer("case_id"))
            .col(big_integer("number"))
            .col(big_integer("change_from"))
            .col(string("act"))
            .col(timestamp_with_time_zone("at"))
            .col(string("by_subject"))
            .col(text("event"))
            .primary_key(&mut key(&["case_id", "number"]))
            .foreign_key(&mut foreign_key("case_event", "change_from", "change"))
            .to_owned();
        manager.create_table(events).await?;
        manager
            .create_index(index("case_event", &["change_from"]))
            .await?;
        let attachments = table("attachment")
            .col(big_integer("id").primary_key())
            .col(big_integer("case_id"))
            .col(big_integer("change_from"))
            .col(string("digest"))
            .col(timestamp_with_time_zone("received_at"))
            .foreign_key(&mut foreign_key("attachment", "change_from", "change"))
            .to_owned();
        manager.create_table(attachments).await?;
        manager
            .create_index(index("attachment", &["case_id"]))
            .await?;
        let reports = table("zero_report")
            .col(string("division"))
            .col(string("workflow"))
            .col(date("day"))
            .col(string("by_subject"))
            .col(string("by_role"))
            .col(timestamp_with_time_zone("at"))
            .col(string_null("note"))
            .col(string("basis"))
            .col(string("evidence"))
            .primary_key(&mut key(&["division", "workflow", "day"]))
            .to_owned();
        manager.create_table(reports).await
    }
}
