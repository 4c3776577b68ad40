//! The register: governments first, then what hangs below them, until the asked number is reached.

use std::collections::{HashMap, HashSet};

use domain::uscc::Uscc;

use super::luck::{Codes, Luck, numeral};
use super::places::{Place, Rank};
use super::words::{DEPARTMENTS, INSTITUTIONS, NUMBERED, TOWNSHIP};
use super::world::{MadeAgency, MadeSuccession};

mod reforms;

/// The register as made, with the place of each agency beside it.
pub(super) struct Register {
    pub(super) agencies: Vec<MadeAgency>,
    pub(super) successions: Vec<MadeSuccession>,
    /// Index of the place of each agency.
    pub(super) place_of: Vec<usize>,
}

/// Makes `count` agencies; fewer only where the divisions are too few to put them in.
pub(super) fn make(luck: Luck, places: &[Place], count: usize) -> Register {
    let mut maker = Maker::new(luck, places, count);
    maker.governments();
    maker.courts();
    maker.departments();
    maker.reforms();
    maker.institutions();
    maker.townships();
    maker.numbered();
    maker.register
}

/// What is said of an agency before it has a code.
struct Draft {
    place: usize,
    kind: &'static str,
    name: String,
    superior: Option<usize>,
    competent: Option<usize>,
}

struct Maker<'a> {
    luck: Luck,
    codes: Codes,
    places: &'a [Place],
    count: usize,
    seen: HashSet<(usize, String)>,
    /// Departments of a place by the local name.
    department: HashMap<(usize, &'static str), usize>,
    register: Register,
}

impl<'a> Maker<'a> {
    fn new(mut luck: Luck, places: &'a [Place], count: usize) -> Self {
        let codes = Codes::new("DEM", &mut luck);
        let register = Register {
            agencies: Vec::with_capacity(count),
            successions: Vec::new(),
            place_of: Vec::new(),
        };
        Self {
            luck,
            codes,
            places,
            count,
            seen: HashSet::new(),
            department: HashMap::new(),
            register,
        }
    }

    /// Adds an agency, unless the register is full or its division has one of that name.
    fn add(&mut self, draft: Draft) -> Option<usize> {
        let index = self.register.agencies.len();
        if index == self.count || !self.seen.insert((draft.place, draft.name.clone())) {
            return None;
        }
        let place = &self.places[draft.place];
        let founded = self.luck.day(1980, 2023);
        let agency = MadeAgency {
            uscc: self.codes.take(draft.kind, &place.six),
            name: draft.name,
            nature: match draft.kind {
                "11" => "机关",
                "12" => "事业单位",
                "13" => "群众团体",
                _ => "其他",
            },
            division: place.code.clone(),
            superior: self.code_of(draft.superior),
            competent: self.code_of(draft.competent),
            former_names: Vec::new(),
            aliases: Vec::new(),
            // Old registrations often lack the date.
            established: (!self.luck.one_in(12)).then(|| founded.to_string()),
            abolished: None,
        };
        self.register.agencies.push(agency);
        self.register.place_of.push(draft.place);
        Some(index)
    }

    fn code_of(&self, index: Option<usize>) -> Option<Uscc> {
        index.map(|index| self.register.agencies[index].uscc)
    }

    /// The government of a place: they were added first, one a place, in the order of the places.
    fn government(&self, place: usize) -> Option<usize> {
        (place < self.register.agencies.len()).then_some(place)
    }

    fn local(&self) -> impl Iterator<Item = usize> + use<> {
        let local = |place: &Place| matches!(place.rank, Rank::Prefecture | Rank::County);
        let found: Vec<_> = (0..self.places.len())
            .filter(|&index| local(&self.places[index]))
            .collect();
        found.into_iter()
    }

    fn governments(&mut self) {
        for (index, place) in self.places.iter().enumerate() {
            let name = place.government();
            // 顺德区人民政府 is 顺德区政府 to everybody, 大良街道办事处 大良街道办.
            let short = match (name.strip_suffix("人民政府"), name.strip_suffix("办事处")) {
                (Some(stem), _) => Some(format!("{stem}政府")),
                (_, Some(stem)) => Some(format!("{stem}办")),
                _ => None,
            };
            let superior = place.parent;
            let draft = Draft {
                place: index,
                kind: "11",
                name,
                superior,
                competent: None,
            };
            if let Some(made) = self.add(draft) {
                self.register.agencies[made].aliases.extend(short);
            }
        }
    }

    /// Courts and procuratorates answer to those above them, not to governments.
    fn courts(&mut self) {
        let mut above: HashMap<(usize, bool), usize> = HashMap::new();
        for (index, place) in self.places.iter().enumerate() {
            let mut names: Vec<String> = place
                .courts
                .iter()
                .map(|court| court.name.to_string())
                .collect();
            if !names.is_empty() {
                names.push(format!("{}人民检察院", place.prefix));
            }
            for name in names {
                let accuses = name.ends_with("检察院");
                let superior = place
                    .parent
                    .and_then(|up| above.get(&(up, accuses)).copied());
                // The numbered courts of a city stand below its intermediate court.
                let superior = above.get(&(index, accuses)).copied().or(superior);
                let made = self.add(Draft {
                    place: index,
                    kind: "11",
                    name,
                    superior,
                    competent: None,
                });
                if let Some(made) = made {
                    above.entry((index, accuses)).or_insert(made);
                }
            }
        }
    }

    fn departments(&mut self) {
        for (index, place) in self
            .places
            .iter()
            .enumerate()
            .filter(|(_, place)| place.rank < Rank::Township)
        {
            for department in DEPARTMENTS {
                let provincial = place.rank == Rank::Province;
                let called = if provincial {
                    department.province
                } else {
                    department.local
                };
                if called.is_empty() {
                    continue;
                }
                let superior = self.government(index);
                let name = format!("{}{called}", place.prefix);
                let Some(made) = self.add(Draft {
                    place: index,
                    kind: "11",
                    name,
                    superior,
                    competent: None,
                }) else {
                    continue;
                };
                self.department.insert((index, department.local), made);
                if provincial {
                    continue;
                }
                let agency = &mut self.register.agencies[made];
                if !department.short.is_empty() {
                    agency
                        .aliases
                        .push(format!("{}{}", place.prefix, department.short));
                }
                if !department.former.is_empty() && !self.luck.one_in(3) {
                    agency
                        .former_names
                        .push(format!("{}{}", place.prefix, department.former));
                }
            }
        }
    }

    fn institutions(&mut self) {
        let local: Vec<_> = self.local().collect();
        for &(kind, name, department) in INSTITUTIONS {
            for &place in &local {
                let name = format!("{}{name}", self.places[place].prefix);
                let competent = self.department.get(&(place, department)).copied();
                let superior = competent.or(self.government(place));
                if let Some(made) = self.add(Draft {
                    place,
                    kind,
                    name,
                    superior,
                    competent,
                }) {
                    // A few closed without a successor or an event that anybody recorded.
                    if self.luck.one_in(60) {
                        let gone = self.luck.day(2024, 2025);
                        self.register.agencies[made].abolished = Some(gone.to_string());
                    }
                }
            }
        }
    }

    fn townships(&mut self) {
        for name in TOWNSHIP {
            for (index, place) in self
                .places
                .iter()
                .enumerate()
                .filter(|(_, place)| place.rank == Rank::Township)
            {
                let name = format!("{}{name}", place.prefix);
                let superior = self.government(index);
                self.add(Draft {
                    place: index,
                    kind: "12",
                    name,
                    superior,
                    competent: None,
                });
            }
        }
    }

    /// Schools and stations by number, for as long as the register wants more.
    fn numbered(&mut self) {
        for number in 1..1000 {
            for &(name, department) in NUMBERED {
                for (index, place) in self.places.iter().enumerate().skip(1) {
                    if self.register.agencies.len() == self.count {
                        return;
                    }
                    let name = format!("{}第{}{name}", place.prefix, numeral(number));
                    let competent = self.department.get(&(index, department)).copied();
                    let superior = competent.or(self.government(index));
                    self.add(Draft {
                        place: index,
                        kind: "12",
                        name,
                        superior,
                        competent,
                    });
                }
            }
        }
    }
}
