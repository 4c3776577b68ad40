use super::*;
use crate::{
    assess::{Contribution, Ground, Number},
    casework::{Order, Repair, RepairState, Running},
    clue::ClueStage,
    credit_record::{CreditRecord, CreditRecordKind, RecordSubject},
    indicator::Indicator,
};

fn day(text: &str) -> NaiveDate {
    text.parse().expect(text)
}

fn pack() -> RulePack {
    RulePack {
        key: "sample".to_owned(),
        version: "1".to_owned(),
        title: "样例".to_owned(),
        from: day("2020-01-01"),
        to: None,
        is_default: true,
        base: 100.into(),
        least: 0.into(),
        most: 100.into(),
        legal_basis: "样例".to_owned(),
        is_illustrative: true,
        grades: Vec::new(),
        headings: Vec::new(),
        rules: Vec::new(),
        digest: String::new(),
    }
}

fn line(trigger: Trigger) -> RedLine {
    RedLine {
        code: "RL-X".to_owned(),
        title: "样例".to_owned(),
        message: "{agency}：{count}".to_owned(),
        legal_basis: "样例".to_owned(),
        verified: false,
        from: day("2026-01-01"),
        to: Some(day("2026-12-31")),
        edition: Edition {
            version: "1".to_owned(),
            digest: "d".to_owned(),
        },
        level: WarningLevel::Orange,
        bodies: vec![AgencyKind::Organ],
        terms: Terms {
            answer_within: 3,
            begin_within: 5,
            rectify_within: 10,
            escalates_after: 2,
        },
        warns: vec![Warned::SelfBody],
        trigger,
        worse: Vec::new(),
    }
}

/// What there is of a body; nothing but what is put in.
#[derive(Default)]
struct Body {
    records: Vec<(i64, CreditRecord)>,
    indicators: Vec<(i64, Indicator)>,
    clues: Vec<Clue>,
    cases: Vec<(i64, Case)>,
    established_on: Option<NaiveDate>,
    told: Option<i32>,
    fell: i64,
}

impl Body {
    fn look(&self, line: &RedLine, on: &str) -> Option<Alarm> {
        let records = self.records.iter().map(|(id, record)| (*id, record));
        let indicators = self.indicators.iter().map(|(id, one)| (*id, one));
        let facts = Facts {
            body: AgencyKind::Organ,
            records: records.collect(),
            indicators: indicators.collect(),
        };
        let records = self.records.iter().map(|(id, _)| *id);
        let scored = Scored {
            score: 50.into(),
            grade: "D".to_owned(),
            vetoes: Vec::new(),
            contributions: vec![Contribution {
                ground: Ground::Rule("lost".to_owned()),
                points: (-5).into(),
                records: records.collect(),
                indicators: Vec::new(),
            }],
        };
        let clues: Vec<&Clue> = self.clues.iter().collect();
        let cases: Vec<(i64, &Case)> = self.cases.iter().map(|(id, case)| (*id, case)).collect();
        let standing = Standing {
            facts: &facts,
            established_on: self.established_on,
            is_told: &|code, year| code == "arrears.disclosure" && self.told == Some(year),
            clues: &clues,
            cases: &cases,
            may_answer: &|case| case.stage != "CONFIRMED",
            pack: &pack(),
            scored: &scored,
            score_before: &|_| Decimal::from(50 + self.fell),
        };
        line.look(&standing, day(on))
    }
}

fn record(identified_on: &str) -> CreditRecord {
    CreditRecord {
        identified_by: "样例局".to_owned(),
        ..CreditRecord::new(
            RecordSubject::Agency(1),
            CreditRecordKind::Breach,
            "breach.confirmed",
            day(identified_on),
        )
    }
}

fn disclosure(year: i32, value: i64) -> Indicator {
    let of = |month, day| NaiveDate::from_ymd_opt(year, month, day).expect("a day");
    Indicator {
        agency_id: 1,
        code: "arrears.disclosure".to_owned(),
        title: "年度账款披露".to_owned(),
        period_from: of(1, 1),
        period_to: of(12, 31),
        value: value.into(),
    }
}

#[test]
fn what_is_missing_is_so_from_its_day_on_once_the_year_was_told_of_anybody() {
    let line = line(Trigger::Missing {
        code: "arrears.disclosure".to_owned(),
        when: Condition::Within {
            field: Number::Value,
            at_least: Some(Decimal::ONE),
            below: None,
        },
        years_ago: 1,
        from: (4, 1),
    });
    let plain = || Body {
        told: Some(2025),
        ..Body::default()
    };
    let with = |indicator| Body {
        indicators: vec![(1, indicator)],
        ..plain()
    };
    let founded = |on: &str| Body {
        established_on: Some(day(on)),
        ..plain()
    };
    for (what, body, on, is_missing) in [
        ("nothing", plain(), "2026-04-01", true),
        ("nothing", plain(), "2026-12-31", true),
        ("before the day", plain(), "2026-03-31", false),
        ("another year's rules", plain(), "2027-04-01", false),
        ("nobody's was told", Body::default(), "2026-04-01", false),
        ("told", with(disclosure(2025, 1)), "2026-04-01", false),
        (
            "told as not done",
            with(disclosure(2025, 0)),
            "2026-04-01",
            true,
        ),
        (
            "told as not done yet",
            with(disclosure(2025, 0)),
            "2026-03-31",
            false,
        ),
        (
            "of another year",
            with(disclosure(2024, 1)),
            "2026-04-01",
            true,
        ),
        ("founded then", founded("2025-12-31"), "2026-04-01", true),
        ("founded since", founded("2026-01-01"), "2026-04-01", false),
    ] {
        let found = body.look(&line, on);
        assert_eq!(found.is_some(), is_missing, "{what}, {on}");
        if let Some(alarm) = found {
            assert_eq!(alarm.told_apart(), [2025], "{what}");
        }
    }
    assert!(line.is_in_force(day("2026-01-01")) && line.is_in_force(day("2026-12-31")));
    assert!(!line.is_in_force(day("2025-12-31")) && !line.is_in_force(day("2027-01-01")));
}

#[test]
fn periods_and_orders_of_a_case_are_causes_of_their_own() {
    let running = |on: &str| {
        Some(Running {
            rule: "breach.verify".to_owned(),
            since: day("2026-03-01"),
            on: day(on),
            is_provisional: false,
            is_extended: false,
        })
    };
    let late = |on: &str| Case {
        workflow: "breach".to_owned(),
        running: running(on),
        ..Case::default()
    };
    let order = |number| Order {
        number,
        issued_on: day("2026-03-01"),
        due_on: day("2026-03-10"),
        answered_on: None,
    };
    let line_of = |trouble| {
        line(Trigger::Cases {
            trouble,
            workflows: vec!["breach".to_owned()],
        })
    };
    let body = |cases: &[Case]| Body {
        cases: (1..).zip(cases.iter().cloned()).collect(),
        ..Body::default()
    };
    let causes = |trouble, cases: &[Case]| {
        let found = body(cases).look(&line_of(trouble), "2026-03-20");
        found.map_or_else(Vec::new, |alarm| alarm.told_apart().to_vec())
    };
    let overdue = |cases: &[Case]| causes(CaseTrouble::Overdue, cases);
    let first = overdue(&[late("2026-03-18")]);
    assert_eq!(first.len(), 1);
    assert_eq!(first, overdue(&[late("2026-03-18")]));
    assert_ne!(first, overdue(&[late("2026-03-19")]), "another period");
    assert!(overdue(&[late("2026-03-20")]).is_empty());
    assert_eq!(overdue(&[late("2026-03-18"), late("2026-03-18")]).len(), 2);
    let decided_late = Case {
        running: None,
        repairs: vec![Repair {
            id: 1,
            version: 1,
            state: RepairState::Applied,
            applied_on: day("2026-03-01"),
            decided_on: None,
            running: running("2026-03-18"),
            commitment: None,
        }],
        ..late("2026-03-18")
    };
    assert!(
        overdue(&[decided_late]).is_empty(),
        "he waits for it himself"
    );
    let unanswered = |orders: Vec<Order>| {
        let case = Case {
            orders,
            ..late("2026-03-31")
        };
        causes(CaseTrouble::OrderUnanswered, &[case])
    };
    let one = unanswered(vec![order(1)]);
    assert_eq!(one.len(), 1);
    assert_ne!(one, unanswered(vec![order(2)]), "another order");
    let answered = Order {
        answered_on: Some(day("2026-03-11")),
        ..order(1)
    };
    assert!(unanswered(vec![answered]).is_empty());
    let case = |stage: &str| Case {
        handler: Some(7),
        stage: stage.to_owned(),
        orders: vec![order(1)],
        ..late("2026-03-31")
    };
    let decided = causes(CaseTrouble::OrderUnanswered, &[case("CONFIRMED")]);
    assert!(decided.is_empty(), "nobody can answer it any more");

    // Each is counted, also of one case.
    let both = Case {
        orders: vec![order(1), order(2)],
        ..case("VERIFYING")
    };
    let cases = [both];
    let found = body(&cases).look(&line_of(CaseTrouble::OrderUnanswered), "2026-03-20");
    assert_eq!(found.expect("two wait").count, 2.into());

    // Who has them in hand hears of it.
    let cases = [case("VERIFYING"), case("VERIFYING"), case("CONFIRMED")];
    let found = body(&cases).look(&line_of(CaseTrouble::OrderUnanswered), "2026-03-20");
    let found = found.expect("two wait");
    assert_eq!((found.count, &found.handlers[..]), (2.into(), &[7][..]));
}

#[test]
fn of_leads_is_told_since_when_enough_of_them_came() {
    let line = line(Trigger::Clues {
        channels: vec!["HOTLINE".to_owned()],
        days: 90,
        at_least: 2,
    });
    let clue = |on: &str, channel: &str, stage| Clue {
        agency_ids: vec![1],
        channel: channel.to_owned(),
        category: None,
        title: "样例".to_owned(),
        content: None,
        stage,
        due_on: None,
        due_is_provisional: false,
        passed_on: None,
        ended_on: None,
        received_at: day(on).and_hms_opt(1, 0, 0).expect("a time").and_utc(),
        amount: None,
    };
    let waiting = |on: &str| clue(on, "HOTLINE", ClueStage::Received);
    let mut body = Body {
        clues: vec![
            waiting("2026-03-01"),
            clue("2026-03-04", "MAILBOX", ClueStage::Received),
            clue("2026-03-05", "HOTLINE", ClueStage::Unfounded),
            waiting("2025-11-01"),
        ],
        ..Body::default()
    };
    assert_eq!(body.look(&line, "2026-03-20"), None);
    body.clues
        .extend([waiting("2026-03-03"), waiting("2026-03-02")]);
    let alarm = body.look(&line, "2026-03-20").expect("there are three");
    assert_eq!(alarm.count, 3.into());
    assert_eq!(alarm.enough, Some((2.into(), body.clues[5].received_at)));
}

#[test]
fn a_fall_is_caused_by_what_is_of_its_days() {
    let line = line(Trigger::Fall {
        points: 15.into(),
        days: 90,
    });
    let mut body = Body {
        records: vec![(4, record("2025-01-01")), (3, record("2026-03-01"))],
        fell: 15,
        ..Body::default()
    };
    let alarm = body.look(&line, "2026-03-20").expect("it fell");
    assert_eq!((alarm.count, alarm.told_apart()), (15.into(), &[3][..]));
    body.fell = 14;
    assert_eq!(body.look(&line, "2026-03-20"), None);
}
