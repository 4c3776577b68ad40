//! Pulling a list page by page. Each page is kept like a file, and all pages are one delivery, so
//! what reads files reads pages.

use reqwest::Url;
use serde_json::Value;

use crate::{
    catalogue::{Envelope, Pull, Source},
    egress::{self, Egress},
};

use super::{LandError, Landed, RawStore};

/// Pages of one list at most: a source that never ends is a broken one.
const PAGES_MAX: u64 = 100_000;

/// Why a list could not be pulled; nothing of its delivery is stored.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    #[error("page {page} of {list}: {source}")]
    Fetch {
        list: String,
        page: u64,
        source: egress::Error,
    },
    #[error("page {page} of {list}: {source}")]
    Land {
        list: String,
        page: u64,
        source: LandError,
    },
    #[error("page {page} of {list} is no page: {reason}")]
    Page {
        list: String,
        page: u64,
        reason: String,
    },
    #[error("{list} has more than {PAGES_MAX} pages")]
    Endless { list: String },
    #[error("the configured address of {list} is none: {reason}")]
    Address { list: String, reason: String },
}

/// Pulls all pages of a list below `base`. A page that is not full is the last one; where a total
/// is declared, the pages go on until it is reached, and a source that stops before is told by the
/// reader, which counts the rows of the delivery.
pub async fn pull_pages(
    egress: &Egress,
    raw: &RawStore,
    base: &str,
    bearer: Option<&str>,
    source: &Source,
    pull: &Pull,
    mut progress: impl FnMut(u64),
) -> Result<Vec<Landed>, PullError> {
    let address =
        [base.trim_end_matches('/'), &pull.path].join(if pull.path.is_empty() { "" } else { "/" });
    let list = [source.key.get_ref().as_str(), &pull.path].join(if pull.path.is_empty() {
        ""
    } else {
        "/"
    });
    let mut pages = Vec::new();
    let mut rows = 0;
    for number in (pull.first_page..).take(PAGES_MAX as usize) {
        let url = Url::parse_with_params(
            &address,
            [
                (pull.page.as_str(), number.to_string()),
                (pull.size.as_str(), pull.page_rows.to_string()),
            ],
        )
        .map_err(|error| PullError::Address {
            list: list.clone(),
            reason: error.to_string(),
        })?;
        let fetch = |source| PullError::Fetch {
            list: list.clone(),
            page: number,
            source,
        };
        let body = egress.get(&url, bearer).await.map_err(fetch)?;
        let name = format!("{list} page {number}");
        let land = |source| PullError::Land {
            list: list.clone(),
            page: number,
            source,
        };
        pages.push(raw.land_bytes(&name, &body).await.map_err(land)?);
        let (count, total) =
            measure(&body, &source.envelope).map_err(|reason| PullError::Page {
                list: list.clone(),
                page: number,
                reason,
            })?;
        rows += count;
        progress(rows);
        let is_last = match total {
            Some(total) => rows >= total || count == 0,
            None => count < pull.page_rows,
        };
        if is_last {
            return Ok(pages);
        }
    }
    Err(PullError::Endless { list })
}

/// How many rows a page has, and the total that it declares.
fn measure(body: &[u8], envelope: &Envelope) -> Result<(u64, Option<u64>), String> {
    let page: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let rows = envelope
        .rows
        .iter()
        .find_map(|pointer| page.pointer(pointer)?.as_array());
    let total = envelope.total.iter().find_map(|pointer| {
        let total = page.pointer(pointer)?;
        total.as_u64().or_else(|| total.as_str()?.parse().ok())
    });
    match rows {
        Some(rows) => Ok((rows.len() as u64, total)),
        None => Err(format!(
            "no list of rows at any of {}",
            envelope.rows.join(", ")
        )),
    }
}
