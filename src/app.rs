//! The one place that wires concrete things.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::{
    audit::{Action, Entry},
    id::digest_of,
    viewer::Viewer,
};
use tokio_util::sync::CancellationToken;

use crate::{
    assess::{Assessing, Results},
    audit::{self, Audit, Draft},
    auth::{self, Auth},
    casework::Casework,
    catalogue::{self, Catalogue},
    check::{Backdrops, Checking, Lists, Watching},
    clock::Clock,
    config::{self, Config},
    egress::Egress,
    graph::{Graph, Live, View},
    ingest::Ingest,
    notify::{self, Notify},
    outbound::{self, Outbound},
    person_key::PersonKey,
    raw_key::{KeyFileError, KeyRing},
    retention::{Retention, StoredKeys},
    sources::RawStore,
    store::{self, AuditFilter, Store, WatchTarget},
    telemetry::AnswerCounts,
};

/// Bytes of the key for natural persons' numbers: those of a digest.
const PERSON_KEY_BYTES_MIN: usize = 32;

/// The running hub.
#[derive(Clone)]
pub struct App {
    pub config: Arc<Config>,
    pub catalogue: Arc<Catalogue>,
    pub store: Store,
    pub live: Arc<Live>,
    pub auth: Arc<Auth>,
    pub audit: Audit,
    pub person_key: Option<PersonKey>,
    /// What wraps the keys of raw deliveries.
    pub raw_keys: KeyRing,
    /// Who is told of whose watch lists.
    pub watched_by: Arc<Vec<WatchTarget>>,
    /// Against what checks are told.
    pub backdrops: Backdrops,
    pub clock: Clock,
    /// What the answer cache did.
    pub answers: Arc<AnswerCounts>,
    /// Results of annual assessments that were read lately.
    pub results: Results,
    /// Cancelled when the hub says that it is ready no more.
    pub leaving: CancellationToken,
    /// Cancelled when what does not end by itself, such as subscriptions, is to end.
    pub stopping: CancellationToken,
}

/// Why the hub does not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Catalogue(Vec<catalogue::Error>),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Trust(#[from] auth::TrustError),
    #[error(transparent)]
    Outbound(#[from] outbound::Error),
    #[error(transparent)]
    Notify(#[from] notify::Error),
    #[error(transparent)]
    AuditKey(#[from] audit::KeyError),
    #[error(transparent)]
    Audit(#[from] audit::Unavailable),
    #[error("the raw store can't be opened: {0}")]
    Raw(String),
    #[error(transparent)]
    RawKeys(#[from] KeyFileError),
    #[error(
        "key hub.raw_key_file: a file of its own is expected where [[auth.issuers]] are configured \
         (`openssl rand -hex 32 > FILE`): without it raw deliveries can't be read any more, so keep a copy elsewhere"
    )]
    NoRawKeys,
    #[error("key hub.person_key_file: {place}: {reason}")]
    PersonKey { place: String, reason: String },
}

impl App {
    /// Opens the database and loads catalogue and graph.
    pub async fn start(config: Config, clock: Clock) -> Result<Self, Error> {
        let app = Self::open(config, clock).await?;
        app.live.catch_up().await?;
        Ok(app)
    }

    /// Opens the database and loads the catalogue; the graph is empty until it catches up.
    pub async fn open(config: Config, clock: Clock) -> Result<Self, Error> {
        let catalogue =
            Catalogue::open(config.catalogue.dir.as_deref()).map_err(Error::Catalogue)?;
        let auth = Auth::new(&config.auth, clock.clone())?;
        let store = open_store(&config)
            .await?
            .with_outbox(outbound::targets(&catalogue))
            .with_notices(notify::targets(&config, &catalogue)?);
        revoke(&auth, &store, &clock).await?;
        let person_key = person_key(&config.hub)?;
        let raw_keys = raw_keys(&config)?;
        let audit = open_audit(&config, store.clone(), clock.clone())?;
        let live = Live::of(
            store.clone(),
            Arc::clone(&catalogue.knowledge),
            config.hub.province.parse().ok(),
            catalogue.lists.published(),
            catalogue.casework.final_stages(),
        );
        let watched_by = Arc::new(notify::watch_targets(&config)?);
        Ok(Self {
            config: Arc::new(config),
            watched_by,
            catalogue,
            store,
            live,
            auth: Arc::new(auth),
            audit,
            person_key,
            raw_keys,
            backdrops: Backdrops::default(),
            clock,
            answers: Arc::default(),
            results: Results::default(),
            leaving: CancellationToken::new(),
            stopping: CancellationToken::new(),
        })
    }

    /// Writes into the audit log that the hub starts with another catalogue or configuration than the
    /// last time.
    pub async fn note_start(&self) -> Result<(), Error> {
        self.audit.integrate().await?;
        let configuration = digest_of(&[&format!("{:?}", self.config)]);
        let now = format!(
            "catalogue {} configuration {configuration}",
            self.catalogue.fingerprint
        );
        let starts = AuditFilter {
            action: Some(Action::Configuration),
            ..AuditFilter::default()
        };
        let last = self.store.find_audit(&starts, None, 1).await?;
        let last = last.first().and_then(|row| Entry::decode(&row.record).ok());
        if last.is_none_or(|last| last.object != now) {
            let draft = Draft::by_hub(Action::Configuration, now);
            self.audit.record(draft, None).await?;
        }
        Ok(())
    }

    /// What a viewer who states no purpose may see of a version, today.
    pub fn view(&self, graph: &Arc<Graph>, viewer: Viewer) -> View {
        self.view_for(graph, viewer, None)
    }

    /// What a viewer may see of a version, today, for the purpose that he states.
    pub fn view_for(&self, graph: &Arc<Graph>, viewer: Viewer, purpose: Option<&str>) -> View {
        let rules = self.catalogue.access.row_rules(viewer.role, purpose);
        graph.view(Arc::new(viewer), rules, self.clock.today())
    }

    /// What carries casework out.
    pub fn casework(&self) -> Casework {
        Casework {
            store: self.store.clone(),
            live: Arc::clone(&self.live),
            catalogue: Arc::clone(&self.catalogue),
            clock: self.clock.clone(),
        }
    }

    /// What grades and warns.
    pub fn assessing(&self) -> Assessing {
        Assessing {
            store: self.store.clone(),
            live: Arc::clone(&self.live),
            catalogue: Arc::clone(&self.catalogue),
            clock: self.clock.clone(),
            results: self.results.clone(),
        }
    }

    /// What checks subjects.
    pub fn checking(&self) -> Checking {
        Checking {
            catalogue: Arc::clone(&self.catalogue),
            store: self.store.clone(),
            audit: self.audit.clone(),
            clock: self.clock.clone(),
            person_key: self.person_key.clone(),
            backdrops: self.backdrops.clone(),
        }
    }

    /// What answers lists of subjects.
    pub fn lists(&self) -> Lists {
        Lists {
            checking: self.checking(),
            live: Arc::clone(&self.live),
            province: self.config.hub.province.clone(),
        }
    }

    /// What keeps watch lists and tells of them.
    pub fn watching(&self) -> Watching {
        Watching {
            catalogue: Arc::clone(&self.catalogue),
            store: self.store.clone(),
            live: Arc::clone(&self.live),
            clock: self.clock.clone(),
            targets: Arc::clone(&self.watched_by),
        }
    }

    /// What sends records out.
    pub fn outbound(&self) -> Result<Outbound, Error> {
        Ok(Outbound::new(
            &self.config,
            Arc::clone(&self.catalogue),
            (self.store.clone(), self.audit.clone()),
            &Egress::new(),
            self.clock.clone(),
        )?)
    }

    /// What tells subscribers of warnings.
    pub fn notify(&self) -> Result<Notify, Error> {
        let catalogue = Arc::clone(&self.catalogue);
        let kept = (self.store.clone(), self.audit.clone());
        open_notify(&self.config, catalogue, kept, self.clock.clone())
    }

    /// The store of raw deliveries, with its keys.
    pub fn raw(&self) -> Result<RawStore, Error> {
        let keys = StoredKeys {
            store: self.store.clone(),
            ring: self.raw_keys.clone(),
            clock: self.clock.clone(),
        };
        Ok(open_raw(&self.config)?.with_keys(Arc::new(keys)))
    }

    /// What ends raw deliveries that are kept too long.
    pub fn retention(&self) -> Result<Retention, Error> {
        Ok(Retention {
            store: self.store.clone(),
            raw: self.raw()?,
            ring: self.raw_keys.clone(),
            audit: self.audit.clone(),
            catalogue: Arc::clone(&self.catalogue),
            clock: self.clock.clone(),
        })
    }

    /// What brings deliveries in.
    pub fn ingest(&self) -> Result<Ingest, Error> {
        Ok(Ingest {
            store: self.store.clone(),
            raw: self.raw()?,
            live: Arc::clone(&self.live),
            catalogue: Arc::clone(&self.catalogue),
            egress: Egress::new(),
            clock: self.clock.clone(),
            person_key: self.person_key.clone(),
        })
    }
}

/// Has tokens refused that are revoked by now.
pub async fn revoke(auth: &Auth, store: &Store, clock: &Clock) -> Result<(), store::Error> {
    let since = clock.now() - auth::REVOCATION_KEPT;
    auth.revoke(store.list_revocations(since).await?);
    Ok(())
}

/// The key by which numbers of natural persons are digested, where one is configured.
fn person_key(hub: &config::Hub) -> Result<Option<PersonKey>, Error> {
    let Some(file) = &hub.person_key_file else {
        return Ok(None);
    };
    let key = std::fs::read(file).map_err(|source| Error::PersonKey {
        place: file.display().to_string(),
        reason: source.to_string(),
    })?;
    if key.len() < PERSON_KEY_BYTES_MIN {
        return Err(Error::PersonKey {
            place: file.display().to_string(),
            reason: format!("has {} bytes, expected {PERSON_KEY_BYTES_MIN}", key.len()),
        });
    }
    Ok(Some(PersonKey::new(&key)))
}

/// The keys that wrap those of raw deliveries. Beside identity providers, which is to say in production, a file
/// that was made by itself beside the database is none.
fn raw_keys(config: &Config) -> Result<KeyRing, Error> {
    let auth = &config.auth;
    let is_development = auth
        .local
        .as_ref()
        .is_some_and(|local| local.beside_issuers);
    match &config.hub.raw_key_file {
        // One that is not there is never made: what was sealed under the true one could not be read.
        Some(file) => Ok(KeyRing::open(file)?),
        None if auth.issuers.is_empty() || is_development => {
            Ok(KeyRing::open_or_make(&config.raw_key_file())?)
        }
        None => Err(Error::NoRawKeys),
    }
}

/// Opens the database; its schema is brought up to date unless the configuration forbids it.
pub async fn open_store(config: &Config) -> Result<Store, store::Error> {
    let store = Store::open(&config.database_url()).await?;
    if config.database.migrate {
        store.migrate().await?;
    } else {
        store.check_schema().await?;
    }
    check_audit_hash(config, &store).await?;
    Ok(store)
}

/// Refuses a hash that is not the one with which the audit log began: what is in it, and what was told by it, could be
/// proved no more.
pub async fn check_audit_hash(config: &Config, store: &Store) -> Result<(), store::Error> {
    let configured = config.audit.hash;
    let head = store.begun_audit_head().await?;
    match head.filter(|head| head.kind != configured) {
        None => Ok(()),
        Some(head) => Err(store::Error::Audit {
            reason: format!(
                "audit.hash is {configured}, and the log began with {}, which it keeps",
                head.kind
            ),
        }),
    }
}

/// Opens the audit log.
pub fn open_audit(config: &Config, store: Store, clock: Clock) -> Result<Audit, audit::KeyError> {
    let key = audit::SigningKey::open(&config.audit_key_file())?;
    Ok(audit_of(config, store, clock, Some(key)))
}

/// Opens the audit log as one who only reads it: no key is made.
pub fn read_audit(config: &Config, store: Store, clock: Clock) -> Result<Audit, audit::KeyError> {
    let key = audit::SigningKey::find(&config.audit_key_file())?;
    Ok(audit_of(config, store, clock, key))
}

fn audit_of(config: &Config, store: Store, clock: Clock, key: Option<audit::SigningKey>) -> Audit {
    let log = audit::Log {
        origin: config.audit_origin(),
        kind: config.audit.hash,
        key: key.map(Arc::new),
        keys: config.audit.keys.clone(),
        kept: TimeDelta::days(config.audit.keep_days.into()),
    };
    Audit::new(store, clock, log)
}

/// What tells subscribers of warnings.
pub fn open_notify(
    config: &Config,
    catalogue: Arc<Catalogue>,
    kept: (Store, Audit),
    clock: Clock,
) -> Result<Notify, Error> {
    Ok(Notify::new(config, catalogue, kept, &Egress::new(), clock)?)
}

/// Opens the store of raw deliveries, without its keys.
pub fn open_raw(config: &Config) -> Result<RawStore, Error> {
    match &config.raw.s3 {
        None => {
            RawStore::in_folder(&config.raw_folder()).map_err(|error| Error::Raw(error.to_string()))
        }
        #[cfg(feature = "s3")]
        Some(address) => RawStore::at_s3(address).map_err(|error| Error::Raw(error.to_string())),
        #[cfg(not(feature = "s3"))]
        Some(_) => Err(Error::Raw(
            "raw.s3 needs a build with the s3 feature".to_owned(),
        )),
    }
}
