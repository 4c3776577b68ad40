//! A ledger read back, in either form.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};

/// What a ledger has: the lines above its rows, its columns and its rows, in their order.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Ledger {
    pub(super) head: Vec<Vec<String>>,
    pub(super) columns: Vec<String>,
    pub(in super::super) rows: Vec<Vec<String>>,
}

impl Ledger {
    /// Of a CSV file, which must be UTF-8 with its mark.
    pub(super) fn of_csv(bytes: &[u8]) -> Self {
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).expect("a mark");
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(bytes);
        let lines = reader.records().map(|line| line.expect("a line of UTF-8"));
        let lines = lines.map(|line| line.iter().map(str::to_owned).collect::<Vec<_>>());
        let mut head: Vec<_> = lines.collect();
        let at = head.iter().position(|line| line.len() > 2);
        let mut rows = head.split_off(at.expect("a line of columns"));
        let columns = rows.remove(0);
        Self {
            head,
            columns,
            rows,
        }
    }

    /// Of a workbook, all cells of which must be texts.
    pub(super) fn of_workbook(bytes: Vec<u8>) -> Self {
        let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).expect("a workbook");
        assert_eq!(book.sheet_names(), ["台账", "表头说明"]);
        let mut lines = |sheet: &str| -> Vec<Vec<String>> {
            let formulas = book.worksheet_formula(sheet).expect("its sheet");
            assert!(formulas.is_empty(), "{sheet}: {formulas:?}");
            let cells = book.worksheet_range(sheet).expect("its sheet");
            let text = |cell: &Data| match cell {
                Data::Empty => String::new(),
                Data::String(text) => text.clone(),
                other => panic!("{other:?} is no text"),
            };
            let rows = cells.rows();
            rows.map(|row| row.iter().map(text).collect()).collect()
        };
        let (mut rows, head) = (lines("台账"), lines("表头说明"));
        let columns = rows.remove(0);
        Self {
            head,
            columns,
            rows,
        }
    }

    /// What stands in the head under a name.
    pub(super) fn head(&self, name: &str) -> &str {
        let mut head = self.head.iter();
        let line = head.find(|line| line[0] == name);
        &line.unwrap_or_else(|| panic!("{name} is not in {:?}", self.head))[1]
    }

    fn at(&self, column: &str) -> usize {
        let mut columns = self.columns.iter();
        columns.position(|known| known == column).expect("a column")
    }

    /// The cells of a column, from the top.
    pub(super) fn column(&self, column: &str) -> Vec<&str> {
        let at = self.at(column);
        self.rows.iter().map(|row| row[at].as_str()).collect()
    }

    /// A cell of the case with this number.
    pub(in super::super) fn cell(&self, number: &str, column: &str) -> &str {
        let mut rows = self.rows.iter();
        let row = rows.find(|row| row[0] == number).expect("its row");
        &row[self.at(column)]
    }
}

/// What the hub answers to a request for a file: its status and the bytes.
pub(super) async fn got(base: &str, token: Option<String>, path: &str) -> (u16, Vec<u8>) {
    let http = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let mut request = http.get(format!("{base}{path}"));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let reply = request.send().await.expect("it answers");
    let status = reply.status().as_u16();
    (status, reply.bytes().await.expect("a body").to_vec())
}

/// The ledger of a query such as `?open=true`, as CSV.
pub(in super::super) async fn got_csv(base: &str, token: String, query: &str) -> Ledger {
    let (status, bytes) = got(base, Some(token), &format!("/export/ledger.csv{query}")).await;
    assert_eq!(status, 200, "{query}: {}", String::from_utf8_lossy(&bytes));
    Ledger::of_csv(&bytes)
}

/// The same as a workbook.
pub(super) async fn got_workbook(base: &str, token: String, query: &str) -> Ledger {
    let (status, bytes) = got(base, Some(token), &format!("/export/ledger.xlsx{query}")).await;
    assert_eq!(status, 200, "{query}: {}", String::from_utf8_lossy(&bytes));
    Ledger::of_workbook(bytes)
}
