//! What scanners of GraphQL look for: none of it is found.

use reqwest::{
    Body, Method,
    header::{ACCEPT, CONTENT_TYPE},
};
use serde_json::{Value, json};

use super::{JSON, body, empty};
use crate::api::{Reply, text};

fn many(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect()
}

#[tokio::test]
async fn a_scanner_finds_nothing() {
    let (_db, hub, wire) = empty().await;
    let token = hub.everything();
    let ask = async |text: String| Reply::to(wire.post().bearer_auth(&token).body(text)).await;
    let messages = |reply: &Reply| -> Vec<String> {
        let json = reply.json();
        let errors = json["errors"].as_array().cloned().unwrap_or_default();
        errors
            .iter()
            .map(|error| text(&error["message"]).to_owned())
            .collect()
    };

    let aliases = many(101, |n| format!("a{n}: __typename "));
    assert!(
        ask(body(&format!("{{ {aliases} }}"))).await.is_refusal(),
        "aliases"
    );
    let fields = many(500, |_| "__typename ".to_owned());
    let reply = ask(body(&format!("{{ {fields} }}"))).await;
    assert!(
        reply.text.len() < 300,
        "fields that repeat come once: {}",
        reply.text
    );
    let batch: Vec<Value> = (0..10)
        .map(|_| json!({ "query": "{ __typename }" }))
        .collect();
    let reply = ask(Value::from(batch).to_string()).await;
    assert_eq!(reply.status, 400, "a batch");

    // Without a token nobody learns the schema; whoever may ask for it does not go in circles.
    for query in [
        "{ __schema { queryType { name } } }",
        "{ __type(name: \"Query\") { name } }",
    ] {
        assert!(wire.ask(None, query).await.is_refusal(), "{query}");
    }
    let circle = "{ __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }";
    assert!(
        ask(body(circle)).await.text.len() < 10_000_000,
        "introspection in a circle"
    );

    let directives = many(10, |n| format!("@d{n} "));
    let reply = ask(body(&format!("{{ __typename {directives} }}"))).await;
    assert!(
        reply.is_refusal() && messages(&reply).len() <= 5,
        "{}",
        reply.text
    );
    for (query, word) in [
        ("{ agenci { totalCount } }", "agencies"),
        ("{ viewer { rol } }", "role"),
    ] {
        let reply = ask(body(query)).await;
        assert!(reply.is_refusal(), "{query}");
        for message in messages(&reply) {
            assert!(
                !message.contains("Did you mean") && !message.contains(word),
                "{message}"
            );
        }
    }

    for path in [
        "/graphql",
        "/graphiql",
        "/playground",
        "/console/graphiql",
        "/graphql/console",
    ] {
        let page = wire.request(Method::GET, path).header(ACCEPT, "text/html");
        let reply = Reply::to(page).await;
        assert!(reply.status >= 400, "{path} is no page to play with");
        for word in ["graphiql", "playground", "<html"] {
            assert!(
                !reply.text.to_lowercase().contains(word),
                "{path}: {}",
                reply.text
            );
        }
    }
    for query in ["query=%7B__typename%7D", "query=mutation%7B__typename%7D"] {
        let request = wire.request(Method::GET, &format!("/graphql?{query}"));
        let reply = Reply::to(request.header(ACCEPT, JSON)).await;
        assert_eq!(
            (reply.status, reply.header("allow")),
            (405, "POST"),
            "{query}"
        );
    }
    for kind in [
        "application/x-www-form-urlencoded",
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/graphql",
    ] {
        for text in [body("{ __typename }"), "query=%7B__typename%7D".to_owned()] {
            let request = wire
                .request(Method::POST, "/graphql")
                .header(CONTENT_TYPE, kind)
                .body(text);
            let reply = Reply::to(request).await;
            assert_eq!(reply.status, 415, "{kind}");
            assert!(!reply.text.contains("__typename"), "{}", reply.text);
        }
    }

    let reply = ask(body("{ viewer { role } }")).await;
    let extensions = reply.json()["extensions"].clone();
    let told: Vec<&String> = extensions.as_object().expect("an object").keys().collect();
    assert_eq!(told, ["version"], "no tracing");
    let reply = ask(body("nonsense { __typename }")).await;
    let json = reply.json();
    for (name, _) in json["errors"][0]["extensions"]
        .as_object()
        .expect("an object")
    {
        assert!(
            ["code", "traceId"].contains(&name.as_str()),
            "{}",
            reply.text
        );
    }

    // Forty megabytes are not read to their end.
    let chunk = vec![b' '; 1_024 * 1_024];
    let chunks = (0..40).map(move |_| Ok::<_, std::io::Error>(chunk.clone()));
    let request = wire
        .post()
        .body(Body::wrap_stream(futures_util::stream::iter(chunks)));
    match request.send().await {
        Ok(response) => assert_eq!(response.status(), 413),
        // The hub hangs up on who goes on sending.
        Err(error) => assert!(error.is_request() || error.is_body(), "{error}"),
    }

    // Fragments that would come to millions are refused at once, and small.
    let wide = |width: usize, depth: usize| {
        let spreads = |level: usize| many(width, |_| format!("...F{level} "));
        let fragments = many(depth, |level| match level + 1 == depth {
            true => format!("fragment F{level} on Query {{ __typename }} "),
            false => format!("fragment F{level} on Query {{ {} }} ", spreads(level + 1)),
        });
        format!("{{ {} }} {fragments}", spreads(0))
    };
    for bomb in [wide(10, 7), wide(8, 9), wide(2, 24)] {
        let reply = ask(body(&bomb)).await;
        assert!(
            reply.is_refusal() && reply.text.len() < 1_000,
            "{}",
            reply.text
        );
    }
    // A wrong document is not echoed.
    let long = format!("{{ {}", "nonsense ".repeat(1_000));
    let reply = ask(body(&long)).await;
    assert!(
        reply.text.len() < 1_000 && !reply.text.contains("nonsense"),
        "{}",
        reply.text
    );
}
