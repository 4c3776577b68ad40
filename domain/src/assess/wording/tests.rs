use rust_decimal::Decimal;

use super::*;
use crate::{
    assess::{CaseTrouble, Measured, Number, Word},
    credit_record::CreditRecordStatus,
};

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

fn word(field: Word, words: &[&str]) -> Condition {
    Condition::In {
        field,
        words: words.iter().map(|word| (*word).to_owned()).collect(),
    }
}

fn number(field: Number, at_least: Option<&str>, below: Option<&str>) -> Condition {
    Condition::Within {
        field,
        at_least: at_least.map(decimal),
        below: below.map(decimal),
    }
}

#[test]
fn conditions_are_told_with_their_brackets() {
    let breach = || word(Word::Kind, &["BREACH"]);
    let tier = || word(Word::Tier, &["MINOR", "GENERAL"]);
    let old = || number(Number::AgeDays, Some("61"), None);
    let all = |parts| Condition::All(parts);
    let any = |parts| Condition::Any(parts);
    for (condition, text) in [
        (all(vec![]), ""),
        (all(vec![breach()]), "kind in (BREACH)"),
        (
            all(vec![breach(), tier(), old()]),
            "kind in (BREACH) and tier in (MINOR, GENERAL) and age_days >= 61",
        ),
        (
            all(vec![breach(), any(vec![tier(), old()])]),
            "kind in (BREACH) and (tier in (MINOR, GENERAL) or age_days >= 61)",
        ),
        (
            any(vec![all(vec![breach(), old()]), tier()]),
            "(kind in (BREACH) and age_days >= 61) or tier in (MINOR, GENERAL)",
        ),
        (
            Condition::Not(Box::new(any(vec![breach(), tier()]))),
            "not (kind in (BREACH) or tier in (MINOR, GENERAL))",
        ),
        (
            number(Number::Amount, Some("0.5"), Some("10")),
            "0.5 <= amount < 10",
        ),
        (number(Number::Value, None, Some("90")), "value < 90"),
        (Condition::HasWord(Word::Tier, false), "tier not given"),
        (
            Condition::HasNumber(Number::EndedDays, true),
            "ended_days given",
        ),
        (Condition::UnderObjection(true), "under_objection"),
        (Condition::UnderObjection(false), "not (under_objection)"),
    ] {
        assert_eq!(condition.to_string(), text);
    }
}

#[test]
fn each_way_of_counting_is_told() {
    let decay = vec![Decay {
        after_days: 180,
        factor: decimal("0.5"),
    }];
    let bands = [("0", "-4"), ("1000000", "-8")].map(|(at_least, points)| Band {
        at_least: decimal(at_least),
        points: decimal(points),
    });
    for (counting, text) in [
        (Counting::Each(decimal("-5"), vec![]), "each -5"),
        (
            Counting::Each(decimal("-5"), decay),
            "each -5; from day 180 on × 0.5",
        ),
        (Counting::Once(decimal("-3"), 2), "once -3 where count >= 2"),
        (Counting::None(decimal("1.5")), "1.5 where count = 0"),
        (
            Counting::Bands(Measured::Amount, bands.into()),
            "AMOUNT: 0 -> -4; 1000000 -> -8",
        ),
    ] {
        assert_eq!(counting.to_string(), text);
    }
}

#[test]
fn each_way_across_a_line_is_told() {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let everything = || Condition::All(Vec::new());
    let records = Of::Records(vec![
        CreditRecordStatus::Active,
        CreditRecordStatus::Expired,
    ]);
    for (trigger, text) in [
        (
            Trigger::Records {
                of: records,
                when: word(Word::Kind, &["BREACH"]),
                at_least: 3,
            },
            "count >= 3 of records in (ACTIVE, EXPIRED) where kind in (BREACH)",
        ),
        (
            Trigger::Indicators {
                when: everything(),
                at_least: 1,
            },
            "count >= 1 of indicators",
        ),
        (
            Trigger::Missing {
                code: "arrears.disclosure".to_owned(),
                when: number(Number::Value, Some("1"), None),
                years_ago: 1,
                from: (4, 1),
            },
            "none of arrears.disclosure where value >= 1, years_ago = 1, from 04-01 on",
        ),
        (
            Trigger::Clues {
                channels: words(&["HOTLINE"]),
                days: 90,
                at_least: 10,
            },
            "count >= 10 of clues in (HOTLINE) within 90 days that wait for verification",
        ),
        (
            Trigger::Cases {
                trouble: CaseTrouble::Overdue,
                workflows: words(&["breach", "arrears"]),
            },
            "OVERDUE of cases in (breach, arrears)",
        ),
        (Trigger::Grade("D".to_owned()), "grade D or worse"),
        (
            Trigger::Fall {
                points: decimal("15"),
                days: 90,
            },
            "score fell by >= 15 within 90 days",
        ),
    ] {
        assert_eq!(trigger.to_string(), text);
    }
}
