//! The day from which a debt is overdue.

use sea_orm_migration::{prelude::*, schema::date_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let with_column = Table::alter()
            .table(Alias::new("credit_record"))
            .add_column(date_null("overdue_since"))
            .to_owned();
        manager.alter_table(with_column).await
    }
}
