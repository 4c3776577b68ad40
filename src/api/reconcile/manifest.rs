//! What the service says of itself.

use axum::http::{header, request::Parts, uri::Authority};
use serde_json::{Value as Json, json};

use super::{
    super::refusal::No, PREVIEW, PROPERTIES, SUGGEST_ENTITY, SUGGEST_PROPERTY, SUGGEST_TYPE, kind,
    query::BATCH_MAX,
};

/// Bodies are identified by their unified social credit code, the same at every hub.
const IDENTIFIER_SPACE: &str = "https://www.wikidata.org/wiki/Property:P6795";
const SCHEMA_SPACE: &str = "https://schema.org/GovernmentOrganization";
/// Pixels of a preview.
const PREVIEW_SIZE: (u16, u16) = (480, 360);

pub(super) fn manifest(head: &Parts) -> Result<Json, No> {
    let base = base(head)?;
    let service = |path: &str| json!({ "service_url": base, "service_path": path });
    let preview = format!("{base}{PREVIEW}?id={{{{id}}}}");
    Ok(json!({
        "versions": ["0.2"],
        "name": "政信 Zhengxin",
        "serviceVersion": env!("CARGO_PKG_VERSION"),
        "identifierSpace": IDENTIFIER_SPACE,
        "schemaSpace": SCHEMA_SPACE,
        "defaultTypes": kind::all(),
        "view": { "url": preview },
        "preview": { "url": preview, "width": PREVIEW_SIZE.0, "height": PREVIEW_SIZE.1 },
        "suggest": {
            "entity": service(SUGGEST_ENTITY),
            "type": service(SUGGEST_TYPE),
            "property": service(SUGGEST_PROPERTY),
        },
        "extend": { "propose_properties": service(PROPERTIES), "property_settings": [] },
        "batchSize": BATCH_MAX,
        // Version 0.2 has no member for it; clients pass over what they don't know.
        "scoreRange": { "min": 0, "max": 1 },
        // The schema of version 0.2 knows the schemes of Swagger 2, which has no bearer tokens.
        "authentication": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "Bearer, a space, and a token of type at+jwt",
        },
    }))
}

/// The address under which the client has reached us, so that a proxy in between stays in between.
fn base(head: &Parts) -> Result<String, No> {
    let header = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
    let authority: Authority = header("x-forwarded-host")
        .or(header(header::HOST.as_str()))
        .and_then(|host| host.parse().ok())
        .or_else(|| head.uri.authority().cloned())
        .ok_or_else(|| No::invalid("the request has no Host"))?;
    let scheme = match header("x-forwarded-proto") {
        Some("https") => "https",
        _ => "http",
    };
    let port = authority.port_u16().map(|port| format!(":{port}"));
    let port = port.unwrap_or_default();
    // Without what else an authority may hold, such as a user's name.
    Ok(format!("{scheme}://{}{port}", authority.host()))
}
