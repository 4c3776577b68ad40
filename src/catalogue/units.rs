//! `units.toml`: words by which units inside bodies are told from bodies.

use domain::unit_words::{Endings, UnitWords};
use serde::Deserialize;
use toml::Spanned;

use super::{
    Error,
    files::{Files, parse},
    form,
};

const FILE: &str = "units.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitFile {
    units: Spanned<Vec<String>>,
    bodies: Spanned<Vec<String>>,
    stations: Spanned<Vec<String>>,
    quarters: Spanned<Vec<String>>,
}

pub(super) fn load(files: &Files) -> Result<UnitWords, Vec<Error>> {
    let text = files.text(FILE).map_err(|error| vec![error])?;
    let file: UnitFile = parse(FILE, text).map_err(|error| vec![error])?;
    let lists = [
        ("units", &file.units),
        ("bodies", &file.bodies),
        ("stations", &file.stations),
        ("quarters", &file.quarters),
    ];
    let checked = lists.map(|(key, words)| form::check(FILE, text, key, words));
    let errors: Vec<Error> = checked.into_iter().filter_map(Result::err).collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    let endings = |words: Spanned<Vec<String>>| Endings::new(words.into_inner());
    Ok(UnitWords {
        units: endings(file.units),
        bodies: endings(file.bodies),
        stations: endings(file.stations),
        quarters: file.quarters.into_inner(),
    })
}
