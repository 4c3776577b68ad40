//! The documents that the hub trusts: those of `documents/`, compiled in, and those of the configured
//! folder. Each is read, named, measured and validated at start.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    sync::Arc,
};

use async_graphql::parser::parse_query;
use include_dir::{Dir, include_dir};

use super::{Document, Id, Wrong, WrongDocuments, check::Validator, id};
use crate::api::guard::{self, Facts, Measure, Reviewed};

static COMPILED_IN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/documents");

/// Bytes of a file, which may hold many documents.
const FILE_BYTES_MAX: u64 = 4 * 1_024 * 1_024;
const DOCUMENTS_MAX: usize = 2_000;
/// How the comment begins in which a document says its own numbers, such as
/// `# reviewed: cost = 20000, nodes = 2000`.
const REVIEWED: &str = "# reviewed:";

/// A document's text, where it stands, and by which name, if its file says one.
struct Found {
    place: String,
    name: Option<String>,
    text: String,
}

/// Reads all; any that is not good is told with its place.
pub(super) fn load(
    folder: Option<&Path>,
    facts: &Facts,
) -> Result<HashMap<Id, Arc<Document>>, WrongDocuments> {
    let mut wrong = Vec::new();
    let mut found = compiled_in();
    if let Some(folder) = folder {
        read(folder, &mut found, &mut wrong);
    }
    if found.len() > DOCUMENTS_MAX {
        let reason = format!(
            "there are {}, expected at most {DOCUMENTS_MAX}",
            found.len()
        );
        wrong.push(Wrong::at("documents.folder", reason));
        return Err(WrongDocuments(wrong));
    }
    let validator = Validator::new();
    let mut documents = HashMap::new();
    for found in found {
        match check(&found, &validator, facts) {
            Ok(document) => drop(documents.insert(document.id, Arc::new(document))),
            Err(more) => wrong.extend(more),
        }
    }
    match wrong.is_empty() {
        true => Ok(documents),
        false => Err(WrongDocuments(wrong)),
    }
}

fn compiled_in() -> Vec<Found> {
    let files = COMPILED_IN.files();
    let texts = files.filter_map(|file| Some((file.path(), file.contents_utf8()?)));
    texts
        .map(|(path, text)| Found {
            place: format!("documents/{}", path.display()),
            name: None,
            text: text.to_owned(),
        })
        .collect()
}

fn read(folder: &Path, found: &mut Vec<Found>, wrong: &mut Vec<Wrong>) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            let reason = format!("can't be read: {error}");
            return wrong.push(Wrong::at(folder.display(), reason));
        }
    };
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort_unstable();
    for file in files {
        let kind = file.extension().and_then(|kind| kind.to_str());
        let place = file.display().to_string();
        match kind {
            Some("graphql") => match text(&file) {
                Ok(text) => found.push(Found {
                    place,
                    name: None,
                    text,
                }),
                Err(reason) => wrong.push(Wrong::at(place, reason)),
            },
            Some("json") => match text(&file).and_then(|text| manifest(&text)) {
                Ok(documents) => found.extend(documents.into_iter().map(|(name, text)| Found {
                    place: format!("{place}, {name}"),
                    name: Some(name),
                    text,
                })),
                Err(reason) => wrong.push(Wrong::at(place, reason)),
            },
            _ => {}
        }
    }
}

fn text(file: &Path) -> Result<String, String> {
    let cant = |error: std::io::Error| format!("can't be read: {error}");
    if std::fs::metadata(file).map_err(cant)?.len() > FILE_BYTES_MAX {
        return Err(format!("has more than {FILE_BYTES_MAX} bytes"));
    }
    std::fs::read_to_string(file).map_err(cant)
}

/// Documents by their names, as code generators write them.
fn manifest(text: &str) -> Result<BTreeMap<String, String>, String> {
    serde_json::from_str(text)
        .map_err(|error| format!("is no object of documents by their SHA-256: {error}"))
}

fn check(found: &Found, validator: &Validator, facts: &Facts) -> Result<Document, Vec<Wrong>> {
    let at_line = |line: Option<usize>, reason: String| match line {
        Some(line) => Wrong::at(format!("{}:{line}", found.place), reason),
        None => Wrong::at(&found.place, reason),
    };
    let wrong = |reason: String| vec![at_line(None, reason)];
    let id = id::of(&found.text);
    if let Some(name) = &found.name {
        let named = id::parse(name.strip_prefix(id::PREFIX).unwrap_or(name));
        if named != Some(id) {
            let reason = format!("its text has the SHA-256 {}", crate::hex(&id));
            return Err(wrong(reason));
        }
    }
    let tokens = guard::scan(&found.text).map_err(|refused| wrong(refused.to_string()))?;
    let parsed = parse_query(&found.text).map_err(|error| {
        let line = error.positions().next().map(|at| at.line);
        // The last line of its text says what is wrong; those before draw the place.
        let text = error.to_string();
        let last = text.lines().last().unwrap_or_default();
        vec![at_line(
            line,
            last.trim_start_matches([' ', '=']).to_owned(),
        )]
    })?;
    let reviewed =
        reviewed(&found.text).map_err(|(line, reason)| vec![at_line(Some(line), reason)])?;
    let measure = Measure {
        facts,
        variables: None,
        reader: None,
        reviewed: &reviewed,
    };
    guard::check(&parsed, measure).map_err(|refused| wrong(refused.to_string()))?;
    let misfits = validator.misfits(&parsed);
    if !misfits.is_empty() {
        let told = misfits
            .into_iter()
            .map(|(line, reason)| at_line(line, reason));
        return Err(told.collect());
    }
    Ok(Document {
        id,
        parsed,
        reviewed,
        tokens,
        is_trusted: true,
    })
}

/// The numbers of its own that a document says it has, or in which line they are not good.
fn reviewed(text: &str) -> Result<Reviewed, (usize, String)> {
    let comment = text
        .lines()
        .zip(1..)
        .find_map(|(line, at)| Some((line.strip_prefix(REVIEWED)?, at)));
    let Some((numbers, line)) = comment else {
        return Ok(Reviewed::default());
    };
    let wrong = |reason: String| (line, reason);
    #[derive(serde::Deserialize)]
    struct Comment {
        reviewed: Reviewed,
    }
    let comment: Comment = toml::from_str(&format!("reviewed = {{{numbers}}}"))
        .map_err(|error| wrong(format!("reviewed: {}", error.message().trim())))?;
    match comment.reviewed.too_high() {
        None => Ok(comment.reviewed),
        Some((name, highest)) => Err(wrong(format!("reviewed: {name} is above {highest}"))),
    }
}
