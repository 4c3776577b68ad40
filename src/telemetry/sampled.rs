//! What is looked up when somebody asks for the metrics: the graph, the sources, the process.

use std::time::Duration;

use prometheus_client::{
    metrics::{counter::ConstCounter, family::Family, gauge::Gauge, info::Info},
    registry::{Registry, Unit},
};

use crate::{app::App, store::Store};

use super::{
    meters::{Fraction, text},
    process::Process,
};

/// How long the database may take to tell how fresh the sources are.
const PATIENCE: Duration = Duration::from_secs(2);

type BySource = Family<[(&'static str, String); 1], Fraction>;

pub(super) async fn lines(app: &App, store: Option<&Store>) -> String {
    let mut hub = Registry::with_prefix("zhengxin");
    let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
    hub.register("build", "Which hub this is", build);
    graph(&mut hub, app);
    freshness(&mut hub, app, store).await;
    audit(&mut hub, app).await;
    let mut of_process = Registry::with_prefix("process");
    process(&mut of_process);
    text(&hub) + &text(&of_process)
}

fn gauge(registry: &mut Registry, name: &str, help: &str, value: i64) {
    let gauge: Gauge = Gauge::default();
    gauge.set(value);
    registry.register(name, help, gauge);
}

fn graph(registry: &mut Registry, app: &App) {
    let graph = app.live.now();
    let help = "The number of the change log up to which the graph goes";
    gauge(registry, "graph_version", help, graph.seq());
    let (agencies, records, mentions) = graph.counts();
    let facts: Family<[(&str, &str); 1], Gauge> = Family::default();
    for (kind, count) in [
        ("agency", agencies),
        ("credit_record", records),
        ("mention", mentions),
    ] {
        let gauge = facts.get_or_create_owned(&[("kind", kind)]);
        gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
    }
    registry.register("graph_facts", "Facts in the graph", facts);
    let help = "Whether the hub takes requests: 0 once it is to stop";
    let is_ready = !app.leaving.is_cancelled();
    gauge(registry, "serving", help, i64::from(is_ready));
}

/// Sources that never delivered are left out: they have no moment to tell.
async fn freshness(registry: &mut Registry, app: &App, store: Option<&Store>) {
    let keys: Vec<String> = app.catalogue.sources.keys().cloned().collect();
    let told = match store {
        Some(store) => tokio::time::timeout(PATIENCE, store.freshness(&keys)).await,
        None => return gauge(registry, "database_up", "Whether the database answers", 0),
    };
    let told = told.ok().and_then(Result::ok);
    let is_up = i64::from(told.is_some());
    gauge(
        registry,
        "database_up",
        "Whether the database answers",
        is_up,
    );
    let (success, as_of, age) = (
        BySource::default(),
        BySource::default(),
        BySource::default(),
    );
    let now = app.clock.now();
    for (source, fresh) in told.into_iter().flatten() {
        let label = [("source", source)];
        let seconds =
            |moment: chrono::DateTime<chrono::Utc>| moment.timestamp_millis() as f64 / 1e3;
        if let Some(at) = fresh.last_success_at {
            success.get_or_create_owned(&label).set(seconds(at));
        }
        if let Some(at) = fresh.data_as_of {
            as_of.get_or_create_owned(&label).set(seconds(at));
            age.get_or_create_owned(&label)
                .set(seconds(now) - seconds(at));
        }
    }
    let help = "When a source last delivered";
    registry.register_with_unit(
        "source_last_success_timestamp",
        help,
        Unit::Seconds,
        success,
    );
    let help = "Of when a source's data speaks";
    registry.register_with_unit("source_data_as_of_timestamp", help, Unit::Seconds, as_of);
    let help = "How old a source's data is";
    registry.register_with_unit("source_data_age", help, Unit::Seconds, age);
}

/// How far what others can hold against the audit log lags behind it; nothing where it does not answer.
async fn audit(registry: &mut Registry, app: &App) {
    let lag = tokio::time::timeout(PATIENCE, app.audit.lag()).await;
    let Some(lag) = lag.ok().and_then(Result::ok) else {
        return;
    };
    let now = app.clock.now();
    let age = |since: Option<chrono::DateTime<chrono::Utc>>| {
        since.map_or(0, |since| (now - since).num_seconds().max(0))
    };
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let (unstated, pending) = (lag.unstated, lag.pending);
    let help = "Entries of the audit log";
    gauge(registry, "audit_entries", help, count(lag.entries));
    let help = "Entries that are durable and not in the audit log yet";
    gauge(registry, "audit_pending", help, count(pending.count));
    let help = "Entries that no checkpoint states yet";
    gauge(registry, "audit_unstated", help, count(unstated.entries));
    let help = "For how many seconds the first of them has waited";
    gauge(registry, "audit_unstated_age", help, age(unstated.since));
    let Some(unwitnessed) = lag.unwitnessed else {
        return;
    };
    let help = "Entries that no witness signed yet";
    gauge(
        registry,
        "audit_unwitnessed",
        help,
        count(unwitnessed.entries),
    );
    let help = "For how many seconds the first of them has waited";
    gauge(
        registry,
        "audit_unwitnessed_age",
        help,
        age(unwitnessed.since),
    );
}

fn process(registry: &mut Registry) {
    let process = Process::now();
    for (name, help, value) in [
        (
            "resident_memory_bytes",
            "Memory in use",
            process.resident_bytes,
        ),
        ("open_fds", "Open files", process.open_files),
        ("max_fds", "Files that may be open", process.files_max),
    ] {
        if let Some(value) = value {
            gauge(registry, name, help, value);
        }
    }
    let cpu = ConstCounter::new(process.cpu_seconds);
    registry.register_with_unit("cpu", "Time of processors used", Unit::Seconds, cpu);
}
