//! Intake: how a source's deliveries are reached and where in them the rows stand. Addresses and
//! secrets are no knowledge about a source and stand in the configuration (`config::Place`).

use std::num::NonZeroU32;

use chrono::TimeDelta;
use serde::{Deserialize, Deserializer, de};

use crate::timetable::Timetable;

/// How long a scheduled run may be put off at most: with more, runs would be skipped.
const JITTER_MAX: TimeDelta = TimeDelta::hours(12);
/// How soon behind a run it is looked again at the earliest, whoever waits.
const AWAITED_MIN: TimeDelta = TimeDelta::minutes(5);

/// Where in a JSON or XML document the rows stand.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// JSON pointers to the list of rows, of which the first that is a list is taken.
    #[serde(default)]
    pub rows: Vec<String>,
    /// JSON pointers to the declared total.
    #[serde(default)]
    pub total: Vec<String>,
    /// A JSON pointer to the success code, and the codes that mean success.
    pub code: Option<String>,
    #[serde(default)]
    pub success: Vec<String>,
    /// A key whose text is a JSON object with further keys of the row.
    pub nested: Option<String>,
    /// The element of an XML document that is a row: its name, or the end of its path, such as
    /// `Body/fields`.
    pub xml_row: Option<String>,
    /// The element of an XML document that declares the total, in the same way.
    pub xml_total: Option<String>,
}

/// Calls of one host in a second where a source says nothing.
const REQUESTS_PER_SECOND: NonZeroU32 =
    NonZeroU32::new(5).expect("some calls in a second are made");

/// How a service wants to be asked: its dialect of signing (`egress::signing`) and its pace. What is
/// secret stands in the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Service {
    pub signing: Signing,
    /// At most so many calls in a second.
    pub requests_per_second: NonZeroU32,
}

impl Default for Service {
    fn default() -> Self {
        Self {
            signing: Signing::default(),
            requests_per_second: REQUESTS_PER_SECOND,
        }
    }
}

/// A dialect of signing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signing {
    /// A bearer token where one is configured, else nothing.
    #[default]
    Bearer,
    /// 广东省政务服务 TIF gateway: `x-tif-*` headers.
    Tif,
    /// The national exchange's handshake: `gjgxjhpt_*`, HMAC-SHA256, a secret that expires.
    NationalExchange,
    /// A body encrypted with SM4 and a token that is its SM3 digest with key, time and secret.
    Sm3Sm4,
}

/// When `serve` brings a source in by itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Five fields of cron, in the time of China.
    pub cron: Timetable,
    /// ISO 8601 duration by less than which each run is put off, so that hubs with the same
    /// timetable do not ask at the same second.
    #[serde(default, deserialize_with = "jitter")]
    pub jitter: TimeDelta,
    /// Runs that were missed while the hub was down are made up for, by one run at its start.
    #[serde(default = "yes")]
    pub catch_up: bool,
    /// ISO 8601 duration behind the last run after which it is looked again, while somebody waits for what
    /// he performed to be removed.
    #[serde(default, deserialize_with = "awaited")]
    pub awaited: Option<TimeDelta>,
}

fn yes() -> bool {
    true
}

fn jitter<'de, D: Deserializer<'de>>(text: D) -> Result<TimeDelta, D::Error> {
    let text = String::deserialize(text)?;
    duration(&text)
        .filter(|jitter| *jitter <= JITTER_MAX)
        .ok_or_else(|| {
            de::Error::custom(format!("{text:?}, expected PTnS, PTnM or PTnH up to PT12H"))
        })
}

fn awaited<'de, D: Deserializer<'de>>(text: D) -> Result<Option<TimeDelta>, D::Error> {
    let text = String::deserialize(text)?;
    let within = duration(&text).filter(|within| (AWAITED_MIN..=JITTER_MAX).contains(within));
    let expected = || format!("{text:?}, expected PTnM or PTnH from PT5M up to PT12H");
    within
        .map(Some)
        .ok_or_else(|| de::Error::custom(expected()))
}

/// A duration in whole seconds, minutes or hours.
fn duration(text: &str) -> Option<TimeDelta> {
    let text = text.strip_prefix("PT")?;
    let (unit, seconds) = [("S", 1), ("M", 60), ("H", 3_600)]
        .into_iter()
        .find(|(unit, _)| text.ends_with(unit))?;
    let number: u32 = text.strip_suffix(unit)?.parse().ok()?;
    TimeDelta::try_seconds(i64::from(number) * seconds)
}
