//! What a form says about a row before it is read: read it, count it, or end what it identifies.

use toml::Spanned;

use crate::{
    catalogue::{Condition, Form, Other, Sort},
    sources::{Columns, RawRow},
};

use super::field::Refused;

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Read,
    /// It is none of ours, or a test row.
    Counted,
    /// What it identifies is listed no longer.
    Ended,
}

/// A form's conditions with their columns' slots.
pub(super) struct Fates<'a> {
    only: Vec<Asked<'a>>,
    ends: Vec<Asked<'a>>,
    closed: Vec<Asked<'a>>,
    /// When a row is a record.
    established: Option<Conditional<'a>>,
    /// When such a record is of another catalogue item.
    instead: Vec<Conditional<'a>>,
    sort: Option<(&'a Sort, usize)>,
}

/// A catalogue item and what a row must say for it.
struct Conditional<'a> {
    item: &'a str,
    when: Vec<Asked<'a>>,
}

/// A column and the values of which it must have one.
struct Asked<'a> {
    column: &'a str,
    slot: usize,
    values: &'a [String],
    may_lack: bool,
}

impl<'a> Asked<'a> {
    fn all(form: &Form, condition: &'a Condition, known: &Columns) -> Vec<Self> {
        let asked = |(column, values): (&'a String, &'a Vec<String>)| {
            let slot = known.slot(column)?;
            Some(Self {
                column,
                slot,
                values,
                may_lack: form.may_lack(column),
            })
        };
        condition.iter().filter_map(asked).collect()
    }

    /// Whether the row's value is one of them; a row without it says as much as an empty cell.
    fn holds(&self, row: &RawRow) -> bool {
        let text = row.cells[self.slot].as_deref().unwrap_or_default();
        is_among(self.values, text.trim())
    }

    /// The same, or the row lacks the column and may.
    fn allows(&self, row: &RawRow) -> bool {
        self.may_lack && row.cells[self.slot].is_none() || self.holds(row)
    }
}

/// Codes are written in either case.
fn is_among(words: &[String], text: &str) -> bool {
    words.iter().any(|word| word.eq_ignore_ascii_case(text))
}

impl<'a> Fates<'a> {
    pub(super) fn of(form: &'a Form, known: &Columns) -> Self {
        let record = form.record.as_ref();
        let conditional = |item: &'a Spanned<String>, when: &'a Condition| Conditional {
            item: item.get_ref(),
            when: Asked::all(form, when, known),
        };
        Self {
            only: Asked::all(form, &form.only, known),
            ends: Asked::all(form, &form.ends, known),
            closed: Asked::all(form, &form.closed, known),
            established: record.map(|record| conditional(&record.item, &record.when)),
            instead: record
                .iter()
                .flat_map(|record| &record.instead)
                .map(|other| conditional(&other.item, &other.when))
                .collect(),
            sort: form
                .sort
                .as_ref()
                .and_then(|sort| Some((sort, known.slot(&sort.by)?))),
        }
    }

    /// What becomes of a row.
    pub(super) fn judge(&self, row: &RawRow) -> Result<Fate, Refused> {
        if !self.only.iter().all(|asked| asked.allows(row)) {
            return Ok(Fate::Counted);
        }
        if self.ends.iter().any(|asked| asked.holds(row)) {
            return Ok(Fate::Ended);
        }
        for asked in &self.closed {
            if !asked.allows(row) {
                let found = row.cells[asked.slot].as_deref().unwrap_or_default();
                return Err(Refused {
                    column: asked.column.to_owned(),
                    reason: format!(
                        "unknown value {found:?}, expected one of {}",
                        asked.values.join(", ")
                    ),
                });
            }
        }
        let Some((sort, slot)) = self.sort else {
            return Ok(Fate::Read);
        };
        let category = row.cells[slot]
            .as_deref()
            .map(str::trim)
            .unwrap_or_default();
        match () {
            () if is_among(&sort.keep, category) => Ok(Fate::Read),
            () if is_among(&sort.count, category) => Ok(Fate::Counted),
            () => match sort.other {
                Other::Keep => Ok(Fate::Read),
                Other::Count => Ok(Fate::Counted),
                Other::Reject => Err(Refused {
                    column: sort.by.clone(),
                    reason: format!(
                        "unknown category {category:?}, expected one of {}",
                        [sort.keep.as_slice(), &sort.count].concat().join(", ")
                    ),
                }),
            },
        }
    }

    /// The catalogue item of what the row alleges, where that is established.
    pub(super) fn established(&self, row: &RawRow) -> Option<&'a str> {
        let holds = |one: &&Conditional<'_>| {
            !one.when.is_empty() && one.when.iter().all(|asked| asked.holds(row))
        };
        let usual = self.established.as_ref().filter(holds)?;
        let other = self.instead.iter().find(holds);
        Some(other.unwrap_or(usual).item)
    }
}
