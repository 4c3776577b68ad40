//! Posts (任职): which public official holds or held which post. An official is known by the keyed
//! digest of the citizen number alone; the number itself is never kept.

use chrono::NaiveDate;

use crate::{
    id::{Kind, stable_id},
    uscc::Uscc,
};

/// One post of one official, without its identity and evidence.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Post {
    /// Keyed digest of the official's citizen number, in hexadecimal.
    pub person: String,
    /// The official's name; shown masked, and only where rights allow.
    pub name: String,
    /// The body.
    pub agency: Uscc,
    /// What the post is called.
    pub title: String,
    /// The first day in it.
    pub from: Option<NaiveDate>,
    /// The last day in it.
    pub to: Option<NaiveDate>,
}

impl Post {
    /// The stable number of the official who holds it.
    pub fn official_id(&self) -> i64 {
        official_id(&self.person)
    }

    /// Whether it is held on this day.
    pub fn is_held_on(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// The stable number of the official with this keyed digest of a citizen number.
pub fn official_id(person: &str) -> i64 {
    stable_id(Kind::Official, &[person])
}
