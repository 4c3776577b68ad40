//! The audit log. On SQLite this step is applied to a file of its own, too: reads are written down there,
//! and there the log is put together.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, binary, string, string_null, text, timestamp_with_time_zone},
};

use super::columns::{index, key, table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let pending = table("audit_pending")
            .col(binary("id"))
            .col(binary("record"))
            .primary_key(&mut key(&["id"]))
            .to_owned();
        let payload = table("audit_payload")
            .col(binary("id"))
            .col(binary("salt"))
            .col(binary("payload"))
            .primary_key(&mut key(&["id"]))
            .to_owned();
        let entry = table("audit_entry")
            .col(big_integer("seq"))
            .col(binary("id"))
            .col(binary("record"))
            .col(binary("leaf"))
            .col(binary("chain"))
            .col(timestamp_with_time_zone("at"))
            .col(string("subject"))
            .col(string_null("issuer"))
            .col(string("role"))
            .col(string("action"))
            .col(string("outcome"))
            .primary_key(&mut key(&["seq"]))
            .to_owned();
        let object = table("audit_object")
            .col(big_integer("agency_id"))
            .col(big_integer("seq"))
            .primary_key(&mut key(&["agency_id", "seq"]))
            .to_owned();
        let node = table("audit_node")
            .col(big_integer("level"))
            .col(big_integer("place"))
            .col(binary("hash"))
            .primary_key(&mut key(&["level", "place"]))
            .to_owned();
        let head = table("audit_head")
            .col(big_integer("id"))
            .col(string("kind"))
            .col(big_integer("size"))
            .col(binary("chain"))
            .col(binary("peaks"))
            .primary_key(&mut key(&["id"]))
            .to_owned();
        let checkpoint = table("audit_checkpoint")
            .col(big_integer("size"))
            .col(timestamp_with_time_zone("at"))
            .col(text("note"))
            .primary_key(&mut key(&["size"]))
            .to_owned();
        for table in [pending, payload, entry, object, node, head, checkpoint] {
            manager.create_table(table).await?;
        }
        for index in [
            index("audit_entry", &["id"]).unique().to_owned(),
            index("audit_entry", &["subject", "seq"]),
            index("audit_entry", &["action", "seq"]),
            index("audit_object", &["seq"]),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
