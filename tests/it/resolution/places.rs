//! The division tree as a reader without any resolver would take it, and by brute force all the ways
//! in which bodies are called when parts of the path are left out or shortened. Truth is made of it.

use std::collections::{BTreeSet, HashMap};

use serde::Deserialize;

use super::set::Registered;

/// Words that end a division's name, the longest first.
const LEVEL_WORDS: [&str; 12] = [
    "自治区",
    "自治州",
    "自治县",
    "自治旗",
    "地区",
    "省",
    "市",
    "区",
    "县",
    "旗",
    "盟",
    "州",
];
/// Peoples in the names of autonomous divisions, left out when one speaks of them.
#[rustfmt::skip]
const PEOPLES: [&str; 44] = [
    "蒙古族", "蒙古", "回族", "藏族", "维吾尔", "苗族", "彝族", "壮族", "布依族", "朝鲜族", "满族",
    "侗族", "瑶族", "白族", "土家族", "哈尼族", "哈萨克族", "哈萨克", "傣族", "黎族", "傈僳族",
    "佤族", "畲族", "拉祜族", "水族", "东乡族", "纳西族", "景颇族", "柯尔克孜", "土族", "羌族",
    "布朗族", "撒拉族", "毛南族", "仡佬族", "锡伯", "普米族", "保安族", "裕固族", "独龙族", "怒族",
    "鄂伦春", "鄂温克族", "各族",
];

/// A division of the catalogue.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Place {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) level: String,
    pub(super) parent: String,
}

/// The divisions in force.
pub(super) struct Places {
    by_code: HashMap<String, Place>,
    /// In the order of the catalogue.
    codes: Vec<String>,
}

impl Places {
    pub(super) fn load() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/catalogue/divisions.csv");
        let mut reader = csv::Reader::from_path(path).expect("the catalogue stands there");
        let rows: Vec<Place> = reader
            .deserialize()
            .collect::<Result<_, _>>()
            .expect("the catalogue has these columns");
        Self {
            codes: rows.iter().map(|row| row.code.clone()).collect(),
            by_code: rows
                .into_iter()
                .map(|row| (row.code.clone(), row))
                .collect(),
        }
    }

    pub(super) fn get(&self, code: &str) -> Option<&Place> {
        self.by_code.get(code)
    }

    /// All of them, in the order of the catalogue.
    pub(super) fn all(&self) -> impl Iterator<Item = &Place> {
        self.codes.iter().filter_map(|code| self.get(code))
    }

    /// From the province down to the division itself.
    pub(super) fn path(&self, code: &str) -> Vec<&Place> {
        let mut path = Vec::new();
        let mut next = self.get(code);
        while let Some(place) = next.filter(|place| place.level != "NATION") {
            path.push(place);
            next = self.get(&place.parent);
        }
        path.reverse();
        path
    }

    /// What a body's official name begins with: a district's has its city's name before it, a
    /// town's its county's.
    pub(super) fn prefix(&self, code: &str) -> String {
        let path = self.path(code);
        let Some((own, above)) = path.split_last() else {
            return String::new();
        };
        let before = match (own.level.as_str(), above.last()) {
            ("TOWNSHIP", Some(county)) => self.prefix(&county.code),
            ("COUNTY", Some(city)) if own.name.ends_with('区') => city.name.clone(),
            _ => String::new(),
        };
        before + &own.name
    }
}

/// A division's name without its level word and without peoples: 云和, 景宁, 恩施. Its whole name,
/// where too little would be left.
pub(super) fn stem(name: &str) -> &str {
    let long_enough = |text: &&str| text.chars().count() >= 2;
    let level = LEVEL_WORDS.iter().find_map(|word| name.strip_suffix(word));
    let Some(mut stem) = level.filter(long_enough) else {
        return name;
    };
    while let Some(less) = PEOPLES.iter().find_map(|people| stem.strip_suffix(people)) {
        if !long_enough(&less) {
            break;
        }
        stem = less;
    }
    stem
}

/// The ways in which one says a division's name.
fn said(place: &Place) -> Vec<String> {
    let mut said = vec![place.name.clone()];
    let stem = stem(&place.name);
    // A town without 镇 or 街道 is not named any more.
    if place.level != "TOWNSHIP" && stem != place.name {
        said.push(stem.to_owned());
    }
    if place.name.ends_with("自治州") {
        said.push(format!("{stem}州"));
    }
    said
}

/// Which living bodies a text fits, word for word.
pub(super) struct Forms(HashMap<String, BTreeSet<String>>);

impl Forms {
    pub(super) fn of(places: &Places, register: &[Registered]) -> Self {
        let mut forms: HashMap<String, BTreeSet<String>> = HashMap::new();
        for body in register.iter().filter(|body| body.abolished_on.is_none()) {
            let names = places.names(body);
            let aliases = body.aliases.split(';').filter(|name| !name.is_empty());
            for name in names.into_iter().chain(aliases.map(str::to_owned)) {
                forms.entry(name).or_default().insert(body.uscc.clone());
            }
        }
        Self(forms)
    }

    /// The codes of the bodies in a division that a text fits; nowhere given is everywhere.
    pub(super) fn fits(&self, text: &str, is_in: impl Fn(&str) -> bool) -> BTreeSet<&str> {
        let codes = self.0.get(text).into_iter().flatten();
        codes
            .map(String::as_str)
            .filter(|code| is_in(code))
            .collect()
    }
}

impl Places {
    /// All names of a body by leaving out or shortening what stands above it.
    fn names(&self, body: &Registered) -> Vec<String> {
        let prefix = self.prefix(&body.division);
        let (before, rest) = match body.name.strip_prefix("国家税务总局") {
            Some(rest) => ("国家税务总局", rest),
            None => ("", body.name.as_str()),
        };
        let (Some(core), path) = (rest.strip_prefix(&prefix), self.path(&body.division)) else {
            return vec![body.name.clone()];
        };
        let Some((own, above)) = path.split_last() else {
            return vec![body.name.clone()];
        };
        let mut starts = vec![String::new()];
        for place in above {
            let longer = starts.iter().flat_map(|start| {
                let said = said(place).into_iter();
                said.map(move |name| format!("{start}{name}"))
            });
            let longer: Vec<_> = longer.collect();
            starts.extend(longer);
        }
        let mut names = Vec::new();
        for start in starts {
            for own in said(own) {
                names.push(format!("{before}{start}{own}{core}"));
                names.push(format!("{start}{own}{core}"));
            }
        }
        names
    }
}
