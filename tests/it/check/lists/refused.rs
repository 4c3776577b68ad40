//! What is no list, and whose lists nobody sees.

use super::*;

#[tokio::test]
async fn what_is_no_list_or_nobodys_to_see_is_refused() {
    let db = Db::sqlite();
    let scene = Scene::on(&db).await;
    let (hub, court) = (&scene.hub, scene.court());
    let door = Door::of(hub).await;
    let (_, handed) = door.hand(&court, LISTS, list(2).into_bytes()).await;
    let place = format!("check/lists/{}", handed["id"].as_str().expect("an id"));
    // Of another place or role it is no list; of no role that checks nothing is one.
    let elsewhere = hub.token(Role::Court, &["441900"], None);
    let authority = hub.token(Role::Authority, &["440600"], None);
    for token in [elsewhere, authority] {
        let (status, told) = said(door.get(&place).bearer_auth(token)).await;
        assert_eq!(
            (status, &told["errors"][0]["extensions"]["code"]),
            (404, &"NOT_FOUND".into())
        );
    }
    let congress = hub.token(Role::Congress, &["440600"], None);
    for (request, wanted) in [
        (door.get(&place).bearer_auth(congress), 403),
        (door.get(&place), 403),
        (door.get(&place).bearer_auth("nobody's"), 401),
        (door.get("check/lists").bearer_auth(&court), 405),
        (
            door.get(&format!("{place}/answers.pdf"))
                .bearer_auth(&court),
            404,
        ),
    ] {
        let (status, told) = said(request).await;
        assert_eq!(status, wanted, "{told}");
    }
    for (path, body, says) in [
        (
            LISTS,
            format!("单位名称\n{}\n", "甲".repeat(32_001)),
            "list:2: a cell has 32001 characters, expected at most 32000",
        ),
        // A workbook counts such a character for two.
        (
            LISTS,
            format!("单位名称\n{}\n", "𠀀".repeat(16_001)),
            "list:2: a cell has 32002 characters, expected at most 32000",
        ),
        (
            LISTS,
            format!("单位名称,{}\n甲,乙\n", "备".repeat(32_001)),
            "list:1: a cell has 32001 characters, expected at most 32000",
        ),
        (
            "check/lists",
            list(1),
            "purpose: 1 to 200 characters expected",
        ),
        (
            "check/lists?purpose=x&colour=red",
            list(1),
            "expected purpose, reference or asOf",
        ),
        (
            "check/lists?purpose=x&asOf=tomorrow",
            list(1),
            "asOf: a day such as",
        ),
        (
            "check/lists?purpose=x&asOf=2026-04-21",
            list(1),
            "asOf: a day up to 2026-04-20",
        ),
        (
            LISTS,
            "甲,乙\n1,2\n".to_owned(),
            "none of the expected headings",
        ),
        (
            LISTS,
            "区划代码\n440600\n".to_owned(),
            "no column that says who is meant",
        ),
        (LISTS, "名称\n甲,乙\n".to_owned(), "list:2: has 2 columns"),
    ] {
        let (status, told) = door.hand(&court, path, body.into_bytes()).await;
        let message = told["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(status == 400 && message.contains(says), "{status} {told}");
    }
    // What was refused stands in the log, too.
    hub.app.audit.integrate().await.expect("it is put together");
    assert_eq!(refused_checks(&scene).await, 10);
    let auditor = hub.token(Role::Auditor, &["440000"], None);
    let query =
        "{ auditEntries(filter: { action: CHECK }, first: 1) { edges { node { outcome role } } } }";
    let told = hub.data(Some(&auditor), query).await;
    let refused = &told["auditEntries"]["edges"][0]["node"];
    assert_eq!(
        (&refused["outcome"], &refused["role"]),
        (&"DENIED".into(), &"COURT".into())
    );
    // Another day's is another list.
    hub.it_is("2026-04-21");
    let next = scene.court();
    let (_, again) = door.hand(&next, LISTS, list(2).into_bytes()).await;
    assert!(
        again["id"].is_string() && again["id"] != handed["id"],
        "{again}"
    );
    hub.it_is("2026-04-20");
    // One place has so many unfinished ones, and no more, those aside that the command line left behind.
    let viewer = Viewer {
        role: Role::Court,
        divisions: vec!["440600".parse().expect("a code")],
        ..Viewer::public()
    };
    for rows in 7..12 {
        let asked = Asked {
            inputs: Vec::new(),
            as_of: None,
            purpose: "x".to_owned(),
            reference: None,
            request: "command".to_owned(),
        };
        let bytes = list(rows).into_bytes();
        let taken = hub.app.lists().accept(&viewer, &asked, bytes, false).await;
        taken.expect("the command line's lists are taken in");
    }
    for rows in 3..5 {
        assert_eq!(
            door.hand(&court, LISTS, list(rows).into_bytes()).await.0,
            202
        );
    }
    let (status, told) = door.hand(&court, LISTS, list(6).into_bytes()).await;
    assert_eq!(
        (status, &told["errors"][0]["extensions"]["code"]),
        (429, &"LIMITED".into()),
        "{told}"
    );
    hub.app.audit.integrate().await.expect("it is put together");
    assert_eq!(refused_checks(&scene).await, 11);
    let too_big = door.post(LISTS, vec![b'x'; 33 * 1_048_576]);
    // Refused while it still comes, so that the answer may be lost with the connection.
    if let Ok(reply) = too_big.bearer_auth(&court).send().await {
        assert_eq!(reply.status().as_u16(), 413);
    }
}
