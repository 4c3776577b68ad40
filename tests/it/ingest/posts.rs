//! Officials' posts: digested numbers, and posts that a full register lacks.

use domain::run::{RunCounts, RunState};

use super::{OFFICIALS, done, refused, town};
use crate::support::{
    Db, Hub, anywhere, count, leftovers, on_both,
    rows::{self, Row, post},
    state,
};

/// Made-up numbers, of a division that is none.
const NUMBERS: [&str; 3] = [
    "000000199001010018",
    "000000199001020013",
    "000000199001030019",
];

async fn bring(hub: &Hub, day: &str, posts: &[Row]) -> zhengxin::ingest::Report {
    hub.it_is(day);
    hub.ingest(OFFICIALS, &[("posts.csv", &rows::file(posts))], |_| {})
        .await
}

/// The posts, as `局长 甲某`, sorted.
async fn posts(hub: &Hub) -> Vec<String> {
    let state = state(hub).await;
    let lines = state.lines().filter(|line| line.starts_with("post"));
    let mut told: Vec<String> = lines
        .map(|line| {
            let words: Vec<_> = line.split(' ').collect();
            format!("{} {}", words[3], words[4])
        })
        .collect();
    told.sort();
    told
}

#[tokio::test]
async fn a_post_that_the_register_lacks_has_ended() {
    on_both(async |db| {
        let hub = Hub::with_person_key(&db).await;
        let bureau = town()[1].uscc;
        let all = [
            post("甲某", NUMBERS[0], bureau.as_str(), "局长"),
            post("乙某", NUMBERS[1], bureau.as_str(), "副局长"),
        ];
        let report = bring(&hub, "2026-11-20", &all).await;
        done(
            &report,
            RunCounts {
                received: 2,
                stored: 2,
                ..RunCounts::default()
            },
        );
        let report = bring(&hub, "2026-11-21", &all[..1]).await;
        done(
            &report,
            RunCounts {
                received: 1,
                unchanged: 1,
                withdrawn: 1,
                ..RunCounts::default()
            },
        );
        assert_eq!(posts(&hub).await, ["局长 甲某"]);
        assert_eq!(
            count(&hub, "SELECT COUNT(*) FROM post").await,
            2,
            "what was known stands"
        );

        bring(&hub, "2026-11-22", &all).await;
        assert_eq!(posts(&hub).await, ["副局长 乙某", "局长 甲某"]);
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}

#[tokio::test]
async fn posts_of_one_person_are_told_by_the_number_and_never_by_the_name() {
    on_both(async |db| {
        let hub = Hub::with_person_key(&db).await;
        let bureau = town()[1].uscc;
        let all = [
            post("甲某", NUMBERS[0], bureau.as_str(), "局长"),
            post("甲某", &NUMBERS[0].to_lowercase(), bureau.as_str(), "主任"),
            // As numbers were written until 1999.
            post("甲某", "000000900101001", bureau.as_str(), "秘书"),
            post("甲某", NUMBERS[2], bureau.as_str(), "科长"),
        ];
        bring(&hub, "2026-11-20", &all).await;
        let officials = "SELECT COUNT(DISTINCT official_id) FROM post";
        assert_eq!(count(&hub, officials).await, 2);
        for number in NUMBERS {
            assert_eq!(
                anywhere(&hub, number).await,
                Vec::<String>::new(),
                "{number}"
            );
        }
        assert_eq!(anywhere(&hub, "甲某").await, ["post.name"]);
    })
    .await;
}

#[tokio::test]
async fn digests_of_another_key_are_others() {
    let (one, other) = (Db::sqlite(), Db::sqlite());
    let first = Hub::with_person_key(&one).await;
    let key = other.file(
        "person.key",
        b"another key for the numbers of made-up persons",
    );
    let second = Hub::with(&other, |config| config.hub.person_key_file = Some(key)).await;
    let posts = [post("甲某", NUMBERS[0], town()[1].uscc.as_str(), "局长")];
    for hub in [&first, &second] {
        bring(hub, "2026-11-20", &posts).await;
    }
    let digest = async |hub: &Hub| {
        let state = state(hub).await;
        let line = state.lines().find(|line| line.starts_with("post"));
        let line = line.expect("there is a post").to_owned();
        let (_, rest) = line.split_once('(').expect("the digest is in brackets");
        rest[..64].to_owned()
    };
    assert_ne!(digest(&first).await, digest(&second).await);
}

#[tokio::test]
async fn without_a_key_a_register_is_refused_and_the_key_is_named() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let posts = [post("甲某", NUMBERS[0], town()[1].uscc.as_str(), "局长")];
        let report = bring(&hub, "2026-11-20", &posts).await;
        refused(&report, &["posts.csv", "hub.person_key_file"]);
        assert_eq!(anywhere(&hub, "甲某").await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_masked_number_and_a_term_that_ends_before_it_begins_are_rejected_without_repeating_them()
{
    on_both(async |db| {
        let hub = Hub::with_person_key(&db).await;
        let bureau = town()[1].uscc;
        let posts = [
            post("甲某", NUMBERS[0], bureau.as_str(), "局长"),
            post("乙某", "0000001990****0029", bureau.as_str(), "副局长"),
            post("丙某", NUMBERS[2], bureau.as_str(), "副局长").with("任职止", "2023-03-01"),
        ];
        let report = bring(&hub, "2026-11-20", &posts).await;
        assert_eq!(report.outcome, Some(RunState::Partly), "{report:#?}");
        let columns: Vec<_> = report
            .rejects
            .iter()
            .map(|reject| reject.column.as_deref())
            .collect();
        assert_eq!(columns, [Some("证件号码"), Some("任职止")], "{report:#?}");
        assert!(!report.rejects[0].reason.contains("0029"), "{report:#?}");
        assert_eq!(anywhere(&hub, "0000001990").await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_number_that_can_not_be_read_ends_no_post() {
    on_both(async |db| {
        let hub = Hub::with_person_key(&db).await;
        let bureau = town()[1].uscc;
        let all = [
            post("甲某", NUMBERS[0], bureau.as_str(), "局长"),
            post("乙某", NUMBERS[1], bureau.as_str(), "副局长"),
        ];
        bring(&hub, "2026-11-20", &all).await;
        // Of whom the second row tells nobody knows: it may be either of the two.
        for unreadable in ["0000001990****0029", "000000199001020014", "甲某"] {
            let told = [all[0].clone(), all[1].clone().with("证件号码", unreadable)];
            let report = bring(&hub, "2026-11-21", &told).await;
            assert_eq!(report.outcome, Some(RunState::Partly), "{report:#?}");
            assert_eq!(report.counts.withdrawn, 0, "{report:#?}");
            assert!(
                report
                    .warnings
                    .iter()
                    .any(|told| told.contains("nothing was withdrawn")),
                "{report:#?}"
            );
            assert_eq!(posts(&hub).await, ["副局长 乙某", "局长 甲某"]);
        }
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}
