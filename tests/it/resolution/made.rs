//! Questions made by rule: division by body by transformation, on the real tree, from one seed. Truth
//! comes from brute force over the made register, and only questions whose truth is plain are asked.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::uscc::Uscc;
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore as _, SeedableRng as _},
};

use super::{
    places::{Forms, Place, Places, stem},
    set::{Pair, Registered, Tier},
};
use crate::support::made::{self, Body, body_of, hyphenated};

const SEED: u64 = 20_261_126;
/// Counties drawn at random, beside all of [`SHARED_NAMES`] names that several counties bear.
const COUNTIES: usize = 60;
const SHARED_NAMES: usize = 20;
const TOWNS_PER_COUNTY: usize = 2;
/// Transformations asked of each body.
const QUESTIONS_PER_BODY: usize = 6;

/// What a county has, with the short form that everybody uses where there is one.
#[rustfmt::skip]
const CORES: [(&str, &str, &str); 17] = [
    ("11", "人民政府", "政府"),
    ("11", "教育局", ""),
    ("11", "民政局", ""),
    ("11", "财政局", ""),
    ("11", "审计局", ""),
    ("11", "发展和改革局", "发改局"),
    ("11", "住房和城乡建设局", "住建局"),
    ("11", "人力资源和社会保障局", "人社局"),
    ("11", "市场监督管理局", "市场监管局"),
    ("11", "交通运输局", "交通局"),
    ("11", "应急管理局", "应急局"),
    ("11", "医疗保障局", "医保局"),
    ("11", "退役军人事务局", "退役军人局"),
    ("11", "人民法院", "法院"),
    ("11", "人民检察院", "检察院"),
    ("12", "第一中学", ""),
    ("12", "第十二小学", ""),
];

/// One body of the made register.
struct Made<'a> {
    uscc: Uscc,
    name: String,
    place: &'a Place,
    core: &'static str,
    short: &'static str,
}

struct Maker<'a> {
    places: &'a Places,
    random: ChaCha8Rng,
    bodies: Vec<Made<'a>>,
    /// (division, core) that are deliberately not registered.
    lacking: Vec<(&'a Place, &'static str)>,
    pairs: Vec<Pair>,
    asked: BTreeSet<[String; 4]>,
    /// How many divisions of China have this stem.
    stems: HashMap<&'a str, usize>,
}

/// The register, and what is asked.
pub(super) fn questions() -> (Vec<Body>, Vec<Pair>) {
    let places = Places::load();
    let mut maker = Maker {
        places: &places,
        random: ChaCha8Rng::seed_from_u64(SEED),
        bodies: Vec::new(),
        lacking: Vec::new(),
        pairs: Vec::new(),
        asked: BTreeSet::new(),
        stems: HashMap::new(),
    };
    for place in places.all() {
        *maker.stems.entry(stem(&place.name)).or_default() += 1;
    }
    maker.people();
    let register: Vec<Registered> = maker.bodies.iter().map(Made::registered).collect();
    let forms = Forms::of(&places, &register);
    maker.ask(&forms);
    let rows = maker
        .bodies
        .iter()
        .map(|body| body_of(body.uscc, &body.name, &body.place.code).with("机构性质", ""));
    (rows.collect(), maker.pairs)
}

impl Made<'_> {
    fn registered(&self) -> Registered {
        Registered {
            uscc: self.uscc.to_string(),
            name: self.name.clone(),
            division: self.place.code.clone(),
            aliases: String::new(),
            abolished_on: None,
        }
    }

    /// The core without the type at its end; it is what may be misspelt.
    fn inner(&self) -> Option<Vec<char>> {
        let inner: Vec<char> = self.core.strip_suffix('局')?.chars().collect();
        (inner.len() >= 4).then_some(inner)
    }
}

impl<'a> Maker<'a> {
    fn below(&mut self, limit: usize) -> usize {
        self.random.next_u32() as usize % limit
    }

    /// Founds bodies in drawn counties, in what stands above them, and in some of their towns.
    fn people(&mut self) {
        let places = self.places;
        let counties: Vec<&Place> = places
            .all()
            .filter(|place| place.level == "COUNTY")
            .collect();
        let mut by_name: BTreeMap<&str, Vec<&Place>> = BTreeMap::new();
        for county in &counties {
            by_name.entry(&county.name).or_default().push(county);
        }
        let shared: Vec<&Vec<&Place>> = by_name.values().filter(|same| same.len() > 1).collect();
        let mut drawn: BTreeMap<&str, &Place> = BTreeMap::new();
        for _ in 0..SHARED_NAMES {
            for county in shared[self.below(shared.len())] {
                drawn.insert(&county.code, county);
            }
        }
        let unique: Vec<&&Place> = counties
            .iter()
            .filter(|county| by_name[&*county.name].len() == 1)
            .collect();
        for _ in 0..COUNTIES {
            let county = unique[self.below(unique.len())];
            drawn.insert(&county.code, county);
        }
        for county in drawn.clone().into_values() {
            for place in places.path(&county.code) {
                drawn.insert(&place.code, place);
            }
            let towns: Vec<&Place> = places
                .all()
                .filter(|place| place.parent == county.code)
                .filter(|place| place.name.ends_with('镇') || place.name.ends_with("街道"))
                .collect();
            for _ in 0..TOWNS_PER_COUNTY.min(towns.len()) {
                let town = towns[self.below(towns.len())];
                drawn.insert(&town.code, town);
            }
        }
        for place in drawn.into_values() {
            self.found(place);
        }
    }

    /// Founds the bodies of one division; one of a county's or prefecture's is left out.
    fn found(&mut self, place: &'a Place) {
        if place.level == "TOWNSHIP" {
            let office = ("11", "办事处", "");
            let government = ("11", "人民政府", "政府");
            let kind = if place.name.ends_with("街道") {
                office
            } else {
                government
            };
            self.register(place, kind);
            return;
        }
        let left_out = self.below(CORES.len());
        for (at, (prefix, core, short)) in CORES.into_iter().enumerate() {
            // Departments of a province are no bureaus, courts above counties no 人民法院.
            let is_of_county = place.level == "COUNTY";
            let is_of_province = place.level == "PROVINCE";
            if !is_of_county && (core == "人民法院" || prefix == "12")
                || is_of_province && core.ends_with('局')
            {
                continue;
            }
            if at == left_out {
                self.lacking.push((place, core));
            } else {
                self.register(place, (prefix, core, short));
            }
        }
    }

    fn register(
        &mut self,
        place: &'a Place,
        (prefix, core, short): (&str, &'static str, &'static str),
    ) {
        let n = u32::try_from(self.bodies.len()).expect("some thousands");
        self.bodies.push(Made {
            uscc: made::uscc(prefix, &place.code[..6], n),
            name: self.places.prefix(&place.code) + core,
            place,
            core,
            short,
        });
    }

    /// Asks each body's questions, some transformations drawn for each.
    fn ask(&mut self, forms: &Forms) {
        for at in 0..self.bodies.len() {
            let mut ways = self.ways(at, forms);
            for _ in 0..QUESTIONS_PER_BODY.min(ways.len()) {
                let drawn = self.below(ways.len());
                let pair = ways.swap_remove(drawn);
                if self.asked.insert(pair.question().map(str::to_owned)) {
                    self.pairs.push(pair);
                }
            }
        }
        for (place, core) in self.lacking.clone() {
            let name = self.places.prefix(&place.code) + core;
            let pair = question(
                Tier::Strong,
                "not_registered",
                [&name, "", "", ""],
                "NONE",
                "",
            );
            self.pairs.push(pair);
        }
    }

    /// All transformations of one body that have a plain truth.
    fn ways(&self, at: usize, forms: &Forms) -> Vec<Pair> {
        let body = &self.bodies[at];
        let (name, code) = (body.name.as_str(), body.uscc.to_string());
        let prefix = self.places.prefix(&body.place.code);
        let full: String = self
            .places
            .path(&body.place.code)
            .iter()
            .map(|place| place.name.as_str())
            .collect();
        let own = format!("{}{}", body.place.name, body.core);
        let half = name.chars().count() / 2;
        let (front, back): (String, String) = (
            name.chars().take(half).collect(),
            name.chars().skip(half).collect(),
        );
        let strong = |category, name: &str, outcome| {
            question(Tier::Strong, category, [name, "", "", ""], outcome, &code)
        };
        let nobody =
            |category, name: &str| question(Tier::Strong, category, [name, "", "", ""], "NONE", "");
        let mut ways = vec![
            strong("literal", name, "EXACT_NAME"),
            strong(
                "prefix_added",
                &format!("{full}{}", body.core),
                "EXACT_NAME",
            ),
            strong("spelling", &format!(" {front} {back}。"), "EXACT_NAME"),
            strong("spelling", &format!("{front}\u{200b}{back}"), "EXACT_NAME"),
            strong("bracket", &format!("{name}（本级）"), "EXACT_NAME"),
            nobody("bracket", &format!("{name}（汇总）")),
            question(
                Tier::Strong,
                "code",
                ["", &code, "", ""],
                "EXACT_CODE",
                &code,
            ),
            question(
                Tier::Strong,
                "code",
                [name, &code, "", ""],
                "EXACT_CODE",
                &code,
            ),
            question(
                Tier::Strong,
                "org_code",
                ["", "", &hyphenated(&body.uscc), ""],
                "EXACT_CODE",
                &code,
            ),
            question(
                Tier::Medium,
                "ocr_code",
                ["", &code.replace('0', "O"), "", ""],
                "EXACT_CODE",
                &code,
            ),
            question(
                Tier::Medium,
                "context",
                [&own, "", "", &body.place.code],
                "EXACT_NAME",
                &code,
            ),
        ];
        if !body.short.is_empty() {
            ways.push(strong(
                "short_form",
                &format!("{prefix}{}", body.short),
                "ALIAS",
            ));
        }
        if let Some(bureau) = body.core.strip_suffix('局') {
            ways.push(nobody("class_twin", &format!("{prefix}{bureau}服务中心")));
            ways.push(strong(
                "internal_unit",
                &format!("{name}人事科"),
                "EXACT_NAME|ALIAS",
            ));
        }
        if body.core.starts_with('第') {
            ways.push(nobody(
                "numeral_twin",
                &name.replace("第十二", "第二").replace("第一", "第三"),
            ));
        }
        // One's own name alone may be others' too.
        let meant = forms.fits(&own, |_| true);
        ways.extend(named(&own, "prefix_dropped", "EXACT_NAME", &meant));
        let shortest = format!("{}{}", stem(&body.place.name), body.core);
        let meant = forms.fits(&shortest, |_| true);
        // Where only bodies of another type make it unique, the short name is a gamble.
        let is_plain = meant.len() > 1 || self.stems[stem(&body.place.name)] == 1;
        if is_plain && body.place.level != "TOWNSHIP" && shortest != own {
            ways.extend(named(
                &shortest,
                "division_short",
                "EXACT_NAME|ALIAS",
                &meant,
            ));
        }
        if let Some(inner) = body.inner() {
            let cut = half % inner.len();
            let mut doubled = inner.clone();
            doubled.insert(cut, inner[cut]);
            let doubled: String = doubled.into_iter().collect();
            ways.push(question(
                Tier::Medium,
                "one_edit",
                [&format!("{prefix}{doubled}局"), "", "", ""],
                "FUZZY",
                &code,
            ));
            let mut less = inner;
            less.remove(cut);
            let less: String = less.into_iter().collect();
            ways.push(question(
                Tier::Medium,
                "one_edit",
                [&format!("{prefix}{less}局"), "", "", ""],
                "ALIAS|FUZZY",
                &code,
            ));
        }
        let other = &self.bodies[(at + 1) % self.bodies.len()];
        let both = BTreeSet::from([code.clone(), other.uscc.to_string()]);
        let both: Vec<String> = both.into_iter().collect();
        ways.push(question(
            Tier::Strong,
            "conflict",
            [&other.name, &code, "", ""],
            "CONFLICT",
            &both.join("|"),
        ));
        ways
    }
}

/// A name that one body bears, or several.
fn named(name: &str, category: &str, outcome: &str, meant: &BTreeSet<&str>) -> Option<Pair> {
    let outcome = if meant.len() > 1 {
        "AMBIGUOUS"
    } else {
        outcome
    };
    let codes: Vec<&str> = meant.iter().copied().collect();
    let asked = [name, "", "", ""];
    (!codes.is_empty()).then(|| question(Tier::Strong, category, asked, outcome, &codes.join("|")))
}

fn question(tier: Tier, category: &str, asked: [&str; 4], outcome: &str, expected: &str) -> Pair {
    let [name, uscc, org_code, division] = asked.map(str::to_owned);
    Pair {
        id: format!("{category} {name}{uscc}{org_code}"),
        split: String::new(),
        cluster: String::new(),
        tier,
        category: category.to_owned(),
        name,
        uscc,
        org_code,
        division,
        as_of: None,
        expected_outcome: outcome.to_owned(),
        expected: expected.to_owned(),
        note: String::new(),
    }
}
