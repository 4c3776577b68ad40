//! The court's list: mostly firms and persons, and now and then a body of the government.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDate};
use domain::uscc::Uscc;

use super::agencies::Register;
use super::luck::{Codes, Luck, day, person};
use super::places::{Court, Place, Rank};
use super::words::{CIRCUMSTANCES, DEBTS};
use super::world::{ListingKind, MadeListing, Scale};
use debtors::Debtors;

mod debtors;

/// The first key; keys rise with gaps, as the court's do.
const FIRST_ID: i64 = 709_000_000;
/// Serials no court reaches in a year.
const FIRST_SERIAL: usize = 90_001;

/// Who is listed, before anything is known of the case.
struct Debtor {
    kind: ListingKind,
    about: Option<Uscc>,
    name: String,
    card: String,
    /// Where the case runs: a place with courts.
    place: usize,
}

/// What all debtors of one case have in common.
#[derive(Clone)]
struct Case {
    code: Arc<str>,
    court: Arc<str>,
    gist_id: Arc<str>,
    gist_unit: Arc<str>,
    registered: NaiveDate,
    published: NaiveDate,
    duty: Arc<str>,
    amount: usize,
    debtors: u8,
}

/// Makes the listings of a scale.
pub(super) fn make(
    mut luck: Luck,
    places: &[Place],
    register: &Register,
    scale: &Scale,
) -> Vec<MadeListing> {
    let codes = Codes::new("DEQ", &mut luck);
    let seats: Vec<usize> = (0..places.len())
        .filter(|&index| places[index].rank > Rank::Province && !places[index].courts.is_empty())
        .collect();
    let mut debtors = Debtors::new(places, register, seats, codes);
    let mut cases = Cases {
        serials: HashMap::new(),
        last: None,
    };
    let area: Arc<str> = short_name(&places[0].prefix).into();
    let mut id = FIRST_ID;
    (0..scale.listings)
        .map(|number| {
            id += 1 + luck.below(5) as i64;
            let share = scale.agency_share.max(1);
            let debtor = if number % share == share / 2 {
                debtors.agency(&mut luck)
            } else {
                debtors.other(&mut luck)
            };
            let case = cases.case(&mut luck, places, &debtor);
            listing(&mut luck, id, debtor, case, Arc::clone(&area))
        })
        .collect()
}

struct Cases {
    /// Cases so far, by court and year.
    serials: HashMap<(String, i32), usize>,
    last: Option<Case>,
}

impl Cases {
    /// A new case, or for one firm or person in twelve the case of the one before.
    fn case(&mut self, luck: &mut Luck, places: &[Place], debtor: &Debtor) -> Case {
        let joins =
            matches!(debtor.kind, ListingKind::Person | ListingKind::Enterprise) && luck.one_in(12);
        if let Some(last) = self
            .last
            .as_mut()
            .filter(|last| joins && last.debtors < u8::MAX)
        {
            last.debtors += 1;
            return last.clone();
        }
        let court = court(luck, places, debtor.place);
        let (name, code) = (court.name.clone(), court.code.clone());
        let registered = day(2019, 1, 2) + Days::new(luck.below(2_780) as u64);
        let year = registered.year();
        let published = registered + Days::new(20 + luck.below(60) as u64);
        let serial = self
            .serials
            .entry((code.clone(), year))
            .or_insert(FIRST_SERIAL);
        *serial += 1;
        let (open, close) = if luck.one_in(2) {
            ("(", ")")
        } else {
            ("（", "）")
        };
        let resumed = if luck.one_in(9) { "执恢" } else { "执" };
        let earlier = year - luck.below(2) as i32;
        let amount = 10_000 + luck.below(9_000_000);
        // One award in ten is of an arbitration commission, which has no court's code.
        let arbitrated = luck.one_in(10);
        let number = FIRST_SERIAL + luck.below(9_999);
        let gist_id = if arbitrated {
            format!("示例仲案字〔{earlier}〕第{number}号")
        } else {
            format!("{open}{earlier}{close}{code}民初{number}号")
        };
        let case = Case {
            code: format!("{open}{year}{close}{code}{resumed}{serial}号").into(),
            gist_unit: if arbitrated {
                "示例仲裁委员会".into()
            } else {
                name.clone()
            },
            court: name,
            gist_id: gist_id.into(),
            registered,
            published,
            duty: format!("支付{}{amount}.00元及逾期利息", luck.pick(DEBTS)).into(),
            amount,
            debtors: 1,
        };
        self.last = Some(case.clone());
        case
    }
}

fn court<'a>(luck: &mut Luck, places: &'a [Place], place: usize) -> &'a Court {
    let mut at = place;
    // Townships have none, their county's or city's court sits for them.
    while places[at].courts.is_empty() {
        at = places[at].parent.expect("the province has a court");
    }
    luck.pick(&places[at].courts)
}

/// A province's name as the court's list has it: 广东, 内蒙古.
fn short_name(province: &str) -> &str {
    let ends = [
        "省",
        "市",
        "维吾尔自治区",
        "壮族自治区",
        "回族自治区",
        "自治区",
    ];
    let short = ends.iter().find_map(|end| province.strip_suffix(end));
    short.unwrap_or(province)
}

fn listing(
    luck: &mut Luck,
    id: i64,
    debtor: Debtor,
    case: Case,
    area_name: Arc<str>,
) -> MadeListing {
    let natural = debtor.kind == ListingKind::Person;
    let paid = case.amount / (2 + luck.below(8));
    let (performance, performed_part, unperform_part) = match luck.below(10) {
        0 => (
            "全部已履行",
            format!("已支付{}元", case.amount),
            "暂无".to_owned(),
        ),
        1 | 2 => (
            "部分未履行",
            format!("已支付{paid}元"),
            format!("尚欠{}元", case.amount - paid),
        ),
        _ => ("全部未履行", "暂无".to_owned(), "暂无".to_owned()),
    };
    // The year of birth stands open in a masked number; the list's age is that of the publication.
    let born = debtor
        .card
        .get(6..10)
        .and_then(|year| year.parse::<i32>().ok())
        .filter(|_| natural);
    MadeListing {
        id,
        kind: debtor.kind,
        about: debtor.about,
        name: debtor.name,
        card: debtor.card,
        case_code: case.code,
        debtor_no: case.debtors,
        court_name: case.court,
        area_name,
        gist_id: case.gist_id,
        gist_unit: case.gist_unit,
        reg_date: case.registered,
        publish_date: case.published,
        duty: case.duty,
        performance,
        performed_part,
        unperform_part,
        disrupt_type: luck.pick::<&str>(CIRCUMSTANCES),
        business_entity: if natural { String::new() } else { person(luck) },
        party_type: u8::from(!natural),
        age: born.map_or(0, |born| (case.published.year() - born).clamp(18, 99) as u8),
        sex: match natural {
            true if luck.one_in(3) => "女性",
            true => "男性",
            false => "",
        },
    }
}
