//! What an interrupted run had landed, so that the one after it need not fetch it again; ends that were
//! told of rows nobody had listed yet; and what owners of exchange tables are to hear of their rows.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, boolean, string, string_null, text, text_null, timestamp_with_time_zone_null,
    },
};

use super::columns::{foreign_key, index, table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column at a time.
        for (table, column) in [
            ("run", string_null("place")),
            ("run", timestamp_with_time_zone_null("landed_at")),
            ("run", text_null("checkpoints")),
            ("run", boolean("is_whole").default(false).to_owned()),
            ("evidence", boolean("is_end").default(false).to_owned()),
        ] {
            let with_column = Table::alter()
                .table(Alias::new(table))
                .add_column(column)
                .to_owned();
            manager.alter_table(with_column).await?;
        }
        // What became of a row stands with the feedback that is owed for it.
        let without_row = Table::alter()
            .table(Alias::new("reject"))
            .drop_column(Alias::new("row"))
            .to_owned();
        manager.alter_table(without_row).await?;
        let feedback = table("feedback")
            .col(big_integer("id").primary_key())
            .col(string("source"))
            .col(string("feed"))
            .col(string("exchange_table"))
            .col(string("row"))
            .col(big_integer("run_id"))
            .col(boolean("ok"))
            .col(text("reason"))
            .col(timestamp_with_time_zone_null("told_at"))
            .foreign_key(&mut foreign_key("feedback", "run_id", "run"))
            .to_owned();
        manager.create_table(feedback).await?;
        manager.create_index(index("feedback", &["run_id"])).await?;
        // Almost all is told, and is looked for by its number only.
        let untold = index("feedback", &["source", "feed", "exchange_table"])
            .and_where(Expr::col(Alias::new("told_at")).is_null())
            .to_owned();
        manager.create_index(untold).await
    }
}
