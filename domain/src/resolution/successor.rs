//! What became of bodies that are gone: by the register's events, by waves of reform ([`wave`]), and
//! where their division itself was succeeded.
//!
//! [`wave`]: super::wave

use std::{borrow::Cow, collections::VecDeque};

use super::{
    EVENT_STEP,
    compare::is_subsequence,
    exact::{by_place, inner_keys},
    find::one_line,
    forms::forms,
    found::{Found, Match},
    question::{Question, Where},
    search::Search,
    tier::Tier,
    wave::by_reform,
};
use crate::{
    directory::{Body, Hit},
    gazetteer::Place,
    reform::Reform,
    succession::{Succession, SuccessionKind},
};

/// Events are followed over at most so many steps; real chains have up to four.
const CHAIN_MAX: usize = 16;

/// By what a name is carried to who followed its bearer; the surest first.
#[derive(Clone, Copy)]
pub(super) enum Way {
    /// An event of the register, or a reform of this very name or of one that it can be read into.
    Told,
    /// A reform of what the name stands for, or the division's own succession.
    Read,
    /// A reform that had not begun on the day of the question: a suggestion.
    Early,
}

/// By the name of a body that the register does not have any more.
pub(super) fn find<'a>(search: &mut Search<'a>, question: &Question<'_>, way: Way) -> Found<'a> {
    // Today all reforms have begun.
    if matches!(way, Way::Early) && search.subject.as_of.is_none() {
        return Found::nobody();
    }
    for key in question.main_keys().filter(|key| key.told != Where::Bare) {
        if key.places.is_empty() && matches!(way, Way::Told) {
            let found = by_name(search, None, &[Cow::from(key.core)]);
            if found.fits {
                return found;
            }
        }
        let own = (key.places.clone(), key.core.to_owned());
        let inner = inner_keys(search, question, key);
        for (places, core) in std::iter::once(own).chain(inner) {
            // Namesakes had their reforms as well: all of them are meant.
            let found = places
                .iter()
                .map(|place| in_place(search, *place, &core, way))
                .filter(|found| found.fits)
                .reduce(Found::and);
            if let Some(found) = found {
                let found = bounded(search, found);
                return by_place(search, key, found);
            }
        }
    }
    Found::nobody()
}

fn in_place<'a>(search: &mut Search<'a>, place: Place, core: &str, way: Way) -> Found<'a> {
    let mut names = forms(search, core, place);
    names.insert(0, Cow::from(core.to_owned()));
    match way {
        Way::Told => by_name(search, Some(place), &names).or_else(|| {
            names.retain(|name| is_subsequence(core, name));
            by_reform(search, place, &names, None, false)
        }),
        Way::Read => by_reform(search, place, &names, None, false)
            .or_else(|| by_division(search, place, &names)),
        Way::Early => by_reform(search, place, &names, None, true),
    }
}

/// What became of bodies that were found and are gone.
pub(super) fn of_bodies<'a>(search: &mut Search<'a>, hits: &[Hit<'a>]) -> Found<'a> {
    let directory = search.directory;
    let events: Vec<&'a Succession> = hits
        .iter()
        .flat_map(|hit| directory.events().of_code(&hit.body.uscc))
        .chain(hits.iter().flat_map(|hit| {
            // An event that knows its predecessor by name only.
            let core = directory.core_of(hit);
            let named = directory.events().of_name(Some(hit.entry.place), core);
            named.filter(|event| event.from.is_none())
        }))
        .collect();
    let found = follow(search, events);
    if found.fits {
        return bounded(search, found);
    }
    // The register does not say: perhaps a wave of reform does.
    if let [hit] = hits {
        let core = Cow::from(directory.core_of(hit));
        let found = by_reform(search, hit.entry.place, &[core], Some(hit.body), false);
        return bounded(search, found);
    }
    Found::nobody()
}

/// What became of the body of a code, by the register's events. A body that the register has as
/// living is meant itself by its code, whatever it handed over.
pub(super) fn of_body<'a>(search: &mut Search<'a>, body: &Body) -> Found<'a> {
    let directory = search.directory;
    if body.abolished_on.is_none_or(|gone| gone > search.day()) {
        return Found::nobody();
    }
    let events = directory.events().of_code(&body.uscc).collect();
    follow(search, events)
}

fn bounded<'a>(search: &mut Search<'a>, mut found: Found<'a>) -> Found<'a> {
    found.matches.retain(|found| search.allows(found.place));
    found
}

fn by_name<'a>(search: &mut Search<'a>, place: Option<Place>, names: &[Cow<'_, str>]) -> Found<'a> {
    let events = search.directory.events();
    let found = names
        .iter()
        .flat_map(|name| events.of_name(place, name))
        .collect();
    follow(search, found)
}

/// Follows events to those who are there on the day of the question.
fn follow<'a>(search: &mut Search<'a>, events: Vec<&'a Succession>) -> Found<'a> {
    let day = search.day();
    let directory = search.directory;
    let mut waiting: VecDeque<&'a Succession> = events
        .into_iter()
        .filter(|event| event.effective_on <= day)
        .collect();
    let mut seen: Vec<&'a Succession> = Vec::new();
    let mut heirs = Vec::new();
    let mut hands_over_parts = false;
    while let Some(event) = waiting.pop_front() {
        if seen.len() == CHAIN_MAX || seen.contains(&event) {
            continue;
        }
        seen.push(event);
        let kind = event.kind;
        hands_over_parts |= matches!(kind, SuccessionKind::Split | SuccessionKind::Transferred);
        let basis = one_line(event.basis.as_deref().unwrap_or("-"));
        search.steps.add(format!(
            "{EVENT_STEP}: {} {} {basis}",
            kind_words(kind),
            event.effective_on
        ));
        for body in ends(search, event) {
            let next: Vec<&'a Succession> = directory
                .events()
                .of_code(&body.uscc)
                .filter(|next| next.effective_on <= day && next.kind != SuccessionKind::Transferred)
                .collect();
            if next.is_empty() {
                heirs.push(Match {
                    body,
                    place: body.home,
                    score: super::tier::ONE_OF_SEVERAL,
                    reason: "followed the body that was named / 承继所称单位",
                });
            } else {
                waiting.extend(next);
            }
        }
    }
    if heirs.is_empty() {
        return Found::nobody();
    }
    // Records follow duties, and a split or a transfer does not say which.
    Found::new(Tier::Succession, heirs).doubtful(hands_over_parts)
}

/// The bodies at the later end of an event.
fn ends<'a>(search: &Search<'a>, event: &Succession) -> Vec<&'a Body> {
    let directory = search.directory;
    match (&event.to, &event.to_name) {
        (Some(code), _) => directory.by_uscc(code).into_iter().collect(),
        (None, Some(name)) => directory.bodies_called(name),
        (None, None) => Vec::new(),
    }
}

pub(super) fn holds(search: &Search<'_>, reform: &Reform, place: Place) -> bool {
    let gazetteer = search.gazetteer();
    let is_there = |code| {
        let above = gazetteer.place(code);
        above.is_some_and(|above| gazetteer.is_within(above, place))
    };
    let is_level = reform.levels.is_empty() || reform.levels.contains(&gazetteer.level(place));
    is_level && reform.within.is_none_or(is_there)
}

/// The same body of the divisions that succeeded a former one: 顺德市 is 顺德区.
fn by_division<'a>(search: &mut Search<'a>, place: Place, names: &[Cow<'_, str>]) -> Found<'a> {
    let gazetteer = search.gazetteer();
    let tree = gazetteer.tree();
    let former = tree.at(place as usize);
    if former.valid_to.is_none() {
        return Found::nobody();
    }
    let heirs = tree.successors_on(former.code, search.day());
    let mut matches = Vec::new();
    for place in heirs.iter().filter_map(|code| gazetteer.place(*code)) {
        for name in names {
            // Towns went on under the new division: 增城市新塘镇 is in 增城区.
            let town = gazetteer.below(place, name);
            let (place, name) = town.unwrap_or((place, name));
            let hits = search.directory.at(place, name);
            matches
                .extend(hits.map(|hit| Match::of(&hit, "of the succeeding division / 承继区划")));
        }
    }
    if matches.is_empty() {
        return Found::nobody();
    }
    let codes: Vec<String> = heirs.iter().map(ToString::to_string).collect();
    let (rule, before) = (
        "区划沿革 / division succeeded",
        format!("{} {}", former.name, former.code),
    );
    search.steps.turned(rule, &before, &codes.join(" "));
    Found::new(Tier::Succession, matches)
}

pub(super) fn kind_words(kind: SuccessionKind) -> &'static str {
    match kind {
        SuccessionKind::Renamed => "更名 RENAMED",
        SuccessionKind::Merged => "合并 MERGED",
        SuccessionKind::Split => "分立 SPLIT",
        SuccessionKind::Transferred => "职能划转 TRANSFERRED",
        SuccessionKind::Abolished => "撤销 ABOLISHED",
    }
}
