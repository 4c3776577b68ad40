//! `POST /graphql`: from bytes to a guarded, scoped execution and back.

use std::{sync::Arc, time::Duration};

use async_graphql::{Request, Variables, parser::parse_query};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, Method, Response, StatusCode, header},
};
use serde::Deserialize;

use super::{
    Door,
    accept::{self, Media},
    graphql::{Ask, Code},
    guard::{self, Refused},
    order,
    request::{
        No, answered, check_content_type, purpose, read_body, trace_id, viewer, wanted_version,
    },
    respond::{Seen, answer, document_status, refusal},
};

/// How long an execution may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// A GraphQL-over-HTTP request; members that are not known are ignored, as the specification says.
#[derive(Deserialize)]
struct Document {
    query: Option<String>,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    variables: Option<serde_json::Map<String, serde_json::Value>>,
    /// Must be an object where it is given; nothing of ours stands in it.
    #[serde(rename = "extensions")]
    _extensions: Option<serde_json::Map<String, serde_json::Value>>,
}

pub(super) async fn graphql(
    State(door): State<Arc<Door>>,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    let trace = trace_id();
    let seen = Seen {
        version: door.app.live.now().seq(),
        trace: &trace,
    };
    let accepted: Vec<&str> = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    let accepted = (!accepted.is_empty()).then(|| accepted.join(","));
    let media = match accept::choose(accepted.as_deref()) {
        Some(media) => media,
        None => {
            let message = "expected Accept: application/json or application/graphql-response+json";
            return refusal(
                StatusCode::NOT_ACCEPTABLE,
                Media::Json,
                Code::Invalid,
                message,
                seen,
            );
        }
    };
    let served = serve(&door, &method, &headers, body, media, &trace);
    answered(served, media, "POST", seen).await
}

async fn serve(
    door: &Arc<Door>,
    method: &Method,
    headers: &HeaderMap,
    body: Body,
    media: Media,
    trace: &str,
) -> Result<Response<Body>, No> {
    if method != Method::POST {
        return Err(No(
            StatusCode::METHOD_NOT_ALLOWED,
            Code::Invalid,
            "expected POST".to_owned(),
        ));
    }
    check_content_type(headers, "application/json")?;
    let viewer = viewer(door, headers, trace)?;
    let document = read_document(&read_body(body).await?)?;
    let query = document.query.ok_or_else(|| {
        No(
            StatusCode::BAD_REQUEST,
            Code::Invalid,
            "the request has no query".to_owned(),
        )
    })?;

    let refused = |refused: Refused| {
        let code = match refused {
            Refused::Field { .. } => Code::Forbidden,
            Refused::TooMany { .. } => Code::Limited,
            Refused::Syntax | Refused::Fragment | Refused::Directive | Refused::Variable => {
                Code::Invalid
            }
        };
        No(document_status(media), code, refused.to_string())
    };
    guard::scan(&query).map_err(refused)?;
    let parsed = parse_query(&query).map_err(|error| {
        // The library's text repeats the query; the place is enough.
        let place = error
            .positions()
            .next()
            .map_or_else(String::new, |at| format!(" at {}:{}", at.line, at.column));
        No(
            document_status(media),
            Code::Invalid,
            format!("{}{place}", Refused::Syntax),
        )
    })?;
    let variables = Variables::from_json(serde_json::Value::Object(
        document.variables.unwrap_or_default(),
    ));
    let access = &door.app.catalogue.access;
    guard::check(&parsed, &variables, &door.facts, access, &viewer).map_err(refused)?;

    let operation = document.operation_name.as_deref();
    guard::check_variables(&parsed, operation, &variables).map_err(refused)?;

    let graph = wanted_version(door, headers).await?;
    let view = door.app.view_for(&graph, viewer, purpose(headers));
    let mut request = Request::new(query).variables(variables);
    request.operation_name.clone_from(&document.operation_name);
    request.set_parsed_query(parsed.clone());
    let request = request.data(Ask::new(Arc::clone(&door.app), view));
    match tokio::time::timeout(DEADLINE, door.execute(request)).await {
        Ok(mut executed) => {
            order::as_asked(&parsed, &door.facts, operation, &mut executed);
            Ok(answer(
                media,
                executed,
                Seen {
                    version: graph.seq(),
                    trace,
                },
            ))
        }
        Err(_) => Err(No(
            StatusCode::GATEWAY_TIMEOUT,
            Code::Unavailable,
            format!("the query took more than {} s", DEADLINE.as_secs()),
        )),
    }
}

fn read_document(bytes: &[u8]) -> Result<Document, No> {
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(No::invalid(
            "the body is no JSON object; batches are not served",
        ));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        No::invalid(format!(
            "the body is no GraphQL request (line {}, column {})",
            error.line(),
            error.column()
        ))
    })
}
