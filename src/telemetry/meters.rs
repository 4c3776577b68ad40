//! What is counted, for the whole process.

use std::{
    sync::{LazyLock, atomic::AtomicU64},
    time::Duration,
};

use prometheus_client::{
    encoding::text::encode_registry,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

use super::Kind;

/// Seconds that answers take.
const SECONDS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10.0];
/// Seconds that deliveries take.
const DELIVERY_SECONDS: [f64; 7] = [1.0, 5.0, 20.0, 60.0, 300.0, 1_200.0, 3_600.0];
/// What operations come to.
const COSTS: [f64; 7] = [1.0, 10.0, 50.0, 200.0, 1_000.0, 5_000.0, 20_000.0];

/// Labels with values of closed lists.
type Closed<const N: usize> = [(&'static str, &'static str); N];
/// Labels with keys of the catalogue.
type Keyed<const N: usize> = [(&'static str, String); N];

pub(super) static METERS: LazyLock<Meters> = LazyLock::new(Meters::new);

/// The counters.
pub(super) struct Meters {
    registry: Registry,
    requests: Family<Closed<2>, Counter>,
    seconds: Family<Closed<1>, Histogram, fn() -> Histogram>,
    cost: Histogram,
    refusals: Family<Closed<1>, Counter>,
    cache: Family<Closed<1>, Counter>,
    sockets: Gauge,
    streams: Gauge,
    deliveries: Family<Keyed<2>, Counter>,
    notices: Family<Closed<2>, Counter>,
    delivery_seconds: Family<Keyed<1>, Histogram, fn() -> Histogram>,
    pub(super) connections: Gauge,
    pub(super) connections_refused: Counter,
    pub(super) connections_given_up: Counter,
    pub(super) log_lines_lost: Counter,
}

/// Something that is open; no longer when this is dropped.
#[derive(Debug)]
pub struct Open(Gauge);

impl Open {
    fn of(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Meters {
    fn new() -> Self {
        let seconds: fn() -> Histogram = || Histogram::new(SECONDS);
        let delivery_seconds: fn() -> Histogram = || Histogram::new(DELIVERY_SECONDS);
        let mut meters = Self {
            registry: Registry::with_prefix("zhengxin"),
            requests: Family::default(),
            seconds: Family::new_with_constructor(seconds),
            cost: Histogram::new(COSTS),
            refusals: Family::default(),
            cache: Family::default(),
            sockets: Gauge::default(),
            streams: Gauge::default(),
            deliveries: Family::default(),
            notices: Family::default(),
            delivery_seconds: Family::new_with_constructor(delivery_seconds),
            connections: Gauge::default(),
            connections_refused: Counter::default(),
            connections_given_up: Counter::default(),
            log_lines_lost: Counter::default(),
        };
        meters.register();
        meters
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        let requests = self.requests.clone();
        registry.register("requests", "Requests by kind and how they ended", requests);
        let (help, seconds) = ("Until a request was answered", self.seconds.clone());
        registry.register_with_unit("request", help, Unit::Seconds, seconds);
        let cost = self.cost.clone();
        registry.register(
            "operation_cost",
            "What the guard reckons of operations",
            cost,
        );
        let refusals = self.refusals.clone();
        registry.register("refusals", "Refusals by the rule", refusals);
        let cache = self.cache.clone();
        registry.register("answer_cache", "Looks into the answer cache", cache);
        let sockets = self.sockets.clone();
        registry.register("sockets", "Open WebSockets", sockets);
        let streams = self.streams.clone();
        registry.register("streams", "Open WebSockets and event streams", streams);
        let deliveries = self.deliveries.clone();
        registry.register("deliveries", "Deliveries and how they ended", deliveries);
        let notices = self.notices.clone();
        registry.register("notices", "Tries to tell subscribers of warnings", notices);
        let (help, seconds) = ("Until a delivery was in", self.delivery_seconds.clone());
        registry.register_with_unit("delivery", help, Unit::Seconds, seconds);
        let connections = self.connections.clone();
        registry.register("connections", "Open connections", connections);
        let refused = self.connections_refused.clone();
        registry.register("connections_refused", "Connections not taken in", refused);
        let (help, given_up) = (
            "Connections that asked nothing and gave their place to others",
            self.connections_given_up.clone(),
        );
        registry.register("connections_given_up", help, given_up);
        let (help, lost) = (
            "Lines of the log that nobody took",
            self.log_lines_lost.clone(),
        );
        registry.register("log_lines_lost", help, lost);
    }

    pub(super) fn request(&self, kind: Kind, outcome: &'static str, took: Duration) {
        let kind = ("kind", kind.as_str());
        let labels = [kind, ("outcome", outcome)];
        self.requests.get_or_create(&labels).inc();
        let seconds = self.seconds.get_or_create(&[kind]);
        seconds.observe(took.as_secs_f64());
    }

    pub(super) fn note_cost(&self, cost: u64) {
        self.cost.observe(cost as f64);
    }

    pub(super) fn refused(&self, reason: &'static str) {
        self.refusals.get_or_create(&[("reason", reason)]).inc();
    }

    pub(super) fn cache(&self, result: &'static str) {
        self.cache.get_or_create(&[("result", result)]).inc();
    }

    pub(super) fn open_socket(&self) -> Open {
        Open::of(&self.sockets)
    }

    pub(super) fn open_stream(&self) -> Open {
        Open::of(&self.streams)
    }

    pub(super) fn delivery(&self, source: &str, state: &str, took: Duration) {
        let source = ("source", source.to_owned());
        let seconds = self
            .delivery_seconds
            .get_or_create_owned(std::array::from_ref(&source));
        seconds.observe(took.as_secs_f64());
        let labels = [source, ("state", state.to_owned())];
        self.deliveries.get_or_create_owned(&labels).inc();
    }

    pub(super) fn notice(&self, way: &'static str, outcome: &'static str) {
        let labels = [("way", way), ("outcome", outcome)];
        self.notices.get_or_create(&labels).inc();
    }

    /// All of it as text, without the end mark.
    pub(super) fn text(&self) -> String {
        text(&self.registry)
    }
}

pub(super) fn text(registry: &Registry) -> String {
    let mut text = String::new();
    encode_registry(&mut text, registry).expect("a string takes whatever is written");
    text
}

/// A gauge of fractions.
pub(super) type Fraction = Gauge<f64, AtomicU64>;
