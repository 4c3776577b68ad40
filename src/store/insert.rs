//! Inserting many rows at once, in the form that each database takes quickest.

use std::fmt::Write;

use chrono::SecondsFormat;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait,
    IdenStatic, Iterable, Statement, Value,
};

use super::Result;

/// Rows in one of SQLite's statements. Of a few lengths, each is prepared once for all batches.
const SQLITE_ROWS: [usize; 5] = [256, 64, 16, 4, 1];

/// Inserts rows, at most a batch, all of whose columns are set.
pub(super) async fn insert_many<E, A>(tx: &DatabaseTransaction, rows: Vec<A>) -> Result<()>
where
    E: EntityTrait,
    A: ActiveModelTrait<Entity = E>,
{
    if rows.is_empty() {
        return Ok(());
    }
    let columns: Vec<E::Column> = E::Column::iter().collect();
    let set = |row: &mut A, column: E::Column| {
        let value = row.take(column).into_value();
        value.ok_or_else(|| DbErr::AttrNotSet(column.as_str().to_owned()))
    };
    let rows = rows.into_iter().map(|mut row| {
        let values = columns.iter().map(|column| set(&mut row, *column));
        values.collect::<Result<Vec<_>, _>>()
    });
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    let names: Vec<_> = columns
        .iter()
        .map(|column| format!("\"{}\"", column.as_str()))
        .collect();
    let into = format!(
        "INSERT INTO \"{}\" ({})",
        E::default().table_name(),
        names.join(", ")
    );
    match tx.get_database_backend() {
        DbBackend::Postgres => insert_columns(tx, &into, &rows).await,
        backend => insert_rows(tx, backend, &into, rows).await,
    }
}

/// Rows as bound values.
async fn insert_rows(
    tx: &DatabaseTransaction,
    backend: DbBackend,
    into: &str,
    rows: Vec<Vec<Value>>,
) -> Result<()> {
    let width = rows.first().map_or(0, Vec::len);
    let row = format!("({})", vec!["?"; width].join(","));
    let mut left = rows.len();
    let mut values = rows.into_iter().flatten();
    for length in SQLITE_ROWS {
        let sql = format!("{into} VALUES {}", vec![row.as_str(); length].join(","));
        while left >= length {
            let bound = values.by_ref().take(length * width);
            let statement = Statement::from_sql_and_values(backend, &sql, bound);
            tx.execute_raw(statement).await?;
            left -= length;
        }
    }
    Ok(())
}

/// Columns as arrays: PostgreSQL parses, plans and binds one value a column and not one a cell.
async fn insert_columns(tx: &DatabaseTransaction, into: &str, rows: &[Vec<Value>]) -> Result<()> {
    let types = rows.iter().take(1).flatten().map(type_of);
    let types = types.collect::<Result<Vec<_>, _>>()?;
    let mut arrays = vec![String::new(); types.len()];
    for row in rows {
        for (array, value) in arrays.iter_mut().zip(row) {
            array.push(if array.is_empty() { '{' } else { ',' });
            push_element(array, value);
        }
    }
    let places: Vec<_> = (1..)
        .zip(&types)
        .map(|(place, kind)| format!("${place}::text::{kind}[]"))
        .collect();
    let sql = format!("{into} SELECT * FROM unnest({})", places.join(", "));
    let arrays = arrays.into_iter().map(|array| Value::from(array + "}"));
    tx.execute_raw(Statement::from_sql_and_values(
        DbBackend::Postgres,
        sql,
        arrays,
    ))
    .await?;
    Ok(())
}

/// The type of a column, by any of its values; the tables have no other types.
fn type_of(value: &Value) -> Result<&'static str, DbErr> {
    Ok(match value {
        Value::BigInt(_) => "bigint",
        Value::Bool(_) => "boolean",
        Value::String(_) => "text",
        Value::Double(_) => "double precision",
        Value::ChronoDate(_) => "date",
        Value::ChronoDateTimeUtc(_) => "timestamptz",
        Value::Bytes(_) => "bytea",
        other => return Err(DbErr::Type(format!("no array is made of {other:?}"))),
    })
}

/// An element of an array, as PostgreSQL writes them.
fn push_element(array: &mut String, value: &Value) {
    let written = match value {
        Value::BigInt(Some(number)) => write!(array, "{number}"),
        Value::Bool(Some(truth)) => write!(array, "{truth}"),
        Value::Double(Some(number)) => write!(array, "{number}"),
        Value::ChronoDate(Some(day)) => write!(array, "{day}"),
        Value::ChronoDateTimeUtc(Some(moment)) => {
            let moment = moment.to_rfc3339_opts(SecondsFormat::Micros, true);
            write!(array, "{moment}")
        }
        Value::Bytes(Some(bytes)) => write!(array, r#""\\x{}""#, crate::hex(bytes)),
        Value::String(Some(text)) => {
            array.push('"');
            for part in text.split_inclusive(['"', '\\']) {
                match part.strip_suffix(['"', '\\']) {
                    Some(before) => {
                        array.push_str(before);
                        array.push('\\');
                        array.push_str(&part[before.len()..]);
                    }
                    None => array.push_str(part),
                }
            }
            array.push('"');
            Ok(())
        }
        _ => write!(array, "NULL"),
    };
    written.expect("writing into a string never fails");
}
