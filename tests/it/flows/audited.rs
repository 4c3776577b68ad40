//! What people do is written into the audit log before they are answered, and nothing without that.

use domain::{
    audit::{Action, Entry, Outcome},
    viewer::Role,
};
use serde_json::Value;
use zhengxin::store::AuditFilter;

use super::{BUREAU, DEVELOPMENT, Story, Who};
use crate::support::{Db, made, on_both};

const TEXTS: &str = "{ clues(first: 5) { edges { node { content } } } }";

impl Story {
    /// The log's entries since the last time that one asked, oldest first.
    async fn entries(&self, seen: &mut usize) -> Vec<Entry> {
        self.hub
            .app
            .audit
            .integrate()
            .await
            .expect("it is put together");
        let rows = self.hub.app.store.list_audit(*seen as i64, 1_000).await;
        let rows = rows.expect("it is read");
        *seen += rows.len();
        let entry =
            |row: &zhengxin::store::LoggedEntry| Entry::decode(&row.record).expect("a record");
        rows.iter().map(entry).collect()
    }

    async fn one(&self, seen: &mut usize) -> Entry {
        let mut entries = self.entries(seen).await;
        assert_eq!(entries.len(), 1, "one entry a request: {entries:#?}");
        entries.remove(0)
    }

    fn number(id: &str) -> i64 {
        id.rsplit('_')
            .next()
            .and_then(|digits| digits.parse().ok())
            .expect("an id")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_request_that_matters_has_its_one_entry() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let (lead, mut seen) = (story.lead().await, 0);
        let bureau = Story::number(&story.id_of(BUREAU).await);
        assert_eq!(story.entries(&mut seen).await, [], "what is not audited has none");

        story.data(&story.authority, TEXTS).await;
        let read = story.one(&mut seen).await;
        assert_eq!((read.action, read.outcome), (Action::Read, Outcome::Allowed));
        assert_eq!((read.object.as_str(), &read.agencies[..]), ("Clue.content", &[bureau][..]));
        assert_eq!((read.actor.subject.as_str(), read.actor.role), ("test", Role::Authority));
        assert_eq!(read.actor.areas, ["440600"]);
        assert!(read.document.is_some() && !read.request.is_empty());

        // Officials, from an answer that is kept the second time.
        let officials = "{ agencies(first: 5) { edges { node { officials { totalCount } } } } }";
        let token = story.token(&story.superior);
        for _ in 0..2 {
            let told = story.hub.query_for(Some(&token), "supervision", officials).await;
            assert!(told.get("errors").is_none(), "{told}");
            let read = story.one(&mut seen).await;
            assert_eq!((read.object.as_str(), read.agencies.len()), ("Agency.officials", 5));
            assert_eq!(read.purpose.as_deref(), Some("supervision"));
        }

        // A change carries its entry, one that is refused has one, and so has one that is asked for again.
        let to = format!(r#"to: "{}""#, story.id_of(DEVELOPMENT).await);
        let on = ("clueId", lead.as_str());
        let done = story.step_at(&story.authority, "transferClue", on, 1, &to).await;
        assert_eq!(done["__typename"], "TransferClueSuccess", "{done}");
        let change = story.one(&mut seen).await;
        assert_eq!((change.action, change.outcome), (Action::Change, Outcome::Allowed));
        assert_eq!(change.object, format!("transferClue clueId={lead}"));
        assert_eq!(change.agencies, [bureau]);
        let again = story.step_at(&story.authority, "transferClue", on, 1, &to).await;
        assert_ne!(again["__typename"], "TransferClueSuccess", "{again}");
        let refused = story.one(&mut seen).await;
        assert_eq!((refused.action, refused.outcome), (Action::Change, Outcome::Denied));
        let report = r#"mutation { recordZeroReport(input: { key: "k", division: "440600", workflow: "court", day: "2026-04-20", note: "某某" }) { __typename } }"#;
        for _ in 0..2 {
            story.data(&story.court, report).await;
            let change = story.one(&mut seen).await;
            assert_eq!((change.action, change.outcome), (Action::Change, Outcome::Allowed));
            assert_eq!(change.object, "recordZeroReport division=440600");
        }

        // Refusals.
        let token = story.token(&story.congress);
        let told = story.hub.query(Some(&token), TEXTS).await;
        assert_eq!(told["errors"][0]["extensions"]["code"], "FORBIDDEN");
        let denied = story.one(&mut seen).await;
        assert_eq!((denied.action, denied.outcome), (Action::Denied, Outcome::Denied));
        assert!(denied.object.contains("Clue.content"), "{}", denied.object);
        for _ in 0..150 {
            story.hub.query(Some("nobody's"), "{ viewer { role } }").await;
            story.hub.query(None, TEXTS).await;
        }
        let unknown = story.entries(&mut seen).await;
        assert_eq!(unknown.len(), 120, "a flood of strangers fills no disk");
        let tokens = unknown.iter().filter(|entry| entry.action == Action::Token);
        assert_eq!(tokens.clone().count(), 60, "bad tokens take no place from fields that may not be read");
        assert!(tokens.into_iter().any(|entry| entry.object == "no-token"));
        story.hub.later(61);
        story.hub.query(None, TEXTS).await;
        let told = story.one(&mut seen).await.object;
        assert!(told.contains("90 more before it were not written down"), "{told}");

        let verified = story.hub.app.audit.verify(None).await.expect("it is read");
        assert_eq!(verified.expect("it is sound").entries, seen as u64);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_case_that_a_request_states_is_in_its_entry() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        story.lead().await;
        let mut seen = 0;
        story.entries(&mut seen).await;
        let (case, encoded) = ("（2026）粤0604执1号", "%EF%BC%882026%EF%BC%89%E7%B2%A40604%E6%89%A71%E5%8F%B7");
        let authority = story.token(&story.authority);
        for written in [case, encoded] {
            let headers = [("x-purpose", "supervision"), ("x-reference", written)];
            let told = story.hub.query_stating(Some(&authority), &headers, TEXTS).await;
            assert!(told.get("errors").is_none(), "{told}");
            let read = story.one(&mut seen).await;
            assert_eq!((read.reference.as_deref(), read.purpose.as_deref()), (Some(case), Some("supervision")));
        }
        // Who states two states none.
        let twice = [("x-reference", "样函1号"), ("x-reference", "样函2号")];
        story.hub.query_stating(Some(&authority), &twice, TEXTS).await;
        assert_eq!(story.one(&mut seen).await.reference, None);

        // Of a change, of what is refused, and of a filter that only executing refuses.
        let headers = [("x-reference", encoded)];
        let report = r#"mutation { recordZeroReport(input: { key: "k", division: "440600", workflow: "court", day: "2026-04-20", note: "某某" }) { __typename } }"#;
        let court = story.token(&story.court);
        story.hub.query_stating(Some(&court), &headers, report).await;
        let change = story.one(&mut seen).await;
        assert_eq!((change.action, change.reference.as_deref()), (Action::Change, Some(case)));
        // A check says it itself, or the request does.
        for (said, expected) in [("", case), (r#", reference: "样函1号""#, "样函1号")] {
            let check = format!(r#"{{ sanctionCheck(input: {{ name: "某局" }}, purpose: "x"{said}) {{ reference }} }}"#);
            let told = story.hub.query_stating(Some(&court), &headers, &check).await;
            assert_eq!(told["data"]["sanctionCheck"]["reference"], expected, "{told}");
            let entry = story.one(&mut seen).await;
            assert_eq!((entry.action, entry.reference.as_deref()), (Action::Check, Some(expected)));
        }
        let by_field = "{ cases(filter: { reminded: { active: true } }) { totalCount } }";
        let assessor = Who(Role::Assessor, "440600", None);
        for (who, query) in [(&story.congress, TEXTS), (&assessor, by_field)] {
            let token = story.token(who);
            let told = story.hub.query_stating(Some(&token), &headers, query).await;
            assert_eq!(told["errors"][0]["extensions"]["code"], "FORBIDDEN", "{told}");
            let denied = story.one(&mut seen).await;
            assert_eq!((denied.action, denied.outcome), (Action::Denied, Outcome::Denied));
            assert_eq!(denied.reference.as_deref(), Some(case));
        }

        // Two tokens are none.
        let two = [("authorization", "Bearer a"), ("authorization", "Bearer b")];
        story.hub.query_stating(None, &two, "{ viewer { role } }").await;
        let refused = story.one(&mut seen).await;
        assert_eq!((refused.action, refused.outcome), (Action::Token, Outcome::Denied));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_auditor_reads_the_log_and_a_body_who_looked_at_it() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        story.lead().await;
        story.data(&story.authority, TEXTS).await;
        let audit = &story.hub.app.audit;
        audit.integrate().await.expect("it is put together");
        let auditor = Who(Role::Auditor, "440000", None);
        let query = "{ auditEntries(filter: { action: READ }, first: 5) { totalCount pageInfo { hasNextPage } edges { cursor node \
             { id seq at subject role areas body action object agencies purpose outcome request leaf } } } }";
        let told = story.data(&auditor, query).await;
        let page = &told["auditEntries"];
        assert_eq!(page["totalCount"], 1, "{page}");
        let entry = &page["edges"][0]["node"];
        let bureau = story.id_of(BUREAU).await;
        assert_eq!((&entry["object"], &entry["subject"]), (&"Clue.content".into(), &"test".into()));
        assert_eq!(entry["agencies"], serde_json::json!([bureau]));
        // The auditor's own reading is in it, too.
        audit.integrate().await.expect("it is put together");
        let told = story.data(&auditor, query).await;
        let newest = &told["auditEntries"]["edges"][0]["node"];
        assert_eq!((&newest["object"], &newest["role"]), (
            &"AuditEntry.agencies AuditEntry.areas AuditEntry.body AuditEntry.object AuditEntry.purpose AuditEntry.request \
              AuditEntry.subject Query.auditEntries".into(),
            &"AUDITOR".into()
        ));
        let after = &told["auditEntries"]["edges"][0]["cursor"];
        let rest = format!("{{ auditEntries(filter: {{ agency: \"{bureau}\" }}, after: {after}) {{ edges {{ node {{ id }} }} }} }}");
        let rest = story.data(&auditor, &rest).await;
        assert_eq!(rest["auditEntries"]["edges"][0]["node"]["id"], entry["id"]);

        let proof = format!("{{ auditProof(entry: {}) {{ size hashes record checkpoint entry {{ seq }} }} }}", entry["id"]);
        assert_eq!(story.data(&auditor, &proof).await["auditProof"], Value::Null, "not stated yet");
        audit.checkpoint(true).await.expect("it is sound").expect("it grew");
        let told = story.data(&auditor, &proof).await;
        assert!(told["auditProof"]["checkpoint"].as_str().expect("a note").starts_with("zhengxin/440000\n"));
        // A proof has the whole entry in it, so each reading of one is an entry, too.
        audit.integrate().await.expect("it is put together");
        let read = "{ auditEntries(filter: { action: READ }, first: 3) { edges { node { object } } } }";
        let told = story.data(&auditor, read).await;
        let edges = told["auditEntries"]["edges"].as_array().cloned().unwrap_or_default();
        let is_proof = |edge: &Value| edge["node"]["object"] == "Query.auditProof";
        assert!(edges.iter().any(is_proof), "{told}");

        // The body itself sees that, when and as what, and no person.
        let own = format!(
            "{{ agency(uscc: \"{}\") {{ accesses(first: 5) {{ totalCount edges {{ node {{ id at action role body areas purpose }} }} }} }} }}",
            story.bureau
        );
        let told = story.data(&story.agency, &own).await;
        let accesses = &told["agency"]["accesses"];
        assert_eq!(accesses["totalCount"], 1, "{accesses}");
        let access = &accesses["edges"][0]["node"];
        assert_eq!((&access["action"], &access["role"]), (&"READ".into(), &"AUTHORITY".into()));

        // By its id each is the same again, for whom it is.
        let by_id = format!(
            "{{ entry: node(id: {}) {{ ... on AuditEntry {{ id subject }} }} access: node(id: {}) {{ id }} }}",
            entry["id"], access["id"]
        );
        let [of_auditor, of_body, of_city] = [&auditor, &story.agency, &story.authority].map(|who| story.token(who));
        let told = story.hub.query(Some(&of_auditor), &by_id).await;
        assert_eq!(told["data"]["entry"], serde_json::json!({ "id": entry["id"], "subject": "test" }), "{told}");
        assert_eq!(told["data"]["access"], Value::Null);
        let access_alone = format!("{{ node(id: {}) {{ ... on RecordAccess {{ id role }} }} }}", access["id"]);
        let told = story.hub.query(Some(&of_body), &access_alone).await;
        assert_eq!(told["data"]["node"], serde_json::json!({ "id": access["id"], "role": "AUTHORITY" }), "{told}");
        let bare = format!("{{ entry: node(id: {}) {{ id }} access: node(id: {}) {{ id }} }}", entry["id"], access["id"]);
        let told = story.hub.query(Some(&of_city), &bare).await;
        assert_eq!(told["data"], serde_json::json!({ "entry": null, "access": null }), "{told}");

        // Nobody else reads it; the three duties are apart: a token has one role.
        for role in Role::ALL.iter().filter(|role| !matches!(role, Role::Auditor | Role::Public)) {
            let token = story.hub.token(*role, &["440000"], None);
            let told = story.hub.query(Some(&token), query).await;
            assert_eq!(told["errors"][0]["extensions"]["code"], "FORBIDDEN", "{role}: {told}");
        }
        for foreign in ["{ mentions { totalCount } }", "{ sources { runs { totalCount edges { node { rejects { totalCount } } } } } }"] {
            let token = story.token(&auditor);
            let told = story.hub.query(Some(&token), foreign).await;
            assert_eq!(told["errors"][0]["extensions"]["code"], "FORBIDDEN", "{told}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_of_cases_and_exports_name_the_bodies_that_they_are_about() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let (lead, mut seen) = (story.lead().await, 0);
        let bureau = Story::number(&story.id_of(BUREAU).await);
        let to = format!(r#"to: "{}", note: "请核实""#, story.id_of(DEVELOPMENT).await);
        let done = story.step(&story.authority, "transferClue", ("clueId", &lead), &to).await;
        assert_eq!(done["__typename"], "TransferClueSuccess", "{done}");
        story.entries(&mut seen).await;

        let notes = "{ cases(first: 5) { edges { node { events { note } } } } }";
        let told = story.data(&story.authority, notes).await;
        assert_eq!(told["cases"]["edges"][0]["node"]["events"][0]["note"], "请核实", "{told}");
        let read = story.one(&mut seen).await;
        assert_eq!((read.object.as_str(), &read.agencies[..]), ("CaseEvent.note", &[bureau][..]));

        let base = story.hub.serve().await;
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        for path in ["/export/ledger.csv", "/export/ledger.xlsx"] {
            let export = http.get(format!("{base}{path}")).bearer_auth(story.token(&story.authority));
            let export = export.header("x-reference", "%E6%A0%B7%E5%87%BD1%E5%8F%B7");
            assert_eq!(export.send().await.expect("it answers").status(), 200);
            let export = story.one(&mut seen).await;
            assert_eq!((export.action, export.object.as_str()), (Action::Export, path));
            assert_eq!(export.reference.as_deref(), Some("样函1号"));
            assert_eq!(export.agencies, [bureau]);
        }
        // What is not in the file is not named.
        let none = http.get(format!("{base}/export/ledger.csv?workflow=court"));
        let none = none.bearer_auth(story.token(&story.authority));
        assert_eq!(none.send().await.expect("it answers").status(), 200);
        assert_eq!(story.one(&mut seen).await.agencies, [] as [i64; 0]);

        // So the body itself hears of all of them.
        let own = format!(
            "{{ agency(uscc: \"{}\") {{ accesses(first: 9) {{ edges {{ node {{ action }} }} }} }} }}",
            story.bureau
        );
        let told = story.data(&story.agency, &own).await;
        let accesses = told["agency"]["accesses"]["edges"].as_array().expect("a list");
        let actions: Vec<&str> = accesses.iter().filter_map(|edge| edge["node"]["action"].as_str()).collect();
        assert_eq!(actions[..3], ["EXPORT", "EXPORT", "READ"], "{told}");
    })
    .await;
}

/// What people wrote in their own words is audited wherever it is read, whoever it is about.
#[tokio::test(flavor = "multi_thread")]
async fn free_text_is_audited_wherever_it_stands() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        story.lead().await;
        let bureau = Story::number(&story.id_of(BUREAU).await);
        let listing = made::court_jsonl(&[made::listing(1, BUREAU)]);
        story.hub.ingest("court_debtors", &[("c.jsonl", &listing)], |_| {}).await;
        story.hub.app.assessing().assess_all().await.expect("everybody can be graded");
        let warnings = r#"{ warnings(filter: { redLine: { eq: "RL-COURT" } }, first: 1) { edges { node { id version } } } }"#;
        let warning = story.data(&story.authority, warnings).await["warnings"]["edges"][0]["node"].clone();
        let resolve = format!(
            r#"mutation {{ resolveWarning(input: {{ key: "r", warningId: {}, version: {}, note: "已履行" }}) {{ __typename }} }}"#,
            warning["id"], warning["version"]
        );
        let done = story.data(&story.authority, &resolve).await;
        assert_eq!(done["resolveWarning"]["__typename"], "WarningSuccess", "{done}");
        let mut seen = 0;
        story.entries(&mut seen).await;
        for (query, object, about) in [
            ("{ clues(first: 1) { edges { node { title } } } }", "Clue.title", &[bureau][..]),
            (
                r#"{ warnings(filter: { redLine: { eq: "RL-COURT" } }, first: 1) { edges { node { events { note } } } } }"#,
                "WarningEvent.note",
                &[bureau],
            ),
            (
                "{ mentions(first: 1) { edges { node { text decision { reason endReason } } } } }",
                "Mention.text MentionDecision.endReason MentionDecision.reason",
                &[],
            ),
            (r#"{ zeroReports(workflow: "court") { note } }"#, "ZeroReport.note", &[]),
            (
                "{ annualCampaigns(first: 1) { edges { node { objections { text reason } } } } }",
                "AnnualObjection.reason AnnualObjection.text",
                &[],
            ),
            (
                "{ checkExclusions(first: 1) { edges { node { reason revokeReason } } } }",
                "CheckExclusion.reason CheckExclusion.revokeReason",
                &[],
            ),
        ] {
            story.data(&story.authority, query).await;
            let read = story.one(&mut seen).await;
            assert_eq!((read.action, read.object.as_str()), (Action::Read, object));
            assert_eq!(read.agencies, about, "{object}");
        }
        // Lists without their words are nobody's reading.
        story.data(&story.authority, "{ clues(first: 1) { edges { node { stage } } } }").await;
        assert_eq!(story.entries(&mut seen).await, []);
    })
    .await;
}

/// A purpose that a client writes is kept as all that is written, without numbers of persons.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_writes_into_an_entry_has_no_numbers_of_persons() {
    let db = Db::sqlite();
    let story = Story::on(&db).await;
    story.lead().await;
    let mut seen = 0;
    let token = story.token(&story.authority);
    let (number, phone) = ("11010519491231002X", "13900000000");
    let purpose = format!("{number} {phone}");
    story.hub.query_for(Some(&token), &purpose, TEXTS).await;
    let read = story.one(&mut seen).await;
    let kept = read.purpose.expect("it was stated");
    assert!(
        kept.starts_with("110105") && !kept.contains(number) && !kept.contains(phone),
        "{kept}"
    );
    let step = format!(
        r#"mutation {{ transferClue(input: {{ key: "k", clueId: "{phone}", version: 1, to: "{number}" }}) {{ __typename }} }}"#
    );
    story.hub.query(Some(&token), &step).await;
    let change = story.one(&mut seen).await;
    assert!(
        change.object.contains("clueId=139") && !change.object.contains(phone),
        "{}",
        change.object
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_durable_entry_there_is_no_answer() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let lead = story.lead().await;
        let to = format!(r#"to: "{}""#, story.id_of(DEVELOPMENT).await);
        story.data(&story.authority, TEXTS).await;
        db.audit_log(false).await;
        let unavailable = |told: &Value| {
            let extensions = &told["errors"][0]["extensions"];
            assert_eq!(extensions["reason"], "AUDIT_UNAVAILABLE", "{told}");
            assert_eq!(extensions["code"], "UNAVAILABLE", "{told}");
            assert!(told.get("data").is_none(), "{told}");
        };
        let token = story.token(&story.authority);
        unavailable(&story.hub.query(Some(&token), TEXTS).await);
        let query = format!(
            r#"mutation {{ transferClue(input: {{ key: "k", clueId: "{lead}", version: 1, {to} }}) {{ __typename }} }}"#
        );
        unavailable(&story.hub.query(Some(&token), &query).await);
        assert_eq!(story.version(&lead).await, 1, "nothing was changed");
        let base = story.hub.serve().await;
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let export = http.get(format!("{base}/export/ledger.csv")).bearer_auth(&token);
        assert_eq!(export.send().await.expect("it answers").status(), 503);
        // All other reading goes on.
        let query = "{ agencies(first: 1) { totalCount } }";
        let told = story.data(&story.superior, query).await;
        assert_eq!(told["agencies"]["totalCount"], 5, "{told}");
        let told = story.hub.query(None, query).await;
        assert!(told.get("errors").is_none(), "{told}");
        // Of all that stands there what was told before.
        db.audit_log(true).await;
        story.hub.app.audit.integrate().await.expect("it is put together");
        let filter = AuditFilter::default();
        assert_eq!(story.hub.app.store.count_audit(&filter).await.expect("it is read"), 1);
    })
    .await;
}
