//! What schema steps share.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null},
};

pub(crate) fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(Alias::new(name)).to_owned()
}

pub(crate) fn key(columns: &[&'static str]) -> IndexCreateStatement {
    let mut key = Index::create();
    for column in columns {
        key.col(Alias::new(*column));
    }
    key.primary().to_owned()
}

/// The columns of a table whose rows are versions; see the `entities` crate.
pub(crate) fn versioned(name: &'static str) -> TableCreateStatement {
    table(name)
        .col(big_integer("id"))
        .col(big_integer("change_from"))
        .col(big_integer_null("change_to"))
        .col(big_integer("version"))
        .col(big_integer("row_id"))
        .col(big_integer("content_hash"))
        .primary_key(&mut key(&["id", "change_from"]))
        .foreign_key(&mut foreign_key(name, "change_from", "change"))
        .to_owned()
}

pub(crate) fn foreign_key(
    table: &'static str,
    column: &'static str,
    to: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(Alias::new(table), Alias::new(column))
        .to(Alias::new(to), Alias::new("id"))
        .to_owned()
}

pub(crate) fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index
        .name(format!("{table}_{}", columns.join("_")))
        .table(Alias::new(table));
    for column in columns {
        index.col(Alias::new(*column));
    }
    index.to_owned()
}

/// An index over the few rows whose column is set: almost all versions are current, and an index
/// over those would tempt planners into reading everything.
pub(crate) fn index_where_set(table: &'static str, column: &'static str) -> IndexCreateStatement {
    index(table, &[column])
        .and_where(Expr::col(Alias::new(column)).is_not_null())
        .to_owned()
}

/// The indexes that every table of versions has.
pub(crate) fn indexes_of_versions(table: &'static str) -> [IndexCreateStatement; 2] {
    [
        index(table, &["change_from", "id"]),
        index_where_set(table, "change_to"),
    ]
}
