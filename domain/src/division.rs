//! Administrative divisions (行政区划): codes of GB/T 2260 and of towns, and the tree they form.

use std::{
    collections::{BTreeSet, HashMap},
    fmt, iter,
    ops::Range,
    str::FromStr,
};

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Rows of GB/T 2260 that only fill a level and are no part of anybody's name.
const PLACEHOLDERS: [&str; 5] = [
    "市辖区",
    "市辖县",
    "县",
    "省直辖县级行政区划",
    "自治区直辖县级行政区划",
];

/// A division's code: six digits down to counties (GB/T 2260), nine for townships, `100000` the
/// nation.
///
/// Codes order as text does, so that a town follows its county: 440103 < 440103001 < 440104.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DivisionCode(
    /// Always nine digits: a county ends in three zeros, which no town does.
    u32,
);

/// A text that is no code of a division.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("division code of 6 or 9 digits expected (12 where the last are 000), found {0:?}")]
pub struct DivisionCodeError(pub String);

impl DivisionCode {
    /// 中华人民共和国
    pub const NATION: Self = Self::of_six(100_000);

    /// A code of six digits, which the caller knows to be one.
    pub(crate) const fn of_six(code: u32) -> Self {
        Self(code * 1000)
    }
}

/// Reads 6 and 9 digits, and 12 where the last three are zeros; a village has no code here.
impl FromStr for DivisionCode {
    type Err = DivisionCodeError;

    fn from_str(text: &str) -> Result<Self, DivisionCodeError> {
        let digits = text.trim();
        let padded = match digits.len() {
            6 => format!("{digits}000"),
            9 => digits.to_owned(),
            12 => digits.strip_suffix("000").unwrap_or_default().to_owned(),
            _ => String::new(),
        };
        let is_right = padded.bytes().all(|byte| byte.is_ascii_digit()) && !padded.starts_with('0');
        match padded.parse() {
            Ok(code) if is_right => Ok(Self(code)),
            _ => Err(DivisionCodeError(text.to_owned())),
        }
    }
}

impl fmt::Display for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(1000) {
            write!(f, "{}", self.0 / 1000)
        } else {
            write!(f, "{}", self.0)
        }
    }
}

impl fmt::Debug for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for DivisionCode {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DivisionCode {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?
            .parse()
            .map_err(de::Error::custom)
    }
}

/// How high a division stands; the higher one is the lesser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DivisionLevel {
    /// 国家
    Nation,
    /// 省级
    Province,
    /// 地级
    Prefecture,
    /// 县级
    County,
    /// 乡级
    Township,
}

crate::text_enum!(DivisionLevel {
    Nation => "NATION",
    Province => "PROVINCE",
    Prefecture => "PREFECTURE",
    County => "COUNTY",
    Township => "TOWNSHIP",
});
crate::text_serde!(DivisionLevel);

/// A division, today's or a former one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Division {
    /// Its code.
    pub code: DivisionCode,
    /// Its own name, without those above it.
    pub name: String,
    /// Its level. Levels below it may be missing: towns of Dongguan hang under the prefecture.
    pub level: DivisionLevel,
    /// The division above it, of a former one the one above it then; none for the root.
    pub parent: Option<DivisionCode>,
    /// The first day on which it was in force, where that is known and matters.
    pub valid_from: Option<NaiveDate>,
    /// The last day on which it was in force; none for today's.
    pub valid_to: Option<NaiveDate>,
    /// What became of it: several where it was divided, none where it lives on or left none.
    pub successors: Vec<DivisionCode>,
}

impl Division {
    /// Whether the division is in force on a day.
    pub fn is_in_force(&self, on: NaiveDate) -> bool {
        self.valid_from.is_none_or(|from| from <= on) && self.valid_to.is_none_or(|to| on <= to)
    }
}

/// Why rows do not form a tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// Two rows have this code.
    #[error("division {0} is given twice")]
    Duplicate(DivisionCode),
    /// A parent that is no row.
    #[error("division {code}: its parent {parent} is not in the list")]
    UnknownParent {
        /// The child.
        code: DivisionCode,
        /// What it names.
        parent: DivisionCode,
    },
    /// A parent that does not stand above its child; a cycle always has one.
    #[error("division {code}: its parent {parent} does not stand above it")]
    ParentLevel {
        /// The child.
        code: DivisionCode,
        /// What it names.
        parent: DivisionCode,
    },
    /// A successor that is no row.
    #[error("division {code}: its successor {successor} is not in the list")]
    UnknownSuccessor {
        /// The predecessor.
        code: DivisionCode,
        /// What it names.
        successor: DivisionCode,
    },
    /// No row is without a parent.
    #[error("one division without a parent expected, found none")]
    NoRoot,
    /// Several rows are without a parent.
    #[error("one division without a parent expected, found {0} and {1}")]
    SeveralRoots(DivisionCode, DivisionCode),
}

/// All divisions in pre-order: each before those below it, siblings by code. A division and all
/// below it are therefore one range of positions.
#[derive(Debug, Clone)]
pub struct DivisionTree {
    rows: Vec<Division>,
    /// For each row, the position behind the last one below it.
    ends: Vec<usize>,
    positions: HashMap<DivisionCode, usize>,
    words: Vec<(DivisionCode, String)>,
}

impl DivisionTree {
    /// Orders the rows, after checking that they form one tree.
    pub fn new(mut divisions: Vec<Division>) -> Result<Self, TreeError> {
        divisions.sort_by_key(|division| division.code);
        if let Some(pair) = divisions
            .windows(2)
            .find(|pair| pair[0].code == pair[1].code)
        {
            return Err(TreeError::Duplicate(pair[0].code));
        }
        let (root, children) = links(&divisions)?;

        let mut rows = Vec::with_capacity(divisions.len());
        let mut waiting = vec![root];
        let mut unplaced: Vec<Option<Division>> = divisions.into_iter().map(Some).collect();
        while let Some(next) = waiting.pop() {
            rows.extend(unplaced[next].take());
            waiting.extend(children[next].iter().rev());
        }

        let positions: HashMap<_, _> = rows
            .iter()
            .enumerate()
            .map(|(at, row)| (row.code, at))
            .collect();
        let mut ends: Vec<usize> = (1..=rows.len()).collect();
        for at in (0..rows.len()).rev() {
            if let Some(parent) = rows[at].parent {
                let parent = positions[&parent];
                ends[parent] = ends[parent].max(ends[at]);
            }
        }
        Ok(Self {
            rows,
            ends,
            positions,
            words: Vec::new(),
        })
    }

    /// The same tree with what divisions are called beside their names and what follows from those,
    /// such as 达茂旗 for 达尔罕茂明安联合旗.
    pub fn with_words(self, words: Vec<(DivisionCode, String)>) -> Self {
        Self { words, ..self }
    }

    /// What divisions are called beside their names.
    pub fn words(&self) -> &[(DivisionCode, String)] {
        &self.words
    }

    /// The number of divisions.
    #[expect(
        clippy::len_without_is_empty,
        reason = "a tree has a root and is never empty"
    )]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The division with this code, former ones included.
    pub fn get(&self, code: DivisionCode) -> Option<&Division> {
        self.position(code).map(|at| self.at(at))
    }

    /// The division's place in pre-order.
    pub fn position(&self, code: DivisionCode) -> Option<usize> {
        self.positions.get(&code).copied()
    }

    /// The division at a place in pre-order.
    ///
    /// # Panics
    /// If `position` is not below [`len`](Self::len).
    pub fn at(&self, position: usize) -> &Division {
        &self.rows[position]
    }

    /// The places of the division at `position` and of all below it.
    ///
    /// # Panics
    /// If `position` is not below [`len`](Self::len).
    pub fn subtree_at(&self, position: usize) -> Range<usize> {
        position..self.ends[position]
    }

    /// The places of the division and of all below it.
    pub fn subtree(&self, code: DivisionCode) -> Option<Range<usize>> {
        self.position(code).map(|at| self.subtree_at(at))
    }

    /// Whether `code` is `ancestor` or lies below it; never for unknown codes.
    pub fn contains(&self, ancestor: DivisionCode, code: DivisionCode) -> bool {
        match (self.subtree(ancestor), self.position(code)) {
            (Some(range), Some(at)) => range.contains(&at),
            _ => false,
        }
    }

    /// Those directly below the division, by code, former ones included.
    pub fn children(&self, code: DivisionCode) -> impl Iterator<Item = &Division> {
        let below = self.subtree(code).unwrap_or_default();
        let first = Some(below.start + 1).filter(|at| *at < below.end);
        iter::successors(first, move |at| {
            Some(self.ends[*at]).filter(|next| *next < below.end)
        })
        .map(|at| self.at(at))
    }

    /// The division above.
    pub fn parent(&self, division: &Division) -> Option<&Division> {
        division.parent.and_then(|code| self.get(code))
    }

    /// The division itself and those above it, up to the root.
    pub fn ancestors(&self, code: DivisionCode) -> impl Iterator<Item = &Division> {
        iter::successors(self.get(code), |division| self.parent(division))
    }

    /// The name with those above it, such as 广东省佛山市禅城区: without the nation, without rows
    /// that only fill a level, and 北京市 but once.
    pub fn full_name(&self, code: DivisionCode) -> Option<String> {
        let own = self.get(code)?;
        let mut names = vec![own.name.as_str()];
        for above in self.ancestors(code).skip(1) {
            let is_filler = above.level == DivisionLevel::Nation
                || PLACEHOLDERS.contains(&above.name.as_str())
                || names.last() == Some(&above.name.as_str());
            if !is_filler {
                names.push(&above.name);
            }
        }
        names.reverse();
        Some(names.concat())
    }

    /// What stands for the division on a day: itself where it is in force, else its successors,
    /// followed until they are. Empty where it is unknown, not yet in force, or left none.
    pub fn successors_on(&self, code: DivisionCode, date: NaiveDate) -> Vec<DivisionCode> {
        let (mut found, mut seen) = (BTreeSet::new(), BTreeSet::new());
        let mut waiting = vec![code];
        while let Some(next) = waiting.pop() {
            // A code may come back into force later, so successors may form a circle.
            let Some(division) = self.get(next).filter(|_| seen.insert(next)) else {
                continue;
            };
            if division.is_in_force(date) {
                found.insert(next);
            } else if division.valid_to.is_some_and(|to| to < date) {
                waiting.extend(&division.successors);
            }
        }
        found.into_iter().collect()
    }
}

/// The root's index and, for each row, its children's; the rows are sorted by code.
fn links(divisions: &[Division]) -> Result<(usize, Vec<Vec<usize>>), TreeError> {
    let find = |code| {
        divisions
            .binary_search_by_key(&code, |division| division.code)
            .ok()
    };
    let mut root = None;
    let mut children = vec![Vec::new(); divisions.len()];
    for (at, division) in divisions.iter().enumerate() {
        let code = division.code;
        if let Some(&successor) = division
            .successors
            .iter()
            .find(|code| find(**code).is_none())
        {
            return Err(TreeError::UnknownSuccessor { code, successor });
        }
        match (division.parent, root) {
            (Some(parent), _) => {
                let above = find(parent).ok_or(TreeError::UnknownParent { code, parent })?;
                if divisions[above].level >= division.level {
                    return Err(TreeError::ParentLevel { code, parent });
                }
                children[above].push(at);
            }
            (None, None) => root = Some(at),
            (None, Some(first)) => {
                return Err(TreeError::SeveralRoots(divisions[first].code, code));
            }
        }
    }
    Ok((root.ok_or(TreeError::NoRoot)?, children))
}

#[cfg(test)]
mod tests;
