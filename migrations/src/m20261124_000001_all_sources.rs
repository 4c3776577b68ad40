//! What the further sources tell: clues, indicators, posts of officials and third parties'
//! assessments; and how far each list of a feed was read.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, boolean, date, date_null, string, string_null, text,
        text_null, timestamp_with_time_zone,
    },
};

use super::columns::{index, indexes_of_versions, key, table, versioned};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        let of_versions = ["clue", "indicator", "post", "assessment"]
            .into_iter()
            .flat_map(indexes_of_versions);
        for index in of_versions.chain([index("post", &["official_id"])]) {
            manager.create_index(index).await?;
        }
        // What became of a row is told to whose exchange table it came from, by its number there.
        let with_row = Table::alter()
            .table(Alias::new("reject"))
            .add_column(string_null("row"))
            .to_owned();
        manager.alter_table(with_row).await?;
        // When a source is due is counted from when it was last fetched, not from what was brought.
        let with_origin = Table::alter()
            .table(Alias::new("run"))
            .add_column(boolean("is_fetched").default(false))
            .to_owned();
        manager.alter_table(with_origin).await?;
        let with_earlier = Table::alter()
            .table(Alias::new("run"))
            .add_column(big_integer_null("reread_of"))
            .to_owned();
        manager.alter_table(with_earlier).await
    }
}

fn tables() -> Vec<TableCreateStatement> {
    vec![
        versioned("clue")
            .col(string("source"))
            .col(string("agencies"))
            .col(string("channel"))
            .col(string_null("category"))
            .col(text("title"))
            .col(text_null("content"))
            .col(string("stage"))
            .col(date_null("due_on"))
            .col(timestamp_with_time_zone("received_at"))
            .col(big_integer_null("amount_cents"))
            .to_owned(),
        versioned("indicator")
            .col(string("source"))
            .col(big_integer("agency_id"))
            .col(string("code"))
            .col(string("title"))
            .col(date("period_from"))
            .col(date("period_to"))
            .col(string("value"))
            .to_owned(),
        versioned("post")
            .col(string("source"))
            .col(big_integer("official_id"))
            .col(string("person"))
            .col(string("name"))
            .col(string("agency_uscc"))
            .col(string("title"))
            .col(date_null("valid_from"))
            .col(date_null("valid_to"))
            .to_owned(),
        versioned("assessment")
            .col(string("source"))
            .col(string("assessor"))
            .col(date("period_from"))
            .col(date("period_to"))
            .col(string_null("uscc"))
            .col(string_null("division"))
            .col(string_null("indicator"))
            .col(string_null("score"))
            .col(string_null("full_score"))
            .col(string_null("grade"))
            .col(string_null("report"))
            .to_owned(),
        table("checkpoint")
            .col(string("source"))
            .col(string("feed"))
            .col(string("list"))
            .col(text("place"))
            .primary_key(&mut key(&["source", "feed", "list"]))
            .to_owned(),
    ]
}
