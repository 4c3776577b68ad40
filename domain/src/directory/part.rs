//! A block of the directory: bodies and their names in flat arrays, found by code, by division and
//! core, by core alone, or by pairs of characters.

use std::{hash::BuildHasher, ops::Range};

use chrono::NaiveDate;
use hashbrown::{DefaultHashBuilder, HashTable};

use super::{Hit, Signature, bigrams::Bigrams, key_of};
use crate::{
    agency::{Agency, NameRelation},
    gazetteer::{Gazetteer, Place},
    name::{self, BodyType},
    org_code::OrgCode,
    uscc::Uscc,
};

/// A body, as far as telling it needs.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    pub id: i64,
    pub uscc: Uscc,
    /// Its division.
    pub home: Place,
    pub established_on: Option<NaiveDate>,
    pub abolished_on: Option<NaiveDate>,
}

/// How a name stands to its bearer; the closest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bearing {
    Official,
    Former,
    Second,
    /// Not in the register, but its official name without the short form of its division.
    Shortened,
}

/// A name in its division.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Row of the body.
    pub body: u32,
    pub place: Place,
    /// Number of the core.
    pub core: u32,
    /// Number of the name's days, from 1; none 0.
    span: u32,
    pub bearing: Bearing,
    /// Whether the name itself begins with the division.
    pub is_named: bool,
}

/// What is known of a core.
#[derive(Clone, Copy)]
pub(crate) struct Core<'a> {
    pub text: &'a str,
    pub signature: Signature,
    pub body_type: BodyType,
    /// Where the ending begins that tells the type.
    pub stem: usize,
}

/// What is kept of a core beside its text.
struct Traits {
    signature: Signature,
    body_type: BodyType,
    /// Bytes of the ending that tells the type.
    ending: u8,
}

pub(super) struct Part {
    hasher: DefaultHashBuilder,
    bodies: Vec<Body>,
    /// Rows of bodies by organisation code, which a unified code embeds.
    by_org_code: HashTable<u32>,

    /// The texts of all cores, one behind the other.
    texts: String,
    /// Where each core's text begins; one entry more than there are cores.
    text_starts: Vec<u32>,
    traits: Vec<Traits>,
    by_text: HashTable<u32>,
    bigrams: Bigrams,

    /// By division, then by core.
    entries: Vec<Entry>,
    /// The entries by core, then by division.
    by_core: Vec<u32>,
    /// Where each core's entries begin in `by_core`.
    core_starts: Vec<u32>,
    spans: Vec<(Option<NaiveDate>, Option<NaiveDate>)>,
}

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
            by_core: Vec::new(),
            core_starts: Vec::new(),
            spans: Vec::new(),
        };
        for (id, agency) in agencies {
            // A body of a division that the tree lacks has no place in the graph either.
            if let Some(home) = gazetteer.place(agency.division) {
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
            for (place, core, is_named, bearing) in
                std::iter::once(own).chain(inner).chain(shortened)
            {
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

        let mut starts = vec![0_u32; self.traits.len() + 1];
        for entry in entries.iter() {
            starts[entry.core as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
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

    pub fn bodies(&self) -> &[Body] {
        &self.bodies
    }

    /// What the arrays take.
    pub fn bytes(&self) -> usize {
        let of = |capacity: usize, size: usize| capacity * size;
        of(self.bodies.capacity(), size_of::<Body>())
            + self.by_org_code.allocation_size()
            + self.texts.capacity()
            + of(self.text_starts.capacity(), size_of::<u32>())
            + of(self.traits.capacity(), size_of::<Traits>())
            + self.by_text.allocation_size()
            + self.bigrams.bytes()
            + of(self.entries.capacity(), size_of::<Entry>())
            + of(self.by_core.capacity(), size_of::<u32>())
            + of(self.core_starts.capacity(), size_of::<u32>())
            + of(
                self.spans.capacity(),
                size_of::<(Option<NaiveDate>, Option<NaiveDate>)>(),
            )
    }

    /// Whether this very body is one of this block's.
    pub fn holds(&self, body: &Body) -> bool {
        self.bodies
            .as_ptr_range()
            .contains(&std::ptr::from_ref(body))
    }

    pub fn rows_of(&self, code: &OrgCode) -> impl Iterator<Item = u32> {
        let found = self.by_org_code.iter_hash(self.hasher.hash_one(code));
        let is_same = |row: &u32| self.bodies[*row as usize].uscc.org_code() == *code;
        found.copied().filter(is_same)
    }

    fn text(&self, number: u32) -> &str {
        text_of(&self.text_starts, &self.texts, number)
    }

    pub fn core(&self, number: u32) -> Core<'_> {
        let traits = &self.traits[number as usize];
        let text = self.text(number);
        Core {
            text,
            signature: traits.signature,
            body_type: traits.body_type,
            stem: text.len() - usize::from(traits.ending),
        }
    }

    pub fn hit<'a>(&'a self, entry: &'a Entry) -> Hit<'a> {
        Hit {
            body: &self.bodies[entry.body as usize],
            entry,
        }
    }

    pub fn described<'a>(&'a self, entry: &'a Entry) -> (Hit<'a>, Core<'a>) {
        (self.hit(entry), self.core(entry.core))
    }

    fn core_number(&self, core: &str) -> Option<u32> {
        let is_same = |number: &u32| self.text(*number) == core;
        self.by_text
            .find(self.hasher.hash_one(core), is_same)
            .copied()
    }

    /// The entries of a division whose cores end in this type.
    pub fn of_type(&self, place: Place, body_type: BodyType) -> impl Iterator<Item = &Entry> {
        let first = self.entries.partition_point(|entry| entry.place < place);
        let here = self.entries[first..]
            .iter()
            .take_while(move |entry| entry.place == place);
        here.filter(move |entry| self.traits[entry.core as usize].body_type == body_type)
    }

    /// The entries of a core in a division.
    pub fn at(&self, place: Place, core: &str) -> &[Entry] {
        let Some(core) = self.core_number(core) else {
            return &[];
        };
        let key = (place, core);
        let first = self
            .entries
            .partition_point(|entry| (entry.place, entry.core) < key);
        let rest = &self.entries[first..];
        let is_same = |entry: &&Entry| (entry.place, entry.core) == key;
        &rest[..rest.iter().take_while(is_same).count()]
    }

    /// The entries of a core in all divisions, or in a range of them.
    pub fn named(&self, core: &str, within: Option<&Range<Place>>) -> impl Iterator<Item = &Entry> {
        let rows = match self.core_number(core) {
            Some(core) => {
                let core = core as usize;
                let range = self.core_starts[core] as usize..self.core_starts[core + 1] as usize;
                &self.by_core[range]
            }
            None => &[],
        };
        let place = |row: &u32| self.entries[*row as usize].place;
        let rows = match within {
            Some(within) => {
                let first = rows.partition_point(|row| place(row) < within.start);
                let end = rows.partition_point(|row| place(row) < within.end);
                &rows[first..end]
            }
            None => rows,
        };
        rows.iter().map(|row| &self.entries[*row as usize])
    }

    pub fn alike(&self, text: &str) -> impl Iterator<Item = u32> + use<'_> {
        self.bigrams.alike(text)
    }

    pub fn span(&self, entry: &Entry) -> (Option<NaiveDate>, Option<NaiveDate>) {
        match entry.span {
            0 => (None, None),
            number => self.spans[number as usize - 1],
        }
    }
}

fn text_of<'a>(starts: &[u32], texts: &'a str, number: u32) -> &'a str {
    let at = number as usize;
    &texts[starts[at] as usize..starts[at + 1] as usize]
}
