//! The command line: what it says, where, and how it ends.

mod catalogue;
mod configuration;
mod doctor;
mod resolve;
mod serving;
mod usage;

use serde_json::Value;

use crate::support::{Db, Program, Ran, made, zhengxin};

/// A call on a database of its own.
fn call<'a>(db: &Db, arguments: impl IntoIterator<Item = &'a str>) -> Ran {
    calling(db, arguments).run()
}

fn calling<'a>(db: &Db, arguments: impl IntoIterator<Item = &'a str>) -> Program {
    let place = [
        "--database-url".to_owned(),
        db.url(),
        "--data".to_owned(),
        db.folder().display().to_string(),
    ];
    zhengxin(arguments.into_iter().map(str::to_owned).chain(place))
}

fn finding<'a>(told: &'a Value, what: &str) -> &'a Value {
    let findings = told.as_array().expect("a list");
    findings
        .iter()
        .find(|finding| finding["what"] == what)
        .unwrap_or_else(|| panic!("no {what} in {told:#}"))
}

/// A database that knows two bodies of one short name, and one more.
fn with_bodies(db: &Db) -> [made::Body; 3] {
    let bodies = [
        made::body(1, "佛山市样例局", "440600"),
        made::body(2, "佛山市禅城区样例局", "440604").alias("区样例局"),
        made::body(3, "佛山市南海区样例局", "440605").alias("区样例局"),
    ];
    let file = db
        .file("register.csv", &made::register(&bodies))
        .display()
        .to_string();
    call(db, ["ingest", "agency_register", "--file", &file]).ended(0);
    bodies
}
