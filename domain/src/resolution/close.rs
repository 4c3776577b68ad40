//! Names that no body bears letter by letter: abbreviations, one wrong character, homophones. Only
//! inside the division that was told, and never across types of bodies or numerals.

use super::{
    compare::{Written, is_homophone, is_one_edit, is_subsequence, likeness},
    found::{Found, Match},
    question::{Key, Question, Where},
    search::Search,
    tier::{self, Tier},
};
use crate::{
    directory::{Core, Hit},
    gazetteer::Place,
    name::same_numerals,
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
    for key in question.main_keys().filter(|key| key.may_differ()) {
        let places = places(search, key);
        if places.is_empty() || key.core.chars().count() < 2 {
            continue;
        }
        let found = in_places(search, key, &places, &mut near);
        if found.fits {
            return found;
        }
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
    let mut kept = Kept::default();
    let body_type = written.body_type;
    let names = move |place: &Place| directory.of_type(*place, body_type).take(SCAN_MAX);
    for (hit, core) in places.iter().flat_map(names) {
        kept.compare(&written, hit, &core, is_known);
    }
    // Who is gone is meant by his own name only.
    kept.abbreviated.retain(|kept| search.is_there(kept.0.body));
    kept.edited.retain(|kept| search.is_there(kept.0.body));
    kept.homophones.retain(|hit| search.is_there(hit.body));
    let is_open = key.told != Where::Full || places.len() > 1;
    let found = kept.decide(search, &written, is_open);
    if !found.fits {
        for (hit, core) in places.iter().flat_map(names) {
            near.extend(nearest(&written, &hit, &core));
        }
    }
    found
}

#[derive(Default)]
struct Kept<'a> {
    /// Names that the core can be read into, and whether it begins as they do or ends them.
    abbreviated: Vec<(Hit<'a>, bool)>,
    /// Names one edit away, and whether they sound the same.
    edited: Vec<(Hit<'a>, bool)>,
    homophones: Vec<Hit<'a>>,
}

impl<'a> Kept<'a> {
    fn compare(&mut self, written: &Written<'_>, hit: Hit<'a>, core: &Core<'a>, is_known: bool) {
        if written.core.len() < core.text.len()
            && written.signature.may_be_within(core.signature)
            && is_subsequence(written.core, core.text)
        {
            if same_numerals(written.core, core.text) {
                let is_part =
                    core.text.starts_with(written.chars[0]) || core.text.ends_with(written.core);
                self.abbreviated.push((hit, is_part));
            }
        } else if is_known || !same_numerals(written.core, core.text) {
            // Another name, whatever it is like.
        } else if written.signature.may_be_one_edit_from(core.signature)
            && is_one_edit(written, core)
        {
            self.edited.push((hit, is_homophone(written, core.text)));
        } else if is_homophone(written, core.text) {
            self.homophones.push(hit);
        }
    }

    fn decide(&self, search: &mut Search<'_>, written: &Written<'_>, is_open: bool) -> Found<'a> {
        let found = |tier, hits: &[Hit<'a>], reason| {
            let matches = hits.iter().map(|hit| Match::of(hit, reason));
            Found::new(tier, matches.collect())
        };
        if !self.abbreviated.is_empty() {
            let hits: Vec<Hit<'a>> = self.abbreviated.iter().map(|kept| kept.0).collect();
            let rule = "缩略 / abbreviation of one name here:";
            search.steps.found(rule, written.core, hits.len());
            let is_part = self.abbreviated.iter().all(|kept| kept.1);
            let is_sure = is_part && !is_open && written.body_type.may_be_abbreviated();
            let reason = "can be read into its name / 为其名称的缩略";
            return found(Tier::Subsequence, &hits, reason).doubtful(!is_sure);
        }
        if !self.edited.is_empty() {
            // Of several, the one that sounds the same was meant.
            let sounds_alike = self.edited.iter().filter(|kept| kept.1);
            let same_sound: Vec<Hit<'a>> = sounds_alike.map(|kept| kept.0).collect();
            let all: Vec<Hit<'a>> = self.edited.iter().map(|kept| kept.0).collect();
            let hits = if same_sound.len() == 1 {
                same_sound
            } else {
                all
            };
            let rule = "一字之差 / one character differs:";
            search.steps.found(rule, written.core, hits.len());
            return found(Tier::Edit, &hits, "differs in one character / 一字之差");
        }
        if !self.homophones.is_empty() {
            let hits = &self.homophones;
            let rule = "同音 / sounds alike:";
            search.steps.found(rule, written.core, hits.len());
            return found(Tier::Pinyin, hits, "sounds alike / 同音");
        }
        Found::nobody()
    }
}

/// A body whose name is near, where it is.
fn nearest<'a>(written: &Written<'_>, hit: &Hit<'a>, core: &Core<'a>) -> Option<Match<'a>> {
    // A character of the stem and one of the ending at least, before anything is compared.
    let may_be = written.signature.shared(core.signature) >= 2;
    let score = if may_be && same_numerals(written.core, core.text) {
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
    let mut cores: Vec<&str> = directory
        .alike(key.core)
        .filter(|core| {
            written.body_type == core.body_type
                && written.signature.may_be_one_edit_from(core.signature)
                && same_numerals(written.core, core.text)
                && is_one_edit(&written, core)
        })
        .map(|core| core.text)
        .collect();
    cores.sort_unstable();
    cores.dedup();
    let mut matches = Vec::new();
    for core in cores {
        let left = EVERYWHERE_MAX - matches.len();
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
