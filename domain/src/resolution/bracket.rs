//! Names with brackets (括注): what stands in them qualifies the body, or is a part of its name.

use super::{
    alias, exact,
    find::find_name,
    found::Found,
    question::{LEVEL_WORDS, Question, Where},
    search::Search,
    unit,
};
use crate::{
    gazetteer::Place,
    name::{self, NameClass, Qualified, Qualifier},
};

/// What a bracket says of a name that has ceased to be one: 云和县国土资源局（原）.
const FORMERLY: &str = "原";

/// By the name without its brackets.
pub(super) fn find<'a>(search: &mut Search<'a>, parts: &Qualified<'_>) -> Found<'a> {
    let mut name = parts.name.clone();
    let mut former = None;
    let mut others = Vec::new();
    for qualifier in &parts.qualifiers {
        let (rule, text) = match qualifier {
            Qualifier::Scope(text) => ("括注：范围 / bracket: scope", text),
            Qualifier::Former(text) => {
                former = Some(*text);
                ("括注：原名 / bracket: former name", text)
            }
            Qualifier::SecondName(text) => ("括注：加挂牌子 / bracket: second name", text),
            Qualifier::Status(text) => ("括注：状态 / bracket: status", text),
            Qualifier::Aggregate(text) => {
                search.steps.add(format!(
                    "括注：汇总，不指任何单位 / bracket: an aggregate, nobody in particular: {text}"
                ));
                return Found::nobody();
            }
            Qualifier::Other(FORMERLY) => {
                name.insert_str(0, FORMERLY);
                ("括注：原称 / bracket: formerly", &FORMERLY)
            }
            Qualifier::Other(text) if is_place(search, text) && !has_place(search, &name) => {
                name.insert_str(0, text);
                ("括注：区划 / bracket: division", text)
            }
            Qualifier::Other(text) => {
                others.push(*text);
                ("括注：其他 / bracket: other", text)
            }
        };
        search.steps.add(format!("{rule}: {text}"));
    }
    let found = find_name(search, &name);
    let found = match former {
        Some(former) if !found.fits => find_name(search, former),
        _ => found,
    };
    let says_more = |text: &str, search: &mut Search<'a>| {
        !is_its_code(&found, text)
            && !is_its_place(search, &found, text)
            && !is_its_name(search, &found, text)
    };
    let mut is_doubtful = false;
    for text in others {
        is_doubtful |= says_more(text, search);
    }
    found.doubtful(is_doubtful)
}

/// Whether a text is the name of a division and nothing else.
fn is_place(search: &Search<'_>, text: &str) -> bool {
    !places_of(search, text).is_empty()
}

/// The divisions whose full name a text is.
fn places_of(search: &Search<'_>, text: &str) -> Vec<Place> {
    let gazetteer = search.gazetteer();
    let paths = gazetteer.paths(&gazetteer.read(text), 0).into_iter();
    paths
        .filter(|path| path.end == text.len() && !path.is_short)
        .flat_map(|path| path.places)
        .collect()
}

fn has_place(search: &Search<'_>, name: &str) -> bool {
    Question::of(search, name).has_place
}

/// The body's own code in brackets says nothing else than its name.
fn is_its_code(found: &Found<'_>, text: &str) -> bool {
    let mut bodies = found.matches.iter().map(|one| one.body);
    bodies.any(|body| body.uscc.as_str() == text)
}

/// So does the division of the body, or one above it.
fn is_its_place(search: &Search<'_>, found: &Found<'_>, text: &str) -> bool {
    let gazetteer = search.gazetteer();
    let places = places_of(search, text);
    let is_above = |home: Place| places.iter().any(|above| gazetteer.is_within(*above, home));
    !places.is_empty() && found.matches.iter().all(|one| is_above(one.place))
}

/// So does a body's name that is of the same division and nobody else's: 科学技术局（外国专家局）.
fn is_its_name<'a>(search: &mut Search<'a>, found: &Found<'a>, text: &str) -> bool {
    let [one] = found.matches.as_slice() else {
        return false;
    };
    let words = &search.directory.knowledge().units;
    if name::classify(text) != NameClass::Body || unit::is_unit(words, text) {
        return false;
    }
    let question = Question::of(search, text);
    let is_here = |place: &Place| *place == one.place || *place == one.body.home;
    let mut full = question.keys.iter().filter(|key| key.told == Where::Full);
    let is_named_here = full.any(|key| key.places.iter().any(is_here));
    if question.has_place && !is_named_here {
        return false;
    }
    // Without its division the text is asked for in the body's.
    let tree = search.gazetteer().tree();
    let home = tree.full_name(tree.at(one.place as usize).code);
    let bare = LEVEL_WORDS.iter().find_map(|word| text.strip_prefix(word));
    let whole = match home {
        Some(home) if !question.has_place => home + bare.unwrap_or(text),
        _ => text.to_owned(),
    };
    let steps = search.steps.len();
    let question = Question::of(search, &whole);
    let other = exact::find(search, &question).or_else(|| alias::find(search, &question));
    search.steps.split_off(steps);
    !other.fits
        || other
            .matches
            .iter()
            .all(|other| other.body.id == one.body.id)
}
