//! Which rows are looked at anew, and which are written.

use zhengxin::ingest::Followed;

use super::{
    super::{ARREARS, COURT, HOTLINE, PLATFORM},
    CHANCHENG, NANHAI, bring_list, bring_register, chancheng, follow, hold, let_go, nanhai,
    published,
};
use crate::support::{Hub, leftovers, made, on_both, rows, state};

#[tokio::test]
async fn only_what_could_be_another_is_looked_at_and_only_what_is_one_is_written() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        bring_register(&hub, &[chancheng(), nanhai()]).await;
        let names = [
            CHANCHENG,
            NANHAI,
            NANHAI,
            "佛山市南海区不存局",
            "禅城区不存局",
            "不存局",
        ];
        bring_list(&hub, &names).await;
        // The register changes while the court's list is held by somebody else.
        let held = hold(&db, COURT).await;
        let report =
            bring_register(&hub, &[chancheng().former("佛山市禅城区旧样局"), nanhai()]).await;
        assert_eq!(report.reresolved, 0, "{report:#?}");
        assert_eq!(
            report.warnings.len(),
            1,
            "it is said that there is more to do: {report:#?}"
        );
        assert_eq!(follow(&hub).await.busy, 1);
        let_go(held).await;

        let followed = follow(&hub).await;
        let expected = Followed {
            // Of that district, or of no place.
            looked_at: 3,
            moved: 0,
            busy: 0,
        };
        assert_eq!(followed, expected);
        assert_eq!(follow(&hub).await, Followed::default(), "once and no more");
        assert_eq!(
            published(&hub).await,
            0,
            "nothing moved, so nothing is told"
        );
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}

#[tokio::test]
async fn another_resolver_looks_at_everything_and_writes_nothing_that_is_the_same() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        bring_register(
            &hub,
            &[chancheng().alias("区样例局"), nanhai().alias("区样例局")],
        )
        .await;
        bring_list(&hub, &[CHANCHENG, NANHAI, "区样例局", "佛山市不存局"]).await;
        let page =
            made::court_platform(&[made::listing(11, NANHAI), made::listing(12, "区样例局")]);
        let files: [(&str, &str, Vec<u8>); 5] = [
            (COURT, "p.csv", page),
            (
                ARREARS,
                "a.csv",
                rows::file(&[rows::complaint(1, CHANCHENG), rows::established(2, NANHAI)]),
            ),
            (
                HOTLINE,
                "h.csv",
                rows::file(&[
                    rows::order(1, CHANCHENG, "政务诚信"),
                    rows::order(2, "区样例局", "政务诚信"),
                ]),
            ),
            (
                PLATFORM,
                "p.csv",
                rows::file(&[rows::penalty(1, CHANCHENG, "2026-03-05")]),
            ),
            (PLATFORM, "b.csv", rows::file(&[rows::breach(1, NANHAI)])),
        ];
        let mut kept = 4;
        for (source, name, file) in &files {
            let report = hub
                .ingest(source, &[(*name, file.as_slice())], |order| {
                    order.partial = true
                })
                .await;
            kept += report.counts.stored + report.counts.unresolved;
            assert_eq!(report.counts.rejected, 0, "{report:#?}");
        }
        let (before, told) = (state(&hub).await, hub.told().await);
        let db = hub.database().await;
        sea_orm::ConnectionTrait::execute_unprepared(
            &db,
            "UPDATE resolved SET fingerprint = 'another'",
        )
        .await
        .expect("a table");
        db.close().await.expect("it closes");
        let followed = follow(&hub).await;
        assert_eq!((followed.looked_at as i64, followed.moved), (kept, 0));
        assert_eq!(state(&hub).await, before);
        assert_eq!(hub.told().await, told);
        assert_eq!(published(&hub).await, 0);
        assert_eq!(follow(&hub).await, Followed::default());
    })
    .await;
}
