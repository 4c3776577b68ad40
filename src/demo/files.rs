//! The made-up rows in the forms that the real sources deliver.

use csv::WriterBuilder;
use domain::uscc::Uscc;
use serde_json::{Map, Value};

use super::world::{MadeAgency, MadeSuccession, MadeTable, World};

mod court;

pub use super::assessments::SCORES;
pub use court::{PLATFORM, court_detail, court_jsonl, court_page, court_platform_csv};

/// Headings of the register.
pub const REGISTER: [&str; 10] = [
    "统一社会信用代码",
    "机构名称",
    "机构性质",
    "行政区划代码",
    "上级机构统一社会信用代码",
    "主管部门统一社会信用代码",
    "曾用名",
    "别名",
    "成立日期",
    "撤销日期",
];

/// Headings of the succession events.
pub const SUCCESSIONS: [&str; 7] = [
    "前身统一社会信用代码",
    "前身名称",
    "后继统一社会信用代码",
    "后继名称",
    "变更类型",
    "生效日期",
    "依据",
];

/// The register as one file.
pub fn register_csv(world: &World) -> Vec<u8> {
    table(&REGISTER, world.agencies.iter().map(register_cells))
}

/// The succession events as one file.
pub fn successions_csv(world: &World) -> Vec<u8> {
    table(&SUCCESSIONS, world.successions.iter().map(succession_cells))
}

/// A row of the register as an object under the file's headings.
pub fn register_row(agency: &MadeAgency) -> Value {
    object(&REGISTER, register_cells(agency))
}

/// A row of a table as an object under its headings.
pub fn table_row(table: &MadeTable, row: &[String]) -> Value {
    let pairs = table
        .headings
        .iter()
        .zip(row)
        .map(|(heading, cell)| ((*heading).to_owned(), Value::String(cell.clone())));
    Value::Object(pairs.collect::<Map<_, _>>())
}

/// A succession event as an object under the file's headings.
pub fn succession_row(event: &MadeSuccession) -> Value {
    object(&SUCCESSIONS, succession_cells(event))
}

fn register_cells(agency: &MadeAgency) -> [String; 10] {
    [
        agency.uscc.as_str().to_owned(),
        agency.name.clone(),
        agency.nature.to_owned(),
        agency.division.clone(),
        code(agency.superior.as_ref()),
        code(agency.competent.as_ref()),
        agency.former_names.join(";"),
        agency.aliases.join(";"),
        agency.established.clone().unwrap_or_default(),
        agency.abolished.clone().unwrap_or_default(),
    ]
}

fn succession_cells(event: &MadeSuccession) -> [String; 7] {
    [
        code(event.from_code.as_ref()),
        event.from_name.clone(),
        code(event.to_code.as_ref()),
        event.to_name.clone(),
        event.kind.to_owned(),
        event.effective.to_string(),
        event.basis.clone(),
    ]
}

fn code(uscc: Option<&Uscc>) -> String {
    uscc.map(|uscc| uscc.as_str().to_owned())
        .unwrap_or_default()
}

fn object<const N: usize>(headings: &[&str; N], cells: [String; N]) -> Value {
    let pairs = headings
        .iter()
        .zip(cells)
        .map(|(heading, cell)| ((*heading).to_owned(), Value::String(cell)));
    Value::Object(pairs.collect::<Map<_, _>>())
}

fn table<const N: usize>(headings: &[&str; N], rows: impl Iterator<Item = [String; N]>) -> Vec<u8> {
    const MEMORY: &str =
        "writing to memory does not fail, and every row has as many cells as there are headings";
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    writer.write_record(headings).expect(MEMORY);
    for row in rows {
        writer.write_record(&row).expect(MEMORY);
    }
    writer.into_inner().expect(MEMORY)
}
