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
            subject: RecordSubject::Agency(7),
            kind,
            tier,
            status,
            catalogue_item: "1.1".to_owned(),
            domain: tier.map(|_| "政府采购".to_owned()),
            amount: amount.map(Money::from_cents),
            identified_on: day(begun),
            identified_by: String::new(),
            case_number: None,
            ended_on: ended.map(day),
            end_ground: None,
            under_objection,
            public_until: None,
            is_withheld: false,
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

#[test]
fn a_correction_stands_beside_what_was_frozen() {
    let record = CreditRecord {
        tier: Some(Tier::Serious),
        ..plain()
    };
    let frozen = freeze(&[(1, &record), (2, &record)], day(500));
    let amend = |wanted| frozen.amend(&wanted);
    assert_eq!(amend(Amendment::WithoutRecord(3)), None);
    let milder = amend(Amendment::Record {
        id: 2,
        tier: Some(Tier::Minor),
        status: None,
        amount: None,
    });
    let without = amend(Amendment::WithoutRecord(1));
    let corrections = [milder, without].map(|one| one.expect("it is of the body"));
    let corrected = frozen.corrected(&corrections);
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

fn plain() -> CreditRecord {
    CreditRecord {
        subject: RecordSubject::Agency(7),
        kind: CreditRecordKind::Breach,
        tier: None,
        status: CreditRecordStatus::Active,
        catalogue_item: "1.1".to_owned(),
        domain: None,
        amount: None,
        identified_on: day(1),
        identified_by: String::new(),
        case_number: None,
        ended_on: None,
        end_ground: None,
        under_objection: false,
        public_until: None,
        is_withheld: false,
    }
}
