//! What measures follow a record, and where.

use super::*;

#[test]
fn what_an_objection_suspends_is_not_resumed_under_one_whoever_suspended_it() {
    for suspended_by_objection in [true, false] {
        let mut story = Story::of_arrears(Some(Tier::General));
        story.measures.0[0].suspended_by_objection = suspended_by_objection;
        let sanction = story.impose("2026-01-11", None, None);
        let moved = |act| Deed::SanctionMove { act, sanction };
        story.done("2026-01-12", moved(Act::SuspendSanction));
        story.done("2026-01-13", Deed::Plain(Act::FileObjection));
        let resumed = story.on("2026-01-14", moved(Act::ResumeSanction));
        if !suspended_by_objection {
            assert_eq!(resumed, Ok(()), "an objection is nothing to it");
            continue;
        }
        assert_eq!(resumed, Err("UNDER_OBJECTION"));
        let objection = story.case.objections[0].id;
        let act = Act::DismissObjection;
        story.done("2026-01-15", Deed::Objection { act, objection });
        let status = story.case.sanctions[0].status;
        assert_eq!(
            status,
            SanctionStatus::Suspended,
            "as whoever suspended it left it"
        );
        story.done("2026-01-16", moved(Act::ResumeSanction));
    }
}

#[test]
fn a_grade_that_shortens_the_record_shortens_what_follows_it() {
    use SanctionStatus as S;
    // Determined on 2026-01-10: three years by the first grade, one by the second.
    for (from, to, status, ends_on) in [
        (None, None, S::Active, "2027-01-10"),
        (None, Some("2026-06-30"), S::Active, "2026-06-30"),
        (None, Some("2028-06-30"), S::Active, "2027-01-10"),
        (Some("2027-01-10"), None, S::Active, "2027-01-10"),
        (Some("2027-01-11"), None, S::Lifted, "2026-03-01"),
    ] {
        let mut story = Story::of_arrears(Some(Tier::Serious));
        story.impose("2026-02-01", from, to);
        let before = story.case.sanctions[0].clone();
        story.grade("2026-03-01", Tier::Serious);
        assert_eq!(
            story.case.sanctions[0], before,
            "the same grade moves nothing"
        );
        story.grade("2026-03-01", Tier::General);
        let sanction = &story.case.sanctions[0];
        let told = (sanction.status, sanction.ends_on);
        assert_eq!(told, (status, Some(day(ends_on))), "{from:?} to {to:?}");
        let is_same = before.ends_on == sanction.ends_on;
        assert_eq!(
            sanction.version == before.version,
            is_same,
            "who saw it is told"
        );
        // Nothing runs on after its record.
        assert!(
            sanction.ends_on
                <= story
                    .case
                    .record
                    .as_ref()
                    .and_then(|record| record.shown.maximum)
        );
    }
}

#[test]
fn a_measure_and_a_term_are_those_of_the_place() {
    let place = |text: &str| -> DivisionCode { text.parse().expect(text) };
    let division = |code: &str, level, parent: Option<&str>| Division {
        code: place(code),
        name: code.to_owned(),
        level,
        parent: parent.map(place),
        valid_from: None,
        valid_to: None,
        successors: Vec::new(),
    };
    let tree = DivisionTree::new(vec![
        division("100000", DivisionLevel::Nation, None),
        division("440000", DivisionLevel::Province, Some("100000")),
        division("440600", DivisionLevel::Prefecture, Some("440000")),
    ])
    .expect("a tree");
    let of = |code: Option<&str>, months, from, to: Option<&str>| Measure {
        division: code.map(place),
        months: Some(months),
        from: day(from),
        to: to.map(day),
        ..measure()
    };
    let measures = Measures(vec![
        of(None, 1, "2020-01-01", None),
        of(Some("440600"), 2, "2020-01-01", Some("2025-12-31")),
        of(Some("440600"), 3, "2026-01-01", Some("2026-06-30")),
        of(Some("440000"), 4, "2020-01-01", None),
    ]);
    let rules = [(None, 1), (Some("440600"), 2), (Some("440000"), 4)];
    let rules = rules.map(|(code, months)| PublicityRule {
        division: code.map(place),
        ..publicity(None, months, None)
    });
    let rules = PublicityRules(rules.to_vec());
    for (at, on, months, term) in [
        (None, "2026-02-01", 1, 1),
        (Some("440000"), "2026-02-01", 4, 4),
        (Some("440600"), "2025-12-31", 2, 2),
        (Some("440600"), "2026-02-01", 3, 2),
        // What ended in the city leaves the province's.
        (Some("440600"), "2026-07-01", 4, 2),
        // Before any was in force the last of the place tells what it is.
        (Some("440600"), "2019-12-31", 3, 2),
    ] {
        let found = measures.rule("measure", day(on), at.map(place), &tree);
        assert_eq!(
            found.and_then(|found| found.months),
            Some(months),
            "{at:?} {on}"
        );
        let found = rules.rule(
            CreditRecordKind::Arrears,
            None,
            day("2026-02-01"),
            at.map(place),
            &tree,
        );
        assert_eq!(found.map(|found| found.min_months), Some(term), "{at:?}");
    }
}
