//! Paging dialects: how a list is asked for, page by page.

use std::{collections::BTreeMap, fmt};

use chrono::{
    DateTime, FixedOffset,
    format::{Item, StrftimeItems},
};
use serde::Deserialize;
use serde_json::Value;

use super::Extent;

/// Pages of one list at most, where a description says nothing: a source that never ends is a broken
/// one.
const PAGES_MAX: u64 = 100_000;

/// One list that is pulled page by page.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pull {
    /// What reports and checkpoints call it, where two lists have the same path.
    pub name: Option<String>,
    /// Below the source's configured address.
    pub path: String,
    #[serde(default)]
    pub method: Asking,
    #[serde(default)]
    pub style: Paging,
    /// The parameter that says where the page begins, by `style`: its number, offset or cursor.
    pub page: String,
    /// The parameter for the rows of a page; none where the service decides.
    pub size: Option<String>,
    /// The first page's number or offset.
    #[serde(default = "first_page")]
    pub first_page: u64,
    pub page_rows: u64,
    /// Parameters that are always the same.
    #[serde(default)]
    pub parameters: BTreeMap<String, Value>,
    /// A JSON pointer to the declared number of pages; the declared total of rows stands in the
    /// envelope.
    pub pages: Option<String>,
    /// A JSON pointer to the next cursor; there is nothing more where it is empty.
    pub cursor: Option<String>,
    /// Asks only for what changed since the last time.
    pub since: Option<Since>,
    /// What a delivery of it says, where that is not what its source usually says.
    pub extent: Option<Extent>,
    /// It is pulled only from places that name it.
    #[serde(default)]
    pub only_if_named: bool,
    /// Fetched a second time, which must say the same: where nothing is said, this is done with a
    /// list that declares neither total nor pages nor cursor.
    pub twice: Option<bool>,
    #[serde(default = "pages_max")]
    pub pages_max: u64,
}

/// How a page is asked for; parameters stand in the query, or in a JSON body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asking {
    #[default]
    Get,
    Post,
}

/// What says where a page begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Paging {
    #[default]
    Pages,
    Offset,
    Cursor,
}

/// A parameter that asks only for what is newer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Since {
    pub parameter: String,
    pub format: TimeFormat,
}

/// How a moment is written, in the signs of `strftime`.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct TimeFormat(String);

impl TimeFormat {
    /// A moment in this form.
    pub fn write(&self, moment: DateTime<FixedOffset>) -> String {
        moment.format(&self.0).to_string()
    }
}

impl TryFrom<String> for TimeFormat {
    type Error = BadFormat;

    fn try_from(text: String) -> Result<Self, BadFormat> {
        // An unknown sign would be told only when it is used, by a panic.
        let is_bad = StrftimeItems::new(&text).any(|item| matches!(item, Item::Error));
        if is_bad || text.is_empty() {
            return Err(BadFormat(text));
        }
        Ok(Self(text))
    }
}

/// A text that is no form of a moment.
#[derive(Debug)]
pub struct BadFormat(String);

impl fmt::Display for BadFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "format {:?}, expected one such as \"%Y-%m-%d\"", self.0)
    }
}

impl Pull {
    /// What its keys say against each other.
    pub(super) fn fault(&self, extent: Extent) -> Option<&'static str> {
        if (self.style == Paging::Cursor) != self.cursor.is_some() {
            return Some("cursor goes with style = \"cursor\" and with nothing else");
        }
        if self.since.is_some() && self.extent.unwrap_or(extent) == Extent::Full {
            return Some("since asks for changes, which goes with extent = \"delta\"");
        }
        if self.page_rows == 0 || self.pages_max == 0 {
            return Some("page_rows and pages_max must be more than 0");
        }
        None
    }

    /// Its name in checkpoints.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.path)
    }
}

fn first_page() -> u64 {
    1
}

fn pages_max() -> u64 {
    PAGES_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pull(more: &str) -> Result<Pull, String> {
        let text = format!("path = \"list\"\npage = \"page\"\npage_rows = 10\n{more}");
        toml::from_str(&text).map_err(|error| error.to_string())
    }

    #[test]
    fn keys_that_contradict_each_other_are_told() {
        for (more, extent, says) in [
            ("style = \"cursor\"", Extent::Full, "cursor"),
            ("cursor = \"/next\"", Extent::Full, "cursor"),
            (
                "since = { parameter = \"from\", format = \"%Y-%m-%d\" }",
                Extent::Full,
                "delta",
            ),
            ("pages_max = 0", Extent::Delta, "pages_max"),
        ] {
            let fault = pull(more).expect("its keys are known").fault(extent);
            assert!(fault.is_some_and(|fault| fault.contains(says)), "{more}");
        }
        let good = pull("style = \"cursor\"\ncursor = \"/next\"").expect("good");
        assert_eq!(good.fault(Extent::Full), None);
    }

    #[test]
    fn a_format_that_is_none_is_told_at_once() {
        for bad in ["%Q", "", "%Y-%"] {
            let said = pull(&format!(
                "since = {{ parameter = \"from\", format = \"{bad}\" }}"
            ));
            assert!(said.is_err_and(|error| error.contains("format")), "{bad}");
        }
    }
}
