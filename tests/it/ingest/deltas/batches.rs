//! Several words of one delivery on one row, wherever its batches part.

use super::{
    super::{ARREARS, PLATFORM, hub_with_town, same_state::same},
    BUREAU, bring, ended,
};
use crate::support::{
    Db, Hub, leftovers, made, on_both,
    rows::{Row, breach, complaint, established},
    state,
};

/// How many rows part two batches.
const FILLER: std::ops::Range<u32> = 1_000..2_100;

/// Rows of one key: what is known before, and two words of one delivery on it.
type Story = (Option<Row>, Row, Row);

/// The state after the second words alone, after both in one batch, and after each in a batch of its
/// own: these must be the same.
async fn same_however(db: &Db, source: &str, stories: &[Story], filler: Vec<Row>) -> String {
    let before: Vec<_> = stories.iter().filter_map(|(row, ..)| row.clone()).collect();
    let first: Vec<_> = stories.iter().map(|(_, row, _)| row.clone()).collect();
    let second: Vec<_> = stories.iter().map(|(.., row)| row.clone()).collect();
    let alone = [filler.as_slice(), &second].concat();
    let together = [filler.as_slice(), &first, &second].concat();
    let apart = [first.as_slice(), &filler, &second].concat();
    let mut states: Vec<String> = Vec::new();
    for delivery in [alone, together, apart] {
        let db = db.another();
        let hub = hub_with_town(&db).await;
        bring(&hub, source, "2026-11-10", &before).await;
        let report = bring(&hub, source, "2026-11-12", &delivery).await;
        assert!(report.change.is_some(), "{report:#?}");
        assert_eq!(leftovers(&hub).await, "");
        let told = hub.told().await;
        let fresh = Hub::on(&db).await.told().await;
        assert_eq!(fresh, told, "a hub that starts now knows the same");
        states.push(state(&hub).await);
    }
    same(&states[0], &states[1], "all in one batch");
    same(&states[0], &states[2], "in several batches");
    states.remove(0)
}

#[tokio::test]
async fn operations_on_one_row_end_the_same_wherever_the_batches_part() {
    on_both(async |db| {
        let changed = |n| breach(n, BUREAU).with("sxxw", "另一种说法");
        let new = |n| breach(n, BUREAU);
        let stories = [
            (None, new(1), ended(1)),
            (None, ended(2), new(2)),
            (Some(new(3)), ended(3), new(3)),
            (Some(new(4)), ended(4), changed(4)),
            (Some(new(5)), changed(5), ended(5)),
            (Some(new(6)), changed(6), new(6)),
            (Some(changed(7)), new(7), changed(7)),
        ];
        let filler = FILLER.map(|n| breach(n, "佛山市南海区样例局")).collect();
        let known = same_however(&db, PLATFORM, &stories, filler).await;
        let bureau = made::uscc("11", "440604", 2);
        let records = |status: &str| {
            let ours = known.lines().filter(|line| {
                line.starts_with("record")
                    && line.contains(bureau.as_str())
                    && line.contains(status)
            });
            ours.count()
        };
        assert_eq!((records("ACTIVE"), records("DELISTED")), (5, 1), "{known}");
    })
    .await;
}

#[tokio::test]
async fn words_on_one_complaint_end_the_same_wherever_the_batches_part() {
    on_both(async |db| {
        let alleged = |n| complaint(n, BUREAU);
        let proven = |n| established(n, BUREAU);
        let other = |n| complaint(n, BUREAU).with("项目名称", "另一种说法");
        let stories = [
            (Some(alleged(1)), proven(1), alleged(1)),
            (Some(alleged(2)), other(2), proven(2)),
            (Some(alleged(3)), proven(3), proven(3)),
            (Some(proven(4)), alleged(4), proven(4)),
            (Some(proven(5)), proven(5), alleged(5)),
            (
                Some(alleged(6)),
                complaint(6, "佛山市禅城区不存局"),
                proven(6),
            ),
            (None, alleged(7), proven(7)),
            (None, proven(8), alleged(8)),
        ];
        let filler = FILLER.map(|n| complaint(n, "佛山市南海区样例局")).collect();
        let known = same_however(&db, ARREARS, &stories, filler).await;
        let confirmed = known
            .lines()
            .filter(|line| line.contains("CONFIRMED"))
            .count();
        assert_eq!(confirmed, 3, "{known}");
        let records = known
            .lines()
            .filter(|line| line.starts_with("record"))
            .count();
        assert_eq!(records, 5, "{known}");
    })
    .await;
}
