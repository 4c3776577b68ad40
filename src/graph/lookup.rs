//! Where things stand that people look for by a part of what they are called: laid when somebody
//! first looks in a version, or by the follower before that.

use std::hash::{BuildHasher, RandomState};

use domain::{agency::Agency, case_number::CaseNumber, initials::initials};

use super::Graph;

/// Letters of a name's initials that are kept; longer ones are told apart by the name itself.
const LETTERS: usize = 12;

/// A name of a body: which one, and the body's row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named {
    pub(super) row: u32,
    /// 0 is the official one, then those beside it.
    which: u16,
}

/// Bodies by codes, names, parts of names and initials.
#[derive(Debug)]
pub(super) struct Lookup {
    codes: Vec<u32>,
    org_codes: Vec<u32>,
    /// By their texts.
    names: Vec<Named>,
    /// Pairs of neighbouring characters, where each one's names begin, and the names.
    pairs: Vec<u64>,
    starts: Vec<u32>,
    holders: Vec<u32>,
    initials: Vec<([u8; LETTERS], u32)>,
}

impl Named {
    pub(super) fn text(self, graph: &Graph) -> &str {
        let Some(agency) = graph.agencies.get(self.row) else {
            return "";
        };
        match usize::from(self.which).checked_sub(1) {
            None => &agency.fact.name,
            Some(at) => agency.fact.names.get(at).map_or("", |name| &name.name),
        }
    }
}

impl Lookup {
    pub(super) fn lay(graph: &Graph) -> Self {
        let mut names = Vec::new();
        for (agency, row) in graph.agencies.iter().zip(0..) {
            let further = agency.fact.names.len().min(usize::from(u16::MAX)) as u16;
            names.extend((0..=further).map(|which| Named { row, which }));
        }
        names.sort_by(|a, b| a.text(graph).cmp(b.text(graph)));
        let mut all_pairs = Vec::new();
        let mut all_initials = Vec::new();
        for (name, number) in names.iter().zip(0_u32..) {
            let text = name.text(graph);
            all_pairs.extend(pairs(text).map(|pair| (pair, number)));
            let readings = initials(text).into_iter();
            all_initials.extend(readings.map(|reading| (letters(&reading), number)));
        }
        all_pairs.sort_unstable();
        all_pairs.dedup();
        all_initials.sort_unstable();
        let mut lookup = Self {
            codes: sorted(graph, |agency| agency.uscc),
            org_codes: sorted(graph, |agency| agency.uscc.org_code()),
            names,
            pairs: Vec::new(),
            starts: Vec::new(),
            holders: Vec::with_capacity(all_pairs.len()),
            initials: all_initials,
        };
        for (pair, number) in all_pairs {
            if lookup.pairs.last() != Some(&pair) {
                lookup.pairs.push(pair);
                lookup.starts.push(lookup.holders.len() as u32);
            }
            lookup.holders.push(number);
        }
        lookup.starts.push(lookup.holders.len() as u32);
        lookup
    }

    /// Bodies whose code begins so.
    pub(super) fn by_code<'a>(
        &'a self,
        graph: &'a Graph,
        start: &str,
    ) -> impl Iterator<Item = u32> + use<'a> {
        let rows = begin_with(&self.codes, start, |row| {
            let agency = graph.agencies.get(row);
            agency.map_or("", |agency| agency.fact.uscc.as_str())
        });
        rows.iter().copied()
    }

    /// Bodies whose organisation code begins so.
    pub(super) fn by_org_code<'a>(
        &'a self,
        graph: &'a Graph,
        start: &str,
    ) -> impl Iterator<Item = u32> + use<'a> {
        let rows = begin_with(&self.org_codes, start, |row| {
            let agency = graph.agencies.get(row);
            agency.map_or("", |agency| &agency.fact.uscc.as_str()[8..17])
        });
        rows.iter().copied()
    }

    /// Bodies that have or had a name which begins so, by these names.
    pub(super) fn by_name<'a>(
        &'a self,
        graph: &'a Graph,
        start: &str,
    ) -> impl Iterator<Item = u32> + use<'a> {
        let names = begin_with(&self.names, start, |name| name.text(graph));
        names.iter().map(|name| name.row)
    }

    /// Bodies that may have a name whose initials begin so.
    pub(super) fn by_initials(&self, start: &str) -> impl Iterator<Item = u32> + use<'_> {
        let known = start.len().min(LETTERS);
        let start = letters(start);
        let first = |letters: &[u8; LETTERS]| letters[..known].cmp(&start[..known]);
        let entries = &self.initials;
        let from = entries.partition_point(|(letters, _)| first(letters).is_lt());
        let behind = &entries[from..];
        let begin = &behind[..behind.partition_point(|(letters, _)| first(letters).is_eq())];
        begin.iter().map(|(_, name)| self.names[*name as usize].row)
    }

    /// Bodies that may have a name with this text in it, by its rarest pair of characters.
    pub(super) fn by_part(&self, part: &str) -> impl Iterator<Item = u32> + use<'_> {
        let lists = pairs(part).map(|pair| match self.pairs.binary_search(&pair) {
            Ok(at) => &self.holders[self.starts[at] as usize..self.starts[at + 1] as usize],
            Err(_) => &[],
        });
        let rarest = lists.min_by_key(|list| list.len()).unwrap_or_default();
        rarest.iter().map(|name| self.names[*name as usize].row)
    }
}

/// Records by case number.
#[derive(Debug)]
pub(super) struct Cases {
    hasher: RandomState,
    /// By the hashes of their case numbers.
    rows: Vec<(u64, u32)>,
}

impl Cases {
    pub(super) fn lay(graph: &Graph) -> Self {
        let hasher = RandomState::new();
        let records = graph.records.iter().zip(0..);
        let cases = records.filter_map(|(slot, row)| {
            let number = slot.as_ref()?.fact.fact.case_number.as_ref()?;
            Some((hasher.hash_one(number), row))
        });
        let mut rows: Vec<(u64, u32)> = cases.collect();
        rows.sort_unstable();
        Self { hasher, rows }
    }

    /// Rows of records that may have this number.
    pub(super) fn rows(&self, number: &CaseNumber) -> impl Iterator<Item = u32> + use<'_> {
        let hash = self.hasher.hash_one(number);
        let from = self.rows.partition_point(|(other, _)| *other < hash);
        let same = self.rows[from..].iter();
        let same = same.take_while(move |(other, _)| *other == hash);
        same.map(|(_, row)| *row)
    }
}

/// All bodies in the order of a key.
fn sorted<K: Ord>(graph: &Graph, key: impl Fn(&Agency) -> K) -> Vec<u32> {
    let rows = graph.agencies.iter().zip(0_u32..);
    let mut keyed: Vec<(K, u32)> = rows.map(|(agency, row)| (key(&agency.fact), row)).collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, row)| row).collect()
}

/// The entries of a sorted list whose text begins so.
fn begin_with<'a, T: Copy>(sorted: &'a [T], start: &str, text: impl Fn(T) -> &'a str) -> &'a [T] {
    let from = sorted.partition_point(|entry| text(*entry) < start);
    let behind = &sorted[from..];
    &behind[..behind.partition_point(|entry| text(*entry).starts_with(start))]
}

fn pairs(text: &str) -> impl Iterator<Item = u64> {
    let second = text.chars().skip(1);
    let both = text.chars().zip(second);
    both.map(|(a, b)| u64::from(a as u32) << 32 | u64::from(b as u32))
}

/// The first letters of initials; what is shorter is filled up with zeros.
fn letters(initials: &str) -> [u8; LETTERS] {
    let mut letters = [0; LETTERS];
    for (to, from) in letters.iter_mut().zip(initials.bytes()) {
        *to = from;
    }
    letters
}
