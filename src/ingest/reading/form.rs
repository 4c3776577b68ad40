//! Which of its source's layouts a file has: by its headings, or by the keys of its first row.

use crate::{
    catalogue::Form,
    sources::{RawRow, Unreadable},
};

use super::{Current, FileError, Reading};

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
        let has = |column: &str| known.iter().any(|known| known == column);
        let missing = self.readers[form].missing_columns(has, &[]);
        if !missing.is_empty() {
            return Err(Unreadable::at(1, lacking(&missing)));
        }
        self.begin_form(form, current)
    }

    /// Notes which columns the rows of a file without headings had.
    pub(super) fn note_columns(&mut self, form: usize, current: &Current) {
        let Some(seen) = &current.seen else {
            return;
        };
        let noted = self.seen.entry(form);
        let (_, noted) = noted.or_insert_with(|| (current.name.clone(), seen.clone()));
        let columns = noted.iter_mut().zip(seen);
        columns.for_each(|(noted, seen)| *noted |= seen);
    }

    /// What has no headings has the columns that any of its rows has: a page may lack one of which
    /// nobody on it has anything.
    pub(super) fn check_columns(&self) -> Result<(), FileError> {
        for (form, (file, seen)) in &self.seen {
            let missing = self.missing_of(*form, seen, file);
            if !missing.is_empty() {
                return Err(FileError {
                    file: file.clone(),
                    line: None,
                    reason: lacking(&missing),
                });
            }
        }
        Ok(())
    }

    fn missing_of(&self, form: usize, seen: &[bool], file: &str) -> Vec<&str> {
        let has = |column: &str| self.columns.slot(column).is_some_and(|slot| seen[slot]);
        let exchange = self.source.exchange_of(file);
        let marks = exchange.map_or(&[][..], |exchange| exchange.marks.as_slice());
        self.readers[form].missing_columns(has, marks)
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
            current.see(row);
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
        let seen: Vec<bool> = row.cells.iter().map(Option::is_some).collect();
        // Each row of a table has all of its columns, so nothing of it need be read before that is told.
        let missing = match self.source.exchange_of(&current.name) {
            Some(_) => self.missing_of(form, &seen, &current.name),
            None => self.readers[form].missing_keys(row),
        };
        if !missing.is_empty() {
            return Err(Unreadable::at(row.line, lacking(&missing)));
        }
        current.seen = Some(seen);
        self.begin_form(form, current)?;
        Ok(form)
    }
}

fn lacking(columns: &[&str]) -> String {
    format!(
        "lacks the column(s) {}: its layout changed",
        columns.join(", ")
    )
}
