//! Made-up bodies on the real division tree.

use std::sync::{Arc, LazyLock};

use chrono::NaiveDate;

use crate::{
    agency::{Agency, AgencyKind, AgencyName, NameRelation},
    alias::{Alias, AliasTable, Stands},
    directory::{Directory, Knowledge},
    division::{Division, DivisionTree},
    gazetteer::Gazetteer,
    org_code::OrgCode,
    reform::{Reform, Reforms},
    succession::{Succession, SuccessionKind},
    unit_words::{Endings, UnitWords},
    uscc::Uscc,
};

/// The tree of the catalogue, former divisions included.
pub static TREE: LazyLock<Arc<DivisionTree>> = LazyLock::new(|| {
    let mut rows = Vec::new();
    for file in ["divisions.csv", "divisions_former.csv"] {
        rows.extend(catalogue(file).lines().skip(1).map(division));
    }
    Arc::new(DivisionTree::new(rows).expect("the catalogue's divisions form a tree"))
});

fn catalogue(file: &str) -> String {
    let path = format!("{}/../catalogue/{file}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).expect("the catalogue is there")
}

fn division(line: &str) -> Division {
    let cells: Vec<&str> = line.split(',').collect();
    let code = |text: &str| text.parse().expect("a code");
    let day = |text: &str| text.parse().ok();
    Division {
        code: code(cells[0]),
        name: cells[1].to_owned(),
        level: cells[2].parse().expect("a level"),
        parent: Some(cells[3]).filter(|text| !text.is_empty()).map(code),
        valid_from: day(cells[4]),
        valid_to: day(cells[5]),
        successors: cells[6]
            .split(';')
            .filter(|text| !text.is_empty())
            .map(code)
            .collect(),
    }
}

pub static KNOWLEDGE: LazyLock<Arc<Knowledge>> = LazyLock::new(|| {
    Arc::new(Knowledge {
        gazetteer: Gazetteer::new(Arc::clone(&TREE)),
        aliases: AliasTable::new(aliases(), words("民政局 财政局 教育局 人民法院 人民检察院")),
        reforms: Reforms::new(reforms()),
        units: units(),
    })
});

/// The words of the catalogue.
fn units() -> UnitWords {
    let text = catalogue("units.toml");
    let list = |key: &str| -> Vec<String> {
        let (_, list) = text
            .split_once(&format!("\n{key} = ["))
            .expect("the list is there");
        let (list, _) = list.split_once(']').expect("it has an end");
        list.split('"')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    };
    UnitWords {
        units: Endings::new(list("units")),
        bodies: Endings::new(list("bodies")),
        stations: Endings::new(list("stations")),
        quarters: list("quarters"),
    }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn aliases() -> Vec<Alias> {
    let rows = [
        ("住建局 住建委", "住房和城乡建设局 住房和城乡建设委员会"),
        ("国土局", "国土资源局"),
        ("卫计局", "卫生和计划生育局"),
        ("工信局", "经济和信息化局"),
        ("环保局□分局", "生态环境局□分局"),
        ("税务局", "国家税务总局□税务局"),
        ("政府 镇政府", "人民政府"),
        ("街道办 办 办事处", "办事处 人民政府□办事处"),
        ("中院", "中级人民法院"),
    ];
    let row = |(short, full): (&str, &str)| Alias {
        short: words(short),
        full: words(full),
        levels: Vec::new(),
        within: None,
        stands: Stands::Whole,
        source: "made up".to_owned(),
        verified: false,
    };
    rows.into_iter().map(row).collect()
}

fn reforms() -> Vec<Reform> {
    let rows = [
        (
            "health-2013",
            SuccessionKind::Merged,
            "卫生局",
            "卫生和计划生育局",
            "2013-03-14",
        ),
        (
            "health-2018",
            SuccessionKind::Renamed,
            "卫生和计划生育局",
            "卫生健康局",
            "2018-09-01",
        ),
        (
            "land-2018",
            SuccessionKind::Merged,
            "国土资源局 规划局",
            "自然资源局 自然资源和规划局",
            "2018-09-01",
        ),
        (
            "economy-2018",
            SuccessionKind::Renamed,
            "经济和信息化局",
            "工业信息化和科学技术局",
            "2018-09-01",
        ),
        (
            "market-2014",
            SuccessionKind::Merged,
            "物价局",
            "市场监督管理局",
            "2014-01-01",
        ),
        (
            "prices-2018",
            SuccessionKind::Merged,
            "物价局",
            "发展和改革局",
            "2018-09-01",
        ),
        (
            "fines-2018",
            SuccessionKind::Transferred,
            "物价局",
            "财政局",
            "2018-09-01",
        ),
        (
            "experts",
            SuccessionKind::Transferred,
            "外国专家局",
            "人力资源和社会保障局",
            "2023-03-16",
        ),
    ];
    let row = |(key, kind, from, to, on): (&str, _, &str, &str, &str)| Reform {
        key: key.to_owned(),
        kind,
        from: words(from),
        to: words(to),
        levels: Vec::new(),
        within: None,
        starts_on: day(on),
        ends_on: day("2024-12-31"),
        basis: "made up".to_owned(),
        verified: false,
    };
    rows.into_iter().map(row).collect()
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// A register in the making.
#[derive(Debug, Default, Clone)]
pub struct Book {
    pub bodies: Vec<(i64, Agency)>,
    pub events: Vec<Succession>,
}

impl Book {
    pub fn directory(&self) -> Directory {
        let bodies = self.bodies.iter().map(|(id, agency)| (*id, agency));
        let directory = Directory::empty(Arc::clone(&KNOWLEDGE)).rebuilt(bodies);
        directory.with_events(self.events.iter())
    }

    /// Adds a body with a made-up code.
    pub fn body(&mut self, id: i64, name: &str, division: &str) -> &mut Self {
        let org = OrgCode::from_body(&format!("MB{id:06}")).expect("made of digits");
        let code = Uscc::from_parts("11", &division[..6], org).expect("its parts are right");
        self.coded(id, code.as_str(), name, division)
    }

    pub fn coded(&mut self, id: i64, code: &str, name: &str, division: &str) -> &mut Self {
        let agency = Agency {
            uscc: code.parse().expect("a code"),
            kind: AgencyKind::Organ,
            name: name.to_owned(),
            division: division.parse().expect("a division"),
            established_on: None,
            abolished_on: None,
            superior: None,
            competent: Vec::new(),
            names: Vec::new(),
        };
        self.bodies.push((id, agency));
        self
    }

    fn last(&mut self) -> &mut Agency {
        &mut self.bodies.last_mut().expect("a body was added").1
    }

    fn named(&mut self, relation: NameRelation, name: &str) -> &mut Self {
        let name = AgencyName {
            relation,
            name: name.to_owned(),
            from: None,
            to: None,
        };
        self.last().names.push(name);
        self
    }

    /// The body added last bore this name.
    pub fn former(&mut self, name: &str) -> &mut Self {
        self.named(NameRelation::Former, name)
    }

    /// It bore the name given last until this day.
    pub fn until(&mut self, on: &str) -> &mut Self {
        self.last().names.last_mut().expect("a name was added").to = Some(day(on));
        self
    }

    /// It bears this name too.
    pub fn second(&mut self, name: &str) -> &mut Self {
        self.named(NameRelation::Alias, name)
    }

    /// It was founded on this day.
    pub fn founded(&mut self, on: &str) -> &mut Self {
        self.last().established_on = Some(day(on));
        self
    }

    /// It is gone from this day on.
    pub fn gone(&mut self, on: &str) -> &mut Self {
        self.last().abolished_on = Some(day(on));
        self
    }

    /// An event between bodies, by number.
    pub fn event(&mut self, kind: SuccessionKind, from: i64, to: i64, on: &str) -> &mut Self {
        let of = |id: i64| {
            let found = self.bodies.iter().find(|body| body.0 == id);
            &found.expect("the body was added").1
        };
        let event = Succession {
            from: Some(of(from).uscc),
            from_name: of(from).name.clone(),
            to: Some(of(to).uscc),
            to_name: Some(of(to).name.clone()),
            kind,
            effective_on: day(on),
            basis: Some("made up".to_owned()),
        };
        self.events.push(event);
        self
    }
}
