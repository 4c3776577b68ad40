//! The gazetteer (地名录): which divisions a name speaks of, by full names, contracted ones and short
//! forms of all divisions, former ones included.

mod forms;

use std::{collections::BTreeMap, fmt, ops::Range, sync::Arc};

use daachorse::CharwiseDoubleArrayAhoCorasick;

use crate::division::{DivisionCode, DivisionLevel, DivisionTree};

use forms::forms;

/// At most so many paths from one place of a name are looked at; real names have up to five.
const PATHS_MAX: usize = 24;

/// Place of a division in the tree's pre-order.
pub type Place = u32;

/// All words that divisions are called by.
pub struct Gazetteer {
    tree: Arc<DivisionTree>,
    automaton: CharwiseDoubleArrayAhoCorasick<u32>,
    words: Vec<Word>,
}

/// The divisions that a word can mean.
#[derive(Default)]
struct Word {
    /// Those whose name it is.
    full: Vec<Place>,
    /// Those that it means when their level word is dropped.
    short: Vec<Place>,
}

/// A reading of a part of a name as a path of divisions, each below the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// Where the path ends, in bytes.
    pub end: usize,
    /// The divisions that its last word can mean, in the tree's order.
    pub places: Vec<Place>,
    /// Whether the last word lacks its level word, as 云和 does.
    pub is_short: bool,
}

/// Where words of divisions stand in a name: start and end in bytes, and the word.
#[derive(Debug, Clone, Default)]
pub struct Reading(Vec<(usize, usize, u32)>);

impl Reading {
    /// Where words begin behind `from`, each place once.
    pub fn starts_behind(&self, from: usize) -> impl Iterator<Item = usize> {
        let first = self.0.partition_point(|found| found.0 <= from);
        let mut last = None;
        self.0[first..].iter().filter_map(move |&(start, _, _)| {
            let is_new = last.replace(start) != Some(start);
            is_new.then_some(start)
        })
    }
}

impl Gazetteer {
    /// Gathers the words of a tree.
    pub fn new(tree: Arc<DivisionTree>) -> Self {
        let mut by_word: BTreeMap<String, Word> = BTreeMap::new();
        for place in 0..tree.len() {
            let division = tree.at(place);
            let forms = forms(&division.name, division.level);
            let place = place as Place;
            for full in forms.full {
                by_word.entry(full).or_default().full.push(place);
            }
            for short in forms.short {
                by_word.entry(short).or_default().short.push(place);
            }
        }
        for (code, word) in tree.words() {
            if let Some(place) = tree.position(*code) {
                let full = &mut by_word.entry(word.clone()).or_default().full;
                full.push(place as Place);
                full.sort_unstable();
            }
        }
        let patterns = by_word.keys().zip(0_u32..);
        let automaton = CharwiseDoubleArrayAhoCorasick::with_values(patterns)
            .expect("distinct words that are not empty make an automaton");
        Self {
            automaton,
            words: by_word.into_values().collect(),
            tree,
        }
    }

    /// The tree behind it.
    pub fn tree(&self) -> &Arc<DivisionTree> {
        &self.tree
    }

    /// The place of a code.
    pub fn place(&self, code: DivisionCode) -> Option<Place> {
        self.tree.position(code).map(|place| place as Place)
    }

    /// The places of a division and of all below it.
    pub fn subtree(&self, place: Place) -> Range<Place> {
        let range = self.tree.subtree_at(place as usize);
        range.start as Place..range.end as Place
    }

    /// Whether `place` is `above` or lies below it.
    pub fn is_within(&self, above: Place, place: Place) -> bool {
        self.subtree(above).contains(&place)
    }

    /// Finds the words of divisions in a [normalised](crate::name::normalise) name.
    pub fn read(&self, name: &str) -> Reading {
        let found = self.automaton.find_overlapping_iter(name);
        let mut words: Vec<_> = found
            .map(|found| (found.start(), found.end(), found.value()))
            .collect();
        words.sort_unstable();
        Reading(words)
    }

    /// The paths that begin at a place of the name: those that end in a full word first, then the
    /// longer ones.
    pub fn paths(&self, reading: &Reading, start: usize) -> Vec<Path> {
        let mut paths = Vec::new();
        self.extend(&reading.0, start, None, &mut paths);
        paths.sort_by_key(|path| (path.is_short, std::cmp::Reverse(path.end)));
        paths
    }

    /// Adds every path that goes on at `from` below one of the places `above`.
    fn extend(
        &self,
        matches: &[(usize, usize, u32)],
        from: usize,
        above: Option<&[Place]>,
        paths: &mut Vec<Path>,
    ) {
        let first = matches.partition_point(|found| found.0 < from);
        for &(_, end, word) in matches[first..].iter().take_while(|found| found.0 == from) {
            let word = &self.words[word as usize];
            for (bearers, is_short) in [(&word.full, false), (&word.short, true)] {
                let is_below = |place: &Place| {
                    above.is_none_or(|above| {
                        let mut above = above.iter();
                        above.any(|above| above != place && self.is_within(*above, *place))
                    })
                };
                let places: Vec<Place> = bearers.iter().copied().filter(is_below).collect();
                if places.is_empty() || paths.len() >= PATHS_MAX {
                    continue;
                }
                self.extend_from(matches, end, places, is_short, paths);
            }
        }
    }

    fn extend_from(
        &self,
        matches: &[(usize, usize, u32)],
        end: usize,
        places: Vec<Place>,
        is_short: bool,
        paths: &mut Vec<Path>,
    ) {
        self.extend(matches, end, Some(&places), paths);
        paths.push(Path {
            end,
            places,
            is_short,
        });
    }

    /// The one division below `above` that a text begins with, and the rest of it.
    pub fn below<'t>(&self, above: Place, text: &'t str) -> Option<(Place, &'t str)> {
        let reading = self.read(text);
        let paths = self.paths(&reading, 0).into_iter();
        let mut full = paths.filter(|path| !path.is_short && path.end < text.len());
        full.find_map(|path| {
            let is_below = |place: &Place| *place != above && self.is_within(above, *place);
            let mut places = path.places.into_iter().filter(is_below);
            let place = places.next()?;
            places.next().is_none().then(|| (place, &text[path.end..]))
        })
    }

    /// The level of a place.
    pub fn level(&self, place: Place) -> DivisionLevel {
        self.tree.at(place as usize).level
    }
}

impl fmt::Debug for Gazetteer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gazetteer of {} words", self.words.len())
    }
}

#[cfg(test)]
mod tests;
