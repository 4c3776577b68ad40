//! What a hub is told to trust is looked at before it serves.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{by_name, digest, reason};
use crate::{
    api::Wire,
    support::{Db, Hub},
};

/// A folder with these files, below the database's.
fn folder(db: &Db, files: &[(&str, &str)]) -> PathBuf {
    let folder = db.folder().join("documents");
    std::fs::create_dir_all(&folder).expect("the folder is ours");
    for (name, text) in files {
        std::fs::write(folder.join(name), text).expect("the folder is ours");
    }
    folder
}

async fn hub(db: &Db, folder: &Path) -> Hub {
    Hub::with(db, |config| {
        config.documents.folder = Some(folder.to_owned());
    })
    .await
}

/// A query that is wide, with a comment before it.
fn wide(comment: &str, fields: usize) -> String {
    let fields: String = (0..fields).map(|n| format!("a{n}: role ")).collect();
    format!("{comment}\nquery Wide {{ viewer {{ {fields} }} }}\n")
}

#[tokio::test]
async fn those_of_a_folder_are_trusted_in_both_forms() {
    let db = Db::sqlite();
    let one = "query One { viewer { role } }\n";
    let two = "query Two($n: Int) { agencies(first: $n) { totalCount } }";
    let three = "query Three { viewer { subject } }";
    let reviewed = wide("# reviewed: aliases = 40", 30);
    let manifest = json!({ digest(two): two, format!("sha256:{}", digest(three)): three });
    let files = [
        ("one.graphql", one),
        ("wide.graphql", &reviewed),
        ("persisted.json", &manifest.to_string()),
        ("README.md", "not a document"),
    ];
    let hub = hub(&db, &folder(&db, &files)).await;
    let wire = Wire::to(&hub).await;
    for text in [one, two, three, &reviewed] {
        let reply = by_name(&wire, None, text, &json!({ "n": 5 })).await;
        assert!(
            reply.json().get("errors").is_none(),
            "{text}: {}",
            reply.text
        );
    }
    // The numbers that were reviewed are its own and nobody else's.
    for text in [wide("# reviewed: aliases = 40", 29), wide("", 30)] {
        assert_eq!(wire.ask(None, &text).await.code(), "LIMITED");
        let reply = by_name(&wire, None, &text, &json!({})).await;
        assert_eq!(reason(&reply), "PERSISTED_DOCUMENT_NOT_FOUND");
    }
}

#[tokio::test]
async fn a_hub_does_not_start_with_a_document_that_is_not_good() {
    let db = Db::sqlite();
    let good = "{ viewer { role } }";
    let folder = folder(&db, &[("good.graphql", good)]);
    let hub = hub(&db, &folder).await;
    // The folder is read anew each time that a hub begins to serve.
    let refused =
        || zhengxin::api::router(hub.app.clone()).expect_err("the folder has what is not good");
    let elsewhere = json!({ digest("{ a }"): good }).to_string();
    let no_hash = json!({ "viewer": good }).to_string();
    let too_big = "# ".to_owned() + &"信".repeat(6_000) + "\n{ viewer { role } }";
    let costly = "query ($n: Int) {\n  agencies(first: $n) { edges { node { \
                  creditRecords(first: $n) { edges { node { agency { id } } } } } } }\n}";
    let high = wide("# reviewed: aliases = 1000000", 30);
    let misspelt = wide("\n# reviewed: alias = 40", 30);
    let unlike = wide("# reviewed: aliases = \"many\"", 30);
    for (file, text, expected) in [
        ("a.graphql", "{ viewer {\n role ", "a.graphql:2"),
        ("b.graphql", "query B {\n\n  nothing }", "b.graphql:3"),
        (
            "c.graphql",
            "query C($x: Int) { viewer { role } }",
            "c.graphql:1",
        ),
        ("d.graphql", "{ viewer }", "d.graphql:1"),
        ("e.graphql", "{ agency { id } }", "e.graphql:1"),
        (
            "f.graphql",
            costly,
            "f.graphql: the query has too many rows",
        ),
        (
            "g.graphql",
            &too_big,
            "g.graphql: the query has too many bytes",
        ),
        (
            "h.graphql",
            &high,
            "h.graphql:1: reviewed: aliases is above",
        ),
        ("i.graphql", &misspelt, "i.graphql:2: reviewed: "),
        ("j.graphql", &unlike, "j.graphql:1: reviewed: "),
        (
            "k.graphql",
            &wide("", 30),
            "k.graphql: the query has too many aliases",
        ),
        ("l.graphql", "", "l.graphql"),
        ("m.graphql", "type Query { a: Int }", "m.graphql:1"),
        ("n.json", "[]", "n.json: is no object of documents"),
        ("o.json", &elsewhere, "its text has the SHA-256"),
        (
            "p.json",
            &no_hash,
            "p.json, viewer: its text has the SHA-256",
        ),
        ("q.json", "{", "q.json: is no object of documents"),
    ] {
        let file = folder.join(file);
        std::fs::write(&file, text).expect("the folder is ours");
        let said = refused().to_string();
        assert!(
            said.contains(expected) && !said.contains("good.graphql"),
            "{file:?}: {said}"
        );
        assert_eq!(said.lines().count(), 1, "{said}");
        std::fs::remove_file(file).expect("the folder is ours");
    }
    // All are told at once, and so is a folder that is not there.
    for (file, text) in [("1.graphql", "{"), ("2.graphql", "{ x }")] {
        std::fs::write(folder.join(file), text).expect("the folder is ours");
    }
    let said = refused();
    assert_eq!(said.0.len(), 2, "{said}");
    std::fs::remove_dir_all(&folder).expect("the folder is ours");
    let said = refused().to_string();
    assert!(said.contains("documents: can't be read"), "{said}");
}
