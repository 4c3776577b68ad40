//! The court's list in its three forms.

use std::io::Write;

use chrono::{Datelike, NaiveDate};
use serde_json::{Value, json};

use super::table;
use crate::demo::world::{ListingKind, MadeListing};

/// Headings of the provincial platform's table of judgment debtors.
pub const PLATFORM: [&str; 23] = [
    "fydm",
    "bzxrmc",
    "sfzhm",
    "zzjgdm",
    "fddbr",
    "zxfy",
    "zxyjwh",
    "larq",
    "ah",
    "zczxyjdw",
    "sxflwsqdyw",
    "bzxrlxqk",
    "fbrq",
    "sanh",
    "sabh",
    "bzxrxh",
    "ylxbf",
    "wlxbf",
    "sxid",
    "xb",
    "bzxrz",
    "csrq",
    "sxbzxrxwqk",
];

/// A listing as the published site's detail record.
pub fn court_detail(listing: &MadeListing) -> Value {
    json!({
        "id": listing.id,
        "iname": listing.name,
        "caseCode": listing.case_code.as_ref(),
        "age": listing.age.to_string(),
        "sexy": listing.sex,
        "cardNum": listing.card,
        "businessEntity": listing.business_entity,
        "courtName": listing.court_name.as_ref(),
        "areaName": listing.area_name.as_ref(),
        "partyTypeName": listing.party_type.to_string(),
        "gistId": listing.gist_id.as_ref(),
        "regDate": registered(listing),
        "gistUnit": listing.gist_unit.as_ref(),
        "duty": listing.duty.as_ref(),
        "performance": listing.performance,
        "performedPart": listing.performed_part,
        "unperformPart": listing.unperform_part,
        "disruptTypeName": listing.disrupt_type,
        "publishDate": chinese(listing.publish_date),
    })
}

/// Detail records, one a line.
pub fn court_jsonl<'a>(
    mut to: impl Write,
    listings: impl Iterator<Item = &'a MadeListing>,
) -> std::io::Result<()> {
    for listing in listings {
        serde_json::to_writer(&mut to, &court_detail(listing))?;
        to.write_all(b"\n")?;
    }
    to.flush()
}

/// A page of the published site: an array with one page object, whose rows carry the detail
/// record as a string. Pages count from 1, `total` is of all pages.
pub fn court_page(rows: &[MadeListing], page: usize, page_size: usize, total: usize) -> Value {
    let result: Vec<Value> = rows
        .iter()
        .map(|listing| {
            json!({
                "id": listing.id,
                "iname": listing.name,
                "caseCode": listing.case_code.as_ref(),
                "jsonObject": court_detail(listing).to_string(),
            })
        })
        .collect();
    json!([{
        "autoCount": true,
        "currentPage": page,
        "delIds": [],
        "firstResult": page.saturating_sub(1).saturating_mul(page_size),
        "pageSize": page_size,
        "totalSize": total,
        "result": result,
    }])
}

/// Listings in the provincial platform's columns.
pub fn court_platform_csv<'a>(listings: impl Iterator<Item = &'a MadeListing>) -> Vec<u8> {
    table(&PLATFORM, listings.map(platform_cells))
}

fn platform_cells(listing: &MadeListing) -> [String; 23] {
    let natural = listing.kind == ListingKind::Person;
    let card = listing.card.clone();
    let (person, body) = if natural {
        (card, String::new())
    } else {
        (String::new(), card)
    };
    let digits = |text: &str| {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    // Year and serial stand apart here: (2024)粤0604执90012号 ends in the one, begins with the other.
    let year = digits(&listing.case_code).chars().take(4).collect();
    let serial = digits(
        listing
            .case_code
            .rsplit(['执', '恢'])
            .next()
            .unwrap_or_default(),
    );
    [
        court_number(&listing.court_name),
        listing.name.clone(),
        person,
        body,
        listing.business_entity.clone(),
        listing.court_name.to_string(),
        listing.gist_id.to_string(),
        midnight(listing.reg_date),
        listing.case_code.to_string(),
        listing.gist_unit.to_string(),
        listing.duty.to_string(),
        listing.performance.to_owned(),
        midnight(listing.publish_date),
        year,
        serial,
        listing.debtor_no.to_string(),
        listing.performed_part.clone(),
        listing.unperform_part.clone(),
        listing.id.to_string(),
        listing.sex.trim_end_matches('性').to_owned(),
        if natural { "自然人" } else { "法人" }.to_owned(),
        String::new(),
        listing.disrupt_type.to_owned(),
    ]
}

/// The platform numbers courts in its own way, which is not the 法院代字: any stable number will do.
fn court_number(name: &str) -> String {
    let sum = name
        .chars()
        .fold(7_u32, |sum, letter| (sum * 131 + u32::from(letter)) % 9_973);
    format!("90{sum:04}")
}

/// The site writes this date in two ways; the key decides, so that a row always looks the same.
fn registered(listing: &MadeListing) -> String {
    if listing.id % 3 == 0 {
        listing.reg_date.format("%Y%m%d").to_string()
    } else {
        chinese(listing.reg_date)
    }
}

fn chinese(date: NaiveDate) -> String {
    format!("{}年{:02}月{:02}日", date.year(), date.month(), date.day())
}

fn midnight(date: NaiveDate) -> String {
    format!("{date} 00:00:00")
}
