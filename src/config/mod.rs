//! Configuration, and the one reader of the environment: a file, then `ZHENGXIN__SECTION__KEY`,
//! then flags. An unknown key is an error that names the key.

mod audit;
mod auth;
mod documents;
mod notify;
mod rates;
mod telemetry;
mod wire;

use std::{
    collections::BTreeMap,
    num::NonZeroU32,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Deserializer, de};

use crate::timetable::Timetable;

pub use audit::Audit;
pub use auth::{Algorithm, Auth, Issuer, LocalKey};
pub use documents::Documents;
pub use notify::{Smtp, SmtpTls, Subscriber, WatchedBy, WatcherRole, Way};
pub use rates::Rates;
pub use telemetry::{LogFormat, Telemetry};
pub use wire::{Server, StatusProfile, Streams};

const PREFIX: &str = "ZHENGXIN__";

/// All of it; each part has a default that works.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub hub: Hub,
    pub database: Database,
    pub raw: Raw,
    pub catalogue: CatalogueConfig,
    pub server: Server,
    pub auth: Auth,
    pub audit: Audit,
    pub rates: Rates,
    pub jobs: JobsConfig,
    pub reconcile: Reconcile,
    pub documents: Documents,
    pub telemetry: Telemetry,
    /// By the source's key.
    pub sources: BTreeMap<String, Place>,
    /// By the key of the platform's layout.
    pub outbound: BTreeMap<String, Outbound>,
    /// Who is told of warnings, by name.
    pub notify: BTreeMap<String, Subscriber>,
    pub smtp: Option<Smtp>,
}

/// Which hub this is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Hub {
    /// The province's division code; node ids carry it.
    pub province: String,
    /// A file of at least 32 random bytes: the key by which numbers of natural persons are
    /// digested. Lost, no official is recognised again; given away, digests can be guessed.
    pub person_key_file: Option<PathBuf>,
    /// A file of keys of 64 hexadecimal digits, one a line, the newest last: they wrap the keys by which raw
    /// deliveries are sealed. `raw.key` in the data folder where absent, which is made if there is none.
    pub raw_key_file: Option<PathBuf>,
}

/// Where facts are kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// The folder of the embedded database and of raw deliveries.
    pub data: PathBuf,
    /// `sqlite:PATH` or `postgres://…`; the embedded database in `data` where absent.
    pub url: Option<String>,
    /// Bring the schema up to date at start.
    pub migrate: bool,
}

/// Where raw deliveries are kept.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Raw {
    /// `raw` below the data folder where absent.
    pub folder: Option<PathBuf>,
    /// `s3://bucket/prefix`, in builds with the `s3` feature.
    pub s3: Option<String>,
}

/// Which catalogue.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CatalogueConfig {
    /// A folder instead of the catalogue that was built in.
    pub dir: Option<PathBuf>,
}

/// What `serve` does by itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct JobsConfig {
    /// Bring sources in when they are due, and what is dropped into their folders.
    pub enabled: bool,
}

/// The reconciliation service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reconcile {
    /// Origins whose pages may ask it from a browser, such as `http://127.0.0.1:3333`.
    pub origins: Vec<Origin>,
}

/// An origin: scheme, host and port, as browsers send it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(pub String);

/// When a source is brought in here, whatever its description says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// Only when somebody asks for it.
    Off,
    At(Timetable),
}

/// Where a source is reached, and with which secrets. How it is asked there is in its description.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Place {
    /// `http:` and `https:` are pulled, `postgres:`, `mysql:` and `sqlite:` hold an exchange table,
    /// `imap:` and `imaps:` a mailbox.
    pub url: Option<String>,
    /// A folder into which files are dropped.
    pub folder: Option<PathBuf>,
    /// Five fields of cron instead of its description's, or `off`.
    pub schedule: Option<When>,
    /// The feed that its deliveries belong to.
    pub feed: Option<String>,
    /// Address ranges that may be reached though they are not public, such as `10.1.2.0/24`.
    pub allow: Vec<String>,
    /// A file of PEM certificates that are trusted for it, instead of the public ones.
    pub ca_file: Option<PathBuf>,
    /// Who we are there: a bearer token's place, an application's number or a user's name.
    pub user: Option<String>,
    /// What proves it: a token, a password or a secret to sign with.
    pub secret: Option<String>,
    /// The lists that are pulled there, by the names in the source's description; those that it
    /// does not keep for named places, where none is named.
    pub lists: Vec<String>,
    /// Requests in a second at most, instead of what the source's description says.
    pub requests_per_second: Option<NonZeroU32>,
    /// What the dialect of signing wants besides, by its own names.
    pub extra: BTreeMap<String, String>,
}

/// Where and how a platform is told of records.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Outbound {
    /// Over which of its layout's channels.
    pub channel: Option<Channel>,
    pub place: Place,
}

/// A way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A signed service at `place.url`.
    Service,
    /// File packages in `place.folder`.
    Package,
    /// An exchange table in the database at `place.url`.
    Table,
}

/// What is wrong with the configuration.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("configuration file {place} can't be read: {source}")]
    Read {
        place: String,
        source: std::io::Error,
    },
    #[error("configuration file {place}: {reason}")]
    File { place: String, reason: String },
    #[error("environment variable {name}: {reason}")]
    Variable { name: String, reason: String },
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            province: "440000".to_owned(),
            person_key_file: None,
            raw_key_file: None,
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self {
            data: PathBuf::from("data"),
            url: None,
            migrate: true,
        }
    }
}

impl Default for Reconcile {
    /// The pages of an OpenRefine on the user's own machine.
    fn default() -> Self {
        let origins = ["http://127.0.0.1:3333", "http://localhost:3333"];
        Self {
            origins: origins.map(|origin| Origin(origin.to_owned())).into(),
        }
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(text: D) -> Result<Self, D::Error> {
        let text = String::deserialize(text)?;
        let host = ["http://", "https://"]
            .into_iter()
            .find_map(|scheme| text.strip_prefix(scheme));
        let is_host = |host: &str| {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
            !host.is_empty() && host.chars().all(is_plain)
        };
        if host.is_some_and(is_host) {
            return Ok(Self(text));
        }
        Err(de::Error::custom(
            "is no origin: expected scheme, host and port such as http://127.0.0.1:3333",
        ))
    }
}

impl Default for JobsConfig {
    fn default() -> Self {
        Self { enabled: true }
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(text: D) -> Result<Self, D::Error> {
        match String::deserialize(text)?.as_str() {
            "off" => Ok(Self::Off),
            cron => cron
                .parse()
                .map(Self::At)
                .map_err(|error| de::Error::custom(format!("{error}, or \"off\""))),
        }
    }
}

/// Addresses may hold a password, so none is shown.
impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Place")
            .field("folder", &self.folder)
            .field("feed", &self.feed)
            .finish_non_exhaustive()
    }
}

impl Config {
    /// Reads the file, if one is given, then the environment.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one reader of the environment"
    )]
    pub fn load(file: Option<&Path>) -> Result<Self, Error> {
        Self::from_parts(file, std::env::vars())
    }

    fn from_parts(
        file: Option<&Path>,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, Error> {
        let mut table = toml::Table::new();
        if let Some(path) = file {
            let place = path.display().to_string();
            let text = std::fs::read_to_string(path).map_err(|source| Error::Read {
                place: place.clone(),
                source,
            })?;
            let wrong = |error: toml::de::Error| {
                let at = error.span().map_or(0, |span| span.start.min(text.len()));
                let line = 1 + text[..at].matches('\n').count();
                let key = text[..at]
                    .rfind('\n')
                    .map_or(&*text, |newline| &text[newline + 1..]);
                let key = key.split(['=', '\n']).next().unwrap_or_default().trim();
                Error::File {
                    place: format!("{place}, line {line}, key {key}"),
                    reason: error.message().trim().to_owned(),
                }
            };
            // Read into its type at once, so that a mistake is told with its line.
            toml::from_str::<Config>(&text).map_err(wrong)?;
            table = toml::from_str(&text).map_err(wrong)?;
        }
        for (name, text) in variables {
            let Some(keys) = name.strip_prefix(PREFIX) else {
                continue;
            };
            let keys: Vec<String> = keys.split("__").map(str::to_lowercase).collect();
            put(&mut table, &keys, &text);
            // Each is tried by itself, so that a mistake is told with its name.
            Config::deserialize(table.clone()).map_err(|error| Error::Variable {
                name: name.clone(),
                reason: error.message().to_owned(),
            })?;
        }
        Config::deserialize(table).map_err(|error| Error::File {
            place: "as a whole".to_owned(),
            reason: error.to_string(),
        })
    }

    /// The database's address.
    pub fn database_url(&self) -> String {
        let embedded = || {
            format!(
                "sqlite:{}",
                self.database.data.join("zhengxin.db").display()
            )
        };
        self.database.url.clone().unwrap_or_else(embedded)
    }

    /// The file of the keys that wrap those of raw deliveries.
    pub fn raw_key_file(&self) -> PathBuf {
        let file = self.hub.raw_key_file.clone();
        file.unwrap_or_else(|| self.database.data.join("raw.key"))
    }

    /// The file of the key that signs the audit log's checkpoints.
    pub fn audit_key_file(&self) -> PathBuf {
        let file = self.audit.key_file.clone();
        file.unwrap_or_else(|| self.database.data.join("audit.key"))
    }

    /// The audit log's name in its checkpoints.
    pub fn audit_origin(&self) -> String {
        let origin = self.audit.origin.clone();
        origin.unwrap_or_else(|| format!("zhengxin/{}", self.hub.province))
    }

    /// The folder of raw deliveries.
    pub fn raw_folder(&self) -> PathBuf {
        self.raw
            .folder
            .clone()
            .unwrap_or_else(|| self.database.data.join("raw"))
    }
}

/// Sets a key; a text that is no TOML value is a string.
fn put(table: &mut toml::Table, keys: &[String], text: &str) {
    match keys {
        [] => {}
        [key] => {
            let value = format!("v = {text}")
                .parse::<toml::Table>()
                .ok()
                .and_then(|mut table| table.remove("v"));
            table.insert(
                key.clone(),
                value.unwrap_or_else(|| toml::Value::String(text.to_owned())),
            );
        }
        [key, rest @ ..] => {
            let inner = table
                .entry(key.clone())
                .or_insert_with(|| toml::Value::Table(toml::Table::new()));
            if let toml::Value::Table(inner) = inner {
                put(inner, rest, text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(file: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("zhengxin.toml");
        std::fs::write(&path, file).expect("a file");
        let variables = variables
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        Config::from_parts(Some(&path), variables).map_err(|error| error.to_string())
    }

    #[test]
    fn the_environment_goes_before_the_file() {
        let config = load(
            "[server]\nlisten = \"127.0.0.1:1\"\n[hub]\nprovince = \"350000\"",
            &[
                ("ZHENGXIN__SERVER__LISTEN", "127.0.0.1:2"),
                ("ZHENGXIN__SOURCES__COURT_DEBTORS__URL", "http://a"),
                ("PATH", "x"),
            ],
        )
        .expect("good");
        assert_eq!(config.server.listen.port(), 2);
        assert_eq!(config.hub.province, "350000");
        assert_eq!(
            config.sources["court_debtors"].url.as_deref(),
            Some("http://a")
        );
    }

    #[test]
    fn a_schedule_is_checked_where_it_is_read() {
        let name = "ZHENGXIN__SOURCES__COURT_DEBTORS__SCHEDULE";
        for (text, when) in [
            ("off", When::Off),
            (
                "30 5 * * *",
                When::At("30 5 * * *".parse().expect("a timetable")),
            ),
        ] {
            let config = load("", &[(name, text)]).expect("good");
            assert_eq!(config.sources["court_debtors"].schedule, Some(when));
        }
        let error = load("", &[(name, "daily")]).expect_err("no timetable");
        assert!(
            error.contains(name) && error.contains("five fields") && error.contains("off"),
            "{error}"
        );
        let file = "[sources.court_debtors]\nschedule = \"75 5 * * *\"\n";
        let error = load(file, &[]).expect_err("no timetable");
        assert!(
            error.contains("line 2") && error.contains("schedule"),
            "{error}"
        );
    }

    #[test]
    fn an_origin_is_what_browsers_send() {
        let name = "ZHENGXIN__RECONCILE__ORIGINS";
        let origins = |text: &str| {
            let config = load("", &[(name, text)])?;
            Ok::<_, String>(config.reconcile.origins)
        };
        for good in ["https://refine.example", "http://[::1]:3333"] {
            let text = format!("[{good:?}]");
            assert_eq!(origins(&text), Ok(vec![Origin(good.to_owned())]));
        }
        assert_eq!(origins("[]"), Ok(Vec::new()));
        assert_eq!(Config::default().reconcile.origins.len(), 2);
        for wrong in ["*", "127.0.0.1:3333", "http://", "http://a/", "http://a b"] {
            let error = origins(&format!("[{wrong:?}]")).expect_err("no origin");
            assert!(
                error.contains(name) && error.contains("no origin"),
                "{error}"
            );
        }
    }

    #[test]
    fn how_the_api_answers_is_checked_where_it_is_read() {
        let file = "[server]\nget = true\nstatus_profile = \"2026-09\"\norigins = [\"https://a.example\"]\n\
                    [server.streams]\ninit_ms = 250\n";
        let server = load(file, &[]).expect("good").server;
        assert!(server.get);
        assert_eq!(server.status_profile, StatusProfile::September2026);
        assert_eq!(server.streams.init.as_millis(), 250);
        assert_eq!(server.streams.ping.as_secs(), 15);
        for wrong in [
            "[server]\nstatus_profile = \"newest\"",
            "[server]\norigins = [\"*\"]",
            "[server.streams]\nping_ms = 0",
        ] {
            let error = load(wrong, &[]).expect_err("it is wrong");
            assert!(error.contains("line 2"), "{error}");
        }
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place() {
        let error = load("[server]\nlitsen = \"127.0.0.1:1\"", &[]).expect_err("unknown key");
        assert!(
            error.contains("litsen") && error.contains("line 2"),
            "{error}"
        );
        let error = load("", &[("ZHENGXIN__SERVER__LITSEN", "1")]).expect_err("unknown key");
        assert!(
            error.contains("ZHENGXIN__SERVER__LITSEN") && error.contains("litsen"),
            "{error}"
        );
    }
}
