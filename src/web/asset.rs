//! A text that stands for as long as the process lives, and its entity tag.

use std::borrow::Cow;

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};

/// Whoever has it asks whether it is still the same.
const CACHED: HeaderValue = HeaderValue::from_static("no-cache");
const NO_SNIFFING: (HeaderName, HeaderValue) = (
    header::X_CONTENT_TYPE_OPTIONS,
    HeaderValue::from_static("nosniff"),
);

/// A file that is served as it is.
#[derive(Debug)]
pub(crate) struct Asset {
    kind: &'static str,
    bytes: Bytes,
    /// A strong entity tag, made of the bytes.
    tag: HeaderValue,
}

impl Asset {
    pub(crate) fn new(kind: &'static str, bytes: Cow<'static, str>) -> Self {
        let tag = format!("\"{}\"", crate::hex(&Sha256::digest(bytes.as_bytes())));
        Self {
            kind,
            bytes: match bytes {
                Cow::Borrowed(text) => Bytes::from_static(text.as_bytes()),
                Cow::Owned(text) => text.into(),
            },
            tag: HeaderValue::try_from(tag).expect("hexadecimal may stand in a header"),
        }
    }

    /// The file, or that it is still the one that the client has.
    pub(crate) fn answer(&self, headers: &HeaderMap) -> Response {
        let known = headers.get_all(header::IF_NONE_MATCH);
        let standing = [
            (header::ETAG, self.tag.clone()),
            (header::CACHE_CONTROL, CACHED),
            NO_SNIFFING,
        ];
        if known
            .iter()
            .any(|tags| names(tags.as_bytes(), self.tag.as_bytes()))
        {
            return (StatusCode::NOT_MODIFIED, standing).into_response();
        }
        let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(self.kind))];
        (standing, kind, self.bytes.clone()).into_response()
    }
}

/// Whether a list of entity tags names this one: by weak comparison, as RFC 9110 wants it here. What
/// stands behind something that is no tag is not looked at.
fn names(list: &[u8], tag: &[u8]) -> bool {
    let mut rest = list.trim_ascii();
    if rest == b"*" {
        return true;
    }
    loop {
        rest = rest.trim_ascii_start();
        let opaque = rest.strip_prefix(b"W/").unwrap_or(rest);
        let end = opaque.iter().skip(1).position(|byte| *byte == b'"');
        let Some(end) = end.filter(|_| opaque.starts_with(b"\"")) else {
            return false;
        };
        let (named, behind) = opaque.split_at(end + 2);
        if named == tag {
            return true;
        }
        match behind.trim_ascii_start().strip_prefix(b",") {
            Some(next) => rest = next,
            None => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_tag_is_found_in_whatever_list() {
        let is_named = |list: &str| names(list.as_bytes(), br#""abc""#);
        for list in [
            r#""abc""#,
            r#"W/"abc""#,
            "*",
            r#" "x,y" , W/"z","abc""#,
            r#""", "abc""#,
        ] {
            assert!(is_named(list), "{list}");
        }
        for list in [
            "",
            "abc",
            r#""abcd""#,
            r#""abc"#,
            r#""x" "abc""#,
            r#"x, "abc""#,
            r#""*""#,
            r#"w/"abc""#,
        ] {
            assert!(!is_named(list), "{list}");
        }
    }
}
