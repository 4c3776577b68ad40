//! The keys of raw deliveries, and which sources delivered them.

use sea_orm_migration::{
    prelude::*,
    schema::{
        binary_null, boolean, integer, string, string_null, text_null, timestamp_with_time_zone,
        timestamp_with_time_zone_null,
    },
};

use super::columns::{index, key, table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let keys = table("raw_key")
            .col(string("digest"))
            .col(integer("generation"))
            .col(string_null("kek"))
            .col(binary_null("wrapped"))
            .col(timestamp_with_time_zone("landed_at"))
            .col(timestamp_with_time_zone_null("erased_at"))
            .col(text_null("reason"))
            .col(boolean("is_barred"))
            .col(timestamp_with_time_zone_null("removed_at"))
            .primary_key(&mut key(&["digest", "generation"]))
            .to_owned();
        let deliveries = table("raw_delivery")
            .col(string("digest"))
            .col(string("source"))
            .col(timestamp_with_time_zone("delivered_at"))
            .primary_key(&mut key(&["digest", "source"]))
            .to_owned();
        for table in [keys, deliveries] {
            manager.create_table(table).await?;
        }
        // Of the few whose key is destroyed and whose object may still be there.
        let unremoved = index("raw_key", &["erased_at"])
            .and_where(Expr::col(Alias::new("erased_at")).is_not_null())
            .and_where(Expr::col(Alias::new("removed_at")).is_null())
            .to_owned();
        for index in [
            index("raw_key", &["landed_at"]),
            unremoved,
            index("run_file", &["digest"]),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
