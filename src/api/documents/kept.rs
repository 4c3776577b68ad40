//! What clients sent not long ago, parsed: parsing is a third of what a small query costs.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
};

use lru::LruCache;

use super::{Document, Id};

const DOCUMENTS_MAX: NonZeroUsize = NonZeroUsize::new(1_000).expect("is not zero");
const BYTES_MAX: u64 = 16 * 1_024 * 1_024;
/// What a token comes to in a parsed document: a field with its place, name, lists of arguments and
/// directives, and its own selections.
const TOKEN_BYTES: u64 = 256;
/// What a document has beside its tokens.
const DOCUMENT_BYTES: u64 = 512;

/// The last that were asked for, within bounds.
pub(super) struct Kept(Mutex<Inner>);

struct Inner {
    documents: LruCache<Id, Arc<Document>>,
    bytes: u64,
}

impl Default for Kept {
    fn default() -> Self {
        Self(Mutex::new(Inner {
            documents: LruCache::new(DOCUMENTS_MAX),
            bytes: 0,
        }))
    }
}

impl Kept {
    pub(super) fn get(&self, id: &Id) -> Option<Arc<Document>> {
        self.inner(|inner| inner.documents.get(id).cloned())
    }

    pub(super) fn put(&self, document: &Arc<Document>) {
        self.inner(|inner| {
            if inner.documents.contains(&document.id) {
                return;
            }
            inner.bytes += bytes(document);
            if let Some((_, gone)) = inner.documents.push(document.id, Arc::clone(document)) {
                inner.bytes -= bytes(&gone);
            }
            while inner.bytes > BYTES_MAX {
                let Some((_, gone)) = inner.documents.pop_lru() else {
                    return;
                };
                inner.bytes -= bytes(&gone);
            }
        });
    }

    fn inner<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        // Nothing in here panics half way; and a cache may forget.
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn bytes(document: &Document) -> u64 {
    DOCUMENT_BYTES + document.tokens * TOKEN_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::documents::{id, parse};

    fn document(text: &str) -> Arc<Document> {
        Arc::new(parse(id::of(text), text).unwrap_or_else(|_| panic!("{text} parses")))
    }

    fn state(kept: &Kept) -> (usize, u64) {
        kept.inner(|inner| {
            let all = inner.documents.iter();
            let counted = all.map(|(_, document)| bytes(document)).sum::<u64>();
            assert_eq!(counted, inner.bytes);
            (inner.documents.len(), inner.bytes)
        })
    }

    #[test]
    fn many_small_and_few_big_ones_stay_within_bounds() {
        let kept = Kept::default();
        for n in 0..2_500 {
            kept.put(&document(&format!("{{ a{n} }}")));
            // Used again and again, so it is not the one to go.
            kept.put(&document("{ often }"));
            assert!(kept.get(&id::of("{ often }")).is_some());
        }
        assert_eq!(state(&kept).0, DOCUMENTS_MAX.get());
        assert!(kept.get(&id::of("{ a2499 }")).is_some());
        assert!(kept.get(&id::of("{ a2 }")).is_none());
        for n in 0..100 {
            kept.put(&document(&format!("{{ a{n} {} }}", "b ".repeat(1_900))));
            assert!(state(&kept).1 <= BYTES_MAX);
        }
        assert!(state(&kept).0 < 100);
    }
}
