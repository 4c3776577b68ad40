//! The key file: others in its place, newer ones, and none.

use super::{COURT, REGISTER, digest, list, object};
use crate::support::{Db, Ran, made, zhengxin};

struct Case {
    db: Db,
    run: String,
}

impl Case {
    /// A hub that was brought a list.
    fn new() -> Self {
        let mut case = Self {
            db: Db::sqlite(),
            run: String::new(),
        };
        let file = case.db.file("a.jsonl", &list()).display().to_string();
        let ran = case.call(&["ingest", COURT, "--file", &file]).ended(0);
        case.run = ran.json()["run"].to_string();
        case
    }

    fn call(&self, arguments: &[&str]) -> Ran {
        let data = self.db.folder().display().to_string();
        let place = ["--data", &data, "-o", "json"];
        zhengxin(arguments.iter().copied().chain(place)).run()
    }

    fn reread(&self) -> Ran {
        self.call(&["ingest", COURT, "--reread", &self.run])
    }

    fn key_file(&self) -> String {
        let path = self.db.folder().join("raw.key");
        std::fs::read_to_string(path).expect("it was made")
    }

    /// What the doctor says of keys, and whether it is good.
    fn told(&self) -> (bool, String) {
        let told = self.call(&["doctor"]).json();
        let findings = told.as_array().expect("a list");
        let found = findings
            .iter()
            .find(|finding| finding["what"] == "raw keys");
        let found = found.expect("it looks at them");
        let said = found["told"].as_str().unwrap_or_default().to_owned();
        (found["ok"] == true, said)
    }
}

#[test]
fn another_key_file_opens_nothing_and_a_newer_key_takes_over() {
    let case = Case::new();
    let old = case.key_file();
    assert_eq!(old.trim().len(), 64, "it was made where there was none");
    case.reread().ended(0);
    let new = "5c".repeat(32);
    case.db.file("raw.key", new.as_bytes());
    let refused = case.reread().ended(1);
    assert!(
        refused.err.contains("raw.key") && refused.err.contains("does not have"),
        "{refused:#?}"
    );
    let (is_good, told) = case.told();
    assert!(!is_good && told.contains("hub.raw_key_file"), "{told}");
    // The newer one behind it: both open, and then the old one is needed no more.
    case.db.file("raw.key", format!("{old}{new}\n").as_bytes());
    case.reread().ended(0);
    let (is_good, told) = case.told();
    assert!(
        is_good && told.contains("1 keys under an earlier"),
        "{told}"
    );
    let before = std::fs::read(object(&case.db, &digest(&list()), 0)).expect("it is kept");
    let rewrapped = case.call(&["raw", "rewrap"]).ended(0).json();
    assert_eq!(rewrapped["rewrapped"], 1, "{rewrapped}");
    assert_eq!(
        case.call(&["raw", "rewrap"]).ended(0).json()["rewrapped"],
        0
    );
    case.db.file("raw.key", new.as_bytes());
    case.reread().ended(0);
    let after = std::fs::read(object(&case.db, &digest(&list()), 0)).expect("it is kept");
    assert_eq!(before, after, "objects are not written anew");
    assert_eq!(case.told(), (true, "1 objects".to_owned()));
}

#[test]
fn the_doctor_finds_what_does_not_belong_together() {
    let case = Case::new();
    let path = object(&case.db, &digest(&list()), 0);
    let sealed = std::fs::read(&path).expect("it is kept");
    std::fs::remove_file(&path).expect("the folder is ours");
    let (is_good, told) = case.told();
    assert!(!is_good && told.contains("1 keys have no object"), "{told}");
    std::fs::write(&path, &sealed).expect("the folder is ours");
    assert!(case.told().0);
    let stranger = object(&case.db, &"ab".repeat(32), 0);
    std::fs::create_dir_all(stranger.parent().expect("it has one")).expect("it is ours");
    std::fs::write(&stranger, &sealed).expect("the folder is ours");
    let (is_good, told) = case.told();
    assert!(
        !is_good && told.contains("have no key") && told.contains("abab"),
        "{told}"
    );
    let packed = zstd::bulk::compress(b"from before", 3).expect("it is packed");
    std::fs::write(&stranger, packed).expect("the folder is ours");
    let expected = "2 objects; 1 of them kept before objects were sealed";
    assert_eq!(case.told(), (true, expected.to_owned()));
}

#[test]
fn a_configured_key_file_is_never_made() {
    let db = Db::sqlite();
    let absent = db.folder().join("absent.key");
    let data = db.folder().display().to_string();
    let town = made::register(&[made::body(2, "佛山市禅城区样例局", "440604")]);
    let file = db.file("r.csv", &town).display().to_string();
    let ran = zhengxin(["ingest", REGISTER, "--file", &file, "--data", &data])
        .env("ZHENGXIN__HUB__RAW_KEY_FILE", &absent.display().to_string())
        .run()
        .ended(1);
    assert!(ran.err.contains("absent.key"), "{ran:#?}");
    assert!(!absent.exists());
}

#[test]
fn beside_identity_providers_there_must_be_a_key_file() {
    let db = Db::sqlite();
    let data = db.folder().display().to_string();
    let config = "[[auth.issuers]]\nissuer = \"https://idp.example\"\naudience = \"zhengxin\"\n\
                  algorithms = [\"RS256\"]\njwks_url = \"https://idp.example/certs\"\n";
    let config = db
        .file("zhengxin.toml", config.as_bytes())
        .display()
        .to_string();
    let serve = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data",
        &data,
        "--config",
        &config,
    ];
    let ran = zhengxin(serve).run().ended(1);
    assert!(ran.err.contains("hub.raw_key_file"), "{ran:#?}");
    assert!(!db.folder().join("raw.key").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_with_raw_stores_of_their_own_do_not_hinder_each_other() {
    let Some(db) = Db::postgres() else { return };
    let (here, there) = (tempfile::tempdir(), tempfile::tempdir());
    let folders = [here, there].map(|folder| folder.expect("a folder"));
    let file = db.file("a.jsonl", &list()).display().to_string();
    let mut runs = Vec::new();
    for folder in [&folders[0], &folders[1], &folders[0]] {
        let (url, data) = (db.url(), folder.path().display().to_string());
        let ran = zhengxin([
            "ingest",
            COURT,
            "--file",
            &file,
            "--data",
            &data,
            "--database-url",
            &url,
            "-o",
            "json",
        ]);
        runs.push(ran.run().ended(0).json()["run"].to_string());
    }
    // Each has what landed last there, and says of the rest whose key it lacks.
    for (folder, code) in [(&folders[0], 0), (&folders[1], 1)] {
        let (url, data) = (db.url(), folder.path().display().to_string());
        let again = zhengxin([
            "ingest",
            COURT,
            "--reread",
            &runs[1],
            "--data",
            &data,
            "--database-url",
            &url,
        ]);
        let again = again.run().ended(code);
        assert_eq!(again.err.contains("does not have"), code == 1, "{again:#?}");
    }
}
