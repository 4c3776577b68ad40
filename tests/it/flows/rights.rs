//! Who may do what, and who sees what.

use domain::viewer::{Role, Viewer};
use serde_json::{Value, json};

use super::{BUREAU, CITY, DEVELOPMENT, DIGEST, PROVINCE, Story, Who, id, terms::with_a_measure};
use crate::support::{Db, made, on_both, rows};

#[tokio::test]
async fn measures_follow_the_list_stand_back_for_an_objection_and_end_with_the_record() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let authority = &story.authority;
        let breach = rows::file(&[rows::breach(1, BUREAU)
            .with("jlbh", "SX1")
            .with("sxxw", "未兑现样例承诺")]);
        story.hub.it_is("2026-05-20");
        story
            .hub
            .ingest("credit_platform", &[("b.csv", &breach)], |_| {})
            .await;
        let data = story
            .data(
                authority,
                "{ creditRecords(first: 5) { edges { node { id } } } }",
            )
            .await;
        let record = id(&data["creditRecords"]["edges"][0]["node"]);
        let the_record = ("recordId", record.as_str());
        let graded = story
            .done(
                authority,
                "gradeRecord",
                the_record,
                r#"tier: SERIOUS, basis: "情节严重""#,
            )
            .await;
        assert_eq!(graded["stage"], "CONFIRMED");
        // The shipped entry names no measure, so none follows.
        let impose = r#"measure: "internal.honours", basis: "清单""#;
        assert_eq!(
            story
                .refused(authority, "imposeSanction", the_record, impose)
                .await,
            "MEASURE_NOT_LISTED"
        );
        assert_eq!(
            story
                .refused(
                    authority,
                    "imposeSanction",
                    the_record,
                    r#"measure: "nothing", basis: "清单""#
                )
                .await,
            "NO_MEASURE"
        );

        let case = story
            .done(
                &story.agency,
                "fileObjection",
                the_record,
                r#"note: "事实有误""#,
            )
            .await;
        assert_eq!(case["record"]["underObjection"], true, "marked at once");
        assert_eq!(case["objections"][0]["dueOn"], "2026-05-22");
        assert_eq!(
            story
                .refused(
                    &story.agency,
                    "fileObjection",
                    the_record,
                    r#"note: "再提""#
                )
                .await,
            "FILED_BEFORE"
        );
        let query = "{ creditRecords(filter: { underObjection: true }, first: 5) { totalCount } }";
        assert_eq!(
            story.data(authority, query).await["creditRecords"]["totalCount"],
            1
        );
        let objection = id(&case["objections"][0]);
        let case = story
            .done(
                authority,
                "decideObjection",
                ("objectionId", &objection),
                r#"upheld: true, basis: "证据不足""#,
            )
            .await;
        assert_eq!(case["record"]["status"], "WITHDRAWN");
        assert_eq!(case["record"]["underObjection"], false);
        assert_eq!(case["stage"], "CLOSED");
    })
    .await;
}

/// Bodies that come into the register beside those of the story.
async fn join(story: &Story, bodies: &[made::Body]) {
    let register = made::register(bodies);
    let files: [(&str, &[u8]); 1] = [("more.csv", &register)];
    let more = |order: &mut zhengxin::ingest::Order| order.partial = true;
    story.hub.ingest("agency_register", &files, more).await;
}

#[tokio::test]
async fn what_a_body_above_has_in_hand_is_not_for_the_area_below() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let above = "广东省发展和改革委员会";
        join(&story, &[made::body(6, above, "440000")]).await;
        let (city, province) = (&story.authority, Who(Role::Authority, "440000", None));
        let lead = story.lead().await;
        let clue = ("clueId", lead.as_str());
        let to = format!(r#"to: "{}""#, story.id_for(&province, above).await);
        let passed = story.step(&province, "transferClue", clue, &to).await;
        assert_eq!(passed["clue"]["stage"], "TRANSFERRED", "{passed}");
        assert_eq!(
            story.refused(city, "acceptClue", clue, "").await,
            "WRONG_BODY"
        );
        let back = format!(r#"to: "{}""#, story.id_of(DEVELOPMENT).await);
        let taken = story.step(city, "transferClue", clue, &back).await;
        assert_eq!(taken["code"], "WRONG_BODY", "{taken}");
        story.done(&province, "acceptClue", clue, "").await;
        let found = format!(r#"finding: FOUNDED, note: "已核实", evidence: ["{DIGEST}"]"#);
        assert_eq!(
            story.refused(city, "verifyClue", clue, &found).await,
            "WRONG_BODY"
        );
        story.done(&province, "verifyClue", clue, &found).await;
    })
    .await;
}

#[tokio::test]
async fn a_measure_of_a_body_above_is_not_for_the_area_below() {
    on_both(async |db| {
        let story = with_a_measure(&db).await;
        let (city, province) = (&story.authority, Who(Role::Authority, "440000", None));
        let record = story.breach("2026-05-18", "GENERAL").await;
        let the_record = ("recordId", record.as_str());
        let impose = r#"measure: "internal.honours", basis: "清单""#;
        join(
            &story,
            &[made::body(6, "广东省人力资源和社会保障厅", "440000")],
        )
        .await;
        assert_eq!(
            story
                .refused(city, "imposeSanction", the_record, impose)
                .await,
            "WRONG_BODY"
        );
        let case = story
            .done(&province, "imposeSanction", the_record, impose)
            .await;
        let sanction = id(&case["sanctions"][0]);
        let sanction = ("sanctionId", sanction.as_str());
        let lift = r#"basis: "已改正""#;
        assert_eq!(
            story.refused(city, "liftSanction", sanction, lift).await,
            "WRONG_BODY"
        );
        // Once the city has a body of this kind, its authority acts for that one.
        join(
            &story,
            &[made::body(7, "佛山市人力资源和社会保障局", "440600")],
        )
        .await;
        story.done(city, "liftSanction", sanction, lift).await;
    })
    .await;
}

#[tokio::test]
async fn nobody_decides_about_the_body_for_which_he_acts() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let bureau = story.id_of(BUREAU).await;
        let city = story.id_of(CITY).await;
        let asked = r#"dueOn: "2026-05-06", note: "请说明""#;
        let warned = r#"basis: "（2026）粤0604执90001号""#;
        let own = |role, body| Who(role, "440600", Some(body));
        let city_code = made::uscc("11", "440600", 1);
        for (who, step, about, more) in [
            (
                own(Role::Government, story.bureau),
                "openMatter",
                &bureau,
                asked,
            ),
            (
                own(Role::Congress, story.bureau),
                "openMatter",
                &bureau,
                asked,
            ),
            (
                own(Role::Court, story.bureau),
                "prewarnAgency",
                &bureau,
                warned,
            ),
            (own(Role::Government, city_code), "openMatter", &city, asked),
            // The government of the city, whose token names no body, is this body.
            (
                Who(Role::Government, "440600", None),
                "openMatter",
                &city,
                asked,
            ),
        ] {
            let refused = story.refused(&who, step, ("agencyId", about), more).await;
            assert_eq!(refused, "WRONG_BODY", "{step} by {:?}", who.0);
        }
        // The superior asks, the city's own congress does, and the city asks its bureau.
        for (who, about) in [
            (&story.superior, &city),
            (&story.congress, &city),
            (&own(Role::Government, city_code), &bureau),
            (&Who(Role::Government, "440600", None), &bureau),
        ] {
            story
                .done(who, "openMatter", ("agencyId", about), asked)
                .await;
        }
        // Nor does it issue an order or call itself in.
        let complaint = rows::file(&[rows::complaint(1, CITY)]);
        story.hub.it_is("2026-09-21");
        story
            .hub
            .ingest("arrears", &[("a.csv", &complaint)], |_| {})
            .await;
        let query = "{ clues(first: 5) { edges { node { id } } } }";
        let data = story.data(&story.superior, query).await;
        let lead = id(&data["clues"]["edges"][0]["node"]);
        let clue = ("clueId", lead.as_str());
        // Nobody below it verifies what is alleged of it, nor do the authorities of its own city.
        let below = format!(r#"to: "{}""#, story.id_of(DEVELOPMENT).await);
        let above = format!(r#"to: "{}""#, story.id_for(&story.superior, PROVINCE).await);
        let authority = Who(Role::Authority, "440000", None);
        for (who, to, code) in [
            (&authority, &below, "NOT_COMPETENT"),
            (&story.authority, &above, "WRONG_BODY"),
        ] {
            let refused = story.step(who, "transferClue", clue, to).await;
            assert_eq!(refused["code"], code, "{refused}");
        }
        let passed = story.step(&authority, "transferClue", clue, &above).await;
        assert_eq!(passed["clue"]["stage"], "TRANSFERRED", "{passed}");
        let case = story.done(&authority, "acceptClue", clue, "").await;
        story.hub.it_is("2026-11-23");
        let case = id(&case);
        let order = r#"dueOn: "2026-12-01", basis: "条例第二十五条""#;
        let city = Who(Role::Government, "440600", None);
        let order_to_itself = story
            .refused(&city, "issueSupervisionOrder", ("caseId", &case), order)
            .await;
        assert_eq!(order_to_itself, "WRONG_BODY");
        story
            .done(
                &story.superior,
                "issueSupervisionOrder",
                ("caseId", &case),
                order,
            )
            .await;
    })
    .await;
}

#[tokio::test]
async fn others_see_and_do_nothing() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let lead = story.lead().await;
        let to = format!(r#"to: "{}""#, story.id_of(DEVELOPMENT).await);
        let stranger = Who(Role::Authority, "440100", None);
        let query = format!(
            r#"mutation {{ transferClue(input: {{ key: "k", clueId: "{lead}", version: 1, {to} }}) {{ ... on Refusal {{ code }} }} }}"#
        );
        let refused = story.data(&stranger, &query).await;
        assert_eq!(refused["transferClue"]["code"], "NOT_FOUND");
        let forbidden = story.hub.query(Some(&story.token(&story.agency)), &query).await;
        assert_eq!(forbidden["errors"][0]["extensions"]["code"], "FORBIDDEN");
        story.step(&story.authority, "transferClue", ("clueId", &lead), &to).await;
        // An authority that acts for another body does not have the case in hand.
        let other = Who(Role::Authority, "440600", Some(story.bureau));
        let other_body = story.refused(&other, "acceptClue", ("clueId", &lead), "").await;
        assert_eq!(other_body, "WRONG_BODY");
        let total = "{ cases(first: 1) { totalCount edges { node { handler { name } } } } }";
        for (who, count) in [
            (Some(&story.authority), 1),
            (Some(&story.agency), 1),
            (Some(&story.congress), 1),
            (Some(&stranger), 0),
            (None, 0),
        ] {
            let data = match who {
                Some(who) => story.data(who, total).await,
                None => story.hub.data(None, total).await,
            };
            assert_eq!(data["cases"]["totalCount"], count);
        }
        let public = story.hub.query(None, "{ cases(first: 1) { edges { node { events { by } } } } }").await;
        assert_eq!(public["errors"][0]["extensions"]["code"], json!("FORBIDDEN"));
    })
    .await;
}

#[tokio::test]
async fn who_is_complained_of_is_not_told_in_which_words_others_verified() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let (_, case) = story.rectifying().await;
        let query = format!(
            r#"{{ node(id: "{case}") {{ ... on Case {{ events {{ act by basis note }} }} }} }}"#
        );
        let told = async |who: &Who| {
            let mut data = story.data(who, &query).await;
            serde_json::from_value::<Vec<Value>>(data["node"]["events"].take()).expect("a list")
        };
        let (for_handlers, for_body) = (told(&story.authority).await, told(&story.agency).await);
        let of = |events: &[Value], act: &str| {
            let event = events.iter().find(|event| event["act"] == act);
            event.unwrap_or_else(|| panic!("{act}: {events:?}")).clone()
        };
        for act in ["TRANSFER", "ACCEPT", "FIND"] {
            let hidden = of(&for_body, act);
            assert_eq!(
                (&hidden["by"], &hidden["basis"], &hidden["note"]),
                (&json!(null), &json!(null), &json!(null)),
                "{act}"
            );
            assert_ne!(of(&for_handlers, act)["by"], json!(null), "{act}");
        }
        assert_eq!(of(&for_handlers, "FIND")["note"], "已核实");
        // What is asked of it is said to it.
        assert_eq!(of(&for_body, "ASK_RECTIFICATION")["note"], "限期办理");
    })
    .await;
}

#[tokio::test]
async fn who_may_not_see_the_lead_is_not_told_in_which_words_it_was_verified() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let led = story.confirmed().await;
        let query = format!(
            r#"{{ node(id: "{}") {{ ... on Case {{ rectifications {{ title }} events {{ act by basis note body {{ name }} evidence }} }} }} }}"#,
            led.case
        );
        let told = async |who: &Who| {
            let mut data = story.data(who, &query).await;
            let titles = data["node"]["rectifications"].take();
            let events = data["node"]["events"].take();
            (titles, serde_json::from_value::<Vec<Value>>(events).expect("a list"))
        };
        for (who, sees_lead) in [(&story.authority, true), (&story.court, false)] {
            let (titles, events) = told(who).await;
            let title = if sees_lead { json!("兑现奖补") } else { json!(null) };
            assert_eq!(titles, json!([{ "title": title }]));
            let is_hidden = |event: &Value| {
                let words = ["by", "note", "body"].iter();
                words.clone().all(|part| event[*part].is_null()) && event["evidence"] == json!([])
            };
            for act in ["TRANSFER", "ACCEPT", "FIND"] {
                let event = events.iter().find(|event| event["act"] == act);
                let event = event.unwrap_or_else(|| panic!("{act}: {events:?}"));
                assert_eq!(is_hidden(event), !sees_lead, "{act} {event}");
            }
            let confirmed = events.iter().find(|event| event["act"] == "CONFIRM");
            let basis = &confirmed.expect("it was confirmed")["basis"];
            assert_eq!(basis, "发改财金〔2023〕1103号");
        }
    })
    .await;
}

/// Whom a token names, and whom he would decide about.
#[tokio::test]
async fn nobody_decides_about_himself_whoever_is_in_the_register() {
    let db = Db::sqlite();
    let story = Story::on(&db).await;
    let (casework, graph) = (story.hub.app.casework(), story.hub.app.live.now());
    let bureau = story.bureau;
    let city = made::body(1, CITY, "440600").uscc;
    let province = made::body(5, PROVINCE, "440000").uscc;
    let [nobody, stranger] = [98, 99].map(|number| made::uscc("11", "440600", number));
    for (own, area, about, is_so) in [
        (Some(bureau), "440600", bureau, true),
        (Some(bureau), "440600", city, true),
        (Some(city), "440600", bureau, false),
        (None, "440600", bureau, false),
        (None, "440600", city, true),
        (None, "440000", city, false),
        (None, "440000", province, true),
        (None, "100000", province, false),
        // Who is in the register no more, or never was.
        (Some(nobody), "440600", nobody, true),
        (Some(nobody), "440600", stranger, true),
        (Some(nobody), "440600", bureau, true),
        (Some(bureau), "440600", nobody, false),
        (None, "440600", nobody, false),
    ] {
        let viewer = Viewer {
            role: Role::Authority,
            divisions: vec![area.parse().expect("a code")],
            agency: own,
            ..Viewer::public()
        };
        let told = casework.decides_about_himself(&graph, &viewer, &about);
        assert_eq!(told, is_so, "{own:?} for {area} about {about}");
    }
}
