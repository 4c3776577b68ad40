//! Short and variant forms of what bodies are called (简称), as data: 住建局 is 住房和城乡建设局.

use hashbrown::{HashMap, HashSet};

use crate::{
    division::{DivisionCode, DivisionLevel},
    name,
};

/// What a row's forms are of a name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Stands {
    /// All of it but the division's name.
    #[default]
    Whole,
    /// What it begins with: 兵团教育局.
    Beginning,
    /// What it ends with: 临港高新区管委会.
    Ending,
}

crate::text_enum!(Stands {
    Whole => "WHOLE",
    Beginning => "BEGINNING",
    Ending => "ENDING",
});

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
    /// What the forms are of a name.
    pub stands: Stands,
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
    /// Numbers of the rows whose forms are parts of names, by the first or the last character.
    parts: HashMap<(Stands, char), Vec<u32>>,
    standing: HashSet<String>,
}

impl AliasTable {
    /// Puts rows in order, beside names that bodies have everywhere.
    pub fn new(mut rows: Vec<Alias>, standing: Vec<String>) -> Self {
        let mut table = Self {
            standing: standing.into_iter().collect(),
            ..Self::default()
        };
        for row in &mut rows {
            with_variants(&mut row.full);
        }
        for (row, number) in rows.iter().zip(0..) {
            if row.stands != Stands::Whole {
                for key in row
                    .short
                    .iter()
                    .filter_map(|short| outer(row.stands, short))
                {
                    let numbers = table.parts.entry(key).or_default();
                    if numbers.last() != Some(&number) {
                        numbers.push(number);
                    }
                }
                continue;
            }
            let forms = row.short.iter().chain(&row.full);
            table.standing.extend(forms.cloned());
            for short in &row.short {
                table
                    .by_short
                    .entry(short.clone())
                    .or_default()
                    .push(number);
            }
        }
        table.rows = rows;
        table
    }

    /// The rows of a short form.
    pub fn rows(&self, short: &str) -> impl Iterator<Item = &Alias> {
        let numbers = self.by_short.get(short).map_or(&[][..], Vec::as_slice);
        numbers.iter().map(|number| &self.rows[*number as usize])
    }

    /// The rows whose short form is a part of a name, with the rest of it and what stands for the
    /// part in full.
    pub fn parts<'a, 'n>(
        &'a self,
        name: &'n str,
    ) -> impl Iterator<Item = (&'a Alias, &'n str, &'a str)> + use<'a, 'n> {
        let sides = [Stands::Beginning, Stands::Ending];
        let keys = sides.into_iter().filter_map(|side| outer(side, name));
        let numbers = keys.filter_map(|key| self.parts.get(&key)).flatten();
        let rows = numbers.map(|number| &self.rows[*number as usize]);
        rows.flat_map(move |row| {
            let rest = move |short: &'a String| match row.stands {
                Stands::Beginning => name.strip_prefix(short.as_str()),
                _ => name.strip_suffix(short.as_str()),
            };
            let rests = row.short.iter().filter_map(rest);
            let rests = rests.filter(|rest| !rest.is_empty());
            rests.flat_map(move |rest| row.full.iter().map(move |full| (row, rest, full.as_str())))
        })
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

/// The character by which a part of a name is looked for.
fn outer(stands: Stands, text: &str) -> Option<(Stands, char)> {
    let mut characters = text.chars();
    let outer = match stands {
        Stands::Beginning => characters.next(),
        Stands::Whole | Stands::Ending => characters.next_back(),
    };
    Some((stands, outer?))
}

/// Adds the [spellings](name::variant) by which names are compared.
pub(crate) fn with_variants(names: &mut Vec<String>) {
    for variant in names.clone().iter().filter_map(|name| name::variant(name)) {
        if !names.contains(&variant) {
            names.push(variant);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_for_names_and_for_their_parts() {
        let row = |short: &str, full: &str, stands| Alias {
            short: vec![short.to_owned()],
            full: vec![full.to_owned()],
            levels: Vec::new(),
            within: None,
            stands,
            source: "made up".to_owned(),
            verified: false,
        };
        let rows = vec![
            row("教体局", "教育和体育局", Stands::Whole),
            row("兵团", "生产建设兵团", Stands::Beginning),
            row("管委会", "管理委员会", Stands::Ending),
        ];
        let table = AliasTable::new(rows, Vec::new());
        let full: Vec<_> = table.rows("教体局").flat_map(|row| &row.full).collect();
        assert_eq!(full, ["教育和体育局", "教育体育局"]);
        let parts = |name| -> Vec<(&str, &str)> {
            let parts = table.parts(name);
            parts.map(|(_, rest, full)| (rest, full)).collect()
        };
        assert_eq!(parts("兵团教育局"), [("教育局", "生产建设兵团")]);
        assert_eq!(parts("高新区管委会"), [("高新区", "管理委员会")]);
        assert_eq!(parts("管委会"), []);
        assert!(table.is_standing("教育体育局") && !table.is_standing("管委会"));
    }
}
