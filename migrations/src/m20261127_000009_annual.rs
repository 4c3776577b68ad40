//! Annual assessments with what they are made of, and decisions to publish assessments.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, blob, string, text, timestamp_with_time_zone},
};

use super::columns::{foreign_key, index, indexes_of_versions, key, table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The columns of a table whose rows are versions that no source tells of.
fn versions(name: &'static str) -> TableCreateStatement {
    table(name)
        .col(big_integer("id"))
        .col(big_integer("change_from"))
        .col(big_integer_null("change_to"))
        .col(big_integer("version"))
        .primary_key(&mut key(&["id", "change_from"]))
        .foreign_key(&mut foreign_key(name, "change_from", "change"))
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let campaigns = versions("annual_campaign").col(text("campaign")).to_owned();
        let objections = versions("annual_objection")
            .col(big_integer("campaign_id"))
            .col(big_integer("number"))
            .col(big_integer("agency_id"))
            .col(text("objection"))
            .to_owned();
        let publications = versions("publication")
            .col(big_integer("stamp"))
            .col(text("publication"))
            .to_owned();
        let packs = table("annual_pack")
            .col(string("digest"))
            .col(text("text"))
            .primary_key(&mut key(&["digest"]))
            .to_owned();
        let inputs = table("annual_input")
            .col(big_integer("set_id"))
            .col(big_integer("batch"))
            .col(big_integer("campaign_id"))
            .col(timestamp_with_time_zone("made_at"))
            .col(string("first_uscc"))
            .col(big_integer("bodies"))
            .col(blob("packed"))
            .primary_key(&mut key(&["set_id", "batch"]))
            .to_owned();
        let results = table("annual_result")
            .col(big_integer("set_id"))
            .col(big_integer("place"))
            .col(big_integer("campaign_id"))
            .col(timestamp_with_time_zone("made_at"))
            .col(big_integer("overall_rank"))
            .col(big_integer("group_rank"))
            .col(big_integer("agency_id"))
            .col(string("uscc"))
            .col(string("name"))
            .col(string("division"))
            .col(string("level"))
            .col(string("kind"))
            .col(string("score"))
            .col(string("grade"))
            .primary_key(&mut key(&["set_id", "place"]))
            .to_owned();
        for table in [campaigns, objections, publications, packs, inputs, results] {
            manager.create_table(table).await?;
        }
        for table in ["annual_campaign", "annual_objection", "publication"] {
            for index in indexes_of_versions(table) {
                manager.create_index(index).await?;
            }
        }
        for index in [
            index("annual_objection", &["campaign_id", "number"]),
            // A body's own, while all others wait.
            index("annual_objection", &["campaign_id", "agency_id"]),
            // A body's results, over the years.
            index("annual_result", &["agency_id", "set_id"]),
            // What an attempt left that came to nothing.
            index("annual_result", &["campaign_id", "made_at"]),
            index("annual_input", &["campaign_id", "made_at"]),
            index("annual_input", &["set_id", "first_uscc"]),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
