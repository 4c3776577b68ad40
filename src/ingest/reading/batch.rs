//! Rows are gathered in batches and handed on to whoever writes them.

use domain::privacy::mask_numbers;

use crate::{
    sources::{BadRow, Unreadable},
    store::{ROWS_PER_BATCH, Reject, RowFeedback, StagedRow},
};

use super::{Current, Reading};

/// Bytes of contents in a batch: rows are usually small, and may be megabytes.
const BATCH_BYTES_MAX: usize = 8 * 1_024 * 1_024;
/// A batch of rows of one form.
#[derive(Debug, Default)]
pub(in crate::ingest) struct Batch {
    pub yields: &'static str,
    pub rows: Vec<StagedRow>,
    pub rejects: Vec<Reject>,
    /// Rows whose subject could not be told, among `rows`.
    pub unresolved: i64,
    pub received: i64,
    /// Lines of rows that are none of ours.
    pub counted: Vec<i64>,
    /// Rows of the source that this batch told of, rejected ones included.
    pub seen: Vec<i64>,
    /// Rejected rows that could not even be told apart: what they list is not known.
    pub keyless: i64,
    /// Bytes of the rows' contents.
    pub bytes: usize,
    /// What owners of exchange tables are to hear of their rows.
    pub feedback: Vec<RowFeedback>,
}

impl Reading<'_> {
    pub(super) fn reject(&mut self, current: &Current, bad: BadRow) {
        self.batch.rejects.push(Reject {
            file: current.name.clone(),
            line: bad.line,
            column: bad.column,
            // A shifted row has numbers of persons where none are looked for.
            reason: mask_numbers(&bad.reason).into_owned(),
        });
    }

    pub(super) fn flush_if_full(&mut self) -> Result<(), Unreadable> {
        let is_full = self.batch.rows.len() >= ROWS_PER_BATCH
            || self.batch.rejects.len() >= ROWS_PER_BATCH
            || self.batch.bytes >= BATCH_BYTES_MAX
            || self.batch.received >= 16 * ROWS_PER_BATCH as i64;
        if is_full { self.flush() } else { Ok(()) }
    }

    pub(super) fn flush(&mut self) -> Result<(), Unreadable> {
        let yields = self.batch.yields;
        let batch = std::mem::replace(
            &mut self.batch,
            Batch {
                yields,
                ..Batch::default()
            },
        );
        if batch.received == 0 {
            return Ok(());
        }
        // Only when the writing half has failed is nobody there to take it.
        self.batches
            .blocking_send(batch)
            .map_err(|_| Unreadable::new("the delivery was given up"))
    }
}
