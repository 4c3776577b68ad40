//! Who may use whom inside `src/`: data flows one way, so imports do too.

use std::{collections::BTreeSet, fs, path::Path};

/// Each room with the rooms that it may use. `clock` and the crate's own `hex` are everybody's.
const ROOMS: [(&str, &[&str]); 30] = [
    // A held run is let in by a mutation.
    (
        "api",
        &[
            "app",
            "assess",
            "audit",
            "auth",
            "casework",
            "catalogue",
            "check",
            "config",
            "graph",
            "ingest",
            "outbound",
            "serve",
            "store",
            "telemetry",
            "web",
        ],
    ),
    (
        "app",
        &[
            "assess",
            "audit",
            "auth",
            "casework",
            "catalogue",
            "check",
            "config",
            "egress",
            "graph",
            "ingest",
            "notify",
            "outbound",
            "person_key",
            "raw_key",
            "retention",
            "sources",
            "store",
            "telemetry",
        ],
    ),
    // Who is competent is told by casework.
    ("assess", &["casework", "catalogue", "graph", "store"]),
    ("audit", &["key_file", "store"]),
    // Keys of issuers are fetched.
    ("auth", &["config", "egress"]),
    ("casework", &["catalogue", "graph", "store"]),
    ("catalogue", &["timetable"]),
    (
        "check",
        &[
            "audit",
            "catalogue",
            "graph",
            "outbound",
            "person_key",
            "sources",
            "store",
        ],
    ),
    (
        "cli",
        &[
            "api",
            "app",
            "assess",
            "audit",
            "auth",
            "casework",
            "catalogue",
            "check",
            "config",
            "demo",
            "graph",
            "ingest",
            "jobs",
            "notify",
            "outbound",
            "raw_key",
            "retention",
            "serve",
            "sources",
            "store",
            "telemetry",
        ],
    ),
    ("clock", &[]),
    ("config", &["timetable"]),
    ("demo", &[]),
    // The dialects of signing have the catalogue's names.
    ("egress", &["catalogue", "config"]),
    ("failpoint", &[]),
    ("graph", &["store"]),
    (
        "ingest",
        &[
            "catalogue",
            "config",
            "egress",
            "graph",
            "person_key",
            "sources",
            "store",
        ],
    ),
    (
        "jobs",
        &[
            "app",
            "assess",
            "audit",
            "casework",
            "catalogue",
            "check",
            "config",
            "ingest",
            "notify",
            "outbound",
            "retention",
            "sources",
            "store",
            "telemetry",
            "timetable",
        ],
    ),
    ("key_file", &[]),
    (
        "notify",
        &[
            "audit",
            "catalogue",
            "config",
            "egress",
            "store",
            "telemetry",
        ],
    ),
    (
        "outbound",
        &[
            "audit",
            "catalogue",
            "config",
            "egress",
            "graph",
            "store",
            "tables",
        ],
    ),
    // A source's description is what a reader works by.
    ("sources", &["catalogue", "config", "egress", "tables"]),
    // Connections are served, whatever is asked over them; health asks the database.
    ("person_key", &[]),
    ("raw_key", &["key_file"]),
    (
        "retention",
        &["audit", "catalogue", "raw_key", "sources", "store"],
    ),
    ("serve", &["app", "config", "store", "telemetry"]),
    ("store", &[]),
    ("timetable", &[]),
    // Names of foreign tables are checked where a source is described.
    ("tables", &["catalogue", "config", "egress"]),
    // What is measured at intervals is read where it is.
    ("telemetry", &["app", "config", "egress", "store"]),
    ("web", &[]),
];

#[test]
fn imports_go_in_the_direction_of_the_data() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = BTreeSet::new();
    let mut read = 0;
    walk(&source, &mut |path, text| {
        let place = path
            .strip_prefix(&source)
            .expect("below src")
            .display()
            .to_string();
        let room = place.split(['/', '.']).next().unwrap_or_default();
        if room == "main" || room == "lib" {
            return;
        }
        read += 1;
        let (_, allowed) = ROOMS
            .iter()
            .find(|(known, _)| *known == room)
            .unwrap_or_else(|| panic!("src/{place}: give the room {room} its line in ROOMS"));
        for used in used_rooms(text) {
            let is_free = used == room || ["clock", "failpoint", "hex"].contains(&used.as_str());
            if !is_free
                && ROOMS.iter().any(|(known, _)| *known == used)
                && !allowed.contains(&used.as_str())
            {
                wrong.insert(format!("src/{place}: {room} -> {used}"));
            }
        }
    });
    assert!(read > 50, "the sources were read");
    assert!(wrong.is_empty(), "against the direction:\n{wrong:#?}");
}

fn walk(folder: &Path, each: &mut dyn FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, each);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            each(&path, &fs::read_to_string(&path).expect("a source"));
        }
    }
}

/// The first names behind `crate::`, alone or in a list.
fn used_rooms(text: &str) -> Vec<String> {
    let mut used = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => used.push(first_word(rest)),
            Some(list) => {
                let mut depth = 0;
                let mut begins = true;
                for (at, character) in list.char_indices() {
                    match character {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => begins = true,
                        _ if begins && depth == 0 && character.is_alphanumeric() => {
                            used.push(first_word(&list[at..]));
                            begins = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    used
}

fn first_word(text: &str) -> String {
    text.chars()
        .take_while(|character| character.is_alphanumeric() || *character == '_')
        .collect()
}
