//! Laying a block: names are parted into division and core, cores kept once, and all put in order.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::{
    super::{Signature, bigrams::Bigrams, key_of},
    Bearing, Body, Entry, Part, Traits, text_of,
};
use crate::{
    agency::{Agency, NameRelation},
    division::DivisionLevel,
    gazetteer::{Gazetteer, Place},
    name::{self, BodyType},
};

impl Part {
    pub fn build<'a>(
        gazetteer: &Gazetteer,
        agencies: impl Iterator<Item = (i64, &'a Agency)>,
    ) -> Self {
        let mut part = Self {
            hasher: DefaultHashBuilder::default(),
            bodies: Vec::new(),
            by_org_code: HashTable::new(),
            texts: String::new(),
            text_starts: vec![0],
            traits: Vec::new(),
            by_text: HashTable::new(),
            bigrams: Bigrams::default(),
            entries: Vec::new(),
            place_starts: Vec::new(),
            by_core: Vec::new(),
            core_starts: Vec::new(),
            spans: Vec::new(),
        };
        for (id, agency) in agencies {
            // A body of a division that the tree lacks has no place in the graph either.
            if let Some(home) = gazetteer.place(agency.division) {
                let home = town_of(gazetteer, home, &agency.name).unwrap_or(home);
                part.add(gazetteer, id, home, agency);
            }
        }
        part.put_in_order();
        part
    }

    fn add(&mut self, gazetteer: &Gazetteer, id: i64, home: Place, agency: &Agency) {
        let row = self.bodies.len() as u32;
        self.bodies.push(Body {
            id,
            uscc: agency.uscc,
            home,
            established_on: agency.established_on,
            abolished_on: agency.abolished_on,
        });
        let official = (Bearing::Official, &agency.name, None, None);
        let further = agency.names.iter().map(|name| {
            let bearing = match name.relation {
                NameRelation::Former => Bearing::Former,
                NameRelation::Alias => Bearing::Second,
            };
            (bearing, &name.name, name.from, name.to)
        });
        for (bearing, written, from, to) in std::iter::once(official).chain(further) {
            let name = name::normalise(written);
            let key = key_of(gazetteer, &name, Some(home));
            let span = if from.is_some() || to.is_some() {
                self.spans.push((from, to));
                self.spans.len() as u32
            } else {
                0
            };
            let inner = key.inner.as_ref();
            let inner = inner.map(|(place, core)| (*place, core.as_str(), true, bearing));
            let shortened = key.shortened;
            let shortened = shortened.map(|core| (home, core, true, Bearing::Shortened));
            let own = (key.place.unwrap_or(home), key.core, key.is_named, bearing);
            let written: Vec<_> = std::iter::once(own).chain(inner).chain(shortened).collect();
            let compared = written.iter().filter(|entry| entry.3 == Bearing::Official);
            let variants: Vec<_> = compared
                .filter_map(|entry| Some((entry.0, name::variant(entry.1)?, entry.2)))
                .collect();
            let variants = variants.iter().map(|(place, core, is_named)| {
                (*place, core.as_str(), *is_named, Bearing::Variant)
            });
            for (place, core, is_named, bearing) in written.iter().copied().chain(variants) {
                let core = self.intern(core);
                self.entries.push(Entry {
                    body: row,
                    place,
                    core,
                    span,
                    bearing,
                    is_named,
                });
            }
        }
    }

    /// The number of a core's text, a new one where there is none.
    fn intern(&mut self, core: &str) -> u32 {
        if let Some(number) = self.core_number(core) {
            return number;
        }
        let number = self.traits.len() as u32;
        self.texts.push_str(core);
        self.text_starts.push(self.texts.len() as u32);
        let (body_type, ending) = BodyType::of(core);
        self.traits.push(Traits {
            signature: Signature::of(core),
            body_type,
            ending: ending as u8,
            has_numerals: core.contains(name::is_numeral),
        });
        let (hasher, starts, texts) = (&self.hasher, &self.text_starts, &self.texts);
        let hash = |number: &u32| hasher.hash_one(text_of(starts, texts, *number));
        self.by_text
            .insert_unique(hasher.hash_one(core), number, hash);
        number
    }

    fn put_in_order(&mut self) {
        let entries = &mut self.entries;
        let bodies = &self.bodies;
        entries.sort_unstable_by_key(|entry| {
            let id = bodies[entry.body as usize].id;
            (entry.place, entry.core, id, entry.bearing)
        });
        // A second name that is the official one as well, or two that are spelled alike.
        entries.dedup_by_key(|entry| (entry.place, entry.core, entry.body));
        entries.shrink_to_fit();

        let places = entries.last().map_or(0, |last| last.place as usize + 1);
        self.place_starts = starts(places, entries.iter().map(|entry| entry.place));
        let starts = starts(self.traits.len(), entries.iter().map(|entry| entry.core));
        let mut next = starts.clone();
        self.by_core = vec![0; entries.len()];
        for (entry, number) in entries.iter().zip(0..) {
            let at = &mut next[entry.core as usize];
            self.by_core[*at as usize] = number;
            *at += 1;
        }
        self.core_starts = starts;

        let (hasher, bodies) = (&self.hasher, &self.bodies);
        let hash = |row: &u32| hasher.hash_one(bodies[*row as usize].uscc.org_code());
        let mut by_org_code = HashTable::with_capacity(bodies.len());
        for row in 0..bodies.len() as u32 {
            by_org_code.insert_unique(hash(&row), row, hash);
        }
        self.by_org_code = by_org_code;
        let cores = (0..self.traits.len() as u32).map(|number| self.text(number));
        self.bigrams = Bigrams::build(cores);
        self.bodies.shrink_to_fit();
        self.texts.shrink_to_fit();
        self.text_starts.shrink_to_fit();
        self.traits.shrink_to_fit();
    }
}

/// Where the entries of each number begin among all in the order of their numbers; one more than there
/// are numbers.
fn starts(numbers: usize, of_entries: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut starts = vec![0_u32; numbers + 1];
    for number in of_entries {
        starts[number as usize + 1] += 1;
    }
    for at in 1..starts.len() {
        starts[at] += starts[at - 1];
    }
    starts
}

/// The town whose body a name says it is of, where the register has no nearer division than what the
/// town lies in: most lists have the codes of counties.
fn town_of(gazetteer: &Gazetteer, home: Place, written: &str) -> Option<Place> {
    if gazetteer.level(home) == DivisionLevel::Township {
        return None;
    }
    let name = name::normalise(written);
    let paths = gazetteer.paths(&gazetteer.read(&name), 0);
    let longest = paths
        .into_iter()
        .find(|path| !path.is_short && path.end < name.len())?;
    let rest = &name[longest.end..];
    let has_type = BodyType::of(rest).0 != BodyType::UNKNOWN && rest.chars().nth(1).is_some();
    let is_town = |place: &Place| {
        gazetteer.level(*place) == DivisionLevel::Township && gazetteer.is_within(home, *place)
    };
    let mut towns = longest.places.into_iter().filter(is_town);
    let town = towns.next().filter(|_| has_type)?;
    towns.next().is_none().then_some(town)
}
