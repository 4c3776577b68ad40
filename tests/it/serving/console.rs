//! The console: it runs nothing but its own scripts, asks nobody but its hub, and its examples work.

use std::{collections::BTreeMap, fs, path::Path};

use domain::viewer::Role;
use reqwest::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use serde_json::{Value, json};

use crate::support::{Db, Hub, made};

use super::{client, text_at};

/// The files by their names.
fn files() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/console");
    let entries = fs::read_dir(folder).expect("the folder is there");
    let read = entries.map(|entry| {
        let entry = entry.expect("it is readable");
        let name = entry.file_name().into_string().expect("plain names");
        (name, fs::read_to_string(entry.path()).expect("a text"))
    });
    read.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_file_is_served_under_a_policy_that_lets_nothing_foreign_in() {
    let db = Db::sqlite();
    let base = Hub::on(&db).await.serve().await;
    let mut addresses = vec![("/console".to_owned(), files()["index.html"].clone())];
    addresses.extend(
        files()
            .into_iter()
            .map(|(name, text)| (format!("/console/{name}"), text)),
    );
    assert!(addresses.len() > 10);
    for (path, text) in addresses {
        let answer = client()
            .get(format!("{base}{path}"))
            .send()
            .await
            .expect("it answers");
        assert_eq!(answer.status(), 200, "{path}");
        let header = |name| answer.headers()[name].to_str().expect("text").to_owned();
        let policy = header(CONTENT_SECURITY_POLICY);
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ] {
            assert!(
                policy.split("; ").any(|one| one == part),
                "{path}: {part} is not in {policy}"
            );
        }
        assert!(
            !policy.contains("unsafe") && !policy.contains("http"),
            "{policy}"
        );
        let kind = header(CONTENT_TYPE);
        let expected = match path.rsplit_once('.').map_or("html", |(_, end)| end) {
            "js" => "text/javascript",
            "css" => "text/css",
            "json" => "application/json",
            "svg" => "image/svg+xml",
            _ => "text/html",
        };
        assert!(kind.starts_with(expected), "{path}: {kind}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert_eq!(answer.text().await.expect("a text"), text, "{path}");
    }
    for path in [
        "/console/",
        "/console/none.js",
        "/console/%2e%2e%2fconsole.rs",
        "/console/a/b",
    ] {
        let answer = client()
            .get(format!("{base}{path}"))
            .send()
            .await
            .expect("it answers");
        assert_eq!(answer.status(), 404, "{path}");
    }
}

#[test]
fn no_file_names_another_host_or_makes_markup_of_text() {
    for (name, text) in files() {
        // The name of a language is no address.
        let text = text.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
        for foreign in [
            "http:", "https:", "ws:", "wss:", "\"//", "'//", "url(", "@import", "data:",
        ] {
            assert!(!text.contains(foreign), "{name} has {foreign}");
        }
        for unsafe_way in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "Function(",
            "DOMParser",
            "srcdoc",
            "setAttribute(\"style\"",
            "localStorage",
            "javascript:",
        ] {
            assert!(!text.contains(unsafe_way), "{name} has {unsafe_way}");
        }
    }
    let page = &files()["index.html"];
    for inline in [" style=", " onclick=", " onload=", "<style", "<script>"] {
        assert!(!page.contains(inline), "the page has {inline}");
    }
    // Whatever the page asks people for has a label.
    for part in page.split('<').filter(|part| {
        ["input ", "textarea ", "select "]
            .iter()
            .any(|start| part.starts_with(start))
    }) {
        let id = part
            .split("id=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        let id = id.unwrap_or_else(|| panic!("{part} has no id"));
        let is_labelled = page.contains(&format!("for=\"{id}\""))
            || part.contains("aria-label=")
            || id == "language";
        assert!(is_labelled, "{id} has no label");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_example_is_answered_to_the_client_that_it_is_for() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let body = made::body(1, "佛山市禅城区水务局", "440604");
    let register = made::register(std::slice::from_ref(&body));
    hub.ingest("agency_register", &[("a.csv", &register)], |_| {})
        .await;
    let listing = made::listing(1, "佛山市禅城区水务局").code(body.uscc);
    let listings = made::court_jsonl(&[listing]);
    hub.ingest("court_debtors", &[("b.jsonl", &listings)], |_| {})
        .await;
    let base = hub.serve().await;
    let examples: Value =
        serde_json::from_str(&text_at(&format!("{base}/console/examples.json")).await)
            .expect("JSON");
    let examples = examples.as_array().expect("a list");
    assert!(examples.len() >= 10);
    for example in examples {
        for language in ["zh", "en"] {
            for part in ["title", "note"] {
                assert!(
                    example[part][language]
                        .as_str()
                        .is_some_and(|text| !text.is_empty()),
                    "{example:#}"
                );
            }
        }
        let role = example["role"].as_str().expect("a role");
        let token = match role.parse().unwrap_or(Role::Government) {
            Role::Public => None,
            Role::Agency => Some(hub.token(Role::Agency, &["440604"], Some(&body.uscc))),
            role => Some(hub.token(role, &["440000"], None)),
        };
        let lines: Vec<&str> = example["query"]
            .as_array()
            .expect("lines")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let mut asked = json!({ "query": lines.join("\n"), "variables": example["variables"] });
        let is_stream = lines[0].starts_with("subscription");
        if is_stream {
            asked["variables"]["after"] = json!("0");
        }
        let mut request = client().post(format!("{base}/graphql")).json(&asked);
        if is_stream {
            request = request.header("accept", "text/event-stream");
        }
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(purpose) = example["purpose"].as_str() {
            request = request.header("x-purpose", purpose);
        }
        let mut answer = request.send().await.expect("it answers");
        let answer: Value = match is_stream {
            true => {
                let event = answer.chunk().await.expect("an event").expect("an event");
                let event = String::from_utf8_lossy(&event);
                let data = event.lines().find_map(|line| line.strip_prefix("data: "));
                serde_json::from_str(data.expect("data")).expect("JSON")
            }
            false => answer.json().await.expect("JSON"),
        };
        assert!(
            answer.get("errors").is_none(),
            "{}: {answer:#}",
            example["key"]
        );
        assert!(answer["data"].is_object(), "{}: {answer:#}", example["key"]);
    }
}
