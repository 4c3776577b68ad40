//! What a page says of itself.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Value, value::RawValue};
use sha2::{Digest, Sha256};

use crate::{
    catalogue::{Pull, Source},
    sources::{
        Unreadable,
        json_document::Document,
        json_walk::{TREE_BYTES_MAX, small},
    },
};

/// A page, measured.
pub(super) struct Page {
    /// How many rows it has.
    pub(super) count: u64,
    /// The total that is declared.
    pub(super) total: Option<u64>,
    /// The number of pages that is declared.
    pub(super) pages: Option<u64>,
    /// Where the next page begins.
    pub(super) next: Option<String>,
    /// Of its rows alone: an envelope may tell the time.
    pub(super) digest: [u8; 32],
    /// Of each row, to know it again.
    pub(super) rows: Vec<u64>,
}

/// Measures a page in UTF-8; one that says a code of failure is none.
pub(super) fn measure(body: &[u8], source: &Source, pull: &Pull) -> Result<Page, Unreadable> {
    let more = pull.cursor.iter().chain(&pull.pages).map(String::as_str);
    let page = Document::read(body, &source.envelope, more)?;
    page.check_code()?;
    let rows_max = source.bounds.rows_max.unsigned_abs();
    let (mut count, mut digest, mut rows) = (0, Sha256::new(), Vec::new());
    page.rows()?.each(|row| {
        count += 1;
        if count > rows_max {
            return Err(Unreadable::new(format!("has more than {rows_max} rows")));
        }
        let alike = written_alike(row);
        let text = alike.as_deref().unwrap_or(row.get());
        digest.update(text);
        digest.update(b"\n");
        let mut hash = DefaultHasher::new();
        text.hash(&mut hash);
        rows.push(hash.finish());
        Ok(())
    })?;
    let next = pull.cursor.as_deref().and_then(|next| page.at(next));
    let pages = pull.pages.as_deref().and_then(|pages| page.at(pages));
    Ok(Page {
        count,
        total: page.totals().find_map(number),
        pages: pages.and_then(number),
        next: match next {
            Some(next) => cursor(next)?,
            None => None,
        },
        digest: digest.finalize().into(),
        rows,
    })
}

/// A row with its keys in order and without blanks, which some services write as it comes.
fn written_alike(row: &RawValue) -> Option<String> {
    let text = row.get();
    let is_object = text.starts_with('{') && text.len() <= TREE_BYTES_MAX;
    let row: Value = is_object.then(|| serde_json::from_str(text).ok())??;
    Some(row.to_string())
}

/// Where the next page begins, if it is said.
fn cursor(value: &RawValue) -> Result<Option<String>, Unreadable> {
    match small(value) {
        Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text).filter(|text| !text.is_empty())),
        Some(other) => Ok(Some(other.to_string())),
        None => {
            let bytes = value.get().len();
            Err(Unreadable::new(format!("has a cursor of {bytes} bytes")))
        }
    }
}

fn number(value: &RawValue) -> Option<u64> {
    let value = small(value)?;
    value
        .as_u64()
        .or_else(|| value.as_str()?.trim().parse().ok())
}
