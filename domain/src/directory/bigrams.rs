//! Pairs of neighbouring characters, and the cores that have them: for names whose division is not
//! told, among all cores of the register.

/// A pair that more cores have than this tells too little to look at them all.
const COMMON: usize = 4_096;
/// An edit breaks at most so many pairs, next to each other: of two so far apart one is left.
const BROKEN: usize = 3;

/// Cores by pair.
#[derive(Debug, Default)]
pub(super) struct Bigrams {
    pairs: Vec<u64>,
    /// Where each pair's cores begin; one entry more than there are pairs.
    starts: Vec<u32>,
    cores: Vec<u32>,
}

fn pairs(text: &str) -> impl Iterator<Item = u64> {
    let second = text.chars().skip(1);
    text.chars()
        .zip(second)
        .map(|(a, b)| u64::from(a as u32) << 32 | u64::from(b as u32))
}

impl Bigrams {
    pub fn build<'a>(cores: impl Iterator<Item = &'a str>) -> Self {
        let mut all: Vec<(u64, u32)> = Vec::new();
        for (text, number) in cores.zip(0..) {
            all.extend(pairs(text).map(|pair| (pair, number)));
        }
        all.sort_unstable();
        all.dedup();
        let mut bigrams = Self::default();
        bigrams.cores.reserve_exact(all.len());
        for (pair, core) in all {
            if bigrams.pairs.last() != Some(&pair) {
                bigrams.pairs.push(pair);
                bigrams.starts.push(bigrams.cores.len() as u32);
            }
            bigrams.cores.push(core);
        }
        bigrams.starts.push(bigrams.cores.len() as u32);
        bigrams.pairs.shrink_to_fit();
        bigrams.starts.shrink_to_fit();
        bigrams
    }

    pub fn bytes(&self) -> usize {
        self.pairs.capacity() * size_of::<u64>()
            + (self.starts.capacity() + self.cores.capacity()) * size_of::<u32>()
    }

    fn cores(&self, pair: u64) -> &[u32] {
        match self.pairs.binary_search(&pair) {
            Ok(at) => &self.cores[self.starts[at] as usize..self.starts[at + 1] as usize],
            Err(_) => &[],
        }
    }

    /// Cores that may be one edit from a text: those that have one of two pairs which no edit breaks
    /// both of, or of all its pairs where it is too short for that. Some come more than once.
    pub fn alike(&self, text: &str) -> impl Iterator<Item = u32> + use<'_> {
        let lists = pairs(text).map(|pair| self.cores(pair)).enumerate();
        let lists: Vec<(usize, &[u32])> = lists.filter(|(_, list)| list.len() <= COMMON).collect();
        let two = lists.iter().flat_map(|first| {
            let behind = lists.iter().filter(|other| other.0 >= first.0 + BROKEN);
            behind.map(|other| [*first, *other])
        });
        let rarest = two.min_by_key(|two| two[0].1.len() + two[1].1.len());
        let chosen = rarest.map_or_else(|| lists.clone(), Vec::from);
        chosen.into_iter().flat_map(|(_, list)| list).copied()
    }
}
