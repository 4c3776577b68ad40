//! Reviewed false matches of checks.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_pk_auto, date, string, string_null, timestamp_with_time_zone,
        timestamp_with_time_zone_null,
    },
};

use super::columns::{index, table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let exclusions = table("check_exclusion")
            .col(big_pk_auto("id"))
            .col(string("place"))
            .col(string("request").unique_key())
            .col(string("division"))
            .col(string("name"))
            .col(big_integer("agency_id"))
            .col(string("uscc"))
            .col(string("reason"))
            .col(string_null("reference"))
            .col(string("by_subject"))
            .col(string("by_role"))
            .col(timestamp_with_time_zone("made_at"))
            .col(date("expires_on"))
            .col(timestamp_with_time_zone_null("revoked_at"))
            .col(string_null("revoked_by"))
            .col(string_null("revoke_reason"))
            .to_owned();
        manager.create_table(exclusions).await?;
        for index in [
            // What a check in doubt asks for.
            index("check_exclusion", &["place", "name", "division"]),
            index("check_exclusion", &["place", "id"]),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
