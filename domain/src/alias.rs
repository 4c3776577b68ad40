//! Short and variant forms of what bodies are called (简称), as data: 住建局 is 住房和城乡建设局.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use crate::division::{DivisionCode, DivisionLevel};

/// One row: each short form may stand for each full form, both without the division's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// What is written.
    pub short: Vec<String>,
    /// What registers write; □ is where a division's name stands.
    pub full: Vec<String>,
    /// The levels of divisions whose bodies are called so; all where there are none.
    pub levels: Vec<DivisionLevel>,
    /// Only bodies in this division or below it are called so.
    pub within: Option<DivisionCode>,
    /// The first day on which the full form was official, where that matters.
    pub valid_from: Option<NaiveDate>,
    /// The last day on which it was.
    pub valid_to: Option<NaiveDate>,
    /// Where the row comes from.
    pub source: String,
    /// Whether it was checked against published names.
    pub verified: bool,
}

/// All rows, by short form.
#[derive(Debug, Default)]
pub struct AliasTable {
    rows: Vec<Alias>,
    by_short: HashMap<String, Vec<u32>>,
    standing: HashSet<String>,
}

impl AliasTable {
    /// Puts rows in order, beside names that bodies have everywhere.
    pub fn new(rows: Vec<Alias>, standing: Vec<String>) -> Self {
        let mut by_short: HashMap<String, Vec<u32>> = HashMap::new();
        let mut standing: HashSet<String> = standing.into_iter().collect();
        for (row, number) in rows.iter().zip(0..) {
            standing.extend(row.short.iter().chain(&row.full).cloned());
            for short in &row.short {
                by_short.entry(short.clone()).or_default().push(number);
            }
        }
        Self {
            rows,
            by_short,
            standing,
        }
    }

    /// The rows of a short form.
    pub fn rows(&self, short: &str) -> impl Iterator<Item = &Alias> {
        let numbers = self.by_short.get(short).map_or(&[][..], Vec::as_slice);
        numbers.iter().map(|number| &self.rows[*number as usize])
    }

    /// Whether bodies are called so somewhere: such a name is no slip of the pen for another.
    pub fn is_standing(&self, name: &str) -> bool {
        self.standing.contains(name)
    }

    /// All rows.
    pub fn iter(&self) -> impl Iterator<Item = &Alias> {
        self.rows.iter()
    }

    /// All names that bodies have somewhere.
    pub fn standing(&self) -> impl Iterator<Item = &str> {
        self.standing.iter().map(String::as_str)
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}
