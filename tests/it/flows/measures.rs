//! A measure from its proposal to its end, by the hands of those who may.

use domain::viewer::Role;
use serde_json::Value;

use super::{
    Story, Who, id,
    led::{Led, development},
};
use crate::support::{made, on_both};

const BUDGET: &str = "internal.central_budget";
/// The last day of a record that is SERIOUS: 36 months.
const MAXIMUM: &str = "2029-06-02";

impl Story {
    /// Acts of the case's last events, with the parties that did them.
    async fn last_acts(&self, led: &Led, count: usize) -> Vec<String> {
        let query = format!(
            r#"{{ node(id: "{}") {{ ... on Case {{ events {{ act party basis }} }} }} }}"#,
            led.case
        );
        let data = self.data(&self.authority, &query).await;
        let events = data["node"]["events"].as_array().expect("a list");
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let last = &events[events.len() - count..];
        last.iter()
            .map(|event| format!("{} {}", text(&event["act"]), text(&event["party"])))
            .collect()
    }
}

#[tokio::test]
async fn a_measure_is_proposed_imposed_suspended_resumed_and_lifted_by_hand() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let led = story.confirmed().await;
        let development = development();
        let government = Who(Role::Government, "440600", None);
        let propose = format!(r#"measure: "{BUDGET}", basis: "清单""#);
        let case = story
            .done(&government, "proposeSanction", led.the_record(), &propose)
            .await;
        let sanction = id(&case["sanctions"][0]);
        let the_sanction = ("sanctionId", sanction.as_str());
        assert_eq!(
            story.measures(&led).await,
            [format!("{BUDGET} PROPOSED {MAXIMUM}")]
        );
        let again = story
            .refused(&government, "proposeSanction", led.the_record(), &propose)
            .await;
        assert_eq!(again, "IMPOSED_BEFORE");
        // What is proposed neither runs nor stops.
        let basis = r#"basis: "清单""#;
        for early in ["suspendSanction", "resumeSanction"] {
            assert_eq!(
                story
                    .refused(&development, early, the_sanction, basis)
                    .await,
                "WRONG_STATE"
            );
        }

        // Imposed by the body that the list names: by no other, and not by whom it is about.
        let culture = Who(
            Role::Authority,
            "440600",
            Some(made::uscc("11", "440600", 4)),
        );
        let itself = Who(Role::Authority, "440600", Some(story.bureau));
        for wrong in [&culture, &itself, &story.court] {
            let refused = story
                .refused(wrong, "imposeSanction", led.the_record(), &propose)
                .await;
            assert_eq!(refused, "WRONG_BODY");
        }
        let too_long = format!(r#"{propose}, endsOn: "2029-06-03""#);
        let refused = story
            .refused(&development, "imposeSanction", led.the_record(), &too_long)
            .await;
        assert_eq!(
            refused, "TERM_NOT_ALLOWED",
            "it follows no longer than the record holds"
        );
        let unfounded = format!(r#"measure: "{BUDGET}""#);
        let refused = story
            .refused(&development, "imposeSanction", led.the_record(), &unfounded)
            .await;
        assert_eq!(refused, "NEEDS_BASIS");
        let case = story
            .done(&development, "imposeSanction", led.the_record(), &propose)
            .await;
        assert_eq!(
            id(&case["sanctions"][0]),
            sanction,
            "what was proposed is imposed under its number"
        );
        let again = story
            .refused(&development, "imposeSanction", led.the_record(), &propose)
            .await;
        assert_eq!(again, "IMPOSED_BEFORE");
        for (step, status) in [
            ("suspendSanction", "SUSPENDED"),
            ("resumeSanction", "ACTIVE"),
        ] {
            assert_eq!(
                story.refused(&culture, step, the_sanction, basis).await,
                "WRONG_BODY"
            );
            assert_eq!(
                story.refused(&development, step, the_sanction, "").await,
                "NEEDS_BASIS"
            );
            story.done(&development, step, the_sanction, basis).await;
            assert_eq!(
                story.measures(&led).await,
                [format!("{BUDGET} {status} {MAXIMUM}")]
            );
            assert_eq!(
                story.refused(&development, step, the_sanction, basis).await,
                "WRONG_STATE"
            );
        }
        story.hub.it_is("2026-07-01");
        story
            .done(&development, "liftSanction", the_sanction, basis)
            .await;
        assert_eq!(
            story.measures(&led).await,
            [format!("{BUDGET} LIFTED 2026-07-01")]
        );
        for late in ["suspendSanction", "resumeSanction", "liftSanction"] {
            assert_eq!(
                story.refused(&development, late, the_sanction, basis).await,
                "WRONG_STATE"
            );
        }
        let acts = story.last_acts(&led, 5).await;
        let expected = [
            "PROPOSE_SANCTION GOVERNMENT",
            "IMPOSE_SANCTION AUTHORITY",
            "SUSPEND_SANCTION AUTHORITY",
            "RESUME_SANCTION AUTHORITY",
            "LIFT_SANCTION AUTHORITY",
        ];
        assert_eq!(acts, expected, "what was refused is no event");
    })
    .await;
}
