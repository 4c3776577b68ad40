//! Tokens, serving, the demo, pulling and reports.

use std::{fs, path::Path};

use domain::viewer::Role;
use serde_json::{Value, json};
use zhengxin::{
    auth::Auth,
    clock::Clock,
    config::{self, LocalKey},
    demo::files::PLATFORM,
};

use super::{call, with_bodies};
use crate::support::{Db, Hub, KEY, made, on_both, zhengxin};

#[tokio::test]
async fn a_token_needs_a_key_and_says_what_was_asked_for() {
    let db = Db::sqlite();
    let said = call(&db, ["token", "issue", "--role", "COURT"]).refused(1);
    assert!(said.contains("auth.local.key"), "{said}");

    let key = db.file("local.key", KEY.as_bytes()).display().to_string();
    let config = db
        .file(
            "zhengxin.toml",
            format!("[auth.local]\nkey_file = {key:?}\n").as_bytes(),
        )
        .display()
        .to_string();
    let body = made::uscc("11", "440604", 2);
    let issue = |minutes: &str| {
        call(
            &db,
            [
                "token",
                "issue",
                "--role",
                "AGENCY",
                "--division",
                "440604",
                "--division",
                "440605",
                "--agency",
                body.as_str(),
                "--minutes",
                minutes,
                "--config",
                &config,
            ],
        )
    };
    let token = issue("60").ended(0).out;
    let believes = config::Auth {
        local: Some(LocalKey {
            key: Some(KEY.to_owned()),
            ..LocalKey::default()
        }),
        ..config::Auth::default()
    };
    let auth = Auth::new(&believes, Clock::system()).expect("the key is long enough");
    let header = format!("Bearer {}", token.trim());
    let session = auth.session(Some(&header)).await;
    let viewer = session.expect("a token of this key").viewer;
    assert_eq!((viewer.role, viewer.agency), (Role::Agency, Some(body)));
    assert_eq!(
        viewer
            .divisions
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        ["440604", "440605"]
    );
    for minutes in ["0", "721"] {
        let said = issue(minutes).refused(1);
        assert!(said.contains("720"), "{said}");
    }
}

async fn get(url: &str) -> (u16, String) {
    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let answer = client.get(url).send().await.expect("it answers");
    (
        answer.status().as_u16(),
        answer.text().await.expect("a text"),
    )
}

/// What stands behind `ready` on the last line.
fn ready(lines: &[String]) -> String {
    let last = lines.last().expect("there is one");
    last.strip_prefix("ready ")
        .unwrap_or_else(|| panic!("{last:?} is no ready line"))
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn serve_takes_a_free_port_is_ready_and_sees_what_is_brought_in_beside_it() {
    on_both(async |db| {
        let place = [db.url(), db.folder().display().to_string()];
        let mut server = zhengxin([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--database-url",
            &place[0],
            "--data",
            &place[1],
        ])
        .start();
        let url = ready(&server.lines_until("ready "));
        let base = url
            .strip_suffix("/graphql")
            .expect("the address of the API")
            .to_owned();
        assert_eq!(get(&format!("{base}/healthz")).await.0, 200);
        assert_eq!(get(&format!("{base}/readyz")).await.0, 200);
        assert_eq!(
            get(&format!("{base}/schema.graphql")).await.1,
            zhengxin(["schema", "print"]).run().out
        );

        with_bodies(&db);
        let client = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client");
        // It waits for the version that is demanded.
        let answer = client
            .post(&url)
            .header("X-Min-Version", "1")
            .json(&json!({ "query": "{ viewer { role } }" }))
            .send()
            .await
            .expect("it answers");
        let answer: Value = answer.json().await.expect("JSON");
        assert_eq!(answer["data"]["viewer"]["role"], "PUBLIC", "{answer:#}");
        assert_eq!(answer["extensions"]["version"], 1, "{answer:#}");

        let address = base.trim_start_matches("http://").to_owned();
        let said = zhengxin([
            "serve",
            "--listen",
            &address,
            "--database-url",
            &place[0],
            "--data",
            &place[1],
        ])
        .run()
        .refused(1);
        assert!(said.contains(&address), "{said}");
        assert!(server.is_alive());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_prints_a_token_for_each_role_and_answers_the_first_query_of_the_readme() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("demo").display().to_string();
    let mut demo = zhengxin(["demo", "--listen", "127.0.0.1:0", "--data", &data]).start();
    let lines = demo.lines_until("ready ");
    let url = ready(&lines);

    let mut tokens = Vec::new();
    for line in &lines[..lines.len() - 1] {
        let parts: Vec<_> = line.split(' ').collect();
        let &["token", role, division, token] = parts.as_slice() else {
            panic!("{line:?} is no token line")
        };
        let role: Role = role.parse().expect("a role of the contract");
        let is_code = division.parse::<domain::division::DivisionCode>().is_ok();
        assert!(division == "-" || is_code, "{line}");
        tokens.push((role, token.to_owned()));
    }
    let roles: Vec<_> = tokens.iter().map(|(role, _)| *role).collect();
    let expected: Vec<_> = Role::ALL
        .iter()
        .copied()
        .filter(|role| *role != Role::Public)
        .collect();
    assert_eq!(roles, expected);

    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let ask = async |token: &str, body: String| -> Value {
        let request = client
            .post(&url)
            .bearer_auth(token)
            .header("Content-Type", "application/json")
            .body(body);
        request
            .send()
            .await
            .expect("it answers")
            .json()
            .await
            .expect("JSON")
    };
    for (role, token) in &tokens {
        let answer = ask(token, json!({ "query": "{ viewer { role } }" }).to_string()).await;
        assert_eq!(
            answer["data"]["viewer"]["role"],
            role.as_str(),
            "{answer:#}"
        );
    }

    let government = &tokens
        .iter()
        .find(|(role, _)| *role == Role::Government)
        .expect("a token")
        .1;
    for readme in ["README.md", "README.zh-CN.md"] {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(readme))
            .expect("it is there");
        let body = text
            .split("<<'EOF'\n")
            .nth(1)
            .and_then(|rest| rest.split("\nEOF").next());
        // As `curl -d` sends it.
        let body = body.expect("the first query").replace(['\r', '\n'], "");
        let answer = ask(government, body).await;
        assert!(answer.get("errors").is_none(), "{readme}: {answer:#}");
        let agencies = &answer["data"]["agencies"];
        assert!(
            agencies["totalCount"]
                .as_i64()
                .is_some_and(|count| count > 5),
            "{readme}: {answer:#}"
        );
        let edges = agencies["edges"].as_array().expect("edges");
        assert_eq!(edges.len(), 5);
        for edge in edges {
            let record = &edge["node"]["creditRecords"]["edges"][0]["node"];
            let kind = record["kind"].as_str().unwrap_or_default();
            assert!(["JUDGMENT_DEBTOR", "ARREARS"].contains(&kind), "{answer:#}");
            assert!(record["evidence"][0]["location"].is_string(), "{answer:#}");
        }
    }

    // What it leaves is for other commands to use: here with its key, and the hub still serving.
    let config = Path::new(&data).join("zhengxin.toml").display().to_string();
    let token = zhengxin(["token", "issue", "--role", "OPERATOR", "--config", &config])
        .run()
        .ended(0)
        .out;
    let answer = ask(
        token.trim(),
        json!({ "query": "{ agencies { totalCount } }" }).to_string(),
    )
    .await;
    assert_eq!(
        answer["data"]["agencies"]["totalCount"], 2_000,
        "{answer:#}"
    );
    let query = json!({ "query": "{ sources { key lastSuccessAt } }" }).to_string();
    let answer = ask(token.trim(), query).await;
    let sources = answer["data"]["sources"].as_array().expect("a list");
    let is_in = |source: &&Value| source["lastSuccessAt"].is_string();
    assert_eq!(sources.iter().filter(is_in).count(), 9, "{answer:#}");
    let put_away = fs::read_dir(Path::new(&data).join("mailbox/done")).expect("it is put away");
    assert_eq!(put_away.count(), 2, "the letters and their report");
    demo.kill();

    // A folder with something else in it is nobody's to empty.
    let other = folder.path().join("other");
    fs::create_dir(&other).expect("the folder is ours");
    fs::write(other.join("keep.txt"), "keep").expect("the folder is ours");
    let said = zhengxin([
        "demo",
        "--listen",
        "127.0.0.1:0",
        "--data",
        &other.display().to_string(),
    ])
    .run()
    .refused(2);
    assert!(said.contains(&other.display().to_string()), "{said}");
    assert!(other.join("keep.txt").exists());
}

#[tokio::test]
async fn a_configured_source_is_pulled_from_its_address() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let scale = zhengxin::demo::Scale {
        prefectures: 3,
        agencies: 100,
        listings: 50,
        agency_share: 5,
        ..zhengxin::demo::Scale::SMALL
    };
    let world = std::sync::Arc::new(zhengxin::demo::World::make(
        3,
        &scale,
        &hub.app.catalogue.divisions,
    ));
    let (address, _task) = zhengxin::demo::serve(world).await.expect("a free port");
    let config = format!(
        "[sources.agency_register]\nurl = \"http://{address}/agency_register\"\nallow = [\"127.0.0.0/8\"]\n[sources.court_debtors]\nurl = \"http://{address}/court_debtors\"\nallow = [\"127.0.0.0/8\"]\nfeed = \"province\"\n"
    );
    let config = db
        .file("zhengxin.toml", config.as_bytes())
        .display()
        .to_string();
    let arguments =
        |source: &'static str| ["ingest", source, "-o", "json", "--config"].map(str::to_owned);
    for (source, feed, rows) in [
        ("agency_register", "default", 100),
        ("court_debtors", "province", 50),
    ] {
        let place = [
            config.clone(),
            "--database-url".to_owned(),
            db.url(),
            "--data".to_owned(),
            db.folder().display().to_string(),
        ];
        let program = zhengxin(arguments(source).into_iter().chain(place));
        let ran = tokio::task::spawn_blocking(|| program.run())
            .await
            .expect("it runs")
            .ended(0);
        let report = ran.json();
        assert_eq!(report["feed"], feed, "{report:#}");
        assert!(
            report["received"]
                .as_i64()
                .is_some_and(|received| received >= rows),
            "{report:#}"
        );
    }
}

#[test]
fn a_report_of_many_rejected_rows_shows_some_and_counts_all() {
    let db = Db::sqlite();
    with_bodies(&db);
    let mut file = PLATFORM.join(",") + "\n";
    for _ in 0..50 {
        file.push_str("too,few\n");
    }
    file.push_str(&",".repeat(PLATFORM.len() - 1));
    file.push('\n');
    let path = db.file("list.csv", file.as_bytes()).display().to_string();
    let ran = call(&db, ["ingest", "court_debtors", "--file", &path]).ended(5);
    assert!(
        ran.out.contains("rejected       51") && ran.out.contains("and 31 more"),
        "{ran:#?}"
    );
}
