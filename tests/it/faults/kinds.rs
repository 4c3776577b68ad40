//! The kinds of faults, as a table: what each does to a delivery, and the law that then holds.

use super::{
    file_faults::{self, Files},
    luck::Luck,
    page_faults::{self, Pages},
    row::Row,
    row_faults,
    source::Script,
    wire_faults,
};

/// What must become of a delivery; of two the stricter one holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Law {
    /// It goes in by the rules, rejecting what is marked so.
    Whole,
    /// It goes in whole, or it is refused whole.
    Either,
    /// Nothing of it is kept.
    Refused,
}

/// A fault at one stage of a delivery's way; none where it does not suit this one.
#[derive(Clone, Copy)]
pub(crate) enum Does {
    /// To the rows, before anything is made of them.
    Rows(fn(&mut Vec<Row>, &mut Luck) -> Option<Law>),
    /// To rows that are written as JSON.
    Json(fn(&mut Vec<Row>, &mut Luck) -> Option<Law>),
    /// To the pages of a list that is pulled.
    Pages(fn(&mut Pages, &mut Luck) -> Option<Law>),
    /// To the bytes on the wire.
    Wire(fn(&mut Script, &mut Luck) -> Option<Law>),
    /// To the files of a delivery.
    Files(fn(&mut Files, &mut Luck) -> Option<Law>),
}

/// A kind of fault.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) does: Does,
}

macro_rules! kinds {
    ($($name:literal: $stage:ident($does:path),)*) => {
        /// All kinds, in the order of the stages.
        pub(crate) const KINDS: &[Kind] = &[$(Kind { name: $name, does: Does::$stage($does) },)*];
    };
}

kinds! {
    "rows shuffled": Rows(row_faults::shuffled),
    "a row twice": Rows(row_faults::twice),
    "many rows gone": Rows(row_faults::many_gone),
    "an empty list": Json(row_faults::all_gone),
    "other ids in a list that grew": Rows(row_faults::renumbered),
    "a case number that is none": Rows(row_faults::no_case),
    "an impossible date": Rows(row_faults::impossible_date),
    "a date to come": Rows(row_faults::date_to_come),
    "a name without end": Rows(row_faults::long_name),
    "NUL in a name": Json(row_faults::nul_in_name),
    "NUL in a key": Json(row_faults::nul_in_key),
    "NUL in a text": Json(row_faults::nul_in_text),
    "a huge field": Rows(row_faults::huge_field),
    "hostile text": Rows(row_faults::hostile_text),
    "a row without key": Rows(row_faults::no_key),
    "a row that is no object": Json(row_faults::no_object),
    "a member twice": Json(row_faults::member_twice),
    "a key as text": Json(row_faults::key_as_text),
    "a name as a list": Json(row_faults::name_as_list),
    "an unknown column": Json(row_faults::unknown_column),
    "a column less": Rows(row_faults::column_less),
    "a page instead of the next": Pages(page_faults::page_twice),
    "pages that overlap": Pages(page_faults::overlap),
    "a row lost between pages": Pages(page_faults::row_lost),
    "the first page for ever": Pages(page_faults::for_ever),
    "half a page": Pages(page_faults::half),
    "an empty page between": Pages(page_faults::empty_between),
    "pages of other sizes": Pages(page_faults::other_sizes),
    "all on one page": Pages(page_faults::all_on_one),
    "a total that changes": Pages(page_faults::total_changes),
    "a total too big": Pages(page_faults::total_too_big),
    "a total that is none": Pages(page_faults::total_is_none),
    "a total as text": Pages(page_faults::total_as_text),
    "no total": Pages(page_faults::no_total),
    "an error under 200": Pages(page_faults::error_under_200),
    "a login page": Pages(page_faults::login_page),
    "deep nesting": Pages(page_faults::deep_nesting),
    "rubbish behind the page": Pages(page_faults::rubbish_behind),
    "down": Wire(wire_faults::down),
    "cut at a byte": Wire(wire_faults::cut),
    "cut, ended by closing": Wire(wire_faults::cut_close_delimited),
    "cut in a chunk": Wire(wire_faults::cut_chunk),
    "a length too short": Wire(wire_faults::length_too_short),
    "an error status": Wire(wire_faults::status),
    "429": Wire(wire_faults::too_many),
    "an empty 200": Wire(wire_faults::empty),
    "rubbish for a head": Wire(wire_faults::rubbish_head),
    "dripping": Wire(wire_faults::dripping),
    "hanging": Wire(wire_faults::hanging),
    "gzip nobody asked for": Wire(wire_faults::gzip),
    "a gzip bomb": Wire(wire_faults::gzip_bomb),
    "a wrong content type": Wire(wire_faults::content_type),
    "a wrong charset label": Wire(wire_faults::charset_label),
    "GB18030 labelled UTF-8": Wire(wire_faults::gb18030_as_utf8),
    "a byte-order mark on a page": Wire(wire_faults::bom),
    "a file cut in a row": Files(file_faults::cut),
    "a damaged byte": Files(file_faults::damaged),
    "an empty file": Files(file_faults::empty),
    "no such file": Files(file_faults::missing),
    "a file twice": Files(file_faults::twice),
    "two files": Files(file_faults::two_files),
    "GB18030": Files(file_faults::gb18030),
    "a byte-order mark": Files(file_faults::bom),
    "mojibake": Files(file_faults::mojibake),
    "UTF-16": Files(file_faults::utf16),
    "line ends of Windows": Files(file_faults::crlf),
    "a quotation mark left open": Files(file_faults::open_quote),
    "a workbook": Files(file_faults::workbook),
    "a cut workbook": Files(file_faults::cut_workbook),
    "a workbook that is a bomb": Files(file_faults::zip_bomb),
    "a workbook with a far cell": Files(file_faults::far_cell),
}

/// How likely a kind is among those of its stage: all alike.
pub(crate) fn pick(luck: &mut Luck, suits: impl Fn(&Does) -> bool) -> Option<Kind> {
    let suitable: Vec<&Kind> = KINDS.iter().filter(|kind| suits(&kind.does)).collect();
    (!suitable.is_empty()).then(|| **luck.pick(&suitable))
}
