//! Which texts a change of the register could give another answer: more rather than fewer, and
//! without a look at the directory.
//!
//! A text and a body have something to do with each other by a code, by a name, or by a place: a
//! text that names a place means a body of that place, one that names none may mean any.

use std::collections::{HashMap, HashSet};

use crate::{
    division::{Division, DivisionCode, DivisionLevel, DivisionTree},
    mention::SubjectText,
    name::normalise,
    org_code::OrgCode,
    resolution::org_code_of,
    uscc::Uscc,
};

/// The first two characters of a division's name: they stand in its short forms too, and whoever
/// changes its level keeps them.
type PlaceMark = [char; 2];

/// The marks of all divisions down to counties, by which a text is seen to name a place.
#[derive(Debug, Default)]
pub struct Places {
    marks: HashSet<PlaceMark>,
    /// What divisions were called that became others.
    former: HashMap<DivisionCode, Vec<PlaceMark>>,
}

impl Places {
    /// Those of a tree, former divisions included.
    pub fn of(tree: &DivisionTree) -> Self {
        let mut places = Self::default();
        for division in (0..tree.len()).map(|at| tree.at(at)) {
            let Some(mark) = mark(&division.name).filter(|_| is_county_or_above(division)) else {
                continue;
            };
            places.marks.insert(mark);
            for successor in &division.successors {
                places.former.entry(*successor).or_default().push(mark);
            }
        }
        places
    }

    /// The marks that stand in a text.
    fn marks_in(&self, text: &str) -> impl Iterator<Item = PlaceMark> {
        let next = text.chars().skip(1);
        let pairs = text.chars().zip(next).map(|(a, b)| [a, b]);
        pairs.filter(|pair| self.marks.contains(pair))
    }
}

/// What changed in the register.
#[derive(Debug, Default)]
pub struct Affected {
    org_codes: HashSet<OrgCode>,
    names: HashSet<String>,
    places: HashSet<PlaceMark>,
}

impl Affected {
    /// Takes in a body that changed, by its code.
    pub fn add_code(&mut self, code: &Uscc) {
        self.org_codes.insert(code.org_code());
    }

    /// Takes in a name that a body bears now, or bore: the last place in it is its own, those before are
    /// what that lies in.
    pub fn add_name(&mut self, places: &Places, name: &str) {
        let name = normalise(name);
        self.places.extend(places.marks_in(&name).last());
        self.names.insert(name);
    }

    /// Takes in the division of a body that changed: the county or city it lies in, and what that
    /// was called before.
    pub fn add_division(&mut self, places: &Places, tree: &DivisionTree, code: DivisionCode) {
        let mut above = tree.ancestors(code);
        let Some(home) = above.find(|division| is_county_or_above(division)) else {
            return;
        };
        let former = places.former.get(&home.code).into_iter().flatten();
        self.places.extend(former.copied().chain(mark(&home.name)));
    }

    /// Whether a text could mean another body than before.
    pub fn could_change(&self, places: &Places, subject: &SubjectText) -> bool {
        let mut codes = org_codes(&subject.code).into_iter();
        if codes.any(|code| self.org_codes.contains(&code)) {
            return true;
        }
        if self.names.contains(&subject.name) {
            return true;
        }
        let mut named = places.marks_in(&subject.name).peekable();
        match named.peek() {
            None => !self.names.is_empty(),
            Some(_) => named.any(|mark| self.places.contains(&mark)),
        }
    }
}

fn is_county_or_above(division: &Division) -> bool {
    division.level <= DivisionLevel::County && division.level > DivisionLevel::Nation
}

fn mark(name: &str) -> Option<PlaceMark> {
    let mut characters = name.chars();
    Some([characters.next()?, characters.next()?])
}

/// The organisation codes that a row's codes may be read as: blanks part codes from each other and
/// stand in them too, so that each run of words may be one.
fn org_codes(written: &str) -> Vec<OrgCode> {
    let words: Vec<&str> = written.split_whitespace().collect();
    let runs = (0..words.len()).flat_map(|from| (from + 1..=words.len()).map(move |to| (from, to)));
    runs.filter_map(|(from, to)| org_code_of(&words[from..to].concat()))
        .collect()
}

#[cfg(test)]
mod tests;
