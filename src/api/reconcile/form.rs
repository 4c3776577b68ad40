//! What a request says: the fields of its query string, or of a posted form.

use axum::{
    body::Body,
    http::{Method, request::Parts},
};
use serde::de::DeserializeOwned;

use super::super::{
    refusal::No,
    request::{check_content_type, read_body},
};

/// The fields, decoded.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) async fn of(head: &Parts, body: Body) -> Result<Self, No> {
        let fields = |bytes: &[u8]| Self(form_urlencoded::parse(bytes).into_owned().collect());
        if head.method != Method::POST {
            return Ok(fields(head.uri.query().unwrap_or_default().as_bytes()));
        }
        check_content_type(&head.headers, "application/x-www-form-urlencoded")?;
        Ok(fields(&read_body(body).await?))
    }

    /// The field with this name; twice the same one is refused, as nothing says which is meant.
    pub(super) fn get(&self, name: &str) -> Result<Option<&str>, No> {
        let mut values = self.0.iter().filter(|(field, _)| field == name);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(No::invalid(format!("{name} is given twice"))),
            (value, None) => Ok(value.map(|(_, value)| value.as_str())),
        }
    }

    /// A field that is a number, where it is given.
    pub(super) fn number(&self, name: &str) -> Result<Option<usize>, No> {
        let number = |text: &str| {
            text.parse()
                .map_err(|_| No::invalid(format!("{name} is no number from 0 up")))
        };
        self.get(name)?.map(number).transpose()
    }
}

/// A field's JSON; what is wrong is told by its place, as the text itself may be anybody's.
pub(super) fn from_json<T: DeserializeOwned>(text: &str, what: &str) -> Result<T, No> {
    serde_json::from_str(text).map_err(|error| {
        No::invalid(format!(
            "{what} of version 0.2 expected, found something else at line {}, column {}",
            error.line(),
            error.column()
        ))
    })
}
