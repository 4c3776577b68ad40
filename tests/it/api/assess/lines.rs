//! Red lines from deliveries: what crosses one, and what only nearly does.

use domain::viewer::Role;
use serde_json::json;

use super::{BUREAU, CITY, Scene};
use crate::support::on_both;

/// What the platform says of disclosures: number, body, year, and whether it was made.
pub(super) fn disclosures(lines: &[(&str, &str, i32, i32)]) -> String {
    let line = |(number, body, year, value): &(&str, &str, i32, i32)| {
        format!(
            "{number},{body},,年度账款披露,{year}年度账款披露,{value},{year}-01-01,{year}-12-31,,样例厅,有效,I\n"
        )
    };
    let lines: String = lines.iter().map(line).collect();
    format!("zbbh,ztmc,tyshxydm,zblx,zbmc,zbz,tjqq,tjqz,zbyj,tgdw,zt,opt_type\n{lines}")
}

impl Scene {
    async fn told(&self, lines: &[(&str, &str, i32, i32)]) {
        let told = disclosures(lines);
        let files = [("i.csv", told.as_bytes())];
        let change = |order: &mut zhengxin::ingest::Order| order.partial = true;
        self.hub.ingest("credit_platform", &files, change).await;
    }

    /// Names of the bodies that are warned about by a red line, with level and state.
    async fn warned_by(&self, line: &str) -> Vec<String> {
        let all = self.warnings(Role::Authority).await;
        let by_line = all.iter().filter(|one| one["redLine"] == line);
        let text = |one: &serde_json::Value, key: &str| one[key].as_str().unwrap_or("").to_owned();
        let mut found: Vec<String> = by_line
            .map(|one| {
                let name = one["agency"]["name"].as_str().unwrap_or("");
                format!("{name} {} {}", text(one, "level"), text(one, "state"))
            })
            .collect();
        found.sort();
        found
    }
}

#[tokio::test]
async fn a_disclosure_is_missing_from_the_first_of_april_on_once_the_year_is_told() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let warned = async |day: &str| {
            scene.hub.it_is(day);
            scene.assess().await;
            scene.warned_by("RL-DISCLOSE").await
        };
        // Nobody's is told for 2025.
        scene.hub.it_is("2026-03-30");
        scene.told(&[("PL1", CITY, 2024, 1)]).await;
        assert!(warned("2026-04-01").await.is_empty());
        // One is, and whoever looks next looks at everybody, for what all others lack is another now.
        let live = &scene.hub.app.live;
        live.take_concerned();
        scene.told(&[("PL2", CITY, 2025, 1)]).await;
        assert!(live.take_concerned().1.is_none());
        assert_eq!(warned("2026-04-02").await, [format!("{BUREAU} ORANGE NEW")]);
        live.take_concerned();
        scene.told(&[("PL3", BUREAU, 2025, 0)]).await;
        assert!(
            live.take_concerned()
                .1
                .is_some_and(|bodies| bodies.len() == 1)
        );
        assert_eq!(warned("2026-04-03").await, [format!("{BUREAU} ORANGE NEW")]);
        scene.told(&[("PL3", BUREAU, 2025, 1)]).await;
        assert_eq!(
            warned("2026-04-06").await,
            [format!("{BUREAU} ORANGE RESOLVED")]
        );
    })
    .await;
}

#[tokio::test]
async fn breaches_are_repeated_by_the_third_one() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let header = "jlbh,ztmc,tyshxydm,sxxw,ly,je,rdbm,rdwh,rdrq,zt,opt_type";
        for (count, warned) in [
            (2, Vec::new()),
            (3, vec![format!("{BUREAU} ORANGE NEW")]),
            (5, vec![format!("{BUREAU} RED NEW")]),
        ] {
            let lines = (1..=count).map(|n| {
                format!("SX{n},{BUREAU},,样例失信,招商引资,,佛山市样例认定局,样认〔2026〕{n}号,2025-05-0{n},有效,I\n")
            });
            let told = format!("{header}\n{}", lines.collect::<String>());
            let files = [("b.csv", told.as_bytes())];
            scene.hub.ingest("credit_platform", &files, |_| {}).await;
            scene.assess().await;
            assert_eq!(scene.warned_by("RL-REPEAT").await, warned, "{count}");
        }
        // Each says by which edition it is so.
        let warning = scene.warning("RL-REPEAT").await;
        let line = scene.hub.app.catalogue.assess.red_lines_on("2026-04-20".parse().expect("a day"))[0];
        assert_eq!(
            (&warning["redLineVersion"], &warning["redLineDigest"]),
            (&json!(line.edition.version), &json!(line.edition.digest))
        );
    })
    .await;
}
