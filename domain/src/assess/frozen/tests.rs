use proptest::prelude::*;

use super::*;

fn day(n: u32) -> NaiveDate {
    NaiveDate::from_num_days_from_ce_opt(739_000 + n as i32).expect("a day")
}

fn record() -> impl Strategy<Value = CreditRecord> {
    let kinds = prop::sample::select(CreditRecordKind::ALL);
    let tiers = prop::option::of(prop::sample::select(Tier::ALL));
    let statuses = prop::sample::select(CreditRecordStatus::ALL);
    let days = (0_u32..900, prop::option::of(0_u32..900));
    let amount = prop::option::of(-1_000_000_i64..1_000_000);
    (kinds, tiers, statuses, days, amount, any::<bool>()).prop_map(
        |(kind, tier, status, (begun, ended), amount, under_objection)| CreditRecord {
            tier,
            status,
            domain: tier.map(|_| "政府采购".to_owned()),
            amount: amount.map(Money::from_cents),
            ended_on: ended.map(day),
            under_objection,
            ..CreditRecord::new(RecordSubject::Agency(7), kind, "1.1", day(begun))
        },
    )
}

fn agency() -> Agency {
    let org = crate::org_code::OrgCode::from_body("TXT00001").expect("eight letters");
    Agency {
        uscc: crate::uscc::Uscc::from_parts("11", "440604", org).expect("parts"),
        kind: AgencyKind::Organ,
        name: "佛山市样例承诺局".to_owned(),
        division: "440604".parse().expect("a code"),
        established_on: None,
        abolished_on: None,
        superior: None,
        competent: Vec::new(),
        names: Vec::new(),
    }
}

fn freeze(records: &[(i64, &CreditRecord)], on: NaiveDate) -> FrozenBody {
    let facts = Facts {
        body: AgencyKind::Organ,
        records: records.to_vec(),
        indicators: Vec::new(),
    };
    FrozenBody::of((7, &agency()), DivisionLevel::County, &facts, on)
}

proptest! {
    /// The bytes do not depend on the order of what is frozen, they read back, and what had begun by the day thaws
    /// as grading reads it.
    #[test]
    fn what_is_frozen_reads_back_in_whatever_order_it_came(records in prop::collection::vec(record(), 0..8)) {
        let on = day(500);
        let numbered: Vec<_> = records.iter().enumerate().map(|(at, record)| (at as i64, record)).collect();
        let mut turned = numbered.clone();
        turned.reverse();
        let frozen = freeze(&numbered, on);
        prop_assert_eq!(frozen.to_line(), freeze(&turned, on).to_line());
        let read: FrozenBody = serde_json::from_str(&frozen.to_line()).expect("it reads back");
        prop_assert_eq!(&read, &frozen);
        let thawed = read.thaw();
        let begun: Vec<_> = numbered.iter().filter(|(_, record)| record.identified_on <= on).collect();
        let facts = thawed.facts();
        prop_assert_eq!(facts.records.len(), begun.len());
        for ((id, record), (was, of)) in facts.records.iter().zip(begun) {
            prop_assert_eq!(id, was);
            prop_assert_eq!(*record, *of);
        }
    }
}

/// The n-th record with another tier and nothing else.
fn of_tier(id: i64, tier: Tier) -> Amendment {
    Amendment::Record {
        id,
        tier: Some(tier),
        status: None,
        amount: None,
    }
}

/// The n-th record with another status.
fn of_status(id: i64, status: CreditRecordStatus, ended_on: Option<NaiveDate>) -> Amendment {
    Amendment::Record {
        id,
        tier: None,
        status: Some((status, ended_on)),
        amount: None,
    }
}

#[test]
fn a_correction_stands_beside_what_was_frozen() {
    let record = CreditRecord {
        tier: Some(Tier::Serious),
        ..plain()
    };
    let frozen = freeze(&[(1, &record), (2, &record)], day(500));
    let wanted = [of_tier(2, Tier::Minor), Amendment::WithoutRecord(1)];
    let corrections = frozen.amend_all(&wanted, day(600));
    let corrected = frozen.corrected(&corrections.expect("they are of the body"));
    let tiers = |body: &FrozenBody| -> Vec<_> {
        let records = body.records.iter();
        records.map(|record| (record.id, record.tier)).collect()
    };
    assert_eq!(tiers(&corrected), [(2, Some(Tier::Minor))]);
    assert_eq!(
        tiers(&frozen),
        [(1, Some(Tier::Serious)), (2, Some(Tier::Serious))]
    );
}

#[test]
fn a_correction_upon_a_correction_keeps_what_the_first_one_corrected() {
    use CreditRecordStatus as S;
    let frozen = freeze(&[(1, &plain())], day(500));
    let ended = of_status(1, S::Delisted, Some(day(90)));
    let graver = of_tier(1, Tier::Serious);
    let both = |body: &FrozenBody| {
        let record = body.record(1).expect("it is there");
        (record.tier, record.status, record.ended_on)
    };
    let expected = (Some(Tier::Serious), S::Delisted, Some(day(90)));
    // In one decision, and in two: the second is of the body as the first left it.
    let wanted = [ended.clone(), graver.clone()];
    let at_once = frozen.amend_all(&wanted, day(600)).expect("it is frozen");
    assert_eq!(both(&frozen.corrected(&at_once)), expected);
    let first = frozen.amend_all(&[ended], day(600)).expect("it is frozen");
    let then = frozen.corrected(&first).amend_all(&[graver], day(600));
    let then = then.expect("it is frozen");
    assert_eq!(both(&frozen.corrected(first.iter().chain(&then))), expected);
    // What does not count any more is not there to be corrected.
    let gone = [Amendment::WithoutRecord(1), of_tier(1, Tier::Minor)];
    assert_eq!(frozen.amend_all(&gone, day(600)), None);
}

#[test]
fn a_corrected_status_is_that_of_every_day() {
    use CreditRecordStatus as S;
    // It was repaired over the day that counts, and holds again.
    let lapsed = CreditRecord {
        lapses: Box::from([crate::credit_record::Lapse {
            status: S::Repaired,
            from: day(400),
            to: day(550),
        }]),
        ..plain()
    };
    let frozen = freeze(&[(1, &lapsed)], day(500));
    let wanted = of_status(1, S::Active, None);
    let corrections = frozen.amend_all(std::slice::from_ref(&wanted), day(600));
    let corrected = frozen.corrected(&corrections.expect("it was another one"));
    let record = corrected.record(1).expect("it is there").thaw(7);
    assert_eq!(record.status_on(day(500)), S::Active);
}

#[test]
fn a_correction_says_something_else_that_can_be_true() {
    use CreditRecordStatus as S;
    // It began on the first day, and today is the 600th.
    let frozen = freeze(&[(1, &plain())], day(500));
    let cases = [
        (Amendment::WithoutRecord(2), false),
        (Amendment::WithoutIndicator(1), false),
        (of_tier(2, Tier::Minor), false),
        (of_tier(1, Tier::Minor), true),
        (of_status(1, S::Active, None), false),
        (of_status(1, S::Active, Some(day(90))), false),
        (of_status(1, S::Delisted, None), false),
        (of_status(1, S::Delisted, Some(day(0))), false),
        (of_status(1, S::Delisted, Some(day(1))), true),
        (of_status(1, S::Repaired, Some(day(600))), true),
        (of_status(1, S::Repaired, Some(day(601))), false),
        (of_status(1, S::Withdrawn, None), true),
    ];
    for (wanted, is_right) in cases {
        let corrections = frozen.amend_all(std::slice::from_ref(&wanted), day(600));
        assert_eq!(corrections.is_some(), is_right, "{wanted:?}");
    }
}

fn plain() -> CreditRecord {
    CreditRecord::new(
        RecordSubject::Agency(7),
        CreditRecordKind::Breach,
        "1.1",
        day(1),
    )
}
