//! The servers that are measured, each a process of its own on the first core.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use super::{load, server};

/// How long a server may take until it answers.
const PATIENCE: Duration = Duration::from_secs(120);

/// A server that answers.
pub struct Running {
    pub name: String,
    pub address: SocketAddr,
    pub token: Option<String>,
    process: Child,
}

/// How they are started.
pub struct Servers {
    npm: PathBuf,
    data: PathBuf,
    url: String,
}

impl Running {
    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Servers {
    pub fn new(npm: &Path, folder: &Path, url: &str) -> Self {
        Self {
            npm: npm.to_owned(),
            data: folder.join("data"),
            url: url.to_owned(),
        }
    }

    /// The hub's program, on the bench's database.
    pub fn zhengxin(&self, first_core: bool) -> Command {
        let program = env!("CARGO_BIN_EXE_zhengxin");
        let mut command = match first_core {
            true => on_first_core(program),
            false => Command::new(program),
        };
        command
            .arg("--data")
            .arg(&self.data)
            .args(["--database-url", &self.url])
            .env(
                "ZHENGXIN__AUTH__LOCAL__KEY",
                "a key that only this bench signs with",
            )
            .stdout(Stdio::piped());
        command
    }

    /// The hub, keeping answers in so many bytes; with none it keeps and shares none.
    pub fn hub(&self, cache_bytes: u64) -> anyhow::Result<Running> {
        let issue = [
            "token",
            "issue",
            "--role",
            "GOVERNMENT",
            "--division",
            "440000",
        ];
        let issued = self
            .zhengxin(false)
            .args(issue)
            .args(["--scope", "adhoc", "--minutes", "600"])
            .output()?;
        let token = String::from_utf8(issued.stdout)?.trim().to_owned();
        let mut process = self
            .zhengxin(true)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("ZHENGXIN__SERVER__CACHE_BYTES", cache_bytes.to_string())
            .env("ZHENGXIN__JOBS__ENABLED", "false")
            .env("ZHENGXIN__RATES__SUBJECT_PER_SECOND", u32::MAX.to_string())
            .env("ZHENGXIN__RATES__SUBJECT_BURST", u32::MAX.to_string())
            .stderr(Stdio::null())
            .spawn()?;
        let mut line = String::new();
        let output = process.stdout.take().expect("it is piped");
        BufReader::new(output).read_line(&mut line)?;
        let address = line
            .trim()
            .strip_prefix("ready http://")
            .and_then(|rest| rest.strip_suffix("/graphql"))
            .ok_or_else(|| anyhow::anyhow!("the hub does not start: {line}"))?;
        Ok(Running {
            name: match cache_bytes {
                0 => "hub, nothing kept".to_owned(),
                _ => "hub, answers kept".to_owned(),
            },
            address: address.parse()?,
            token: Some(token),
            process,
        })
    }

    /// PostGraphile, connected as this user of the database.
    pub fn postgraphile(&self, user: &str) -> anyhow::Result<Running> {
        let config = include_str!("graphile.config.mjs");
        std::fs::write(self.npm.join("graphile.config.mjs"), config)?;
        let port = server::free_port();
        let (_, rest) = self.url.split_once('@').unwrap_or_default();
        let process = on_first_core("node_modules/.bin/node")
            .arg("node_modules/.bin/postgraphile")
            .current_dir(&self.npm)
            .env("DATABASE_URL", format!("postgres://{user}@{rest}"))
            .env("PORT", port.to_string())
            .env("GRAPHILE_ENV", "production")
            .env("NODE_ENV", "production")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let running = Running {
            name: format!("PostGraphile, {user}"),
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            token: None,
            process,
        };
        let started = Instant::now();
        while load::ask(&running, r#"{"query":"{ __typename }"}"#).is_err() {
            anyhow::ensure!(started.elapsed() < PATIENCE, "PostGraphile does not answer");
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(running)
    }
}

fn on_first_core(program: &str) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", "0", program]);
    command
}
