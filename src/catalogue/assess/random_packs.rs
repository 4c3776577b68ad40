//! What must hold of any pack that is let in, whatever the facts: packs are made at random and written as files are, and
//! which rules give points is told a second time without the evaluator.

use domain::{
    agency::AgencyKind,
    assess::{Measured, RulePack, Scored},
    credit_record::{CreditRecord, CreditRecordKind, CreditRecordStatus, Tier},
    indicator::Indicator,
};
use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{select, subsequence},
};
use rust_decimal::Decimal;

use super::{
    kept_pack,
    properties::{CODES, Owned, check, day, facts, repaired, some_facts},
};

/// Statuses that rules may name.
const STATUSES: [CreditRecordStatus; 3] = [
    CreditRecordStatus::Active,
    CreditRecordStatus::Expired,
    CreditRecordStatus::Delisted,
];
const HEADINGS: [&str; 3] = ["1.1.1", "1.1.2", "2.1.1"];
const GRADES: [&str; 3] = ["A", "B", "C"];

/// A pack as it is thought up.
#[derive(Debug, Clone)]
struct Plan {
    /// Tenths of points from which A and B begin.
    grades: [i64; 2],
    weights: [i64; 2],
    least: Option<i64>,
    most: Option<i64>,
    rules: Vec<Planned>,
}

#[derive(Debug, Clone)]
struct Planned {
    /// Statuses of records; none of a rule over measurements.
    records: Option<Vec<CreditRecordStatus>>,
    bodies: Vec<AgencyKind>,
    tests: Vec<Test>,
    how: How,
    cap: Option<i64>,
    veto: Option<usize>,
    heading: usize,
}

/// A condition, and the number that it is about where it is about one.
#[derive(Debug, Clone, Copy)]
enum Test {
    Kind(CreditRecordKind),
    NotKind(CreditRecordKind),
    TierOrNone(Tier),
    AmountFrom(i64),
    Objected(bool),
    Code(&'static str),
    ValueBelow(i64),
    Younger(i64),
}

/// Points are in tenths.
#[derive(Debug, Clone)]
enum How {
    Each(i64, Option<(i64, i64)>),
    Once(i64, usize),
    None(i64),
    Bands(Measured, Vec<(i64, i64)>),
}

fn tests(records: bool) -> BoxedStrategy<Vec<Test>> {
    let one = match records {
        true => prop_oneof![
            select(CreditRecordKind::ALL).prop_map(Test::Kind),
            select(CreditRecordKind::ALL).prop_map(Test::NotKind),
            select(Tier::ALL).prop_map(Test::TierOrNone),
            (0..100_000_000_i64).prop_map(Test::AmountFrom),
            any::<bool>().prop_map(Test::Objected),
            (1..2_000_i64).prop_map(Test::Younger),
        ]
        .boxed(),
        false => prop_oneof![
            select(&CODES[..]).prop_map(Test::Code),
            (0..120_i64).prop_map(Test::ValueBelow),
            (1..800_i64).prop_map(Test::Younger),
        ]
        .boxed(),
    };
    vec(one, 0..3).boxed()
}

/// Over records points are lost, but for their absence; over measurements either, as the sign says.
fn how(records: bool, sign: i64) -> BoxedStrategy<How> {
    let points = move || (1..300_i64).prop_map(move |points| points * sign);
    let decay = option::of((1..1_500_i64, 0..10_i64));
    let measures = match records {
        true => vec![Measured::Count, Measured::Amount],
        false => vec![Measured::Count, Measured::Value, Measured::Latest],
    };
    // Each band begins above the one before and is worth more.
    let bands =
        (select(measures), vec((1..40_i64, 1..60_i64), 1..4)).prop_map(move |(measured, steps)| {
            let (mut from, mut points) = (-20, 0);
            let unit = if measured == Measured::Amount {
                1_000_000
            } else {
                1
            };
            let bands = steps.into_iter().map(|(width, more)| {
                (from, points) = (from + width, points + more);
                (from * unit, points * sign)
            });
            How::Bands(measured, bands.collect())
        });
    let absent = if records { -sign } else { sign };
    prop_oneof![
        (points(), decay).prop_map(|(points, decay)| How::Each(points, decay)),
        (points(), 1..4_usize).prop_map(|(points, least)| How::Once(points, least)),
        (1..300_i64).prop_map(move |points| How::None(points * absent)),
        bands,
    ]
    .boxed()
}

fn planned() -> impl Strategy<Value = Planned> {
    (any::<bool>(), any::<bool>()).prop_flat_map(|(is_records, loses)| {
        let sign = if is_records || loses { -1 } else { 1 };
        let statuses = option::of(subsequence(&STATUSES[..], 1..=3));
        let bodies = subsequence(AgencyKind::ALL, 0..=2);
        let caps = option::of(1..500_i64);
        let rest = (
            caps,
            option::weighted(0.4, 0..GRADES.len()),
            0..HEADINGS.len(),
        );
        (
            statuses,
            bodies,
            tests(is_records),
            how(is_records, sign),
            rest,
        )
            .prop_map(
                move |(statuses, bodies, tests, how, (cap, veto, heading))| {
                    let loses = match &how {
                        How::Each(points, _) | How::Once(points, _) | How::None(points) => {
                            *points < 0
                        }
                        How::Bands(_, bands) => bands[0].1 < 0,
                    };
                    Planned {
                        records: is_records.then(|| statuses.unwrap_or_else(|| vec![STATUSES[0]])),
                        bodies,
                        tests,
                        how,
                        cap: cap.map(|cap| if loses { -cap } else { cap }),
                        veto,
                        heading,
                    }
                },
            )
    })
}

fn plans() -> impl Strategy<Value = Plan> {
    let bound = || option::of(0..800_i64);
    let rules = vec(planned(), 1..14);
    (
        0..900_i64,
        1..400_i64,
        [0..25_i64, 0..25_i64],
        bound(),
        bound(),
        rules,
    )
        .prop_map(|(b, more, weights, least, most, rules)| Plan {
            grades: [b + more, b],
            weights,
            least: least.map(|least| -least),
            most,
            rules,
        })
}

fn tenths(number: i64) -> String {
    Decimal::new(number, 1).to_string()
}

impl Test {
    fn text(self) -> String {
        match self {
            Self::Kind(kind) => format!(r#"{{ field = "kind", in = ["{kind}"] }}"#),
            Self::NotKind(kind) => format!(r#"{{ not = {{ field = "kind", in = ["{kind}"] }} }}"#),
            Self::TierOrNone(tier) => format!(
                r#"{{ any = [{{ field = "tier", in = ["{tier}"] }}, {{ field = "tier", given = false }}] }}"#
            ),
            Self::AmountFrom(yuan) => format!(r#"{{ field = "amount", at_least = "{yuan}" }}"#),
            Self::Objected(is) => format!(r#"{{ field = "under_objection", given = {is} }}"#),
            Self::Code(code) => format!(r#"{{ field = "code", in = ["{code}"] }}"#),
            Self::ValueBelow(value) => format!(r#"{{ field = "value", below = "{value}" }}"#),
            Self::Younger(days) => format!(r#"{{ field = "age_days", below = "{days}" }}"#),
        }
    }

    fn holds_of_record(self, record: &CreditRecord) -> bool {
        match self {
            Self::Kind(kind) => record.kind == kind,
            Self::NotKind(kind) => record.kind != kind,
            Self::TierOrNone(tier) => record.tier.is_none_or(|own| own == tier),
            Self::AmountFrom(yuan) => record
                .amount
                .is_some_and(|own| own.to_decimal() >= yuan.into()),
            Self::Objected(is) => record.under_objection == is,
            Self::Younger(days) => (day() - record.identified_on).num_days() < days,
            Self::Code(_) | Self::ValueBelow(_) => unreachable!("of measurements"),
        }
    }

    fn holds_of_indicator(self, indicator: &Indicator) -> bool {
        match self {
            Self::Code(code) => indicator.code == code,
            Self::ValueBelow(value) => indicator.value < value.into(),
            Self::Younger(days) => (day() - indicator.period_to).num_days() < days,
            _ => unreachable!("of records"),
        }
    }
}

impl Planned {
    fn text(&self, number: usize) -> String {
        let words = |words: Vec<String>| format!("[{}]", words.join(", "));
        let quoted = |word: &dyn ToString| format!("\"{}\"", word.to_string());
        let mut text = format!(
            "[[rule]]\ncode = \"r{number}\"\nindicator = \"{}\"\ntitle = \"t\"\nlegal_basis = \"b\"\nillustrative = true\n",
            HEADINGS[self.heading]
        );
        let of = if self.records.is_some() {
            "RECORDS"
        } else {
            "INDICATORS"
        };
        text += &format!("of = \"{of}\"\n");
        if let Some(statuses) = &self.records {
            let statuses = statuses.iter().map(|status| quoted(status)).collect();
            text += &format!("status = {}\n", words(statuses));
        }
        let bodies = self.bodies.iter().map(|body| quoted(body)).collect();
        let tests = self.tests.iter().map(|test| test.text()).collect();
        text += &format!("bodies = {}\nwhen = {}\n", words(bodies), words(tests));
        text += &match &self.how {
            How::Each(points, None) => {
                format!("how = \"EACH\"\npoints = \"{}\"\n", tenths(*points))
            }
            How::Each(points, Some((days, factor))) => format!(
                "how = \"EACH\"\npoints = \"{}\"\ndecay = [{{ after_days = {days}, factor = \"{}\" }}]\n",
                tenths(*points),
                tenths(*factor)
            ),
            How::Once(points, least) => format!(
                "how = \"ONCE\"\npoints = \"{}\"\nat_least = {least}\n",
                tenths(*points)
            ),
            How::None(points) => format!("how = \"NONE\"\npoints = \"{}\"\n", tenths(*points)),
            How::Bands(measured, bands) => {
                let bands = bands.iter().map(|(from, points)| {
                    format!(
                        "{{ at_least = \"{from}\", points = \"{}\" }}",
                        tenths(*points)
                    )
                });
                let bands = words(bands.collect());
                format!("how = \"BANDS\"\nmeasure = \"{measured}\"\nband = {bands}\n")
            }
        };
        if let Some(cap) = self.cap {
            text += &format!("cap = \"{}\"\n", tenths(cap));
        }
        if let Some(veto) = self.veto {
            text += &format!("veto = \"{}\"\n", GRADES[veto]);
        }
        text
    }

    /// Whether it gives points, told without the evaluator.
    fn fires(&self, (body, records, indicators): &Owned) -> bool {
        if !self.bodies.is_empty() && !self.bodies.contains(body) {
            return false;
        }
        // Of each fact its age, its amount and its value.
        let found: Vec<(i64, Decimal, Decimal)> = match &self.records {
            Some(statuses) => records
                .iter()
                .filter(|record| {
                    statuses.contains(&record.status)
                        && self.tests.iter().all(|test| test.holds_of_record(record))
                })
                .map(|record| {
                    let amount = record.amount.map_or(Decimal::ZERO, |amount| {
                        amount.to_decimal().max(Decimal::ZERO)
                    });
                    (
                        (day() - record.identified_on).num_days(),
                        amount,
                        Decimal::ZERO,
                    )
                })
                .collect(),
            None => indicators
                .iter()
                .filter(|one| self.tests.iter().all(|test| test.holds_of_indicator(one)))
                .map(|one| ((day() - one.period_to).num_days(), Decimal::ZERO, one.value))
                .collect(),
        };
        match &self.how {
            How::Each(_, None) => !found.is_empty(),
            How::Each(_, Some((days, factor))) => {
                found.iter().any(|(age, ..)| age < days || *factor > 0)
            }
            How::Once(_, least) => found.len() >= *least,
            How::None(_) => found.is_empty(),
            How::Bands(measured, bands) => {
                let least = Decimal::from(bands[0].0);
                let measure = match measured {
                    Measured::Count => found.len().into(),
                    Measured::Amount => found.iter().map(|(_, amount, _)| amount).sum(),
                    Measured::Value => found.iter().map(|(.., value)| value).sum(),
                    // Facts stand in the order of their numbers; of one day the later one is meant.
                    Measured::Latest => {
                        let youngest = found.iter().map(|(age, ..)| *age).min();
                        let mut latest = found.iter().rev();
                        let latest = latest.find(|(age, ..)| Some(*age) == youngest);
                        latest.map_or(Decimal::ZERO, |(.., value)| *value)
                    }
                };
                !found.is_empty() && measure >= least
            }
        }
    }
}

impl Plan {
    /// The file, with its rules in this order.
    fn text(&self, order: impl Iterator<Item = usize>) -> String {
        let bounds = |key: &str, bound: Option<i64>| {
            bound.map_or(String::new(), |bound| {
                format!("{key} = \"{}\"\n", tenths(bound))
            })
        };
        let [a, b] = self.grades.map(tenths);
        let mut text = format!(
            "pack = \"p\"\nversion = \"1\"\ntitle = \"t\"\nfrom = \"2026-01-01\"\nbase = \"85\"\nleast = \"0\"\nmost = \"100\"\n\
             legal_basis = \"b\"\nillustrative = true\n\
             [[grade]]\ncode = \"A\"\ntitle = \"a\"\nat_least = \"{a}\"\n[[grade]]\ncode = \"B\"\ntitle = \"b\"\nat_least = \"{b}\"\n\
             [[grade]]\ncode = \"C\"\ntitle = \"c\"\n"
        );
        for (code, weight) in [
            ("1", Some(0)),
            ("1.1", None),
            ("1.1.1", None),
            ("1.1.2", None),
            ("2", Some(1)),
            ("2.1", None),
            ("2.1.1", None),
        ] {
            text += &format!("[[indicator]]\ncode = \"{code}\"\ntitle = \"t\"\n");
            if let Some(at) = weight {
                text += &format!("weight = \"{}\"\n", tenths(self.weights[at]));
            }
            if code == "1.1" {
                text += &(bounds("least", self.least) + &bounds("most", self.most));
            }
        }
        let rules = order.map(|at| self.rules[at].text(at));
        text + &rules.collect::<String>()
    }

    fn pack(&self) -> Option<RulePack> {
        kept_pack(&self.text(0..self.rules.len())).ok()
    }

    /// The grade that a score has under the vetoes of those rules that give points.
    fn grade(&self, scored: &Scored, owned: &Owned) -> (usize, Vec<String>) {
        let starts = self.grades.map(|tenths| Decimal::new(tenths, 1));
        let reached = starts.iter().position(|start| scored.score >= *start);
        let firing = self
            .rules
            .iter()
            .zip(0..)
            .filter(|(rule, _)| rule.fires(owned));
        let vetoes =
            firing.filter_map(|(rule, at): (_, usize)| Some((rule.veto?, format!("r{at}"))));
        let (places, mut codes): (Vec<usize>, Vec<String>) = vetoes.unzip();
        codes.sort_unstable();
        let best = places.into_iter().max().unwrap_or(0);
        (reached.unwrap_or(GRADES.len() - 1).max(best), codes)
    }

    /// Whether the repair of the last record would begin a veto.
    fn punishes_repair(&self) -> bool {
        let punishes = |rule: &Planned| {
            rule.veto.is_some() && rule.records.is_some() && matches!(rule.how, How::None(_))
        };
        self.rules.iter().any(punishes)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn only_what_could_punish_a_repair_is_refused(plan in plans()) {
        match kept_pack(&plan.text(0..plan.rules.len())) {
            Ok(_) => prop_assert!(!plan.punishes_repair()),
            Err(errors) => {
                let keys: Vec<_> = errors.iter().filter_map(|error| error.key.as_deref()).collect();
                prop_assert!(plan.punishes_repair() && keys.iter().all(|key| *key == "rule.veto"), "{:?}", errors);
            }
        }
    }

    #[test]
    fn points_add_up_and_bounds_and_vetoes_hold(plan in plans(), owned in some_facts()) {
        let pack = plan.pack();
        prop_assume!(pack.is_some());
        let pack = pack.expect("it is assumed");
        let facts = facts(&owned);
        let scored = pack.evaluate(&facts, day());
        check(&pack, &scored, &facts);
        let (grade, vetoes) = plan.grade(&scored, &owned);
        prop_assert_eq!((&*scored.grade, &scored.vetoes), (GRADES[grade], &vetoes));
    }

    #[test]
    fn no_order_shows(plan in plans(), owned in some_facts(), seed in any::<u64>()) {
        let pack = plan.pack();
        prop_assume!(pack.is_some());
        let mut order: Vec<usize> = (0..plan.rules.len()).collect();
        order.sort_by_key(|at| (*at as u64 + 1).wrapping_mul(seed | 1));
        let other = kept_pack(&plan.text(order.into_iter())).expect("only the order is another");
        let straight = pack.expect("it is assumed").evaluate(&facts(&owned), day());
        let mut mixed = facts(&owned);
        mixed.records.sort_by_key(|(id, _)| (*id as u64).wrapping_mul(seed | 1));
        mixed.indicators.reverse();
        prop_assert_eq!(other.evaluate(&mixed, day()), straight);
    }

    #[test]
    fn a_repair_never_lowers_score_or_grade(plan in plans(), owned in some_facts(), which in any::<usize>()) {
        let pack = plan.pack();
        prop_assume!(pack.is_some() && !owned.1.is_empty());
        let pack = pack.expect("it is assumed");
        let before = pack.evaluate(&facts(&owned), day());
        let after = pack.evaluate(&facts(&repaired(&owned, which)), day());
        prop_assert!(after.score >= before.score, "{} {}", before.score, after.score);
        prop_assert!(pack.grade(&after.grade) <= pack.grade(&before.grade));
    }
}
