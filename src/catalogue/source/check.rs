//! What must hold of a source's description beyond its form; each mistake is told with its place.

use std::collections::BTreeSet;

use super::{
    super::{Error, Lists},
    FieldType, Form, Source, Yields,
};

pub(super) fn check(
    name: &str,
    text: &str,
    source: &mut Source,
    lists: Option<&Lists>,
    errors: &mut Vec<Error>,
) {
    if name != format!("sources/{}.toml", source.key.get_ref()) {
        let reason = format!("{:?} is unlike the file's name", source.key.get_ref());
        errors.push(Error::at(name, text, source.key.span(), "key", reason));
    }
    match cadence_h(source.cadence.get_ref()) {
        Some(hours) => source.cadence_h = hours,
        None => errors.push(Error::at(
            name,
            text,
            source.cadence.span(),
            "cadence",
            format!("{:?}, expected PnD or PTnH", source.cadence.get_ref()),
        )),
    }
    if source.raw_days == 0 {
        errors.push(Error::in_file(name, "key raw_days: at least 1 is expected"));
    }
    if source.form.is_empty() {
        errors.push(Error::in_file(name, "key form: at least one is needed"));
    }
    for reason in source
        .pull
        .iter()
        .filter_map(|pull| pull.fault(source.extent))
    {
        errors.push(Error::in_file(name, format!("key pull: {reason}")));
    }
    let has_clues = source.form.iter().any(|form| form.yields == Yields::Clue);
    if has_clues != source.channel.is_some() {
        let reason = "key channel: goes with forms that yield clues, and with them alone";
        errors.push(Error::in_file(name, reason));
    }
    for form in &mut source.form {
        form.take(&source.common);
        let form_name = form.name.clone();
        let mut wrong = |key: &str, reason: String| {
            errors.push(place_of_form(name, text, &form_name, key, reason));
        };
        for (field, entry) in &mut form.fields {
            if (entry.read_as == FieldType::Code) != entry.lookup.is_some() {
                let reason = "goes with as = \"code\" and with nothing else".to_owned();
                wrong(&format!("fields.{field}.lookup"), reason);
            }
            if let Some(lookup) = &entry.lookup {
                match source.lookup.get(lookup) {
                    Some(words) => entry.words = words.clone(),
                    None => {
                        let reason = format!("the source has no lookup {lookup:?}");
                        wrong(&format!("fields.{field}.lookup"), reason);
                    }
                }
            }
        }
        check_fields(form, &mut wrong);
        let established = form.record.iter().flat_map(|record| record.items());
        for item in form.item.iter().chain(established) {
            let makes_records = |lists: &Lists| lists.kind(item.get_ref()).is_some();
            if lists.is_some_and(|lists| !makes_records(lists)) {
                let reason = format!("there is no catalogue item {:?}", item.get_ref());
                errors.push(Error::at(name, text, item.span(), "form.item", reason));
            }
        }
    }
}

fn check_fields(form: &Form, wrong: &mut impl FnMut(&str, String)) {
    let (must, may) = form.yields.fields();
    for field in must
        .iter()
        .filter(|field| !form.fields.contains_key(**field))
    {
        wrong(&format!("fields.{field}"), "is missing".to_owned());
    }
    for (field, entry) in &form.fields {
        if !must.contains(&field.as_str()) && !may.contains(&field.as_str()) {
            let expected = [must, may].concat().join(", ");
            wrong(
                &format!("fields.{field}"),
                format!("unknown field, expected one of {expected}"),
            );
        }
        if entry.from.is_empty() {
            wrong(
                &format!("fields.{field}.from"),
                "names no column".to_owned(),
            );
        }
    }
    let known: BTreeSet<&str> = form.columns().collect();
    for column in form
        .told_by
        .iter()
        .filter(|column| !known.contains(column.as_str()))
    {
        wrong(
            "told_by",
            format!("column {column:?} is in none of fields, key, keep and drop"),
        );
    }
    let asked: BTreeSet<&str> = form.asked().collect();
    for column in form
        .optional
        .iter()
        .filter(|column| !asked.contains(column.as_str()))
    {
        wrong(
            "optional",
            format!("column {column:?} is in none of only, ends, closed, sort and record.when"),
        );
    }
    if form.told_by.is_empty() || form.key.iter().any(Vec::is_empty) || form.key.is_empty() {
        wrong("key", "told_by and key must name columns".to_owned());
    }
    let mut goes_with = |key: &str, is_there: bool, yields: Yields, is_needed: bool| {
        let fits = form.yields == yields;
        if is_there && !fits || is_needed && fits && !is_there {
            let reason = format!("goes with yields = {:?}", yields.as_str());
            wrong(key, reason);
        }
    };
    goes_with("item", form.item.is_some(), Yields::CreditRecord, true);
    goes_with("record", form.record.is_some(), Yields::Clue, false);
    goes_with("sort", form.sort.is_some(), Yields::Clue, false);
    goes_with("term", form.term.is_some(), Yields::Disclosure, true);
    let has_officials = form.officials.is_some();
    goes_with("officials", has_officials, Yields::CreditRecord, false);
    let mut instead = form.record.iter().flat_map(|record| &record.instead);
    if instead.any(|other| other.when.is_empty()) {
        wrong("record", "instead.when names no column".to_owned());
    }
    if form.record.is_some() {
        for field in ["subject_name", "identified_on", "identified_by"] {
            if !form.fields.contains_key(field) {
                wrong("record", format!("records need the field {field}"));
            }
        }
    }
}

/// The place of a mistake inside a form: the line of its key, or where there is none that of the
/// form's name.
fn place_of_form(file: &str, text: &str, form: &str, key: &str, reason: String) -> Error {
    let start = text.find(&format!("\"{form}\"")).unwrap_or(0);
    let last = key.split('.').nth(1).unwrap_or(key);
    let begins = |line: &str| {
        let line = line.trim_start();
        let is_table = line.starts_with(&format!("[form.fields.{last}]"));
        is_table
            || line
                .strip_prefix(last)
                .is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let mut at = start;
    let place = text[start..].split_inclusive('\n').find_map(|line| {
        let here = at;
        at += line.len();
        begins(line).then_some(here)
    });
    let place = place.unwrap_or(start);
    Error::at(
        file,
        text,
        place..place,
        format!("form {form}: {key}"),
        reason,
    )
}

fn cadence_h(text: &str) -> Option<i64> {
    let (number, hours) = match text.strip_prefix("PT") {
        Some(rest) => (rest.strip_suffix('H')?, 1),
        None => (text.strip_prefix('P')?.strip_suffix('D')?, 24),
    };
    number
        .parse::<i64>()
        .ok()
        .filter(|number| (1..=3_660).contains(number))
        .map(|number| number * hours)
}
