//! What became of bodies by waves of reform, where the register tells of no event.

use std::{borrow::Cow, collections::VecDeque};

use chrono::NaiveDate;

use super::{
    found::{Found, Match},
    search::Search,
    successor::{holds, kind_words},
    tier::Tier,
};
use crate::{
    directory::{Body, HOLE},
    gazetteer::Place,
    reform::Reform,
    succession::SuccessionKind,
};

/// So many reforms of one name are followed; real chains have up to four.
const REFORMS_MAX: usize = 16;

/// By waves of reform, one after the other: 卫生局, 卫生和计划生育局, 卫生健康局. Several may hold of
/// one name, and the heirs of all are meant; who only took a duty over is none beside who took all.
/// A reform that had not begun on the day counts where `may_be_early` says so, as a suggestion.
pub(super) fn by_reform<'a>(
    search: &mut Search<'a>,
    place: Place,
    names: &[Cow<'_, str>],
    predecessor: Option<&Body>,
    may_be_early: bool,
) -> Found<'a> {
    let directory = search.directory;
    let mut waiting: VecDeque<Line<'_>> = names.iter().map(|name| Line::of(name)).collect();
    let mut seen: Vec<&str> = Vec::new();
    let mut heirs: Vec<(Line<'_>, &Reform, Vec<Match<'a>>)> = Vec::new();
    while let Some(line) = waiting.pop_front() {
        for reform in directory.knowledge().reforms.of(line.name) {
            let line = line.carried_by(reform, search.day());
            let is_seen = seen.len() == REFORMS_MAX || seen.contains(&reform.key.as_str());
            if is_seen || line.is_early && !may_be_early || !holds(search, reform, place) {
                continue;
            }
            seen.push(&reform.key);
            let bearers = reform.to.iter().flat_map(|to| directory.at(place, to));
            let others = bearers.filter(|hit| {
                let is_other = predecessor.is_none_or(|body| body.id != hit.body.id);
                is_other && search.is_there(hit.body)
            });
            let found: Vec<Match<'_>> = others
                .map(|hit| Match::of(&hit, "followed by reform / 机构改革承继"))
                .collect();
            if found.is_empty() {
                let next = reform.to.iter().filter(|name| !name.contains(HOLE));
                waiting.extend(next.map(|name| Line { name, ..line }));
            } else {
                heirs.push((line, reform, found));
            }
        }
    }
    if heirs.iter().any(|(line, ..)| !line.is_part) {
        heirs.retain(|(line, ..)| !line.is_part);
    }
    if heirs.is_empty() {
        return Found::nobody();
    }
    let is_doubtful = heirs.iter().any(|(line, ..)| line.is_part || line.is_early);
    for (_, reform, _) in &heirs {
        told_of(search, reform);
    }
    let heirs = heirs.into_iter().flat_map(|(.., found)| found).collect();
    Found::new(Tier::Succession, heirs).doubtful(is_doubtful)
}

/// A name on its way through the reforms.
#[derive(Clone, Copy)]
struct Line<'n> {
    name: &'n str,
    /// Whether only parts of the duties came this way.
    is_part: bool,
    /// Whether a reform on the way had not begun.
    is_early: bool,
}

impl<'n> Line<'n> {
    fn of(name: &'n str) -> Self {
        Self {
            name,
            is_part: false,
            is_early: false,
        }
    }

    fn carried_by(self, reform: &Reform, day: NaiveDate) -> Self {
        use SuccessionKind::{Split, Transferred};
        Self {
            is_part: self.is_part || matches!(reform.kind, Split | Transferred),
            is_early: self.is_early || day < reform.starts_on,
            ..self
        }
    }
}

fn told_of(search: &mut Search<'_>, reform: &Reform) {
    search.steps.add(format!(
        "机构改革 / reform: {} {} {}–{} {}{}",
        kind_words(reform.kind),
        reform.key,
        reform.starts_on,
        reform.ends_on,
        reform.basis,
        if reform.verified {
            ""
        } else {
            " (未核实 / unverified)"
        }
    ));
}
