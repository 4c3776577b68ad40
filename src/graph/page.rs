//! Pages of ordered rows, by keyset: a cursor holds the values that a row is ordered by, so it
//! names a position and not a row, and rows that come or go meanwhile move nothing.

use std::cmp::Ordering;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

/// Rows in a page when the client names no number.
pub const PAGE_DEFAULT: usize = 20;
/// Rows in a page at most.
pub const PAGE_MAX: usize = 200;
/// A cursor is never longer: an order has few fields and their values are bounded.
const CURSOR_BYTES_MAX: usize = 16_384;

/// One value that rows are ordered by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Part {
    None,
    Int(i64),
    Text(String),
}

/// What a list is ordered by: a tag for the order, and for each part whether it descends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListOrder {
    pub tag: String,
    pub descending: Vec<bool>,
}

/// A position in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    #[serde(rename = "o")]
    tag: String,
    #[serde(rename = "k")]
    parts: Vec<Part>,
    #[serde(rename = "i")]
    id: i64,
}

/// Which page is wanted.
#[derive(Debug, Clone, Default)]
pub struct PageRequest {
    pub first: Option<i64>,
    pub last: Option<i64>,
    pub after: Option<String>,
    pub before: Option<String>,
}

/// Why there is no such page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    #[error("`{name}` is {found}, expected 0 to {PAGE_MAX}")]
    Size { name: &'static str, found: i64 },
    #[error("`first` and `last` can't be used together")]
    BothEnds,
    #[error("`{name}` is no cursor of this list in this order")]
    Cursor { name: &'static str },
}

/// A page of rows.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Rows with their cursors.
    pub rows: Vec<(u32, Cursor)>,
    pub has_next: bool,
    pub has_previous: bool,
}

/// Rows in order, and how to read what they are ordered by.
pub struct Paged<'a> {
    pub ordering: ListOrder,
    /// Sorted by `key`.
    pub rows: &'a [u32],
    pub key: &'a dyn Fn(u32) -> (Vec<Part>, i64),
    pub matches: &'a dyn Fn(u32) -> bool,
}

impl Cursor {
    /// As clients are given it: dear enough to be made only for those who ask for it.
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD
            .encode(serde_json::to_vec(self).expect("numbers and strings always serialise"))
    }

    fn decode(name: &'static str, text: &str, ordering: &ListOrder) -> Result<Self, PageError> {
        let bad = || PageError::Cursor { name };
        if text.len() > CURSOR_BYTES_MAX {
            return Err(bad());
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| bad())?;
        let cursor: Cursor = serde_json::from_slice(&bytes).map_err(|_| bad())?;
        if cursor.tag != ordering.tag || cursor.parts.len() != ordering.descending.len() {
            return Err(bad());
        }
        Ok(cursor)
    }
}

impl ListOrder {
    /// How two keys stand to each other in this order; ties are broken by number.
    pub fn compare(&self, a: &(Vec<Part>, i64), b: &(Vec<Part>, i64)) -> Ordering {
        for ((a, b), descending) in a.0.iter().zip(&b.0).zip(&self.descending) {
            let ordering = if *descending { b.cmp(a) } else { a.cmp(b) };
            if ordering != Ordering::Equal {
                return ordering;
            }
        }
        a.1.cmp(&b.1)
    }
}

impl Paged<'_> {
    /// The wanted page of the rows that match.
    pub fn page(&self, request: &PageRequest) -> Result<Page, PageError> {
        let first = size("first", request.first)?;
        let last = size("last", request.last)?;
        if first.is_some() && last.is_some() {
            return Err(PageError::BothEnds);
        }
        let from = match &request.after {
            None => 0,
            Some(text) => {
                let after = Cursor::decode("after", text, &self.ordering)?;
                self.position(&after, |ordering| ordering != Ordering::Greater)
            }
        };
        let to = match &request.before {
            None => self.rows.len(),
            Some(text) => {
                let before = Cursor::decode("before", text, &self.ordering)?;
                self.position(&before, |ordering| ordering == Ordering::Less)
            }
        };
        let window = self.rows.get(from..to).unwrap_or_default();
        let matches = |row: &&u32| (self.matches)(**row);
        let found: Vec<u32>;
        let (has_next, has_previous);
        if let Some(last) = last {
            let mut rows: Vec<u32> = window
                .iter()
                .rev()
                .filter(matches)
                .take(last + 1)
                .copied()
                .collect();
            has_previous = rows.len() > last;
            rows.truncate(last);
            rows.reverse();
            has_next = self.rows[to..].iter().any(|row| (self.matches)(*row));
            found = rows;
        } else {
            let first = first.unwrap_or(PAGE_DEFAULT);
            let mut rows: Vec<u32> = window
                .iter()
                .filter(matches)
                .take(first + 1)
                .copied()
                .collect();
            has_next = rows.len() > first
                || self.rows[to.max(from)..]
                    .iter()
                    .any(|row| (self.matches)(*row));
            rows.truncate(first);
            has_previous = self.rows[..from]
                .iter()
                .rev()
                .any(|row| (self.matches)(*row));
            found = rows;
        }
        let rows = found
            .into_iter()
            .map(|row| (row, self.cursor(row)))
            .collect();
        Ok(Page {
            rows,
            has_next,
            has_previous,
        })
    }

    fn cursor(&self, row: u32) -> Cursor {
        let (parts, id) = (self.key)(row);
        Cursor {
            tag: self.ordering.tag.clone(),
            parts,
            id,
        }
    }

    fn position(&self, cursor: &Cursor, before: impl Fn(Ordering) -> bool) -> usize {
        let wanted = (cursor.parts.clone(), cursor.id);
        self.rows
            .partition_point(|row| before(self.ordering.compare(&(self.key)(*row), &wanted)))
    }
}

/// How many rows a page without further ado has, or is asked to have.
pub fn page_size(name: &'static str, number: Option<i64>) -> Result<usize, PageError> {
    Ok(size(name, number)?.unwrap_or(PAGE_DEFAULT))
}

fn size(name: &'static str, number: Option<i64>) -> Result<Option<usize>, PageError> {
    match number {
        None => Ok(None),
        Some(found) => match usize::try_from(found) {
            Ok(size) if size <= PAGE_MAX => Ok(Some(size)),
            _ => Err(PageError::Size { name, found }),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: [u32; 7] = [6, 5, 4, 3, 2, 1, 0];

    /// Rows 6 … 0, of which the even ones match, ordered by their halves, descending.
    fn list<T>(use_it: impl FnOnce(&Paged<'_>) -> T) -> T {
        let key = |row: u32| (vec![Part::Int(i64::from(row / 2))], -i64::from(row));
        use_it(&Paged {
            ordering: ListOrder {
                tag: "half".to_owned(),
                descending: vec![true],
            },
            rows: &ROWS,
            key: &key,
            matches: &|row| row % 2 == 0,
        })
    }

    fn rows(page: &Page) -> Vec<u32> {
        page.rows.iter().map(|(row, _)| *row).collect()
    }

    #[test]
    fn pages_run_through_all_rows_in_both_directions() {
        list(|list| {
            let first = list
                .page(&PageRequest {
                    first: Some(2),
                    ..Default::default()
                })
                .expect("a page");
            assert_eq!(
                (rows(&first), first.has_next, first.has_previous),
                (vec![6, 4], true, false)
            );
            let after = Some(first.rows[1].1.text());
            let second = list
                .page(&PageRequest {
                    first: Some(2),
                    after,
                    ..Default::default()
                })
                .expect("a page");
            assert_eq!(
                (rows(&second), second.has_next, second.has_previous),
                (vec![2, 0], false, true)
            );
            let before = Some(second.rows[0].1.text());
            let back = list
                .page(&PageRequest {
                    last: Some(1),
                    before,
                    ..Default::default()
                })
                .expect("a page");
            assert_eq!(
                (rows(&back), back.has_next, back.has_previous),
                (vec![4], true, true)
            );
        });
    }

    #[test]
    fn impossible_pages_are_refused() {
        list(|list| {
            let ask = |request| list.page(&request).expect_err("no page");
            assert_eq!(
                ask(PageRequest {
                    first: Some(201),
                    ..Default::default()
                }),
                PageError::Size {
                    name: "first",
                    found: 201
                }
            );
            assert_eq!(
                ask(PageRequest {
                    last: Some(-1),
                    ..Default::default()
                }),
                PageError::Size {
                    name: "last",
                    found: -1
                }
            );
            assert_eq!(
                ask(PageRequest {
                    first: Some(1),
                    last: Some(1),
                    ..Default::default()
                }),
                PageError::BothEnds
            );
            let foreign = Cursor {
                tag: "other".to_owned(),
                parts: vec![Part::Int(1)],
                id: 1,
            }
            .text();
            for after in [foreign, "junk".to_owned(), "x".repeat(5_000)] {
                let request = PageRequest {
                    after: Some(after),
                    ..Default::default()
                };
                assert_eq!(ask(request), PageError::Cursor { name: "after" });
            }
        });
    }
}
