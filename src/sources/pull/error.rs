//! Why a list could not be pulled.

use crate::{egress, sources::LandError};

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
        source: Box<LandError>,
    },
    #[error("page {page} of {list} is no page: it {reason}")]
    Page {
        list: String,
        page: u64,
        reason: String,
    },
    #[error(
        "page {page} of {list} says what an earlier page said: the list goes round in a circle"
    )]
    Circle { list: String, page: u64 },
    #[error("{list} has more than {pages_max} pages")]
    Endless { list: String, pages_max: u64 },
    #[error("the pages up to page {page} of {list} have more than {bytes_max} bytes")]
    TooLong {
        list: String,
        page: u64,
        bytes_max: u64,
    },
    #[error(
        "{list} said {before} rows in total and on page {page} {after}, when it was fetched again \
         too: rows shift between its pages"
    )]
    Shifting {
        list: String,
        page: u64,
        before: u64,
        after: u64,
    },
    #[error(
        "{list} said {total} rows in total, and {came} came, some of them on two pages: rows moved \
         between its pages, and others were passed over"
    )]
    Moved { list: String, total: u64, came: u64 },
    #[error(
        "page {page} of {list} was another one when it was fetched again; it declares no total, so \
         that it is whole can't be told"
    )]
    Unlike { list: String, page: u64 },
}
