//! Public officials with their posts: found by their number, by the body, by the name that a masked
//! listing gives.

use std::sync::Arc;

use domain::{
    name::normalise,
    official::Register,
    person_name::{has_hidden, may_be},
    post::Post,
    uscc::Uscc,
};

use crate::store::Known;

use super::{
    Graph, Slots,
    column::{Column, Index},
};

/// An official is there as long as he has a post; his row stays.
#[derive(Debug, Clone, Default)]
pub(super) struct Officials {
    posts: Slots<Post>,
    post_by_id: Index<i64, u32>,
    /// The officials' stable numbers.
    numbers: Column<i64>,
    row_by_number: Index<i64, u32>,
    /// Rows of an official's posts, by his number.
    posts_of: Index<i64, Vec<u32>>,
    /// Rows of the posts in a body, by its code.
    posts_at: Index<Uscc, Vec<u32>>,
    posts_by_name: Index<Box<str>, Vec<u32>>,
    posts_by_shape: Index<Shape, Vec<u32>>,
}

/// The first character of a name, and how many it has.
type Shape = (char, usize);

impl Officials {
    pub(super) fn put(&mut self, new: Known<Post>) {
        self.end(new.id);
        let official = new.fact.official_id();
        let (id, agency, name) = (new.id, new.fact.agency, normalise(&new.fact.name));
        let new = Some(Arc::new(new));
        let row = match self.post_by_id.get(&id).copied() {
            Some(row) => {
                if let Some(slot) = self.posts.get_mut(row) {
                    *slot = new;
                }
                row
            }
            None => {
                let row = self.posts.push(new);
                self.post_by_id.insert(id, row);
                row
            }
        };
        if self.row_by_number.get(&official).is_none() {
            let place = self.numbers.push(official);
            self.row_by_number.insert(official, place);
        }
        self.posts_of.add(official, row);
        self.posts_at.add(agency, row);
        if let Some(shape) = shape(&name) {
            self.posts_by_shape.add(shape, row);
        }
        self.posts_by_name.add(name.into(), row);
    }

    pub(super) fn end(&mut self, id: i64) {
        let Some(row) = self.post_by_id.get(&id).copied() else {
            return;
        };
        if let Some(old) = self.posts.get(row).cloned().flatten() {
            let post = &old.fact;
            self.posts_of.remove(&post.official_id(), row);
            self.posts_at.remove(&post.agency, row);
            let name = normalise(&post.name);
            if let Some(shape) = shape(&name) {
                self.posts_by_shape.remove(&shape, row);
            }
            self.posts_by_name.remove(name.as_str(), row);
        }
        if let Some(slot) = self.posts.get_mut(row) {
            *slot = None;
        }
    }

    /// Whose post this is.
    pub(super) fn holder(&self, post: i64) -> Option<i64> {
        let row = self.post_by_id.get(&post)?;
        Some(self.posts.get(*row)?.as_ref()?.fact.official_id())
    }

    /// The number of the official in this row.
    pub(super) fn number(&self, row: u32) -> Option<i64> {
        self.numbers.get(row).copied()
    }

    /// The row of the official with this number.
    pub(super) fn row(&self, number: i64) -> Option<u32> {
        self.row_by_number.get(&number).copied()
    }

    /// An official's posts, the latest first.
    pub(super) fn posts_of(&self, number: i64) -> Vec<&Known<Post>> {
        let mut posts = self.filled(self.posts_of.rows(&number));
        posts.sort_unstable_by_key(|post| std::cmp::Reverse((post.fact.from, post.id)));
        posts
    }

    /// The posts in a body.
    pub(super) fn posts_at(&self, agency: &Uscc) -> Vec<&Known<Post>> {
        self.filled(self.posts_at.rows(agency))
    }

    fn filled(&self, rows: &[u32]) -> Vec<&Known<Post>> {
        let posts = rows
            .iter()
            .filter_map(|row| self.posts.get(*row)?.as_deref());
        posts.collect()
    }
}

/// What a masked name shows for sure.
fn shape(name: &str) -> Option<Shape> {
    Some((name.chars().next()?, name.chars().count()))
}

impl Register for Graph {
    fn posts_of(&self, official: i64) -> Vec<&Post> {
        let posts = self.officials.posts_of(official);
        posts.into_iter().map(|post| &post.fact).collect()
    }

    fn bears(&self, normalised: &str) -> bool {
        let officials = &self.officials;
        if !has_hidden(normalised) {
            return !officials.posts_by_name.rows(normalised).is_empty();
        }
        let alike =
            shape(normalised).map_or(&[][..], |shape| officials.posts_by_shape.rows(&shape));
        let posts = alike
            .iter()
            .filter_map(|row| officials.posts.get(*row)?.as_ref());
        let mut names = posts.map(|post| normalise(&post.fact.name));
        names.any(|name| may_be(normalised, &name))
    }
}
