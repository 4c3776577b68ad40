//! The outbox: what platforms are to hear of, written in the transaction of the change itself.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_pk_auto, string, string_null, text_null, timestamp_with_time_zone,
        timestamp_with_time_zone_null,
    },
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let change = ForeignKey::create()
            .from(Alias::new("outbox"), Alias::new("change_id"))
            .to(Alias::new("change"), Alias::new("id"))
            .to_owned();
        let table = Table::create()
            .table(Alias::new("outbox"))
            .col(big_pk_auto("id"))
            .col(string("target"))
            .col(big_integer("record_id"))
            .col(big_integer("version"))
            .col(big_integer("change_id"))
            .col(string("state"))
            .col(big_integer("retries"))
            .col(big_integer("attempts"))
            .col(timestamp_with_time_zone("next_at"))
            .col(string_null("claim"))
            .col(string_null("operation"))
            .col(string_null("digest"))
            .col(string_null("package"))
            .col(string_null("receipt"))
            .col(text_null("reason"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("sent_at"))
            .col(timestamp_with_time_zone_null("settled_at"))
            .foreign_key(&mut change.clone())
            .to_owned();
        manager.create_table(table).await?;
        // No version is sent to the same platform from two rows.
        let once = index("outbox_once", &["target", "record_id", "version"])
            .unique()
            .to_owned();
        manager.create_index(once).await?;
        let due = index("outbox_due", &["target", "state", "next_at"]);
        manager.create_index(due).await?;
        manager
            .create_index(index("outbox_change", &["change_id"]))
            .await
    }
}

fn index(name: &str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(name).table(Alias::new("outbox"));
    for column in columns {
        index.col(Alias::new(*column));
    }
    index.to_owned()
}
