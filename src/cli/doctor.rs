use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{date::china_offset, notice::NoticeState};
use serde_json::{Value, json};

use crate::{
    app,
    audit::Lag,
    auth::Auth,
    catalogue::{Catalogue, Source},
    clock::Clock,
    config::{Config, Place, When},
    jobs::next_run,
    raw_key::KeyRing,
    retention::survey,
    store::{self, Freshness, Store},
};

use super::{Done, Global, Out, Output, Stop};

/// How long an entry may wait for a checkpoint that states it, and for a witness who signs that.
const STATED_WITHIN: TimeDelta = TimeDelta::minutes(10);
const WITNESSED_WITHIN: TimeDelta = TimeDelta::hours(4);

/// One thing that was looked at.
struct Finding {
    what: String,
    is_good: bool,
    told: String,
}

impl Finding {
    fn of<E: std::fmt::Display>(what: &str, result: Result<String, E>) -> Self {
        match result {
            Ok(told) => Self {
                what: what.to_owned(),
                is_good: true,
                told,
            },
            Err(error) => Self {
                what: what.to_owned(),
                is_good: false,
                told: error.to_string(),
            },
        }
    }
}

pub(super) async fn run(global: &Global) -> Result<Done, Stop> {
    let mut findings = Vec::new();
    let config = match global.config() {
        Ok(config) => config,
        Err(Stop::Failed(reason) | Stop::WrongUsage(reason)) => {
            findings.push(Finding::of("configuration", Err::<String, _>(reason)));
            return tell(global.output, &findings);
        }
        Err(stop) => return Err(stop),
    };
    findings.push(Finding::of(
        "configuration",
        Ok::<_, String>("read".to_owned()),
    ));
    findings.push(Finding::of("catalogue", look_at_catalogue(&config)));
    look_at_database(&config, &mut findings).await;
    findings.push(Finding::of("raw deliveries", look_at_raw(&config)));
    look_at_raw_keys(&config, &mut findings).await;
    look_at_audit(&config, &mut findings).await;
    look_at_detection(&config, &mut findings).await;
    look_at_sources(&config, &mut findings).await;
    look_at_subscribers(&config, &mut findings).await;
    findings.push(match Auth::new(&config.auth, Clock::system()) {
        Ok(_) if config.auth.local.is_none() && config.auth.issuers.is_empty() => Finding::of(
            "tokens",
            Ok::<_, String>("no key is configured: everybody is the public viewer".to_owned()),
        ),
        auth => Finding::of("tokens", auth.map(|auth| whose_tokens(&config, &auth))),
    });
    tell(global.output, &findings)
}

fn whose_tokens(config: &Config, auth: &Auth) -> String {
    let issuers = match auth.issuers() {
        0 => None,
        number => Some(format!("{number} issuer(s)")),
    };
    let local = config.auth.local.as_ref();
    let local = local.map(|_| "a local development key".to_owned());
    let both: Vec<_> = [issuers, local].into_iter().flatten().collect();
    format!("{} configured", both.join(" and "))
}

fn look_at_catalogue(config: &Config) -> Result<String, String> {
    match Catalogue::load(config.catalogue.dir.as_deref()) {
        Ok(catalogue) => Ok(format!(
            "good, fingerprint {}",
            &catalogue.fingerprint[..16]
        )),
        Err(errors) => Err(errors
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("; ")),
    }
}

async fn look_at_database(config: &Config, findings: &mut Vec<Finding>) {
    let store = match Store::open(&config.database_url()).await {
        Ok(store) => store,
        Err(error) => {
            findings.push(Finding::of("database", Err::<String, _>(error)));
            return;
        }
    };
    findings.push(Finding::of(
        "database",
        store.ping().await.map(|()| "answers".to_owned()),
    ));
    findings.push(Finding::of(
        "database schema",
        store
            .check_schema()
            .await
            .map(|()| "is this release's".to_owned()),
    ));
    match store.settings().await {
        Ok(settings) => {
            findings.extend(settings.into_iter().map(|(name, value, is_good)| Finding {
                what: format!("database {name}"),
                is_good,
                told: value,
            }))
        }
        Err(error) => findings.push(Finding::of("database settings", Err::<String, _>(error))),
    }
}

/// A line for each source: whether it is configured, when it is due, how old its data are.
async fn look_at_sources(config: &Config, findings: &mut Vec<Finding>) {
    // What is wrong with the catalogue or the database is told already.
    let Ok(catalogue) = Catalogue::load(config.catalogue.dir.as_deref()) else {
        return;
    };
    let mut store = Store::open(&config.database_url()).await.ok();
    if let Some(opened) = &store
        && opened.check_schema().await.is_err()
    {
        store = None;
    }
    let now = Clock::system().now();
    for (key, source) in &catalogue.sources {
        let place = config.sources.get(key);
        let told = look_at_source(config, source, place, store.as_ref(), now).await;
        findings.push(Finding::of(&format!("source {key}"), told));
    }
    for key in config.sources.keys() {
        if !catalogue.sources.contains_key(key) {
            let reason = "is configured, and the catalogue has no such source";
            findings.push(Finding::of(
                &format!("source {key}"),
                Err::<String, _>(reason),
            ));
        }
    }
}

async fn look_at_source(
    config: &Config,
    source: &Source,
    place: Option<&Place>,
    store: Option<&Store>,
    now: DateTime<Utc>,
) -> Result<String, String> {
    let there = |moment: DateTime<Utc>| {
        let moment = moment.with_timezone(&china_offset());
        moment.format("%Y-%m-%d %H:%M:%S %:z").to_string()
    };
    let mut told = Vec::new();
    let is_off = place.is_some_and(|place| place.schedule == Some(When::Off));
    match place {
        None => told.push("not configured".to_owned()),
        Some(_) if is_off => told.push("off: brought in when somebody asks for it".to_owned()),
        Some(_) if !config.jobs.enabled => told.push("jobs.enabled is false".to_owned()),
        Some(place) => {
            if let Some(folder) = &place.folder {
                let what = format!("folder {}", folder.display());
                std::fs::read_dir(folder).map_err(|error| format!("{what}: {error}"))?;
                told.push(what);
            }
            let due = match store {
                Some(store) => next_run(store, source, place, &config.hub.province, now).await,
                None => Ok(None),
            };
            match due.map_err(|error| error.to_string())? {
                Some(due) if due <= now => told.push("due now".to_owned()),
                Some(due) => told.push(format!("due {}", there(due))),
                None if place.url.is_some() => told.push("no schedule".to_owned()),
                None => {}
            }
        }
    }
    if let Some(store) = store {
        let key = source.key.get_ref().clone();
        let known = store.freshness(std::slice::from_ref(&key)).await;
        let known = known.map_err(|error| error.to_string())?;
        match known
            .get(&key)
            .and_then(|known: &Freshness| known.data_as_of)
        {
            None => told.push("never brought in".to_owned()),
            Some(at) if now - at > TimeDelta::hours(source.cadence_h) => {
                told.push(format!("stale: data as of {}", there(at)));
            }
            Some(at) => told.push(format!("data as of {}", there(at))),
        }
    }
    Ok(told.join("; "))
}

/// The database, where this release can work with it; what is wrong with it is told already.
async fn sound_store(config: &Config) -> Option<Store> {
    let store = Store::open(&config.database_url()).await.ok()?;
    store.check_schema().await.ok()?;
    Some(store)
}

/// The same with the catalogue.
async fn catalogue_and_store(config: &Config) -> Option<(Catalogue, Store)> {
    let catalogue = Catalogue::load(config.catalogue.dir.as_deref()).ok()?;
    Some((catalogue, sound_store(config).await?))
}

/// A line for each subscriber: whether he can be told, and whether he is.
async fn look_at_subscribers(config: &Config, findings: &mut Vec<Finding>) {
    if config.notify.is_empty() {
        return;
    }
    let Some((catalogue, store)) = catalogue_and_store(config).await else {
        return;
    };
    let catalogue = Arc::new(catalogue);
    for (name, subscriber) in &config.notify {
        let mut alone = config.clone();
        alone.notify = [(name.clone(), subscriber.clone())].into();
        let told = look_at_subscriber(&alone, name, &catalogue, &store).await;
        findings.push(Finding::of(&format!("subscriber {name}"), told));
    }
}

async fn look_at_subscriber(
    config: &Config,
    name: &str,
    catalogue: &Arc<Catalogue>,
    store: &Store,
) -> Result<String, String> {
    let (catalogue, clock) = (Arc::clone(catalogue), Clock::system());
    let audit = app::read_audit(config, store.clone(), clock.clone());
    let audit = audit.map_err(|error| error.to_string())?;
    let way = app::open_notify(config, catalogue, (store.clone(), audit), clock);
    way.map_err(|error| error.to_string())?;
    let count = async |state| {
        let counted = store.count_notices(name, state).await;
        counted.map_err(|error| error.to_string())
    };
    let retry = format!("`zhengxin notify retry {name}` sends them again");
    let waiting = count(NoticeState::Pending).await? + count(NoticeState::Sending).await?;
    if count(NoticeState::Gone).await? > 0 {
        return Err(format!(
            "answered that it wants no more (410); {waiting} wait; {retry}"
        ));
    }
    match count(NoticeState::Dead).await? {
        0 => Ok(format!("{waiting} wait")),
        dead => Err(format!("{dead} could not be told, {waiting} wait; {retry}")),
    }
}

fn look_at_raw(config: &Config) -> Result<String, app::Error> {
    app::open_raw(config)?;
    if let Some(address) = &config.raw.s3 {
        return Ok(address.clone());
    }
    let folder = config.raw_folder();
    // A folder that can be read is not yet one that can be written.
    tempfile::tempfile_in(&folder).map_err(|error| app::Error::Raw(error.to_string()))?;
    Ok(folder.display().to_string())
}

/// Whether the hub still warns: it does not where bodies were graded and warned by newer rules, or on a later day.
async fn look_at_detection(config: &Config, findings: &mut Vec<Finding>) {
    let Some((catalogue, store)) = catalogue_and_store(config).await else {
        return;
    };
    let own = catalogue.assess.basis(Clock::system().today());
    let told = match store.assess_bases().await {
        Ok(judged) if own.may_follow(&judged) => Ok(format!("by red lines {}", own.version)),
        Ok(judged) => {
            let newest = judged
                .iter()
                .map(|one| format!("{} on {}", one.version, one.day));
            Err(format!(
                "bodies were graded and warned by red lines {}; by those that are here, {} on {}, nobody is: \
                 have the newer ones, or set the clock right, or take over by `zhengxin assess --take-over`",
                newest.collect::<Vec<_>>().join(", "),
                own.version,
                own.day
            ))
        }
        Err(error) => Err(error.to_string()),
    };
    findings.push(Finding::of("warnings", told));
}

/// How far what others can hold against the audit log lags behind it.
async fn look_at_audit(config: &Config, findings: &mut Vec<Finding>) {
    let Some(store) = sound_store(config).await else {
        return;
    };
    let clock = Clock::system();
    let now = clock.now();
    let told = async {
        let said = |error: store::Error| error.to_string();
        app::check_audit_hash(config, &store).await.map_err(said)?;
        let audit = app::read_audit(config, store, clock).map_err(|error| error.to_string())?;
        audit
            .extends_signed()
            .await
            .map_err(|error| error.to_string())?;
        tell_lag(&audit.lag().await.map_err(said)?, now)
    };
    findings.push(Finding::of("audit log", told.await));
}

fn tell_lag(lag: &Lag, now: DateTime<Utc>) -> Result<String, String> {
    let is_late = |since: Option<DateTime<Utc>>, late| since.is_some_and(|at| now - at > late);
    if is_late(lag.pending.oldest.map(|oldest| oldest.at()), STATED_WITHIN) {
        return Err(format!(
            "{} entries wait to be put into it: `serve` does that, and `zhengxin audit checkpoint`",
            lag.pending.count
        ));
    }
    let mut told = vec![format!("{} entries", lag.entries)];
    let unstated = lag.unstated;
    if is_late(unstated.since, STATED_WITHIN) {
        return Err(format!(
            "no checkpoint states its last {} entries",
            unstated.entries
        ));
    }
    match lag.unwitnessed {
        Some(behind) if is_late(behind.since, WITNESSED_WITHIN) => {
            return Err(format!(
                "no witness signed its last {} entries for more than {} hours",
                behind.entries,
                WITNESSED_WITHIN.num_hours()
            ));
        }
        Some(behind) => told.push(format!("{} not witnessed yet", behind.entries)),
        None => told
            .push("no witness in audit.keys: who has the key can write it anew unseen".to_owned()),
    }
    Ok(told.join("; "))
}

/// Whether keys and objects of raw deliveries belong together.
async fn look_at_raw_keys(config: &Config, findings: &mut Vec<Finding>) {
    let path = config.raw_key_file();
    let ring = match config.hub.raw_key_file.is_none() && !path.exists() {
        // It is made when it is first needed.
        true => None,
        false => match KeyRing::open(&path) {
            Ok(ring) => Some(ring),
            Err(error) => {
                findings.push(Finding::of("raw keys", Err::<String, _>(error)));
                return;
            }
        },
    };
    // What is wrong with the catalogue, the database or the store is told already.
    let Ok(catalogue) = Catalogue::load(config.catalogue.dir.as_deref()) else {
        return;
    };
    let (Ok(store), Ok(raw)) = (
        Store::open(&config.database_url()).await,
        app::open_raw(config),
    ) else {
        return;
    };
    if store.check_schema().await.is_err() {
        return;
    }
    let now = Clock::system().now();
    let found = survey((&store, &raw), ring.as_ref(), &catalogue, now).await;
    let told = found
        .map_err(|error| error.to_string())
        .and_then(|found| found.told());
    findings.push(Finding::of("raw keys", told));
}

fn tell(output: Output, findings: &[Finding]) -> Result<Done, Stop> {
    let mut out = Out::new();
    match output {
        Output::Table => {
            for finding in findings {
                out.line(format_args!(
                    "{:<5} {:<28} {}",
                    if finding.is_good { "ok" } else { "WRONG" },
                    finding.what,
                    finding.told
                ))?;
            }
        }
        Output::Json | Output::Jsonl => {
            let list: Vec<Value> = findings
                .iter()
                .map(|finding| json!({ "what": finding.what, "ok": finding.is_good, "told": finding.told }))
                .collect();
            out.line(Value::Array(list))?;
        }
    }
    out.end()?;
    Ok(if findings.iter().all(|finding| finding.is_good) {
        Done::Well
    } else {
        Done::Failed
    })
}
