//! Raw deliveries: sealed, kept for as long as they are needed, erased for ever.

mod demand;
mod keys;
mod periods;
mod sealed;

use std::path::{Path, PathBuf};

use domain::audit::{Action, Entry};
use zhengxin::{
    ingest::{Error, From, Report},
    jobs::retain,
    retention::{Retention, Turned},
    store::AuditFilter,
};

use crate::support::{Db, Hub, catalogue_with, made};

const REGISTER: &str = "agency_register";
const COURT: &str = "court_debtors";
const HOTLINE: &str = "hotline";

/// A name that is nowhere but in the raw bytes: the row is about a company, and only counted.
const CANARY: &str = "佛山市金丝雀样例有限公司";

/// A hub that keeps what the court sends for 10 days and what the hotline sends for 20.
async fn hub(db: &Db) -> Hub {
    let text = |key: &str| {
        let path = format!(
            "{}/catalogue/sources/{key}.toml",
            env!("CARGO_MANIFEST_DIR")
        );
        std::fs::read_to_string(path).expect("the catalogue stands there")
    };
    let days = |key: &str, days: u32| {
        let text = text(key);
        let at = text.find("\nextent").expect("it says its extent");
        format!("{}\nraw_days = {days}{}", &text[..at], &text[at..])
    };
    let catalogue = catalogue_with(
        db,
        &[
            ("court_debtors.toml", days(COURT, 10)),
            ("hotline.toml", days(HOTLINE, 20)),
        ],
    );
    let hub = Hub::with(db, |config| config.catalogue.dir = Some(catalogue)).await;
    let town = [made::body(2, "佛山市禅城区样例局", "440604")];
    hub.ingest(REGISTER, &[("r.csv", &made::register(&town))], |_| {})
        .await;
    hub
}

/// A list of the court: one of the town's bodies, and a company.
fn list() -> Vec<u8> {
    let listings = [
        made::listing(1, "佛山市禅城区样例局"),
        made::listing(2, CANARY).duty("这是一段只为测试而写的文字，别处没有"),
    ];
    made::court_jsonl(&listings)
}

fn digest(bytes: &[u8]) -> String {
    use sha2::Digest;
    let digest = sha2::Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Brings the list in.
async fn bring(hub: &Hub, source: &str) -> Report {
    hub.ingest(source, &[("list.jsonl", &list())], |_| {}).await
}

/// Reads the raw files of a run again.
async fn reread(hub: &Hub, run: i64) -> Result<Report, Error> {
    hub.try_ingest(COURT, &[], |order| order.from = From::Reread(run))
        .await
}

async fn turn(retention: &Retention) -> Turned {
    let turned = retain(retention).await.expect("nothing fails");
    turned.expect("nobody else is at it")
}

fn retention(hub: &Hub) -> Retention {
    hub.app.retention().expect("the raw store opens")
}

/// The object of bytes, as a folder keeps it.
fn object(db: &Db, digest: &str, generation: u32) -> PathBuf {
    let name = match generation {
        0 => format!("{digest}.zst"),
        _ => format!("{digest}.{generation}.zst"),
    };
    db.folder().join("raw").join(&digest[..2]).join(name)
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("it is there") {
        let path = entry.expect("it can be read").path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found
}

/// The entries of the audit log about erased bytes, the newest first, as `subject object`; the log must be sound.
async fn erasures(hub: &Hub) -> Vec<String> {
    let audit = &hub.app.audit;
    audit.integrate().await.expect("it is put together");
    let verified = audit.verify(None).await.expect("it is read");
    verified.expect("it is sound");
    let changes = AuditFilter {
        action: Some(Action::Change),
        ..AuditFilter::default()
    };
    let rows = hub.app.store.find_audit(&changes, None, 100).await;
    let rows = rows.expect("it is read");
    rows.iter()
        .map(|row| Entry::decode(&row.record).expect("an entry"))
        .filter(|entry| entry.object.starts_with("eraseRaw "))
        .map(|entry| format!("{} {}", entry.actor.subject, entry.object))
        .collect()
}
