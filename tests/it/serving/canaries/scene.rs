//! Where canaries go in, and what is told of what came of them.

use std::{cell::RefCell, collections::BTreeMap, fs};

use serde_json::Value;

use super::planted::Canaries;
use crate::support::{Db, Program, Ran, zhengxin};

/// Where the canaries go in, and what came out.
pub(super) struct Scene {
    pub(super) db: Db,
    /// What is delivered lies elsewhere.
    pub(super) outside: tempfile::TempDir,
    pub(super) canaries: Canaries,
    /// What was told, by where.
    pub(super) told: RefCell<BTreeMap<String, Vec<u8>>>,
}

impl Scene {
    pub(super) fn new() -> Self {
        let db = Db::sqlite();
        db.file(
            "person.key",
            b"a key for the numbers of made-up persons alone",
        );
        Self {
            db,
            outside: tempfile::tempdir().expect("a folder"),
            canaries: Canaries::default(),
            told: RefCell::default(),
        }
    }

    pub(super) fn tell(&self, place: &str, bytes: impl AsRef<[u8]>) {
        let mut told = self.told.borrow_mut();
        told.entry(place.to_owned())
            .or_default()
            .extend(bytes.as_ref());
    }

    pub(super) fn program(&self, arguments: &[&str]) -> Program {
        let (url, folder) = (self.db.url(), self.db.folder().display().to_string());
        let key = self.db.folder().join("person.key").display().to_string();
        let place = [
            "--database-url",
            &url,
            "--data",
            &folder,
            "-o",
            "json",
            "-vv",
        ];
        zhengxin(arguments.iter().chain(&place)).env("ZHENGXIN__HUB__PERSON_KEY_FILE", &key)
    }

    pub(super) fn call(&self, arguments: &[&str]) -> Ran {
        let ran = self.program(arguments).run();
        self.tell(&format!("{} report", arguments[0]), &ran.out);
        self.tell(&format!("{} log", arguments[0]), &ran.err);
        ran
    }

    /// Brings a file in; as many rows as that must have been received.
    pub(super) fn bring(&self, source: &str, name: &str, bytes: &[u8], received: u64) {
        let path = self.outside.path().join(name);
        fs::write(&path, bytes).expect("the folder is ours");
        let ran = self.call(&[
            "ingest",
            source,
            "--partial",
            "--file",
            &path.display().to_string(),
        ]);
        let report: Value = serde_json::from_str(&ran.out).unwrap_or(Value::Null);
        assert_eq!(report["received"], received, "{source} {name}: {ran:#?}");
    }
}
