//! Which of its source's layouts a file has: by its headings, or by the keys of its first row.

use crate::{
    catalogue::Form,
    sources::{RawRow, Unreadable},
};

use super::{Current, Reading};

impl Reading<'_> {
    pub(super) fn form_by_headings(
        &mut self,
        headings: &[String],
        current: &mut Current,
    ) -> Result<(), Unreadable> {
        // As the description writes them.
        let known: Vec<String> = headings
            .iter()
            .filter_map(|heading| self.columns.slot(heading))
            .map(|slot| self.columns.name(slot).to_owned())
            .collect();
        let told = |form: &Form| form.told_by.iter().all(|column| known.contains(column));
        let Some(form) = self.source.form.iter().position(told) else {
            return Err(Unreadable::at(1, self.no_form("the headings", headings)));
        };
        let missing = self.readers[form].missing_columns(&known);
        if !missing.is_empty() {
            return Err(Unreadable::at(
                1,
                format!(
                    "lacks the column(s) {}: its layout changed",
                    missing.join(", ")
                ),
            ));
        }
        self.begin_form(form, current)
    }

    pub(super) fn no_form(&self, what: &str, found: &[String]) -> String {
        let forms: Vec<_> = self
            .source
            .form
            .iter()
            .map(|form| format!("{} ({})", form.name, form.told_by.join(", ")))
            .collect();
        // Where none is known there may be no headings at all, but somebody's name and number.
        let is_known = |heading: &String| self.columns.slot(heading).is_some();
        let told = match found.iter().any(is_known) {
            true => format!("{found:?}"),
            false if found.is_empty() => String::new(),
            false => format!("({} of them, none known)", found.len()),
        };
        format!(
            "{what} {told} fit none of the source's forms: {}",
            forms.join("; ")
        )
    }

    pub(super) fn begin_form(
        &mut self,
        form: usize,
        current: &mut Current,
    ) -> Result<(), Unreadable> {
        if self.readers[form].has_persons() && self.person_key.is_none() {
            return Err(Unreadable::new(
                "tells of natural persons by their numbers, which are kept as keyed digests only: \
                 configure hub.person_key_file",
            ));
        }
        let yields = self.source.form[form].yields.as_str();
        if self.batch.yields != yields {
            self.flush()?;
            self.batch.yields = yields;
        }
        self.done.yields.insert(yields);
        current.form = Some(form);
        Ok(())
    }

    pub(super) fn form_by_row(
        &mut self,
        row: &RawRow,
        current: &mut Current,
    ) -> Result<usize, Unreadable> {
        if let Some(form) = current.form {
            return Ok(form);
        }
        let has = |column: &String| {
            self.columns
                .slot(column)
                .is_some_and(|slot| row.cells[slot].is_some())
        };
        let Some(form) = self
            .source
            .form
            .iter()
            .position(|form| form.told_by.iter().all(has))
        else {
            return Err(Unreadable::at(
                row.line,
                self.no_form("the first row's keys", &[]),
            ));
        };
        let missing = self.readers[form].missing_keys(row);
        if !missing.is_empty() {
            let reason = format!(
                "lacks the key(s) {}: its layout changed",
                missing.join(", ")
            );
            return Err(Unreadable::at(row.line, reason));
        }
        self.begin_form(form, current)?;
        Ok(form)
    }
}
