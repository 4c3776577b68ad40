//! Which status a request has, in both editions of the rules.

use reqwest::{Method, RequestBuilder, header::ACCEPT};
use serde_json::json;
use zhengxin::config::StatusProfile;

use super::{GRAPHQL, JSON, assert_well_formed, body, empty_with};
use crate::api::{Reply, Wire};

/// A request, and its statuses: to the audit's clients of plain JSON, to its others, and by the
/// official edition.
type Case = (&'static str, Box<dyn Fn(&Wire) -> RequestBuilder>, [u16; 3]);

fn cases() -> Vec<Case> {
    fn post(what: &'static str, text: String, statuses: [u16; 3]) -> Case {
        (
            what,
            Box::new(move |wire| wire.post().body(text.clone())),
            statuses,
        )
    }
    vec![
        post("well", body("{ __typename }"), [200, 200, 200]),
        post("no JSON", "{".to_owned(), [400, 400, 400]),
        post("nothing", String::new(), [400, 400, 400]),
        post("no query", "{}".to_owned(), [400, 400, 422]),
        post("a query that is a number", json!({ "query": 1 }).to_string(), [400, 400, 422]),
        post("a list", "[]".to_owned(), [400, 400, 422]),
        post("a key twice", "{\"query\":\"{ a }\",\"query\":\"{ a }\"}".to_owned(), [400, 400, 422]),
        post("no document", body("{"), [200, 400, 400]),
        post("an unknown field", body("{ nonsense }"), [200, 400, 422]),
        post("a field of others", body("{ mentions { totalCount } }"), [200, 400, 422]),
        post("too many aliases", body(&format!("{{ {} }}", many_aliases())), [200, 400, 422]),
        post(
            "which operation?",
            body("query A { __typename } query B { __typename }"),
            [200, 400, 422],
        ),
        post(
            "a variable of another type",
            json!({ "query": "query ($a: Int) { agencies(first: $a) { totalCount } }", "variables": { "a": "x" } })
                .to_string(),
            [200, 400, 422],
        ),
        post(
            "an unknown trusted document",
            json!({ "documentId": format!("sha256:{}", "0".repeat(64)) }).to_string(),
            [200, 400, 422],
        ),
        post("too large", " ".repeat(300_000), [413, 413, 413]),
        (
            "not believed",
            Box::new(|wire| wire.post().bearer_auth("x.y.z").body(body("{ __typename }"))),
            [401, 401, 401],
        ),
        (
            "another place's page",
            Box::new(|wire| {
                let request = wire.post().header("origin", "https://elsewhere.example");
                request.body(body("{ __typename }"))
            }),
            [403, 403, 403],
        ),
        (
            "another method",
            Box::new(|wire| wire.request(Method::PUT, "/graphql")),
            [405, 405, 405],
        ),
        (
            "another type",
            Box::new(|wire| wire.request(Method::POST, "/graphql").body(body("{ __typename }"))),
            [415, 415, 415],
        ),
        (
            "a version that is none",
            Box::new(|wire| wire.post().header("x-min-version", "x").body(body("{ __typename }"))),
            [400, 400, 400],
        ),
    ]
}

fn many_aliases() -> String {
    (0..101).map(|n| format!("a{n}: __typename ")).collect()
}

#[tokio::test]
async fn each_refusal_has_its_status_by_profile_and_media_type() {
    let mut wrong = Vec::new();
    for profile in [StatusProfile::Audit, StatusProfile::September2026] {
        let (_db, _hub, wire) = empty_with(|config| config.server.status_profile = profile).await;
        for (what, request, [plain, typed, official]) in cases() {
            for (media, expected) in [(JSON, plain), (GRAPHQL, typed)] {
                let expected = match profile {
                    StatusProfile::Audit => expected,
                    StatusProfile::September2026 => official,
                };
                let reply = Reply::to(request(&wire).header(ACCEPT, media)).await;
                // By the official edition plain JSON is for what is well.
                let kind = match profile {
                    StatusProfile::September2026 if expected >= 400 => GRAPHQL,
                    _ => media,
                };
                let is_told = reply.header("content-type") == format!("{kind}; charset=utf-8");
                if reply.status != expected || !is_told {
                    wrong.push(format!(
                        "{what}, {profile:?}, {media}: {} {:?}",
                        reply.status, reply.headers
                    ));
                }
                assert_eq!(reply.is_refusal(), what != "well", "{what}: {}", reply.text);
                assert_well_formed(&reply);
            }
        }
        // What fails in part is executed.
        let failing = body("{ viewer { role } agencies(first: -1) { totalCount } }");
        let partly = match profile {
            StatusProfile::Audit => 200,
            StatusProfile::September2026 => 294,
        };
        for (media, expected) in [(JSON, 200), (GRAPHQL, partly)] {
            let reply = Reply::to(wire.post().header(ACCEPT, media).body(failing.clone())).await;
            assert_eq!(reply.status, expected, "{profile:?} {media}");
            assert_eq!(
                reply.header("content-type"),
                format!("{media}; charset=utf-8")
            );
            assert_eq!(reply.json()["data"]["viewer"]["role"], "PUBLIC");
        }
        let reply = Reply::to(wire.post().header(ACCEPT, "text/html").body(failing)).await;
        assert_eq!(reply.status, 406);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
