//! A name as a question: normalised, parted from its brackets, read as division and core in every
//! way that it can be read, and looked for from the nearest tier to the farthest.

use std::ops::Range;

use chrono::NaiveDate;

use super::{Subject, close, exact, found::Found, steps::Steps, successor, tier::Tier, unit};
use crate::{
    directory::{Body, Directory, without_state},
    division::DivisionLevel,
    gazetteer::{Gazetteer, Path, Place},
    name::{self, BodyType, NameClass, Qualified, Qualifier},
};

/// Everything that one question is answered from.
pub(super) struct Search<'a> {
    pub directory: &'a Directory,
    pub subject: &'a Subject<'a>,
    /// Only there.
    pub within: Option<Range<Place>>,
    /// Where it was written.
    pub context: Option<Place>,
    /// The bodies of the subject's codes.
    pub coded: Vec<&'a Body>,
    pub steps: Steps,
}

impl<'a> Search<'a> {
    pub fn new(directory: &'a Directory, subject: &'a Subject<'a>) -> Self {
        let gazetteer = &directory.knowledge().gazetteer;
        // What is not in the tree has nobody in it.
        let within = subject.within.map(|code| {
            let place = gazetteer.place(code);
            place.map_or(0..0, |place| gazetteer.subtree(place))
        });
        Self {
            context: subject.context.and_then(|code| gazetteer.place(code)),
            within,
            directory,
            subject,
            coded: Vec::new(),
            steps: Steps::default(),
        }
    }

    pub fn gazetteer(&self) -> &'a Gazetteer {
        &self.directory.knowledge().gazetteer
    }

    /// The day as of which names are taken; the last of all where none is given.
    pub fn day(&self) -> NaiveDate {
        self.subject.as_of.unwrap_or(NaiveDate::MAX)
    }

    /// Whether a body is there on that day: not gone by then.
    pub fn is_there(&self, body: &Body) -> bool {
        let gone_on = self.directory.gone_on(body);
        gone_on.is_none_or(|gone| gone > self.day())
    }

    /// Whether the question's bounds allow a body of this division.
    pub fn allows(&self, place: Place) -> bool {
        self.within
            .as_ref()
            .is_none_or(|within| within.contains(&place))
    }

    /// Whether a division lies where the question was written, or around it.
    pub fn is_around(&self, place: Place) -> bool {
        let gazetteer = self.gazetteer();
        self.context.is_some_and(|context| {
            gazetteer.is_within(context, place) || gazetteer.is_within(place, context)
        })
    }
}

/// How the division of a key was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    /// By its name.
    Full,
    /// By its name without the level word.
    Short,
    /// Not at all; the body's own name has none either.
    Whole,
    /// Not at all.
    Bare,
}

/// One way to read a name.
pub(super) struct Key<'a> {
    pub places: Vec<Place>,
    pub core: &'a str,
    pub told: Where,
    /// Where the core begins in the name.
    pub start: usize,
}

impl Key<'_> {
    /// Whether the core may be compared with names that differ from it. Behind a word that lacks
    /// its level word another level word may be the wrong one: 云和市财政局 is nobody in 云和县.
    pub fn may_differ(&self) -> bool {
        self.told != Where::Short || !LEVEL_WORDS.iter().any(|word| self.core.starts_with(word))
    }
}

/// A name and all ways to read it.
pub(super) struct Question<'a> {
    pub name: &'a str,
    /// Divisions behind the beginning: where their words begin, and the paths from there.
    pub inner: Vec<(usize, Path)>,
    pub keys: Vec<Key<'a>>,
    /// Whether some division was told.
    pub has_place: bool,
}

/// Level words that stand for a division that the context tells: 市教育局, 县人民政府.
const LEVEL_WORDS: [&str; 7] = ["街道", "省", "市", "区", "县", "镇", "乡"];

impl<'a> Question<'a> {
    fn of(search: &Search<'_>, name: &'a str) -> Self {
        let gazetteer = search.gazetteer();
        let name = without_state(name);
        let reading = gazetteer.read(name);
        let mut keys = Vec::new();
        let whole = |told| key(name, 0, Vec::new(), told);
        let mut paths = gazetteer.paths(&reading, 0);
        paths.retain(|path| path.end < name.len());
        let shorts = paths.iter().position(|path| path.is_short);
        let shorts = paths.split_off(shorts.unwrap_or(paths.len()));
        let mut has_place = !paths.is_empty();
        // A division in the middle stands behind the whole path of the beginning.
        let end = paths.first().map_or(0, |path| path.end);
        let mut inner = Vec::new();
        for start in reading.starts_behind(end) {
            let paths = gazetteer.paths(&reading, start).into_iter();
            inner.extend(paths.map(|path| (start, path)));
        }
        for path in paths {
            keys.push(key(name, path.end, path.places, Where::Full));
        }
        keys.push(whole(Where::Whole));
        // What a full path reads as well is not short, but 承德市场监督管理局 may be 承德's; and 公安 is
        // short for a county too: what is left must be a name.
        let is_name = |rest: &str| rest.chars().nth(1).is_some();
        for path in shorts
            .into_iter()
            .filter(|path| path.end != end && is_name(&name[path.end..]))
        {
            has_place = true;
            keys.push(key(name, path.end, path.places, Where::Short));
        }
        keys.push(whole(Where::Bare));
        Self {
            name,
            inner,
            keys,
            has_place,
        }
    }
}

impl Question<'_> {
    /// The keys without those whose path a longer full one contains.
    pub fn main_keys(&self) -> impl Iterator<Item = &Key<'_>> {
        let end = self.keys.first().map_or(0, |first| first.start);
        let is_main = move |key: &&Key<'_>| key.told != Where::Full || key.start == end;
        self.keys.iter().filter(is_main)
    }

    /// Whether the name begins with a town.
    fn is_of_town(&self, search: &Search<'_>) -> bool {
        let place = self.keys.first().and_then(|key| key.places.first());
        place.is_some_and(|place| search.gazetteer().level(*place) == DivisionLevel::Township)
    }
}

fn key(name: &str, start: usize, places: Vec<Place>, told: Where) -> Key<'_> {
    Key {
        places,
        core: &name[start..],
        told,
        start,
    }
}

/// What the subject's name says.
pub(super) fn find<'a>(search: &mut Search<'a>) -> Found<'a> {
    let Some(written) = search.subject.name else {
        return Found::nobody();
    };
    let name = name::normalise(written);
    if name.is_empty() {
        return Found::nobody();
    }
    if name != written.trim() {
        search
            .steps
            .turned("名称规范 / normalised", &one_line(written), &name);
    }
    match name::qualified(&name) {
        None => find_name(search, &name),
        Some(parts) => {
            // A registered name may have brackets of its own.
            let question = Question::of(search, &name);
            let found = exact::find(search, &question);
            if found.fits {
                found
            } else {
                find_qualified(search, &parts)
            }
        }
    }
}

/// Steps are kept as lines.
pub(super) fn one_line(written: &str) -> String {
    written.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn find_qualified<'a>(search: &mut Search<'a>, parts: &Qualified<'_>) -> Found<'a> {
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
            Qualifier::Other(text) => {
                others.push(*text);
                ("括注：其他 / bracket: other", text)
            }
        };
        search.steps.add(format!("{rule}: {text}"));
    }
    let found = find_name(search, &parts.name);
    let found = match former {
        Some(former) if !found.fits => find_name(search, former),
        _ => found,
    };
    // The body's own code in brackets says nothing else than its name; anything else may.
    let is_its_code = |text: &&str| {
        let mut bodies = found.matches.iter().map(|one| one.body);
        bodies.any(|body| body.uscc.as_str() == *text)
    };
    let is_doubtful = !others.iter().all(is_its_code);
    found.doubtful(is_doubtful)
}

fn find_name<'a>(search: &mut Search<'a>, name: &str) -> Found<'a> {
    let question = Question::of(search, name);
    let found = exact::find(search, &question);
    if found.fits {
        return found;
    }
    search.steps.found("名称", question.name, 0);
    if is_foreign(question.name) {
        return found;
    }
    let found = find_near(search, &question);
    if found.fits {
        return found;
    }
    // 原国土资源局, 云和县原国土资源局: whoever was called so.
    let mut cores = question.keys.iter();
    let former = cores.find_map(|key| Some((key.start, key.core.strip_prefix('原')?)));
    let Some((start, core)) = former.filter(|former| !former.1.is_empty()) else {
        return close::find(search, &question);
    };
    let rest = [&question.name[..start], core].concat();
    search.steps.turned("原称 / formerly", name, &rest);
    let question = Question::of(search, &rest);
    exact::find(search, &question)
        .or_else(|| find_near(search, &question))
        .or_else(|| close::find(search, &question))
}

/// Enterprises, persons and villages are none of ours unless the register has that very name.
fn is_foreign(name: &str) -> bool {
    match name::classify(name) {
        NameClass::Enterprise | NameClass::SelfGoverning => true,
        NameClass::Person => BodyType::of(name).0 == BodyType::UNKNOWN,
        NameClass::Body | NameClass::Unclear => false,
    }
}

/// By what is known beside the register.
fn find_near<'a>(search: &mut Search<'a>, question: &Question<'_>) -> Found<'a> {
    find_of_level(search, question)
        .or_else(|| exact::find_alias(search, question))
        .or_else(|| successor::find(search, question))
        .or_else(|| find_unit(search, question))
}

/// By a body whose name the question begins with; what stands behind is a unit of it, which the body
/// answers for. Without the unit the name is asked anew.
fn find_unit<'a>(search: &mut Search<'a>, question: &Question<'_>) -> Found<'a> {
    let name = question.name;
    if !unit::is_unit(name) {
        return Found::nobody();
    }
    let splits: Vec<usize> = name.char_indices().skip(3).map(|(at, _)| at).collect();
    for at in splits.into_iter().rev() {
        let (head, unit) = name.split_at(at);
        if !unit::is_unit(unit) || !unit::has_units(head) {
            continue;
        }
        let body = Question::of(search, head);
        // A government's offices are bodies of their own but in towns.
        if unit::is_government(head) && !body.is_of_town(search) {
            continue;
        }
        let mut found = exact::find(search, &body)
            .or_else(|| exact::find_alias(search, &body))
            .or_else(|| successor::find(search, &body));
        if found.fits {
            search.steps.add(format!(
                "内设机构归并 / unit, answered for by its body: {unit}"
            ));
            found.tier = found.tier.max(Tier::Unit);
            return found;
        }
    }
    Found::nobody()
}

/// 市教育局: the division is for the context to tell.
fn find_of_level<'a>(search: &mut Search<'a>, question: &Question<'_>) -> Found<'a> {
    let name = question.name;
    let level = LEVEL_WORDS
        .iter()
        .find_map(|word| Some((word, name.strip_prefix(word)?)));
    let Some((word, rest)) = level.filter(|(_, rest)| !rest.is_empty() && !question.has_place)
    else {
        return Found::nobody();
    };
    let bare = Question::of(search, rest);
    let found = exact::find_of_level(search, &bare, word);
    if found.fits {
        search
            .steps
            .turned("缺区划名 / division not named", name, rest);
    }
    found
}
