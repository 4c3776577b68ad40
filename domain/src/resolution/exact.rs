//! Names that the register has letter by letter: a division with a core, as they stood on the day of
//! the question.

use super::{
    found::{Found, Match},
    question::{Key, Question, Where},
    search::Search,
    successor,
    tier::Tier,
};
use crate::{
    directory::{Hit, holed},
    gazetteer::Place,
};

/// Of a name that stands without its division so many bearers are looked at; far more than are told.
pub(super) const NAMESAKES_MAX: usize = 64;

/// By the name itself.
pub(super) fn find<'a>(search: &mut Search<'a>, question: &Question<'_>) -> Found<'a> {
    for (at, key) in question.keys.iter().enumerate() {
        let found = find_by(search, question, key);
        if found.fits {
            let others = question.keys[at + 1..].iter();
            return others.fold(found, |found, other| {
                match reads_otherwise(search, key, other) {
                    true => either(search, question, found, other),
                    false => found,
                }
            });
        }
    }
    Found::nobody()
}

fn find_by<'a>(search: &mut Search<'a>, question: &Question<'_>, key: &Key<'_>) -> Found<'a> {
    let hits = bearers(search, question, key);
    judge(search, key, key.core, hits, Tier::Name)
}

/// Whether a shorter path leads elsewhere than only above the longer one: 郊区经济开发区 is a place in
/// one 郊区, and 郊区 the beginning of the names of several others' bodies.
fn reads_otherwise(search: &Search<'_>, key: &Key<'_>, other: &Key<'_>) -> bool {
    let gazetteer = search.gazetteer();
    let is_above = |above: &Place| {
        let mut places = key.places.iter();
        places.any(|place| gazetteer.is_within(*above, *place))
    };
    key.told == Where::Full && other.told == Where::Full && !other.places.iter().all(is_above)
}

/// What two ways to read a name say: the nearer of both, or all who are meant by one or the other.
fn either<'a>(
    search: &mut Search<'a>,
    question: &Question<'_>,
    found: Found<'a>,
    key: &Key<'_>,
) -> Found<'a> {
    let steps = search.steps.len();
    let other = find_by(search, question, key);
    if other.matches.is_empty() || other.tier > found.tier {
        search.steps.split_off(steps);
        return found;
    }
    if found.matches.is_empty() || other.tier < found.tier {
        return other;
    }
    by_place(search, key, found.and(other))
}

/// Who bears a key's core in its divisions, or by a division in the middle of the core.
fn bearers<'a>(search: &Search<'a>, question: &Question<'_>, key: &Key<'_>) -> Vec<Hit<'a>> {
    let directory = search.directory;
    let mut hits: Vec<Hit<'a>> = match key.told {
        Where::Full | Where::Short => {
            let places = key.places.iter();
            places
                .flat_map(|place| directory.at(*place, key.core))
                .collect()
        }
        Where::Whole => directory
            .first_named(key.core, None, NAMESAKES_MAX)
            .into_iter()
            .filter(|hit| !hit.entry.is_named)
            .collect(),
        Where::Bare => namesakes(search, key.core),
    };
    if hits.is_empty() {
        for (places, core) in inner_keys(search, question, key) {
            hits.extend(places.iter().flat_map(|place| directory.at(*place, &core)));
        }
    }
    // 金堂生态环境局 leaves out what stands before the county in 成都市金堂生态环境局.
    if hits.is_empty() && key.told == Where::Short {
        let core = holed("", key.core);
        let places = key.places.iter();
        hits.extend(places.flat_map(|place| directory.at(*place, &core)));
    }
    hits
}

/// Who bears a core anywhere: the first of many, those of where the question was written, and the
/// bodies of its codes.
pub(super) fn namesakes<'a>(search: &Search<'a>, core: &str) -> Vec<Hit<'a>> {
    let directory = search.directory;
    let mut hits = directory.first_named(core, search.within.as_ref(), NAMESAKES_MAX);
    if hits.len() == NAMESAKES_MAX {
        let gazetteer = search.gazetteer();
        if let Some(context) = search.context {
            let around = gazetteer.subtree(context);
            hits.extend(directory.first_named(core, Some(&around), NAMESAKES_MAX));
        }
        for body in &search.coded {
            hits.extend(
                directory
                    .at(body.home, core)
                    .filter(|hit| hit.body.id == body.id),
            );
        }
    }
    hits
}

/// A key by the divisions in the middle of its core: those that are meant, and the core without them.
pub(super) fn inner_keys(
    search: &Search<'_>,
    question: &Question<'_>,
    key: &Key<'_>,
) -> Vec<(Vec<Place>, String)> {
    let gazetteer = search.gazetteer();
    let mut keys = Vec::new();
    let is_first = question
        .keys
        .first()
        .is_some_and(|first| first.start == key.start);
    if key.told == Where::Bare || key.told == Where::Full && !is_first {
        return keys;
    }
    for (start, path) in question.inner.iter().filter(|inner| inner.0 > key.start) {
        let is_below = |place: &Place| {
            let mut above = key.places.iter();
            key.places.is_empty()
                || above.any(|above| above != place && gazetteer.is_within(*above, *place))
        };
        if path.end < question.name.len() {
            let (before, behind) = (
                &question.name[key.start..*start],
                &question.name[path.end..],
            );
            let places: Vec<Place> = path.places.iter().copied().filter(is_below).collect();
            if !places.is_empty() {
                keys.push((places, holed(before, behind)));
            }
        }
    }
    keys
}

/// Of those who bear a name, the ones that are meant on the day of the question.
pub(super) fn judge<'a>(
    search: &mut Search<'a>,
    key: &Key<'_>,
    core: &str,
    mut hits: Vec<Hit<'a>>,
    tier: Tier,
) -> Found<'a> {
    if hits.is_empty() {
        return Found::nobody();
    }
    hits.retain(|hit| search.allows(hit.entry.place) || search.allows(hit.body.home));
    if hits.is_empty() {
        if key.told == Where::Bare {
            return Found::nobody();
        }
        search.steps.found("区划内 / within the division:", core, 0);
        return Found::outside();
    }
    let ranked: Vec<(Standing, Hit<'a>)> = hits
        .into_iter()
        .map(|hit| (standing(search, &hit), hit))
        .collect();
    let best = ranked.iter().map(|ranked| ranked.0).min();
    let mut hits: Vec<Hit<'a>> = ranked
        .into_iter()
        .filter(|ranked| Some(ranked.0) == best)
        .map(|ranked| ranked.1)
        .collect();
    hits.sort_by_key(|hit| (hit.entry.place, hit.body.id));
    hits.dedup_by_key(|hit| hit.body.id);

    search.steps.found(&told(search, key), core, hits.len());
    let tier = match best {
        Some(Standing::Bears) => tier,
        Some(Standing::HasToo) => tier.max(Tier::Registered),
        Some(Standing::Gone | Standing::WasSpelled) => {
            let found = successor::of_bodies(search, &hits);
            if found.fits {
                let followed = hits.iter().map(|hit| hit.body).collect();
                return by_place(search, key, Found { followed, ..found });
            }
            search
                .steps
                .add("该单位已撤销 / the body is gone, and nobody is known to have followed it");
            tier
        }
        Some(Standing::Spelled | Standing::Bore) | None => tier.max(Tier::Alias),
    };
    narrow(search, key, hits, tier)
}

/// How a body stands to a name on the day of the question; the closest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    /// It is called so.
    Bears,
    /// It has the name as a former or second one.
    HasToo,
    /// It was called so until its end.
    Gone,
    /// Its name is spelled in another way.
    Spelled,
    /// It was spelled so until its end.
    WasSpelled,
    /// It had the name at another time.
    Bore,
}

fn standing(search: &Search<'_>, hit: &Hit<'_>) -> Standing {
    use crate::directory::Bearing::{Official, Shortened, Variant};
    let is_there = search.is_there(hit.body);
    let (from, to) = search.directory.span(hit);
    let is_borne = search
        .subject
        .as_of
        .is_none_or(|day| from.is_none_or(|from| from <= day) && to.is_none_or(|to| day <= to));
    match (hit.entry.bearing, is_there) {
        (Official, true) => Standing::Bears,
        (Variant, true) => Standing::Spelled,
        (Official, false) => Standing::Gone,
        (Variant, false) => Standing::WasSpelled,
        (Shortened, _) => Standing::Bore,
        (_, true) if is_borne => Standing::HasToo,
        _ => Standing::Bore,
    }
}

/// Several namesakes are told apart by when they were founded and by where they are.
fn narrow<'a>(
    search: &mut Search<'a>,
    key: &Key<'_>,
    mut hits: Vec<Hit<'a>>,
    tier: Tier,
) -> Found<'a> {
    if hits.iter().any(|hit| search.is_founded(hit.body)) {
        hits.retain(|hit| search.is_founded(hit.body));
    }
    let matches = hits.iter().map(|hit| {
        let mut found = Match::of(hit, "bears the name / 同名");
        if search.is_around(hit.entry.place) {
            found.score += super::tier::SUPPLIED;
            found.reason = "bears the name, and is where it was written / 同名且属来源地区";
        }
        found
    });
    let found = Found::new(tier, matches.collect());
    by_place(search, key, found)
}

/// What the division of a key leaves open: of several whose division was named, the one where the
/// question was written is meant; a word without its level word that stands for several divisions, and a name
/// without any division, never decide by themselves.
pub(super) fn by_place<'a>(
    search: &mut Search<'a>,
    key: &Key<'_>,
    mut found: Found<'a>,
) -> Found<'a> {
    let mut is_told = false;
    let is_placed = matches!(key.told, Where::Full | Where::Short);
    if found.matches.len() > 1 && is_placed {
        let around = found
            .matches
            .iter()
            .filter(|one| search.is_around(one.place));
        let around: Vec<Match<'a>> = around.copied().collect();
        if let [_] = around.as_slice() {
            search
                .steps
                .add("由来源地区确定 / told by where it was written");
            found.matches = around;
            found.supplied += 1;
            is_told = true;
        }
    }
    if key.told == Where::Short {
        found.tier = found.tier.max(Tier::Alias);
    }
    found.supplied += u32::from(key.told == Where::Bare);
    let is_open = key.told == Where::Short && !is_told && places_meant(search, key) > 1;
    let is_bare = key.told == Where::Bare && search.within.is_none();
    found.doubtful(is_open || is_bare)
}

/// How many of a key's divisions, in force on the day, the question's bounds leave.
fn places_meant(search: &Search<'_>, key: &Key<'_>) -> usize {
    let tree = search.gazetteer().tree();
    let in_force = |place: &&Place| {
        let until = tree.at(**place as usize).valid_to;
        until.is_none_or(|to| search.day() <= to)
    };
    let places = key.places.iter().filter(|place| search.allows(**place));
    places.filter(in_force).count()
}

/// The rule of a step: in which division the core was looked for.
pub(super) fn told(search: &Search<'_>, key: &Key<'_>) -> String {
    let tree = search.gazetteer().tree();
    match key.places.as_slice() {
        [] => "名称".to_owned(),
        [place, more @ ..] => {
            let name = &tree.at(*place as usize).name;
            let code = tree.at(*place as usize).code;
            let more = if more.is_empty() {
                ""
            } else {
                " 等 / and others"
            };
            format!("区划 {name} {code}{more}, 名称")
        }
    }
}
