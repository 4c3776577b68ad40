//! The query guard over HTTP: what is too much is refused, whatever its shape, and what is in bounds
//! is answered.

mod bombs;
mod bounds;
mod filters;
mod generated;
mod pages;

use std::fmt::Write;

use crate::api::Wire;
use crate::support::{Db, Hub, made};

/// A hub with some bodies, and a token that reads all of it.
async fn hub() -> (Db, Hub, Wire, String) {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let head = made::body(1, "佛山市禅城区人民政府", "440604");
    let bureau = made::body(2, "佛山市禅城区水务局", "440604").superior(&head.uscc);
    let listing = made::listing(1, "佛山市禅城区水务局").code(bureau.uscc);
    hub.ingest(
        "agency_register",
        &[("a.csv", &made::register(&[head, bureau]))],
        |_| {},
    )
    .await;
    hub.ingest(
        "court_debtors",
        &[("b.jsonl", &made::court_jsonl(&[listing]))],
        |_| {},
    )
    .await;
    let wire = Wire::to(&hub).await;
    let token = hub.everything();
    (db, hub, wire, token)
}

/// A text repeated with a number in place of `#`.
fn times(count: usize, part: &str) -> String {
    (0..count)
        .map(|n| part.replace('#', &n.to_string()))
        .collect()
}

/// Fragments that each spread the next one several times, in a shell around each spread.
fn fragments(wide: usize, deep: usize, on: &str, shell: (&str, &str), leaf: &str) -> String {
    let mut text = String::new();
    for at in 0..deep {
        let spread = format!("{}...f{}{} ", shell.0, at + 1, shell.1);
        let _ = write!(
            text,
            " fragment f{at} on {on} {{ {} }}",
            spread.repeat(wide)
        );
    }
    let _ = write!(text, " fragment f{deep} on {on} {{ {leaf} }}");
    text
}
