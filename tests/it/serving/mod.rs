//! Serving: connections and their bounds, the end, what is told of it all, and the console.

mod admin;
mod browser;
mod canaries;
mod connections;
mod console;
mod ending;
mod flood;
mod silence;
mod texts;
mod traces;

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::support::{Db, Program, Running, zhengxin};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A hub of its own, in a process of its own.
struct Server {
    running: Running,
    /// Where it is asked, without a path.
    base: String,
    /// Where it tells of itself.
    admin: String,
}

impl Server {
    fn on(db: &Db, settings: &[(&str, &str)]) -> Self {
        Self::started(Self::program(db, settings).start())
    }

    fn program(db: &Db, settings: &[(&str, &str)]) -> Program {
        let (url, folder) = (db.url(), db.folder().display().to_string());
        let listen = ["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
        let place = ["--database-url", &url, "--data", &folder];
        let arguments = ["serve"].into_iter().chain(listen).chain(place);
        let program = zhengxin(arguments);
        settings.iter().fold(program, |program, (key, value)| {
            program.env(&format!("ZHENGXIN__{key}"), value)
        })
    }

    fn started(mut running: Running) -> Self {
        let lines = running.lines_until("ready ");
        let said = |start: &str, end: &str| {
            let told = lines
                .iter()
                .find_map(|line| line.strip_prefix(start)?.strip_suffix(end));
            told.unwrap_or_else(|| panic!("no {start:?} in {lines:?}"))
                .to_owned()
        };
        Self {
            base: said("ready ", "/graphql"),
            admin: said("admin ", "/metrics"),
            running,
        }
    }

    /// Where it listens, for raw bytes.
    fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }
}

fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client")
}

/// The text at an address, which must be there.
async fn text_at(url: &str) -> String {
    let answer = client().get(url).send().await.expect("it answers");
    let answer = answer.error_for_status().expect("it is there");
    answer.text().await.expect("a text")
}

/// The value of a line of metrics; nought where there is none.
fn value(metrics: &str, line: &str) -> f64 {
    let rest = metrics.lines().find_map(|told| {
        let rest = told.strip_prefix(line)?;
        rest.strip_prefix(' ')?.parse().ok()
    });
    rest.unwrap_or(0.0)
}

/// A request to `/graphql` as bytes.
fn request(query: &str) -> String {
    let body = serde_json::json!({ "query": query }).to_string();
    format!(
        "POST /graphql HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

async fn send(stream: &mut TcpStream, bytes: &str) {
    stream
        .write_all(bytes.as_bytes())
        .await
        .expect("the hub reads");
}

/// All that comes until the hub closes; nothing where it reset the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
    let _ = read.expect("the hub closes the connection");
    String::from_utf8(bytes).expect("the hub writes UTF-8")
}

/// What comes up to the end of one answer with a length.
async fn one_answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let whole = async {
        loop {
            let read = stream.read_buf(&mut bytes).await.expect("the hub answers");
            assert!(read > 0, "it closed: {}", String::from_utf8_lossy(&bytes));
            let text = String::from_utf8_lossy(&bytes);
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                continue;
            };
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("content-length")
                    .then(|| value.parse::<usize>().ok())?
            });
            if body.len() >= length.expect("the answer has a length") {
                return text.into_owned();
            }
        }
    };
    timeout(PATIENCE, whole).await.expect("the hub answers")
}
