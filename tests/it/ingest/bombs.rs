//! Files that are made to hurt: each is refused with a sentence, or does no harm, and the binary
//! never needs much more memory than for a file that means well.

mod json;

use std::io::{Cursor, Write};

use zip::{ZipWriter, write::SimpleFileOptions};

use super::REGISTER;
use crate::support::{Db, Ran, catalogue_with, made, zhengxin};

/// KiB that a bomb may need beyond a small file.
const GROWTH_KIB_MAX: u64 = 256 * 1_024;

/// Rows that the register may have here.
const ROWS_MAX: &str = "200_000";

/// The binary with a catalogue in which the register may be XML, and a mailbox is known.
struct Bombed {
    db: Db,
    catalogue: String,
    base_kib: u64,
}

impl Bombed {
    fn new() -> Self {
        let db = Db::sqlite();
        let register = include_str!("../../../catalogue/sources/agency_register.toml");
        let register = register.replace("[envelope]\n", "[envelope]\nxml_row = \"row\"\n");
        let rows_max = format!("rows_max = {ROWS_MAX}");
        let register = register.replace("rows_max = 5_000_000", &rows_max);
        let mailbox = register
            .replace("\"agency_register\"", "\"mailbox\"\nreader = \"mail\"")
            .replace("told_by = [\"统一社会信用代码\",", "told_by = [");
        let sources = [
            ("agency_register.toml", register),
            ("mailbox.toml", mailbox),
        ];
        let catalogue = catalogue_with(&db, &sources).display().to_string();
        let mut bombed = Self {
            db,
            catalogue,
            base_kib: 0,
        };
        let small = made::workbook(&made::register(&super::town()));
        let (ran, base_kib) = bombed.bring(REGISTER, "small.xlsx", &small);
        ran.ended(0);
        assert!(base_kib > 0, "its memory can be told");
        bombed.base_kib = base_kib;
        bombed
    }

    fn bring(&self, source: &str, name: &str, bytes: &[u8]) -> (Ran, u64) {
        let file = self.db.file(name, bytes).display().to_string();
        self.run(&["ingest", source, "--file", &file, "--partial"])
    }

    fn run(&self, arguments: &[&str]) -> (Ran, u64) {
        let data = self.db.folder().display().to_string();
        let url = self.db.url();
        let places = ["--database-url", &url, "--data", &data];
        zhengxin(arguments.iter().chain(&places))
            .env("ZHENGXIN__CATALOGUE__DIR", &self.catalogue)
            .run_measured()
    }

    /// It takes the file, or refuses it, or some of its rows, says this and stays small.
    #[track_caller]
    fn survives(&self, source: &str, name: &str, bytes: &[u8], says: &str) {
        self.survived(name, self.bring(source, name, bytes), says);
    }

    #[track_caller]
    fn survived(&self, name: &str, (ran, kib): (Ran, u64), says: &str) {
        let told = format!("{}{}", ran.out, ran.err);
        assert!(
            matches!(ran.code, Some(0 | 1 | 5)),
            "{name}: it ended with {:?}: {}",
            ran.code,
            told.chars().take(2_000).collect::<String>()
        );
        assert!(
            told.contains(says) && !told.contains("panicked"),
            "{name} says: {}",
            told.chars().take(2_000).collect::<String>()
        );
        let growth = kib.saturating_sub(self.base_kib);
        assert!(growth < GROWTH_KIB_MAX, "{name} takes {growth} KiB more");
    }
}

/// An archive of parts, packed.
fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default())
            .expect("memory takes it");
        zip.write_all(bytes).expect("memory takes it");
    }
    zip.finish().expect("memory takes it").into_inner()
}

const PACKAGE: &str = r#"<Relationships><Relationship Id="r1" Type="http://x/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK: &str =
    r#"<workbook xmlns:r="x"><sheets><sheet name="1" sheetId="1" r:id="r1"/></sheets></workbook>"#;
const BOOK_RELS: &str = r#"<Relationships><Relationship Id="r1" Type="http://x/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;

/// A workbook around these parts.
fn book(sheet: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let mut parts: Vec<(&str, &[u8])> = vec![
        ("_rels/.rels", PACKAGE.as_bytes()),
        ("xl/workbook.xml", BOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", BOOK_RELS.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ];
    parts.extend(more);
    archive(&parts)
}

fn sheet(rows: &str) -> String {
    format!("<worksheet><sheetData>{rows}</sheetData></worksheet>")
}

fn cell(reference: &str, text: &str) -> String {
    format!("<c r=\"{reference}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

/// Text that hardly packs.
fn noise(bytes: usize) -> String {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut one = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(b'a' + (state % 26) as u8)
    };
    (0..bytes).map(|_| one()).collect()
}

#[test]
fn bombs_in_archives() {
    let bombed = Bombed::new();
    let is = |name: &str, bytes: &[u8], says: &str| bombed.survives(REGISTER, name, bytes, says);
    let headings: String = zhengxin::demo::files::REGISTER
        .iter()
        .zip('A'..)
        .map(|(heading, column)| cell(&format!("{column}1"), heading))
        .collect();

    let blank = " ".repeat(300 * 1_048_576);
    is("blank.xlsx", &book(&sheet(&blank), &[]), "bomb");
    drop(blank);
    let far = format!(
        "<row>{headings}</row><row>{}</row>",
        cell("XFD1048576", "远")
    );
    is("far.xlsx", &book(&sheet(&far), &[]), "column 16384");
    let wide = format!("<row>{}</row>", "<c><v>1</v></c>".repeat(500_000));
    is("wide.xlsx", &book(&sheet(&wide), &[]), "columns");
    let beyond = format!("<row>{}</row>", cell("ZZZZZZZZ1", "外"));
    is("beyond.xlsx", &book(&sheet(&beyond), &[]), "cell reference");
    let back = "<worksheet><dimension ref=\"B2:A1\"/><sheetData/></worksheet>";
    is("back.xlsx", &book(back, &[]), "cell reference");
    let long = cell("A1", &noise(16 * 1_048_576));
    is("long.xlsx", &book(&sheet(&long), &[]), "bytes");
    let text = noise(6 * 1_048_576);
    let pieces = text.as_bytes().chunks(1_000).map(String::from_utf8_lossy);
    let runs: String = pieces.map(|text| format!("<r><t>{text}</t></r>")).collect();
    let runs = format!("<row><c r=\"A1\" t=\"inlineStr\"><is>{runs}</is></c></row>");
    is("runs.xlsx", &book(&sheet(&runs), &[]), "bytes in a cell");

    let strings = |text: &str| book(&sheet(""), &[("xl/sharedStrings.xml", text.as_bytes())]);
    let text = noise(8 * 1_400_000);
    let chunks = text.as_bytes().chunks(8).map(String::from_utf8_lossy);
    let most: String = chunks
        .map(|text| format!("<si><t>{text}</t></si>"))
        .collect();
    let most = strings(&format!("<sst>{most}</sst>"));
    is("most.xlsx", &most, "without headings");
    let declared = r#"<sst uniqueCount="4000000000"></sst>"#;
    is("declared.xlsx", &strings(declared), "strings");
    let many = format!("<sst>{}</sst>", "<si/>".repeat(3_000_000));
    is("many.xlsx", &strings(&many), "strings");
    let big = format!("<si><t>{}</t></si>", noise(10_000)).repeat(6_000);
    is("big.xlsx", &strings(&format!("<sst>{big}</sst>")), "bomb");

    let font = format!("<font><name val=\"{}\"/></font>", "F".repeat(4_000));
    let styles = |fonts: &str, count: usize| {
        let xfs = "<xf fontId=\"0\"/>".repeat(count);
        let text =
            format!("<styleSheet><fonts>{fonts}</fonts><cellXfs>{xfs}</cellXfs></styleSheet>");
        book(&sheet(""), &[("xl/styles.xml", text.as_bytes())])
    };
    is("fonts.xlsx", &styles(&font, 300_000), "styles");
    is("font.xlsx", &styles(&font, 16_000), "without headings");
    let wider = format!("<font><name val=\"{}\"/></font>", "F".repeat(900_000));
    is("wider.xlsx", &styles(&wider, 10_000), "bytes");

    let names: Vec<_> = (0..5_000).map(|n| format!("{n}.xml")).collect();
    let empty: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &[][..])).collect();
    is("entries.xlsx", &archive(&empty), "entries");
    let nested = archive(&[("inner.xlsx", &book(&sheet(""), &[]))]);
    is("nested.xlsx", &nested, "no workbook");
    let dtd = format!("<!DOCTYPE x [<!ENTITY a \"b\">]>{}", sheet(""));
    is("entities.xlsx", &book(&dtd, &[]), "document type");
    let deep = "<x>".repeat(1_000_000);
    is("deep.xlsx", &book(&deep, &[]), "deep");
}

#[test]
fn bombs_in_text() {
    let bombed = Bombed::new();
    let is = |name: &str, text: &str, says: &str| {
        bombed.survives(REGISTER, name, text.as_bytes(), says);
    };
    let mut laughs = "<!DOCTYPE a [<!ENTITY a \"ha\">".to_owned();
    for (one, before) in ('b'..='k').zip('a'..) {
        let ten = format!("&{before};").repeat(10);
        laughs.push_str(&format!("<!ENTITY {one} \"{ten}\">"));
    }
    is(
        "laughs.xml",
        &format!("{laughs}]><a>&k;</a>"),
        "document type",
    );
    let quadratic = format!(
        "<!DOCTYPE a [<!ENTITY a \"{}\">]><a>{}</a>",
        noise(100_000),
        "&a;".repeat(100_000)
    );
    is("quadratic.xml", &quadratic, "document type");
    let flood: String = (0..800_000).map(|n| format!(" a{n}=\"\"")).collect();
    is("flood.xml", &format!("<a{flood}/>"), "bytes");
    let some: String = (0..40_000).map(|n| format!(" a{n}=\"\"")).collect();
    is("attributes.xml", &format!("<a{some}/>"), "attributes");
    is("deep.xml", &"<a>".repeat(2_000_000), "deep");
    let long = format!(
        "<a><row><机构名称>{}</机构名称></row></a>",
        noise(16 * 1_048_576)
    );
    is("long.xml", &long, "bytes");
    let pieces = format!("<![CDATA[{}]]>", noise(1_000)).repeat(20_000);
    let pieces = format!("<a><row><机构名称>{pieces}</机构名称></row></a>");
    is("pieces.xml", &pieces, "longer than 1 MiB");
    let names: String = (0..200_000).map(|n| format!("<k{n}>1</k{n}>")).collect();
    is(
        "names.xml",
        &format!("<a><row>{names}</row></a>"),
        "fit none",
    );

    is(
        "field.csv",
        &format!(
            "{}\n\"{}",
            zhengxin::demo::files::REGISTER.join(","),
            noise(16 * 1_048_576)
        ),
        "bytes",
    );
    is("columns.csv", &"x,".repeat(1_000_000), "columns");
}

#[test]
fn bombs_in_mail() {
    let bombed = Bombed::new();
    let is = |name: &str, text: &str, says: &str| {
        bombed.survives("mailbox", name, text.as_bytes(), says);
    };
    let head = "From: a@example.cn\nSubject: 样例\n";
    let mut nested = head.to_owned();
    for depth in 0..100_000 {
        nested.push_str(&format!(
            "Content-Type: multipart/mixed; boundary=b{depth}\n\n--b{depth}\n"
        ));
    }
    is("cut.eml", &nested, "never end");
    let deep = (0..30).fold("\ntext".to_owned(), |inner, depth| {
        format!("Content-Type: multipart/mixed; boundary=b{depth}x\n\n--b{depth}x\n{inner}\n--b{depth}x--\n")
    });
    is("deep.eml", &format!("{head}{deep}"), "deep");
    let letters = format!("{head}Content-Type: message/rfc822\n\n").repeat(200_000);
    is("letters.eml", &letters, "");
    let parts = "--b\n\nx\n".repeat(300_000);
    let many = format!("{head}Content-Type: multipart/mixed; boundary=b\n\n{parts}--b--\n");
    is("parts.eml", &many, "parts");
    let headers = format!("{head}{}\n\ntext", "A:\n".repeat(5_000_000));
    is("headers.eml", &headers, "headers");
    is(
        "long.eml",
        &format!("{head}\n{}", noise(40 * 1_048_576)),
        "longer than",
    );
    let html = format!("{head}Content-Type: text/html\n\n{}", "<".repeat(1_900_000));
    is("html.eml", &html, "");
    let mbox = format!("From a\n{head}\nx\n\n").repeat(210_000);
    is("mbox", &mbox, "messages");
}
