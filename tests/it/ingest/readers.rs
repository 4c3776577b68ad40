//! Workbooks, XML and mail: what they say comes in as the same rows in CSV would.

use std::fmt::Write as _;

use domain::run::{RunCounts, RunState};
use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet};

use super::{COURT, REGISTER, done, hub_with_town, refused, town};
use crate::support::{Db, Hub, anywhere, catalogue_with, count, evidence_of, made, on_both, state};

/// The description of the register, with rows in an XML envelope.
fn register_in_xml() -> (&'static str, String) {
    let text = include_str!("../../../catalogue/sources/agency_register.toml");
    let envelope = "[envelope]\nxml_row = \"Body/fields\"\nxml_total = \"Header/total\"\n";
    (
        "agency_register.toml",
        text.replace("[envelope]\n", envelope),
    )
}

async fn hub_for_xml(db: &Db) -> Hub {
    let folder = catalogue_with(db, &[register_in_xml()]);
    Hub::with(db, |config| config.catalogue.dir = Some(folder)).await
}

fn four() -> RunCounts {
    RunCounts {
        received: 4,
        stored: 4,
        ..RunCounts::default()
    }
}

/// Fills a sheet from a row on: headings, and the town's rows as text.
fn fill(sheet: &mut Worksheet, from: u32) {
    for (column, heading) in (0..).zip(zhengxin::demo::files::REGISTER) {
        sheet.write(from, column, heading).expect("it fits");
    }
    for (row, body) in (from + 1..).zip(town()) {
        for (column, cell) in (0..).zip(&body.cells) {
            sheet.write(row, column, cell).expect("it fits");
        }
    }
}

fn saved(mut book: Workbook) -> Vec<u8> {
    book.save_to_buffer().expect("it is made in memory")
}

#[tokio::test]
async fn a_workbook_is_the_same_as_its_rows_in_csv() {
    on_both(async |db| {
        let csv = made::register(&town());
        let hub = Hub::on(&db).await;
        done(
            &hub.ingest(REGISTER, &[("r.csv", &csv)], |_| {}).await,
            four(),
        );
        let expected = state(&hub).await;
        let plain = made::workbook(&csv);
        // As people make them: a title, empty rows, dates as dates, sheets of notes.
        let mut book = Workbook::new();
        let notes = book.add_worksheet();
        notes.write(0, 0, "填表说明").expect("it fits");
        let sheet = book.add_worksheet();
        sheet
            .merge_range(0, 0, 0, 9, "赋码机构清单（样例）", &Format::new())
            .expect("it fits");
        fill(sheet, 2);
        let day = Format::new().set_num_format("yyyy\"年\"m\"月\"d\"日\"");
        let established = rust_xlsxwriter::ExcelDateTime::from_ymd(2000, 1, 2).expect("a day");
        sheet
            .write_with_format(3, 8, &established, &day)
            .expect("it fits");
        let result = Formula::new("=\"佛山市\"&\"样例局\"").set_result("佛山市样例局");
        sheet.write(3, 1, result).expect("it fits");
        sheet.write_blank(40, 3, &day).expect("it fits");
        sheet.write_blank(1_048_575, 16_383, &day).expect("it fits");
        book.add_worksheet()
            .write(5, 5, "另一张表")
            .expect("it fits");
        let made_by_hand = saved(book);
        for (name, bytes) in [("plain.xlsx", plain), ("by hand.xlsx", made_by_hand)] {
            let db = db.another();
            let hub = Hub::on(&db).await;
            let report = hub.ingest(REGISTER, &[(name, &bytes)], |_| {}).await;
            done(&report, four());
            assert_eq!(state(&hub).await, expected, "{name}");
            let sql = "SELECT COUNT(*) FROM run_file WHERE charset = 'binary'";
            assert_eq!(count(&hub, sql).await, 1, "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn cells_that_lost_what_they_said_are_rejected_with_their_place() {
    on_both(async |db| {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        fill(sheet, 0);
        sheet
            .write(1, 0, 1_144_060_000_703_956_500_f64)
            .expect("it fits");
        let error = Formula::new("=VLOOKUP(1,A1:B2,9)").set_result("#N/A");
        sheet.write(2, 1, error).expect("it fits");
        sheet.write(3, 12, "旁注").expect("it fits");
        let hub = Hub::on(&db).await;
        let book = saved(book);
        let report = hub.ingest(REGISTER, &[("r.xlsx", &book)], |_| {}).await;
        assert_eq!(report.outcome, Some(RunState::Partly), "{report:#?}");
        let told: Vec<_> = report
            .rejects
            .iter()
            .map(|reject| (reject.line, reject.column.as_deref(), &*reject.reason))
            .collect();
        let column = |line: i64| told.iter().find(|reject| reject.0 == line).copied();
        let (_, code, lost) = column(2).expect("a row of the sheet");
        assert_eq!(code, Some("统一社会信用代码"));
        assert!(lost.contains("15 digits"), "{lost}");
        let (_, name, error) = column(3).expect("a row of the sheet");
        assert_eq!(name, Some("机构名称"));
        assert!(error.contains("#N/A"), "{error}");
        let (_, _, beside) = column(4).expect("a row of the sheet");
        assert!(beside.contains("column 13"), "{beside}");
        assert_eq!(report.counts.stored, 1, "{report:#?}");
    })
    .await;
}

#[tokio::test]
async fn a_workbook_that_is_not_clear_is_refused() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let before = state(&hub).await;
        let mut twice = Workbook::new();
        fill(twice.add_worksheet().set_name("甲").expect("a name"), 0);
        fill(twice.add_worksheet().set_name("乙").expect("a name"), 3);
        let mut foreign = Workbook::new();
        let sheet = foreign.add_worksheet();
        sheet.write(0, 0, "品名").expect("it fits");
        sheet.write(0, 1, "数量").expect("it fits");
        let empty = saved({
            let mut book = Workbook::new();
            book.add_worksheet();
            book
        });
        let old = [b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".as_slice(), &[0; 600]].concat();
        let files: [(&str, Vec<u8>, &[&str]); 4] = [
            ("twice.xlsx", saved(twice), &["same headings", "甲", "乙"]),
            (
                "foreign.xlsx",
                saved(foreign),
                &["none of the source's forms"],
            ),
            ("empty.xlsx", empty, &["without headings"]),
            ("old.xls", old, &[".xls", "password"]),
        ];
        for (name, bytes, says) in files {
            let report = hub.ingest(REGISTER, &[(name, &bytes)], |_| {}).await;
            refused(&report, says);
            assert_eq!(state(&hub).await, before, "{name}");
        }
    })
    .await;
}

/// The town in the envelope of the province's exchange, with plain or named fields.
fn envelope(named: bool, prolog: &str) -> String {
    let mut text = format!(
        "{prolog}\n<x:ExchangeMessage xmlns:x=\"urn:example:exchange\"><x:Header><x:sender>样例</x:sender><x:total>4</x:total></x:Header><x:Body>"
    );
    for body in town() {
        text.push_str("\n <x:fields>");
        for (heading, cell) in zhengxin::demo::files::REGISTER.iter().zip(&body.cells) {
            let _ = match named {
                true => write!(
                    text,
                    "\n  <field name=\"{heading}\"><![CDATA[{cell}]]></field>"
                ),
                false => write!(text, "\n  <{heading}> {cell} </{heading}>"),
            };
        }
        text.push_str("\n </x:fields>");
    }
    text.push_str("</x:Body></x:ExchangeMessage>");
    text
}

#[tokio::test]
async fn xml_is_the_same_as_its_rows_in_csv() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let csv = made::register(&town());
        done(
            &hub.ingest(REGISTER, &[("r.csv", &csv)], |_| {}).await,
            four(),
        );
        let expected = state(&hub).await;
        let gbk = "<?xml version=\"1.0\" encoding=\"GBK\"?>";
        let utf8 = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
        let wide = |text: String| {
            let units = std::iter::once(0xFEFF)
                .chain(text.encode_utf16().collect::<Vec<_>>())
                .flat_map(u16::to_be_bytes);
            units.collect::<Vec<u8>>()
        };
        let files = [
            ("plain.xml", envelope(false, "").into_bytes(), "UTF-8"),
            ("named.xml", envelope(true, utf8).into_bytes(), "UTF-8"),
            // What is declared is not always so, and what is so goes first.
            ("false.xml", envelope(false, gbk).into_bytes(), "UTF-8"),
            (
                "gbk.xml",
                made::gb18030(envelope(true, gbk).as_bytes()),
                "GB18030",
            ),
            ("wide.xml", wide(envelope(false, "")), "UTF-16BE"),
        ];
        for (name, bytes, charset) in files {
            let db = db.another();
            let hub = hub_for_xml(&db).await;
            let report = hub.ingest(REGISTER, &[(name, &bytes)], |_| {}).await;
            done(&report, four());
            assert_eq!(state(&hub).await, expected, "{name}");
            let sql = format!("SELECT COUNT(*) FROM run_file WHERE charset = '{charset}'");
            assert_eq!(count(&hub, &sql).await, 1, "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn xml_cut_anywhere_or_short_of_its_total_is_refused() {
    on_both(async |db| {
        let hub = hub_for_xml(&db).await;
        let before = state(&hub).await;
        let whole = envelope(true, "<?xml version=\"1.0\"?>");
        for at in (1..whole.len()).step_by(whole.len() / 40) {
            let cut = &whole.as_bytes()[..at];
            let report = hub.ingest(REGISTER, &[("r.xml", cut)], |_| {}).await;
            refused(&report, &["r.xml"]);
            assert_eq!(state(&hub).await, before, "cut at {at}");
        }
        let end = &whole.as_bytes()[..whole.len() - 1];
        let report = hub.ingest(REGISTER, &[("r.xml", end)], |_| {}).await;
        refused(&report, &["cut off"]);
        let short = whole.replace(">4</x:total>", ">5</x:total>");
        let report = hub
            .ingest(REGISTER, &[("r.xml", short.as_bytes())], |_| {})
            .await;
        refused(&report, &["5 rows are declared and 4 came"]);
        let foreign = whole.replace("<x:Body>", "<x:Body>&company;");
        let report = hub
            .ingest(REGISTER, &[("r.xml", foreign.as_bytes())], |_| {})
            .await;
        refused(&report, &["&company;"]);
    })
    .await;
}

#[tokio::test]
async fn rows_that_were_read_in_a_wrong_charset_are_never_stored() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let broken = |text: &str| {
            let (read, ..) = encoding_rs::GBK.decode(text.as_bytes());
            read.into_owned()
        };
        let name = broken("佛山市禅城区样例局");
        let mut list: Vec<_> = (1..=30)
            .map(|id| made::listing(id, "佛山市禅城区样例局"))
            .collect();
        list.push(made::listing(31, &name).duty(&broken("支付管材款，另付利息")));
        let file = made::court_jsonl(&list);
        let report = hub.ingest(COURT, &[("list.jsonl", &file)], |_| {}).await;
        assert_eq!(report.outcome, Some(RunState::Partly), "{report:#?}");
        assert_eq!(report.rejects[0].line, 31, "{report:#?}");
        assert!(report.rejects[0].reason.contains("GBK"), "{report:#?}");
        let before = state(&hub).await;
        let all: Vec<_> = (1..=30)
            .map(|id| made::listing(id, &name).duty(&broken("支付管材款，另付利息")))
            .collect();
        let files = [
            ("list.jsonl", made::court_jsonl(&all)),
            ("list.xlsx", made::workbook(&made::court_platform(&all))),
        ];
        for (file, bytes) in files {
            let report = hub.ingest(COURT, &[(file, &bytes)], |_| {}).await;
            refused(&report, &["30 of 30 rows", "charset"]);
            assert_eq!(state(&hub).await, before, "{file}");
        }
        assert_eq!(anywhere(&hub, &name).await, [""; 0]);
    })
    .await;
}

const MAILBOX: &str = r#"
key = "mailbox"
title = "专门邮箱"
publisher = "样例办公室"
cadence = "P1D"
extent = "delta"
reader = "mail"

[bounds]
rows_min_share = 0.8
withdrawn_max_share = 0.05
slack_rows = 10
rows_max = 1_000_000
file_bytes_max = 1_000_000_000

[[form]]
name = "letters"
yields = "credit_record"
item = "court.judgment_debtor"
told_by = ["Message-ID", "From"]
key = [["Message-ID"]]
keep = ["Subject", "To", "Body", "Attachments", "Tag", "Date"]

[form.fields]
subject_name = { from = ["被反映单位"], as = "text", required = true, chars_max = 200 }
identified_on = { from = ["事发日期"], as = "date", required = true }
identified_by = { from = ["From"], as = "text", required = true, chars_max = 200 }
"#;

async fn hub_with_mailbox(db: &Db) -> Hub {
    let folder = catalogue_with(db, &[("mailbox.toml", MAILBOX.to_owned())]);
    let hub = Hub::with(db, |config| config.catalogue.dir = Some(folder)).await;
    super::bring_town(&hub).await;
    hub
}

/// A letter with an attachment, its subject and text in GBK.
fn letter(id: &str, body: &str) -> Vec<u8> {
    let text = encoding_rs::GBK.encode(body).0;
    let encoded = base64(&text);
    let subject = base64(&encoding_rs::GBK.encode("【拖欠账款】 关于样例局").0);
    format!(
        "From: =?utf-8?B?{}?= <writer@example.cn>\r\nTo: box@example.gov.cn\r\nSubject: =?gb2312?B?{subject}?=\r\nDate: Tue, 4 Mar 2025 02:30:00 +0000\r\n{id}MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"one\"\r\n\r\n--one\r\nContent-Type: text/plain; charset=gbk\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n--one\r\nContent-Type: text/csv; charset=gbk; name=\"list.csv\"\r\nContent-Disposition: attachment; filename=\"list.csv\"\r\nContent-Transfer-Encoding: base64\r\n\r\n/wABAv8=\r\n--one--\r\n",
        base64("样例写信人".as_bytes())
    )
    .into_bytes()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

const TEXT: &str =
    "您好：\n被反映单位：佛山市禅城区样例局\n事发日期: 2025-03-04\nFrom: 冒名\n拖欠样例工程款。";
/// Of the bytes FF 00 01 02 FF.
const ATTACHED: &str = "list.csv b55f1659c0645fd1cee6dfa8b3af06795e9da7e48cb65c2b999f896c9f539dbd";

#[tokio::test]
async fn letters_come_in_with_what_their_template_says() {
    on_both(async |db| {
        let hub = hub_with_mailbox(&db).await;
        let one = letter("Message-ID: <1@example.cn>\r\n", TEXT);
        let report = hub.ingest("mailbox", &[("1.eml", &one)], |_| {}).await;
        done(
            &report,
            RunCounts {
                received: 1,
                stored: 1,
                ..RunCounts::default()
            },
        );
        assert_eq!(
            hub.records().await,
            ["佛山市禅城区样例局 ACTIVE 2025-03-04 -"]
        );
        let kept = evidence_of(&hub, "1@EXAMPLE.CN").await;
        let kept = &kept[0].content;
        for said in [
            "样例写信人 <writer@example.cn>",
            "2025-03-04T10:30:00+08:00",
            "拖欠样例工程款。",
            "\"Tag\":\"拖欠账款\"",
            ATTACHED,
        ] {
            assert!(kept.contains(said), "{said} is not in {kept}");
        }
        // The same letter in an mbox is the same letter; one without a number is told by its bytes.
        let mut mbox = Vec::new();
        for message in [&one, &letter("", TEXT), &letter("", "缺了单位")] {
            mbox.extend(b"From writer@example.cn Tue Mar  4 02:30:00 2025\n");
            mbox.extend(message);
            mbox.extend(b"\n");
        }
        let report = hub.ingest("mailbox", &[("box.mbox", &mbox)], |_| {}).await;
        assert_eq!(
            (
                report.counts.received,
                report.counts.unchanged,
                report.counts.stored,
                report.rejects.len()
            ),
            (3, 1, 1, 1),
            "{report:#?}"
        );
        assert_eq!(report.rejects[0].line, 3, "{report:#?}");
        let alone = letter("", TEXT);
        let report = hub.ingest("mailbox", &[("2.eml", &alone)], |_| {}).await;
        assert_eq!(report.counts.unchanged, 1, "{report:#?}");
    })
    .await;
}

#[tokio::test]
async fn a_letter_that_never_ends_is_no_letter() {
    on_both(async |db| {
        let hub = hub_with_mailbox(&db).await;
        let one = letter("Message-ID: <1@example.cn>\r\n", TEXT);
        let cut = &one[..one.len() - 6];
        let report = hub.ingest("mailbox", &[("1.eml", cut)], |_| {}).await;
        refused(&report, &["1.eml", "cut off"]);
        let mut mbox = b"From a@example.cn\n".to_vec();
        mbox.extend(cut);
        mbox.extend(b"\n\nFrom a@example.cn\n");
        mbox.extend(&one);
        let report = hub.ingest("mailbox", &[("box.mbox", &mbox)], |_| {}).await;
        assert_eq!(report.outcome, Some(RunState::Partly), "{report:#?}");
        assert!(report.rejects[0].reason.contains("cut off"), "{report:#?}");
        assert_eq!(report.counts.stored, 1, "{report:#?}");
        let report = hub
            .ingest("mailbox", &[("x.eml", b"no letter at all\n")], |_| {})
            .await;
        refused(&report, &["expected a message"]);
    })
    .await;
}
