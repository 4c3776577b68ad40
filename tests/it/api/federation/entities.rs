//! `_entities`: in order, null where there is nothing, and refused where it is no question.

use serde_json::{Value, json};

use super::{ENTITIES, World};
use crate::api::{each, text};

#[tokio::test]
async fn each_key_finds_what_the_root_finds() {
    let world = World::new().await;
    let [one, _] = world.bodies;
    let direct = world
        .data(&format!(
            "{{ agency(uscc: \"{one}\") {{ __typename uscc name \
             creditRecords {{ edges {{ node {{ __typename id caseNumber agency {{ uscc }} }} }} }} }} \
             division(code: \"440604\") {{ __typename code name }} \
             sources {{ __typename key province title }} }}"
        ))
        .await;
    let mut agency = direct["agency"].clone();
    let record = agency["creditRecords"]["edges"][0]["node"].clone();
    agency
        .as_object_mut()
        .expect("an object")
        .remove("creditRecords");
    let mut sources = direct["sources"].as_array().expect("a list").iter();
    let court = sources.find(|source| source["key"] == "court_debtors");
    assert!(record["id"].is_string() && court.is_some(), "{direct}");

    let found = world
        .entities(json!([
            { "__typename": "Source", "key": "court_debtors", "province": "440000" },
            { "__typename": "CreditRecord", "id": record["id"] },
            { "__typename": "Division", "code": "440604" },
            { "__typename": "Agency", "uscc": one.as_str() },
        ]))
        .await;
    let wanted = [
        court.cloned().unwrap_or_default(),
        record,
        direct["division"].clone(),
        agency,
    ];
    assert_eq!(found, wanted, "and in the order asked");
}

#[tokio::test]
async fn what_is_not_there_is_null_in_its_place() {
    let world = World::new().await;
    let [one, two] = world.bodies;
    let record = world
        .data("{ creditRecords { edges { node { id } } } }")
        .await;
    let record = each(&record["creditRecords"], "id")[0].to_owned();
    let absent = crate::support::made::uscc("11", "440604", 99);
    let nothing = [
        json!({ "__typename": "Agency", "uscc": absent.as_str() }),
        // No code at all: lower case, a wrong check character, too short, empty, a bomb.
        json!({ "__typename": "Agency", "uscc": one.as_str().to_lowercase() }),
        json!({ "__typename": "Agency", "uscc": format!("{}X", &one.as_str()[..17]) }),
        json!({ "__typename": "Agency", "uscc": "" }),
        json!({ "__typename": "Agency", "uscc": "1".repeat(10_000) }),
        json!({ "__typename": "Division", "code": "999999" }),
        json!({ "__typename": "Division", "code": "四四〇六〇四" }),
        // Another province's, another kind's, no id.
        json!({ "__typename": "CreditRecord", "id": record.replace("440000", "350000") }),
        json!({ "__typename": "CreditRecord", "id": "src_440000_court_debtors" }),
        json!({ "__typename": "CreditRecord", "id": "crd_440000_1" }),
        json!({ "__typename": "CreditRecord", "id": "" }),
        json!({ "__typename": "Source", "key": "court_debtors", "province": "350000" }),
        json!({ "__typename": "Source", "key": "courts", "province": "440000" }),
    ];
    let there = json!({ "__typename": "Agency", "uscc": two.as_str() });
    let mut asked = vec![there.clone()];
    for nothing in &nothing {
        asked.extend([nothing.clone(), there.clone()]);
    }
    let found = world.entities(json!(asked)).await;
    assert_eq!(found.len(), asked.len());
    for (at, (entity, asked)) in found.iter().zip(&asked).enumerate() {
        if at % 2 == 0 {
            assert_eq!(entity["uscc"], two.as_str(), "{asked}");
        } else {
            // An upper-case code is one spelling; what reads as a code of ours may be found.
            let is_same_code = text(&asked["uscc"]).to_uppercase() == one.as_str();
            assert!(entity.is_null() || is_same_code, "{asked}: {entity}");
        }
    }
}

#[tokio::test]
async fn what_is_no_representation_is_refused() {
    let world = World::new().await;
    let uscc = world.bodies[0].as_str();
    for wrong in [
        json!({ "uscc": uscc }),
        json!({ "__typename": null, "uscc": uscc }),
        json!({ "__typename": "Clue", "id": "clu_440000_1" }),
        json!({ "__typename": "_Entity", "uscc": uscc }),
        json!({ "__typename": "Agency" }),
        json!({ "__typename": "Agency", "uscc": null }),
        json!({ "__typename": "Agency", "uscc": 114 }),
        json!({ "__typename": "Agency", "uscc": [uscc] }),
        json!({ "__typename": "Agency", "uscc": { "eq": uscc } }),
        json!({ "__typename": "Agency", "name": "佛山市禅城区甲局" }),
        json!({ "__typename": "Division", "id": "div_440000_440604" }),
        // The key alone is the same word in every province.
        json!({ "__typename": "Source", "key": "court_debtors" }),
        json!("Agency"),
        json!([["Agency", uscc]]),
        json!(7),
        Value::Null,
    ] {
        let there = json!({ "__typename": "Agency", "uscc": uscc });
        let reply = world.ask(json!([there, wrong])).await;
        assert!(reply.is_refusal(), "{wrong}: {}", reply.text);
        assert_eq!(reply.code(), "INVALID", "{wrong}: {}", reply.text);
    }
    for wrong in [json!({}), json!(null), json!("x")] {
        assert!(world.ask(wrong.clone()).await.is_refusal(), "{wrong}");
    }
}

#[tokio::test]
async fn members_beside_the_key_are_ignored() {
    let world = World::new().await;
    let uscc = world.bodies[0].as_str();
    let found = world
        .entities(json!([{
            "uscc": uscc, "name": "别的名称", "__typename": "Agency", "id": "agc_440000_1",
            "division": { "code": "100000", "__proto__": { "a": [1, 2, 3] } }, "token": null,
        }]))
        .await;
    assert_eq!(
        found,
        [json!({ "__typename": "Agency", "uscc": uscc, "name": "佛山市禅城区甲局" })]
    );
}

#[tokio::test]
async fn there_may_be_two_hundred_however_they_are_written() {
    let world = World::new().await;
    let uscc = world.bodies[0].as_str();
    let many = |count: usize| vec![json!({ "__typename": "Agency", "uscc": uscc }); count];
    assert_eq!(world.entities(json!(many(0))).await.len(), 0);
    assert_eq!(world.entities(json!(many(200))).await.len(), 200);
    let mut over = vec![world.ask(json!(many(201))).await];
    let token = Some(world.gateway.as_str());
    let literal = format!("{{ __typename: \"Agency\", uscc: \"{uscc}\" }} ");
    for query in [
        format!(
            "query($r: [_Any!]! = [{}]) {{ _entities(representations: $r) {{ __typename }} }}",
            literal.repeat(201)
        ),
        format!(
            "{{ _entities(representations: [{}]) {{ __typename }} }}",
            literal.repeat(201)
        ),
    ] {
        // Written out they are too many words before anybody counts them.
        over.push(world.wire.ask(token, &query).await);
    }
    for reply in over {
        assert!(reply.is_refusal(), "{}", reply.text);
        assert_eq!(reply.code(), "LIMITED", "{}", reply.text);
    }
    // A few may be written out, and one alone needs no list.
    for few in [format!("[{}]", literal.repeat(2)), literal.clone()] {
        let query =
            format!("{{ _entities(representations: {few}) {{ ... on Agency {{ uscc }} }} }}");
        let found = world.data(&query).await;
        assert_eq!(found["_entities"][0]["uscc"], uscc, "{query}");
    }
}

#[tokio::test]
async fn each_of_them_costs() {
    let world = World::new().await;
    let token = Some(world.gateway.as_str());
    let uscc = world.bodies[0].as_str();
    let ask = async |count: usize, first: u32| {
        let query = format!(
            "query($r: [_Any!]!) {{ _entities(representations: $r) {{ ... on Agency {{ \
             creditRecords(first: {first}) {{ edges {{ node {{ id }} }} }} }} }} }}"
        );
        let one = json!({ "__typename": "Agency", "uscc": uscc });
        let variables = json!({ "r": vec![one; count] });
        world.wire.ask_with(token, &query, &variables).await
    };
    assert!(ask(200, 5).await.codes().is_empty());
    assert_eq!(ask(200, 200).await.code(), "LIMITED");
    assert_eq!(ask(1, 200).await.codes(), Vec::<String>::new());
}

#[tokio::test]
async fn a_gateway_may_ask_several_times_in_one_request_with_more_beside() {
    let world = World::new().await;
    let [one, two] = world.bodies;
    let of = |uscc: &str| json!([{ "__typename": "Agency", "uscc": uscc }]);
    let variables = json!({ "a": of(one.as_str()), "b": of(two.as_str()) });
    let query = "query($a: [_Any!]!, $b: [_Any!]!) { \
         a: _entities(representations: $a) { ...f } \
         b: _entities(representations: $b) { ...f } \
         agencies { totalCount } } \
         fragment f on _Entity { __typename ... on Agency { name division { code } } }";
    let token = Some(world.gateway.as_str());
    let reply = world.wire.ask_with(token, query, &variables).await;
    assert_eq!(
        reply.json()["data"],
        json!({
            "a": [{ "__typename": "Agency", "name": "佛山市禅城区甲局", "division": { "code": "440604" } }],
            "b": [{ "__typename": "Agency", "name": "东莞市乙局", "division": { "code": "441900" } }],
            "agencies": { "totalCount": 2 },
        }),
        "{}",
        reply.text
    );
}

#[tokio::test]
async fn an_entity_is_read_by_the_table_of_rights_like_anything_else() {
    let world = World::new().await;
    // An auditor has the right of a gateway, yet no business with an agency's clues.
    let auditor = super::gateway_of(&world.hub, domain::viewer::Role::Auditor, &[], None);
    let one = json!([{ "__typename": "Agency", "uscc": world.bodies[0].as_str() }]);
    let variables = json!({ "r": one });
    let query = "query($r: [_Any!]!) { _entities(representations: $r) { \
         ... on Agency { clues { totalCount } } } }";
    let reply = world.wire.ask_with(Some(&auditor), query, &variables).await;
    assert_eq!(reply.code(), "FORBIDDEN", "{}", reply.text);
    let reply = world
        .wire
        .ask_with(Some(&world.gateway), ENTITIES, &json!({}))
        .await;
    assert_eq!(reply.code(), "INVALID", "{}", reply.text);
}
