//! What is listed against an official is for nobody outside.

use super::{deliver, hub_with, listing, outbox, round};
use crate::support::{
    count,
    made::{self, uscc},
    on_both,
    rows::{self, post},
};
use zhengxin::config::{Channel, Place};

#[tokio::test]
async fn a_record_of_an_official_never_enters_the_outbox() {
    on_both(async |db| {
        let folder = db.folder().join("platform");
        std::fs::create_dir_all(&folder).expect("the folder is ours");
        let place = Place {
            folder: Some(folder),
            ..Place::default()
        };
        let hub = hub_with(&db, Channel::Package, place, &[]).await;
        let number = made::citizen_number(18);
        let bureau = uscc("11", "440600", 1);
        let posts = [post("甲某乙", &number, bureau.as_str(), "样例局长")];
        hub.ingest(
            "official_register",
            &[("p.csv", &rows::file(&posts))],
            |_| {},
        )
        .await;
        let of_official = made::listing(1, "甲某乙").code(&number);
        deliver(&hub, "2026-11-20", &[of_official.clone(), listing(2)]).await;
        let records = "SELECT COUNT(*) FROM credit_record WHERE official_id IS NOT NULL";
        assert_eq!(count(&hub, records).await, 1);
        assert_eq!(outbox(&hub).await.len(), 1, "the body's record alone");
        // Nor does what becomes of it.
        deliver(&hub, "2026-11-21", &[listing(2)]).await;
        assert_eq!(count(&hub, records).await, 2);
        assert_eq!(outbox(&hub).await.len(), 1);
        let report = round(&hub).await;
        assert!(report.troubles.is_empty(), "{report:#?}");
    })
    .await;
}
