//! Whether what the entries of lists name stands in the other files.

use domain::{
    casework::{MeasureScope, Measures},
    division::DivisionTree,
};

use super::{
    super::{
        Error,
        casework::{At, Competence, SUPERIOR},
        files::{Files, parse},
    },
    CatalogueItem, Lists,
    load::{ItemEntry, ListFile},
};

/// What it is held against.
pub(in super::super) struct Beside<'a> {
    pub lists: &'a Lists,
    pub measures: &'a Measures,
    pub competence: &'a Competence,
    pub tree: &'a DivisionTree,
}

/// Whether the measures and bodies that entries name are there and fit.
pub(in super::super) fn check(files: &Files, beside: &Beside<'_>) -> Vec<Error> {
    let mut errors = Vec::new();
    for (name, text) in files.in_folder("lists") {
        let Ok(file) = parse::<ListFile>(name, text) else {
            continue;
        };
        let at = At { file: name, text };
        for entry in &file.item {
            let on = *entry.from.get_ref();
            if let Some(item) = beside.lists.item(entry.code.get_ref(), on) {
                beside.entry(at, entry, item, &mut errors);
            }
        }
    }
    errors
}

impl Beside<'_> {
    fn entry(&self, at: At<'_>, entry: &ItemEntry, item: &CatalogueItem, errors: &mut Vec<Error>) {
        let by = entry.responsible.as_ref();
        let is_nobody = |by: &str| by != SUPERIOR && self.competence.body(by).is_none();
        if let Some(by) = by.filter(|by| is_nobody(by.get_ref())) {
            let reason = format!("{:?} is no body of competence.toml", by.get_ref());
            errors.push(at.error(by, "item.responsible", reason));
        }
        for code in &entry.measures {
            // A local measure is for the lists of its place.
            let measure = self
                .measures
                .rule(code.get_ref(), item.from, item.division, self.tree);
            let reason = match measure {
                None => format!(
                    "{:?} is no measure of measures.toml where this list is in force",
                    code.get_ref()
                ),
                Some(measure) if measure.scope == MeasureScope::Incentive => {
                    format!("{} is an incentive", measure.code)
                }
                Some(measure) if item.tier.is_some_and(|tier| !measure.tiers.contains(&tier)) => {
                    format!("{} does not follow this grade", measure.code)
                }
                Some(_) => continue,
            };
            errors.push(at.error(code, "item.measures", reason));
        }
    }
}
