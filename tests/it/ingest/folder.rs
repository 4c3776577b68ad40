//! What is dropped into a folder.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use domain::run::{RunCounts, RunState};
use serde_json::Value;
use zhengxin::{
    config::Place,
    jobs::Jobs,
    store::{NewRun, Run},
};

use super::COURT;
use crate::support::{Db, Hub, made, moment, on_both, zhengxin};

/// A hub with a drop folder for the court's list.
struct Dropping {
    hub: Hub,
    jobs: Jobs,
    folder: PathBuf,
}

impl Dropping {
    async fn on(db: &Db) -> Self {
        let folder = db.folder().join("drops");
        fs::create_dir(&folder).expect("the folder is ours");
        let hub = Hub::with(db, |config| {
            let place = Place {
                folder: Some(folder.clone()),
                feed: Some("province".to_owned()),
                ..Place::default()
            };
            config.sources.insert(COURT.to_owned(), place);
        })
        .await;
        let jobs = Jobs::new(&hub.app.config, &hub.ingest);
        Self { hub, jobs, folder }
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.folder.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).expect("the folder is ours");
        }
        fs::write(path, bytes).expect("the folder is ours");
    }

    /// Looks, rests, and looks again.
    async fn settle(&mut self) {
        self.jobs.tick().await;
        self.hub.later(3);
        self.jobs.tick().await;
    }

    /// The source's runs, the first one first.
    async fn runs(&self) -> Vec<Run> {
        let runs = self.hub.app.store.list_runs(COURT, None, 100).await;
        let mut runs = runs.expect("the database answers");
        runs.reverse();
        runs
    }

    async fn states(&self) -> Vec<String> {
        let runs = self.runs().await;
        runs.iter().map(|run| run.state.to_string()).collect()
    }

    fn there(&self, folder: &str) -> Vec<String> {
        names(&self.folder.join(folder))
    }

    fn report(&self, path: &str) -> Value {
        let text = fs::read_to_string(self.folder.join(path)).expect("a report");
        serde_json::from_str(&text).expect("it is JSON")
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("an entry").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn list(ids: std::ops::RangeInclusive<i64>) -> Vec<u8> {
    let listings: Vec<_> = ids
        .map(|id| made::listing(id, "佛山市禅城区样例局"))
        .collect();
    made::court_jsonl(&listings)
}

#[tokio::test]
async fn a_file_is_taken_when_nobody_writes_it_any_more() {
    on_both(async |db| {
        let mut drop = Dropping::on(&db).await;
        let whole = list(1..=3);
        drop.write("list.jsonl", &whole[..40]);
        for unfinished in [
            "b.jsonl.part",
            "c.TMP",
            "d.filepart",
            ".e.jsonl",
            "~f.jsonl",
        ] {
            drop.write(unfinished, &whole);
        }
        let wait = drop.jobs.tick().await.expect("there is a folder");
        assert!(wait <= Duration::from_secs(2), "{wait:?}");
        drop.hub.later(1);
        drop.jobs.tick().await;
        // It has rested a second, and somebody goes on.
        drop.write("list.jsonl", &whole);
        drop.hub.later(1);
        drop.jobs.tick().await;
        assert_eq!(drop.states().await, Vec::<String>::new());
        drop.hub.later(2);
        drop.jobs.tick().await;
        drop.settle().await;
        let runs = drop.runs().await;
        assert_eq!(drop.states().await, ["DONE"]);
        assert_eq!(
            (runs[0].counts.received, runs[0].feed.as_str()),
            (3, "province")
        );
        let id = runs[0].id;
        let name = format!("{id}-list.jsonl");
        assert_eq!(
            drop.there("done"),
            [name.clone(), format!("{name}.report.json")]
        );
        let report = drop.report(&format!("done/{name}.report.json"));
        assert_eq!(
            (&report["run"], &report["received"]),
            (&id.into(), &3.into()),
            "{report:#}"
        );
        let left = [
            ".e.jsonl",
            "b.jsonl.part",
            "c.TMP",
            "d.filepart",
            "done",
            "~f.jsonl",
        ];
        assert_eq!(drop.there(""), left);
    })
    .await;
}

#[tokio::test]
async fn what_is_said_beside_a_file_goes_with_it() {
    on_both(async |db| {
        let mut drop = Dropping::on(&db).await;
        drop.write("b.jsonl", list(1..=3));
        drop.write("b.jsonl.ok", "");
        drop.write(
            "b.jsonl.toml",
            "feed = \"city\"\nas_of = 2026-11-12T09:00:00+08:00\nextent = \"delta\"\n",
        );
        // It speaks of before, so it goes before.
        drop.write("c.jsonl", list(1..=3));
        drop.write("c.jsonl.ok", "");
        drop.write("c.jsonl.toml", "as_of = \"2026-11-11T09:00:00+08:00\"\n");
        drop.write("a.jsonl", list(1..=3));
        drop.write("a.jsonl.ok", "");
        drop.jobs.tick().await;
        let runs = drop.runs().await;
        let told: Vec<_> = runs
            .iter()
            .map(|run| (run.feed.as_str(), run.data_as_of, run.is_full))
            .collect();
        let expected = [
            ("province", moment("2026-11-11"), true),
            ("city", moment("2026-11-12"), false),
            ("province", moment("2026-11-20"), true),
        ];
        assert_eq!(told, expected);
        let id = runs[1].id;
        let done = drop.there("done");
        for ending in ["", ".ok", ".toml", ".report.json"] {
            let name = format!("{id}-b.jsonl{ending}");
            assert!(done.contains(&name), "{name} is not in {done:?}");
        }
        assert_eq!(drop.there(""), ["done"]);
    })
    .await;
}

#[tokio::test]
async fn a_folder_is_one_delivery_once_it_says_so() {
    on_both(async |db| {
        let mut drop = Dropping::on(&db).await;
        drop.write("November/b.jsonl", list(3..=5));
        drop.write("November/a.jsonl", list(1..=2));
        drop.write("November/delivery.toml", "feed = \"city\"\n");
        drop.settle().await;
        assert_eq!(drop.states().await, Vec::<String>::new());
        drop.write("November/c.jsonl.part", "{");
        drop.write("November/_COMPLETE", "");
        drop.settle().await;
        assert_eq!(
            drop.states().await,
            Vec::<String>::new(),
            "c is being written"
        );
        fs::remove_file(drop.folder.join("November/c.jsonl.part")).expect("it is there");
        drop.jobs.tick().await;
        let runs = drop.runs().await;
        assert_eq!(drop.states().await, ["DONE"]);
        assert_eq!(
            (runs[0].feed.as_str(), runs[0].counts.received),
            ("city", 5)
        );
        let files = drop.hub.app.store.list_run_files(runs[0].id).await;
        let files: Vec<_> = files.expect("the database answers");
        let files: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(files, ["a.jsonl", "b.jsonl"]);
        assert_eq!(drop.there(""), ["done"]);
        let moved = format!("done/{}-November", runs[0].id);
        let inside = ["_COMPLETE", "a.jsonl", "b.jsonl", "delivery.toml"];
        assert_eq!(drop.there(&moved), inside);
    })
    .await;
}

#[tokio::test]
async fn what_is_held_or_refused_is_put_aside() {
    on_both(async |db| {
        let mut drop = Dropping::on(&db).await;
        drop.write("all.jsonl", list(1..=40));
        drop.settle().await;
        drop.write("few.jsonl", list(1..=5));
        drop.write("other.csv", "a,b\n1,2\n");
        drop.settle().await;
        assert_eq!(drop.states().await, ["DONE", "HELD", "FAILED"]);
        let runs = drop.runs().await;
        for (folder, run, name) in [("held", 1, "few.jsonl"), ("refused", 2, "other.csv")] {
            let name = format!("{}-{name}", runs[run].id);
            assert_eq!(
                drop.there(folder),
                [name.clone(), format!("{name}.report.json")]
            );
            let report = drop.report(&format!("{folder}/{name}.report.json"));
            assert!(report["message"].is_string(), "{report:#}");
        }
        // What lies aside is not looked into.
        drop.settle().await;
        assert_eq!(drop.runs().await.len(), 3);
        let approved = drop
            .hub
            .approve(COURT, runs[1].id)
            .await
            .expect("it is held");
        assert!(approved.change.is_some(), "{approved:#?}");
    })
    .await;
}

#[tokio::test]
async fn what_can_be_no_run_is_refused_with_its_reason() {
    on_both(async |db| {
        let mut drop = Dropping::on(&db).await;
        let long = "x".repeat(65);
        for (name, files, says) in [
            (
                "a.jsonl",
                vec![("a.jsonl", "{}"), ("a.jsonl.toml", "fed = \"city\"\n")],
                "unknown field `fed`",
            ),
            (
                "b.jsonl",
                vec![("b.jsonl", "{}"), ("b.jsonl.toml", "as_of = 2027-01-01\n")],
                "day to come",
            ),
            (
                "c.jsonl",
                vec![
                    ("c.jsonl", "{}"),
                    ("c.jsonl.toml", &*format!("feed = {long:?}\n")),
                ],
                "64",
            ),
            ("d", vec![("d/_COMPLETE", "")], "no file"),
            (
                "e",
                vec![
                    ("e/_COMPLETE", ""),
                    ("e/x.jsonl", "{}"),
                    ("e/f/y.jsonl", "{}"),
                ],
                "f is neither",
            ),
            (
                "f",
                vec![
                    ("f/_COMPLETE", ""),
                    ("f/x.jsonl", "{}"),
                    ("f/delivery.toml", "extent = 3\n"),
                ],
                "delivery.toml, line 1",
            ),
        ] {
            for (file, text) in files {
                drop.write(file, text);
            }
            drop.settle().await;
            let refused = drop.there("refused");
            let report = refused
                .iter()
                .find(|entry| entry.ends_with(&format!("-{name}.report.json")))
                .unwrap_or_else(|| panic!("{name} is not refused: {refused:?}"));
            let report = drop.report(&format!("refused/{report}"));
            let message = report["message"].as_str().unwrap_or_default();
            assert!(
                message.contains(says) && report["state"] == "FAILED",
                "{name}: {report:#}"
            );
        }
        assert_eq!(
            (drop.runs().await.len(), drop.there("")),
            (0, vec!["refused".to_owned()])
        );
    })
    .await;
}

#[cfg(unix)]
#[tokio::test]
async fn no_link_is_followed() {
    use std::os::unix::fs::symlink;
    on_both(async |db| {
        let mut drop = Dropping::on(&db).await;
        let secret = db.file("elsewhere.jsonl", &list(1..=3));
        symlink(&secret, drop.folder.join("a.jsonl")).expect("the folder is ours");
        symlink(db.folder(), drop.folder.join("linked")).expect("the folder is ours");
        drop.write("inside/_COMPLETE", "");
        drop.write("inside/b.jsonl", list(1..=3));
        symlink(&secret, drop.folder.join("inside/c.jsonl")).expect("the folder is ours");
        drop.settle().await;
        assert_eq!(drop.runs().await.len(), 0);
        assert_eq!(drop.there(""), ["a.jsonl", "linked", "refused"]);
        assert!(drop.there("refused")[0].ends_with("-inside"));
        // Not where deliveries are put away either.
        symlink(db.folder(), drop.folder.join("done")).expect("the folder is ours");
        drop.write("list.jsonl", list(1..=3));
        drop.settle().await;
        assert_eq!(drop.states().await, ["DONE"]);
        let strayed = |name: &String| name.contains("-list.jsonl");
        assert!(!names(db.folder()).iter().any(strayed));
        assert!(drop.folder.join("list.jsonl").exists());
    })
    .await;
}

#[tokio::test]
async fn what_can_not_be_put_away_is_brought_in_once() {
    on_both(async |db| {
        let mut drop = Dropping::on(&db).await;
        drop.write("done", "somebody's own");
        drop.write("list.jsonl", list(1..=3));
        for _ in 0..3 {
            drop.settle().await;
        }
        assert_eq!(drop.states().await, ["DONE"]);
        assert_eq!(drop.there(""), ["done", "list.jsonl"]);
        drop.write("list.jsonl", list(1..=4));
        drop.settle().await;
        assert_eq!(drop.states().await, ["DONE", "DONE"]);
    })
    .await;
}

#[tokio::test]
async fn what_somebody_else_is_at_is_left_for_later() {
    on_both(async |db| {
        let mut drop = Dropping::on(&db).await;
        drop.write("list.jsonl", list(1..=3));
        let store = drop.hub.app.store.clone();
        let claim = store.claim(COURT).await.expect("the database answers");
        let claim = claim.expect("nobody has it");
        assert!(store.claim(COURT).await.is_ok_and(|other| other.is_none()));
        drop.settle().await;
        assert_eq!(drop.runs().await.len(), 0);
        claim.release().await;
        // By hand nothing is claimed, and one delivery is let in at a time all the same.
        let by_hand = NewRun {
            reread_of: None,
            source: COURT.to_owned(),
            feed: "province".to_owned(),
            is_full: false,
            data_as_of: moment("2026-11-20"),
            started_at: moment("2026-11-20"),
            place: Some("a place".to_owned()),
            files: Vec::new(),
        };
        let held = store.begin_delivery(&by_hand).await.expect("it is free");
        drop.settle().await;
        assert_eq!(drop.states().await, ["RUNNING"]);
        assert_eq!(drop.there(""), ["list.jsonl"]);
        let now = moment("2026-11-20");
        let given_up = held.take_back(RunState::Failed, RunCounts::default(), "given up", now);
        given_up.await.expect("the database answers");
        drop.settle().await;
        assert_eq!(drop.states().await, ["FAILED", "DONE"]);
    })
    .await;
}

#[tokio::test]
async fn names_are_only_names() {
    on_both(async |db| {
        let mut drop = Dropping::on(&db).await;
        let long = format!("{}.jsonl", "长".repeat(80));
        for name in [
            &*long,
            "-rf; $(x) \u{202e}.jsonl",
            "%2e%2e%2fa.jsonl",
            "报送 清单.jsonl",
        ] {
            drop.write(name, list(1..=3));
        }
        drop.settle().await;
        assert_eq!(drop.states().await, ["DONE"; 4]);
        assert_eq!(drop.there(""), ["done"]);
        assert_eq!(drop.there("done").len(), 8);
    })
    .await;
}

#[test]
fn the_command_line_brings_in_what_lies_there() {
    let db = Db::sqlite();
    let folder = db.folder().join("drops");
    fs::create_dir(&folder).expect("the folder is ours");
    let config = format!(
        "[sources.court_debtors]\nfolder = {:?}\n",
        folder.display().to_string()
    );
    let config = db
        .file("zhengxin.toml", config.as_bytes())
        .display()
        .to_string();
    let data = db.folder().display().to_string();
    let call = |more: &[&str]| {
        let arguments = [
            "ingest", COURT, "--data", &data, "--config", &config, "-o", "jsonl",
        ];
        zhengxin(arguments.iter().chain(more)).run()
    };
    assert_eq!(call(&[]).ended(0).out, "");
    fs::write(folder.join("b.jsonl"), list(1..=3)).expect("the folder is ours");
    fs::write(folder.join("c.jsonl.part"), list(1..=3)).expect("the folder is ours");
    let tried = call(&["--dry-run"]).ended(0);
    assert_eq!(tried.out.lines().count(), 1, "{tried:#?}");
    assert_eq!(
        names(&folder),
        ["b.jsonl", "c.jsonl.part"],
        "it was only tried"
    );
    fs::write(folder.join("a.csv"), "a,b\n1,2\n").expect("the folder is ours");
    let ran = call(&[]).ended(1);
    let states: Vec<Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("a report a line")["state"].take())
        .collect();
    assert_eq!(states, ["FAILED", "DONE"], "{ran:#?}");
    assert_eq!(names(&folder), ["c.jsonl.part", "done", "refused"]);
}
