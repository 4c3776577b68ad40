//! Records about public officials: a record has an agency or an official.

use sea_orm_migration::{prelude::*, schema::big_integer_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite can't make a column nullable: another one takes its place, on both alike.
        let name = Alias::new;
        let alter = || Table::alter().table(name("credit_record")).to_owned();
        let before = name("agency_id_before");
        manager
            .alter_table(
                alter()
                    .rename_column(name("agency_id"), before.clone())
                    .to_owned(),
            )
            .await?;
        for column in ["agency_id", "official_id"] {
            let column = big_integer_null(name(column));
            manager
                .alter_table(alter().add_column(column).to_owned())
                .await?;
        }
        let copy = Query::update()
            .table(name("credit_record"))
            .value(name("agency_id"), Expr::col(before.clone()))
            .to_owned();
        manager.execute(copy).await?;
        manager
            .alter_table(alter().drop_column(before).to_owned())
            .await
    }
}
