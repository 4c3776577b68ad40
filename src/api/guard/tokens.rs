//! A look at the text before it is parsed: how long, how many words, how deeply nested.

use super::{Refused, limit};

/// Bytes of a query's text.
const TEXT_BYTES_MAX: usize = 16 * 1_024;
const TOKENS_MAX: u64 = 2_000;
const NESTING_MAX: u64 = 32;

/// Whether it is worth looking at.
pub(crate) fn check_length(text: &str) -> Result<(), Refused> {
    limit("bytes", text.len() as u64, TEXT_BYTES_MAX as u64)
}

/// Counts tokens and brackets; strings and comments are skipped as a whole. Returns how many tokens
/// there are.
pub(crate) fn scan(text: &str) -> Result<u64, Refused> {
    let too_many = |what, limit| Err(Refused::TooMany { what, limit });
    check_length(text)?;
    let bytes = text.as_bytes();
    let (mut at, mut tokens, mut nesting) = (0, 0_u64, 0_u64);
    while let Some(byte) = bytes.get(at) {
        let is_word =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'+');
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                at += 1;
                continue;
            }
            b'#' => {
                at += bytes[at..]
                    .iter()
                    .take_while(|byte| **byte != b'\n')
                    .count();
                continue;
            }
            b'"' => at = end_of_string(bytes, at),
            b'{' | b'[' | b'(' => {
                nesting += 1;
                at += 1;
            }
            b'}' | b']' | b')' => {
                nesting = nesting.saturating_sub(1);
                at += 1;
            }
            byte if is_word(byte) => {
                at += bytes[at..].iter().take_while(|byte| is_word(byte)).count()
            }
            _ => at += 1,
        }
        tokens += 1;
        if tokens > TOKENS_MAX {
            return too_many("tokens", TOKENS_MAX);
        }
        if nesting > NESTING_MAX {
            return too_many("nested brackets", NESTING_MAX);
        }
    }
    Ok(tokens)
}

/// Behind the string that begins here; the end of the text where it does not end.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    if bytes[start..].starts_with(b"\"\"\"") {
        let mut at = start + 3;
        while at < bytes.len() {
            match &bytes[at..] {
                [b'\\', b'"', b'"', b'"', ..] => at += 4,
                [b'"', b'"', b'"', ..] => return at + 3,
                _ => at += 1,
            }
        }
        return at;
    }
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}
