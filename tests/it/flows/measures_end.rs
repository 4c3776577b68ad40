//! What becomes of measures of itself: an objection suspends them, and they end by their term, by repair and
//! with the record.

use serde_json::json;

use super::{
    Story, id,
    led::{Led, development},
};
use crate::support::on_both;

const BUDGET: &str = "internal.central_budget";
/// One that no objection suspends.
const CITY_CREDIT: &str = "internal.city_credit";
const PILOTS: &str = "internal.pilots";
/// The last day of a record that is SERIOUS: 36 months.
const MAXIMUM: &str = "2029-06-02";

impl Story {
    async fn objection(&self, led: &Led) -> String {
        let objects = r#"note: "事实有误""#;
        let case = self
            .done(&self.agency, "fileObjection", led.the_record(), objects)
            .await;
        let objections = case["objections"].as_array().expect("a list");
        id(objections.last().expect("it was filed"))
    }
}

#[tokio::test]
async fn an_objection_suspends_what_stands_back_for_it_until_it_is_decided() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let led = story.confirmed().await;
        let development = development();
        let budget = story.imposed(&led, BUDGET, "").await;
        story.imposed(&led, CITY_CREDIT, "").await;
        let stand = |budget: &str, rest: &[&str]| {
            let mut lines = vec![
                format!("{BUDGET} {budget} {MAXIMUM}"),
                format!("{CITY_CREDIT} ACTIVE {MAXIMUM}"),
            ];
            lines.extend(
                rest.iter()
                    .map(|status| format!("{PILOTS} {status} {MAXIMUM}")),
            );
            lines
        };
        let objection = story.objection(&led).await;
        assert_eq!(story.measures(&led).await, stand("SUSPENDED", &[]));
        let resume = r#"basis: "清单""#;
        let refused = story
            .refused(
                &development,
                "resumeSanction",
                ("sanctionId", &budget),
                resume,
            )
            .await;
        assert_eq!(refused, "UNDER_OBJECTION");
        // What is imposed meanwhile waits, too.
        story.imposed(&led, PILOTS, "").await;
        assert_eq!(
            story.measures(&led).await,
            stand("SUSPENDED", &["SUSPENDED"])
        );
        let dismissed = r#"upheld: false, basis: "事实清楚""#;
        story
            .done(
                &development,
                "decideObjection",
                ("objectionId", &objection),
                dismissed,
            )
            .await;
        assert_eq!(story.measures(&led).await, stand("ACTIVE", &["ACTIVE"]));

        // Who objects again holds nothing back by it; it is taken back by who filed it.
        let objection = story.objection(&led).await;
        assert_eq!(story.measures(&led).await, stand("ACTIVE", &["ACTIVE"]));
        story
            .done(
                &story.agency,
                "withdrawObjection",
                ("objectionId", &objection),
                "",
            )
            .await;
        assert_eq!(story.measures(&led).await, stand("ACTIVE", &["ACTIVE"]));

        // What somebody suspended himself does not go on because an objection is dismissed.
        story
            .done(
                &development,
                "suspendSanction",
                ("sanctionId", &budget),
                resume,
            )
            .await;
        let objection = story.objection(&led).await;
        story
            .done(
                &development,
                "decideObjection",
                ("objectionId", &objection),
                dismissed,
            )
            .await;
        assert_eq!(story.measures(&led).await, stand("SUSPENDED", &["ACTIVE"]));
        // Upheld, all of them fall with the record.
        let objection = story.objection(&led).await;
        let upheld = r#"upheld: true, basis: "证据不足""#;
        let case = story
            .done(
                &development,
                "decideObjection",
                ("objectionId", &objection),
                upheld,
            )
            .await;
        assert_eq!(case["record"]["status"], "WITHDRAWN");
        let ended = [BUDGET, CITY_CREDIT, PILOTS].map(|code| format!("{code} REVOKED 2026-06-02"));
        assert_eq!(story.measures(&led).await, ended);
    })
    .await;
}

#[tokio::test]
async fn measures_end_by_their_term_by_repair_and_by_the_records_withdrawal() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let led = story.confirmed().await;
        let development = development();
        story
            .imposed(&led, CITY_CREDIT, r#"endsOn: "2026-07-31""#)
            .await;
        story.imposed(&led, BUDGET, "").await;
        let budget = |status: &str, day: &str| format!("{BUDGET} {status} {day}");
        let running = budget("ACTIVE", MAXIMUM);
        for (day, expired, status) in [("2026-07-31", 0, "ACTIVE"), ("2026-08-01", 1, "EXPIRED")] {
            assert_eq!(story.turn_on(day).await.expired, expired, "on {day}");
            let city = format!("{CITY_CREDIT} {status} 2026-07-31");
            assert_eq!(
                story.measures(&led).await,
                [city, running.clone()],
                "on {day}"
            );
        }
        assert_eq!(story.turn_on("2026-08-01").await.expired, 0, "once");
        let expired = format!("{CITY_CREDIT} EXPIRED 2026-07-31");

        // By repair: what had ended before stays as it ended.
        story.hub.it_is("2026-08-03");
        story.set_right(&led).await;
        let (repair, case) = story.repaired(&led).await;
        assert_eq!(case["record"]["status"], "REPAIRED");
        let repaired = budget("LIFTED", "2026-08-03");
        assert_eq!(
            story.measures(&led).await,
            [expired.clone(), repaired.clone()]
        );
        let impose = format!(r#"measure: "{BUDGET}", basis: "清单""#);
        let refused = story
            .refused(&development, "imposeSanction", led.the_record(), &impose)
            .await;
        assert_eq!(
            refused, "WRONG_STATE",
            "no measure without a record that holds"
        );

        // A repair that is revoked brings no measure back; one is imposed anew, and falls with the record. It can be
        // revoked once its case is closed, too.
        let closed = story
            .done(
                &development,
                "closeCase",
                led.the_case(),
                r#"note: "已修复""#,
            )
            .await;
        assert_eq!(closed["open"], false);
        let revoke = r#"basis: "再次违约", note: "弄虚作假""#;
        story
            .done(&development, "revokeRepair", ("repairId", &repair), revoke)
            .await;
        assert_eq!(
            story.measures(&led).await,
            [expired.clone(), repaired.clone()]
        );
        story.imposed(&led, BUDGET, "").await;
        assert_eq!(
            story.measures(&led).await,
            [expired.clone(), repaired.clone(), running]
        );
        story.hub.it_is("2026-08-10");
        let withdraw = r#"basis: "认定有误", note: "事实不清""#;
        for missing in [r#"basis: "认定有误""#, r#"note: "事实不清""#] {
            let refused = story
                .refused(&development, "withdrawRecord", led.the_record(), missing)
                .await;
            assert!(
                ["NEEDS_NOTE", "NEEDS_BASIS"].contains(&refused.as_str()),
                "{refused}"
            );
        }
        let case = story
            .done(&development, "withdrawRecord", led.the_record(), withdraw)
            .await;
        let stands = [
            &case["stage"],
            &case["open"],
            &case["record"]["status"],
            &case["record"]["endGround"],
        ];
        assert_eq!(
            stands,
            [
                &json!("CLOSED"),
                &json!(false),
                &json!("WITHDRAWN"),
                &json!("WITHDRAWN")
            ]
        );
        let revoked = budget("REVOKED", "2026-08-10");
        assert_eq!(story.measures(&led).await, [expired, repaired, revoked]);
        let refused = story
            .refused(&development, "withdrawRecord", led.the_record(), withdraw)
            .await;
        assert_eq!(refused, "WRONG_STATE");
    })
    .await;
}

#[tokio::test]
async fn a_measure_runs_within_the_time_of_its_record_and_what_is_not_set_right_leaves_it_more() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let led = story.confirmed().await;
        let development = development();
        let impose = |more: &str| format!(r#"measure: "{BUDGET}", basis: "清单", {more}"#);
        let early = impose(r#"startsOn: "2026-06-01""#);
        let refused = story
            .refused(&development, "imposeSanction", led.the_record(), &early)
            .await;
        assert_eq!(refused, "PAST_DAY", "the record is of the day after");
        story
            .imposed(&led, BUDGET, r#"startsOn: "2026-06-02""#)
            .await;

        // The record's longest term is over, and it holds on: nobody set right what was asked.
        story.turn_on("2029-06-02").await;
        assert_eq!(
            story.measures(&led).await,
            [format!("{BUDGET} ACTIVE {MAXIMUM}")]
        );
        story.turn_on("2029-06-03").await;
        assert_eq!(
            story.measures(&led).await,
            [format!("{BUDGET} EXPIRED {MAXIMUM}")]
        );
        story.imposed(&led, BUDGET, "").await;
        let anew = &story.measures(&led).await[1];
        assert_eq!(
            *anew,
            format!("{BUDGET} ACTIVE -"),
            "as long as the record holds"
        );
        story.turn_on("2029-09-03").await;
        assert_eq!(story.measures(&led).await[1], *anew);
        story.set_right(&led).await;
        story.turn_on("2029-09-04").await;
        assert_eq!(
            story.measures(&led).await[1],
            format!("{BUDGET} EXPIRED 2029-09-04")
        );

        // An incentive is granted from the day on, not for a day on which a record may have held.
        let culture = story.id_of("佛山市样例文化馆").await;
        let grant = r#"measure: "incentive.pilots", basis: "清单", startsOn: "2029-09-03""#;
        let refused = story
            .refused(
                &development,
                "grantIncentive",
                ("agencyId", &culture),
                grant,
            )
            .await;
        assert_eq!(refused, "PAST_DAY");
    })
    .await;
}

#[tokio::test]
async fn a_day_before_a_measure_was_lifted_does_not_tell_that_it_will_be() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let led = story.confirmed().await;
        let budget = story.imposed(&led, BUDGET, "").await;
        story.hub.it_is("2026-06-16");
        let lift = r#"basis: "清单""#;
        story
            .done(&development(), "liftSanction", ("sanctionId", &budget), lift)
            .await;
        story.hub.it_is("2026-06-20");
        let told = async |day: &str| {
            let query = format!(
                "{{ sanctions(asOf: \"{day}\", first: 5) {{ edges {{ node {{ status endsOn version }} }} }} }}"
            );
            let mut data = story.data(&story.authority, &query).await;
            data["sanctions"]["edges"][0]["node"].take()
        };
        for (day, status, ends_on, version) in [
            ("2026-06-15", "ACTIVE", MAXIMUM, 1),
            ("2026-06-16", "LIFTED", "2026-06-16", 2),
        ] {
            let expected = json!({ "status": status, "endsOn": ends_on, "version": version });
            assert_eq!(told(day).await, expected, "{day}");
        }
    })
    .await;
}
