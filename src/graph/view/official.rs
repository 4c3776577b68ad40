//! Public officials as a viewer sees them. Nothing of one is ever published, and without a purpose
//! that his role may state none exists for a viewer.

use chrono::NaiveDate;
use domain::{access::RowRule, person_name::masked_name, post::Post};

use super::{
    super::{PageError, PageRequest, RecordPredicate, page::Paged},
    Found, View, find,
};

/// Posts of one official that are shown; nobody holds so many.
const POSTS_MAX: usize = 50;

/// A post in a body that the viewer may see.
#[derive(Debug, Clone)]
pub struct SeenPost {
    /// The body's row.
    pub agency: u32,
    pub title: String,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

impl View {
    /// The number of the official in this row, if the viewer may see him.
    pub fn official_at(&self, row: u32) -> Option<i64> {
        let number = self.graph.officials.number(row)?;
        self.sees_official(number).then_some(number)
    }

    /// The row of the official with this number, if the viewer may see him.
    pub fn official_row(&self, number: i64) -> Option<u32> {
        let row = self.graph.officials.row(number)?;
        self.sees_official(number).then_some(row)
    }

    /// An official is as visible as a body in which he holds a post, and once he holds none as one
    /// in which he held his.
    pub(super) fn sees_official(&self, number: i64) -> bool {
        let rule = self.rules.official;
        if rule == RowRule::All || self.finds_official(number) {
            return true;
        }
        if matches!(rule, RowRule::Nothing | RowRule::Published) {
            return false;
        }
        let posts = self.present.officials.posts_of(number);
        let is_held = |post: &Post| post.is_held_on(self.today);
        let holds_one = posts.iter().any(|post| is_held(&post.fact));
        let mut counting = posts
            .iter()
            .filter(|post| !holds_one || is_held(&post.fact));
        counting.any(|post| {
            let agency = self.present.agency_by_uscc.get(&post.fact.agency);
            agency.is_some_and(|row| self.passes_now(rule, *row))
        })
    }

    /// The name by the latest post, as far as it is shown; by the first one where none had begun.
    pub fn official_name(&self, row: u32) -> Option<String> {
        let number = self.official_at(row)?;
        let posts = self.graph.officials.posts_of(number);
        let begun = posts.iter().find(|post| self.has_begun(post.fact.from));
        let post = begun.or(posts.last())?;
        Some(masked_name(&post.fact.name))
    }

    /// An official's posts in bodies that the viewer may see, the latest first.
    pub fn posts_of(&self, row: u32) -> Vec<SeenPost> {
        let number = self.official_at(row);
        let posts = number.map(|number| self.graph.officials.posts_of(number));
        let posts = posts.into_iter().flatten();
        let begun = posts.filter(|post| self.has_begun(post.fact.from));
        let posts = begun.filter_map(|post| {
            Some(SeenPost {
                agency: self.agency_row_by_uscc(&post.fact.agency)?,
                title: post.fact.title.clone(),
                from: post.fact.from,
                to: post.fact.to.filter(|on| self.has_begun(Some(*on))),
            })
        });
        posts.take(POSTS_MAX).collect()
    }

    /// Those who hold a post in this body on the day of which is told, by their numbers: an order by names would tell them.
    pub fn officials_of(
        &self,
        agency: u32,
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let officials = &self.graph.officials;
        let code = self.agency_at(agency).map(|agency| agency.fact.uscc);
        let posts = code.map(|code| officials.posts_at(&code));
        let held = posts.into_iter().flatten();
        let held = held.filter(|post| post.fact.is_held_on(self.day()));
        let mut numbers: Vec<i64> = held.map(|post| post.fact.official_id()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let rows: Vec<u32> = numbers.iter().filter_map(|id| officials.row(*id)).collect();
        let key = |row: u32| (Vec::new(), officials.number(row).unwrap_or_default());
        let matches = |row: u32| self.official_at(row).is_some();
        let ordering = self.ordering::<()>(&("officials", code), &[]);
        find(
            &Paged {
                ordering,
                rows: &rows,
                key: &key,
                matches: &matches,
            },
            request,
            with_total,
        )
    }

    /// An official's records.
    pub fn records_of_official(
        &self,
        row: u32,
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let number = self.official_at(row);
        let rows = number.map_or(&[][..], |number| self.graph.records_of.rows(&number));
        let all = RecordPredicate::All(Vec::new());
        self.page_records_of(number, rows, &all, request, with_total)
    }
}
