//! An operation as a client asks for it, read strictly from JSON.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::refusal::{No, Stage};

/// What a client asks for. Members that are not known are ignored, as the specification says.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    /// The document's text.
    pub(super) query: Option<String>,
    /// Which of its operations.
    #[serde(rename = "operationName")]
    pub(super) operation_name: Option<String>,
    pub(super) variables: Option<Map<String, Value>>,
    /// The document's id instead of its text, or beside it.
    #[serde(rename = "documentId")]
    pub(super) document_id: Option<String>,
    /// The older form of the id stands in here.
    pub(super) extensions: Option<Map<String, Value>>,
}

impl Asked {
    /// From the body of a request: one JSON object.
    pub(super) fn from_json(bytes: &[u8]) -> Result<Self, No> {
        if bytes.trim_ascii_start().first() != Some(&b'{') {
            return Err(No::at(
                Stage::NotWellFormed,
                "the body is no JSON object; batches are not served",
            ));
        }
        serde_json::from_slice(bytes).map_err(|error| {
            // What is JSON but no request is another mistake than what is no JSON.
            let stage = match error.classify() {
                serde_json::error::Category::Data => Stage::NotWellFormed,
                _ => Stage::NotJson,
            };
            let place = format!("line {}, column {}", error.line(), error.column());
            No::at(stage, format!("the body is no GraphQL request ({place})"))
        })
    }
}
