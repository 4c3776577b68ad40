//! Texts that stand in memory as a whole, a service's page and a letter's part, in the same order of
//! charsets as files.

use std::{borrow::Cow, io::Read};

use encoding_rs::{Encoding, GB18030};

use super::text::{Charset, CharsetWatch, DecodedReader, UTF8_SEQUENCES_SURE};

/// Labels of a charset of seven bits, which web browsers take for a wider one.
const ASCII: [&str; 3] = ["us-ascii", "ascii", "ansi_x3.4-1968"];

/// The charset of a page whose transport declares one.
pub(super) fn charset_of(page: &[u8], declared: Option<&str>) -> Result<Charset, String> {
    let mut watch = CharsetWatch::declaring(declared);
    watch.take(page);
    watch.finish()
}

/// A page of this charset in UTF-8, without its byte-order mark.
pub(super) fn in_utf8(page: &[u8], charset: Charset) -> Result<Cow<'_, [u8]>, String> {
    if charset == Charset::Utf8Bom {
        return Ok(Cow::Borrowed(&page[page.len().min(3)..]));
    }
    let Some(encoding) = charset.encoding() else {
        return Ok(Cow::Borrowed(page));
    };
    let mut text = Vec::new();
    let read = DecodedReader::new(page, encoding).read_to_end(&mut text);
    read.map_err(|error| error.to_string())?;
    Ok(Cow::Owned(text))
}

/// The text of a letter's part. Where it is of no charset, what can't be read is marked as lost: one
/// bad byte must not cost a letter, and of many `mojibake` takes note.
pub(super) fn text_of(part: &[u8], declared: Option<&str>) -> String {
    if let Some((encoding, mark)) = Encoding::for_bom(part) {
        let (text, _) = encoding.decode_without_bom_handling(&part[mark..]);
        return text.into_owned();
    }
    let declared = declared
        .map(str::trim)
        .filter(|label| !ASCII.iter().any(|ascii| label.eq_ignore_ascii_case(ascii)))
        .and_then(|label| Encoding::for_label(label.as_bytes()));
    // UTF-16 and charsets that shift are of ASCII's bytes too, but no text has their controls.
    let is_shifted = declared.is_some_and(|encoding| !encoding.is_ascii_compatible())
        && part.iter().any(|byte| [0, 0x1B].contains(byte));
    match std::str::from_utf8(part) {
        Ok(text) if !is_shifted => return text.to_owned(),
        Err(error) if is_surely_utf8(&part[..error.valid_up_to()]) => {
            return String::from_utf8_lossy(part).into_owned();
        }
        _ => {}
    }
    let strict = |encoding: &'static Encoding| {
        encoding.decode_without_bom_handling_and_without_replacement(part)
    };
    let read = declared.and_then(strict).or_else(|| strict(GB18030));
    let lossy = || {
        let encoding = declared.unwrap_or(GB18030);
        encoding.decode_without_bom_handling(part).0
    };
    read.unwrap_or_else(lossy).into_owned()
}

fn is_surely_utf8(valid: &[u8]) -> bool {
    // A byte that begins a sequence beyond ASCII has both upper bits set.
    valid.iter().filter(|byte| **byte >= 0xC0).count() as u64 >= UTF8_SEQUENCES_SURE
}

#[cfg(test)]
mod tests {
    use encoding_rs::{BIG5, ISO_2022_JP};

    use super::*;

    const TEXT: &str = "被反映单位：佛山市样例局\n承诺的样例奖补未兑现。";

    #[test]
    fn a_part_is_read_whatever_wrong_charset_it_declares() {
        let (gb, ..) = GB18030.encode(TEXT);
        let with_mark = format!("\u{feff}{TEXT}");
        for label in [
            None,
            Some("utf-8"),
            Some("gb2312"),
            Some("us-ascii"),
            Some("x-none"),
        ] {
            assert_eq!(text_of(TEXT.as_bytes(), label), TEXT, "UTF-8 as {label:?}");
            assert_eq!(text_of(with_mark.as_bytes(), label), TEXT, "BOM, {label:?}");
            assert_eq!(text_of(&gb, label), TEXT, "GB18030 as {label:?}");
        }
    }

    #[test]
    fn a_right_label_counts_where_the_bytes_are_no_utf_8() {
        let (big5, ..) = BIG5.encode("樣例局");
        assert_eq!(text_of(&big5, Some("big5")), "樣例局");
        let (shifted, ..) = ISO_2022_JP.encode("様例");
        assert_eq!(text_of(&shifted, Some("iso-2022-jp")), "様例");
        let wide: Vec<u8> = "A样".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(text_of(&wide, Some("utf-16le")), "A样");
        assert_eq!(text_of(TEXT.as_bytes(), Some("utf-16")), TEXT);
    }

    #[test]
    fn one_bad_byte_in_a_long_part_is_marked_and_the_rest_is_kept() {
        let long = TEXT.repeat(3);
        let damaged = [long.as_bytes(), &[0xFF], b"!"].concat();
        for label in [Some("utf-8"), Some("gb2312"), None] {
            assert_eq!(text_of(&damaged, label), format!("{long}\u{fffd}!"));
        }
    }

    #[test]
    fn pages_lose_mark_and_charset() {
        let (gb, ..) = GB18030.encode(TEXT);
        let marked = format!("\u{feff}{TEXT}");
        for (page, declared) in [
            (TEXT.as_bytes(), Some("gbk")),
            (marked.as_bytes(), None),
            (&gb, Some("utf-8")),
            (&gb, None),
        ] {
            let charset = charset_of(page, declared).expect("it has one");
            let text = in_utf8(page, charset).expect("it is of it");
            assert_eq!(text, TEXT.as_bytes(), "{declared:?}");
        }
        assert!(charset_of(&gb, Some("shift_jis")).is_err());
    }
}
