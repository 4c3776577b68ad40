//! Made-up rows in the forms that the sources deliver. The places are real; bodies, cases and codes
//! are invented, their check characters are right.

use csv::WriterBuilder;
use domain::{org_code::OrgCode, uscc::Uscc};
use serde_json::{Value, json};
use zhengxin::demo::files::{PLATFORM, REGISTER, SCORES, SUCCESSIONS};

/// A code: what it is for (`11` an organ, `91` an enterprise), where, and a number of its own.
pub(crate) fn uscc(prefix: &str, division: &str, n: u32) -> Uscc {
    let org = OrgCode::from_body(&format!("TXT{n:05}")).expect("eight letters and digits");
    Uscc::from_parts(prefix, division, org).expect("parts of the right length")
}

/// The same code with a check character that is wrong.
pub(crate) fn broken(code: &Uscc) -> String {
    let (body, check) = code.as_str().split_at(17);
    format!("{body}{}", if check == "0" { '1' } else { '0' })
}

/// A nine-character organisation code, with its hyphen.
pub(crate) fn hyphenated(code: &Uscc) -> String {
    let org = code.org_code();
    let (body, check) = org.as_str().split_at(8);
    format!("{body}-{check}")
}

/// A citizen number of a division that is none, with a right check character.
pub(crate) fn citizen_number(n: u32) -> String {
    let head = format!("00000019900101{n:03}");
    let check = "0123456789X".chars().map(|check| format!("{head}{check}"));
    let mut right = check.filter(|number| domain::privacy::citizen_number(number).is_some());
    right.next().expect("one of eleven is right")
}

/// A row of the register.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    pub(crate) uscc: Uscc,
    pub(crate) cells: [String; 10],
}

/// An organ in a division of six digits, in force since the year 2000.
pub(crate) fn body(n: u32, name: &str, division: &str) -> Body {
    body_of(uscc("11", division, n), name, division)
}

/// A body with a code of its own choosing.
pub(crate) fn body_of(uscc: Uscc, name: &str, division: &str) -> Body {
    let mut cells = <[String; 10]>::default();
    cells[0] = uscc.to_string();
    cells[1] = name.to_owned();
    cells[2] = "机关".to_owned();
    cells[3] = division.to_owned();
    cells[8] = "2000-01-02".to_owned();
    Body { uscc, cells }
}

impl Body {
    /// With another cell under this heading.
    pub(crate) fn with(mut self, heading: &str, cell: &str) -> Self {
        let at = REGISTER
            .iter()
            .position(|known| *known == heading)
            .expect("a heading of the register");
        self.cells[at] = cell.to_owned();
        self
    }

    pub(crate) fn superior(self, code: &Uscc) -> Self {
        self.with("上级机构统一社会信用代码", code.as_str())
    }

    pub(crate) fn competent(self, code: &Uscc) -> Self {
        self.with("主管部门统一社会信用代码", code.as_str())
    }

    /// Several names are parted by `;`.
    pub(crate) fn former(self, names: &str) -> Self {
        self.with("曾用名", names)
    }

    /// Several names are parted by `;`.
    pub(crate) fn alias(self, names: &str) -> Self {
        self.with("别名", names)
    }

    pub(crate) fn abolished(self, day: &str) -> Self {
        self.with("撤销日期", day)
    }
}

/// The register as a file.
pub(crate) fn register(rows: &[Body]) -> Vec<u8> {
    csv(&REGISTER, rows.iter().map(|row| row.cells.clone()))
}

/// A succession event: predecessor, successor (each a code and a name), kind, day, document.
pub(crate) type Event<'a> = (
    (Option<&'a Uscc>, &'a str),
    (Option<&'a Uscc>, &'a str),
    &'a str,
    &'a str,
    &'a str,
);

/// Succession events as a file.
pub(crate) fn successions(events: &[Event<'_>]) -> Vec<u8> {
    let code = |code: Option<&Uscc>| code.map(ToString::to_string).unwrap_or_default();
    csv(
        &SUCCESSIONS,
        events.iter().map(|(from, to, kind, day, basis)| {
            [
                code(from.0),
                from.1.to_owned(),
                code(to.0),
                to.1.to_owned(),
                (*kind).to_owned(),
                (*day).to_owned(),
                (*basis).to_owned(),
            ]
        }),
    )
}

/// A third party's lines as a file.
pub(crate) fn scores(lines: impl IntoIterator<Item = [String; 10]>) -> Vec<u8> {
    csv(&SCORES, lines.into_iter())
}

/// A listing of the court's.
#[derive(Debug, Clone)]
pub(crate) struct Listing {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) code: String,
    pub(crate) case: String,
    pub(crate) court: String,
    pub(crate) published: String,
    pub(crate) performance: String,
    pub(crate) duty: String,
    /// The legal representative: personal data, which must not be kept.
    pub(crate) representative: String,
}

/// A listing of a debtor by name alone.
pub(crate) fn listing(id: i64, name: &str) -> Listing {
    Listing {
        id,
        name: name.to_owned(),
        code: String::new(),
        case: format!("(2025)粤0604执9{id:04}号"),
        court: "佛山市禅城区人民法院".to_owned(),
        published: "2025年03月04日".to_owned(),
        performance: "全部未履行".to_owned(),
        duty: format!("支付工程款第{id}笔"),
        representative: "甲某负责".to_owned(),
    }
}

impl Listing {
    pub(crate) fn code(mut self, code: impl std::fmt::Display) -> Self {
        self.code = code.to_string();
        self
    }

    pub(crate) fn case(mut self, case: &str) -> Self {
        case.clone_into(&mut self.case);
        self
    }

    pub(crate) fn published(mut self, day: &str) -> Self {
        day.clone_into(&mut self.published);
        self
    }

    pub(crate) fn performance(mut self, performance: &str) -> Self {
        performance.clone_into(&mut self.performance);
        self
    }

    pub(crate) fn duty(mut self, duty: &str) -> Self {
        duty.clone_into(&mut self.duty);
        self
    }

    /// The published site's detail object.
    pub(crate) fn detail(&self) -> Value {
        json!({
            "id": self.id,
            "iname": self.name,
            "caseCode": self.case,
            "age": "0",
            "sexy": "",
            "cardNum": self.code,
            "businessEntity": self.representative,
            "courtName": self.court,
            "areaName": "广东",
            "partyTypeName": "1",
            "gistId": "(2024)粤0604民初90001号",
            "regDate": "20250110",
            "gistUnit": self.court,
            "duty": self.duty,
            "performance": self.performance,
            "performedPart": "暂无",
            "unperformPart": "暂无",
            "disruptTypeName": "有履行能力而拒不履行生效法律文书确定义务",
            "publishDate": self.published,
        })
    }

    fn platform(&self) -> [String; 23] {
        PLATFORM.map(|column| match column {
            "fydm" => "900001".to_owned(),
            "bzxrmc" => self.name.clone(),
            "zzjgdm" => self.code.clone(),
            "fddbr" => self.representative.clone(),
            "zxfy" => self.court.clone(),
            "zxyjwh" => "(2024)粤0604民初90001号".to_owned(),
            "larq" => "2025-01-10 00:00:00".to_owned(),
            "ah" => self.case.clone(),
            "sxflwsqdyw" => self.duty.clone(),
            "bzxrlxqk" => self.performance.clone(),
            "fbrq" => self
                .published
                .replace(['年', '月'], "-")
                .replace('日', " 00:00:00"),
            "bzxrxh" => "1".to_owned(),
            "sxid" => self.id.to_string(),
            _ => String::new(),
        })
    }
}

/// Form (b): detail objects, one a line.
pub(crate) fn court_jsonl(listings: &[Listing]) -> Vec<u8> {
    let lines = listings
        .iter()
        .map(|listing| format!("{}\n", listing.detail()));
    lines.collect::<String>().into_bytes()
}

/// Form (a): the site's page; `total` is of all pages.
pub(crate) fn court_page(listings: &[Listing], total: usize) -> Vec<u8> {
    let rows: Vec<Value> = listings
        .iter()
        .map(|listing| {
            json!({
                "id": listing.id,
                "iname": listing.name,
                "caseCode": listing.case,
                "jsonObject": listing.detail().to_string(),
            })
        })
        .collect();
    let page = json!([{ "currentPage": 1, "pageSize": 500, "totalSize": total, "result": rows }]);
    page.to_string().into_bytes()
}

/// Form (c): the provincial platform's columns.
pub(crate) fn court_platform(listings: &[Listing]) -> Vec<u8> {
    csv(&PLATFORM, listings.iter().map(Listing::platform))
}

/// Form (c) as rows of an exchange table, one object a line.
pub(crate) fn court_platform_jsonl(listings: &[Listing]) -> Vec<u8> {
    let object = |listing: &Listing| -> Value {
        PLATFORM
            .iter()
            .map(|column| (*column).to_owned())
            .zip(listing.platform().map(Value::from))
            .collect()
    };
    let lines = listings
        .iter()
        .map(|listing| format!("{}\n", object(listing)));
    lines.collect::<String>().into_bytes()
}

/// A table as CSV.
pub(crate) fn csv<const N: usize>(
    headings: &[&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> Vec<u8> {
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    writer.write_record(headings).expect("memory takes it");
    for row in rows {
        writer.write_record(&row).expect("memory takes it");
    }
    writer.into_inner().expect("memory takes it")
}

/// UTF-8 text in GB18030.
pub(crate) fn gb18030(text: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(text).expect("made as UTF-8");
    let (bytes, _, lossy) = encoding_rs::GB18030.encode(text);
    assert!(!lossy, "GB18030 has all characters");
    bytes.into_owned()
}

/// UTF-8 text with a byte-order mark.
pub(crate) fn with_bom(text: &[u8]) -> Vec<u8> {
    [b"\xEF\xBB\xBF", text].concat()
}

/// A CSV file as a workbook of one sheet, all cells text.
pub(crate) fn workbook(csv: &[u8]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(csv);
    for (row, record) in reader.records().enumerate() {
        for (column, cell) in record.expect("it is CSV").iter().enumerate() {
            sheet
                .write_string(row as u32, column as u16, cell)
                .expect("it fits");
        }
    }
    book.save_to_buffer().expect("it is made in memory")
}
