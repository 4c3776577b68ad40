//! The outside: how deliveries come in (files, HTTP pages, exchange tables, mailboxes), where their
//! bytes are kept, and how bytes become rows.

mod csv_rows;
pub mod exchange;
mod folder;
pub mod imap;
mod json_document;
mod json_rows;
mod json_walk;
mod land_error;
mod landing;
mod mail_message;
mod mail_rows;
mod mojibake;
mod pull;
mod raw;
mod raw_files;
mod raw_keys;
mod raw_standing;
mod raw_watch;
mod seal;
mod sheet;
mod sidecar;
mod text;
mod whole_text;
mod xlsx_cell;
mod xlsx_guard;
mod xlsx_rows;
mod xml_rows;
mod xml_tokens;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

pub use csv_rows::read_csv;
pub use folder::{AFTERWARDS, DropFolder, Dropped, Look, REST};
pub use json_rows::{JSON_DOCUMENT_BYTES_MAX, read_json};
pub use land_error::LandError;
pub use landing::{Journal, Landing};
pub use mail_rows::{Attach, read_mail};
pub use mojibake::MojibakeWatch;
pub use pull::{PullError, pull, service};
pub use raw::{Landed, RawStore};
pub use raw_keys::{NoKey, RawKeys, RawObject};
pub use raw_standing::StandingObject;
pub use raw_watch::RawWatch;
pub use seal::{DATA_KEY_BYTES, DataKey};
pub use sheet::{SHEET_BYTES_MAX, SHEET_ROWS_MAX, Sheet, SheetRow, read_sheet};
pub use sidecar::Sidecar;
pub use text::Charset;
pub use xlsx_rows::read_xlsx;
pub use xml_rows::read_xml;

use crate::catalogue::Source;

/// How far each list of a feed was read, by the list's name, in the words of its transport. It is
/// stored in the transaction that closes the delivery, so it never runs ahead of the rows.
pub type Checkpoints = BTreeMap<String, String>;

/// What a transport brought: kept, and not yet read.
#[derive(Debug, Default)]
pub struct Fetched {
    pub files: Vec<Landed>,
    /// How far the lists are read once these files are in.
    pub checkpoints: Checkpoints,
    /// What was left out or looks wrong, for the run's report.
    pub warnings: Vec<String>,
}

/// A row as its file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRow {
    /// From 1; of a JSON document the row's place in its list.
    pub line: i64,
    /// By the slots of [`Columns`]; none where the row has no such column or key.
    pub cells: Vec<Option<String>>,
}

/// Why a file can't be read at all; nothing of its delivery is stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Unreadable {
    pub line: Option<i64>,
    pub reason: String,
}

impl Unreadable {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self {
            line: None,
            reason: reason.into(),
        }
    }

    pub(crate) fn at(line: i64, reason: impl Into<String>) -> Self {
        Self {
            line: Some(line),
            reason: reason.into(),
        }
    }
}

/// A row that could not be taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    pub line: i64,
    pub column: Option<String>,
    pub reason: String,
}

/// What a reader hands on, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// The columns that the file itself has, once, before its rows; a JSON file says none.
    Headings(Vec<String>),
    Row(RawRow),
    Bad(BadRow),
    /// The total that the file declares for its delivery.
    Total(i64),
    /// A column or key that the source's description does not know.
    UnknownColumn(String),
}

/// Takes what a reader hands on; an error stops the reading.
pub trait Sink {
    fn take(&mut self, item: Item) -> Result<(), Unreadable>;
}

impl<F: FnMut(Item) -> Result<(), Unreadable>> Sink for F {
    fn take(&mut self, item: Item) -> Result<(), Unreadable> {
        self(item)
    }
}

/// The columns that a source's forms know, each with a slot.
#[derive(Debug, Clone)]
pub struct Columns {
    slots: Arc<HashMap<String, usize>>,
    names: Arc<[String]>,
    /// Slots of columns that fields are read from.
    read: Arc<HashSet<usize>>,
    /// Slots of columns that are not kept.
    dropped: Arc<HashSet<usize>>,
}

impl Columns {
    /// The columns of all forms of a source.
    pub fn of(source: &Source) -> Self {
        let mut slots = HashMap::new();
        let mut names = Vec::new();
        let own = source
            .exchange
            .iter()
            .flat_map(|exchange| [exchange.id.as_str(), exchange.time.as_str()]);
        let told = source.form.iter().flat_map(|form| form.columns());
        for column in told.chain(own) {
            if !slots.contains_key(column) {
                slots.insert(column.to_owned(), names.len());
                names.push(column.to_owned());
            }
        }
        // Services give the same keys in small letters, databases in capitals.
        for (slot, name) in names.iter().enumerate() {
            for other in [name.to_ascii_lowercase(), name.to_ascii_uppercase()] {
                slots.entry(other).or_insert(slot);
            }
        }
        let fields = source.form.iter().flat_map(|form| form.fields.values());
        let read = fields
            .flat_map(|field| &field.from)
            .map(|column| slots[column.as_str()])
            .collect();
        let dropped = source.form.iter().flat_map(|form| &form.drop);
        let dropped = dropped.map(|column| slots[column.as_str()]).collect();
        Self {
            dropped: Arc::new(dropped),
            slots: Arc::new(slots),
            names: names.into(),
            read: Arc::new(read),
        }
    }

    /// Whether a field is read from the column in a slot: then it holds one value.
    pub fn is_read(&self, slot: usize) -> bool {
        self.read.contains(&slot)
    }

    /// Whether the column in a slot is not kept.
    pub fn is_dropped(&self, slot: usize) -> bool {
        self.dropped.contains(&slot)
    }

    /// The slot of a column, in whatever letters its name is written.
    pub fn slot(&self, column: &str) -> Option<usize> {
        self.slots.get(column).copied()
    }

    /// How the description writes the column's name.
    pub fn name(&self, slot: usize) -> &str {
        &self.names[slot]
    }

    /// All of them, as the description writes them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}
