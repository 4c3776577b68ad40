//! Pulling lists page by page. Each page is kept like a file before it is looked into, and all pages
//! of all lists are one delivery, so what reads files reads pages. A list that can't be shown to be
//! whole is refused.

mod error;
mod page;
mod query;

use std::collections::HashSet;

use chrono::TimeDelta;
use reqwest::Url;

use crate::{
    catalogue::{Paging, Pull, Source},
    clock::Clock,
    config::Place,
    egress::{self, Egress, Service},
};

use super::{Checkpoints, Fetched, RawStore};
pub use error::PullError;
use page::{Page, measure};
use query::{Position, address, query};

/// How far back a list is asked for again: rows come late.
const OVERLAP: TimeDelta = TimeDelta::days(1);

/// The service behind a source's place, asked as the source's description says.
pub fn service(
    egress: &Egress,
    source: &Source,
    place: &Place,
    clock: &Clock,
) -> Result<Service, egress::Error> {
    let pace = place
        .requests_per_second
        .unwrap_or(source.service.requests_per_second);
    let door = egress.door(place)?.paced(pace);
    Service::new(door, source.service.signing, place, clock.clone())
}

/// Pulls all pages of these lists of a source below `base`, asking for what changed since `before`.
/// What came before a failure stays in `fetched`. Progress is told the rows of a list.
pub async fn pull(
    service: &Service,
    raw: &RawStore,
    base: &Url,
    (source, lists): (&Source, &[&Pull]),
    before: &Checkpoints,
    fetched: &mut Fetched,
    progress: impl Fn(u64),
) -> Result<(), PullError> {
    let mut pages = Pages { fetched, bytes: 0 };
    let started_at = service.now().with_timezone(&domain::date::china_offset());
    for pull in lists {
        let key = source.key.get_ref().as_str();
        let name = match pull.name() {
            "" => key.to_owned(),
            name => format!("{key}/{name}"),
        };
        let list = List {
            service,
            raw,
            source,
            pull,
            address: address(base, &pull.path),
            since: before.get(&name).map(String::as_str),
            name,
        };
        list.pull(&mut pages, &progress).await?;
        if let Some(since) = &pull.since {
            let next = since.format.write(started_at - OVERLAP);
            pages.fetched.checkpoints.insert(list.name, next);
        }
    }
    Ok(())
}

/// The pages that are kept.
struct Pages<'a> {
    fetched: &'a mut Fetched,
    /// All that came, also what was then left aside.
    bytes: u64,
}

/// One list.
struct List<'a> {
    service: &'a Service,
    raw: &'a RawStore,
    source: &'a Source,
    pull: &'a Pull,
    address: Url,
    since: Option<&'a str>,
    name: String,
}

/// The pages that a walk through a list saw.
#[derive(Default)]
struct Seen {
    digests: Vec<[u8; 32]>,
    /// Whether the list itself told where it ends.
    is_told: bool,
}

impl List<'_> {
    async fn pull(&self, pages: &mut Pages<'_>, progress: &impl Fn(u64)) -> Result<(), PullError> {
        let start = pages.fetched.files.len();
        let first = match self.walk(pages, None, progress).await {
            // A row may well come or go while a list is read: once is no sign of a broken source.
            Err(PullError::Shifting { .. }) => {
                pages.fetched.files.truncate(start);
                self.walk(pages, None, progress).await
            }
            walked => walked,
        }?;
        if self.pull.twice.unwrap_or(!first.is_told) {
            self.walk(pages, Some(&first), progress).await?;
        }
        Ok(())
    }

    /// Goes through the list once; where an earlier walk is given, every page must be as it was.
    async fn walk(
        &self,
        kept: &mut Pages<'_>,
        earlier: Option<&Seen>,
        progress: &impl Fn(u64),
    ) -> Result<Seen, PullError> {
        let list = || self.name.clone();
        let mut seen = Seen::default();
        let (mut full, mut cursors) = (HashSet::new(), HashSet::new());
        let (mut rows, mut total, mut cursor) = (0, None, None::<String>);
        for pages in 0..self.pull.pages_max {
            let number = self.number(pages);
            let position = Position {
                pages,
                rows,
                cursor: cursor.as_deref(),
            };
            let page = self.fetch(kept, &position, earlier.is_none()).await?;
            if page.count > 0 && !full.insert(page.digest) {
                return Err(PullError::Circle {
                    list: list(),
                    page: number,
                });
            }
            if let (Some(before), Some(after)) = (total, page.total)
                && before != after
            {
                return Err(PullError::Shifting {
                    list: list(),
                    page: number,
                    before,
                    after,
                });
            }
            total = total.or(page.total);
            rows += page.count;
            progress(rows);
            seen.digests.push(page.digest);
            if earlier
                .is_some_and(|earlier| earlier.digests.get(pages as usize) != seen.digests.last())
            {
                return Err(PullError::Unlike {
                    list: list(),
                    page: number,
                });
            }
            let (is_told, is_last) = match (self.pull.style, total, page.pages) {
                (Paging::Cursor, _, _) => (true, page.next.is_none()),
                // Where the rows end before their total, the reader tells, who counts them all.
                (_, Some(total), _) => (true, rows >= total || page.count == 0),
                (_, None, Some(declared)) => (true, pages + 1 >= declared),
                (_, None, None) => (false, page.count < self.pull.page_rows),
            };
            if is_last {
                seen.is_told = is_told;
                return Ok(seen);
            }
            if let Some(next) = &page.next
                && !cursors.insert(next.clone())
            {
                return Err(PullError::Circle {
                    list: list(),
                    page: number,
                });
            }
            cursor = page.next;
        }
        Err(PullError::Endless {
            list: list(),
            pages_max: self.pull.pages_max,
        })
    }

    /// Fetches a page, keeps it, and measures it.
    async fn fetch(
        &self,
        kept: &mut Pages<'_>,
        position: &Position<'_>,
        is_kept: bool,
    ) -> Result<Page, PullError> {
        let (list, page) = (|| self.name.clone(), self.number(position.pages));
        let (method, url, body) = query(&self.address, self.pull, position, self.since);
        let body = self.service.call(method, url, body).await;
        let body = body.map_err(|source| PullError::Fetch {
            list: list(),
            page,
            source,
        })?;
        if is_kept {
            let name = format!("{} page {page}", self.name);
            let landed = self.raw.land_bytes(&name, &body).await;
            kept.fetched
                .files
                .push(landed.map_err(|source| PullError::Land {
                    list: list(),
                    page,
                    source,
                })?);
            kept.bytes += body.len() as u64;
            let bytes_max = self.source.bounds.file_bytes_max;
            if kept.bytes > bytes_max {
                return Err(PullError::TooLong {
                    list: list(),
                    page,
                    bytes_max,
                });
            }
        }
        measure(&body, self.source, self.pull).map_err(|error| PullError::Page {
            list: list(),
            page,
            reason: error.to_string(),
        })
    }

    /// A page's number as the service counts, or from 1 where it does not count pages.
    fn number(&self, pages: u64) -> u64 {
        match self.pull.style {
            Paging::Pages => self.pull.first_page + pages,
            Paging::Offset | Paging::Cursor => 1 + pages,
        }
    }
}
