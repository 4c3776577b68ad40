//! What the specification's JSON schemas of version 0.2 demand of answers, in our own words.

use serde_json::{Map, Value};

fn object(value: &Value) -> &Map<String, Value> {
    value
        .as_object()
        .unwrap_or_else(|| panic!("an object: {value}"))
}

fn list(value: &Value) -> &[Value] {
    value
        .as_array()
        .unwrap_or_else(|| panic!("a list: {value}"))
}

/// Each of these members is there and a text with something in it.
fn assert_texts(value: &Value, members: &[&str]) {
    for member in members {
        let text = object(value).get(*member).and_then(Value::as_str);
        assert!(
            text.is_some_and(|text| !text.is_empty()),
            "{member} is no text: {value}"
        );
    }
}

fn assert_types(value: &Value) {
    for of in list(value) {
        assert_texts(of, &["id", "name"]);
        if let Some(broader) = of.get("broader") {
            assert_types(broader);
        }
    }
}

pub(super) fn assert_manifest(manifest: &Value) {
    assert_texts(
        manifest,
        &["name", "identifierSpace", "schemaSpace", "serviceVersion"],
    );
    assert!(list(&manifest["versions"]).contains(&Value::from("0.2")));
    assert_types(&manifest["defaultTypes"]);
    for template in [&manifest["view"]["url"], &manifest["preview"]["url"]] {
        assert!(
            template.as_str().is_some_and(|url| url.contains("{{id}}")),
            "{template}"
        );
    }
    assert!(manifest["preview"]["width"].is_u64() && manifest["preview"]["height"].is_u64());
    let suggest = object(&manifest["suggest"]);
    assert_eq!(suggest.len(), 3);
    for service in suggest
        .values()
        .chain([&manifest["extend"]["propose_properties"]])
    {
        assert_texts(service, &["service_url", "service_path"]);
    }
    assert!(list(&manifest["extend"]["property_settings"]).is_empty());
    assert!(manifest["batchSize"].is_u64());
    // One of Swagger 2's security schemes, and nothing beside its members.
    let scheme = object(&manifest["authentication"]);
    let members: Vec<&str> = scheme.keys().map(String::as_str).collect();
    assert_eq!(members, ["description", "in", "name", "type"]);
    assert_eq!(
        (&scheme["type"], &scheme["in"]),
        (&"apiKey".into(), &"header".into())
    );
}

pub(super) fn assert_results(answer: &Value) {
    for result in object(answer).values() {
        let mut last = f64::MAX;
        for candidate in list(&result["result"]) {
            assert_texts(candidate, &["id", "name", "description"]);
            assert_types(&candidate["type"]);
            assert!(candidate["match"].is_boolean(), "{candidate}");
            let score = candidate["score"].as_f64().expect("a number");
            assert!((0.0..=1.0).contains(&score) && score <= last, "{answer}");
            last = score;
            let mut ids = Vec::new();
            for feature in list(&candidate["features"]) {
                assert_texts(feature, &["id"]);
                let value = &feature["value"];
                assert!(value.is_boolean() || value.is_number(), "{feature}");
                assert!(!ids.contains(&&feature["id"]), "{candidate}");
                ids.push(&feature["id"]);
            }
        }
    }
}

pub(super) fn assert_suggestions(answer: &Value) {
    for suggestion in list(&answer["result"]) {
        assert_texts(suggestion, &["id", "name"]);
        if let Some(notable) = suggestion.get("notable") {
            assert_types(notable);
        }
        if let Some(broader) = suggestion.get("broader") {
            assert_types(broader);
        }
    }
}

pub(super) fn assert_extension(answer: &Value) {
    let mut properties = Vec::new();
    for property in list(&answer["meta"]) {
        assert_texts(property, &["id", "name"]);
        if let Some(of) = property.get("type") {
            assert_texts(of, &["id", "name"]);
        }
        properties.push(property["id"].as_str().expect("a text"));
    }
    properties.sort_unstable();
    for row in object(&answer["rows"]).values() {
        let told: Vec<&str> = object(row).keys().map(String::as_str).collect();
        assert_eq!(told, properties);
        for value in object(row).values().flat_map(list) {
            let members: Vec<&str> = object(value).keys().map(String::as_str).collect();
            match members[..] {
                ["str"] => assert_texts(value, &["str"]),
                ["id", "name"] => assert_texts(value, &["id", "name"]),
                ["date"] => {
                    let date = value["date"].as_str().expect("a text");
                    chrono::DateTime::parse_from_rfc3339(date).expect("a moment");
                }
                _ => panic!("no value of the specification: {value}"),
            }
        }
    }
}
