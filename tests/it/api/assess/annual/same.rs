//! The same facts come to the same bytes: scores with what they are made of, warnings with their events, and a year's
//! preliminary assessment, whatever the database and in whatever order two feeds came.

use std::sync::Mutex;

use entities::annual_campaign;
use sea_orm::EntityTrait;
use serde_json::Value;

use super::{BUREAU, CITY, DISTRICT, Year};
use crate::support::{assessed, on_both, rows};

impl Year {
    /// The court's list, by its lines from the first or from the last.
    async fn court(&self, from_last: bool) {
        let mut listed = [
            (1, BUREAU, "2025-06-02"),
            (2, DISTRICT, "2026-01-19"),
            (3, DISTRICT, "2025-12-31"),
        ];
        if from_last {
            listed.reverse();
        }
        self.listed(&listed).await;
    }

    /// What the platform tells: breaches, and what was measured; in one delivery, or from the last line on in one each.
    async fn platform(&self, from_last: bool) {
        let breaches = [
            (1, BUREAU, "2025-03-03"),
            (2, BUREAU, "2025-09-08"),
            (3, DISTRICT, "2025-12-30"),
            (4, BUREAU, "2025-10-09"),
        ];
        let breaches = breaches.map(|(n, body, on)| rows::breach(n, body).with("rdrq", on));
        let line = |(number, body, kind, value): (&str, &str, &str, &str)| {
            format!(
                "{number},{body},,{kind},样例指标,{value},2025-01-01,2025-12-31,,样例厅,有效,I\n"
            )
        };
        let measured = [
            ("ZB1", CITY, "表彰奖励", "3"),
            ("ZB2", DISTRICT, "热线满意率", "79.25"),
            ("ZB3", BUREAU, "年度账款披露", "0"),
            ("ZB4", CITY, "信用创新", "1"),
        ];
        let head = "zbbh,ztmc,tyshxydm,zblx,zbmc,zbz,tjqq,tjqz,zbyj,tgdw,zt,opt_type";
        let measured = measured.map(|one| format!("{head}\n{}", line(one)).into_bytes());
        let each = breaches
            .iter()
            .map(|breach| rows::file(std::slice::from_ref(breach)));
        let each: Vec<_> = each.chain(measured).collect();
        let deliveries: Vec<Vec<Vec<u8>>> = match from_last {
            true => each.into_iter().rev().map(|file| vec![file]).collect(),
            false => vec![each],
        };
        for files in deliveries {
            let names: Vec<String> = (0..files.len()).map(|n| format!("{n}.csv")).collect();
            let files: Vec<_> = names
                .iter()
                .map(String::as_str)
                .zip(files.iter().map(Vec::as_slice))
                .collect();
            let report = self
                .hub
                .ingest("credit_platform", &files, |order| order.partial = true)
                .await;
            assert_eq!(report.counts.rejected, 0, "{report:?}");
        }
    }

    /// All that is known of who stands how.
    async fn all_told(&self) -> String {
        let done = self.hub.app.assessing().assess_all().await;
        let done = done.expect("everybody can be graded");
        assert!(done.scored == 4 && done.raised > 3, "{done:?}");
        let mut campaign = self.opened(2025).await;
        // Nobody has objected to anything: these are the preliminary results.
        assert_eq!(campaign["state"], "OBJECTIONS", "{campaign}");
        let kept = self.hub.database().await;
        let rows = annual_campaign::Entity::find().all(&kept).await;
        let rows = rows.expect("a table");
        kept.close().await.expect("it closes");
        let row: Value = serde_json::from_str(&rows[0].campaign).expect("it is JSON");
        let preliminary = row["preliminary"]["digest"].as_str().unwrap_or_default();
        assert_eq!((rows.len(), preliminary.len()), (1, 64), "{row}");
        without_ids(&mut campaign);
        let query = "{ warnings(first: 20) { totalCount edges { node { redLine level state message count dueOn \
             agency { uscc } warned { uscc } records(first: 3) { edges { node { id } } } } } } \
             agencies(first: 5) { edges { node { uscc assessment { score grade vetoes contributions { rule title \
             indicator points records(first: 3) { edges { node { id } } } indicators { code } } } } } } }";
        let token = self.hub.everything();
        let seen = self.hub.data(Some(&token), query).await;
        let written = assessed(&self.hub).await;
        format!("{written}\n{campaign}\n{preliminary}\n{seen}")
    }
}

fn without_ids(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("id");
            fields.values_mut().for_each(without_ids);
        }
        Value::Array(all) => all.iter_mut().for_each(without_ids),
        _ => {}
    }
}

#[tokio::test]
async fn neither_the_database_nor_any_order_of_delivery_shows() {
    let told = Mutex::new(Vec::new());
    on_both(async |db| {
        let another = db.another();
        for (db, court_first) in [(&db, true), (&another, false)] {
            let year = Year::on(db).await;
            if court_first {
                year.court(false).await;
                year.platform(false).await;
            } else {
                year.platform(true).await;
                year.court(true).await;
            }
            let all = year.all_told().await;
            told.lock().expect("nobody panicked").push(all);
        }
    })
    .await;
    let told = told.into_inner().expect("nobody panicked");
    assert_eq!(told.len(), 4, "both databases, both orders");
    for other in &told[1..] {
        let differ = |(one, other): &(&str, &str)| one != other;
        let mut lines = told[0].lines().zip(other.lines());
        assert_eq!(lines.find(differ), None);
        assert_eq!(&told[0], other);
    }
}
