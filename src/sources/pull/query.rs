//! How a page is asked for: method, address and body.

use reqwest::{Method, Url};
use serde_json::{Map, Value, json};

use crate::catalogue::{Asking, Paging, Pull};

/// Where a page begins.
pub(super) struct Position {
    /// Pages before it.
    pub(super) pages: u64,
    /// Rows before it.
    pub(super) rows: u64,
    /// What the page before said; none for the first.
    pub(super) cursor: Option<String>,
}

/// The address of a list, below the source's.
pub(super) fn address(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    if let (false, Ok(mut segments)) = (path.is_empty(), url.path_segments_mut()) {
        segments.pop_if_empty().extend(path.split('/'));
    }
    url
}

/// What is sent for a page.
pub(super) fn query(
    address: &Url,
    pull: &Pull,
    position: &Position,
    since: Option<&str>,
) -> (Method, Url, Option<Value>) {
    let mut parameters: Map<String, Value> = pull.parameters.clone().into_iter().collect();
    let begins = match pull.style {
        Paging::Pages => Some(json!(pull.first_page + position.pages)),
        Paging::Offset => Some(json!(pull.first_page + position.rows)),
        Paging::Cursor => position.cursor.as_ref().map(|cursor| json!(cursor)),
    };
    if let Some(begins) = begins {
        parameters.insert(pull.page.clone(), begins);
    }
    if let Some(size) = &pull.size {
        parameters.insert(size.clone(), json!(pull.page_rows));
    }
    if let (Some(asked), Some(since)) = (&pull.since, since) {
        parameters.insert(asked.parameter.clone(), json!(since));
    }
    let mut url = address.clone();
    match pull.method {
        Asking::Post => (Method::POST, url, Some(Value::Object(parameters))),
        Asking::Get => {
            for (name, value) in &parameters {
                let value = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                url.query_pairs_mut().append_pair(name, &value);
            }
            (Method::GET, url, None)
        }
    }
}
