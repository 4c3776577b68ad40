//! Single steps: deliveries, casework, the turn of the day.

use std::sync::atomic::Ordering;

use domain::viewer::Role;
use serde_json::Value;

use super::{
    super::{BUREAU, lines::disclosures},
    play::{DEVELOPMENT, Play, complaint, orders},
    table::{Complaint, Ends},
};
use crate::support::rows;

/// A digest of something that was attached.
pub(super) const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

impl Play {
    /// A complaint is passed on and found to be right; the body, asked to set it right, refuses.
    pub(super) async fn refuse(&self, complaint_of: Complaint, eve: &str) {
        let hub = &self.scene.hub;
        hub.it_is("2026-03-02");
        match complaint_of {
            Complaint::Hotline => self.bring("hotline", orders(1..=1, "2026-03-02")).await,
            Complaint::Arrears => self.bring("arrears", vec![complaint("2026-03-02")]).await,
        }
        self.pass_on().await;
        hub.it_is("2026-03-03");
        let lead = &self.leads().await[0];
        let found = format!(r#"finding: FOUNDED, note: "已核实", evidence: ["{DIGEST}"]"#);
        for (name, more) in [("acceptClue", ""), ("verifyClue", &found)] {
            self.step(Role::Authority, name, ("clueId", lead), more)
                .await;
        }
        let case = &self.cases().await[0];
        let owner = self.id_of(BUREAU).await;
        let task =
            format!(r#"owner: "{owner}", title: "改正", dueOn: "2026-04-20", note: "限期改正""#);
        self.step(Role::Authority, "askRectification", ("caseId", case), &task)
            .await;
        hub.it_is(eve);
        let refused =
            format!(r#"task: 1, refused: true, note: "拒不改正", evidence: ["{DIGEST}"]"#);
        self.step(
            Role::Authority,
            "returnRectification",
            ("caseId", case),
            &refused,
        )
        .await;
    }

    /// The lead becomes a record of this entry of the list.
    pub(super) async fn confirm(&self, item: &str, day: &str, more: &str) {
        let said = format!(
            r#"item: "{item}", identifiedOn: "{day}", basis: "样例认定", evidence: ["{DIGEST}"], amount: "100000", {more}"#
        );
        let lead = &self.leads().await[0];
        self.step(Role::Authority, "confirmRecord", ("clueId", lead), &said)
            .await;
    }

    pub(super) async fn end_record(&self, ends: Ends) {
        let (agency, authority) = (Role::Agency, Role::Authority);
        let query = "{ creditRecords(first: 5) { edges { node { id } } } }";
        let data = self.scene.data(authority, query).await;
        let record = ids(&data["creditRecords"]).remove(0);
        let record = ("recordId", record.as_str());
        let evidence = format!(r#"evidence: ["{DIGEST}"]"#);
        match ends {
            Ends::Withdrawn => {
                let said = format!(r#"basis: "认定有误", note: "事实不清", {evidence}"#);
                self.step(authority, "withdrawRecord", record, &said).await;
            }
            Ends::Upheld => {
                let filed = self
                    .step(agency, "fileObjection", record, r#"note: "事实有误""#)
                    .await;
                let objection = text(&filed["case"]["objections"][0]["id"]);
                let said = format!(r#"upheld: true, basis: "事实不清", {evidence}"#);
                let objection = ("objectionId", objection.as_str());
                self.step(authority, "decideObjection", objection, &said)
                    .await;
            }
            Ends::Repaired | Ends::Paid => {
                let case = &self.cases().await[0];
                let case = ("caseId", case.as_str());
                let done = format!(r#"note: "已履行", {evidence}"#);
                let submitted = format!("task: 1, {done}");
                self.step(agency, "submitRectification", case, &submitted)
                    .await;
                let accepted = format!("task: 1, {evidence}");
                self.step(authority, "acceptRectification", case, &accepted)
                    .await;
                if matches!(ends, Ends::Paid) {
                    return;
                }
                let applied = self.step(agency, "applyForRepair", record, &done).await;
                let repair = text(&applied["case"]["repairs"][0]["id"]);
                let said = format!(r#"accepted: true, basis: "履行完毕", {evidence}"#);
                self.step(authority, "decideRepair", ("repairId", &repair), &said)
                    .await;
            }
        }
    }

    /// Brings rows in as a part of what their source has, or as all of it where it delivers so.
    pub(super) async fn bring(&self, source: &str, told: Vec<rows::Row>) {
        let count = told.len() as i64;
        let file = rows::file(&told);
        let files: [(&str, &[u8]); 1] = [("rows.csv", &file)];
        let report = self.scene.hub.ingest(source, &files, |_| {}).await;
        assert_eq!(report.counts.received, count, "{report:?}");
        assert_eq!(report.counts.rejected, 0, "{report:?}");
    }

    pub(super) async fn disclose(&self, number: &str, body: &str) {
        let told = disclosures(&[(number, body, 2025, 1)]);
        let files = [("i.csv", told.as_bytes())];
        let report = self
            .scene
            .hub
            .ingest("credit_platform", &files, |_| {})
            .await;
        assert_eq!(report.counts.rejected, 0, "{report:?}");
    }

    pub(super) async fn turn_on(&self, day: &str) {
        self.scene.hub.it_is(day);
        let turned = self.scene.hub.app.casework().turn().await;
        assert_eq!(turned.expect("the day turns").taken_up, 1);
    }

    /// All leads are passed on to who leads in the city.
    pub(super) async fn pass_on(&self) {
        let to = format!(r#"to: "{}""#, self.id_of(DEVELOPMENT).await);
        for lead in self.leads().await {
            self.step(Role::Authority, "transferClue", ("clueId", &lead), &to)
                .await;
        }
    }

    pub(super) async fn leads(&self) -> Vec<String> {
        let query = "{ clues(first: 50) { edges { node { id } } } }";
        ids(&self.scene.data(Role::Authority, query).await["clues"])
    }

    pub(super) async fn cases(&self) -> Vec<String> {
        let query = "{ cases(first: 50) { edges { node { id } } } }";
        ids(&self.scene.data(Role::Authority, query).await["cases"])
    }

    async fn id_of(&self, name: &str) -> String {
        let query = format!(
            r#"{{ agencies(filter: {{ name: {{ eq: "{name}" }} }}, first: 1) {{ edges {{ node {{ id }} }} }} }}"#
        );
        ids(&self.scene.data(Role::Authority, &query).await["agencies"]).remove(0)
    }

    /// Takes a step on a thing as it stands, which must be done: the outcome.
    pub(super) async fn step(
        &self,
        role: Role,
        name: &str,
        (argument, id): (&str, &str),
        more: &str,
    ) -> Value {
        let kinds = ["Clue", "CreditRecord", "Case", "Repair", "Objection"];
        let parts = kinds.map(|kind| format!("... on {kind} {{ version }}"));
        let query = format!(r#"{{ node(id: "{id}") {{ {} }} }}"#, parts.join(" "));
        let data = self.scene.data(Role::Authority, &query).await;
        let version = &data["node"]["version"];
        let key = self.scene.keys.fetch_add(1, Ordering::SeqCst);
        let done = match name {
            "transferClue" => "... on TransferClueSuccess { clue { id } }",
            _ => "... on CaseSuccess { case { id objections { id } repairs { id } } }",
        };
        let query = format!(
            r#"mutation {{ {name}(input: {{ key: "step {key}", {argument}: "{id}", version: {version}, {more} }}) {{
                __typename {done} ... on Refusal {{ code message }} ... on VersionConflict {{ current }} }} }}"#
        );
        let token = self.scene.token(role);
        let answer = self.scene.hub.data(Some(&token), &query).await;
        let outcome = answer[name].clone();
        let is_done = text(&outcome["__typename"]).ends_with("Success");
        assert!(is_done, "{query}\n{outcome}");
        outcome
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn ids(connection: &Value) -> Vec<String> {
    let edges = connection["edges"].as_array().expect("a list").iter();
    edges.map(|edge| text(&edge["node"]["id"])).collect()
}
