//! A made-up register on the real division tree: governments, departments, and institutions with
//! names of their own, until the wanted number is reached.

use std::collections::HashSet;

use domain::{
    agency::{Agency, AgencyKind, AgencyName, NameRelation},
    division::{DivisionLevel, DivisionTree},
    org_code::OrgCode,
    succession::{Succession, SuccessionKind},
    uscc::Uscc,
};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

/// Departments with a short form (or none) and a former name (or none).
#[rustfmt::skip]
pub const DEPARTMENTS: &[(&str, &str, &str)] = &[
    ("人民政府", "", ""), ("财政局", "", ""), ("教育局", "", ""), ("公安局", "", ""), ("民政局", "", ""),
    ("司法局", "", ""), ("审计局", "", ""), ("统计局", "", ""), ("水务局", "", ""), ("信访局", "", ""),
    ("住房和城乡建设局", "住建局", "建设局"), ("发展和改革局", "发改局", "发展计划局"),
    ("人力资源和社会保障局", "人社局", "劳动和社会保障局"), ("工业和信息化局", "工信局", "经济委员会"),
    ("市场监督管理局", "市监局", "工商行政管理局"), ("卫生健康局", "卫健局", "卫生和计划生育局"),
    ("文化广电旅游体育局", "文广旅体局", "文化广电新闻出版局"), ("自然资源局", "", "国土资源局"),
    ("生态环境局", "", "环境保护局"), ("交通运输局", "交运局", "交通局"), ("农业农村局", "", "农业局"),
    ("应急管理局", "应急局", "安全生产监督管理局"), ("医疗保障局", "医保局", ""), ("退役军人事务局", "", ""),
    ("政务服务和数据管理局", "政数局", "政务服务数据管理局"), ("城市管理和综合执法局", "城管局", "城市综合管理局"),
    ("机关事务管理局", "机关事务局", ""), ("投资促进局", "投促局", ""), ("林业局", "", ""), ("商务局", "", "对外贸易经济合作局"),
    ("科学技术局", "科技局", ""), ("国有资产监督管理委员会", "国资委", ""), ("人民检察院", "检察院", ""),
    ("人民代表大会常务委员会", "人大常委会", ""), ("人民政府办公室", "政府办", ""), ("监察委员会", "监委", ""),
    ("总工会", "", ""), ("残疾人联合会", "残联", ""), ("妇女联合会", "妇联", ""), ("图书馆", "", ""), ("博物馆", "", ""),
    ("疾病预防控制中心", "疾控中心", ""), ("公共资源交易中心", "", ""), ("不动产登记中心", "不动产中心", ""),
    ("住房公积金管理中心", "公积金中心", ""), ("人民医院", "", ""), ("中医院", "", ""), ("妇幼保健院", "", ""),
    ("第一中学", "一中", ""), ("第二中学", "二中", ""), ("第三中学", "三中", ""), ("第一小学", "一小", ""), ("第二小学", "二小", ""),
    ("实验小学", "", ""), ("机关幼儿园", "", ""), ("公安局交通警察大队", "", ""), ("农业技术推广中心", "", ""),
    ("动物疫病预防控制中心", "", ""), ("环境监测站", "", ""), ("公路事务中心", "", ""), ("土地储备中心", "", ""),
    ("经济开发区管理委员会", "经济开发区管委会", ""), ("档案馆", "", ""), ("文化馆", "", ""), ("救助管理站", "", ""),
];

const TOWNSHIP: &[&str] = &["公共服务中心", "财政所", "卫生院", "中心小学", "文化站"];

/// Names of their own: two of these and an ending.
const SYLLABLES: &str =
    "禾杉泉岚澜榕桐穗岭湾溪坪浦舟帆砚钰铭晟煜炜焕垚坤岱崧沅泓润淳瀚灏梓楠槐樾芷芸";
const ENDINGS: &[&str] = &[
    "小学",
    "中学",
    "幼儿园",
    "卫生服务站",
    "水库管理所",
    "养老服务中心",
    "文化服务中心",
    "国有林场",
];

pub struct Luck(ChaCha8Rng);

impl Luck {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.0.next_u64() % end as u64) as usize
    }

    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

pub struct Register {
    pub bodies: Vec<(i64, Agency)>,
    pub events: Vec<Succession>,
    /// For each body: its division's own name with and without those above, and its core.
    pub parts: Vec<Parts>,
}

#[derive(Clone)]
pub struct Parts {
    pub path: String,
    pub own: String,
    pub core: String,
    pub short: &'static str,
    pub former: &'static str,
}

impl Register {
    pub fn make(tree: &DivisionTree, size: usize) -> Self {
        let mut register = Self {
            bodies: Vec::new(),
            events: Vec::new(),
            parts: Vec::new(),
        };
        let mut luck = Luck::new(1);
        let mut seen = HashSet::new();
        let places: Vec<usize> = (0..tree.len())
            .filter(|place| {
                let division = tree.at(*place);
                division.level != DivisionLevel::Nation && division.valid_to.is_none()
            })
            .collect();
        let is_town = |place: usize| tree.at(place).level == DivisionLevel::Township;
        for &place in places.iter().filter(|place| !is_town(**place)) {
            for (core, short, former) in DEPARTMENTS {
                register.add(tree, place, core, short, former, size);
            }
        }
        for &place in places.iter().filter(|place| is_town(**place)) {
            let is_street = tree.at(place).name.ends_with("街道");
            let government = if is_street {
                "办事处"
            } else {
                "人民政府"
            };
            register.add(tree, place, government, "", "", size);
        }
        let syllables: Vec<char> = SYLLABLES.chars().collect();
        while register.bodies.len() < size {
            let place = *luck.pick(&places);
            let core = if is_town(place) && luck.below(3) == 0 {
                (*luck.pick(TOWNSHIP)).to_owned()
            } else {
                let (a, b) = (luck.pick(&syllables), luck.pick(&syllables));
                format!("{a}{b}{}", luck.pick(ENDINGS))
            };
            // No two bodies of a division bear one name.
            if seen.insert((place, core.clone())) {
                register.add(tree, place, &core, "", "", size);
            }
        }
        register
    }

    pub fn names(&self) -> usize {
        self.bodies
            .iter()
            .map(|(_, body)| 1 + body.names.len())
            .sum()
    }

    fn add(
        &mut self,
        tree: &DivisionTree,
        place: usize,
        core: &str,
        short: &'static str,
        former: &'static str,
        size: usize,
    ) {
        if self.bodies.len() == size {
            return;
        }
        let division = tree.at(place);
        let path = tree.full_name(division.code).unwrap_or_default();
        let own = division.name.clone();
        let id = self.bodies.len() as i64 + 1;
        // Registers write the whole path or the division alone.
        let before = if id % 2 == 0 { &path } else { &own };
        let mut agency = agency(id, &division.code.to_string(), format!("{before}{core}"));
        agency.division = division.code;
        // Former names and events by turns; of the others nothing is recorded.
        if !former.is_empty() && id % 3 == 0 {
            agency.names.push(AgencyName {
                relation: NameRelation::Former,
                name: format!("{path}{former}"),
                from: None,
                to: None,
            });
        } else if !former.is_empty() && id % 3 == 1 {
            self.events.push(Succession {
                from: None,
                from_name: format!("{path}{former}"),
                to: Some(agency.uscc),
                to_name: None,
                kind: SuccessionKind::Renamed,
                effective_on: "2019-03-01".parse().expect("a day"),
                basis: None,
            });
        }
        self.bodies.push((id, agency));
        self.parts.push(Parts {
            path,
            own,
            core: core.to_owned(),
            short,
            former,
        });
    }
}

fn agency(id: i64, division: &str, name: String) -> Agency {
    let org = OrgCode::from_body(&format!("{id:08}")).expect("made of digits");
    let uscc = Uscc::from_parts("11", &division[..6], org).expect("its parts are right");
    Agency {
        uscc,
        kind: AgencyKind::Organ,
        name,
        division: "100000".parse().expect("the nation's code"),
        established_on: None,
        abolished_on: None,
        superior: None,
        competent: Vec::new(),
        names: Vec::new(),
    }
}
