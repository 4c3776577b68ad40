//! Names and codes are resolved.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{call, calling, with_bodies};
use crate::support::{Db, made, on_both};

#[tokio::test(flavor = "multi_thread")]
async fn resolve_answers_each_line_of_a_file_in_its_order() {
    on_both(async |db| {
        let bodies = with_bodies(&db);
        let [city, chancheng, nanhai] = bodies.each_ref().map(|body| body.uscc);
        let rows = [
            (
                "区样例局",
                String::new(),
                String::new(),
                "",
                "AMBIGUOUS",
                None,
            ),
            (
                "佛山市不存局",
                String::new(),
                String::new(),
                "",
                "NONE",
                None,
            ),
            (
                "",
                chancheng.to_string(),
                String::new(),
                "",
                "EXACT_CODE",
                Some(chancheng),
            ),
            (
                "",
                String::new(),
                made::hyphenated(&nanhai),
                "",
                "EXACT_CODE",
                Some(nanhai),
            ),
            (
                "佛山市样例局",
                made::broken(&city),
                String::new(),
                "",
                "EXACT_NAME",
                Some(city),
            ),
            (
                "区样例局",
                String::new(),
                String::new(),
                "440605",
                "ALIAS",
                Some(nanhai),
            ),
            (
                "佛山市样例局",
                chancheng.to_string(),
                String::new(),
                "",
                "CONFLICT",
                None,
            ),
            ("", String::new(), String::new(), "", "NONE", None),
        ];
        let mut file = String::from("name,uscc,org_code,division\n");
        for (name, code, org_code, division, ..) in &rows {
            file.push_str(&format!("{name},{code},{org_code},{division}\n"));
        }
        for bytes in [file.as_bytes().to_vec(), made::with_bom(file.as_bytes())] {
            let path = db.file("names.csv", &bytes).display().to_string();
            let ran = call(&db, ["resolve", "--file", &path]).ended(0);
            let lines: Vec<Value> = ran
                .out
                .lines()
                .map(|line| serde_json::from_str(line).expect("one object a line"))
                .collect();
            assert_eq!(lines.len(), rows.len(), "{ran:#?}");
            for (line, (name, .., outcome, agency)) in lines.iter().zip(&rows) {
                assert_eq!(line["outcome"], *outcome, "{name}: {line:#}");
                assert_eq!(
                    line["agency"]["uscc"].as_str(),
                    agency.as_ref().map(|code| code.as_str()),
                    "{line:#}"
                );
                let keys: BTreeSet<_> = line
                    .as_object()
                    .expect("an object")
                    .keys()
                    .map(String::as_str)
                    .collect();
                assert_eq!(
                    keys,
                    BTreeSet::from(["agency", "candidates", "outcome", "score", "steps"])
                );
            }
            assert_eq!(lines[0]["candidates"].as_array().map(Vec::len), Some(2));
        }
    })
    .await;
}

#[test]
fn resolve_answers_one_question_and_survives_a_line_that_is_none() {
    let db = Db::sqlite();
    let bodies = with_bodies(&db);
    let one = call(
        &db,
        ["resolve", "--name", "区样例局", "--division", "440604"],
    )
    .ended(0)
    .json();
    assert_eq!(
        (one["outcome"].as_str(), one["agency"]["uscc"].as_str()),
        (Some("ALIAS"), Some(bodies[1].uscc.as_str()))
    );
    // A person's number that is typed for a code is not told again.
    let number = made::citizen_number(1);
    for typed in [
        number.clone(),
        number.replacen('0', "O", 2),
        format!("{} {}", &number[..6], &number[6..]),
    ] {
        let ran = call(&db, ["resolve", "--uscc", &typed]).ended(0);
        assert!(ran.out.contains("****"), "{ran:#?}");
        assert!(!ran.out.contains("19900101"), "{ran:#?}");
    }
    let one = call(&db, ["resolve", "--uscc", bodies[0].uscc.as_str()])
        .ended(0)
        .json();
    assert_eq!(one["agency"]["name"], "佛山市样例局");
    assert_eq!(
        call(&db, ["resolve", "--name", "区样例局", "--name", "x"]).code,
        Some(2)
    );
    let ran = call(
        &db,
        ["resolve", "--name", "佛山市样例局", "--as-of", "today"],
    )
    .ended(2);
    assert!(ran.err.contains("as_of"), "{ran:#?}");
    call(
        &db,
        ["resolve", "--name", "佛山市样例局", "--as-of", "2020-01-01"],
    )
    .ended(0);

    let file = db
        .file(
            "names.csv",
            "division,name\n佛山,区样例局\n440604,区样例局\n".as_bytes(),
        )
        .display()
        .to_string();
    let ran = call(&db, ["resolve", "--file", &file]).ended(5);
    let lines: Vec<Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines.len(), 2, "a line for each row: {ran:#?}");
    assert!(
        lines[0]["error"]
            .as_str()
            .is_some_and(|error| error.contains("佛山")),
        "{ran:#?}"
    );
    assert_eq!(lines[1]["outcome"], "ALIAS");
}

#[test]
fn whoever_reads_one_line_of_many_ends_it_quietly() {
    let db = Db::sqlite();
    with_bodies(&db);
    let rows = "佛山市样例局\n".repeat(20_000);
    let file = db.file("names.csv", format!("name\n{rows}").as_bytes());
    let file = file.display().to_string();
    for arguments in [
        &["resolve", "--file", &file][..],
        &["schema", "print"],
        &["catalogue", "check", "-o", "json"],
    ] {
        let ran = calling(&db, arguments.iter().copied()).run_unheard();
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn a_file_of_names_without_any_known_column_is_no_list_of_nobodies() {
    let db = Db::sqlite();
    with_bodies(&db);
    let file = db
        .file("names.csv", "机构名称\n佛山市样例局\n".as_bytes())
        .display()
        .to_string();
    let ran = call(&db, ["resolve", "--file", &file]);
    assert!(
        !ran.out.contains("NONE"),
        "nobody was asked for, and nobody was found: {ran:#?}"
    );
}
