use chrono::NaiveDate;

use super::*;
use crate::{
    agency::AgencyKind,
    assess::{Band, Condition, Facts, Grade, Heading, Measured, Of},
};

fn number(text: &str) -> Decimal {
    text.parse().expect("a number")
}

fn rule(code: &str, counting: Counting, cap: Option<&str>) -> Rule {
    Rule {
        code: code.to_owned(),
        heading: 0,
        title: String::new(),
        legal_basis: String::new(),
        is_illustrative: true,
        of: Of::Indicators,
        bodies: Vec::new(),
        when: Condition::All(Vec::new()),
        counting,
        cap: cap.map(number),
        veto: None,
    }
}

fn pack(rules: Vec<Rule>, bounds: [Option<&str>; 2]) -> RulePack {
    let day = NaiveDate::default();
    RulePack {
        key: "p".to_owned(),
        version: "1".to_owned(),
        title: String::new(),
        from: day,
        to: None,
        is_default: true,
        base: number("80"),
        least: Decimal::ZERO,
        most: Decimal::ONE_HUNDRED,
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
            weight: Decimal::TWO,
            least: bounds[0].map(number),
            most: bounds[1].map(number),
            sources: Vec::new(),
        }],
        rules,
        digest: String::new(),
    }
}

fn line(
    assessor: &str,
    indicator: Option<&str>,
    score: &str,
    full: Option<&str>,
) -> AssessmentLine {
    AssessmentLine {
        assessor: assessor.to_owned(),
        period_from: NaiveDate::default(),
        period_to: NaiveDate::default(),
        uscc: None,
        division: None,
        indicator: indicator.map(str::to_owned),
        score: Some(number(score)),
        full_score: full.map(number),
        grade: None,
        report: None,
    }
}

#[test]
fn a_heading_s_scale_is_what_its_rules_can_come_to_within_its_bounds() {
    use Counting as C;
    let each = |points: &str, cap| rule("e", C::Each(number(points), Vec::new()), cap);
    let once = |points: &str| rule("o", C::Once(number(points), 1), None);
    let bands = ["-1", "-3"].map(|points| Band {
        at_least: Decimal::ONE,
        points: number(points),
    });
    let bands = || rule("b", C::Bands(Measured::Count, bands.to_vec()), None);
    for (rules, bounds, scale) in [
        (vec![once("-2"), once("3")], [None, None], Some(("-2", "3"))),
        (
            vec![each("-2", Some("-6")), bands()],
            [None, None],
            Some(("-9", "0")),
        ),
        // Nothing ends what each fact takes but the heading's own bounds.
        (vec![each("-2", None)], [None, None], None),
        (
            vec![each("-2", None)],
            [Some("-15"), None],
            Some(("-15", "0")),
        ),
        (
            vec![once("-2"), once("3")],
            [Some("-5"), Some("1")],
            Some(("-2", "1")),
        ),
    ] {
        let pack = pack(rules, bounds);
        let facts = Facts {
            body: AgencyKind::Organ,
            records: Vec::new(),
            indicators: Vec::new(),
        };
        let scored = pack.evaluate(&facts, NaiveDate::default());
        let found = below(&pack, &scored, "1").expect("a heading").scale;
        // Its weight is two.
        let scale =
            scale.map(|(least, most)| (number(least) * Decimal::TWO, number(most) * Decimal::TWO));
        assert_eq!(found, scale, "{:?}", pack.rules);
    }
}

#[test]
fn shares_are_compared_where_both_have_a_scale_and_a_heading_was_declared() {
    let once = rule("o", Counting::Once(number("-4"), 1), None);
    let pack = pack(vec![once], [None, None]);
    let facts = Facts {
        body: AgencyKind::Organ,
        records: Vec::new(),
        indicators: Vec::new(),
    };
    let scored = pack.evaluate(&facts, NaiveDate::default());
    let answering = |assessor: Option<&str>, heading: &str| Answering {
        assessor: assessor.map(str::to_owned),
        indicator: "甲".to_owned(),
        pack: "p".to_owned(),
        heading: heading.to_owned(),
    };
    // What is said of one assessor goes before what is said of all.
    let table = [answering(None, "9"), answering(Some("评估院"), "1")];
    let lines = [
        line("评估院", None, "70", Some("100")),
        line("评估院", Some("甲"), "3", Some("4")),
        line("评估院", Some("甲"), "3", None),
        line("评估院", Some("乙"), "3", Some("4")),
        line("别院", Some("甲"), "3", Some("4")),
    ];
    let lines: Vec<_> = lines.iter().collect();
    let found = beside(&lines, &pack, &scored, &table);
    let differences: Vec<_> = found.iter().map(Beside::difference).collect();
    let expected = [Some("-10"), Some("-25"), None, None, None];
    assert_eq!(differences, expected.map(|text| text.map(number)));
    assert_eq!(found[3].heading, None);
}
