//! Who hears what became of the rows of an exchange table: its owner, of each version of a row once.

use domain::id::{Kind, stable_id};

use crate::{
    catalogue::Source,
    person_key::PersonKey,
    sources::{Columns, RawRow},
    store::RowFeedback,
};

use super::reading::said;

/// The owner of an exchange table, who wants to hear.
pub(super) struct Listener {
    source: String,
    feed: String,
    table: String,
    /// Where a row's number stands.
    number: usize,
    /// He wants to hear of accepted rows, too.
    hears_accepted: bool,
}

/// A row's number, and what it says under it.
pub(super) struct Version {
    row: String,
    cells: String,
}

impl Listener {
    /// Who hears of the rows of a file.
    pub(super) fn of(source: &Source, file: &str, columns: &Columns, feed: &str) -> Option<Self> {
        let exchange = source.exchange_of(file)?;
        let feedback = exchange.feedback.as_ref()?;
        Some(Self {
            source: source.key.get_ref().clone(),
            feed: feed.to_owned(),
            table: exchange.table.as_str().to_owned(),
            number: columns.slot(exchange.id.as_str())?,
            hears_accepted: feedback.accepted,
        })
    }

    /// The version of a row as it came, before anything in it is masked; by the key where there is
    /// one, since a person's number in the row could be found by trying.
    pub(super) fn version(&self, row: &RawRow, key: Option<&PersonKey>) -> Option<Version> {
        let said = said(row);
        Some(Version {
            row: row.cells[self.number].clone()?,
            cells: match key {
                Some(key) => key.digest(&format!("{said:?}")),
                None => stable_id(Kind::Feedback, &said).to_string(),
            },
        })
    }

    /// What he hears of it, if anything. The same of the same version has the same number.
    pub(super) fn hears(&self, version: Version, refused: Option<&str>) -> Option<RowFeedback> {
        if refused.is_none() && !self.hears_accepted {
            return None;
        }
        let Version { row, cells } = version;
        let reason = refused.unwrap_or_default();
        let ok = refused.is_none();
        let became = if ok { "accepted" } else { "refused" };
        let parts = [
            &*self.source,
            &self.feed,
            &self.table,
            &row,
            &cells,
            became,
            reason,
        ];
        Some(RowFeedback {
            id: stable_id(Kind::Feedback, &parts),
            exchange_table: self.table.clone(),
            row,
            ok,
            reason: reason.to_owned(),
        })
    }
}
