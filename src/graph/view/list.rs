//! A list as it is paged through: filtered, and in the order in which it is kept or in another.

use std::fmt::Debug;

use super::{
    super::{
        PageError, PageRequest,
        page::{Paged, Part},
    },
    Found, View, find, sort,
};

/// Where a row stands in an order: by what its fields are, then by its number.
type KeyOf<'a, F> = dyn Fn(u32, &[(F, bool)]) -> (Vec<Part>, i64) + 'a;

/// A list of rows.
pub(super) struct List<'a, F> {
    /// Which one, with its filter: what its cursors are good for.
    pub(super) name: &'a dyn Debug,
    /// Its rows, as they are kept.
    pub(super) rows: &'a [u32],
    /// The order in which they are.
    pub(super) kept: &'a [(F, bool)],
    /// Whether a row is meant.
    pub(super) matches: &'a dyn Fn(u32) -> bool,
    /// A row's place in an order.
    pub(super) key: &'a KeyOf<'a, F>,
}

impl View {
    /// A page of a list in the wanted order; as it is kept by default.
    pub(super) fn page_of<F: Debug + PartialEq>(
        &self,
        list: &List<'_, F>,
        order: &[(F, bool)],
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let order = if order.is_empty() { list.kept } else { order };
        let key = |row: u32| (list.key)(row, order);
        let ordering = self.ordering(list.name, order);
        let sorted;
        let rows = if order == list.kept {
            list.rows
        } else {
            let rows = list.rows.iter().copied();
            let matching = rows.filter(|row| (list.matches)(*row)).collect();
            sorted = sort(matching, &ordering, &key);
            &sorted
        };
        let paged = Paged {
            ordering,
            rows,
            key: &key,
            matches: list.matches,
        };
        find(&paged, request, with_total)
    }
}
