//! Documents that are asked for by their name: which there are, who may send others, and that nobody
//! makes a document trusted by sending it.

mod asking;
mod starting;

use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Reply, Wire};

/// Sixty-four digits.
fn digest(text: &str) -> String {
    let digest = Sha256::digest(text);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn name(text: &str) -> String {
    format!("sha256:{}", digest(text))
}

/// A document that is compiled in.
fn compiled_in(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("documents");
    std::fs::read_to_string(path.join(file)).expect("the repository has it")
}

/// Sends a body as it is.
async fn send(wire: &Wire, token: Option<&str>, body: &Value) -> Reply {
    let request = wire.post().body(body.to_string());
    Reply::to(match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    })
    .await
}

/// Asks for a document by its name.
async fn by_name(wire: &Wire, token: Option<&str>, text: &str, variables: &Value) -> Reply {
    let body = json!({ "documentId": name(text), "variables": variables });
    send(wire, token, &body).await
}

/// Why a request was refused, for clients to act on.
fn reason(reply: &Reply) -> String {
    let reason = &reply.json()["errors"][0]["extensions"]["reason"];
    reason.as_str().unwrap_or_default().to_owned()
}
