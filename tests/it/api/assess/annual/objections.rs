//! Objections of one body: in which order they are decided, how many may wait, and what is said twice.

use std::sync::{Arc, atomic::AtomicU32};

use domain::{
    assess::{Campaign, Correction, UNDECIDED_MAX},
    credit_record::CreditRecordStatus,
    viewer::{Role, Viewer},
};
use zhengxin::assess::CampaignDone;

use super::{BUREAU, Year, row};
use crate::support::{Hub, count, on_both};

#[tokio::test]
async fn corrections_hold_in_the_order_of_deciding() {
    on_both(async |db| {
        let year = Year::on(&db).await;
        year.listed(&[(1, BUREAU, "2025-06-02")]).await;
        let opened = year.opened(2025).await;
        let record = year.record_behind(&opened, BUREAU, "court.listed").await;
        let first = year.objected(&opened).await;
        let second = year.objected(&opened).await;
        // The second is decided first; the first corrects what that left.
        let owed = format!(r#"records: [{{ recordId: {record}, amount: "123.45" }}]"#);
        let ended = format!(
            r#"records: [{{ recordId: {record}, status: DELISTED, endedOn: "2025-09-01" }}]"#
        );
        for (objection, correction) in [(&second, &owed), (&first, &ended)] {
            let decided = year.uphold(objection, correction).await;
            assert_eq!(decided["objection"]["corrections"], 1, "{decided}");
        }
        let id = Campaign::number_of(2025, "440600".parse().expect("a code"));
        let kept = year.hub.app.store.annual_corrections(id, None).await;
        let kept = kept.expect("they are read");
        let Some(Correction::Record(last)) = kept[year.bureau.as_str()].last() else {
            panic!("{kept:?}");
        };
        assert_eq!(
            (last.status, last.cents),
            (CreditRecordStatus::Delisted, Some(12_345))
        );
        year.hub.it_is("2026-03-17");
        let confirmed = year.confirmed(2025).await;
        // It had ended, which the decision on the second did not know yet.
        let parts = row(&confirmed, BUREAU)["assessment"]["contributions"].to_string();
        assert!(!parts.contains("court.listed"), "{parts}");
        assert_ne!(
            row(&confirmed, BUREAU)["score"],
            row(&opened, BUREAU)["score"]
        );
        let replayed = year.replayed().await;
        assert!(
            replayed.agrees && replayed.results.is_some(),
            "{replayed:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn so_many_wait_and_what_is_said_again_is_the_same_objection() {
    on_both(async |db| {
        let year = Year::on(&db).await;
        let campaign = year.opened(2025).await;
        let object = async |year: &Year, text: &str| {
            let input = format!(r#"campaignId: {}, text: "{text}""#, campaign["id"]);
            year.act(Role::Agency, "objectToAssessment", &input).await
        };
        let beside = Year {
            hub: Hub::on(&db).await,
            keys: AtomicU32::new(1_000),
            ..year
        };
        let here = Year {
            hub: year.hub,
            keys: year.keys,
            ..beside
        };
        beside.hub.it_is("2026-03-02");
        let first = object(&here, "甲").await["objection"].clone();
        assert_eq!(first["version"], 1, "{first}");
        // Another process, under another key.
        assert_eq!(object(&beside, "甲").await["objection"], first);
        // Two processes at the same moment.
        let viewer = Viewer {
            role: Role::Agency,
            agency: Some(here.bureau),
            ..Viewer::public()
        };
        let id = Campaign::number_of(2025, "440600".parse().expect("a code"));
        let view = |hub: &Hub| Arc::new(hub.app.view(&hub.app.live.now(), viewer.clone()));
        let (own, other) = (view(&here.hub), view(&beside.hub));
        let (one, two) = (here.hub.app.assessing(), beside.hub.app.assessing());
        let (one, two) = tokio::join!(
            one.object_to_annual(&own, id, "乙"),
            two.object_to_annual(&other, id, "乙")
        );
        let [one, two] = [one, two].map(|done| done.expect("the database is there"));
        assert!(matches!(one, CampaignDone::Done(_)), "{one:?}");
        assert_eq!(one, two);
        // Somebody else of the same body says it for himself.
        let by_others = object(&here, "乙").await["objection"].clone();
        assert_eq!(by_others["version"], 1, "{by_others}");
        let filed = "SELECT count(*) AS n FROM annual_objection";
        assert_eq!(count(&here.hub, filed).await, 3);

        for more in 3..UNDECIDED_MAX {
            let done = object(&here, &format!("丙{more}")).await;
            assert_eq!(done["objection"]["version"], 1, "{done}");
        }
        assert_eq!(object(&here, "丁").await["code"], "TOO_MANY");
        assert_eq!(object(&beside, "甲").await["objection"], first, "it waits");
        let reject = format!(
            r#"objectionId: {}, version: 1, upheld: false, reason: "无误""#,
            first["id"]
        );
        let decided = here.act(Role::Authority, "decideAssessmentObjection", &reject);
        assert_eq!(decided.await["objection"]["version"], 2);
        // What is decided waits no longer, and may be said again.
        let again = object(&here, "甲").await["objection"].clone();
        assert_eq!(again["version"], 1, "{again}");
        assert_ne!(again["id"], first["id"]);
        assert_eq!(object(&here, "丁").await["code"], "TOO_MANY");
    })
    .await;
}
