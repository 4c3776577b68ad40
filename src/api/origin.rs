//! Which pages may ask from a browser: those of the hub itself, and of origins that are configured.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use tower_http::cors::CorsLayer;

use crate::config::Origin;

use super::{graphql::Code, refusal::No};

static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses what another place's page asks. Whoever sends neither header is no browser.
pub(super) fn check(headers: &HeaderMap, known: &[Origin]) -> Result<(), No> {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let origin = origins.next();
    let is_known = |origin: &HeaderValue| {
        let mut known = known.iter();
        known.any(|known| known.0.as_bytes().eq_ignore_ascii_case(origin.as_bytes()))
    };
    let is_own = |origin: &HeaderValue| {
        let origin = origin.to_str().unwrap_or_default();
        let host = origin.split_once("://").map(|(_, host)| host);
        let asked = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        host.zip(asked)
            .is_some_and(|(origin, asked)| origin.eq_ignore_ascii_case(asked))
    };
    let site = headers.get(&SEC_FETCH_SITE).map(HeaderValue::as_bytes);
    let is_let_in = match (origin, site) {
        _ if origins.next().is_some() => false,
        (Some(origin), _) if is_known(origin) => true,
        (Some(origin), None) => is_own(origin),
        (Some(origin), Some(site)) => site == b"same-origin" && is_own(origin),
        (None, Some(site)) => site == b"same-origin" || site == b"none",
        (None, None) => true,
    };
    match is_let_in {
        true => Ok(()),
        false => {
            let message = "pages of this origin may not ask here / 不接受该来源页面的请求";
            Err(No::http(StatusCode::FORBIDDEN, Code::Forbidden, message))
        }
    }
}

/// What browsers are told so that pages of these origins may read answers; nothing where there are none.
pub(super) fn cors(origins: &[Origin]) -> Option<CorsLayer> {
    if origins.is_empty() {
        return None;
    }
    let origins: Vec<HeaderValue> = origins
        .iter()
        .filter_map(|origin| origin.0.parse().ok())
        .collect();
    let headers = [
        "accept",
        "authorization",
        "content-type",
        "last-event-id",
        "x-min-version",
        "x-purpose",
        "x-reference",
    ];
    let layer = CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(headers.map(HeaderName::from_static));
    Some(layer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_other_places_are_refused() {
        let known = [Origin("https://console.example".to_owned())];
        for (origin, site, is_let_in) in [
            (None, None, true),
            (None, Some("none"), true),
            (None, Some("same-origin"), true),
            (None, Some("same-site"), false),
            (None, Some("cross-site"), false),
            (Some("http://hub.example:8080"), None, true),
            (Some("https://HUB.example:8080"), Some("same-origin"), true),
            (Some("http://hub.example:8080"), Some("cross-site"), false),
            (Some("http://hub.example"), None, false),
            (Some("https://console.example"), None, true),
            (Some("https://console.example"), Some("cross-site"), true),
            (Some("https://console.example.evil.example"), None, false),
            (Some("https://evil.example"), Some("cross-site"), false),
            (Some("https://evil.example"), Some("none"), false),
            (Some("null"), None, false),
            (Some(""), None, false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("hub.example:8080"));
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            }
            if let Some(site) = site {
                headers.insert(&SEC_FETCH_SITE, HeaderValue::from_static(site));
            }
            let found = check(&headers, &known).is_ok();
            assert_eq!(found, is_let_in, "{origin:?} {site:?}");
        }
        let mut headers = HeaderMap::new();
        for origin in ["https://console.example", "https://evil.example"] {
            headers.append(header::ORIGIN, HeaderValue::from_static(origin));
        }
        assert!(check(&headers, &known).is_err(), "two are none");
    }
}
