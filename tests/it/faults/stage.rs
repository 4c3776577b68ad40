//! Where scenarios are played: a hub with a town, made once and copied for each.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use tempfile::TempDir;
use zhengxin::{
    app::App,
    clock::Clock,
    config::{Config, Place},
    egress::{Egress, Limits},
    graph::Live,
    ingest::{From, Ingest, Order, Report},
    store::Store,
};

use super::{delivery::Way, page_faults::PAGE_ROWS, source::Source, world::town};
use crate::support::{Db, TODAY, made, moment};

pub(crate) const COURT: &str = "court_debtors";
/// Memory that looks like a disk, where the system has it: what is tested is not the disk.
const MEMORY: &str = "/dev/shm";

/// What all scenarios share: the catalogue, and a database that knows the town.
pub(crate) struct Ground {
    app: App,
    database: PathBuf,
    /// Goes with this.
    folder: TempDir,
}

/// One scenario's hub.
pub(crate) struct Stage {
    pub(crate) app: App,
    pub(crate) ingest: Ingest,
    pub(crate) source: Source,
    pub(crate) db: DatabaseConnection,
    pub(crate) folder: TempDir,
    /// Where its catalogue stands.
    pub(crate) catalogue: PathBuf,
    /// Microseconds since 1970.
    now: Arc<AtomicI64>,
    deliveries: usize,
}

fn folder() -> TempDir {
    let place = Some(Path::new(MEMORY)).filter(|place| place.is_dir());
    let mut builder = tempfile::Builder::new();
    let folder = builder.prefix("zx-faults-");
    place
        .map_or_else(|| folder.tempdir(), |place| folder.tempdir_in(place))
        .expect("a temporary folder")
}

/// A catalogue whose pages are so small that a short list has several.
pub(crate) fn catalogue(into: &Path, page_rows: usize) {
    copy(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("catalogue"),
        into,
        page_rows,
    );
}

fn copy(from: &Path, into: &Path, page_rows: usize) {
    std::fs::create_dir_all(into).expect("the folder is ours");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let to = into.join(path.file_name().expect("an entry has a name"));
        if path.is_dir() {
            copy(&path, &to, page_rows);
        } else {
            let text = std::fs::read_to_string(&path).expect("a text");
            let text = text.replace("page_rows = 500", &format!("page_rows = {page_rows}"));
            std::fs::write(to, text).expect("the folder is ours");
        }
    }
}

fn config(data: &Path, url: Option<String>, catalogue: &Path) -> Config {
    let mut config = Config::default();
    config.database.data = data.to_owned();
    config.database.url = url;
    config.catalogue.dir = Some(catalogue.to_owned());
    config
}

/// The order for a delivery of the court's list that speaks of a day.
pub(crate) fn order(from: From, day: &str) -> Order {
    Order {
        source: COURT.to_owned(),
        feed: None,
        from,
        as_of: Some(moment(day)),
        partial: false,
        dry_run: false,
    }
}

async fn bring_town(app: &App, folder: &Path) {
    let register = folder.join("register.csv");
    std::fs::write(&register, made::register(&town())).expect("the folder is ours");
    let order = Order {
        source: "agency_register".to_owned(),
        ..order(From::Files(vec![register]), "2025-01-02")
    };
    let ingest = app.ingest().expect("the hub can bring deliveries in");
    let report: Report = ingest.run(&order, &|_| {}).await.expect("it can be tried");
    assert!(report.change.is_some(), "{report:#?}");
}

/// The limits of one who waits for nothing, and never gives a host up.
fn impatient() -> Limits {
    let short = Duration::from_millis(2);
    Limits {
        backoff: short,
        backoff_max: short,
        waiting_max: Duration::from_millis(50),
        failures_max: u32::MAX,
        ..Limits::default()
    }
}

fn clock() -> Clock {
    let now = moment(TODAY);
    Clock::of(move || now)
}

impl Ground {
    /// Makes it, on an embedded database.
    pub(crate) async fn make() -> Self {
        let folder = folder();
        catalogue(&folder.path().join("catalogue"), PAGE_ROWS);
        let config = config(folder.path(), None, &folder.path().join("catalogue"));
        let url = config.database_url();
        let app = App::start(config, clock()).await.expect("the hub starts");
        bring_town(&app, folder.path()).await;
        let database = folder.path().join("town.db");
        let db = open(&url).await;
        let sql = format!("VACUUM INTO '{}'", database.display());
        db.execute_unprepared(&sql).await.expect("a copy is made");
        db.close().await.expect("it closes");
        Self {
            app,
            database,
            folder,
        }
    }

    /// A hub of its own for one scenario.
    pub(crate) async fn stage(&self, seed: u64) -> Stage {
        let folder = folder();
        let file = folder.path().join("zhengxin.db");
        std::fs::copy(&self.database, &file).expect("the folders are ours");
        let config = config(folder.path(), None, &self.folder.path().join("catalogue"));
        self.on(config, folder, seed).await
    }

    /// One on PostgreSQL, where its programs are installed.
    pub(crate) async fn stage_on_postgres(&self, seed: u64) -> Option<Stage> {
        let db = Db::postgres()?;
        let folder = folder();
        let config = config(
            folder.path(),
            Some(db.url()),
            &self.folder.path().join("catalogue"),
        );
        let store = Store::open(&db.url()).await.expect("it opens");
        store.migrate().await.expect("it is ours");
        let stage = self.on(config, folder, seed).await;
        bring_town(&stage.app, stage.folder.path()).await;
        Some(stage)
    }

    async fn on(&self, config: Config, folder: TempDir, seed: u64) -> Stage {
        let url = config.database_url();
        let store = Store::open(&url).await.expect("the database opens");
        let catalogue = &self.app.catalogue;
        let (knowledge, published) = (
            Arc::clone(&catalogue.knowledge),
            catalogue.lists.published(),
        );
        let live = Live::of(
            store.clone(),
            knowledge,
            None,
            published,
            Default::default(),
        );
        let app = App {
            config: Arc::new(config),
            store,
            live,
            ..self.app.clone()
        };
        let mut ingest = app.ingest().expect("the hub can bring deliveries in");
        ingest.egress = Egress::with(impatient());
        let now = Arc::new(AtomicI64::new(moment(TODAY).timestamp_micros()));
        let told = Arc::clone(&now);
        ingest.clock = Clock::of(move || {
            DateTime::from_timestamp_micros(told.load(Ordering::SeqCst))
                .expect("a moment of our time")
        });
        Stage {
            ingest,
            app,
            source: Source::start(seed).await,
            db: open(&url).await,
            catalogue: self.folder.path().join("catalogue"),
            folder,
            now,
            deliveries: 0,
        }
    }
}

async fn open(url: &str) -> DatabaseConnection {
    let url = match url.strip_prefix("sqlite:") {
        Some(path) => format!("sqlite://{path}"),
        None => url.to_owned(),
    };
    Database::connect(url).await.expect("the database opens")
}

impl Stage {
    /// Lets so much time go by that what was interrupted is too old to go on with.
    pub(crate) fn rest(&self) {
        let day = TimeDelta::days(1).num_microseconds().unwrap_or_default();
        self.now.fetch_add(day, Ordering::SeqCst);
    }

    /// Puts a delivery where the hub will find it.
    pub(crate) fn set(&mut self, way: &Way) -> From {
        match way {
            Way::Pulled(script) => {
                self.source.plays(script.clone());
                From::Place(Box::new(Place {
                    url: Some(self.source.url()),
                    allow: vec!["127.0.0.0/8".to_owned()],
                    requests_per_second: std::num::NonZeroU32::new(100_000),
                    ..Place::default()
                }))
            }
            Way::Table(place) => From::Place(Box::new(place.clone())),
            Way::Brought(files) => {
                self.deliveries += 1;
                let folder = self
                    .folder
                    .path()
                    .join(format!("delivery-{}", self.deliveries));
                std::fs::create_dir_all(&folder).expect("the folder is ours");
                let path = |(name, bytes): &(String, Vec<u8>)| {
                    let path = folder.join(name);
                    std::fs::write(&path, bytes).expect("the folder is ours");
                    path
                };
                let mut paths: Vec<PathBuf> = files.files.iter().map(path).collect();
                if files.is_missing {
                    paths.push(folder.join("missing.csv"));
                }
                From::Files(paths)
            }
        }
    }
}
