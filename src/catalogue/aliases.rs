//! `aliases.toml`: short and variant forms of what bodies are called.

use domain::{
    alias::{Alias, AliasTable, Stands},
    division::{DivisionCode, DivisionLevel, DivisionTree},
    name::BodyType,
};
use serde::Deserialize;
use toml::Spanned;

use super::{
    Error,
    files::{Files, parse},
    form,
};

const FILE: &str = "aliases.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AliasFile {
    /// Names that bodies have everywhere and that have no shorter form.
    standing: Spanned<Vec<String>>,
    alias: Vec<AliasEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AliasEntry {
    short: Spanned<Vec<String>>,
    full: Spanned<Vec<String>>,
    #[serde(default)]
    levels: Vec<Spanned<String>>,
    within: Option<Spanned<DivisionCode>>,
    stands: Option<Spanned<String>>,
    source: Spanned<String>,
    verified: bool,
}

pub(super) fn load(files: &Files, tree: Option<&DivisionTree>) -> Result<AliasTable, Vec<Error>> {
    let text = files.text(FILE).map_err(|error| vec![error])?;
    let file: AliasFile = parse(FILE, text).map_err(|error| vec![error])?;
    let mut rows = Vec::new();
    let mut errors = Vec::new();
    let standing = form::check(FILE, text, "standing", &file.standing);
    errors.extend(standing.err());
    for entry in file.alias {
        match alias(text, entry, tree) {
            Ok(row) => rows.push(row),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() {
        Ok(AliasTable::new(rows, file.standing.into_inner()))
    } else {
        Err(errors)
    }
}

fn alias(text: &str, entry: AliasEntry, tree: Option<&DivisionTree>) -> Result<Alias, Error> {
    form::check(FILE, text, "alias.short", &entry.short)?;
    form::check(FILE, text, "alias.full", &entry.full)?;
    let of_type = |name: &String| BodyType::of(name).0;
    let shorts = entry.short.get_ref().iter();
    let mut pairs =
        shorts.flat_map(|short| entry.full.get_ref().iter().map(move |full| (short, full)));
    if let Some((short, full)) = pairs.find(|(short, full)| of_type(short).clashes(of_type(full))) {
        let reason = format!("{short} is no {full}: a centre is a body beside its bureau");
        return Err(Error::at(
            FILE,
            text,
            entry.short.span(),
            "alias.short",
            reason,
        ));
    }
    if entry.source.get_ref().trim().is_empty() {
        let (span, reason) = (entry.source.span(), "no row without a source");
        return Err(Error::at(FILE, text, span, "alias.source", reason));
    }
    let stands = match entry.stands {
        None => Stands::default(),
        Some(written) => {
            let read = written.get_ref().parse();
            read.map_err(|error: domain::UnknownValue| {
                Error::at(
                    FILE,
                    text,
                    written.span(),
                    "alias.stands",
                    error.to_string(),
                )
            })?
        }
    };
    let level = |level: Spanned<String>| -> Result<DivisionLevel, Error> {
        let read = level.get_ref().parse();
        read.map_err(|error: domain::UnknownValue| {
            Error::at(FILE, text, level.span(), "alias.levels", error.to_string())
        })
    };
    Ok(Alias {
        levels: entry
            .levels
            .into_iter()
            .map(level)
            .collect::<Result<_, _>>()?,
        within: form::division(FILE, text, "alias.within", entry.within, tree)?,
        short: entry.short.into_inner(),
        full: entry.full.into_inner(),
        stands,
        source: entry.source.into_inner(),
        verified: entry.verified,
    })
}
