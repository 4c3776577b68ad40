//! Who is listed, and under which code and name.

use std::collections::HashSet;

use domain::uscc::Uscc;

use super::Debtor;
use crate::demo::agencies::Register;
use crate::demo::luck::{Codes, Luck, numeral, person, person_card};
use crate::demo::places::{Place, Rank};
use crate::demo::words::{DEPARTMENTS, NOWHERE, SYLLABLES, TRADES};
use crate::demo::world::{ListingKind, MadeSuccession};

const STEMS: [&str; 10] = ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸"];

/// The pool that debtors are drawn from.
pub(super) struct Debtors<'a> {
    places: &'a [Place],
    register: &'a Register,
    /// Places with a court of first instance.
    seats: Vec<usize>,
    /// Agencies that may owe something.
    owing: Vec<usize>,
    /// Agencies with a name they bore before, or that are themselves a predecessor.
    renamed: Vec<(usize, String)>,
    codes: Codes,
    /// Bodies of the government listed so far.
    bodies: usize,
    /// Firms listed so far: some come back with another case.
    firms: Vec<(Uscc, String, usize)>,
}

impl<'a> Debtors<'a> {
    pub(super) fn new(
        places: &'a [Place],
        register: &'a Register,
        seats: Vec<usize>,
        codes: Codes,
    ) -> Self {
        let mut owing = Vec::new();
        let mut renamed = Vec::new();
        let from = |event: &'a MadeSuccession| event.from_code.as_ref().map(Uscc::as_str);
        let predecessors: HashSet<&str> = register.successions.iter().filter_map(from).collect();
        for (index, agency) in register.agencies.iter().enumerate() {
            // Courts and the province's own bodies would be a strange sight on the list.
            let odd = ["法院", "检察院", "常务委员会"]
                .iter()
                .any(|end| agency.name.ends_with(end));
            if odd || places[register.place_of[index]].rank == Rank::Province {
                continue;
            }
            renamed.extend(agency.former_names.iter().map(|name| (index, name.clone())));
            if agency.abolished.is_none() {
                owing.push(index);
            } else if predecessors.contains(agency.uscc.as_str()) {
                renamed.push((index, agency.name.clone()));
            }
        }
        Self {
            places,
            register,
            seats,
            owing,
            renamed,
            codes,
            bodies: 0,
            firms: Vec::new(),
        }
    }

    /// A body of the government, named well or badly.
    pub(super) fn agency(&mut self, luck: &mut Luck) -> Debtor {
        // By turns, not by chance: the smallest demo shows every way of naming in its share. Seven
        // has no factor in common with twenty, so the turns mix the ways and leave none out.
        self.bodies += 1;
        let kind = match self.bodies * 7 % 20 {
            0..8 => ListingKind::AgencyByUscc,
            8..12 => ListingKind::AgencyByOrgCode,
            12..17 => ListingKind::AgencyByName,
            17 if !self.renamed.is_empty() => ListingKind::AgencyByFormerName,
            18 => ListingKind::AgencyByBrokenCode,
            _ => ListingKind::Unresolvable,
        };
        if kind == ListingKind::Unresolvable || self.owing.is_empty() {
            return self.unresolvable(luck);
        }
        let (index, name) = match kind {
            ListingKind::AgencyByFormerName => luck.pick(&self.renamed).clone(),
            _ => {
                let index = *luck.pick(&self.owing);
                (index, self.register.agencies[index].name.clone())
            }
        };
        let uscc = &self.register.agencies[index].uscc;
        let card = match kind {
            ListingKind::AgencyByUscc => uscc.as_str().to_owned(),
            ListingKind::AgencyByOrgCode => org_code(luck, uscc.as_str()),
            ListingKind::AgencyByBrokenCode => broken(luck, uscc.as_str()),
            _ => no_card(luck),
        };
        Debtor {
            kind,
            about: Some(*uscc),
            name,
            card,
            place: self.register.place_of[index],
        }
    }

    /// A bureau without its place, or a body that is nowhere.
    fn unresolvable(&self, luck: &mut Luck) -> Debtor {
        let name = match luck.one_in(2) {
            true => luck.pick(DEPARTMENTS).local,
            false => *luck.pick(NOWHERE),
        };
        let name = if name.is_empty() { NOWHERE[0] } else { name }.to_owned();
        Debtor {
            kind: ListingKind::Unresolvable,
            about: None,
            name,
            card: no_card(luck),
            place: self.seat(luck),
        }
    }

    /// Anybody else.
    pub(super) fn other(&mut self, luck: &mut Luck) -> Debtor {
        match luck.below(100) {
            0..55 => {
                let place = self.seat(luck);
                Debtor {
                    kind: ListingKind::Person,
                    about: None,
                    name: person(luck),
                    card: person_card(luck),
                    place,
                }
            }
            55..93 => self.firm(luck),
            93..97 => self.village(luck),
            _ => self.cooperative(luck),
        }
    }

    fn firm(&mut self, luck: &mut Luck) -> Debtor {
        let known = !self.firms.is_empty() && luck.one_in(3);
        let (uscc, name, place) = if known {
            luck.pick(&self.firms).clone()
        } else {
            let place = self.seat(luck);
            let home = &self.places[place];
            // Firms are named after their city, or their county if that has a name of its own.
            let city = home
                .parent
                .filter(|_| home.prefix.ends_with('区'))
                .map_or(home, |up| &self.places[up]);
            let trade = luck.pick(TRADES);
            let form = if luck.one_in(8) {
                "股份有限公司"
            } else {
                "有限公司"
            };
            let name = format!("{}{}{trade}{form}", city.prefix, house(luck));
            let firm = (self.codes.take("91", &home.six), name, place);
            self.firms.push(firm.clone());
            firm
        };
        Debtor {
            kind: ListingKind::Enterprise,
            about: None,
            name,
            card: uscc.as_str().to_owned(),
            place,
        }
    }

    fn village(&mut self, luck: &mut Luck) -> Debtor {
        let place = self.seat(luck);
        let home = &self.places[place];
        let name = format!(
            "{}某{}第{}村村民委员会",
            home.prefix,
            luck.pick(SYLLABLES),
            numeral(1 + luck.below(60))
        );
        let card = self.codes.take("54", &home.six).as_str().to_owned();
        Debtor {
            kind: ListingKind::Village,
            about: None,
            name,
            card,
            place,
        }
    }

    fn cooperative(&mut self, luck: &mut Luck) -> Debtor {
        let place = self.seat(luck);
        let home = &self.places[place];
        let name = format!("{}{}种养专业合作社", home.prefix, house(luck));
        let card = self.codes.take("93", &home.six).as_str().to_owned();
        Debtor {
            kind: ListingKind::Cooperative,
            about: None,
            name,
            card,
            place,
        }
    }

    fn seat(&self, luck: &mut Luck) -> usize {
        // A tree without the province's cities leaves only the province.
        if self.seats.is_empty() {
            0
        } else {
            *luck.pick(&self.seats)
        }
    }
}

/// A trade name that is visibly nobody's.
fn house(luck: &mut Luck) -> String {
    format!(
        "{}某{}{}",
        luck.pick(&STEMS),
        luck.pick(SYLLABLES),
        luck.pick(SYLLABLES)
    )
}

fn no_card(luck: &mut Luck) -> String {
    if luck.one_in(2) {
        String::new()
    } else {
        "暂无".to_owned()
    }
}

fn org_code(luck: &mut Luck, uscc: &str) -> String {
    let (body, check) = (&uscc[8..16], &uscc[16..17]);
    if luck.one_in(3) {
        format!("{body}-{check}")
    } else {
        format!("{body}{check}")
    }
}

/// A code that lost its end, or whose check character is wrong.
fn broken(luck: &mut Luck, uscc: &str) -> String {
    match luck.below(3) {
        0 => uscc[..10 + luck.below(6)].to_owned(),
        1 => format!("{}********", &uscc[..10]),
        _ => {
            let wrong = if uscc.ends_with('1') { '2' } else { '1' };
            format!("{}{wrong}", &uscc[..17])
        }
    }
}
