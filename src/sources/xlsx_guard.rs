//! What a workbook may be, checked before it is opened. The library that reads it loads shared
//! strings, styles and relationships whole, reserves what a part declares, copies a font into each
//! style that names it and computes with cell references as they come, so each of that is bounded
//! here, over the bytes that really come out of the archive.

use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};

use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::{
    Unreadable,
    xml_tokens::{TOKEN_BYTES_MAX, XmlTokens, attributes},
};

/// Entries of the archive at most.
const ENTRIES_MAX: usize = 1_000;
/// Inflated bytes of all entries together at most.
const INFLATED_BYTES_MAX: u64 = 256 * 1_048_576;
/// How many times the archive's bytes that may be, once it is more than `RATIO_FREE_BYTES`.
const RATIO_MAX: u64 = 100;
const RATIO_FREE_BYTES: u64 = 8 * 1_048_576;
/// Inflated bytes of the shared strings, and how many there may be.
const STRINGS_BYTES_MAX: u64 = 48 * 1_048_576;
const STRINGS_MAX: u64 = 1_500_000;
/// Inflated bytes of any other part that is loaded whole.
const LOADED_BYTES_MAX: u64 = 8 * 1_048_576;
/// Bytes of a tag in the styles, whose texts are copied into each of at most so many styles.
const STYLE_TOKEN_BYTES_MAX: usize = 4_096;
const STYLES_MAX: u64 = 16_384;
/// Sheets at most.
const SHEETS_MAX: u64 = 64;
/// Bytes of one cell or string, markup included.
const CELL_BYTES_MAX: u64 = 4 * 1_048_576;

/// Opens the archive of a workbook, if it is one that can be read without harm.
pub(super) fn check(mut input: impl Read + Seek) -> Result<(), Unreadable> {
    count_headers(&mut input)?;
    let bytes = input.seek(SeekFrom::End(0)).map_err(failed)?;
    input.rewind().map_err(failed)?;
    let mut archive = ZipArchive::new(input).map_err(|error| damaged(&error))?;
    if archive.len() > ENTRIES_MAX {
        return Err(too_much("entries", ENTRIES_MAX as u64));
    }
    let mut budget = INFLATED_BYTES_MAX.min((bytes * RATIO_MAX).max(RATIO_FREE_BYTES));
    for place in 0..archive.len() {
        let mut entry = archive.by_index(place).map_err(|error| damaged(&error))?;
        let name = entry.name().map_err(|error| damaged(&error))?;
        let name = name.to_ascii_lowercase();
        let part = Part::named(&name);
        let bytes_max = budget.min(part.bytes_max());
        if entry.size() > bytes_max {
            return Err(inflated(&name, bytes_max));
        }
        let mut counted = (&mut entry).take(bytes_max + 1);
        let checked = match part {
            Part::Other => std::io::copy(&mut counted, &mut std::io::sink())
                .map(drop)
                .map_err(failed),
            part => check_part(part, &mut counted),
        };
        // Where the bound was reached, that is what is wrong.
        let left = counted.limit();
        if left == 0 {
            return Err(inflated(&name, bytes_max));
        }
        checked.map_err(|error| Unreadable::new(format!("{name}: {}", error.reason)))?;
        budget -= bytes_max + 1 - left;
    }
    Ok(())
}

/// A directory of millions of entries must not be loaded: headers of entries are counted in the
/// bytes, where a nested archive's count, too.
fn count_headers(input: &mut (impl Read + Seek)) -> Result<(), Unreadable> {
    const HEADER: u32 = u32::from_be_bytes(*b"PK\x01\x02");
    input.rewind().map_err(failed)?;
    let (mut window, mut headers) = (0_u32, 0);
    let mut chunk = vec![0; 64 * 1_024];
    loop {
        let read = input.read(&mut chunk).map_err(failed)?;
        if read == 0 {
            return Ok(());
        }
        for byte in &chunk[..read] {
            window = window << 8 | u32::from(*byte);
            headers += usize::from(window == HEADER);
        }
        if headers > ENTRIES_MAX {
            return Err(too_much("entries", ENTRIES_MAX as u64));
        }
    }
}

/// What is known of a part by its name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Strings,
    Styles,
    Relationships,
    /// A sheet, the workbook, or what the library does not look at.
    Xml,
    /// Pictures and the like; no part that is read may have such a name.
    Other,
}

impl Part {
    fn named(name: &str) -> Self {
        if name.ends_with("sharedstrings.xml") {
            Part::Strings
        } else if name.ends_with("styles.xml") {
            Part::Styles
        } else if name.ends_with(".rels") {
            Part::Relationships
        } else if name.ends_with(".xml") {
            Part::Xml
        } else {
            Part::Other
        }
    }

    fn bytes_max(self) -> u64 {
        match self {
            Part::Strings => STRINGS_BYTES_MAX,
            Part::Styles | Part::Relationships => LOADED_BYTES_MAX,
            Part::Xml | Part::Other => INFLATED_BYTES_MAX,
        }
    }

    fn token_bytes_max(self) -> usize {
        match self {
            Part::Styles => STYLE_TOKEN_BYTES_MAX,
            _ => TOKEN_BYTES_MAX,
        }
    }
}

fn check_part(part: Part, input: impl Read) -> Result<(), Unreadable> {
    let input = BufReader::with_capacity(64 * 1_024, input);
    let mut tokens = XmlTokens::new(input, part.token_bytes_max()).leniently();
    let (mut strings, mut styles, mut sheets, mut is_loaded) = (0, 0, 0, false);
    // Where the last cell or string began, inside the element that has them.
    let mut cell_from = None;
    loop {
        match tokens.next()? {
            None => return Ok(()),
            Some(Event::Start(tag)) => match tag.local_name().as_ref() {
                name @ ("c" | "si" | "row") => {
                    strings += u64::from(name == "si");
                    check_reference(&tag, "r")?;
                    cell_from = cell_from.and(Some(tokens.position()));
                }
                "dimension" => check_reference(&tag, "ref")?,
                "sheetData" => cell_from = Some(tokens.position()),
                "sst" => {
                    check_declared(&tag)?;
                    cell_from = Some(tokens.position());
                }
                "xf" => styles += 1,
                "sheet" => {
                    sheets += 1;
                    is_loaded = true;
                }
                "definedName" => is_loaded = true,
                "Relationship" => check_target(&tag)?,
                _ => {}
            },
            Some(Event::End(tag)) if tag.local_name().as_ref() == "sheetData" => {
                cell_from = None;
            }
            Some(_) => {}
        }
        let at = tokens.position();
        if cell_from.is_some_and(|from| at - from > CELL_BYTES_MAX) {
            return Err(too_much("bytes in a cell", CELL_BYTES_MAX));
        }
        if is_loaded && at > LOADED_BYTES_MAX {
            return Err(too_much("bytes of names", LOADED_BYTES_MAX));
        }
        for (what, count, max) in [
            ("strings", strings, STRINGS_MAX),
            ("styles", styles, STYLES_MAX),
            ("sheets", sheets, SHEETS_MAX),
        ] {
            if count > max {
                return Err(too_much(what, max));
            }
        }
    }
}

/// A reference such as `AB12`, `12` or `A1:C9`, its corners in their order.
fn check_reference(tag: &BytesStart<'_>, name: &str) -> Result<(), Unreadable> {
    // Row and column of a corner; letters are digits of the column's number.
    let corner = |text: &str| {
        let digits = text.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
        let letters = &text[..text.len() - digits.len()];
        let is_one = letters.len() <= 3
            && (1..=7).contains(&digits.len())
            && digits.bytes().all(|digit| digit.is_ascii_digit());
        let row: u32 = digits.parse().ok()?;
        let column = letters.bytes().take(3).fold(0_u32, |column, letter| {
            column * 27 + u32::from(letter.to_ascii_uppercase() - b'A') + 1
        });
        is_one.then_some((row, column))
    };
    for text in attributes(tag, name) {
        let is_right = match text.split_once(':') {
            None => corner(&text).is_some(),
            Some((from, to)) => match (corner(from), corner(to)) {
                (Some(from), Some(to)) => from.0 <= to.0 && from.1 <= to.1,
                _ => false,
            },
        };
        if !is_right {
            let text: String = text.chars().take(40).collect();
            return Err(Unreadable::new(format!(
                "has the cell reference {text:?}; expected one such as B12"
            )));
        }
    }
    Ok(())
}

/// The library reserves room for as many strings as are declared.
fn check_declared(tag: &BytesStart<'_>) -> Result<(), Unreadable> {
    let is_right = |text: &str| text.parse().is_ok_and(|count: u64| count <= STRINGS_MAX);
    match attributes(tag, "uniqueCount").all(|text| is_right(&text)) {
        true => Ok(()),
        false => Err(too_much("strings", STRINGS_MAX)),
    }
}

/// What is read must have been checked, so it must bear the name of an XML part.
fn check_target(tag: &BytesStart<'_>) -> Result<(), Unreadable> {
    let is_read = |kind: &str| kind.ends_with("/officeDocument") || kind.ends_with("sheet");
    let is_checked = |target: &str| target.to_ascii_lowercase().ends_with(".xml");
    if attributes(tag, "Type").any(|kind| is_read(&kind))
        && !attributes(tag, "Target").all(|target| is_checked(&target))
    {
        return Err(Unreadable::new(
            "is a binary or foreign workbook; expected .xlsx",
        ));
    }
    Ok(())
}

fn too_much(what: &str, max: u64) -> Unreadable {
    Unreadable::new(format!("has more than {max} {what}"))
}

fn inflated(name: &str, bytes_max: u64) -> Unreadable {
    let name: String = name.chars().take(100).collect();
    Unreadable::new(format!(
        "is a workbook whose part {name:?} inflates to more than {bytes_max} bytes: taken for a bomb"
    ))
}

fn damaged(error: &zip::result::ZipError) -> Unreadable {
    Unreadable::new(format!(
        "is no whole workbook ({error}): it is cut off or damaged"
    ))
}

fn failed(error: std::io::Error) -> Unreadable {
    match error.kind() {
        ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::InvalidInput => {
            Unreadable::new(format!(
                "is no whole workbook ({error}): it is cut off or damaged"
            ))
        }
        _ => Unreadable::new(error.to_string()),
    }
}
