//! A JSON document around a list of rows, as its source's envelope describes it.

use serde_json::{Value, value::RawValue};

use crate::{catalogue::Envelope, egress::repeatable_message};

use super::{
    Unreadable,
    json_walk::{DEPTH_MAX, Found, List, find, small, too_deep},
};

/// Where services say what went wrong.
const MESSAGES: [&str; 2] = ["/msg", "/message"];

/// A document whose JSON is whole.
pub(super) struct Document<'a> {
    envelope: &'a Envelope,
    found: Found<'a>,
}

impl<'a> Document<'a> {
    /// Finds what the envelope tells of, and what stands at these other pointers.
    pub(super) fn read(
        text: &'a [u8],
        envelope: &'a Envelope,
        more: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, Unreadable> {
        if let Some(at) = too_deep(text) {
            let line = 1 + text[..at].iter().filter(|byte| **byte == b'\n').count() as i64;
            let reason = format!("is nested deeper than {DEPTH_MAX} lists and objects");
            return Err(Unreadable::at(line, reason));
        }
        let pointers = envelope.rows.iter().chain(&envelope.total);
        let pointers = pointers.chain(&envelope.code).map(String::as_str);
        let pointers = pointers.chain(MESSAGES).chain(more);
        let found = serde_json::from_slice::<&RawValue>(text).and_then(|root| find(root, pointers));
        let found = found.map_err(|error| {
            let cut = if error.is_eof() {
                ": it is cut off"
            } else {
                ""
            };
            Unreadable::at(
                error.line() as i64,
                format!("is no JSON document ({error}){cut}"),
            )
        })?;
        Ok(Self { envelope, found })
    }

    /// What stands at a pointer that was asked for.
    pub(super) fn at(&self, pointer: &str) -> Option<&'a RawValue> {
        self.found.get(pointer).copied()
    }

    /// What stands at the total's places, in their order.
    pub(super) fn totals(&self) -> impl Iterator<Item = &'a RawValue> {
        self.envelope
            .total
            .iter()
            .filter_map(|pointer| self.at(pointer))
    }

    /// The rows. A page inside a list is looked for first: an empty pointer means the document.
    pub(super) fn rows(&self) -> Result<List<'a>, Unreadable> {
        let mut places = self.envelope.rows.iter();
        places
            .find_map(|pointer| List::of(self.at(pointer)?))
            .ok_or_else(|| {
                let places = self.envelope.rows.join(", ");
                Unreadable::new(format!("has no list of rows at any of {places}"))
            })
    }

    /// HTTP 200 with an error inside is normal out there.
    pub(super) fn check_code(&self) -> Result<(), Unreadable> {
        let Some(code) = self.envelope.code.as_deref().and_then(|at| self.at(at)) else {
            return Ok(());
        };
        let code = match small(code) {
            Some(Value::String(code)) => code,
            Some(_) => code.get().to_owned(),
            None => format!("of {} bytes", code.get().len()),
        };
        if self.envelope.success.contains(&code) {
            return Ok(());
        }
        let message = MESSAGES.iter().find_map(|pointer| {
            let message = small(self.at(pointer)?)?;
            message.as_str().map(repeatable_message)
        });
        Err(Unreadable::new(format!(
            "says code {} ({})",
            repeatable_message(&code),
            message.as_deref().unwrap_or("no message")
        )))
    }
}
