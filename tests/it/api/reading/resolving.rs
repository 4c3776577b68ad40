//! Who is meant, and mentions where nobody can be told.

use serde_json::{Value, json};

use super::{BODIES, World, name, sorted, uscc};
use crate::api::{Wire, nodes, text};
use crate::support::{Hub, made, on_both};

#[tokio::test]
async fn the_resolver_tells_who_is_meant_or_says_that_it_can_not() {
    let world = World::new().await;
    let code = |letter| uscc(letter).to_string();
    let org = |letter| made::hyphenated(&uscc(letter));
    let unknown = made::uscc("11", "440600", 4_711);
    let cases: Vec<(String, &str, &str, &str)> = vec![
        (format!("uscc: \"{}\"", code('C')), "EXACT_CODE", "C", ""),
        (
            format!("uscc: \" {} \"", code('C').to_lowercase()),
            "EXACT_CODE",
            "C",
            "",
        ),
        (format!("orgCode: \"{}\"", org('C')), "EXACT_CODE", "C", ""),
        (
            format!("orgCode: \"{}\"", org('C').replace('-', "")),
            "EXACT_CODE",
            "C",
            "",
        ),
        // Either field takes either code.
        (format!("uscc: \"{}\"", org('C')), "EXACT_CODE", "C", ""),
        (
            format!("uscc: \"{}\", name: \"{}\"", code('C'), name('C')),
            "EXACT_CODE",
            "C",
            "",
        ),
        (
            format!("uscc: \"{}\", name: \"曾用名C一\"", code('C')),
            "EXACT_CODE",
            "C",
            "",
        ),
        (
            format!("uscc: \"{}\", name: \"没有这个局\"", code('C')),
            "EXACT_CODE",
            "C",
            "",
        ),
        (
            format!("uscc: \"{}\", name: \"{}\"", code('C'), name('F')),
            "CONFLICT",
            "",
            "CF",
        ),
        (format!("uscc: \"{unknown}\""), "NONE", "", ""),
        // A good code of somebody else whom the register does not know.
        (
            format!("uscc: \"{unknown}\", name: \"{}\"", name('F')),
            "CONFLICT",
            "",
            "F",
        ),
        // A broken code is noted, and the name decides.
        (
            format!(
                "uscc: \"{}\", name: \"{}\"",
                made::broken(&uscc('C')),
                name('C')
            ),
            "EXACT_NAME",
            "C",
            "",
        ),
        (
            format!("uscc: \"{}\"", made::broken(&uscc('C'))),
            "NONE",
            "",
            "",
        ),
        (format!("name: \"{}\"", name('B')), "EXACT_NAME", "B", ""),
        ("name: \" 佛山市　B局 \"".to_owned(), "EXACT_NAME", "B", ""),
        ("name: \"佛山市Ｂ局\"".to_owned(), "EXACT_NAME", "B", ""),
        ("name: \"曾用名G二\"".to_owned(), "ALIAS", "G", ""),
        ("name: \"别名H\"".to_owned(), "ALIAS", "H", ""),
        ("name: \"同名M局\"".to_owned(), "AMBIGUOUS", "", "MNO"),
        (
            "name: \"同名M局\", division: \"440600\"".to_owned(),
            "AMBIGUOUS",
            "",
            "MN",
        ),
        (
            "name: \"同名M局\", division: \"440604\"".to_owned(),
            "EXACT_NAME",
            "M",
            "",
        ),
        (
            "name: \"同名M局\", division: \"440100\"".to_owned(),
            "EXACT_NAME",
            "O",
            "",
        ),
        (
            "name: \"同名M局\", division: \"441900\"".to_owned(),
            "NONE",
            "",
            "",
        ),
        (
            format!("name: \"{}\", division: \"441900\"", name('G')),
            "EXACT_NAME",
            "G",
            "",
        ),
        ("name: \"佛山市B\"".to_owned(), "NONE", "", ""),
        ("name: \"没有这个局\"".to_owned(), "NONE", "", ""),
    ];
    let letter = |body: &Value| {
        BODIES
            .iter()
            .find(|known| uscc(known.0).as_str() == body["uscc"])
            .map(|known| known.0)
    };
    for (input, outcome, told, candidates) in cases {
        let query = format!(
            "{{ resolve(input: {{ {input} }}) {{ outcome score steps agency {{ uscc }} candidates {{ score reason agency {{ uscc }} }} }} }}"
        );
        let data = world.data(&query).await;
        let answer = &data["resolve"];
        assert_eq!(answer["outcome"], outcome, "{input}: {answer}");
        assert_eq!(
            letter(&answer["agency"]),
            told.chars().next(),
            "{input}: {answer}"
        );
        let all = answer["candidates"].as_array().expect("a list");
        let found: String = all
            .iter()
            .filter_map(|each| letter(&each["agency"]))
            .collect();
        assert_eq!(sorted(&found), candidates, "{input}: {answer}");
        assert!(all.iter().all(|each| !text(&each["reason"]).is_empty()));
        let score = answer["score"].as_f64().expect("a number");
        assert!((0.0..=1.0).contains(&score), "{input}: {score}");
        assert_eq!(score > 0.8, !told.is_empty(), "{input}: {score}");
        assert!(
            !answer["steps"].as_array().expect("a list").is_empty(),
            "{input}: it says what it did"
        );
        assert_eq!(world.data(&query).await, data, "the same again");
    }
}

#[tokio::test]
async fn a_row_whose_subject_is_not_told_is_a_mention() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let bodies = [made::body(1, "第一小学", "440604"), made::body(2, "第一小学", "441900"), made::body(3, "佛山市水务局", "440600")];
        hub.ingest("agency_register", &[("a.csv", &made::register(&bodies))], |_| {}).await;
        let rows = [
            made::listing(1, "第一小学"),
            made::listing(2, "第一小学").case("(2025)粤1971执90002号"),
            made::listing(3, "佛山市没有的局").case("(2025)粤06执90003号"),
            made::listing(4, "佛山市水务局").code(bodies[0].uscc).case("(2014)禅法执字第90004号"),
            made::listing(5, "佛山市某某贸易有限公司"),
            made::listing(6, "佛山市水务局"),
        ];
        hub.ingest("court_debtors", &[("b.jsonl", &made::court_jsonl(&rows))], |_| {}).await;
        let wire = Wire::to(&hub).await;
        let token = hub.token(domain::viewer::Role::Operator, &[], None);
        let query = "{ mentions { totalCount edges { node { text source { key } division { code } resolution { outcome agency { uscc } candidates { agency { uscc } } } evidence { sourceKey location } } } } }";
        let data = wire.data(Some(&token), query).await;
        let mut told: Vec<Value> = nodes(&data["mentions"]).cloned().collect();
        told.sort_by_key(|node| text(&node["evidence"][0]["sourceKey"]).to_owned());
        let mention = |line: usize, text: &str, division: Option<&str>, outcome: &str, candidates: &[usize]| {
            let mut codes: Vec<&str> = candidates.iter().map(|at| bodies[*at].uscc.as_str()).collect();
            codes.sort_unstable();
            let candidates: Vec<Value> = codes.iter().map(|code| json!({ "agency": { "uscc": code } })).collect();
            json!({
                "text": text, "source": { "key": "court_debtors" }, "division": division.map(|code| json!({ "code": code })),
                "resolution": { "outcome": outcome, "agency": null, "candidates": candidates },
                "evidence": [{ "sourceKey": line.to_string(), "location": format!("b.jsonl:{line}") }],
            })
        };
        for node in &mut told {
            let candidates = node["resolution"]["candidates"].as_array_mut().expect("a list");
            candidates.sort_by_key(ToString::to_string);
        }
        let wanted = [
            mention(1, "第一小学", Some("440604"), "AMBIGUOUS", &[0, 1]),
            mention(2, "第一小学", Some("441900"), "AMBIGUOUS", &[0, 1]),
            mention(3, "佛山市没有的局", Some("440600"), "NONE", &[]),
            mention(4, "佛山市水务局", None, "CONFLICT", &[0, 2]),
        ];
        assert_eq!(told, wanted);
        assert_eq!(data["mentions"]["totalCount"], 4);
        for (filter, wanted) in [
            ("{ outcome: [AMBIGUOUS] }", 2),
            ("{ outcome: [NONE, CONFLICT] }", 2),
            ("{ outcome: [] }", 0),
            ("{ source: { eq: \"court_debtors\" } }", 4),
            ("{ source: { startsWith: \"agency\" } }", 0),
            ("{ division: { within: \"440600\" } }", 2),
            ("{ division: { eq: \"440600\" } }", 1),
            ("{ division: { in: [\"441900\", \"440600\"] } }", 2),
            ("{ not: { division: { within: \"100000\" } } }", 1),
            ("{ or: [{ outcome: [CONFLICT] }, { division: { eq: \"441900\" } }] }", 2),
            ("{ and: [{ outcome: [AMBIGUOUS] }, { division: { eq: \"441900\" } }] }", 1),
        ] {
            let data = wire.data(Some(&token), &format!("{{ mentions(filter: {filter}) {{ totalCount edges {{ cursor }} }} }}")).await;
            assert_eq!(data["mentions"]["totalCount"], wanted, "{filter}");
            assert_eq!(nodes(&data["mentions"]).count(), wanted, "{filter}");
        }
    })
    .await;
}
