//! Names that no body bears letter by letter: abbreviations, one wrong character, homophones. Only
//! inside the division that was told, and never across types of bodies or numerals.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{
    compare::{Written, is_one_edit, likeness, same_numerals},
    found::{Found, Match},
    kept::Kept,
    question::{Key, Question, Where},
    search::Search,
    tier::{self, Tier},
};
use crate::{
    directory::{Core, Hit},
    gazetteer::Place,
};

/// A division with more names than this is not compared name by name.
const SCAN_MAX: usize = 20_000;
/// A key that may mean more divisions than this is not compared.
const PLACES_MAX: usize = 8;
/// So many of the nearest are told where nobody fits.
const NEAREST_MAX: usize = 3;
/// Of names that differ in one character, anywhere, so many bearers are looked at; more than are told.
const EVERYWHERE_MAX: usize = 64;
/// What a core must share with another to be called near.
const NEAR: f64 = 0.5;

/// The nearest that there is, or who is near.
pub(super) fn find<'a>(search: &mut Search<'a>, question: &Question<'_>) -> Found<'a> {
    let mut near = Vec::new();
    let keys = question.main_keys().filter(|key| key.may_differ());
    let found = by_keys(search, keys, &mut near);
    if found.fits {
        return found;
    }
    if !question.has_place {
        let found = everywhere(search, question);
        if found.fits {
            return found;
        }
    }
    near.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.body.id.cmp(&b.body.id)));
    near.dedup_by_key(|found| found.body.id);
    near.truncate(NEAREST_MAX);
    Found::nearest(near)
}

/// Who is near inside the division that the name tells in full.
pub(super) fn here<'a>(search: &mut Search<'a>, question: &Question<'_>) -> Found<'a> {
    let keys = question.main_keys().filter(|key| key.told == Where::Full);
    by_keys(search, keys, &mut Vec::new())
}

/// Who is near in the divisions of the first key that finds any; `near` is given the nearest of the
/// others.
fn by_keys<'a, 'k>(
    search: &mut Search<'a>,
    keys: impl Iterator<Item = &'k Key<'k>>,
    near: &mut Vec<Match<'a>>,
) -> Found<'a> {
    for key in keys.filter(|key| key.core.chars().nth(1).is_some()) {
        let places = places(search, key);
        if places.is_empty() {
            continue;
        }
        let found = in_places(search, key, &places, near);
        if found.fits {
            return found;
        }
    }
    Found::nobody()
}

/// The divisions in which names are compared: those told, or the one that the question is bound to.
fn places(search: &Search<'_>, key: &Key<'_>) -> Vec<Place> {
    if key.told == Where::Bare {
        return search
            .within
            .iter()
            .filter(|within| !within.is_empty())
            .map(|w| w.start)
            .collect();
    }
    let allowed = key
        .places
        .iter()
        .copied()
        .filter(|place| search.allows(*place));
    let places: Vec<Place> = allowed.collect();
    if places.len() > PLACES_MAX {
        Vec::new()
    } else {
        places
    }
}

/// Who is told by an abbreviation that only his name can be read into, and that says enough.
pub(super) fn abbreviation<'a>(search: &mut Search<'a>, question: &Question<'_>) -> Found<'a> {
    for key in question.main_keys().filter(|key| key.told == Where::Full) {
        let &[place] = places(search, key).as_slice() else {
            continue;
        };
        let written = Written::of(key.core);
        let directory = search.directory;
        let mut kept = Kept::of(search, key.core);
        for (hit, core) in directory.of_type(place, written.body_type).take(SCAN_MAX) {
            kept.read_into(&written, hit, &core);
        }
        kept.retain_living(search);
        let mut bodies = kept.abbreviated.iter().map(|kept| kept.0.body.id);
        let first = bodies.next();
        if first.is_some() && bodies.all(|body| Some(body) == first) && kept.is_sure(&written) {
            return kept.decide(search, &written, false);
        }
    }
    Found::nobody()
}

fn in_places<'a>(
    search: &mut Search<'a>,
    key: &Key<'_>,
    places: &[Place],
    near: &mut Vec<Match<'a>>,
) -> Found<'a> {
    let written = Written::of(key.core);
    // A name that others bear is no slip of the pen.
    let directory = search.directory;
    let is_known = directory.knows(key.core);
    let mut kept = Kept::of(search, key.core);
    let body_type = written.body_type;
    let names = |place: &Place| directory.of_type(*place, body_type).take(SCAN_MAX);
    let names: Vec<_> = places.iter().flat_map(names).collect();
    for (hit, core) in &names {
        kept.compare(&written, *hit, core, is_known);
    }
    kept.retain_living(search);
    let is_open = key.told != Where::Full || places.len() > 1;
    let found = kept.decide(search, &written, is_open);
    if !found.fits {
        let nearest = |(hit, core): &_| nearest(&written, hit, core);
        near.extend(names.iter().filter_map(nearest));
    }
    found
}

/// A body whose name is near, where it is.
fn nearest<'a>(written: &Written<'_>, hit: &Hit<'a>, core: &Core<'a>) -> Option<Match<'a>> {
    // A character of the stem and one of the ending at least, before anything is compared.
    let may_be = written.signature.shared(core.signature) >= 2;
    let score = if may_be && same_numerals(written, core) {
        likeness(written, core)
    } else {
        0.0
    };
    let nearest = Match::of(hit, "the nearest of those that do not fit / 最接近者");
    (score >= NEAR).then_some(Match {
        score: score * tier::NEAREST,
        ..nearest
    })
}

/// Among all names of the register, where no division was told.
fn everywhere<'a>(search: &mut Search<'a>, question: &Question<'_>) -> Found<'a> {
    let Some(key) = question.keys.last() else {
        return Found::nobody();
    };
    let written = Written::of(key.core);
    let directory = search.directory;
    if written.chars.len() < 3 || directory.knows(key.core) {
        return Found::nobody();
    }
    let alike = directory.alike(key.core).filter(|core| {
        written.body_type == core.body_type
            && same_numerals(&written, core)
            && is_one_edit(&written, core)
    });
    // In an order of their own; the first few of them have bearers enough.
    let mut cores: BinaryHeap<Reverse<&str>> = alike.map(|core| Reverse(core.text)).collect();
    let mut matches = Vec::new();
    let mut last = None;
    while let Some(Reverse(core)) = cores.pop() {
        let left = EVERYWHERE_MAX - matches.len();
        if left == 0 {
            break;
        }
        if last.replace(core) == Some(core) {
            continue;
        }
        let hits = directory.first_named(core, search.within.as_ref(), left);
        let there = hits.iter().filter(|hit| search.is_there(hit.body));
        matches.extend(there.map(|hit| Match::of(hit, "differs in one character / 一字之差")));
    }
    if matches.is_empty() {
        return Found::nobody();
    }
    let rule = "全库一字之差 / one character differs, anywhere:";
    search.steps.found(rule, key.core, matches.len());
    Found::new(Tier::Global, matches)
}
