//! An operation as a client asks for it, read strictly: from a body, from an address, from a socket.

use serde_json::{Map, Value};

use super::{
    graphql::Code,
    refusal::{No, Stage},
    strict,
};

/// Bytes of an operation's variables.
const VARIABLES_BYTES_MAX: usize = 64 * 1_024;

/// What a client asks for. Members that are not known are ignored, as the specification says.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// The document's text.
    pub(super) query: Option<String>,
    /// By what a document is known here, instead of its text or beside it.
    pub(super) document_id: Option<String>,
    /// Which of its operations.
    pub(super) operation_name: Option<String>,
    pub(super) variables: Option<Map<String, Value>>,
    /// What stands beside it; the older form of a document's id does.
    pub(super) extensions: Option<Map<String, Value>>,
}

impl Asked {
    /// From the body of a request: one JSON object.
    pub(super) fn from_json(bytes: &[u8]) -> Result<Self, No> {
        Self::from_object(strict::object(bytes)?)
    }

    /// From the part of an address behind its `?`. An empty value is as good as none.
    pub(super) fn from_address(query: &str) -> Result<Self, No> {
        let mut object = Map::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = match &*name {
                _ if value.is_empty() => continue,
                "variables" | "extensions" if value == "null" => continue,
                "variables" | "extensions" => Value::Object(strict::object(value.as_bytes())?),
                _ => Value::String(value.into_owned()),
            };
            if object.insert(name.into_owned(), value).is_some() {
                return Err(wrong("a parameter"));
            }
        }
        Self::from_object(object)
    }

    /// From an object's members; `null` is as good as nothing.
    pub(super) fn from_object(mut object: Map<String, Value>) -> Result<Self, No> {
        let asked = Self {
            query: text(&mut object, "query")?,
            document_id: text(&mut object, "documentId")?,
            operation_name: text(&mut object, "operationName")?,
            variables: map(&mut object, "variables")?,
            extensions: map(&mut object, "extensions")?,
        };
        if let Some(variables) = &asked.variables {
            let bytes: usize = variables
                .iter()
                .map(|(key, value)| key.len() + size(value))
                .sum();
            if bytes > VARIABLES_BYTES_MAX {
                let message = format!("the variables have more than {VARIABLES_BYTES_MAX} bytes");
                return Err(No::new(Stage::Document, Code::Limited, message));
            }
        }
        Ok(asked)
    }
}

fn text(object: &mut Map<String, Value>, name: &'static str) -> Result<Option<String>, No> {
    match object.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(wrong(name)),
    }
}

fn map(
    object: &mut Map<String, Value>,
    name: &'static str,
) -> Result<Option<Map<String, Value>>, No> {
    match object.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(map)) => Ok(Some(map)),
        Some(_) => Err(wrong(name)),
    }
}

fn wrong(what: &'static str) -> No {
    let message = format!("{what} is of another type than it must be, or stands twice");
    No::at(Stage::NotWellFormed, message)
}

/// About as many bytes as a value has.
fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 4,
        Value::String(text) => text.len() + 2,
        Value::Array(items) => items.iter().map(|item| size(item) + 1).sum::<usize>() + 2,
        Value::Object(members) => {
            let each = |(key, value): (&String, &Value)| key.len() + size(value) + 4;
            members.iter().map(each).sum::<usize>() + 2
        }
    }
}
