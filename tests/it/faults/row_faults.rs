//! What goes wrong with rows and their columns.
#![expect(
    clippy::ptr_arg,
    reason = "all kinds of faults are functions of one type"
)]

use serde_json::{Value, json};

use super::{
    kinds::Law,
    luck::Luck,
    row::{Fate, Row},
    world::Meant,
};

/// One row that nothing is wrong with yet, and the columns of its form.
fn some<'a>(rows: &'a mut [Row], luck: &mut Luck) -> Option<&'a mut Row> {
    let at = luck.below(rows.len());
    rows.get_mut(at)
        .filter(|row| row.fate == Fate::Good && row.text.is_none())
}

/// What is told of rows that are ours alone: of others nobody looks so closely.
fn refuse(row: &mut Row) {
    if row.meant != Meant::NotOurs {
        row.fate = Fate::Rejected;
    }
}

/// Another order; what a file begins with tells what it is, so an odd row must not come first.
fn shuffle(rows: &mut [Row], luck: &mut Luck) -> Option<()> {
    let is_odd = rows.iter().any(|row| row.text.is_some());
    (!is_odd).then(|| luck.shuffle(rows))
}

pub(super) fn shuffled(rows: &mut Vec<Row>, luck: &mut Luck) -> Option<Law> {
    shuffle(rows, luck)?;
    Some(Law::Whole)
}

pub(super) fn twice(rows: &mut Vec<Row>, luck: &mut Luck) -> Option<Law> {
    let row = some(rows, luck)?.clone();
    let at = luck.below(rows.len() + 1);
    rows.insert(at, row);
    // Behind a declared total a row that comes twice may stand for one that does not come.
    Some(Law::Either)
}

pub(super) fn many_gone(rows: &mut Vec<Row>, luck: &mut Luck) -> Option<Law> {
    let left = rows
        .len()
        .checked_sub(luck.within(12..16))
        .filter(|left| *left > 0)?;
    shuffle(rows, luck)?;
    rows.truncate(left);
    Some(Law::Whole)
}

pub(super) fn all_gone(rows: &mut Vec<Row>, _: &mut Luck) -> Option<Law> {
    // Nobody sees that a list without rows lacks a column.
    let is_whole = |row: &Row| {
        row.form
            .required()
            .iter()
            .all(|column| row.object.contains_key(*column))
    };
    if !rows.iter().all(is_whole) {
        return None;
    }
    rows.clear();
    Some(Law::Whole)
}

/// The ids that no listing of the world has.
const OTHER_IDS: std::ops::RangeFrom<i64> = 1_000_000..;
/// How many times as long a list may grow so that what it lacks is no more than a twentieth of it.
const GROWN: usize = 20;

pub(super) fn renumbered(rows: &mut Vec<Row>, _: &mut Luck) -> Option<Law> {
    let is_good = |row: &Row| row.fate == Fate::Good && row.text.is_none();
    if rows.is_empty() || !rows.iter().all(is_good) {
        return None;
    }
    let grown = rows.len() * GROWN;
    *rows = rows.iter().cycle().take(grown).cloned().collect();
    for (row, id) in rows.iter_mut().zip(OTHER_IDS) {
        let [column, ..] = row.form.required();
        let is_number = row.object.get(column).is_some_and(Value::is_number);
        row.key = id.to_string();
        row.put(column, if is_number { json!(id) } else { json!(row.key) });
    }
    Some(Law::Whole)
}

pub(super) fn no_case(rows: &mut Vec<Row>, luck: &mut Luck) -> Option<Law> {
    let row = some(rows, luck)?;
    let [_, _, case, ..] = row.form.required();
    row.put(case, *luck.pick(&["不是案号", "2025-1", "=1+1"]));
    refuse(row);
    Some(Law::Whole)
}

pub(super) fn impossible_date(rows: &mut Vec<Row>, luck: &mut Luck) -> Option<Law> {
    let row = some(rows, luck)?;
    let [_, _, _, day, _] = row.form.required();
    let days = [
        "2026-02-30",
        "2025年13月01日",
        "1900-01-01",
        "9999-12-31",
        "昨天",
        "0",
    ];
    row.put(day, *luck.pick(&days));
    refuse(row);
    Some(Law::Whole)
}

pub(super) fn date_to_come(rows: &mut Vec<Row>, luck: &mut Luck) -> Option<Law> {
    let row = some(rows, luck)?;
    let [_, _, _, day, _] = row.form.required();
    row.put(
        day,
        *luck.pick(&["2031-05-06", "2099年01月01日", "8000-01-01 00:00:00"]),
    );
    refuse(row);
    Some(Law::Whole)
}

pub(super) fn long_name(rows: &mut Vec<Row>, luck: &mut Luck) -> Option<Law> {
    let row = some(rows, luck)?;
    let [_, name, ..] = row.form.required();
    row.put(name, "局".repeat(luck.within(201..900)));
    row.fate = Fate::Rejected;
    Some(Law::Whole)
}

pub(super) fn nul_in_name(rows: &mut Vec<Row>, luck: &mut Luck) -> Option<Law> {
    let row = some(rows, luck)?;
    let [_, name, ..] = row.form.required();
    row.put(name, format!("{}\0局", row.name));
    row.fate = Fate::Rejected;
    Some(Law::Whole)
}

pub(super) fn nul_in_key(rows: &mut Vec<Row>, luck: &mut Luck) -> Option<Law> {
    let row = some(rows, luck)?;
    let [key, ..] = row.form.required();
    // Characters that nobody sees tell no row from another.
    row.put(key, format!("{}\0", row.key));
    Some(Law::Whole)
}

/// Which listing it was can't be told; of an enterprise's nobody asks.
fn keyless(row: &mut Row) {
    if row.meant != Meant::NotOurs {
        row.fate = Fate::Keyless;
    }
}

pub(super) fn nul_in_text(rows: &mut Vec<Row>, luck: &mut Luck) -> Option<Law> {
    let row = some(rows, luck)?;
    row.put(row.form.duty(), "支付\0货款");
    Some(Law::Whole)
}

pub(super) fn huge_field(rows: &mut Vec<Row>, luck: &mut Luck) -> Option<Law> {
    let row = some(rows, luck)?;
    row.put(
        row.form.duty(),
        "支付工程款".repeat(luck.within(1_000..8_000)),
    );
    Some(Law::Whole)
}

pub(super) fn hostile_text(rows: &mut Vec<Row>, luck: &mut Luck) -> Option<Law> {
    let texts = [
        "=HYPERLINK(\"http://example.invalid\")",
        "<script>alert(1)</script>",
        "\u{202E}倒过来\u{202C}",
        "零\u{200B}宽",
        "'; DROP TABLE evidence; --",
        "㐂𠮷䶮",
        "a,b\r\n\"c\"",
        "\\u0000 {} [] \\",
    ];
    let row = some(rows, luck)?;
    row.put(row.form.duty(), *luck.pick(&texts));
    Some(Law::Whole)
}

pub(super) fn no_key(rows: &mut Vec<Row>, luck: &mut Luck) -> Option<Law> {
    // The first row tells the form.
    let row = some(rows.get_mut(1..)?, luck)?;
    let [key, ..] = row.form.required();
    for column in [key, "bzxrxh"] {
        if row.object.contains_key(column) {
            row.put(column, *luck.pick(&["", "暂无"]));
        }
    }
    keyless(row);
    Some(Law::Whole)
}

pub(super) fn no_object(rows: &mut Vec<Row>, luck: &mut Luck) -> Option<Law> {
    let row = some(rows.get_mut(1..)?, luck)?;
    row.text = Some((*luck.pick(&["17", "\"x\"", "[]", "true"])).to_owned());
    row.fate = Fate::Keyless;
    Some(Law::Whole)
}

pub(super) fn member_twice(rows: &mut Vec<Row>, luck: &mut Luck) -> Option<Law> {
    let row = some(rows, luck)?;
    let [_, _, case, ..] = row.form.required();
    let (first, rest) = (json!({ case: "(1999)京执1号" }).to_string(), row.json());
    row.text = Some(format!("{},{}", first.trim_end_matches('}'), &rest[1..]));
    Some(Law::Whole)
}

pub(super) fn key_as_text(rows: &mut Vec<Row>, luck: &mut Luck) -> Option<Law> {
    let row = some(rows, luck)?;
    let [key, ..] = row.form.required();
    row.put(key, format!(" {} ", row.key));
    Some(Law::Whole)
}

pub(super) fn name_as_list(rows: &mut Vec<Row>, luck: &mut Luck) -> Option<Law> {
    let row = some(rows, luck)?;
    let [_, name, ..] = row.form.required();
    let told = row.name.clone();
    let other = [json!([told]), json!({ "name": told }), json!([[]])];
    row.put(name, luck.pick(&other).clone());
    row.fate = Fate::Keyless;
    Some(Law::Whole)
}

pub(super) fn unknown_column(rows: &mut Vec<Row>, luck: &mut Luck) -> Option<Law> {
    let mut nested = Value::Null;
    for _ in 0..luck.below(40) {
        nested = json!([nested]);
    }
    for row in rows.iter_mut().filter(|row| row.text.is_none()) {
        let more = json!({ "newColumn": nested }).to_string();
        row.text = Some(format!(
            "{},{}",
            more.trim_end_matches('}'),
            &row.json()[1..]
        ));
    }
    Some(Law::Whole)
}

pub(super) fn column_less(rows: &mut Vec<Row>, luck: &mut Luck) -> Option<Law> {
    let form = rows.first()?.form;
    let [_, needed @ ..] = form.required();
    let (column, is_renamed) = (*luck.pick(&needed), luck.one_in(2));
    for row in rows.iter_mut() {
        let value = row.object.remove(column);
        if let Some(value) = value.filter(|_| is_renamed) {
            row.object.insert(format!("{column}_v2"), value);
        }
        // What another fault wrote by hand is written anew.
        if row.fate != Fate::Keyless {
            row.text = None;
        }
    }
    Some(Law::Refused)
}
