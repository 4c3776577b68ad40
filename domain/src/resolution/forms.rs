//! What a core may be short for: by the alias table, and by rule.

use std::borrow::Cow;

use super::search::Search;
use crate::{
    alias::{Alias, Stands},
    directory::{Bearing, HOLE, Hit},
    division::DivisionLevel,
    gazetteer::Place,
    name,
};

/// What a core may be short for.
pub(super) struct Form<'a> {
    /// The row that says so.
    pub row: Option<&'a Alias>,
    pub text: Cow<'a, str>,
    /// Whether only a word between others was left out. A register that has such a word at another
    /// place was not meant: 发展改和革局 is a slip of the pen.
    pub(super) is_joined: bool,
}

impl<'a> Form<'a> {
    pub fn of(row: Option<&'a Alias>, text: impl Into<Cow<'a, str>>) -> Self {
        Self {
            row,
            text: text.into(),
            is_joined: false,
        }
    }

    /// Whether a bearer of the form is meant.
    pub fn fits(&self, search: &Search<'_>, hit: &Hit<'_>) -> bool {
        let is_written = hit.entry.bearing != Bearing::Variant;
        (is_written || !self.is_joined) && applies(search, self.row, hit.entry.place)
    }
}

/// All that a core may be short for.
pub(super) fn forms_of<'a>(search: &Search<'a>, core: &str) -> Vec<Form<'a>> {
    let aliases = &search.directory.knowledge().aliases;
    let in_full = |row: &'a Alias| row.full.iter().map(move |full| Form::of(Some(row), full));
    let mut forms: Vec<_> = aliases.rows(core).flat_map(in_full).collect();
    let ending = name::respelled(core);
    if let Some(joined) = name::joined(ending.as_deref().unwrap_or(core)) {
        forms.push(Form {
            is_joined: true,
            ..Form::of(None, joined)
        });
    }
    if let Some(ending) = ending {
        forms.extend(aliases.rows(&ending).flat_map(in_full));
        forms.push(Form::of(None, ending));
    }
    for (row, rest, full) in aliases.parts(core) {
        if row.stands == Stands::Beginning {
            let rests = aliases.rows(rest).flat_map(|row| &row.full);
            forms.extend(rests.map(|rest| Form::of(Some(row), [full, rest].concat())));
            forms.push(Form::of(Some(row), [full, rest].concat()));
        } else {
            forms.push(Form::of(Some(row), [rest, full].concat()));
        }
    }
    let further = numbered(core).into_iter().chain(branch(core));
    let further = further.chain(of_town(search, core));
    forms.extend(further.map(|full| Form::of(None, full)));
    forms
}

/// Whether bodies of a division are called so.
pub(super) fn applies(search: &Search<'_>, row: Option<&Alias>, place: Place) -> bool {
    let gazetteer = search.gazetteer();
    row.is_none_or(|row| {
        let is_there = |code| {
            let above = gazetteer.place(code);
            above.is_some_and(|above| gazetteer.is_within(above, place))
        };
        let is_level = row.levels.is_empty() || row.levels.contains(&gazetteer.level(place));
        is_level && row.within.is_none_or(is_there)
    })
}

/// What a core may be short for in a division.
pub(super) fn forms<'a>(search: &Search<'a>, core: &str, place: Place) -> Vec<Cow<'a, str>> {
    let forms = forms_of(search, core).into_iter();
    let forms = forms.filter(|form| applies(search, form.row, place));
    forms.map(|form| form.text).collect()
}

/// Words that end the name of a town.
const TOWN_WORDS: [&str; 4] = ["街道", "苏木", "镇", "乡"];

/// What a body of a town is called in full where the tree does not have the town: 白果镇政府 is
/// 白果镇人民政府, and 赵镇街办 赵镇街道办事处.
fn of_town(search: &Search<'_>, core: &str) -> Vec<String> {
    let aliases = &search.directory.knowledge().aliases;
    let ends = core.char_indices().rev().map(|(at, c)| at + c.len_utf8());
    let mut ends = ends.filter(|end| TOWN_WORDS.iter().any(|word| core[..*end].ends_with(word)));
    let town = ends.next();
    let office = core
        .strip_suffix("街办")
        .map(|stem| format!("{stem}街道办事处"));
    let Some((town, rest)) = town.map(|end| core.split_at(end)) else {
        return office.into_iter().collect();
    };
    let is_town = town.chars().nth(1).is_some();
    let rows = aliases
        .rows(rest)
        .filter(|row| is_town && row.levels == [DivisionLevel::Township]);
    let forms = rows.flat_map(|row| row.full.iter().filter(|full| !full.contains(HOLE)));
    // 人民政府赵镇街道办事处: the government above sends the office.
    let sent = core
        .strip_prefix("人民政府")
        .filter(|_| rest.ends_with("办事处"));
    let forms = forms.map(|full| [town, full].concat());
    office
        .into_iter()
        .chain(sent.map(str::to_owned))
        .chain(forms)
        .collect()
}

/// 一中 is 第一中学, 二小 第二小学, 第三医院 第三人民医院.
fn numbered(core: &str) -> Option<String> {
    let kinds = [
        ("中院", "中级人民法院"),
        ("医院", "人民医院"),
        ("中", "中学"),
        ("小", "小学"),
        ("幼", "幼儿园"),
        ("院", "人民医院"),
    ];
    let (number, full) = kinds.iter().find_map(|(kind, full)| {
        let number = core.strip_suffix(kind)?;
        Some((number.strip_prefix('第').unwrap_or(number), full))
    })?;
    is_number(number).then(|| format!("第{number}{full}"))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.chars().all(name::is_numeral)
}

/// 检察院二分院 is 人民检察院第二分院.
fn branch(core: &str) -> Option<String> {
    let head = core.strip_suffix("分院")?;
    let (body, number) = head.split_once("检察院")?;
    let number = number.strip_prefix('第').unwrap_or(number);
    let is_ours = is_number(number) && (body.is_empty() || body == "人民");
    is_ours.then(|| format!("人民检察院第{number}分院"))
}
