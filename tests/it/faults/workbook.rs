//! Workbooks by hand: just enough of a zip archive and of a sheet, and what is wrong with some.

use std::{io::Write, sync::OnceLock};

use flate2::{Compression, Crc, write::DeflateEncoder};

/// Bytes of a sheet that unpacks to nothing but blanks: what it is told by is its ratio.
const BOMB_BYTES: usize = 16 * 1_024 * 1_024;

const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#;
const ROOT: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK: &str = r#"<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const LINKS: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
const SHEET: &str = r#"<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#;
const SHEET_END: &str = "</sheetData></worksheet>";

/// A table as a workbook.
pub(crate) fn of(table: &[Vec<String>]) -> Vec<u8> {
    archive(&[SHEET, &rows(table), SHEET_END].concat())
}

/// The same with a cell in the last corner of the sheet.
pub(crate) fn with_far_cell(table: &[Vec<String>]) -> Vec<u8> {
    let far = r#"<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>远</t></is></c></row>"#;
    archive(&[SHEET, &rows(table), far, SHEET_END].concat())
}

/// A workbook of little that unpacks to much.
pub(crate) fn bomb() -> &'static [u8] {
    static BOMB: OnceLock<Vec<u8>> = OnceLock::new();
    BOMB.get_or_init(|| {
        let mut sheet = Packed::default();
        sheet.write(SHEET.as_bytes());
        let blanks = [b' '; 1_024 * 1_024];
        for _ in 0..BOMB_BYTES / blanks.len() {
            sheet.write(&blanks);
        }
        sheet.write(SHEET_END.as_bytes());
        zip(&mut parts(sheet))
    })
}

fn rows(table: &[Vec<String>]) -> String {
    let row =
        |(at, cells): (usize, &Vec<String>)| {
            let cells = cells.iter().enumerate().map(|(column, text)| {
            let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('\r', "&#13;");
            let place = format!("{}{}", char::from(b'A' + column as u8), at + 1);
            format!(
                "<c r=\"{place}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{text}</t></is></c>"
            )
        });
            format!("<row r=\"{}\">{}</row>", at + 1, cells.collect::<String>())
        };
    table.iter().enumerate().map(row).collect()
}

fn archive(sheet: &str) -> Vec<u8> {
    zip(&mut parts(Packed::of(sheet)))
}

fn parts(sheet: Packed) -> Vec<(&'static str, Packed)> {
    vec![
        ("[Content_Types].xml", Packed::of(TYPES)),
        ("_rels/.rels", Packed::of(ROOT)),
        ("xl/workbook.xml", Packed::of(BOOK)),
        ("xl/_rels/workbook.xml.rels", Packed::of(LINKS)),
        ("xl/worksheets/sheet1.xml", sheet),
    ]
}

/// A part of an archive, deflated.
struct Packed {
    packer: DeflateEncoder<Vec<u8>>,
    crc: Crc,
}

impl Default for Packed {
    fn default() -> Self {
        Self {
            packer: DeflateEncoder::new(Vec::new(), Compression::fast()),
            crc: Crc::new(),
        }
    }
}

impl Packed {
    fn of(text: &str) -> Self {
        let mut packed = Self::default();
        packed.write(text.as_bytes());
        packed
    }

    fn write(&mut self, bytes: &[u8]) {
        self.crc.update(bytes);
        self.packer.write_all(bytes).expect("memory takes it");
    }
}

/// An archive: the parts one behind the other, then the directory of them.
fn zip(parts: &mut Vec<(&'static str, Packed)>) -> Vec<u8> {
    let (mut bytes, mut directory, count) = (Vec::new(), Vec::new(), parts.len() as u16);
    for (name, part) in parts.drain(..) {
        let offset = bytes.len() as u32;
        let (crc, length) = (part.crc.sum(), part.crc.amount());
        let packed = part.packer.finish().expect("memory takes it");
        // Version, flags, method, time and day; then what the part's bytes are.
        let mut head = [20_u16, 0, 8, 0, 0x21].map(u16::to_le_bytes).concat();
        for number in [crc, packed.len() as u32, length] {
            head.extend_from_slice(&number.to_le_bytes());
        }
        head.extend_from_slice(&(name.len() as u16).to_le_bytes());
        head.extend_from_slice(&0_u16.to_le_bytes());
        bytes.extend_from_slice(b"PK\x03\x04");
        bytes.extend_from_slice(&head);
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(&packed);
        directory.extend_from_slice(b"PK\x01\x02\x14\x00");
        directory.extend_from_slice(&head);
        // No comment, first disk, no attributes.
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&offset.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
    }
    let start = bytes.len() as u32;
    bytes.extend_from_slice(&directory);
    bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    for number in [count, count] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes.extend_from_slice(&(directory.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&start.to_le_bytes());
    bytes.extend_from_slice(&0_u16.to_le_bytes());
    bytes
}
