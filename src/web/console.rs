//! `GET /console`: a page on which the API is tried, and its scripts and styles.

use std::{collections::BTreeMap, sync::LazyLock};

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use include_dir::{Dir, include_dir};

use super::Asset;

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/web/console");
const PAGE: &str = "index.html";

/// The page runs its own scripts, asks its own hub and is framed by nobody; scripts can't make markup
/// of text.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'; trusted-types 'none'",
);

/// By their names.
static ASSETS: LazyLock<BTreeMap<&'static str, Asset>> = LazyLock::new(|| {
    let files = FILES.files().filter_map(|file| {
        let name = file.path().to_str()?;
        let kind = kind(name)?;
        Some((name, Asset::new(kind, file.contents_utf8()?.into())))
    });
    files.collect()
});

/// The addresses of the console.
pub(crate) fn routes() -> Router {
    Router::new()
        .route(
            "/console",
            get(async |headers: HeaderMap| serve(PAGE, &headers)),
        )
        .route(
            "/console/{file}",
            get(async |Path(file): Path<String>, headers: HeaderMap| serve(&file, &headers)),
        )
}

fn serve(file: &str, headers: &HeaderMap) -> Response {
    let Some(asset) = ASSETS.get(file) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = asset.answer(headers);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    let nobody = HeaderValue::from_static("no-referrer");
    headers.insert(header::REFERRER_POLICY, nobody);
    headers.insert(
        "cross-origin-opener-policy",
        HeaderValue::from_static("same-origin"),
    );
    response
}

fn kind(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "html" => Some("text/html; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "css" => Some("text/css; charset=utf-8"),
        "json" => Some("application/json"),
        "svg" => Some("image/svg+xml"),
        _ => None,
    }
}
