use crate::{
    assess::{Grade, Heading},
    credit_record::{CreditRecordKind, RecordSubject},
    money::Money,
};

use super::*;

/// The day on which all is determined, or measured; 2024 is a leap year.
const BEGUN: &str = "2024-01-10";

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

fn record(identified_on: &str) -> CreditRecord {
    CreditRecord::new(
        RecordSubject::Agency(7),
        CreditRecordKind::Breach,
        "breach.confirmed",
        day(identified_on),
    )
}

fn indicator(period_to: &str) -> Indicator {
    Indicator {
        agency_id: 7,
        code: "training.integrity".to_owned(),
        title: String::new(),
        period_from: day("2024-01-01"),
        period_to: day(period_to),
        value: Decimal::ONE,
    }
}

/// A pack of one rule: so many points for each fact, less from these ages on.
fn pack(of: Of, points: &str, cap: Option<&str>, decay: &[(u32, &str)]) -> RulePack {
    let decay = decay.iter().map(|(after_days, factor)| Decay {
        after_days: *after_days,
        factor: decimal(factor),
    });
    RulePack {
        key: "sample".to_owned(),
        version: "1".to_owned(),
        title: String::new(),
        from: day("2024-01-01"),
        to: None,
        is_default: true,
        base: decimal("50"),
        least: Decimal::ZERO,
        most: decimal("100"),
        legal_basis: String::new(),
        is_illustrative: true,
        grades: vec![Grade {
            code: "A".to_owned(),
            title: String::new(),
            at_least: None,
        }],
        headings: vec![Heading {
            code: "1".to_owned(),
            title: String::new(),
            parent: None,
            weight: decimal("0.25"),
            least: None,
            most: None,
            sources: Vec::new(),
        }],
        rules: vec![Rule {
            code: "sample.each".to_owned(),
            heading: 0,
            title: String::new(),
            legal_basis: String::new(),
            is_illustrative: true,
            of,
            bodies: Vec::new(),
            when: super::super::Condition::All(Vec::new()),
            counting: Counting::Each(decimal(points), decay.collect()),
            cap: cap.map(decimal),
            veto: None,
        }],
        digest: String::new(),
    }
}

fn records() -> Of {
    Of::Records(vec![CreditRecordStatus::Active])
}

/// The rule's contribution and the score on a day, as they are written.
fn told(pack: &RulePack, records: &[&str], indicators: &[&str], on: &str) -> [String; 2] {
    let records: Vec<_> = records.iter().map(|on| record(on)).collect();
    let indicators: Vec<_> = indicators.iter().map(|on| indicator(on)).collect();
    let facts = Facts {
        body: AgencyKind::Organ,
        records: (1..).zip(&records).collect(),
        indicators: (1..).zip(&indicators).collect(),
    };
    let scored = pack.evaluate(&facts, day(on));
    let rule = Ground::Rule("sample.each".to_owned());
    let part = scored.contributions.iter().find(|part| part.ground == rule);
    let part = part.map_or("none".to_owned(), |part| part.points.to_string());
    [part, scored.score.to_string()]
}

/// Three steps, the last of which leaves nothing: half from the 180th day on, a tenth from the 365th, nothing from the
/// 730th. All figures are reckoned by hand: -8.1 points, of which a quarter counts.
#[test]
fn points_fade_on_the_very_day_of_each_step() {
    let decay = [(180, "0.5"), (365, "0.1"), (730, "0")];
    let pack = pack(records(), "-8.1", None, &decay);
    for (on, points, score) in [
        // The day before it is determined there is nothing.
        ("2024-01-09", "none", "50"),
        ("2024-01-10", "-2.025", "47.975"),
        ("2024-01-11", "-2.025", "47.975"),
        // 21 days of January, then 29, 31, 30, 31, 30, and eight of July.
        ("2024-07-07", "-2.025", "47.975"),
        ("2024-07-08", "-1.0125", "48.9875"),
        ("2024-07-09", "-1.0125", "48.9875"),
        // 366 days are to the same day of the next year.
        ("2025-01-08", "-1.0125", "48.9875"),
        ("2025-01-09", "-0.2025", "49.7975"),
        ("2025-01-10", "-0.2025", "49.7975"),
        ("2026-01-08", "-0.2025", "49.7975"),
        ("2026-01-09", "none", "50"),
        ("2026-01-10", "none", "50"),
        ("2036-01-10", "none", "50"),
    ] {
        assert_eq!(told(&pack, &[BEGUN], &[], on), [points, score], "{on}");
    }
}

/// Facts of different ages add up, each by its own age, and the cap is of the sum.
#[test]
fn each_fact_has_its_own_age_and_the_cap_is_of_their_sum() {
    // On 2024-07-08 they are 180, 179 and no days old.
    let begun = [BEGUN, "2024-01-11", "2024-07-08"];
    let decay = [(180, "0.3")];
    let free = pack(records(), "-1.1", None, &decay);
    let capped = pack(records(), "-1.1", Some("-2.4"), &decay);
    for (on, points, score, most, kept) in [
        // Two whole ones.
        ("2024-07-07", "-0.55", "49.45", "-0.55", "49.45"),
        // 0.33 and two whole ones: 2.53.
        ("2024-07-08", "-0.6325", "49.3675", "-0.6", "49.4"),
        // Twice 0.33 and a whole one: 1.76.
        ("2024-07-09", "-0.44", "49.56", "-0.44", "49.56"),
        // 180 days after the last one, 2025-01-04: 0.99.
        ("2025-01-03", "-0.44", "49.56", "-0.44", "49.56"),
        ("2025-01-04", "-0.2475", "49.7525", "-0.2475", "49.7525"),
    ] {
        assert_eq!(told(&free, &begun, &[], on), [points, score], "{on}");
        assert_eq!(
            told(&capped, &begun, &[], on),
            [most, kept],
            "{on}, with a cap"
        );
    }
}

/// What is earned fades from the last day of what was measured on.
#[test]
fn a_measurement_is_as_old_as_its_period_is_over() {
    let pack = pack(Of::Indicators, "0.3", None, &[(1, "0.7"), (31, "0.01")]);
    for (on, points, score) in [
        ("2024-01-09", "none", "50"),
        ("2024-01-10", "0.075", "50.075"),
        ("2024-01-11", "0.0525", "50.0525"),
        ("2024-01-12", "0.0525", "50.0525"),
        ("2024-02-09", "0.0525", "50.0525"),
        ("2024-02-10", "0.00075", "50.00075"),
        ("2024-02-11", "0.00075", "50.00075"),
    ] {
        assert_eq!(told(&pack, &[], &[BEGUN], on), [points, score], "{on}");
    }
}

/// Without steps nothing fades, and a step on the first day is there at once.
#[test]
fn without_steps_nothing_fades() {
    let whole = pack(records(), "-4", None, &[]);
    let at_once = pack(records(), "-4", None, &[(0, "0.5")]);
    for on in ["2024-01-10", "2034-01-10"] {
        assert_eq!(told(&whole, &[BEGUN], &[], on), ["-1", "49"], "{on}");
        assert_eq!(told(&at_once, &[BEGUN], &[], on), ["-0.5", "49.5"], "{on}");
    }
}

/// What would be owed less than nothing is counted as nothing, so that its repair lowers no score: two records of
/// 60 and of -50 yuan are 60 yuan before it and after it.
#[test]
fn an_amount_below_zero_offsets_no_other() {
    let mut pack = pack(records(), "-4", None, &[]);
    let bands = [("0", "-4"), ("50", "-8")].map(|(at_least, points)| Band {
        at_least: decimal(at_least),
        points: decimal(points),
    });
    pack.rules[0].counting = Counting::Bands(Measured::Amount, bands.into());
    let of = |cents: i64, status: CreditRecordStatus| CreditRecord {
        amount: Some(Money::from_cents(cents)),
        status,
        ended_on: (status == CreditRecordStatus::Repaired).then(|| day(BEGUN)),
        ..record(BEGUN)
    };
    use CreditRecordStatus::{Active, Repaired};
    for (more, less, score) in [
        (Active, Active, "48"),
        (Active, Repaired, "48"),
        (Repaired, Active, "49"),
        (Repaired, Repaired, "50"),
    ] {
        let (kept, other) = (of(6_000, more), of(-5_000, less));
        let facts = Facts {
            body: AgencyKind::Organ,
            records: vec![(1, &kept), (2, &other)],
            indicators: Vec::new(),
        };
        let scored = pack.evaluate(&facts, day(BEGUN));
        assert_eq!(scored.score, decimal(score), "{more:?} {less:?}");
    }
}
