//! Agencies and records are filtered by all that can be said of them.

use super::{World, sorted, uscc};

#[tokio::test]
async fn agencies_are_filtered_by_all_that_can_be_said_of_them() {
    let world = World::new().await;
    let all = "ABCDEFGHIJKLMNO";
    let code = |letter| uscc(letter).to_string();
    let cases = [
        ("{}".to_owned(), all),
        (format!("{{ uscc: {{ eq: \"{}\" }} }}", code('C')), "C"),
        (format!("{{ uscc: {{ in: [\"{}\", \"{}\", \"x\"] }} }}", code('C'), code('F')), "CF"),
        ("{ uscc: { in: [] } }".to_owned(), ""),
        ("{ uscc: { startsWith: \"12\" } }".to_owned(), "E"),
        (format!("{{ uscc: {{ contains: \"{}\" }} }}", uscc('A').org_code()), "A"),
        ("{ uscc: { startsWith: \"11\", contains: \"441900\" } }".to_owned(), "FG"),
        ("{ name: { eq: \"同名M局\" } }".to_owned(), "MNO"),
        ("{ name: { eq: \"同名\" } }".to_owned(), ""),
        ("{ name: { in: [\"东莞市F局\", \"佛山市B局\"] } }".to_owned(), "BF"),
        ("{ name: { startsWith: \"佛山市\" } }".to_owned(), "BCEIJK"),
        ("{ name: { startsWith: \"佛山市\", contains: \"区\" } }".to_owned(), "CE"),
        ("{ name: { contains: \"曾用名\" } }".to_owned(), ""),
        ("{ name: {} }".to_owned(), all),
        ("{ name: { contains: \"\" } }".to_owned(), all),
        ("{ kind: [ORGAN] }".to_owned(), "ABCDFGIJKMNO"),
        ("{ kind: [INSTITUTION, MASS_ORGANISATION, OTHER] }".to_owned(), "EHL"),
        ("{ kind: [] }".to_owned(), ""),
        ("{ kind: null }".to_owned(), all),
        ("{ division: { eq: \"440600\" } }".to_owned(), "BIJK"),
        ("{ division: { in: [\"440604010\", \"440100\"] } }".to_owned(), "DO"),
        ("{ division: { in: [] } }".to_owned(), ""),
        ("{ division: { within: \"440600\" } }".to_owned(), "BCDEIJKLMN"),
        ("{ division: { within: \"440604\" } }".to_owned(), "CDLM"),
        // Dongguan has no counties: its towns are directly below it.
        ("{ division: { within: \"441900\" } }".to_owned(), "FGH"),
        ("{ division: { within: \"441900121\" } }".to_owned(), "G"),
        ("{ division: { within: \"100000\" } }".to_owned(), all),
        ("{ division: { within: \"450000\" } }".to_owned(), ""),
        ("{ division: { within: \"999999\" } }".to_owned(), ""),
        ("{ division: { eq: \"440604\", within: \"440600\" } }".to_owned(), "CLM"),
        ("{ division: { eq: \"440604\", within: \"441900\" } }".to_owned(), ""),
        ("{ active: true }".to_owned(), "ABCDEFGHJLMNO"),
        // On the day on which it ends it is gone.
        ("{ active: false }".to_owned(), "IK"),
        ("{ hasActiveRecord: true }".to_owned(), "BCEFG"),
        ("{ hasActiveRecord: false }".to_owned(), "ADHIJKLMNO"),
        ("{ not: { kind: [ORGAN] } }".to_owned(), "EHL"),
        ("{ not: { not: { kind: [INSTITUTION] } } }".to_owned(), "E"),
        ("{ not: {} }".to_owned(), ""),
        ("{ or: [{ kind: [INSTITUTION] }, { division: { eq: \"440100\" } }] }".to_owned(), "EO"),
        ("{ or: [] }".to_owned(), ""),
        ("{ and: [] }".to_owned(), all),
        ("{ and: [{ kind: [ORGAN] }, { division: { within: \"441900\" } }] }".to_owned(), "FG"),
        ("{ kind: [ORGAN], hasActiveRecord: true, not: { division: { within: \"440600\" } } }".to_owned(), "FG"),
        ("{ and: [{ or: [{ active: false }, { hasActiveRecord: true }] }, { not: { or: [{ kind: [INSTITUTION] }, { division: { within: \"441900\" } }] } }] }".to_owned(), "BCIK"),
        ("{ or: [{ kind: [OTHER] }], active: true, and: [{ name: { contains: \"L\" } }] }".to_owned(), "L"),
        ("{ division: { within: \"440604\" }, and: [{ division: { within: \"440600\" } }], or: [{ kind: [ORGAN] }, { kind: [OTHER] }] }".to_owned(), "CDLM"),
    ];
    for (filter, wanted) in cases {
        let data = world
            .data(&format!(
                "{{ agencies(filter: {filter}) {{ totalCount edges {{ node {{ uscc }} }} }} }}"
            ))
            .await;
        assert_eq!(
            sorted(&World::letters(&data["agencies"])),
            wanted,
            "{filter}"
        );
        assert_eq!(data["agencies"]["totalCount"], wanted.len(), "{filter}");
        // The same in a variable, and below a division that holds all of them.
        let query = format!(
            "{{ division(code: \"440000\") {{ agencies(filter: {filter}) {{ totalCount }} }} }}"
        );
        assert_eq!(
            world.data(&query).await["division"]["agencies"]["totalCount"],
            wanted.len(),
            "{filter}"
        );
    }
    world.hub.it_is("2027-01-02");
    let data = world
        .wire
        .data(
            Some(&world.hub.everything()),
            "{ agencies(filter: { active: false }) { edges { node { uscc } } } }",
        )
        .await;
    assert_eq!(
        sorted(&World::letters(&data["agencies"])),
        "IJK",
        "as the days go by"
    );
}

#[tokio::test]
async fn records_are_filtered_by_all_that_can_be_said_of_them() {
    let world = World::new().await;
    for (filter, wanted) in [
        ("{}", "1234567"),
        ("{ kind: [JUDGMENT_DEBTOR] }", "123457"),
        ("{ kind: [ARREARS, BREACH] }", "6"),
        ("{ kind: [] }", ""),
        ("{ tier: [SERIOUS] }", "123457"),
        ("{ tier: [GENERAL, MINOR] }", "6"),
        ("{ status: [ACTIVE] }", "123456"),
        ("{ status: [DELISTED] }", "7"),
        ("{ status: [REPAIRED, EXPIRED, WITHDRAWN] }", ""),
        ("{ domain: { eq: \"甲类\" } }", "13"),
        ("{ domain: { contains: \"乙\" } }", "25"),
        ("{ domain: { startsWith: \"甲\" } }", "135"),
        ("{ domain: { in: [\"丙类\", \"丁类\"] } }", "7"),
        // What has no domain or amount fits no test of it, and so fits the opposite.
        ("{ not: { domain: { contains: \"类\" } } }", "46"),
        ("{ amount: { eq: \"100.5\" } }", "1"),
        ("{ amount: { eq: \"100.50\" } }", "1"),
        ("{ amount: { gte: \"100.50\" } }", "125"),
        ("{ amount: { gt: \"100.50\" } }", "25"),
        ("{ amount: { lte: \"50\" } }", "37"),
        ("{ amount: { lt: \"50\" } }", "3"),
        ("{ amount: { gt: \"0.10\", lt: \"200\" } }", "17"),
        ("{ amount: { gte: \"-1\" } }", "12357"),
        ("{ not: { amount: { gte: \"-1\" } } }", "46"),
        ("{ identifiedOn: { eq: \"2025-06-15\" } }", "24"),
        ("{ identifiedOn: { gte: \"2025-06-15\" } }", "245"),
        ("{ identifiedOn: { gt: \"2025-06-15\" } }", "5"),
        ("{ identifiedOn: { lte: \"2025-01-01\" } }", "13"),
        ("{ identifiedOn: { lt: \"2025-01-01\" } }", "3"),
        (
            "{ identifiedOn: { gte: \"2025-01-01\", lt: \"2025-03-01\" } }",
            "17",
        ),
        (
            "{ identifiedOn: { gt: \"2025-06-15\", lt: \"2025-06-15\" } }",
            "",
        ),
        ("{ caseNumber: { eq: \"（2024）粤0604执9003号\" } }", "3"),
        ("{ caseNumber: { contains: \"执900\" } }", "1234567"),
        ("{ caseNumber: { startsWith: \"（2023）\" } }", ""),
        (
            "{ caseNumber: { in: [\"（2024）粤0604执9001号\", \"（2024）粤0604执9007号\"] } }",
            "17",
        ),
        ("{ source: { eq: \"court_debtors\" } }", "1234567"),
        ("{ source: { eq: \"agency_register\" } }", ""),
        ("{ agency: {} }", "1234567"),
        ("{ agency: { division: { within: \"440600\" } } }", "12367"),
        ("{ agency: { kind: [INSTITUTION] } }", "6"),
        ("{ agency: { hasActiveRecord: false } }", "7"),
        (
            "{ not: { agency: { division: { within: \"440600\" } } } }",
            "45",
        ),
        (
            "{ or: [{ amount: { gt: \"1000\" } }, { status: [DELISTED] }] }",
            "57",
        ),
        ("{ or: [] }", ""),
        (
            "{ and: [{ status: [ACTIVE] }, { agency: { name: { contains: \"C\" } } }], not: { amount: { lt: \"150\" } } }",
            "2",
        ),
    ] {
        let query = format!(
            "{{ creditRecords(filter: {filter}) {{ totalCount edges {{ node {{ caseNumber }} }} }} }}"
        );
        let data = world.data(&query).await;
        assert_eq!(
            sorted(&World::digits(&data["creditRecords"])),
            wanted,
            "{filter}"
        );
        assert_eq!(
            data["creditRecords"]["totalCount"],
            wanted.len(),
            "{filter}"
        );
        // An agency's own list takes the same filter.
        let query = format!(
            "{{ agency(uscc: \"{}\") {{ creditRecords(filter: {filter}) {{ totalCount edges {{ node {{ caseNumber }} }} }} }} }}",
            uscc('C')
        );
        let of_c: String = wanted
            .chars()
            .filter(|digit| matches!(digit, '1' | '2'))
            .collect();
        let records = &world.data(&query).await["agency"]["creditRecords"];
        assert_eq!(sorted(&World::digits(records)), of_c, "{filter}");
        assert_eq!(records["totalCount"], of_c.len(), "{filter}");
    }
}
