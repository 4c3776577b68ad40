//! Reading the lists, entry by entry.

use chrono::NaiveDate;
use domain::division::{DivisionCode, DivisionCodeError, DivisionTree};
use serde::Deserialize;
use toml::Spanned;

use super::{
    super::{
        Error,
        casework::{At, meet},
        files::{Files, parse},
        keep,
    },
    CatalogueItem, Lists,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListFile {
    list: Spanned<String>,
    version: Spanned<String>,
    division: Option<Spanned<String>>,
    pub item: Vec<ItemEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ItemEntry {
    pub code: Spanned<String>,
    level: Spanned<i64>,
    parent: Option<Spanned<String>>,
    kind: Option<Spanned<String>>,
    title: Spanned<String>,
    tier: Option<Spanned<String>>,
    #[serde(default)]
    example: bool,
    legal_basis: Spanned<String>,
    verified: bool,
    published: Option<Spanned<bool>>,
    pub responsible: Option<Spanned<String>>,
    #[serde(default)]
    proof: Vec<Spanned<String>>,
    #[serde(default)]
    pub measures: Vec<Spanned<String>>,
    pub from: Spanned<NaiveDate>,
    to: Option<Spanned<NaiveDate>>,
}

pub(in super::super) fn load(
    files: &Files,
    tree: Option<&DivisionTree>,
) -> Result<Lists, Vec<Error>> {
    let mut lists = Lists::default();
    let mut errors = Vec::new();
    for (name, text) in files.in_folder("lists") {
        let Some(file) = keep(
            parse::<ListFile>(name, text).map_err(|error| vec![error]),
            &mut errors,
        ) else {
            continue;
        };
        let at = At { file: name, text };
        if name != format!("lists/{}.toml", file.list.get_ref()) {
            let reason = format!("{:?} is unlike the file's name", file.list.get_ref());
            errors.push(at.error(&file.list, "list", reason));
        }
        let mut kept = |one: Result<String, Error>| {
            one.map_err(|error| errors.push(error)).unwrap_or_default()
        };
        let list = kept(at.said(file.list, "list"));
        let version = kept(at.said(file.version, "version"));
        let division = at.division(file.division.as_ref(), tree);
        let division = division.map_err(|error| errors.push(error)).unwrap_or(None);
        for entry in file.item {
            match item(at, entry, &list, &lists) {
                Ok(item) => lists.add(CatalogueItem {
                    version: version.clone(),
                    division,
                    ..item
                }),
                Err(error) => errors.push(error),
            }
        }
    }
    if errors.is_empty() {
        Ok(lists)
    } else {
        Err(errors)
    }
}

/// Where a list or a rule is in force.
pub(in super::super) fn place(
    name: &str,
    text: &str,
    given: Option<&Spanned<String>>,
    tree: Option<&DivisionTree>,
) -> Result<Option<DivisionCode>, Error> {
    let Some(given) = given else {
        return Ok(None);
    };
    let wrong = |reason| Error::at(name, text, given.span(), "division", reason);
    let code: DivisionCode = given
        .get_ref()
        .parse()
        .map_err(|error: DivisionCodeError| wrong(error.to_string()))?;
    match tree {
        Some(tree) if tree.get(code).is_none() => Err(wrong(format!("{code} is no division"))),
        _ => Ok(Some(code)),
    }
}

fn item(at: At<'_>, entry: ItemEntry, list: &str, lists: &Lists) -> Result<CatalogueItem, Error> {
    let code = entry.code.get_ref();
    // An id of an entry's later version is its code with the day behind `@`.
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    if code.is_empty() || !code.chars().all(is_plain) {
        let reason = format!("{code:?}, expected small letters, digits and . _ -");
        return Err(at.error(&entry.code, "item.code", reason));
    }
    let level = *entry.level.get_ref();
    if !(1..=3).contains(&level) {
        let reason = format!("{level}, expected 1 to 3");
        return Err(at.error(&entry.level, "item.level", reason));
    }
    let kind = entry.kind.as_ref();
    let kind = kind.map(|kind| at.word(kind, "item.kind")).transpose()?;
    // Only behaviours make records.
    let is_behaviour = level == 3;
    if is_behaviour != kind.is_some() {
        let reason = "a behaviour (level 3) has a kind of record, and nothing above it has";
        return Err(at.error(&entry.code, "item.kind", reason));
    }
    let (from, to) = at.time(&entry.from, entry.to.as_ref())?;
    for known in lists.versions(code).iter().filter_map(|row| lists.at(*row)) {
        let reason = match known {
            _ if known.list != list => format!("{code:?} is there already, in {}", known.list),
            _ if (known.level, known.kind) != (level, kind) => {
                format!("{code:?} is of another level or kind from {}", known.from)
            }
            _ if meet((known.from, known.to), (from, to)) => format!(
                "{code:?} is there already, in force from {}: versions of an entry follow one another",
                known.from
            ),
            _ => continue,
        };
        return Err(at.error(&entry.code, "item.code", reason));
    }
    if let Some(parent) = &entry.parent {
        // Entries stand behind those above them, so that there are no circles.
        let mut above = lists.versions(parent.get_ref()).iter();
        let fits = above
            .next()
            .and_then(|row| lists.at(*row))
            .is_some_and(|above| above.list == list && above.level + 1 == level);
        if !fits {
            let reason = format!(
                "{:?} is no entry before this one, of this list and one level above",
                parent.get_ref()
            );
            return Err(at.error(parent, "item.parent", reason));
        }
    }
    let tier = entry.tier.as_ref();
    let tier = tier.map(|tier| at.word(tier, "item.tier")).transpose()?;
    let published = entry.published.as_ref();
    let is_shown = published.is_some_and(|published| *published.get_ref());
    if !is_behaviour && (tier.is_some() || is_shown || !entry.measures.is_empty()) {
        let reason = "only a behaviour (level 3) has a grade, measures and publicity";
        return Err(at.error(&entry.code, "item.level", reason));
    }
    let responsible = entry.responsible;
    Ok(CatalogueItem {
        level,
        kind,
        tier,
        title: at.said(entry.title, "item.title")?,
        legal_basis: at.said(entry.legal_basis, "item.legal_basis")?,
        code: entry.code.into_inner(),
        verified: entry.verified,
        published: is_shown,
        from,
        to,
        list: list.to_owned(),
        version: String::new(),
        parent: entry.parent.map(Spanned::into_inner),
        division: None,
        is_example: entry.example,
        responsible: responsible
            .map(|by| at.said(by, "item.responsible"))
            .transpose()?,
        proof: at.each_said(entry.proof, "item.proof")?,
        measures: at.each_said(entry.measures, "item.measures")?,
    })
}
