//! The truth: a small made-up town and a court list that changes from day to day.

use std::collections::BTreeMap;

use domain::uscc::Uscc;
use serde_json::{Map, Value};

use super::luck::Luck;
use crate::support::made::{self, Body, Listing};

/// Whom a listing means, as the register stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meant {
    Body(Uscc),
    /// Nobody, or several: a mention.
    Untold,
    /// An enterprise: counted, not stored.
    NotOurs,
}

/// The bodies of the town.
pub(crate) fn town() -> Vec<Body> {
    vec![
        made::body(1, "佛山市样例局", "440600"),
        made::body(2, "佛山市禅城区样例局", "440604").alias("区样例局"),
        made::body(3, "佛山市南海区样例局", "440605").alias("区样例局"),
        made::body(4, "佛山市顺德区试验局", "440606").former("佛山市顺德区旧试局"),
    ]
}

/// Names as listings have them, and whom they mean.
fn subjects() -> Vec<(String, String, Meant)> {
    let mut subjects: Vec<_> = town()
        .iter()
        .map(|body| (body.cells[1].clone(), String::new(), Meant::Body(body.uscc)))
        .collect();
    let code = town()[3].uscc;
    subjects.push((
        "佛山市顺德区试验局".to_owned(),
        code.to_string(),
        Meant::Body(code),
    ));
    subjects.push((
        "佛山市顺德区旧试局".to_owned(),
        String::new(),
        Meant::Body(code),
    ));
    for name in ["佛山市禅城区不存局", "佛山市三水区不存委员会", "区样例局"]
    {
        subjects.push((name.to_owned(), String::new(), Meant::Untold));
    }
    let company = made::uscc("91", "440604", 90).to_string();
    for (name, code) in [
        ("佛山市样品建筑有限公司", company.as_str()),
        ("样品（佛山）贸易有限公司", ""),
    ] {
        subjects.push((name.to_owned(), code.to_owned(), Meant::NotOurs));
    }
    subjects
}

/// A listing as it stands, and whom it means.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) listing: Listing,
    pub(crate) meant: Meant,
    /// The day of `listing.published`, as databases write it.
    pub(crate) day: String,
}

/// What the court lists.
pub(crate) struct World {
    pub(crate) list: BTreeMap<i64, Listed>,
    next: i64,
    subjects: Vec<(String, String, Meant)>,
}

impl World {
    /// A list of so many rows.
    pub(crate) fn of(luck: &mut Luck, rows: usize) -> Self {
        let mut world = Self {
            list: BTreeMap::new(),
            next: 1,
            subjects: subjects(),
        };
        for _ in 0..rows {
            world.add(luck);
        }
        world
    }

    fn add(&mut self, luck: &mut Luck) {
        let id = self.next;
        self.next += 1 + luck.below(3) as i64;
        let mut listed = Listed {
            listing: made::listing(id, ""),
            meant: Meant::NotOurs,
            day: String::new(),
        };
        self.rename(luck, &mut listed);
        publish(luck, &mut listed);
        self.list.insert(id, listed);
    }

    fn rename(&self, luck: &mut Luck, listed: &mut Listed) {
        let (name, code, meant) = luck.pick(&self.subjects).clone();
        (listed.listing.name, listed.listing.code, listed.meant) = (name, code, meant);
    }

    /// A day passes: some are listed anew, some no more, some otherwise.
    pub(crate) fn pass_a_day(&mut self, luck: &mut Luck) {
        // Once in a while so many go that a person must let the delivery in.
        let gone = if luck.one_in(10) {
            luck.within(11..15)
        } else {
            luck.below(5)
        };
        for _ in 0..gone.min(self.list.len().saturating_sub(2)) {
            let at = luck.below(self.list.len());
            let id = *self.list.keys().nth(at).expect("it is below the length");
            self.list.remove(&id);
        }
        for _ in 0..luck.below(6) {
            self.add(luck);
        }
        let ids: Vec<i64> = self.list.keys().copied().collect();
        for _ in 0..luck.below(6) {
            let id = luck.pick(&ids);
            let mut listed = self.list[id].clone();
            match luck.below(5) {
                0 => self.rename(luck, &mut listed),
                1 => publish(luck, &mut listed),
                2 => {
                    listed.listing.performance =
                        (*luck.pick(&["部分履行", "全部已履行", "全部未履行"])).to_owned()
                }
                3 => listed.listing.case = format!("(2025)粤0605执8{:04}号", luck.below(10_000)),
                _ => listed.listing.duty = format!("支付货款第{}笔，利息另计", luck.below(100)),
            }
            self.list.insert(*id, listed);
        }
    }
}

fn publish(luck: &mut Luck, listed: &mut Listed) {
    let (month, day) = (luck.within(1..5), luck.within(1..29));
    listed.day = format!("2025-{month:02}-{day:02}");
    listed.listing.published = format!("2025年{month:02}月{day:02}日");
}

/// In which of the court's forms a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// The published site's detail objects.
    Detail,
    /// The provincial platform's columns.
    Platform,
}

impl Form {
    /// A listing's members in this form.
    pub(crate) fn object(self, listing: &Listing) -> Map<String, Value> {
        let object = match self {
            Form::Detail => listing.detail(),
            Form::Platform => {
                let line = made::court_platform_jsonl(std::slice::from_ref(listing));
                serde_json::from_slice(&line).expect("a line is an object")
            }
        };
        match object {
            Value::Object(object) => object,
            other => unreachable!("a listing is an object, not {other}"),
        }
    }

    /// The columns that are no part of the evidence: persons, and the page's own book-keeping.
    pub(crate) fn dropped(self) -> &'static [&'static str] {
        match self {
            Form::Detail => &["businessEntity", "age", "sexy", "partyTypeName"],
            Form::Platform => &["fddbr", "sfzhm", "xb", "csrq"],
        }
    }

    /// The columns of key, name, case number, day and court, in this order.
    pub(crate) fn required(self) -> [&'static str; 5] {
        match self {
            Form::Detail => ["id", "iname", "caseCode", "publishDate", "courtName"],
            Form::Platform => ["sxid", "bzxrmc", "ah", "fbrq", "zxfy"],
        }
    }

    /// The column of what was to be done: kept, and nothing made of it.
    pub(crate) fn duty(self) -> &'static str {
        match self {
            Form::Detail => "duty",
            Form::Platform => "sxflwsqdyw",
        }
    }
}
