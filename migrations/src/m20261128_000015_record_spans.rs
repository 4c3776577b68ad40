//! When what a record is about was set right, and the times within which it did not hold.

use sea_orm_migration::{
    prelude::*,
    schema::{date_null, text_null},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column a statement.
        for column in [date_null("corrected_on"), text_null("lapses")] {
            let with_column = Table::alter()
                .table(Alias::new("credit_record"))
                .add_column(column)
                .to_owned();
            manager.alter_table(with_column).await?;
        }
        Ok(())
    }
}
