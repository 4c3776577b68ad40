//! `_service { sdl }`: for whom, and what it says.

use domain::viewer::Role;

use super::{World, gateway_of};
use crate::api::text;

const SERVICE: &str = "{ _service { sdl } }";

#[tokio::test]
async fn the_subgraph_is_told_to_gateways_alone() {
    let world = World::new().await;
    let ordinary = world.hub.token(Role::Government, &["440000"], None);
    let entities = "{ _entities(representations: []) { __typename } }";
    for query in [SERVICE, entities] {
        for token in [None, Some(ordinary.as_str())] {
            let reply = world.wire.ask(token, query).await;
            assert!(reply.is_refusal(), "{query}: {}", reply.text);
            assert_eq!(reply.code(), "FORBIDDEN", "{query}: {}", reply.text);
            assert!(!reply.text.contains("@key"), "{}", reply.text);
        }
    }
    // Not behind a fragment, an alias or a directive either.
    for query in [
        "{ ...f } fragment f on Query { _service { sdl } }",
        "{ s: _service { sdl } }",
        "{ ... on Query @include(if: true) { _service { sdl } } }",
    ] {
        assert_eq!(world.wire.ask(None, query).await.code(), "FORBIDDEN");
    }
    // The right is the token's, not the role's.
    let gateway = gateway_of(&world.hub, Role::Auditor, &[], None);
    let sdl = world.wire.data(Some(&gateway), SERVICE).await;
    assert!(text(&sdl["_service"]["sdl"]).contains("@key"));
}

#[tokio::test]
async fn its_text_is_the_printed_schema_with_keys_and_nothing_else() {
    let world = World::new().await;
    let answer = world.data(SERVICE).await;
    let sdl = text(&answer["_service"]["sdl"]);
    assert_eq!(world.data(SERVICE).await, answer, "the same each time");

    let (link, rest) = sdl.split_once("\n\n").expect("a link, then the schema");
    assert_eq!(
        link,
        "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.3\", \
         import: [\"@key\", \"@shareable\"])"
    );
    for (name, key) in [
        ("Agency", "uscc"),
        ("CreditRecord", "id"),
        ("Division", "code"),
        ("Source", "key province"),
    ] {
        let head = format!("type {name} implements Node @key(fields: \"{key}\") @shareable {{");
        assert_eq!(rest.matches(&head).count(), 1, "{head}");
    }
    assert_eq!(rest.matches("@key(").count(), 4, "no other entity");
    for root in ["type Query {", "type Mutation {"] {
        assert!(
            rest.contains(root),
            "a gateway prefixes the fields of {root}"
        );
    }
    let plain = rest.replace(" @shareable", "");
    let plain: Vec<&str> = plain
        .lines()
        .map(|line| line.split(" @key(").next().unwrap_or_default())
        .map(|line| line.trim_end_matches(" {"))
        .collect();
    let printed = zhengxin::api::graphql::sdl();
    let printed: Vec<&str> = printed
        .lines()
        .map(|line| line.trim_end_matches(" {"))
        .collect();
    assert_eq!(plain, printed);
    for name in ["_entities", "_service", "_Any", "_Entity", "_Service"] {
        assert!(!sdl.contains(name), "a gateway adds {name} itself");
    }
}
