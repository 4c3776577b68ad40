//! The same province with cases: about records, bodies and what bodies are asked, each with marks of
//! its own in the words of its steps.

use std::collections::BTreeSet;

use domain::viewer::Role;
use serde_json::Value;

use super::{Asker, BLANK, Province};
use crate::api::{quoted, text};

/// The list's entry for arrears with a measure, so that one can follow.
const WITH_A_MEASURE: (&str, &str, &str) = (
    "lists/base.toml",
    "code = \"arrears.established\"\ntier = \"GENERAL\"\n",
    "code = \"arrears.established\"\ntier = \"GENERAL\"\nmeasures = [\"internal.honours\"]\n",
);
/// A body about which records are published.
const LISTED: usize = 7;
/// Bodies that a government asks about something.
const ASKED: [usize; 2] = [8, 14];
const CASE: &str = "... on CaseSuccess { case { id version sanctions { id } repairs { id } \
     objections { id } } } ... on Refusal { code message } ... on VersionConflict { current }";

/// A case.
#[derive(Debug)]
pub(in crate::api) struct Worked {
    agency: usize,
    record: Option<usize>,
    pub(in crate::api) id: String,
    pub(in crate::api) parts: Vec<String>,
    pub(super) marks: Vec<String>,
}

impl Province {
    pub(in crate::api) async fn worked() -> Self {
        let mut province = Self::with(&[WITH_A_MEASURE]).await;
        let authority = province.hub.token(Role::Authority, &["100000"], None);
        let government = province.hub.token(Role::Government, &["100000"], None);
        let unpublished = |at: &usize| {
            let record = &province.records[*at];
            !record.is_published && record.official.is_none()
        };
        let records: Vec<usize> = (0..province.records.len()).filter(unpublished).collect();
        let commitment = format!("commitment: \"{}\"", "0".repeat(64));
        for record in records {
            let own = &province.bodies[province.records[record].agency].uscc;
            let own = province.hub.token(Role::Agency, &[], Some(own));
            let steps = [
                (&authority, "gradeRecord", "tier: GENERAL, basis: \"依据\""),
                (
                    &authority,
                    "imposeSanction",
                    "measure: \"internal.honours\", basis: \"依据\"",
                ),
                (&own, "applyForRepair", commitment.as_str()),
                (&own, "fileObjection", ""),
            ];
            province.deal_with(record, &steps).await;
        }
        let listed = |record: &super::Record| record.agency == LISTED && record.is_active;
        let listed = province.records.iter().position(listed);
        let grade = [(&authority, "gradeRecord", "tier: SERIOUS, basis: \"依据\"")];
        province
            .deal_with(listed.expect("it was made"), &grade)
            .await;
        for at in ASKED {
            let more = "dueOn: \"2026-12-18\"";
            province.begin(&government, "openMatter", at, more).await;
        }
        for at in BLANK {
            let more = "measure: \"incentive.pilots\", basis: \"依据\"";
            province.begin(&authority, "grantIncentive", at, more).await;
        }
        province
    }

    /// Steps about a record, of which the first begins its case.
    async fn deal_with(&mut self, record: usize, steps: &[(&String, &str, &str)]) {
        let mark = format!("K{:02}Z", self.cases.len());
        let evidence = "0".repeat(64);
        let id = self.records[record].id.clone();
        let mut case = Value::Null;
        for (token, name, more) in steps {
            let query = format!(
                "{{ node(id: {}) {{ ... on CreditRecord {{ version }} }} }}",
                quoted(&id)
            );
            let data = self.wire.data(Some(token), &query).await;
            let version = data["node"]["version"].as_i64().expect("a number");
            let input = format!(
                "key: \"{name} {mark}\", recordId: {}, version: {version}, note: \"说明{mark}\", \
                 evidence: [\"{evidence}\"], {more}",
                quoted(&id)
            );
            case = self.step(token, name, &input).await;
        }
        let agency = self.records[record].agency;
        self.keep(agency, Some(record), mark, &case);
    }

    /// A case about a body alone.
    async fn begin(&mut self, token: &str, name: &str, agency: usize, more: &str) {
        let mark = format!("K{:02}Z", self.cases.len());
        let evidence = "0".repeat(64);
        let input = format!(
            "key: \"{name} {mark}\", agencyId: {}, version: 0, note: \"说明{mark}\", evidence: [\"{evidence}\"], {more}",
            quoted(&self.bodies[agency].id)
        );
        let case = self.step(token, name, &input).await;
        self.keep(agency, None, mark, &case);
    }

    async fn step(&self, token: &str, name: &str, input: &str) -> Value {
        let query = format!("mutation {{ {name}(input: {{ {input} }}) {{ {CASE} }} }}");
        let data = self.wire.data(Some(token), &query).await;
        let case = data[name]["case"].clone();
        assert!(case.is_object(), "{query}\n{data}");
        case
    }

    fn keep(&mut self, agency: usize, record: Option<usize>, mark: String, case: &Value) {
        let id = text(&case["id"]).to_owned();
        let lists = ["sanctions", "repairs", "objections"];
        let parts = lists
            .iter()
            .flat_map(|list| case[list].as_array().into_iter().flatten());
        let parts: Vec<String> = parts.map(|part| text(&part["id"]).to_owned()).collect();
        let ids = parts.iter().chain([&id]).map(|id| format!("\"{id}\""));
        let marks = ids.chain([mark]).collect();
        self.cases.push(Worked {
            agency,
            record,
            id,
            parts,
            marks,
        });
    }

    /// Whether a viewer may see a case: as its record and its body, one about a body alone as that.
    pub(super) fn sees_case(
        &self,
        asker: &Asker,
        case: &Worked,
        records: &BTreeSet<usize>,
    ) -> bool {
        let sees_record = case.record.is_none_or(|at| records.contains(&at));
        match (self.table.rule(asker.role, "case"), case.record) {
            ("nothing", _) | ("published", None) => false,
            ("published", Some(_)) => sees_record,
            (rule, _) => sees_record && self.sees_body(asker, rule, case.agency),
        }
    }

    /// The ids of the cases' parts of a kind, as their ids begin; one that is nowhere where there are none.
    pub(in crate::api) fn parts(&self, beginning: &str) -> Vec<String> {
        let parts = self
            .cases
            .iter()
            .flat_map(|case| case.parts.iter().chain([&case.id]));
        let of_kind = parts.filter(|id| id.starts_with(beginning));
        let mut ids: Vec<String> = of_kind.cloned().collect();
        if ids.is_empty() {
            ids.push(format!("{beginning}440000_17"));
        }
        ids
    }
}
