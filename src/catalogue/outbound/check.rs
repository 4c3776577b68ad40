//! What must be right about a layout before anything is sent in it.

use std::{collections::BTreeSet, ops::Range};

use chrono::format::{Item, StrftimeItems};
use domain::{credit_record::CreditRecordKind, outbox::Operation};
use toml::Spanned;

use super::{Layout, OutboundColumn, OutboundField, PackageForm, Table, kinds};
use crate::catalogue::Error;

/// Columns and tables are quoted in SQL by what a name may be made of.
const NAME_CHARS_MAX: usize = 63;

struct Check<'a> {
    file: &'a str,
    text: &'a str,
    errors: &'a mut Vec<Error>,
}

impl Check<'_> {
    fn wrong(&mut self, at: Range<usize>, key: &str, reason: impl Into<String>) {
        self.errors
            .push(Error::at(self.file, self.text, at, key, reason));
    }

    /// The place of a table of the file, for what stands in it.
    fn header(&self, name: &str) -> Range<usize> {
        let at = self.text.find(&format!("[{name}]")).unwrap_or(0);
        at..at
    }
}

pub(super) fn check(file: &str, text: &str, layout: &Layout, errors: &mut Vec<Error>) {
    let mut check = Check { file, text, errors };
    if file != format!("outbound/{}.toml", layout.key.get_ref()) {
        let reason = format!("{:?} is unlike the file's name", layout.key.get_ref());
        check.wrong(layout.key.span(), "key", reason);
    }
    let is_kind = |word: &String| word.parse::<CreditRecordKind>().is_ok();
    if layout.kinds.get_ref().is_empty() || !layout.kinds.get_ref().iter().all(is_kind) {
        let reason = format!("expected one or more of {}", kinds());
        check.wrong(layout.kinds.span(), "kinds", reason);
    }
    for operation in Operation::ALL {
        if layout.operation(*operation).is_none() {
            let reason = format!("{operation} is missing");
            check.wrong(layout.operations.span(), "operations", reason);
        }
    }
    columns(&mut check, layout);
    channels(&mut check, layout);
    let names: BTreeSet<&str> = layout
        .columns()
        .map(|column| column.name.as_str())
        .collect();
    for sample in &layout.sample {
        for column in sample
            .row
            .keys()
            .filter(|name| !names.contains(name.as_str()))
        {
            let at = check.header("sample.row");
            check.wrong(at, "sample.row", format!("there is no column {column:?}"));
        }
    }
}

fn columns(check: &mut Check<'_>, layout: &Layout) {
    let mut names = BTreeSet::new();
    for column in &layout.column {
        let (span, column) = (column.span(), column.get_ref());
        if !is_name(&column.name) {
            let reason = format!(
                "{:?}, expected a letter or _, then at most {} letters, digits and _",
                column.name,
                NAME_CHARS_MAX - 1
            );
            check.wrong(span.clone(), "column.name", reason);
        }
        if !names.insert(column.name.as_str()) {
            let reason = format!("{:?} is there already", column.name);
            check.wrong(span.clone(), "column.name", reason);
        }
        if column.field.is_some() == column.value.is_some() {
            let reason = format!("{}: either field or value", column.name);
            check.wrong(span.clone(), "column.field", reason);
        }
        codes(check, &span, column, layout);
        format(check, &span, column);
    }
    for (field, name) in [
        (OutboundField::MessageNumber, "message_number"),
        (OutboundField::Operation, "operation"),
    ] {
        if !layout.columns().any(|column| column.field == Some(field)) {
            let reason = format!("no column has the field {name}");
            check.wrong(check.header("[column]"), "column", reason);
        }
    }
}

fn codes(check: &mut Check<'_>, span: &Range<usize>, column: &OutboundColumn, layout: &Layout) {
    if column.codes.is_empty() {
        return;
    }
    let Some(words) = column.field.and_then(OutboundField::words) else {
        let reason = format!("{}: only kind, tier and status have words", column.name);
        return check.wrong(span.clone(), "column.codes", reason);
    };
    // A kind that never leaves needs no word.
    let is_needed = |word: &&str| {
        column.field != Some(OutboundField::Kind)
            || layout.kinds.get_ref().iter().any(|kind| kind == word)
    };
    for word in words.iter().copied().filter(is_needed) {
        if !column.codes.contains_key(word) {
            let reason = format!("{}: {word} is missing", column.name);
            check.wrong(span.clone(), "column.codes", reason);
        }
    }
    for word in column.codes.keys() {
        if !words.contains(&word.as_str()) {
            let expected = words.join(", ");
            let reason = format!("{}: {word:?}, expected {expected}", column.name);
            check.wrong(span.clone(), "column.codes", reason);
        }
    }
}

fn format(check: &mut Check<'_>, span: &Range<usize>, column: &OutboundColumn) {
    let Some(format) = &column.format else {
        return;
    };
    let is_time = column
        .field
        .is_some_and(|field| field.is_day() || field.is_moment());
    let is_good = StrftimeItems::new(format).all(|item| item != Item::Error);
    // A day has no hours that could be written.
    let day = chrono::NaiveDate::MIN.and_hms_opt(0, 0, 0);
    let writes = |is_day: bool| {
        use std::fmt::Write;
        let mut text = String::new();
        match (is_day, day) {
            (true, Some(day)) => write!(text, "{}", day.date().format(format)).is_ok(),
            (_, Some(day)) => write!(text, "{}", day.and_utc().format(format)).is_ok(),
            _ => false,
        }
    };
    let is_day = column.field.is_some_and(OutboundField::is_day);
    if !is_time || !is_good || !writes(is_day) {
        let reason = format!(
            "{}: {format:?}, expected placeholders of strftime, of a field that is a day or a moment",
            column.name
        );
        check.wrong(span.clone(), "column.format", reason);
    }
}

fn channels(check: &mut Check<'_>, layout: &Layout) {
    if let Some(package) = &layout.package {
        let is_plain = |name: &str| {
            !name.is_empty()
                && !name.starts_with('.')
                && name
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "._-{}".contains(c))
        };
        if !is_plain(&package.name) || !package.name.contains("{digest}") {
            let reason =
                "expected letters, digits, `_-.` and {digest}, so that no name is given twice";
            check.wrong(check.header("package"), "package.name", reason);
        }
        if !(1..=ROWS_MAX).contains(&package.rows_max) {
            let reason = format!("{}, expected 1 to {ROWS_MAX}", package.rows_max);
            check.wrong(check.header("package"), "package.rows_max", reason);
        }
        let suffixes = [
            Some(&package.manifest.suffix),
            package.feedback.as_ref().map(|feedback| &feedback.name),
        ];
        if suffixes
            .iter()
            .flatten()
            .any(|suffix| !suffix.strip_prefix('.').is_some_and(is_plain) || suffix.contains('{'))
        {
            let reason = "a suffix is a dot, then letters, digits, `_-.`";
            check.wrong(check.header("package"), "package.manifest.suffix", reason);
        }
        if let PackageForm::Xml { root, row } = &package.form
            && !(is_name(root) && is_name(row))
        {
            check.wrong(
                check.header("package"),
                "package.form",
                "root and row must be names",
            );
        }
    }
    if let Some(table) = &layout.table {
        self::table(check, layout, table);
    }
}

/// Rows that one package or one transaction may hold.
const ROWS_MAX: usize = 1_000;

fn table(check: &mut Check<'_>, layout: &Layout, table: &Spanned<Table>) {
    let (span, table) = (table.span(), table.get_ref());
    if !is_table(&table.name) {
        let reason = format!("{:?} is no table's name", table.name);
        check.wrong(span.clone(), "table.name", reason);
    }
    if !(1..=ROWS_MAX).contains(&table.batch_rows) {
        let reason = format!("{}, expected 1 to {ROWS_MAX}", table.batch_rows);
        check.wrong(span.clone(), "table.batch_rows", reason);
    }
    for name in table.types.keys() {
        if !layout.columns().any(|column| column.name == *name) {
            let reason = format!("there is no column {name:?}");
            check.wrong(span.clone(), "table.types", reason);
        }
    }
    if let Some(feedback) = &table.feedback {
        let columns = [Some(&feedback.number), Some(&feedback.state)];
        let more = [feedback.receipt.as_ref(), feedback.reason.as_ref()];
        let is_good = columns
            .iter()
            .chain(&more)
            .flatten()
            .all(|name| is_name(name));
        if !is_table(&feedback.name) || !is_good {
            let at = check.header("table.feedback");
            check.wrong(
                at,
                "table.feedback",
                "its names must be those of a table and of columns",
            );
        }
    }
}

fn is_table(name: &str) -> bool {
    let mut parts = name.splitn(2, '.');
    parts.all(is_name)
}

fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    let is_first = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.len() <= NAME_CHARS_MAX
        && characters.next().is_some_and(is_first)
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}
