//! A name read as division and core in every way that it can be read.

use super::search::Search;
use crate::{
    directory::without_state,
    division::DivisionLevel,
    gazetteer::{Path, Place},
};

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

/// Level words that stand for a division that the context tells, the longer ones first: 市教育局,
/// 自治区教育厅.
#[rustfmt::skip]
pub(super) const LEVEL_WORDS: [&str; 16] = [
    "自治区", "自治州", "自治县", "自治旗", "街道", "地区", "苏木", "省", "市", "区", "县", "镇", "乡", "旗", "州", "盟",
];

/// What parts divisions from each other and from the body: 四川省·成都市·金堂县民政局.
const SEPARATORS: [char; 9] = ['·', '/', '-', '、', ',', '>', '|', '_', ' '];

/// A name without the marks behind the divisions that it begins with; none where it has none.
pub(super) fn joined(search: &Search<'_>, name: &str) -> Option<String> {
    let gazetteer = search.gazetteer();
    let is_division = |word: &str| {
        let paths = gazetteer.paths(&gazetteer.read(word), 0);
        let mut full = paths.iter().filter(|path| !path.is_short);
        full.any(|path| path.end == word.len())
    };
    let mut rest = name;
    let mut joined = String::new();
    while let Some((word, behind)) = rest.split_once(SEPARATORS) {
        if !is_division(word) {
            break;
        }
        joined.push_str(word);
        rest = behind;
    }
    (!joined.is_empty()).then(|| joined + rest)
}

impl<'a> Question<'a> {
    pub fn of(search: &Search<'_>, name: &'a str) -> Self {
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
    /// The keys without those whose path a longer full one contains: 承德市场监督管理局 may be that
    /// of 承德 or, to the letter, something of 承德市, but is compared with neighbours of the latter
    /// only.
    pub fn main_keys(&self) -> impl Iterator<Item = &Key<'_>> {
        let end = self.keys.first().map_or(0, |first| first.start);
        let is_main = move |key: &&Key<'_>| match key.told {
            Where::Full => key.start == end,
            Where::Short => key.start > end,
            Where::Whole | Where::Bare => true,
        };
        self.keys.iter().filter(is_main)
    }

    /// Whether the name begins with a town.
    pub fn is_of_town(&self, search: &Search<'_>) -> bool {
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
