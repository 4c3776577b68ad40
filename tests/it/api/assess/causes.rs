//! Causes behind warnings that somebody closed: which are known, and which are new.

use domain::viewer::Role;
use serde_json::json;

use super::Scene;
use crate::support::on_both;

#[tokio::test]
async fn another_cause_behind_a_closed_warning_warns_anew() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        for (act, case) in [("resolveWarning", 10), ("dismissWarning", 20)] {
            scene.hub.later(60);
            scene.listed(&[case]).await;
            scene.assess().await;
            let court = scene.warning("RL-COURT").await;
            scene.act(Role::Authority, act, &court, Some("已核")).await;
            scene.assess().await;
            let silent = scene.warning("RL-COURT").await;
            assert_eq!(
                silent["episode"], court["episode"],
                "the same cause is silent"
            );
            // Another listing on the same level is another cause, and alone with the first one none.
            scene.hub.later(60);
            scene.listed(&[case, case + 1]).await;
            scene.assess().await;
            let anew = scene.warning("RL-COURT").await;
            assert_eq!(
                (&anew["state"], &anew["level"], &anew["count"]),
                (&json!("NEW"), &court["level"], &json!("2"))
            );
            assert_ne!(anew["episode"], court["episode"]);
            scene.listed(&[case]).await;
            scene.assess().await;
            assert_eq!(scene.assess().await.raised, 0);
            let left = scene.warning("RL-COURT").await;
            assert_eq!(
                (&left["episode"], &left["state"]),
                (&anew["episode"], &json!("RESOLVED"))
            );
            scene.listed(&[]).await;
            scene.assess().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_cause_that_left_a_closed_warning_and_came_back_warns_anew() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        scene.listed(&[1, 2]).await;
        scene.assess().await;
        let court = scene.warning("RL-COURT").await;
        scene
            .act(Role::Authority, "dismissWarning", &court, Some("已核"))
            .await;
        scene.hub.later(60);
        scene.listed(&[1]).await;
        assert_eq!(scene.assess().await.raised, 0);
        let left = scene.warning("RL-COURT").await;
        assert_eq!(
            [
                &left["episode"],
                &left["state"],
                &left["count"],
                &left["caused"]
            ],
            [
                &court["episode"],
                &json!("DISMISSED"),
                &json!("1"),
                &json!(true)
            ]
        );
        assert_eq!(left["records"]["totalCount"], 1);
        let again = scene.assess().await;
        assert_eq!((again.raised, again.moved), (0, 0));
        scene.hub.later(60);
        scene.listed(&[1, 2]).await;
        scene.assess().await;
        let anew = scene.warning("RL-COURT").await;
        assert_eq!(
            [&anew["episode"], &anew["state"], &anew["count"]],
            [&json!(2), &json!("NEW"), &json!("2")]
        );
        // When that one is gone, what is left is what somebody closed.
        scene.listed(&[1]).await;
        scene.assess().await;
        let rest = scene.warning("RL-COURT").await;
        assert_eq!(
            [&rest["episode"], &rest["state"], &rest["caused"]],
            [&json!(2), &json!("RESOLVED"), &json!(true)]
        );
    })
    .await;
}
