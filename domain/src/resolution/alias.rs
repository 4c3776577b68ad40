//! Bodies by short and variant forms of what they are called.

use super::{
    exact::{NAMESAKES_MAX, inner_keys, judge, namesakes},
    forms::{Form, applies, forms_of},
    found::Found,
    question::{Key, Question, Where},
    search::Search,
    tier::Tier,
};
use crate::{alias::Stands, directory::Hit, gazetteer::Place};

/// The place of the whole country.
const ALL: Place = 0;

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
    let own = Form::of(None, key.core.to_owned());
    for form in std::iter::once(own).chain(forms_of(search, key.core)) {
        let hits = search.directory.named(&form.text, search.within.as_ref());
        let is_meant = |hit: &Hit<'_>| is_of_level(hit.entry.place) && form.fits(search, hit);
        let hits = hits.filter(is_meant).take(NAMESAKES_MAX).collect();
        let found = judge(search, key, &form.text, hits, Tier::Alias);
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

fn by_alias<'a>(search: &mut Search<'a>, key: &Key<'_>, core: &str) -> Found<'a> {
    let mut hits = Vec::new();
    let mut used = None;
    let mut places: Vec<Place> = Vec::new();
    let mut has_begun = false;
    for form in forms_of(search, core) {
        let before = hits.len();
        // Of what a name may begin with the first that somebody bears is meant: the corps' own
        // division before its city.
        let stands = form.row.map(|row| row.stands);
        if has_begun && stands == Some(Stands::Beginning) {
            continue;
        }
        if key.told == Where::Bare {
            hits.extend(namesakes(search, &form.text));
        }
        let is_part = form.row.is_none_or(|row| row.stands != Stands::Whole);
        // By rule a whole name is none: where its division ends is for the other keys to tell.
        if key.told == Where::Whole && is_part && form.row.is_some() {
            hits.extend(called(search, &form.text));
        }
        for place in &key.places {
            if applies(search, form.row, *place) {
                hits.extend(search.directory.at(*place, &form.text));
                if is_part && !form.is_joined && hits.len() == before {
                    hits.extend(of_town_in(search, *place, &form.text));
                }
                places.push(*place);
            }
        }
        let mut at = 0..hits.len();
        hits.retain(|hit| at.next() < Some(before) || form.fits(search, hit));
        if hits.len() > before {
            has_begun |= stands == Some(Stands::Beginning);
            used = Some(form.text);
        }
    }
    // Of the divisions that a word may mean, only those are whose bodies are called so.
    let mut meant = key.places.clone();
    meant.retain(|place| places.contains(place));
    let key = &Key {
        places: meant,
        ..*key
    };
    let found = judge(search, key, core, hits, Tier::Alias);
    if let Some(form) = used.filter(|_| found.fits) {
        search.steps.turned("简称表 / alias table", core, &form);
    }
    found
}

/// Who bears a form that begins with a town of the division.
fn of_town_in<'a>(search: &Search<'a>, place: Place, form: &str) -> Vec<Hit<'a>> {
    let town = search.gazetteer().below(place, form);
    town.map_or_else(Vec::new, |(town, rest)| {
        search.directory.at(town, rest).collect()
    })
}

/// Who bears a whole name that begins with no division, or that does so in full, as that of
/// 洋浦经济开发区.
fn called<'a>(search: &Search<'a>, name: &str) -> Vec<Hit<'a>> {
    let named = search.directory.first_named(name, None, NAMESAKES_MAX);
    let hits: Vec<_> = named
        .into_iter()
        .filter(|hit| !hit.entry.is_named)
        .collect();
    if hits.is_empty() {
        of_town_in(search, ALL, name)
    } else {
        hits
    }
}
