//! Names that the alias table has: short and variant forms of what a body is called.

use std::borrow::Cow;

use super::{
    exact::{NAMESAKES_MAX, inner_keys, judge, namesakes},
    found::Found,
    question::{Key, Question, Where},
    search::Search,
    tier::Tier,
};
use crate::{alias::Alias, directory::Hit, gazetteer::Place};

/// By a name without a division but for its level word, such as 市教育局.
pub(super) fn find_of_level<'a>(
    search: &mut Search<'a>,
    question: &Question<'_>,
    word: &str,
) -> Found<'a> {
    let tree = search.gazetteer().tree();
    let is_of_level = |place: Place| tree.at(place as usize).name.ends_with(word);
    let Some(key) = question.keys.last() else {
        return Found::nobody();
    };
    let own = (None, Cow::from(key.core));
    for (row, form) in std::iter::once(own).chain(rows_of(search, key.core)) {
        let hits = search.directory.named(&form, search.within.as_ref());
        let is_meant =
            |hit: &Hit<'_>| is_of_level(hit.entry.place) && applies(search, row, hit.entry.place);
        let hits = hits.filter(is_meant).take(NAMESAKES_MAX).collect();
        let found = judge(search, key, &form, hits, Tier::Alias);
        if found.fits {
            return found;
        }
    }
    Found::nobody()
}

/// By a short form of the alias table.
pub(super) fn find<'a>(search: &mut Search<'a>, question: &Question<'_>) -> Found<'a> {
    for key in &question.keys {
        let found = by_alias(search, key, key.core);
        if found.fits {
            return found;
        }
        for (places, core) in inner_keys(search, question, key) {
            let inner = Key { places, ..*key };
            let found = by_alias(search, &inner, &core);
            if found.fits {
                return found;
            }
        }
    }
    Found::nobody()
}

/// What a core may be short for, and the row that says so.
fn rows_of<'a>(search: &Search<'a>, core: &str) -> Vec<(Option<&'a Alias>, Cow<'a, str>)> {
    let rows = search.directory.knowledge().aliases.rows(core);
    let mut forms: Vec<_> = rows
        .flat_map(|row| {
            row.full
                .iter()
                .map(move |full| (Some(row), Cow::from(full)))
        })
        .collect();
    forms.extend(numbered(core).map(|full| (None, Cow::from(full))));
    forms
}

/// Whether bodies of a division are called so.
fn applies(search: &Search<'_>, row: Option<&Alias>, place: Place) -> bool {
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
    let rows = rows_of(search, core).into_iter();
    rows.filter(|(row, _)| applies(search, *row, place))
        .map(|(_, full)| full)
        .collect()
}

/// 一中 is 第一中学, 二小 第二小学.
fn numbered(core: &str) -> Option<String> {
    let kinds = [
        ('中', "中学"),
        ('小', "小学"),
        ('幼', "幼儿园"),
        ('院', "人民医院"),
    ];
    let last = core.chars().next_back()?;
    let kind = kinds.iter().find(|kind| kind.0 == last)?.1;
    let number = &core[..core.len() - last.len_utf8()];
    let is_number = !number.is_empty() && number.chars().all(crate::name::is_numeral);
    is_number.then(|| format!("第{number}{kind}"))
}

fn by_alias<'a>(search: &mut Search<'a>, key: &Key<'_>, core: &str) -> Found<'a> {
    let directory = search.directory;
    let mut hits = Vec::new();
    let mut used = None;
    for (row, form) in rows_of(search, core) {
        let before = hits.len();
        if key.told == Where::Bare {
            let named = namesakes(search, &form).into_iter();
            hits.extend(named.filter(|hit| applies(search, row, hit.entry.place)));
        }
        for place in key
            .places
            .iter()
            .filter(|place| applies(search, row, **place))
        {
            hits.extend(directory.at(*place, &form));
        }
        if hits.len() > before {
            used = Some(form);
        }
    }
    let found = judge(search, key, core, hits, Tier::Alias);
    if let Some(form) = used.filter(|_| found.fits) {
        search.steps.turned("简称表 / alias table", core, &form);
    }
    found
}
