//! Which changes are followed: of names, codes, reforms and aliases.

use zhengxin::ingest::Followed;

use super::{
    super::{ARREARS, COURT, REGISTER},
    CHANCHENG, NANHAI, bring_list, bring_register, chancheng, follow, hold, let_go, nanhai,
    published,
};
use crate::support::{Hub, count, leftovers, made, on_both, rows, state};

#[tokio::test]
async fn a_register_that_comes_later_ends_as_one_that_came_first() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        bring_list(&hub, &[CHANCHENG, NANHAI, "佛山市不存局", CHANCHENG]).await;
        assert_eq!(hub.mentions().await.len(), 4);
        let complaints = rows::file(&[rows::complaint(1, CHANCHENG), rows::established(2, NANHAI)]);
        hub.ingest(ARREARS, &[("a.csv", &complaints)], |_| {}).await;
        let report = bring_register(&hub, &[chancheng(), nanhai()]).await;
        assert_eq!(report.reresolved, 5, "{report:#?}");
        assert_eq!(hub.mentions().await, ["佛山市不存局 NONE"]);
        assert_eq!(published(&hub).await, 2, "one for each source that moved");
        assert_eq!(leftovers(&hub).await, "");

        let other = db.another();
        let first = Hub::on(&other).await;
        bring_register(&first, &[chancheng(), nanhai()]).await;
        bring_list(&first, &[CHANCHENG, NANHAI, "佛山市不存局", CHANCHENG]).await;
        first
            .ingest(ARREARS, &[("a.csv", &complaints)], |_| {})
            .await;
        assert_eq!(state(&hub).await, state(&first).await);
        assert_eq!(hub.told().await, first.told().await);
        assert_eq!(published(&first).await, 0);

        // The same again changes nothing and is no change.
        let report = bring_register(&hub, &[chancheng(), nanhai()]).await;
        assert_eq!(report.reresolved, 0, "{report:#?}");
        assert_eq!(published(&hub).await, 2);
    })
    .await;
}

/// A code as people and machines write it: misread, of a service, with blanks, in full width.
fn written_otherwise(code: &str) -> [String; 5] {
    let wide = |c: char| char::from_u32(c as u32 + 0xfee0).expect("full width");
    [
        code.replace('0', "O"),
        format!("{code}3440108001002"),
        format!("{} {} {}", &code[..6], &code[6..14], &code[14..]),
        code.chars().map(wide).collect(),
        format!("{}\u{3000}{}", &code[..8], &code[8..]),
    ]
}

#[tokio::test]
async fn a_code_that_is_repaired_is_followed_like_one_that_is_right() {
    on_both(async |db| {
        let body = chancheng();
        // The name is of another place, and nobody's.
        let rows: Vec<_> = written_otherwise(body.uscc.as_str())
            .iter()
            .zip(1..)
            .map(|(code, n)| {
                let row = rows::established(n, "广州市不存局");
                row.with("债务人统一社会信用代码", code)
            })
            .collect();
        let complaints = rows::file(&rows);
        let hub = Hub::on(&db).await;
        hub.ingest(ARREARS, &[("a.csv", &complaints)], |_| {}).await;
        assert_eq!(hub.mentions().await.len(), 5);
        let report = bring_register(&hub, std::slice::from_ref(&body)).await;
        assert_eq!(report.reresolved, 5, "{report:#?}");
        assert!(hub.mentions().await.is_empty());

        let other = db.another();
        let first = Hub::on(&other).await;
        bring_register(&first, &[body]).await;
        first
            .ingest(ARREARS, &[("a.csv", &complaints)], |_| {})
            .await;
        assert_eq!(state(&hub).await, state(&first).await);
        assert_eq!(hub.told().await, first.told().await);
    })
    .await;
}

#[tokio::test]
async fn a_name_that_two_bodies_bear_now_is_told_no_longer_and_told_again_when_one_gives_it_up() {
    on_both(async |db| {
        let shared = "佛山市样例服务局";
        let one = made::body(5, shared, "440600");
        let two = made::body(6, shared, "440600");
        let hub = Hub::on(&db).await;
        bring_register(&hub, &[one.clone(), chancheng()]).await;
        bring_list(&hub, &[shared, CHANCHENG, shared]).await;
        assert_eq!(hub.records().await.len(), 3);

        let report = bring_register(&hub, &[one.clone(), chancheng(), two.clone()]).await;
        assert_eq!(report.reresolved, 2, "{report:#?}");
        let ambiguous = format!("{shared} AMBIGUOUS");
        assert_eq!(hub.mentions().await, [ambiguous.clone(), ambiguous]);
        assert_eq!(
            hub.records().await,
            [format!("{CHANCHENG} ACTIVE 2025-03-04 -")]
        );

        let renamed = two.with("机构名称", "佛山市他样服务局");
        let report = bring_register(&hub, &[one, chancheng(), renamed]).await;
        assert_eq!(report.reresolved, 2, "{report:#?}");
        assert!(hub.mentions().await.is_empty());
        assert_eq!(hub.records().await.len(), 3);
        assert_eq!(published(&hub).await, 2);
        let versions = "SELECT COUNT(DISTINCT id) FROM credit_record WHERE version > 1";
        assert_eq!(
            count(&hub, versions).await,
            2,
            "the third was never touched"
        );
    })
    .await;
}

#[tokio::test]
async fn a_succession_is_followed_too() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        bring_register(&hub, &[chancheng(), nanhai()]).await;
        bring_list(&hub, &["佛山市禅城区旧样局", NANHAI]).await;
        let held = hold(&db, COURT).await;
        let code = chancheng().uscc;
        let events = made::successions(&[(
            (None, "佛山市禅城区旧样局"),
            (Some(&code), CHANCHENG),
            "合并",
            "2024-03-01",
            "样例三定方案",
        )]);
        hub.ingest(REGISTER, &[("events.csv", &events)], |_| {})
            .await;
        let_go(held).await;
        assert_eq!(follow(&hub).await.looked_at, 1);
    })
    .await;
}

#[tokio::test]
async fn an_alias_that_comes_or_goes_is_followed_by_the_texts_that_it_concerns_alone() {
    on_both(async |db| {
        let with_alias = |folder: &str, short: &str| {
            let folder = db.folder().join(folder);
            let row = format!(
                "\n[[alias]]\nshort = [\"{short}\"]\nfull = [\"样例局\"]\nsource = \"made up\"\nverified = false\n"
            );
            crate::api::catalogue_with(&folder, &[]);
            let path = folder.join("aliases.toml");
            let text = std::fs::read_to_string(&path).expect("it was copied");
            std::fs::write(&path, text + &row).expect("the folder is ours");
            folder
        };
        let hub = Hub::on(&db).await;
        bring_register(&hub, &[chancheng(), nanhai()]).await;
        let names = ["佛山市禅城区例办", "佛山市教育局", CHANCHENG, "佛山市禅城区某街道办事处", "佛山市南海区示办"];
        bring_list(&hub, &names).await;
        assert_eq!(hub.records().await.len(), 1);
        follow(&hub).await;

        let other = with_alias("one", "例办");
        let other = Hub::with(&db, |config| config.catalogue.dir = Some(other)).await;
        let followed = follow(&other).await;
        // The row's own text, and those that its full form stands in.
        assert_eq!((followed.moved, followed.looked_at), (1, 2), "{followed:?}");
        let of = async |hub: &Hub, text: &str| {
            let mentions = hub.mentions().await;
            let found = mentions.iter().find(|mention| mention.starts_with(text));
            found.expect("only people tell by a short form").clone()
        };
        let (one, two) = ("佛山市禅城区例办", "佛山市南海区示办");
        assert_eq!(of(&other, one).await, format!("{one} ALIAS"));
        assert_eq!(follow(&other).await, Followed::default());

        let third = with_alias("two", "示办");
        let third = Hub::with(&db, |config| config.catalogue.dir = Some(third)).await;
        let followed = follow(&third).await;
        assert_eq!((followed.moved, followed.looked_at), (2, 3), "one row came and one went");
        assert_eq!(of(&third, one).await, format!("{one} NONE"));
        assert_eq!(of(&third, two).await, format!("{two} ALIAS"));

        // Whatever else changes concerns all.
        let folder = db.folder().join("three");
        crate::api::catalogue_with(&folder, &[]);
        let path = folder.join("divisions_former.csv");
        let text = std::fs::read_to_string(&path).expect("it was copied");
        std::fs::write(&path, text + "\n").expect("the folder is ours");
        let fourth = Hub::with(&db, |config| config.catalogue.dir = Some(folder)).await;
        assert_eq!(follow(&fourth).await.looked_at, 5);
        assert_eq!(of(&fourth, two).await, format!("{two} NONE"));
        let kept = "SELECT COUNT(*) FROM knowledge";
        assert!(count(&hub, kept).await <= 2, "what no source goes by is forgotten");
    })
    .await;
}
