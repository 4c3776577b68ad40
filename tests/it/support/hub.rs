//! A hub in this process.

use std::{
    future::pending,
    num::NonZeroU32,
    path::PathBuf,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{DateTime, Utc};
use domain::{
    uscc::Uscc,
    viewer::{Role, Scope},
};
use serde_json::{Value, json};
use zhengxin::{
    app::App,
    auth::Grant,
    clock::Clock,
    config::{Config, LocalKey},
    ingest::{Error, From, Ingest, Order, Report},
    serve::{Limits, raise_file_limit, serve},
};

use super::Db;

/// The signing key of the tests' hubs.
pub(crate) const KEY: &str = "a key that only these tests sign with";
/// The day on which the tests' clocks stand when they begin.
pub(crate) const TODAY: &str = "2026-11-20";

/// Nine in the morning in China, on a day such as `2026-11-20`.
pub(crate) fn moment(day: &str) -> DateTime<Utc> {
    let text = format!("{day}T09:00:00+08:00");
    DateTime::parse_from_rfc3339(&text)
        .expect("a day as 2026-11-20")
        .to_utc()
}

/// A hub on a database; several may stand on the same one, as several processes do.
pub(crate) struct Hub {
    pub(crate) app: App,
    pub(crate) ingest: Ingest,
    /// Microseconds since 1970.
    now: Arc<AtomicI64>,
    folder: PathBuf,
    served: OnceLock<String>,
}

impl Hub {
    /// Starts one.
    pub(crate) async fn on(db: &Db) -> Self {
        Self::with(db, |_| {}).await
    }

    /// Starts one with a configuration of its own.
    pub(crate) async fn with(db: &Db, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::default();
        config.database.data = db.folder().to_owned();
        config.database.url = Some(db.url());
        config.auth.local = Some(LocalKey {
            key: Some(KEY.to_owned()),
            ..LocalKey::default()
        });
        // Tests ask without pause: what is let through is for the tests of rates.
        config.rates.subject_per_second = NonZeroU32::MAX;
        config.rates.subject_burst = NonZeroU32::MAX;
        config.rates.address_per_second = NonZeroU32::MAX;
        config.rates.address_burst = NonZeroU32::MAX;
        change(&mut config);
        let now = Arc::new(AtomicI64::new(moment(TODAY).timestamp_micros()));
        let told = Arc::clone(&now);
        let clock = Clock::of(move || {
            DateTime::from_timestamp_micros(told.load(Ordering::SeqCst))
                .expect("a moment of our time")
        });
        let app = App::start(config, clock).await.expect("the hub starts");
        let ingest = app.ingest().expect("the hub can bring deliveries in");
        Self {
            app,
            ingest,
            now,
            folder: db.folder().to_owned(),
            served: OnceLock::new(),
        }
    }

    /// Starts one that may digest numbers of natural persons.
    pub(crate) async fn with_person_key(db: &Db) -> Self {
        let key = b"a key for the numbers of made-up persons alone";
        let key = db.file("person.key", key);
        Self::with(db, |config| config.hub.person_key_file = Some(key)).await
    }

    /// Sets the clock: nine in the morning of that day.
    pub(crate) fn it_is(&self, day: &str) {
        self.now
            .store(moment(day).timestamp_micros(), Ordering::SeqCst);
    }

    /// Sets the clock to a moment such as `2026-11-20T05:30:00`, in China.
    pub(crate) fn it_is_now(&self, moment: &str) {
        let moment: DateTime<Utc> = format!("{moment}+08:00")
            .parse()
            .expect("a moment as 2026-11-20T05:30:00");
        self.now.store(moment.timestamp_micros(), Ordering::SeqCst);
    }

    /// Puts the clock forward.
    pub(crate) fn later(&self, seconds: i64) {
        self.now.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// Brings files in as one delivery, full and as of now unless `change` says otherwise.
    pub(crate) async fn ingest(
        &self,
        source: &str,
        files: &[(&str, &[u8])],
        change: impl FnOnce(&mut Order),
    ) -> Report {
        self.try_ingest(source, files, change)
            .await
            .expect("the delivery can be tried")
    }

    /// The same, where it may be that it can't even be tried.
    pub(crate) async fn try_ingest(
        &self,
        source: &str,
        files: &[(&str, &[u8])],
        change: impl FnOnce(&mut Order),
    ) -> Result<Report, Error> {
        // Names of files stand in reports: each delivery has a folder of its own for them.
        let folder = tempfile::tempdir_in(&self.folder).expect("the folder is ours");
        let mut paths = Vec::new();
        for (name, bytes) in files {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).expect("the folder is ours");
            paths.push(path);
        }
        let mut order = Order {
            source: source.to_owned(),
            feed: None,
            from: From::Files(paths),
            as_of: None,
            partial: false,
            dry_run: false,
        };
        change(&mut order);
        self.run(&order).await
    }

    /// Carries out an order, and has the graph follow it at once.
    pub(crate) async fn run(&self, order: &Order) -> Result<Report, Error> {
        let report = self.ingest.run(order, &|_| {}).await?;
        self.ingest.live.catch_up().await?;
        Ok(report)
    }

    /// Lets a held run in.
    pub(crate) async fn approve(&self, source: &str, run: i64) -> Result<Report, Error> {
        self.try_ingest(source, &[], |order| order.from = From::Approved(run))
            .await
    }

    /// Serves it, and follows the change log as a server does: the address, without a path.
    pub(crate) async fn serve(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        tokio::spawn(Arc::clone(&self.app.live).follow());
        let router = zhengxin::api::router(self.app.clone());
        let router = router.unwrap_or_else(|wrong| panic!("{wrong}"));
        let limits = Limits::of(&self.app.config.server, raise_file_limit());
        let tokens = (self.app.leaving.clone(), self.app.stopping.clone());
        tokio::spawn(serve(listener, router, limits, tokens, pending()));
        format!("http://{address}")
    }

    /// A token of this hub.
    pub(crate) fn token(&self, role: Role, divisions: &[&str], agency: Option<&Uscc>) -> String {
        let divisions = divisions
            .iter()
            .map(|code| code.parse().expect("a division's code"));
        let grant = Grant {
            subject: "test".to_owned(),
            role,
            divisions: divisions.collect(),
            agency: agency.copied(),
            scopes: vec![Scope::Adhoc],
            minutes: 60,
        };
        self.app.auth.issue(&grant).expect("the hub has a key")
    }

    /// The whole answer to a query, over HTTP; `None` asks without a token.
    pub(crate) async fn query(&self, token: Option<&str>, query: &str) -> Value {
        self.query_with(token, query, &json!({})).await
    }

    /// The same for a purpose.
    pub(crate) async fn query_for(&self, token: Option<&str>, purpose: &str, query: &str) -> Value {
        let headers = [("x-purpose", purpose)];
        self.send(token, &headers, query, &json!({})).await
    }

    /// The same with further headers.
    pub(crate) async fn query_stating(
        &self,
        token: Option<&str>,
        headers: &[(&'static str, &str)],
        query: &str,
    ) -> Value {
        self.send(token, headers, query, &json!({})).await
    }

    /// The same with variables.
    pub(crate) async fn query_with(
        &self,
        token: Option<&str>,
        query: &str,
        variables: &Value,
    ) -> Value {
        self.send(token, &[], query, variables).await
    }

    async fn send(
        &self,
        token: Option<&str>,
        headers: &[(&'static str, &str)],
        query: &str,
        variables: &Value,
    ) -> Value {
        let base = match self.served.get() {
            Some(base) => base.clone(),
            None => {
                let base = self.serve().await;
                self.served.get_or_init(|| base).clone()
            }
        };
        let client = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client");
        let mut request = client
            .post(format!("{base}/graphql"))
            .json(&json!({ "query": query, "variables": variables }));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, value.as_bytes());
        }
        let answer = request.send().await.expect("the hub answers");
        answer.json().await.expect("the answer is JSON")
    }

    /// The `data` of an answer that must have no errors.
    pub(crate) async fn data(&self, token: Option<&str>, query: &str) -> Value {
        let mut answer = self.query(token, query).await;
        assert!(answer.get("errors").is_none(), "{query}\n{answer:#}");
        answer["data"].take()
    }

    /// A token of the province.
    pub(crate) fn everything(&self) -> String {
        self.token(Role::Government, &["440000"], None)
    }
}

impl Hub {
    /// All that clients are told, sorted: agencies and mentions as the operator sees them, records
    /// and clues as the province does.
    pub(crate) async fn told(&self) -> String {
        let operator = self.token(Role::Operator, &[], None);
        let province = self.everything();
        let mut lines = Vec::new();
        for (token, list, fields) in [
            (
                &operator,
                "agencies",
                "id uscc name kind division { code } establishedOn abolishedOn superiorName \
                 competentDepartments { uscc } formerNames { name } aliases { name }",
            ),
            (
                &operator,
                "mentions",
                "id text division { code } resolution { outcome steps }",
            ),
            (
                &province,
                "creditRecords",
                "id version status kind identifiedOn identifiedBy caseNumber endedOn agency { uscc }",
            ),
            (
                &province,
                "clues",
                "id version stage channel title category receivedAt agencies { uscc }",
            ),
        ] {
            let mut after = String::new();
            loop {
                let query = format!(
                    "{{ {list}(first: 100{after}) {{ edges {{ node {{ {fields} }} }} pageInfo {{ hasNextPage endCursor }} }} }}"
                );
                let mut data = self.data(Some(token), &query).await;
                let page = data[list].take();
                let edges = page["edges"].as_array().expect("a page has edges");
                lines.extend(edges.iter().map(|edge| format!("{list} {}", edge["node"])));
                if page["pageInfo"]["hasNextPage"] != true {
                    break;
                }
                after = format!(", after: {}", page["pageInfo"]["endCursor"]);
            }
        }
        lines.sort();
        lines.join("\n")
    }

    /// The records that the province sees, as `agency STATUS identifiedOn endedOn`, sorted.
    pub(crate) async fn records(&self) -> Vec<String> {
        let query = "{ creditRecords(first: 100) { edges { node { status identifiedOn endedOn agency { name } } } } }";
        let data = self.data(Some(&self.everything()), query).await;
        let edges = data["creditRecords"]["edges"]
            .as_array()
            .expect("a page has edges");
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let mut records: Vec<_> = edges
            .iter()
            .map(|edge| &edge["node"])
            .map(|node| {
                let parts = [
                    &node["agency"]["name"],
                    &node["status"],
                    &node["identifiedOn"],
                    &node["endedOn"],
                ];
                parts.map(text).join(" ")
            })
            .collect();
        records.sort();
        records
    }

    /// The mentions of bodies that the operator sees, and those of persons that an authority of the
    /// province sees for its purpose, as `text OUTCOME`, sorted.
    pub(crate) async fn mentions(&self) -> Vec<String> {
        let query = "{ mentions(first: 100) { edges { node { text resolution { outcome } } } } }";
        let token = self.token(Role::Operator, &[], None);
        let data = self.data(Some(&token), query).await;
        let mut nodes: Vec<Value> = nodes_of(&data["mentions"]);
        let token = self.token(Role::Authority, &["440000"], None);
        let persons = self.query_for(Some(&token), "sanction", query).await;
        let is_person = |node: &Value| {
            let text = node["text"].as_str();
            text.is_some_and(|text| text.ends_with('*'))
        };
        let persons = nodes_of(&persons["data"]["mentions"]).into_iter();
        nodes.extend(persons.filter(is_person));
        let mut mentions: Vec<_> = nodes
            .iter()
            .map(|node| {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                format!(
                    "{} {}",
                    text(&node["text"]),
                    text(&node["resolution"]["outcome"])
                )
            })
            .collect();
        mentions.sort();
        mentions
    }
}

fn nodes_of(connection: &Value) -> Vec<Value> {
    let edges = connection["edges"].as_array().expect("a page has edges");
    edges.iter().map(|edge| edge["node"].clone()).collect()
}
