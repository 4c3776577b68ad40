//! An exchange table: rows are looked for by their numbers and inserted in one transaction, so that
//! none gets there twice.

use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

use crate::{
    catalogue::{Feedback, Layout, Table},
    config::Place,
};

use super::{
    Error,
    message::Message,
    sql::{Connection, Failure},
    trial::Trial,
};

/// How long writing one batch may take: with the commit less than a claim holds.
const WRITE_TIMEOUT: Duration = Duration::from_secs(300);
/// Numbers in one query.
const NUMBERS_MAX: usize = 500;

/// A platform's exchange table.
pub(super) struct Exchange {
    place: Place,
    layout: Table,
    number: String,
    columns: Vec<String>,
}

impl Exchange {
    pub(super) fn new(key: &str, layout: &Layout, place: &Place) -> Result<Self, Error> {
        let needed = || Error::Channel {
            target: key.to_owned(),
            channel: "table",
        };
        let table = layout.table.as_ref().ok_or_else(needed)?;
        if place.url.is_none() {
            return Err(Error::Place {
                target: key.to_owned(),
                expected: "place.url",
            });
        }
        Ok(Self {
            place: place.clone(),
            layout: table.get_ref().clone(),
            number: layout.number_column().ok_or_else(needed)?.to_owned(),
            columns: layout.columns().map(|column| column.name.clone()).collect(),
        })
    }

    pub(super) fn batch_rows(&self) -> usize {
        self.layout.batch_rows
    }

    pub(super) fn feedback(&self) -> Option<&Feedback> {
        self.layout.feedback.as_ref()
    }

    /// Inserts those rows that are not there yet.
    pub(super) async fn deliver(&self, messages: &[Message]) -> Vec<Trial> {
        let mut refused: BTreeMap<i64, String> = BTreeMap::new();
        loop {
            let rest = messages
                .iter()
                .filter(|message| !refused.contains_key(&message.id));
            let rest: Vec<&Message> = rest.collect();
            let others = match self.insert(&rest).await {
                Inserted::All => Trial::Sent,
                // The others go in without it.
                Inserted::Not {
                    row: Some(id),
                    reason,
                } => {
                    refused.insert(id, reason);
                    continue;
                }
                Inserted::Not { row: None, reason } => Trial::Down(reason),
                Inserted::Perhaps(reason) => Trial::Open(reason),
            };
            let trial = |message: &Message| match refused.get(&message.id) {
                Some(reason) => Trial::Refused(reason.clone()),
                None => others.clone(),
            };
            return messages.iter().map(trial).collect();
        }
    }

    async fn insert(&self, messages: &[&Message]) -> Inserted {
        if messages.is_empty() {
            return Inserted::All;
        }
        let writing = tokio::time::timeout(WRITE_TIMEOUT, self.write(messages));
        let mut connection = match writing.await {
            Ok(Ok(connection)) => connection,
            Ok(Err(not)) => return not,
            Err(_) => return Inserted::because("the database was too slow".to_owned()),
        };
        match connection.run("COMMIT").await {
            Ok(()) => Inserted::All,
            // It may have been carried out before the connection broke.
            Err(failure) => Inserted::Perhaps(failure.reason),
        }
    }

    /// Everything up to the commit: what ends before that is rolled back.
    async fn write(&self, messages: &[&Message]) -> Result<Connection, Inserted> {
        let opened = Connection::open(&self.place).await;
        let mut connection = opened.map_err(|failure| Inserted::because(failure.reason))?;
        match self.fill(&mut connection, messages).await {
            Ok(()) => Ok(connection),
            Err(not) => {
                // Who tries again at once must not find the table held by this one.
                connection.close().await;
                Err(not)
            }
        }
    }

    async fn fill(
        &self,
        connection: &mut Connection,
        messages: &[&Message],
    ) -> Result<(), Inserted> {
        let not = |failure: Failure| Inserted::because(failure.reason);
        connection.run("BEGIN").await.map_err(not)?;
        let there = self.there(connection, messages).await.map_err(not)?;
        let sql = self.insert_sql(connection);
        for message in messages
            .iter()
            .filter(|message| !there.contains(&message.number))
        {
            let done = connection.execute(&sql, &message.row).await;
            done.map_err(|failure| Inserted::Not {
                row: failure.is_of_row.then_some(message.id),
                reason: failure.reason,
            })?;
        }
        Ok(())
    }

    fn insert_sql(&self, connection: &Connection) -> String {
        let names: Vec<_> = self
            .columns
            .iter()
            .map(|name| connection.quoted(name))
            .collect();
        let places: Vec<_> = self
            .columns
            .iter()
            .enumerate()
            .map(|(at, name)| connection.placeholder(at + 1, self.layout.types.get(name).copied()))
            .collect();
        format!(
            "INSERT INTO {} ({}) VALUES ({})",
            connection.quoted(&self.layout.name),
            names.join(", "),
            places.join(", ")
        )
    }

    /// The numbers of these messages that the table holds already.
    async fn there(
        &self,
        connection: &mut Connection,
        messages: &[&Message],
    ) -> Result<HashSet<String>, Failure> {
        let numbers: Vec<String> = messages
            .iter()
            .map(|message| message.number.clone())
            .collect();
        let rows = by_number(
            connection,
            &self.layout.name,
            &[&self.number],
            &self.number,
            &numbers,
        )
        .await?;
        Ok(rows
            .into_iter()
            .filter_map(|mut row| row.pop().flatten())
            .collect())
    }

    /// What the feedback table says about these messages: number, state, receipt, reason.
    pub(super) async fn ask(
        &self,
        feedback: &Feedback,
        numbers: &[String],
    ) -> Result<Vec<[Option<String>; 4]>, Failure> {
        let mut connection = Connection::open(&self.place).await?;
        let optional = [feedback.receipt.as_deref(), feedback.reason.as_deref()];
        let columns: Vec<&str> = [feedback.number.as_str(), feedback.state.as_str()]
            .into_iter()
            .chain(optional.into_iter().flatten())
            .collect();
        let rows = by_number(
            &mut connection,
            &feedback.name,
            &columns,
            &feedback.number,
            numbers,
        )
        .await?;
        let told = rows.into_iter().map(|row| {
            let mut cells = row.into_iter();
            let mut next = |is_asked: bool| is_asked.then(|| cells.next().flatten()).flatten();
            [
                next(true),
                next(true),
                next(feedback.receipt.is_some()),
                next(feedback.reason.is_some()),
            ]
        });
        Ok(told.collect())
    }
}

/// What became of one transaction.
enum Inserted {
    All,
    /// Nothing of it is there; because of one row, where that is known.
    Not {
        row: Option<i64>,
        reason: String,
    },
    Perhaps(String),
}

impl Inserted {
    fn because(reason: String) -> Self {
        Inserted::Not { row: None, reason }
    }
}

/// Columns, as text, of the rows with these numbers.
async fn by_number(
    connection: &mut Connection,
    table: &str,
    columns: &[&str],
    number: &str,
    numbers: &[String],
) -> Result<Vec<Vec<Option<String>>>, Failure> {
    let columns: Vec<_> = columns
        .iter()
        .map(|column| connection.as_text(column))
        .collect();
    let mut rows = Vec::new();
    for batch in numbers.chunks(NUMBERS_MAX) {
        let places: Vec<_> = (1..=batch.len())
            .map(|n| connection.placeholder(n, None))
            .collect();
        let sql = format!(
            "SELECT {} FROM {} WHERE {} IN ({})",
            columns.join(", "),
            connection.quoted(table),
            connection.quoted(number),
            places.join(", ")
        );
        rows.extend(connection.rows(&sql, batch).await?);
    }
    Ok(rows)
}
