//! A row becomes a fact, an end, one that is counted, or one that is refused.

use std::collections::BTreeMap;

use domain::{
    date::china_offset,
    id::{Kind, stable_id},
    privacy::mask_numbers,
};
use sha2::{Digest, Sha256};

use crate::{
    ingest::{
        fate::Fate,
        field::Refused,
        identify::{Identified, Identifier, Named, row_id},
    },
    sources::{BadRow, RawRow, Unreadable},
    store::{Fact, HashedFact, StagedRow},
};

use super::{Current, Reading};

/// Rows that must be refused for a column before it counts as retyped.
const RETYPED_ROWS_MIN: i64 = 20;

impl<'a> Reading<'a> {
    pub(super) fn row(&mut self, mut row: RawRow, current: &mut Current) -> Result<(), Unreadable> {
        let form = self.form_by_row(&row, current)?;
        current.rows += 1;
        self.batch.received += 1;
        let reader = &self.readers[form];
        let version = current
            .listener
            .as_ref()
            .and_then(|to| to.version(&row, self.person_key));
        let digested = match self.person_key {
            Some(key) => reader.digest(&mut row, key),
            None => Ok(()),
        };
        // A person who can't be told can't be told apart either.
        let key = digested.is_ok().then(|| reader.key(&row)).flatten();
        let (source, feed) = (self.source.key.get_ref(), &self.new.feed);
        let row_id = key
            .as_ref()
            .map(|key| row_id(source, feed, reader.form, key));
        if let Some(row_id) = row_id.filter(|_| current.total.is_some()) {
            // Changes may well tell of a row twice; the same word twice counts once.
            let word = match self.new.is_full {
                true => row_id,
                false => stable_id(Kind::Row, &said(&row)),
            };
            let page = *self.pages.entry(word).or_insert(self.files);
            match page == self.files {
                true => {}
                false if self.new.is_full => {
                    // For each row that comes again another one does not come, and the total is right.
                    let reason =
                        "came on an earlier page already: the list moved while it was pulled";
                    return Err(Unreadable::at(row.line, reason));
                }
                false => current.repeated += 1,
            }
        }
        let told = digested.and_then(|()| match reader.fates.judge(&row)? {
            Fate::Counted => Ok(Identified::OutOfScope),
            Fate::Ended => Ok(Identified::Ended {
                may_be_ours: self.identifier().may_be_ours(reader, &row),
            }),
            Fate::Read => {
                let identifier = Identifier {
                    row_id,
                    ..self.identifier()
                };
                identifier.identify(reader, &mut row)
            }
        });
        let told = match told {
            Ok(Identified::OutOfScope) => {
                self.batch.counted.push(row.line);
                return self.flush_if_full();
            }
            Ok(Identified::Ended { may_be_ours }) => Ok((None, may_be_ours)),
            Ok(Identified::Fact(fact)) => Ok((Some(*fact), false)),
            Err(refused) => Err(refused),
        };
        match (told, key, row_id) {
            (Ok((fact, keeps_end)), Some(source_key), Some(row_id)) => {
                let heard = current.hears(version, None);
                self.batch.feedback.extend(heard);
                let content = reader.evidence(&row);
                self.batch.bytes += content.len();
                let source_key = mask_numbers(&source_key).into_owned();
                self.batch.unresolved += i64::from(matches!(fact, Some(Fact::Mention(_))));
                // What is listed no longer is told of too.
                self.batch.seen.push(row_id);
                let named = fact.as_ref().and_then(|_| Named::read(reader, &row).ok());
                self.batch.rows.push(StagedRow {
                    row_id,
                    source_key,
                    location: format!("{}:{}", current.name, row.line),
                    digest: crate::hex(&Sha256::digest(&content)),
                    content,
                    fact: fact.map(HashedFact::from),
                    form: reader.form.name.clone(),
                    subject: named.and_then(|named| named.text()),
                    keeps_end,
                });
            }
            (Ok(_), ..) => {
                self.batch.keyless += 1;
                let column = reader.form.key.first().map(|columns| columns.join(" + "));
                let reason = "is empty: nothing identifies the row".to_owned();
                let heard = current.hears(version, Some(&reason));
                self.batch.feedback.extend(heard);
                self.reject(
                    current,
                    BadRow {
                        line: row.line,
                        column,
                        reason,
                    },
                );
            }
            (Err(Refused { column, reason }), _, row_id) => {
                match row_id {
                    Some(row_id) => self.batch.seen.push(row_id),
                    None => self.batch.keyless += 1,
                }
                let heard = current.hears(version, Some(&reason));
                self.batch.feedback.extend(heard);
                *current.refused.entry(column.clone()).or_default() += 1;
                let bad = BadRow {
                    line: row.line,
                    column: Some(column),
                    reason,
                };
                self.reject(current, bad);
            }
        }
        self.flush_if_full()
    }

    pub(super) fn identifier(&self) -> Identifier<'a> {
        Identifier {
            as_of: self
                .new
                .data_as_of
                .with_timezone(&china_offset())
                .date_naive(),
            person_key: self.person_key,
            ..Identifier::of(self.source, self.catalogue, self.graph, self.new.started_at)
        }
    }
}

/// A column that most rows are refused for has another type than it had: that is no matter of single
/// rows, and nothing of the delivery goes in.
pub(super) fn check_types(rows: i64, refused: &BTreeMap<String, i64>) -> Result<(), Unreadable> {
    let retyped = refused
        .iter()
        .find(|(_, refused)| **refused >= RETYPED_ROWS_MIN && **refused * 2 > rows);
    match retyped {
        Some((column, refused)) => Err(Unreadable::new(format!(
            "column {column} is not what it should be in {refused} of {rows} rows: its layout changed"
        ))),
        None => Ok(()),
    }
}

/// What a row says, cell by cell.
pub(in crate::ingest) fn said(row: &RawRow) -> Vec<&str> {
    let cells = row.cells.iter();
    cells.map(|cell| cell.as_deref().unwrap_or("\0")).collect()
}
