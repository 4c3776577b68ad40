//! Telling subscribers of warnings: each version once, over each channel, whatever happens in between.

mod guard;
mod mail;
mod processes;
mod receiver;
mod retries;
mod watched;
mod webhooks;

pub(crate) use receiver::Receiver;

use domain::notice::NoticeState;
use zhengxin::{
    config::{Config, Smtp, Subscriber},
    notify::NotifyReport,
    store::NoticeEntry,
};

use crate::{
    api::catalogue_with,
    support::{Db, Hub, Ran, made, zhengxin},
};

/// What messages are signed with: the secret of the specification's own vector.
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ANOTHER_SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

/// Of the red line that court listings cross, in the shipped catalogue.
const LEVEL_OF_COURT: &str =
    "level = \"RED\"\nbodies = [\"ORGAN\", \"INSTITUTION\"]\nanswer_within = 3";
const CROSSED: &str = "crosses = { RL-COURT = \"RED\"";
const COURT: &str = "records = { status = [\"ACTIVE\"], when = [{ field = \"kind\", in = [\"JUDGMENT_DEBTOR\"] }], at_least = 1 }";

/// A subscriber, as the configuration has him.
fn subscriber(text: &str) -> Subscriber {
    toml::from_str(text).unwrap_or_else(|error| panic!("{text}\n{error}"))
}

/// A hub with two bodies, whose subscribers hear of court listings unless they say otherwise.
async fn hub_with(db: &Db, change: impl FnOnce(&mut Config)) -> Hub {
    let hub = Hub::with(db, change).await;
    let register = made::register(&[
        made::body(1, "佛山市样例局", "440600"),
        made::body(2, "佛山市禅城区样例局", "440604"),
    ]);
    hub.ingest("agency_register", &[("register.csv", &register)], |_| {})
        .await;
    hub
}

/// A webhook with what else stands in its table.
pub(crate) fn webhook(db: &Db, url: &str, more: &str) -> Subscriber {
    let secret = db.file("secret", SECRET.as_bytes()).display().to_string();
    subscriber(&format!(
        "url = {url:?}\nsecret_file = {secret:?}\nallow = [\"127.0.0.0/8\"]\nrequests_per_second = 10000\n{more}"
    ))
}

fn only_court(db: &Db, url: &str) -> Subscriber {
    webhook(db, url, "red_lines = [\"RL-COURT\"]")
}

/// The configuration of a mail server on this machine.
fn smtp(port: u16, more: &str) -> Smtp {
    let text = format!(
        "host = \"127.0.0.1\"\nport = {port}\nfrom = \"政务诚信 <hub@zx.example>\"\nallow = [\"127.0.0.0/8\"]\n{more}"
    );
    toml::from_str(&text).unwrap_or_else(|error| panic!("{text}\n{error}"))
}

/// A catalogue in which court listings warn at another level, and two of them at the next.
fn court_at(db: &Db, level: &str, worse: Option<&str>) -> std::path::PathBuf {
    let folder = db.folder().join("catalogue");
    if folder.exists() {
        return folder;
    }
    let at_level = LEVEL_OF_COURT.replace("RED", level);
    let worse = worse.map_or_else(
        || COURT.to_owned(),
        |worse| format!("{COURT}\n\n[[redline.worse]]\nat_least = \"2\"\nlevel = \"{worse}\""),
    );
    catalogue_with(
        &folder,
        &[
            ("redlines.toml", LEVEL_OF_COURT, &at_level),
            ("redlines.toml", COURT, &worse),
            ("redlines.toml", CROSSED, &CROSSED.replace("RED", level)),
        ],
    );
    folder
}

fn first(id: i64) -> made::Listing {
    made::listing(id, "佛山市样例局")
}

fn second(id: i64) -> made::Listing {
    made::listing(id, "佛山市禅城区样例局")
}

/// Who is nobody of ours, for lists that have nobody of ours.
fn nobody() -> made::Listing {
    made::listing(99, "云上样例大队")
}

/// Brings a full list in at a moment in China, and looks at the red lines.
async fn deliver(hub: &Hub, moment: &str, listings: &[made::Listing]) {
    hub.it_is_now(moment);
    let list = made::court_jsonl(listings);
    let report = hub
        .ingest("court_debtors", &[("list.jsonl", &list)], |_| {})
        .await;
    assert!(report.change.is_some(), "{report:#?}");
    assess(hub).await;
}

/// Bodies with a listing each.
async fn many(hub: &Hub, day: &str, n: u32) {
    let name = |n: u32| format!("佛山市样例{n}局");
    let bodies: Vec<_> = (10..10 + n)
        .map(|n| made::body(n, &name(n), "440600"))
        .collect();
    let register = made::register(&bodies);
    hub.it_is(day);
    hub.ingest("agency_register", &[("more.csv", &register)], |order| {
        order.partial = true;
    })
    .await;
    let listings: Vec<_> = (10..10 + n)
        .map(|n| made::listing(i64::from(n), &name(n)))
        .collect();
    let list = made::court_jsonl(&listings);
    hub.ingest("court_debtors", &[("list.jsonl", &list)], |_| {})
        .await;
}

async fn assess(hub: &Hub) {
    let assessed = hub.app.assessing().assess_all().await;
    assessed.expect("the database answers");
}

async fn round(hub: &Hub) -> NotifyReport {
    let notify = hub.app.notify().expect("it is configured");
    notify.round().await.expect("the database answers")
}

/// Nothing happens in a round.
async fn is_quiet(hub: &Hub) {
    assert_eq!(round(hub).await, NotifyReport::default());
}

/// The notices, the oldest first.
async fn notices(hub: &Hub) -> Vec<NoticeEntry> {
    let listed = hub.app.store.list_notices(None, None, 10_000).await;
    let mut entries = listed.expect("the database answers");
    entries.reverse();
    entries
}

/// The one notice that there is.
async fn notice(hub: &Hub) -> NoticeEntry {
    let mut entries = notices(hub).await;
    assert_eq!(entries.len(), 1, "{entries:#?}");
    entries.remove(0)
}

async fn states(hub: &Hub) -> Vec<NoticeState> {
    notices(hub).await.iter().map(|entry| entry.state).collect()
}

/// Calls the binary on this database.
fn call(db: &Db, arguments: &[&str]) -> Ran {
    let data = db.folder().display().to_string();
    let place = ["--database-url", &db.url(), "--data", &data];
    zhengxin([arguments, &place].concat()).run()
}
