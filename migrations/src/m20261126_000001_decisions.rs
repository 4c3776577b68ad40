//! Decisions about texts, whom rows name, and how far each source's rows were resolved.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, string, string_null, text, timestamp_with_time_zone},
};

use super::columns::{index, indexes_of_versions, table, versioned};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [
            // The source whose rows a change resolves anew; its next holder takes it back.
            ("change", string_null("source")),
            ("mention", big_integer_null("decision_version")),
            ("evidence", string_null("form")),
            ("evidence", string_null("subject_name")),
            ("evidence", string_null("subject_code")),
        ] {
            let with_column = Table::alter()
                .table(Alias::new(table))
                .add_column(column)
                .to_owned();
            manager.alter_table(with_column).await?;
        }
        // Rows by whom they name, read from the index alone.
        let named = index(
            "evidence",
            &["source", "subject_name", "row_id", "subject_code"],
        )
        .and_where(Expr::col(Alias::new("subject_name")).is_not_null())
        .to_owned();
        manager.create_index(named).await?;
        let decisions = versioned("decision")
            .col(string("source"))
            .col(text("name"))
            .col(string("code"))
            .col(string_null("reach"))
            .col(string("judgement"))
            .col(big_integer_null("agency_id"))
            .col(text("excluded"))
            .col(text("coded"))
            .col(string_null("division"))
            .col(string("by_subject"))
            .col(string("by_role"))
            .col(text("reason"))
            .col(timestamp_with_time_zone("at"))
            .to_owned();
        manager.create_table(decisions).await?;
        for index in indexes_of_versions("decision") {
            manager.create_index(index).await?;
        }
        let resolved = table("resolved")
            .col(string("source").primary_key())
            .col(big_integer("seq"))
            .col(string("fingerprint"))
            .to_owned();
        manager.create_table(resolved).await
    }
}
