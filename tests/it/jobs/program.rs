//! What the program says of its sources, and does by itself.

use std::time::Instant;

use serde_json::Value;

use super::{COURT, PATIENCE, REGISTER};
use crate::support::{Db, made, zhengxin};

#[test]
fn the_doctor_says_how_each_source_stands() {
    let db = Db::sqlite();
    let data = db.folder().display().to_string();
    zhengxin(["migrate", "--data", &data]).run().ended(0);
    let told = |config: &str, code: i32| {
        let config = db.file("zhengxin.toml", config.as_bytes());
        let config = config.display().to_string();
        let arguments = ["doctor", "-o", "json", "--data", &data, "--config", &config];
        zhengxin(arguments).run().ended(code).json()
    };
    let says = |told: &Value, source: &str, is_good: bool, words: &[&str]| {
        let what = format!("source {source}");
        let findings = told.as_array().expect("a list");
        let finding = findings.iter().find(|finding| finding["what"] == *what);
        let finding = finding.unwrap_or_else(|| panic!("no {what} in {told:#}"));
        let text = finding["told"].as_str().unwrap_or_default();
        assert!(
            finding["ok"] == is_good && words.iter().all(|word| text.contains(word)),
            "{source} {words:?}: {told:#}"
        );
    };
    let pulled = "[sources.court_debtors]\nurl = \"http://127.0.0.1:1\"\n";
    let new = told(pulled, 0);
    says(&new, COURT, true, &["due now", "never brought in"]);
    says(&new, REGISTER, true, &["not configured"]);
    let listings = [made::listing(1, "佛山市样例局")];
    let list = db.file("list.jsonl", &made::court_jsonl(&listings));
    let list = list.display().to_string();
    let bring = ["ingest", COURT, "--data", &data, "--file", &list];
    let old = bring.iter().chain(&["--as-of", "2020-01-01"]);
    let ran = zhengxin(old).run().ended(0);
    assert_eq!(ran.err, "", "progress is for terminals");
    let stale = "stale: data as of 2020-01-01 23:59:59 +08:00";
    says(&told(pulled, 0), COURT, true, &["due now", stale]);
    zhengxin(bring).run().ended(0);
    says(
        &told(pulled, 0),
        COURT,
        true,
        &["due now", "; data as of 2"],
    );
    let others = format!(
        "[sources.court_debtors]\nschedule = \"off\"\n[sources.agency_register]\nfolder = {data:?}\n"
    );
    let others = told(&others, 0);
    says(&others, COURT, true, &["off"]);
    says(&others, REGISTER, true, &["folder", &data]);
    let disabled = format!("[jobs]\nenabled = false\n{pulled}");
    says(&told(&disabled, 0), COURT, true, &["jobs.enabled is false"]);
    let wrong = "[sources.court]\n[sources.court_debtors]\nfolder = \"/nowhere\"\n";
    let wrong = told(wrong, 1);
    says(&wrong, "court", false, &["no such source"]);
    says(&wrong, COURT, false, &["/nowhere"]);
}

#[test]
fn what_is_served_brings_in_what_is_dropped() {
    let db = Db::sqlite();
    let drops = db.folder().join("drops");
    std::fs::create_dir(&drops).expect("the folder is ours");
    let list = made::court_jsonl(&[made::listing(1, "佛山市样例局")]);
    std::fs::write(drops.join("list.jsonl"), list).expect("the folder is ours");
    std::fs::write(drops.join("list.jsonl.ok"), "").expect("the folder is ours");
    let config = format!(
        "[sources.court_debtors]\nfolder = {:?}\n",
        drops.display().to_string()
    );
    let config = db.file("zhengxin.toml", config.as_bytes());
    let (config, data) = (
        config.display().to_string(),
        db.folder().display().to_string(),
    );
    let mut running = zhengxin([
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data",
        &data,
        "--config",
        &config,
    ])
    .start();
    running.lines_until("ready ");
    let end = Instant::now() + PATIENCE;
    while drops.join("list.jsonl.ok").exists() {
        assert!(
            Instant::now() < end && running.is_alive(),
            "it is not brought in"
        );
        std::thread::yield_now();
    }
    let done = std::fs::read_dir(drops.join("done")).expect("it is put away");
    assert_eq!(done.count(), 3, "the list, its mark and its report");
}
