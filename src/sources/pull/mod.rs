//! Pulling lists page by page. Each page is kept like a file before it is looked into, and all pages
//! of all lists are one delivery, so what reads files reads pages. A list that can't be shown to be
//! whole is refused.

mod error;
mod page;
mod query;

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Url;

use crate::{
    catalogue::{Extent, Paging, Pull, Source},
    clock::Clock,
    config::Place,
    egress::{self, Answer, Egress, Service},
};

use super::{
    Charset, Checkpoints, Journal, LandError, Landing,
    whole_text::{charset_of, in_utf8},
};
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
/// Pages that an interrupted run had landed are not fetched again: it began at `begun_at`. What came
/// before a failure stays in `landing`. Progress is told the rows of a list.
pub async fn pull<J: Journal>(
    service: &Service,
    landing: &mut Landing<'_, J>,
    base: &Url,
    (source, lists): (&Source, &[&Pull]),
    before: &Checkpoints,
    begun_at: Option<DateTime<Utc>>,
    progress: impl Fn(u64),
) -> Result<(), PullError> {
    let mut pages = Pages { landing, bytes: 0 };
    let now = service.now();
    let started_at = begun_at.map_or(now, |begun_at| begun_at.min(now));
    let started_at = started_at.with_timezone(&domain::date::china_offset());
    for pull in lists {
        let key = source.key.get_ref().as_str();
        let name = match pull.name() {
            "" => key.to_owned(),
            name => format!("{key}/{name}"),
        };
        let list = List {
            service,
            source,
            pull,
            address: address(base, &pull.path),
            since: before.get(&name).map(String::as_str),
            name,
        };
        list.pull(&mut pages, &progress).await?;
        if let Some(since) = &pull.since {
            let next = since.format.write(started_at - OVERLAP);
            pages.landing.fetched.checkpoints.insert(list.name, next);
        }
    }
    Ok(())
}

/// The pages that are kept.
struct Pages<'a, 'l, J> {
    landing: &'a mut Landing<'l, J>,
    /// All that came, also what was then left aside.
    bytes: u64,
}

/// One list.
struct List<'a> {
    service: &'a Service,
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
    async fn pull<J: Journal>(
        &self,
        pages: &mut Pages<'_, '_, J>,
        progress: &impl Fn(u64),
    ) -> Result<(), PullError> {
        let (start, bytes) = (pages.landing.fetched.files.len(), pages.bytes);
        let first = match self.walk(pages, None, progress).await {
            Err(error) if begins_anew(&error, pages.landing.is_again(start)) => {
                // What is walked over again was not fetched twice.
                if pages.landing.is_again(start) {
                    pages.bytes = bytes;
                }
                let left = pages.landing.leave_aside(start).await;
                left.map_err(|source| self.unlanded(0, source))?;
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
    async fn walk<J: Journal>(
        &self,
        kept: &mut Pages<'_, '_, J>,
        earlier: Option<&Seen>,
        progress: &impl Fn(u64),
    ) -> Result<Seen, PullError> {
        let list = || self.name.clone();
        let mut seen = Seen::default();
        let (mut full, mut cursors) = (HashSet::new(), HashSet::new());
        let (mut rows, mut total, mut cursor) = (0, None, None::<String>);
        let (mut came, mut known) = (0, HashSet::new());
        // The last page that an interrupted run had landed, while nothing was fetched behind it.
        let mut border: Option<(Position, [u8; 32])> = None;
        for pages in 0..self.pull.pages_max {
            let number = self.number(pages);
            let position = Position {
                pages,
                rows,
                cursor: cursor.clone(),
            };
            let again = match earlier {
                None => self.again(kept, number).await?,
                Some(_) => None,
            };
            let page = match again {
                Some(page) => {
                    border = Some((position, page.digest));
                    page
                }
                None => {
                    if let Some((position, digest)) = border.take() {
                        self.check_border(&position, digest).await?;
                    }
                    self.fetch(kept, &position, earlier.is_none()).await?
                }
            };
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
            // Of changes a row on two pages does no harm, for nothing is withdrawn that is lacking:
            // a row was put in before it, and all that were there still come. It stands for no other
            // row, though: where fewer different ones come than are declared, one was passed over,
            // and what was asked since would never tell it again. In a whole list the reader refuses
            // any row on two pages.
            came += match self.is_delta() {
                true => page.rows.iter().filter(|row| !known.contains(*row)).count() as u64,
                false => page.count,
            };
            if self.is_delta() {
                known.extend(page.rows);
            }
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
                (_, Some(total), _) => (true, came >= total || page.count == 0),
                (_, None, Some(declared)) => (true, pages + 1 >= declared),
                (_, None, None) => (false, page.count < self.pull.page_rows),
            };
            if is_last {
                if let Some(total) = total.filter(|total| came < *total && came < rows) {
                    return Err(PullError::Moved {
                        list: list(),
                        total,
                        came,
                    });
                }
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

    /// Whether it tells of changes only.
    fn is_delta(&self) -> bool {
        self.pull.extent.unwrap_or(self.source.extent) == Extent::Delta
    }

    /// A page as an interrupted run had landed it.
    async fn again<J: Journal>(
        &self,
        kept: &mut Pages<'_, '_, J>,
        number: u64,
    ) -> Result<Option<Page>, PullError> {
        let again = kept.landing.again(&self.page_name(number)).await;
        let again = again.map_err(|source| self.unlanded(number, source))?;
        let Some((landed, body)) = again else {
            return Ok(None);
        };
        kept.bytes += body.len() as u64;
        self.measure(number, &body, landed.charset).map(Some)
    }

    /// Asks once more for the last page that an interrupted run had landed. A row that comes or goes
    /// before it moves it, so where it is as it was, the pages behind it go with those before it; what
    /// balances out before it can't be told in one walk either.
    async fn check_border(&self, position: &Position, digest: [u8; 32]) -> Result<(), PullError> {
        let page = self.number(position.pages);
        let answer = self.ask(position).await?;
        let charset = charset_of(&answer.body, answer.charset());
        match self.measure(page, &answer.body, charset)?.digest == digest {
            true => Ok(()),
            false => Err(PullError::Unlike {
                list: self.name.clone(),
                page,
            }),
        }
    }

    async fn ask(&self, position: &Position) -> Result<Answer, PullError> {
        let (method, url, body) = query(&self.address, self.pull, position, self.since);
        let answer = self.service.call(method, url, body).await;
        answer.map_err(|source| PullError::Fetch {
            list: self.name.clone(),
            page: self.number(position.pages),
            source,
        })
    }

    /// Fetches a page, keeps it, and measures it.
    async fn fetch<J: Journal>(
        &self,
        kept: &mut Pages<'_, '_, J>,
        position: &Position,
        is_kept: bool,
    ) -> Result<Page, PullError> {
        let page = self.number(position.pages);
        let answer = self.ask(position).await?;
        let (body, declared) = (&answer.body, answer.charset());
        if is_kept {
            let name = self.page_name(page);
            let landed = kept.landing.land_declared(&name, body, declared).await;
            landed.map_err(|source| self.unlanded(page, source))?;
            kept.bytes += body.len() as u64;
            let bytes_max = self.source.bounds.file_bytes_max;
            if kept.bytes > bytes_max {
                return Err(PullError::TooLong {
                    list: self.name.clone(),
                    page,
                    bytes_max,
                });
            }
        }
        self.measure(page, body, charset_of(body, declared))
    }

    fn measure(
        &self,
        page: u64,
        body: &[u8],
        charset: Result<Charset, String>,
    ) -> Result<Page, PullError> {
        let text = charset.and_then(|charset| in_utf8(body, charset));
        let measured = text.and_then(|text| {
            let page = measure(&text, self.source, self.pull);
            page.map_err(|error| error.to_string())
        });
        measured.map_err(|reason| PullError::Page {
            list: self.name.clone(),
            page,
            reason,
        })
    }

    fn page_name(&self, number: u64) -> String {
        format!("{} page {number}", self.name)
    }

    fn unlanded(&self, page: u64, source: LandError) -> PullError {
        PullError::Land {
            list: self.name.clone(),
            page,
            source: Box::new(source),
        }
    }

    /// A page's number as the service counts, or from 1 where it does not count pages.
    fn number(&self, pages: u64) -> u64 {
        match self.pull.style {
            Paging::Pages => self.pull.first_page + pages,
            Paging::Offset | Paging::Cursor => 1 + pages,
        }
    }
}

/// Whether a list is walked through once more: a row may well come or go meanwhile, which once is no
/// sign of a broken source, and what an interrupted run had landed may not go with what is there now.
fn begins_anew(error: &PullError, is_again: bool) -> bool {
    match error {
        PullError::Shifting { .. } | PullError::Moved { .. } => true,
        PullError::Fetch { .. } => false,
        _ => is_again,
    }
}
