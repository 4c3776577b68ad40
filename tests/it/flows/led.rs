//! The way from a lead to a record, taken by the bodies that really take it, for stories that begin there.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{BUREAU, DEVELOPMENT, DIGEST, Story, Who, id};
use crate::support::made;

/// An entry of the list that is shown, for which development and reform is responsible.
pub(super) const ITEM: &str = "ppp.agreement.terminated";
/// The day on which such a record is determined.
pub(super) const DETERMINED: &str = "2026-06-02";

/// Where a lead has led to: global ids.
pub(super) struct Led {
    pub(super) clue: String,
    pub(super) case: String,
    pub(super) record: String,
}

impl Led {
    pub(super) fn the_case(&self) -> (&str, &str) {
        ("caseId", &self.case)
    }

    pub(super) fn the_record(&self) -> (&str, &str) {
        ("recordId", &self.record)
    }
}

/// The body that leads in the city and takes its leads up.
pub(super) fn development() -> Who {
    Who(
        Role::Authority,
        "440600",
        Some(made::uscc("11", "440600", 3)),
    )
}

impl Story {
    /// A lead that the development bureau has found to be so, to be set right by 2026-06-01: its id and
    /// its case's.
    pub(super) async fn rectifying(&self) -> (String, String) {
        let development = development();
        let lead = self.lead().await;
        let clue = ("clueId", lead.as_str());
        self.hub.it_is("2026-04-29");
        let to = format!(r#"to: "{}""#, self.id_of(DEVELOPMENT).await);
        let done = self.step(&development, "transferClue", clue, &to).await;
        assert_eq!(done["__typename"], "TransferClueSuccess", "{done}");
        self.done(&development, "acceptClue", clue, "").await;
        let found = format!(r#"finding: FOUNDED, note: "已核实", evidence: ["{DIGEST}"]"#);
        let case = id(&self.done(&development, "verifyClue", clue, &found).await);
        let task = self.task("兑现奖补", "2026-06-01").await;
        let the_case = ("caseId", case.as_str());
        self.done(&development, "askRectification", the_case, &task)
            .await;
        (lead, case)
    }

    /// What is asked of the bureau by a day.
    pub(super) async fn task(&self, title: &str, due: &str) -> String {
        let owner = self.id_of(BUREAU).await;
        format!(r#"owner: "{owner}", title: "{title}", dueOn: "{due}", note: "限期办理""#)
    }

    /// A record that was confirmed because nobody set it right, of the grade that the list gives it.
    pub(super) async fn confirmed(&self) -> Led {
        self.confirmed_of(DETERMINED).await
    }

    /// The same, of another day of determination.
    pub(super) async fn confirmed_of(&self, determined: &str) -> Led {
        let development = development();
        let (clue, case) = self.rectifying().await;
        self.hub.it_is(DETERMINED);
        let refuse = r#"task: 1, refused: true, note: "拒不兑现""#;
        self.done(
            &development,
            "returnRectification",
            ("caseId", &case),
            refuse,
        )
        .await;
        let confirm = format!(
            r#"item: "{ITEM}", identifiedOn: "{determined}", basis: "发改财金〔2023〕1103号", evidence: ["{DIGEST}"]"#
        );
        let confirmed = self
            .done(&development, "confirmRecord", ("clueId", &clue), &confirm)
            .await;
        assert_eq!(
            (&confirmed["stage"], &confirmed["record"]["tier"]),
            (&json!("CONFIRMED"), &json!("SERIOUS"))
        );
        let record = id(&confirmed["record"]);
        Led { clue, case, record }
    }

    /// The first task is handed in by the bureau and accepted.
    pub(super) async fn set_right(&self, led: &Led) {
        self.says_it_did(led.the_case()).await;
        self.sees_it_did(&development(), led.the_case()).await;
    }

    /// The bureau applies for repair, and is granted it: the application's id and the case after it.
    pub(super) async fn repaired(&self, led: &Led) -> (String, Value) {
        let apply = format!(r#"note: "已兑现", evidence: ["{DIGEST}"]"#);
        let case = self
            .done(&self.agency, "applyForRepair", led.the_record(), &apply)
            .await;
        let repairs = case["repairs"].as_array().expect("a list");
        let repair = id(repairs.last().expect("it was applied for"));
        let granted = r#"accepted: true, basis: "履行完毕""#;
        let case = self
            .done(
                &development(),
                "decideRepair",
                ("repairId", &repair),
                granted,
            )
            .await;
        (repair, case)
    }

    /// A measure of the development bureau is imposed: the id of the sanction.
    pub(super) async fn imposed(&self, led: &Led, measure: &str, more: &str) -> String {
        let measure = format!(r#"measure: "{measure}", basis: "清单", {more}"#);
        let case = self
            .done(&development(), "imposeSanction", led.the_record(), &measure)
            .await;
        let sanctions = case["sanctions"].as_array().expect("a list");
        id(sanctions.last().expect("it was imposed"))
    }

    /// How the measures of a case stand: `code STATUS last-day` each, in their order.
    pub(super) async fn measures(&self, led: &Led) -> Vec<String> {
        let query = format!(
            r#"{{ node(id: "{}") {{ ... on Case {{ sanctions {{ status endsOn measure {{ code }} }} }} }} }}"#,
            led.case
        );
        let data = self.data(&self.authority, &query).await;
        let sanctions = data["node"]["sanctions"].as_array().expect("a list");
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let line = |one: &Value| {
            [&one["measure"]["code"], &one["status"], &one["endsOn"]]
                .map(text)
                .join(" ")
        };
        sanctions.iter().map(line).collect()
    }
}
