//! `lists/*.toml`: the catalogue items, without which nothing is recordable.

use chrono::NaiveDate;
use domain::{
    casework::{MeasureScope, Measures},
    credit_record::{CreditRecordKind, Tier},
    division::{DivisionCode, DivisionCodeError, DivisionTree},
};
use serde::Deserialize;
use toml::Spanned;

use super::{
    Error,
    casework::{At, Competence, SUPERIOR},
    files::{Files, parse},
};

/// One entry of a list (目录清单条目).
#[derive(Debug, Clone)]
pub struct CatalogueItem {
    pub code: String,
    /// 1 domain (领域), 2 matter (事项), 3 behaviour (行为).
    pub level: i64,
    /// The kind of record that it makes; domains and matters make none.
    pub kind: Option<CreditRecordKind>,
    pub title: String,
    pub tier: Option<Tier>,
    pub legal_basis: String,
    /// Whether the article's text was at hand when the entry was written.
    pub verified: bool,
    /// Whether its records are made public while they hold.
    pub published: bool,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
    pub list: String,
    pub version: String,
    /// Code of the entry one level above, of the same list.
    pub parent: Option<String>,
    /// Where its list is in force, with all below; everywhere where none is said.
    pub division: Option<DivisionCode>,
    /// Whether no statute fixes its grade (示例).
    pub is_example: bool,
    /// Who is competent: a key of `competence.toml`, or `superior`.
    pub responsible: Option<String>,
    /// What proves it.
    pub proof: Vec<String>,
    /// Codes of the measures that may follow.
    pub measures: Vec<String>,
}

impl CatalogueItem {
    /// Whether it is in force on a day.
    pub fn is_in_force(&self, on: NaiveDate) -> bool {
        self.from <= on && self.to.is_none_or(|to| on <= to)
    }
}

/// All lists.
#[derive(Debug, Default)]
pub struct Lists {
    items: Vec<CatalogueItem>,
}

impl Lists {
    /// The entry with this code.
    pub fn item(&self, code: &str) -> Option<&CatalogueItem> {
        self.items.iter().find(|item| item.code == code)
    }

    /// Codes of the entries whose records are made public.
    pub fn published(&self) -> Vec<String> {
        self.items
            .iter()
            .filter(|item| item.published)
            .map(|item| item.code.clone())
            .collect()
    }

    /// All entries, list by list.
    pub fn iter(&self) -> impl Iterator<Item = &CatalogueItem> {
        self.items.iter()
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListFile {
    list: Spanned<String>,
    version: String,
    division: Option<Spanned<String>>,
    item: Vec<ItemEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ItemEntry {
    code: Spanned<String>,
    level: Spanned<i64>,
    parent: Option<Spanned<String>>,
    kind: Option<Spanned<String>>,
    title: String,
    tier: Option<Spanned<String>>,
    #[serde(default)]
    example: bool,
    legal_basis: Spanned<String>,
    verified: bool,
    #[serde(default)]
    published: bool,
    responsible: Option<Spanned<String>>,
    #[serde(default)]
    proof: Vec<String>,
    #[serde(default)]
    measures: Vec<Spanned<String>>,
    from: NaiveDate,
    to: Option<NaiveDate>,
}

pub(super) fn load(files: &Files, tree: Option<&DivisionTree>) -> Result<Lists, Vec<Error>> {
    let mut lists = Lists::default();
    let mut errors = Vec::new();
    for (name, text) in files.in_folder("lists") {
        let file = match parse::<ListFile>(name, text) {
            Ok(file) => file,
            Err(error) => {
                errors.push(error);
                continue;
            }
        };
        if name != format!("lists/{}.toml", file.list.get_ref()) {
            let reason = format!("{:?} is unlike the file's name", file.list.get_ref());
            errors.push(Error::at(name, text, file.list.span(), "list", reason));
        }
        let division = match place(name, text, file.division.as_ref(), tree) {
            Ok(division) => division,
            Err(error) => {
                errors.push(error);
                None
            }
        };
        for entry in file.item {
            match item(
                name,
                text,
                entry,
                file.list.get_ref(),
                &file.version,
                &lists,
            ) {
                Ok(item) => lists.items.push(CatalogueItem { division, ..item }),
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
pub(super) fn place(
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

/// Whether the measures and bodies that entries name are there and fit.
pub(super) fn check(
    files: &Files,
    lists: &Lists,
    measures: &Measures,
    competence: &Competence,
) -> Vec<Error> {
    let mut errors = Vec::new();
    for (name, text) in files.in_folder("lists") {
        let Ok(file) = parse::<ListFile>(name, text) else {
            continue;
        };
        let at = At { file: name, text };
        for entry in &file.item {
            let Some(item) = lists.item(entry.code.get_ref()) else {
                continue;
            };
            let by = entry.responsible.as_ref();
            if let Some(by) =
                by.filter(|by| *by.get_ref() != SUPERIOR && competence.body(by.get_ref()).is_none())
            {
                let reason = format!("{:?} is no body of competence.toml", by.get_ref());
                errors.push(at.error(by, "item.responsible", reason));
            }
            for code in &entry.measures {
                let reason = match measures.get(code.get_ref()) {
                    None => format!("{:?} is no measure of measures.toml", code.get_ref()),
                    Some(measure) if measure.scope == MeasureScope::Incentive => {
                        format!("{} is an incentive", measure.code)
                    }
                    Some(measure)
                        if item.tier.is_some_and(|tier| !measure.tiers.contains(&tier)) =>
                    {
                        format!("{} does not follow this grade", measure.code)
                    }
                    Some(_) => continue,
                };
                errors.push(at.error(code, "item.measures", reason));
            }
        }
    }
    errors
}

fn item(
    name: &str,
    text: &str,
    entry: ItemEntry,
    list: &str,
    version: &str,
    lists: &Lists,
) -> Result<CatalogueItem, Error> {
    if lists.item(entry.code.get_ref()).is_some() {
        let reason = format!("{:?} is there already", entry.code.get_ref());
        return Err(Error::at(
            name,
            text,
            entry.code.span(),
            "item.code",
            reason,
        ));
    }
    if !(1..=3).contains(entry.level.get_ref()) {
        let reason = format!("{}, expected 1 to 3", entry.level.get_ref());
        return Err(Error::at(
            name,
            text,
            entry.level.span(),
            "item.level",
            reason,
        ));
    }
    if entry.legal_basis.get_ref().trim().is_empty() {
        return Err(Error::at(
            name,
            text,
            entry.legal_basis.span(),
            "item.legal_basis",
            "no item without a basis",
        ));
    }
    if let Some(parent) = &entry.parent {
        // Entries stand behind those above them, so that there are no circles.
        let above = lists.item(parent.get_ref());
        let fits = above
            .is_some_and(|above| above.list == list && above.level + 1 == *entry.level.get_ref());
        if !fits {
            let reason = format!(
                "{:?} is no entry before this one, of this list and one level above",
                parent.get_ref()
            );
            return Err(Error::at(name, text, parent.span(), "item.parent", reason));
        }
    }
    let at = At { file: name, text };
    // Only behaviours make records.
    let is_behaviour = *entry.level.get_ref() == 3;
    if is_behaviour != entry.kind.is_some() {
        let reason = "a behaviour (level 3) has a kind of record, and nothing above it has";
        return Err(at.error(&entry.code, "item.kind", reason));
    }
    let kind = entry.kind.as_ref();
    let kind = kind.map(|kind| at.word(kind, "item.kind")).transpose()?;
    let tier = entry.tier.map(|tier| {
        tier.get_ref()
            .parse()
            .map_err(|error: domain::UnknownValue| {
                Error::at(name, text, tier.span(), "item.tier", error.to_string())
            })
    });
    Ok(CatalogueItem {
        level: *entry.level.get_ref(),
        kind,
        tier: tier.transpose()?,
        legal_basis: entry.legal_basis.into_inner(),
        code: entry.code.into_inner(),
        title: entry.title,
        verified: entry.verified,
        published: entry.published,
        from: entry.from,
        to: entry.to,
        list: list.to_owned(),
        version: version.to_owned(),
        parent: entry.parent.map(Spanned::into_inner),
        division: None,
        is_example: entry.example,
        responsible: entry.responsible.map(Spanned::into_inner),
        proof: entry.proof,
        measures: entry
            .measures
            .into_iter()
            .map(Spanned::into_inner)
            .collect(),
    })
}
