//! The console in a browser, where there is one.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde_json::{Value, json};

use crate::support::{Db, Hub, made};

const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

fn browser() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let mut places =
        std::env::split_paths(&path).flat_map(|folder| BROWSERS.map(|name| folder.join(name)));
    places.find(|place| place.is_file())
}

/// A browser that is told what to do over its pipe.
struct Browser {
    child: Child,
    tell: ChildStdin,
    hear: BufReader<ChildStdout>,
    asked: u64,
    session: Value,
    /// What it said by itself.
    events: Vec<Value>,
    _profile: tempfile::TempDir,
}

impl Browser {
    fn at(program: PathBuf, url: &str) -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        // It speaks over its files 3 and 4, which are our pipes.
        let script = "exec \"$0\" \"$@\" 3<&0 4>&1 1>/dev/null 2>/dev/null";
        let mut child = Command::new("sh")
            .args(["-c", script])
            .arg(program)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
            ])
            .args([
                "--remote-debugging-pipe",
                "--no-first-run",
                "--window-size=1400,900",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let mut browser = Self {
            tell: child.stdin.take().expect("a pipe"),
            hear: BufReader::new(child.stdout.take().expect("a pipe")),
            child,
            asked: 0,
            session: Value::Null,
            events: Vec::new(),
            _profile: profile,
        };
        let target =
            browser.ask("Target.createTarget", json!({ "url": "about:blank" }))["targetId"].take();
        let attach = json!({ "targetId": target, "flatten": true });
        browser.session = browser.ask("Target.attachToTarget", attach)["sessionId"].take();
        for domain in ["Runtime", "Log", "Network", "Page"] {
            browser.ask(&format!("{domain}.enable"), json!({}));
        }
        browser.ask("Page.navigate", json!({ "url": url }));
        browser
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let mut message = json!({ "id": self.asked, "method": method, "params": params });
        if !self.session.is_null() {
            message["sessionId"] = self.session.clone();
        }
        self.tell
            .write_all(format!("{message}\0").as_bytes())
            .expect("the browser reads");
        loop {
            let mut bytes = Vec::new();
            self.hear
                .read_until(0, &mut bytes)
                .expect("the browser answers");
            assert_eq!(bytes.pop(), Some(0), "the browser ended at {method}");
            let mut told: Value = serde_json::from_slice(&bytes).expect("JSON");
            if told["id"] == self.asked {
                assert!(told.get("error").is_none(), "{method}: {told:#}");
                return told["result"].take();
            }
            self.events.push(told);
        }
    }

    /// The value of an expression, once it is there.
    fn value(&mut self, expression: &str) -> Value {
        let wait = format!(
            "new Promise((tell, fail) => {{
                const look = () => {{
                    let value;
                    try {{ value = ({expression}); }} catch {{ value = undefined; }}
                    if (value !== undefined && value !== null && value !== false && value !== '') tell(value);
                    else if (performance.now() - began > 60000) fail(new Error('it never came'));
                    else requestAnimationFrame(look);
                }};
                const began = performance.now();
                look();
            }})"
        );
        let asked = json!({ "expression": wait, "awaitPromise": true, "returnByValue": true });
        let mut told = self.ask("Runtime.evaluate", asked);
        assert!(
            told.get("exceptionDetails").is_none(),
            "{expression}: {told:#}"
        );
        told["result"]["value"].take()
    }

    fn does(&mut self, statements: &str) {
        self.value(&format!("(() => {{ {statements}; return true; }})()"));
    }

    fn key(&mut self, key: &str, code: u32, modifiers: u32) {
        for kind in ["rawKeyDown", "keyUp"] {
            let event = json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": modifiers });
            self.ask("Input.dispatchKeyEvent", event);
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_works_in_a_browser_and_asks_nobody_else() {
    let Some(program) = browser() else {
        let note = "\nSKIPPED: no Chromium is installed: that the console works in a browser is not shown.\n";
        std::io::stderr()
            .write_all(note.as_bytes())
            .expect("standard error takes text");
        return;
    };
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    // A name that would do something, were it ever markup.
    let name = "佛山市<img src=x onerror=document.title='taken'>水务局";
    let bodies: Vec<_> = (1..=12).map(|n| made::body(n, name, "440604")).collect();
    let register = made::register(&bodies);
    hub.ingest("agency_register", &[("a.csv", &register)], |_| {})
        .await;
    let (base, token) = (hub.serve().await, hub.everything());
    let url = format!("{base}/console");
    let page = tokio::task::spawn_blocking(move || visit(program, &url, &token));
    let events = page.await.expect("the page works");
    for event in &events {
        let method = event["method"].as_str().unwrap_or_default();
        assert_ne!(method, "Runtime.exceptionThrown", "{event:#}");
        if method == "Log.entryAdded" {
            assert_ne!(event["params"]["entry"]["level"], "error", "{event:#}");
        }
        if method == "Network.requestWillBeSent" {
            let asked = event["params"]["request"]["url"]
                .as_str()
                .expect("an address");
            assert!(asked.starts_with(&base), "it asks {asked}");
            assert!(!asked.contains("eyJ"), "a token in an address: {asked}");
        }
    }
}

/// Tries what people do; gives back what the browser said.
fn visit(program: PathBuf, url: &str, token: &str) -> Vec<Value> {
    let mut page = Browser::at(program, url);
    page.value("document.documentElement.dataset.ready");
    assert!(
        page.value("document.querySelectorAll('.example').length")
            .as_u64()
            >= Some(10)
    );
    assert!(
        page.value("document.querySelectorAll('#described dt').length")
            .as_u64()
            >= Some(50)
    );

    let speak = |language: &str| {
        format!(
            "const l = document.getElementById('language'); l.value = '{language}'; l.dispatchEvent(new Event('change'))"
        )
    };
    page.does(&speak("zh"));

    // Errors are underlined and listed.
    let write = |query: &str| {
        let query = Value::from(query);
        format!(
            "const q = document.getElementById('query'); q.focus(); q.value = {query}; q.setSelectionRange(q.value.indexOf('|'), q.value.indexOf('|') + 1); q.dispatchEvent(new Event('input'))"
        )
    };
    page.does(&write("{ agencies { nothing } }"));
    let told = page.value("document.querySelector('#problems button').textContent");
    assert!(
        told.as_str()
            .is_some_and(|told| told.contains("AgencyConnection") && told.contains("nothing")),
        "{told}"
    );
    assert_eq!(
        page.value("document.querySelector('#shown .wrong').textContent"),
        "nothing"
    );

    // A word is completed by the keyboard.
    page.does(&write("{ | }"));
    page.ask("Input.insertText", json!({ "text": "agenc" }));
    page.value("!document.getElementById('proposals').hidden && document.querySelectorAll('#proposals li').length");
    page.key("Enter", 13, 0);
    assert_eq!(
        page.value("document.getElementById('query').value"),
        "{ agencies }"
    );

    // A page, then the next one; what came is text.
    let query = "query A($after: String) { agencies(first: 10, after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { node { name } } } }";
    page.does(&write(query));
    page.does(&format!(
        "document.getElementById('token').value = {}",
        Value::from(token)
    ));
    page.key("Enter", 13, 2);
    let first = page.value("document.getElementById('answer').textContent.includes('totalCount') && document.getElementById('answer').textContent");
    assert!(
        first
            .as_str()
            .is_some_and(|text| text.contains("<img src=x") && text.contains("\"totalCount\": 12")),
        "{first}"
    );
    page.value("!document.getElementById('next').hidden");
    page.does("document.getElementById('next').click()");
    page.value("document.getElementById('answer').textContent.includes('\"hasNextPage\": false')");
    assert_eq!(
        page.value("String(document.querySelectorAll('#answer img').length)"),
        "0"
    );
    assert_eq!(page.value("document.title"), "政信 API 控制台");
    let status = page.value("document.getElementById('status').textContent");
    assert!(
        status
            .as_str()
            .is_some_and(|text| text.contains("200") && text.contains("图版本 1")),
        "{status}"
    );

    page.does(&speak("en"));
    assert_eq!(
        page.value("document.getElementById('run').textContent"),
        "Run"
    );
    assert_eq!(page.value("document.documentElement.lang"), "en");
    std::mem::take(&mut page.events)
}
