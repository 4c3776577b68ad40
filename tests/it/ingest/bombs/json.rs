//! JSON documents that are made to hurt, as files and as pages.

use std::slice;

use axum::{body::Bytes, response::IntoResponse};

use super::{Bombed, noise};
use crate::{
    ingest::REGISTER,
    support::{Outside, made},
};

/// What a document may have, nearly.
const BYTES: usize = 60 * 1_048_576;
/// Enough for a tree of it to show, and read in a third of the time.
const ENOUGH_BYTES: usize = 20 * 1_048_576;
/// What a row may have, nearly.
const ROW_BYTES: usize = 4_000_000;
/// What a structure in a row may have, nearly.
const TREE_BYTES: usize = 1_000_000;

/// As many of these as there is room for, in a list.
fn list(item: &str, bytes: usize) -> String {
    let items = format!("{item},").repeat(bytes / (item.len() + 1) - 1);
    format!("[{items}{item}]")
}

/// An object with so many members.
fn object(members: usize) -> String {
    let members: Vec<_> = (0..members).map(|n| format!("\"k{n}\":0")).collect();
    format!("{{{}}}", members.join(","))
}

/// A page with these rows, a total, and something beside them.
fn page_beside(rows: &str, total: &str, beside: &str) -> String {
    format!(r#"{{"code":0,"beside":{beside},"data":{{"total":{total},"list":{rows}}}}}"#)
}

/// A page with these rows behind a good one, by which the form is told.
fn page(rows: &[String]) -> String {
    let total = (1 + rows.len()).to_string();
    let rows = format!("[{},{}]", good(), rows.join(","));
    page_beside(&rows, &total, "0")
}

/// An empty page.
fn beside(beside: &str) -> String {
    page_beside("[]", "0", beside)
}

/// A row whose name is this.
fn row(name: &str) -> String {
    let uscc = made::uscc("11", "440600", 1);
    let others = [
        "机构性质",
        "上级机构统一社会信用代码",
        "曾用名",
        "别名",
        "成立日期",
        "撤销日期",
    ];
    let others: String = others
        .iter()
        .map(|column| format!(r#""{column}":"","#))
        .collect();
    format!(r#"{{{others}"统一社会信用代码":"{uscc}","行政区划代码":"440600","机构名称":{name}}}"#)
}

fn good() -> String {
    row("\"佛山市样例局\"")
}

/// Lines behind a good one.
fn lines(rows: &[String]) -> String {
    format!("{}\n{}\n", good(), rows.join("\n"))
}

/// Lists and objects inside each other.
fn nested(depth: usize) -> String {
    let (open, close) = ("[{\"a\":", "}]");
    format!("{}0{}", open.repeat(depth / 2), close.repeat(depth / 2))
}

#[test]
fn bombs_in_documents() {
    let bombed = Bombed::new();
    let is = |name: &str, text: &str, says: &str| {
        bombed.survives(REGISTER, name, text.as_bytes(), says);
    };
    let many = "more than 200000 rows";
    let zeros = list("0", BYTES);
    is("zeros.json", &page_beside(&zeros, "0", "0"), many);
    is("beside.json", &beside(&zeros), "DONE");
    let zeros = list("0", ENOUGH_BYTES);
    is("bare.json", &zeros, many);
    let total = page_beside("[]", &zeros, "0");
    is("total.json", &total, "declares the total [0,0,");
    let coded = format!(r#"{{"code":{zeros},"data":{{"list":[]}}}}"#);
    is("code.json", &coded, "says code of 20971521 bytes");
    let empty = list("{\"\":0}", ENOUGH_BYTES);
    is("objects.json", &page_beside(&empty, "0", "0"), "fit none");
    is("objects beside.json", &beside(&empty), "DONE");

    let long = format!("\"{}\"", noise(BYTES));
    is("long.json", &page(&[row(&long)]), "longer than 4194304");

    let keys = object(1_000_000);
    is(
        "keys.json",
        &page(slice::from_ref(&keys)),
        "longer than 4194304",
    );
    is("keys beside.json", &beside(&keys), "DONE");
    let around = keys.replace("\"k0\":0", r#""data":{"list":[]}"#);
    is("keys around.json", &around, "DONE");
    is(
        "keys of a row.json",
        &page(&[object(300_000)]),
        "was not kept",
    );
    is("keys.jsonl", &lines(&[keys]), "longer than 4194304");

    let deep = "deeper than 127";
    is("deep.json", &"[".repeat(10_000_000), deep);
    is("deep.jsonl", &"{\"a\":".repeat(700_000), deep);
    is("closed.json", &page(&[nested(14_000_000)]), deep);
    is("deep row.json", &page(&[row(&nested(130))]), deep);
    is("deep beside.json", &beside(&nested(130)), deep);
    is("deep line.jsonl", &lines(&[row(&nested(130))]), "recursion");
}

#[test]
fn bombs_in_rows_of_json() {
    let bombed = Bombed::new();
    let is = |name: &str, rows: &[String], says: &str| {
        let document = page(rows);
        bombed.survives(REGISTER, &format!("{name}.json"), document.as_bytes(), says);
        let lines = lines(rows);
        bombed.survives(REGISTER, &format!("{name}.jsonl"), lines.as_bytes(), says);
    };
    let tree = row(&list("{\"\":0}", ROW_BYTES));
    is("tree", &[tree], "more than 1048576 bytes");
    let trees = vec![row(&list("{\"\":0}", TREE_BYTES)); 5];
    is("trees", &trees, "expected one value");
    let names = vec![row(&format!("\"{}\"", noise(ROW_BYTES - 200))); 4];
    is("names", &names, "expected at most 200");
    let keys = (0..4).map(|n| {
        let key = format!(",\"{n}{}\":0}}", noise(ROW_BYTES - 200));
        row("\"样例\"").replace('}', &key)
    });
    is("keys", &keys.collect::<Vec<_>>(), "was not kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn bombs_in_pages() {
    let bombed = Bombed::new();
    let zeros = list("0", BYTES);
    let objects = list("{\"\":0}", ENOUGH_BYTES);
    for (name, page, says) in [
        (
            "zeros",
            page_beside(&zeros, "0", "0"),
            "more than 200000 rows",
        ),
        ("beside", beside(&zeros), "DONE"),
        ("tree", page(&[objects]), "longer than 4194304"),
        ("keys", page(&[object(1_000_000)]), "longer than 4194304"),
        ("deep", page(&[nested(14_000_000)]), "deeper than 127"),
    ] {
        let body = Bytes::from(page);
        let outside = Outside::answering(move |asked| {
            let is_other = asked.head.uri.path().ends_with("successions");
            let empty = || Bytes::from(beside("0"));
            let body = if is_other { empty() } else { body.clone() };
            body.into_response()
        });
        let outside = outside.await;
        let config = format!(
            "[sources.{REGISTER}]\nurl = \"{}/\"\nallow = [\"127.0.0.0/8\"]\n",
            outside.url
        );
        let config = bombed.db.file("config.toml", config.as_bytes());
        let config = config.display().to_string();
        let ran = tokio::task::block_in_place(|| {
            bombed.run(&["--config", &config, "ingest", REGISTER, "--partial"])
        });
        bombed.survived(name, ran, says);
    }
}
