//! What a page says of itself.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    catalogue::{Envelope, Pull},
    egress::repeatable_message,
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
}

/// Measures a page; one that says a code of failure is none.
pub(super) fn measure(body: &[u8], envelope: &Envelope, pull: &Pull) -> Result<Page, String> {
    let page: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let code = envelope.code.as_deref().and_then(|code| page.pointer(code));
    if let Some(code) = code.map(text)
        && !envelope.success.contains(&code)
    {
        let message = ["/msg", "/message"]
            .iter()
            .find_map(|pointer| page.pointer(pointer)?.as_str());
        return Err(format!(
            "it says code {} ({})",
            repeatable_message(&code),
            repeatable_message(message.unwrap_or("no message"))
        ));
    }
    let rows = envelope
        .rows
        .iter()
        .find_map(|pointer| page.pointer(pointer).filter(|rows| rows.is_array()));
    let Some(rows) = rows else {
        let places = envelope.rows.join(", ");
        return Err(format!("no list of rows at any of {places}"));
    };
    let next = pull.cursor.as_deref().and_then(|next| page.pointer(next));
    let pages = pull.pages.as_deref().and_then(|pages| page.pointer(pages));
    Ok(Page {
        count: rows.as_array().map_or(0, Vec::len) as u64,
        total: envelope
            .total
            .iter()
            .find_map(|pointer| number(page.pointer(pointer)?)),
        pages: pages.and_then(number),
        next: next
            .filter(|next| !next.is_null())
            .map(text)
            .filter(|next| !next.is_empty()),
        digest: Sha256::digest(rows.to_string()).into(),
    })
}

fn number(value: &Value) -> Option<u64> {
    value
        .as_u64()
        .or_else(|| value.as_str()?.trim().parse().ok())
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
