//! Agencies with names and successions, sources with runs and evidence, mentions, credit records
//! and the change log.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, big_pk_auto, boolean, date, date_null, double, string,
        string_null, text, timestamp_with_time_zone, timestamp_with_time_zone_null,
    },
};

use super::columns::{
    foreign_key, index, index_where_set, indexes_of_versions, key, table, versioned,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Tables whose rows are versions of facts.
const VERSIONED: [&str; 4] = ["agency", "succession", "mention", "credit_record"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn tables() -> Vec<TableCreateStatement> {
    vec![
        table("change")
            .col(big_pk_auto("id"))
            .col(big_integer_null("seq").unique_key())
            .col(string("cause"))
            .col(timestamp_with_time_zone_null("closed_at"))
            .to_owned(),
        table("source")
            .col(string("key").primary_key())
            .col(timestamp_with_time_zone_null("last_success_at"))
            .col(timestamp_with_time_zone_null("data_as_of"))
            .to_owned(),
        table("run")
            .col(big_pk_auto("id"))
            .col(string("source"))
            .col(string("feed"))
            .col(big_integer_null("change_id"))
            .col(string("covers"))
            .col(boolean("is_full"))
            .col(timestamp_with_time_zone("data_as_of"))
            .col(string("state"))
            .col(timestamp_with_time_zone("started_at"))
            .col(timestamp_with_time_zone_null("ended_at"))
            .col(big_integer("received"))
            .col(big_integer("stored"))
            .col(big_integer("unchanged"))
            .col(big_integer("rejected"))
            .col(big_integer("unresolved"))
            .col(big_integer("out_of_scope"))
            .col(big_integer("withdrawn"))
            .col(ColumnDef::new(Alias::new("message")).text())
            .foreign_key(&mut foreign_key("run", "change_id", "change"))
            .to_owned(),
        table("run_file")
            .col(big_integer("run_id"))
            .col(big_integer("ordinal"))
            .col(string("name"))
            .col(string("digest"))
            .col(big_integer("bytes"))
            .col(string("charset"))
            .primary_key(&mut key(&["run_id", "ordinal"]))
            .foreign_key(&mut foreign_key("run_file", "run_id", "run"))
            .to_owned(),
        table("reject")
            .col(big_integer("run_id"))
            .col(big_integer("ordinal"))
            .col(string("file"))
            .col(big_integer("line"))
            .col(string_null("column"))
            .col(text("reason"))
            .primary_key(&mut key(&["run_id", "ordinal"]))
            .foreign_key(&mut foreign_key("reject", "run_id", "run"))
            .to_owned(),
        // SQLite keeps rows in the order of an `integer` that is a table's key: derived numbers
        // would scatter the long rows of each batch over the whole table.
        table("evidence")
            .col(
                ColumnDef::new(Alias::new("id"))
                    .custom("bigint")
                    .not_null()
                    .primary_key(),
            )
            .col(big_integer("row_id"))
            .col(big_integer("change_from"))
            .col(string("source"))
            .col(string("feed"))
            .col(string("yields"))
            .col(big_integer("run_id"))
            .col(string("source_key"))
            .col(string("location"))
            .col(string("digest"))
            .col(text("content"))
            .col(timestamp_with_time_zone("received_at"))
            .col(timestamp_with_time_zone("data_as_of"))
            .col(timestamp_with_time_zone("last_seen_at"))
            .col(big_integer_null("change_withdrawn"))
            .col(timestamp_with_time_zone_null("withdrawn_at"))
            .foreign_key(&mut foreign_key("evidence", "change_from", "change"))
            .foreign_key(&mut foreign_key("evidence", "run_id", "run"))
            .to_owned(),
        versioned("agency")
            .col(string("uscc"))
            .col(string("kind"))
            .col(string("name"))
            .col(string("division"))
            .col(date_null("established_on"))
            .col(date_null("abolished_on"))
            .col(string_null("superior"))
            .col(string("competent"))
            .to_owned(),
        table("agency_name")
            .col(big_integer("agency_id"))
            .col(big_integer("change_from"))
            .col(big_integer("ordinal"))
            .col(string("name"))
            .col(string("relation"))
            .col(date_null("valid_from"))
            .col(date_null("valid_to"))
            .primary_key(&mut key(&["agency_id", "change_from", "ordinal"]))
            .foreign_key(
                ForeignKey::create()
                    .from(
                        Alias::new("agency_name"),
                        (Alias::new("agency_id"), Alias::new("change_from")),
                    )
                    .to(
                        Alias::new("agency"),
                        (Alias::new("id"), Alias::new("change_from")),
                    )
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned(),
        versioned("succession")
            .col(string_null("from_uscc"))
            .col(string("from_name"))
            .col(string_null("to_uscc"))
            .col(string_null("to_name"))
            .col(string("kind"))
            .col(date("effective_on"))
            .col(string_null("basis"))
            .to_owned(),
        versioned("mention")
            .col(string("source"))
            .col(string("text"))
            .col(string_null("code"))
            .col(string_null("division"))
            .col(string("outcome"))
            .col(double("score"))
            .col(text("steps"))
            .col(text("candidates"))
            .to_owned(),
        versioned("credit_record")
            .col(string("source"))
            .col(big_integer("agency_id"))
            .col(string("kind"))
            .col(string_null("tier"))
            .col(string("status"))
            .col(string("catalogue_item"))
            .col(string_null("domain"))
            .col(big_integer_null("amount_cents"))
            .col(date("identified_on"))
            .col(string("identified_by"))
            .col(string_null("case_number"))
            .col(date_null("ended_on"))
            .col(string_null("end_ground"))
            .to_owned(),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    let mut indexes = vec![
        index("run", &["source", "id"]),
        index("evidence", &["row_id"]),
        index("evidence", &["change_from"]),
        index_where_set("evidence", "change_withdrawn"),
        // What a feed lists now: the snapshot that the next full delivery is compared with.
        index("evidence", &["source", "feed", "yields"])
            .and_where(Expr::col(Alias::new("change_withdrawn")).is_null())
            .to_owned(),
    ];
    indexes.extend(VERSIONED.into_iter().flat_map(indexes_of_versions));
    indexes
}
