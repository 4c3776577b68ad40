//! The parts that a version of the graph is built of. Cloning one copies pointers; changing it
//! copies the chunks or shards that are touched and leaves older versions as they were.

use std::{hash::Hash, sync::Arc};

use hashbrown::{DefaultHashBuilder, HashMap};
use std::hash::BuildHasher;

/// Rows in a chunk.
const CHUNK: usize = 4_096;

/// Values by row number. Row numbers are stable.
#[derive(Debug)]
pub(crate) struct Column<T> {
    chunks: Vec<Arc<Vec<T>>>,
    len: usize,
}

impl<T> Default for Column<T> {
    fn default() -> Self {
        Self {
            chunks: Vec::new(),
            len: 0,
        }
    }
}

impl<T> Clone for Column<T> {
    fn clone(&self) -> Self {
        Self {
            chunks: self.chunks.clone(),
            len: self.len,
        }
    }
}

impl<T: Clone> Column<T> {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn get(&self, row: u32) -> Option<&T> {
        let row = row as usize;
        self.chunks.get(row / CHUNK)?.get(row % CHUNK)
    }

    pub(crate) fn get_mut(&mut self, row: u32) -> Option<&mut T> {
        let row = row as usize;
        Arc::make_mut(self.chunks.get_mut(row / CHUNK)?).get_mut(row % CHUNK)
    }

    /// Adds a value and returns its row number.
    pub(crate) fn push(&mut self, value: T) -> u32 {
        let row = self.len;
        if row.is_multiple_of(CHUNK) {
            self.chunks
                .push(Arc::new(Vec::with_capacity(CHUNK.min(64))));
        }
        if let Some(chunk) = self.chunks.last_mut() {
            Arc::make_mut(chunk).push(value);
        }
        self.len += 1;
        u32::try_from(row).expect("a graph holds fewer than four billion rows")
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }

    /// How many chunks this shares with another version.
    #[cfg(test)]
    pub(crate) fn chunks_shared_with(&self, other: &Self) -> usize {
        self.chunks
            .iter()
            .zip(&other.chunks)
            .filter(|(a, b)| Arc::ptr_eq(a, b))
            .count()
    }
}

const SHARDS: usize = 256;

/// Values by key, in shards.
#[derive(Debug)]
pub(crate) struct Index<K, V> {
    hasher: DefaultHashBuilder,
    shards: Vec<Arc<HashMap<K, V>>>,
}

impl<K, V> Default for Index<K, V> {
    fn default() -> Self {
        Self {
            hasher: DefaultHashBuilder::default(),
            shards: (0..SHARDS).map(|_| Arc::new(HashMap::new())).collect(),
        }
    }
}

impl<K, V> Clone for Index<K, V> {
    fn clone(&self) -> Self {
        Self {
            hasher: self.hasher.clone(),
            shards: self.shards.clone(),
        }
    }
}

impl<K: Hash + Eq + Clone, V: Clone> Index<K, V> {
    fn shard<Q: Hash + ?Sized>(&self, key: &Q) -> usize {
        // The upper bits: the map inside uses the others.
        (self.hasher.hash_one(key) >> 40) as usize % SHARDS
    }

    pub(crate) fn get<Q>(&self, key: &Q) -> Option<&V>
    where
        Q: Hash + hashbrown::Equivalent<K> + ?Sized,
    {
        self.shards[self.shard(key)].get(key)
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        let shard = self.shard(&key);
        Arc::make_mut(&mut self.shards[shard]).insert(key, value);
    }
}

impl<K: Hash + Eq + Clone> Index<K, Vec<u32>> {
    /// The rows under a key.
    pub(crate) fn rows<Q>(&self, key: &Q) -> &[u32]
    where
        Q: Hash + hashbrown::Equivalent<K> + ?Sized,
    {
        self.get(key).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn add(&mut self, key: K, row: u32) {
        let shard = self.shard(&key);
        let rows = Arc::make_mut(&mut self.shards[shard])
            .entry(key)
            .or_default();
        if !rows.contains(&row) {
            rows.push(row);
        }
    }

    pub(crate) fn remove<Q>(&mut self, key: &Q, row: u32)
    where
        Q: Hash + hashbrown::Equivalent<K> + ?Sized,
    {
        let shard = self.shard(key);
        let map = Arc::make_mut(&mut self.shards[shard]);
        if let Some(rows) = map.get_mut(key) {
            rows.retain(|other| *other != row);
            if rows.is_empty() {
                map.remove(key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_copies_one_chunk_and_leaves_the_older_version_as_it_was() {
        let mut old = Column::default();
        for value in 0..(3 * CHUNK) {
            old.push(value);
        }
        let mut new = old.clone();
        *new.get_mut(CHUNK as u32).expect("the row exists") = 7;
        assert_eq!(new.chunks_shared_with(&old), 2);
        assert_eq!(old.get(CHUNK as u32), Some(&CHUNK));
        assert_eq!(new.get(CHUNK as u32), Some(&7));
        assert_eq!(new.len(), 3 * CHUNK);
        assert_eq!(new.get(3 * CHUNK as u32), None);
    }

    #[test]
    fn an_index_gives_and_takes_rows() {
        let mut index: Index<String, Vec<u32>> = Index::default();
        index.add("a".to_owned(), 1);
        index.add("a".to_owned(), 2);
        index.add("a".to_owned(), 2);
        let older = index.clone();
        index.remove("a", 1);
        assert_eq!(index.rows("a"), [2]);
        assert_eq!(older.rows("a"), [1, 2]);
        index.remove("a", 2);
        assert!(index.rows("a").is_empty());
    }
}
