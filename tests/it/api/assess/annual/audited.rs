//! What is done about a year has its audit entry in its own transaction: without one it is not done.

use domain::{
    audit::{Action, Entry, Outcome},
    viewer::Role,
};
use serde_json::{Value, json};

use super::{BUREAU, Year};
use crate::support::{Db, count, on_both};

/// All that steps write.
const ROWS: &str = "SELECT (SELECT count(*) FROM annual_campaign) + (SELECT count(*) FROM annual_objection) \
     + (SELECT count(*) FROM publication) + (SELECT count(*) FROM change WHERE seq IS NOT NULL) AS n";

impl Year {
    /// The entry that came since so many were there.
    async fn entry(&self, seen: &mut i64) -> Entry {
        let audit = &self.hub.app.audit;
        audit.integrate().await.expect("it is put together");
        let rows = self.hub.app.store.list_audit(*seen, 100).await;
        let rows = rows.expect("it is read");
        assert_eq!(rows.len(), 1, "one entry a request");
        *seen += 1;
        Entry::decode(&rows[0].record).expect("a record")
    }

    /// Does something while no entry can be written, which changes nothing, and then once more.
    async fn held_back(
        &self,
        db: &Db,
        role: Role,
        name: &str,
        input: &str,
        seen: &mut i64,
    ) -> (Value, Entry) {
        db.audit_log(false).await;
        let before = count(&self.hub, ROWS).await;
        assert_eq!(self.act(role, name, input).await, "UNAVAILABLE", "{name}");
        assert_eq!(
            count(&self.hub, ROWS).await,
            before,
            "{name} was done without its entry"
        );
        db.audit_log(true).await;
        let done = self.act(role, name, input).await;
        assert_eq!(
            done["__typename"], "AnnualAssessmentSuccess",
            "{name}: {done}"
        );
        assert!(count(&self.hub, ROWS).await > before, "{name}");
        let entry = self.entry(seen).await;
        assert_eq!(
            (entry.action, entry.outcome),
            (Action::Change, Outcome::Allowed),
            "{name}"
        );
        assert!(entry.object.starts_with(name), "{}", entry.object);
        (done, entry)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_step_of_a_year_is_taken_without_its_entry() {
    on_both(async |db| {
        let year = Year::on(&db).await;
        year.listed(&[(1, BUREAU, "2025-06-02")]).await;
        let audit = &year.hub.app.audit;
        audit.integrate().await.expect("it is put together");
        let mut seen = audit
            .verify(None)
            .await
            .expect("it is read")
            .expect("it is sound")
            .entries as i64;
        let db = &db;
        let open = r#"year: 2025, division: "440600""#;
        let (_, entry) = year
            .held_back(db, Role::Authority, "openAnnualAssessment", open, &mut seen)
            .await;
        assert_eq!(entry.object, "openAnnualAssessment division=440600");
        let campaign = year.campaign(Role::Authority, 2025).await;
        let object = format!(r#"campaignId: {}, text: "得分有误""#, campaign["id"]);
        let (filed, entry) = year
            .held_back(db, Role::Agency, "objectToAssessment", &object, &mut seen)
            .await;
        assert_eq!(
            (entry.agencies.len(), filed["objection"]["version"].clone()),
            (1, json!(1))
        );
        let reject = format!(
            r#"objectionId: {}, version: 1, upheld: false, reason: "无误""#,
            filed["objection"]["id"]
        );
        let (_, decided) = year
            .held_back(
                db,
                Role::Authority,
                "decideAssessmentObjection",
                &reject,
                &mut seen,
            )
            .await;
        assert_eq!(decided.agencies, entry.agencies);
        year.hub.it_is("2026-03-17");
        let standing = year.campaign(Role::Authority, 2025).await;
        let confirm = format!(
            "campaignId: {}, version: {}",
            standing["id"], standing["version"]
        );
        year.held_back(
            db,
            Role::Authority,
            "confirmAnnualAssessment",
            &confirm,
            &mut seen,
        )
        .await;
        let confirmed = year.campaign(Role::Authority, 2025).await;
        let publish = format!(
            r#"id: {}, version: {}, decision: "样例信用办〔2026〕1号", from: "2026-04-01""#,
            confirmed["id"], confirmed["version"]
        );
        year.held_back(
            db,
            Role::Authority,
            "publishAssessment",
            &publish,
            &mut seen,
        )
        .await;
        // One that is refused has its entry, too.
        let done = year
            .act(Role::Authority, "publishAssessment", &publish)
            .await;
        assert_eq!(done["__typename"], "VersionConflict", "{done}");
        let refused = year.entry(&mut seen).await;
        assert_eq!(
            (refused.action, refused.outcome),
            (Action::Change, Outcome::Denied)
        );
    })
    .await;
}
