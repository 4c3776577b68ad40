//! The API as its clients see it: over HTTP, with and without tokens.

mod access;
mod allegations;
mod approve;
mod assess;
mod cache;
mod changes;
mod clues;
mod decisions;
mod documents;
mod federation;
mod fields;
mod guard;
mod http;
mod matters;
mod officials;
mod persons;
mod province;
mod rates;
mod reading;
mod reconcile;
mod schema;
mod scope;
mod sdl;
mod streams;
mod tokens;

use std::path::Path;

use domain::viewer::Role;
use reqwest::{
    Client, Method, RequestBuilder,
    header::{CONTENT_TYPE, HeaderMap},
};
use serde_json::{Value, json};

use crate::support::Hub;

/// A client of a served hub.
#[derive(Debug, Clone)]
struct Wire {
    base: String,
    http: Client,
    /// What is stated as the purpose.
    purpose: Option<String>,
}

impl Wire {
    /// Serves the hub and connects to it.
    async fn to(hub: &Hub) -> Self {
        Self::at(hub.serve().await)
    }

    fn at(base: String) -> Self {
        let http = Client::builder().no_proxy().build().expect("a client");
        Self {
            base,
            http,
            purpose: None,
        }
    }

    /// The same client, with a purpose.
    fn stating(&self, purpose: Option<&str>) -> Self {
        Self {
            purpose: purpose.map(str::to_owned),
            ..self.clone()
        }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    /// A request to the API whose body is to come.
    fn post(&self) -> RequestBuilder {
        let request = self
            .request(Method::POST, "/graphql")
            .header(CONTENT_TYPE, "application/json");
        match &self.purpose {
            Some(purpose) => request.header("x-purpose", purpose),
            None => request,
        }
    }

    /// Asks; without a token as the public does.
    async fn ask(&self, token: Option<&str>, query: &str) -> Reply {
        self.ask_with(token, query, &json!({})).await
    }

    /// Asks with variables.
    async fn ask_with(&self, token: Option<&str>, query: &str, variables: &Value) -> Reply {
        let body = json!({ "query": query, "variables": variables });
        let mut request = self.post().body(body.to_string());
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        Reply::to(request).await
    }

    /// The `data` of an answer that must have no errors.
    async fn data(&self, token: Option<&str>, query: &str) -> Value {
        let reply = self.ask(token, query).await;
        let mut json = reply.json();
        assert!(json.get("errors").is_none(), "{query}\n{}", reply.text);
        json["data"].take()
    }
}

/// What came back.
#[derive(Debug)]
struct Reply {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Reply {
    async fn to(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("the hub answers");
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().await.expect("the answer comes whole");
        Self {
            status,
            headers,
            text,
        }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text))
    }

    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The codes of its errors.
    fn codes(&self) -> Vec<String> {
        let json = self.json();
        let errors = json["errors"].as_array().cloned().unwrap_or_default();
        errors
            .iter()
            .map(|error| text(&error["extensions"]["code"]).to_owned())
            .collect()
    }

    /// The code of its errors, which is one: several places may fail for the same reason.
    fn code(&self) -> String {
        let mut codes = self.codes();
        codes.dedup();
        assert_eq!(codes.len(), 1, "one code expected: {}", self.text);
        codes.concat()
    }

    /// Whether it refuses the whole request: errors, and nothing that was read.
    fn is_refusal(&self) -> bool {
        let json = self.json();
        json.get("data").is_none() && json["errors"].as_array().is_some_and(|all| !all.is_empty())
    }
}

/// A JSON string's text.
fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A text as a literal of GraphQL.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// The nodes of a connection.
fn nodes(connection: &Value) -> impl Iterator<Item = &Value> {
    connection["edges"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|edge| &edge["node"])
}

/// One field of each node of a connection.
fn each<'a>(connection: &'a Value, field: &str) -> Vec<&'a str> {
    nodes(connection).map(|node| text(&node[field])).collect()
}

/// All roles but that of the public, which has no token.
fn known_roles() -> impl Iterator<Item = Role> {
    let all = Role::ALL.iter().copied();
    all.filter(|role| *role != Role::Public)
}

/// The repository's catalogue, copied into a folder and changed there: `(file, old, new)`, where the
/// old text must be found.
pub(crate) fn catalogue_with(folder: &Path, changes: &[(&str, &str, &str)]) {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalogue");
    copy(&shipped, folder);
    for (file, old, new) in changes {
        let path = folder.join(file);
        let text = std::fs::read_to_string(&path).expect("the catalogue has this file");
        assert!(text.contains(old), "{file} has no {old:?}");
        std::fs::write(&path, text.replace(old, new)).expect("the folder is ours");
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("the folder is ours");
    for entry in std::fs::read_dir(from).expect("the catalogue is there") {
        let from = entry.expect("it can be read").path();
        let to = to.join(from.file_name().expect("a folder's entry has a name"));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(&from, &to).expect("the folder is ours");
        }
    }
}
