//! What pages of other places may not do, and what those of configured ones may.

use reqwest::{Method, RequestBuilder};
use zhengxin::config::{Config, Origin};

use super::{body, empty, empty_with};
use crate::api::{Reply, Wire};

const CONSOLE: &str = "https://console.example";

fn with_console(config: &mut Config) {
    config.server.origins = vec![Origin(CONSOLE.to_owned())];
}

fn asked_from(wire: &Wire, headers: &[(&'static str, &str)]) -> RequestBuilder {
    let request = wire.post().body(body("{ __typename }"));
    headers.iter().fold(request, |request, (name, value)| {
        request.header(*name, *value)
    })
}

#[tokio::test]
async fn pages_of_other_places_are_refused() {
    let (_db, _hub, wire) = empty_with(with_console).await;
    let own = wire.base.clone();
    for (headers, status) in [
        (vec![], 200),
        (vec![("origin", own.as_str())], 200),
        (
            vec![("origin", own.as_str()), ("sec-fetch-site", "same-origin")],
            200,
        ),
        (vec![("sec-fetch-site", "none")], 200),
        (
            vec![("origin", CONSOLE), ("sec-fetch-site", "cross-site")],
            200,
        ),
        (vec![("origin", "https://elsewhere.example")], 403),
        (
            vec![
                ("origin", "https://elsewhere.example"),
                ("sec-fetch-site", "same-origin"),
            ],
            403,
        ),
        (vec![("origin", "null")], 403),
        (vec![("sec-fetch-site", "cross-site")], 403),
        (vec![("sec-fetch-site", "same-site")], 403),
        // Whom a proxy says that it was asked for is no matter.
        (
            vec![
                ("origin", "https://elsewhere.example"),
                ("x-forwarded-host", "elsewhere.example"),
            ],
            403,
        ),
    ] {
        let reply = Reply::to(asked_from(&wire, &headers)).await;
        assert_eq!(reply.status, status, "{headers:?}: {}", reply.text);
        if status == 403 {
            assert_eq!(reply.code(), "FORBIDDEN");
            assert!(reply.is_refusal());
        }
    }
    // What a page can send without asking first is refused for its type besides.
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        let request = wire
            .request(Method::POST, "/graphql")
            .header("content-type", kind)
            .body(body("{ __typename }"));
        assert_eq!(Reply::to(request).await.status, 415, "{kind}");
    }
}

#[tokio::test]
async fn browsers_let_only_configured_places_read() {
    let (_db, _hub, wire) = empty_with(with_console).await;
    let allowed = |reply: &Reply| reply.header("access-control-allow-origin").to_owned();
    let reply = Reply::to(asked_from(&wire, &[("origin", CONSOLE)])).await;
    assert_eq!(allowed(&reply), CONSOLE);
    assert!(reply.header("access-control-allow-credentials").is_empty());
    let preflight = async |wire: &Wire, origin: &str| {
        let request = wire
            .request(Method::OPTIONS, "/graphql")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "authorization,content-type,x-purpose",
            );
        Reply::to(request).await
    };
    let reply = preflight(&wire, CONSOLE).await;
    assert_eq!((reply.status, allowed(&reply).as_str()), (200, CONSOLE));
    let headers = reply.header("access-control-allow-headers");
    for name in [
        "authorization",
        "content-type",
        "x-purpose",
        "x-min-version",
    ] {
        assert!(headers.contains(name), "{headers}");
    }
    assert_eq!(
        allowed(&preflight(&wire, "https://elsewhere.example").await),
        ""
    );
    // Where none is configured nobody is told anything.
    let (_db, _hub, wire) = empty().await;
    let reply = preflight(&wire, CONSOLE).await;
    assert_eq!((reply.status, allowed(&reply).as_str()), (405, ""));
    let reply = Reply::to(asked_from(&wire, &[])).await;
    assert_eq!(allowed(&reply), "");
    assert_eq!(reply.header("vary"), "accept");
}
