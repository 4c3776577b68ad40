//! Words on one row in whatever order their deliveries come.

use domain::run::RunCounts;

use super::{
    super::{PLATFORM, done, hub_with_town, same_state::same},
    BUREAU, bring, ended,
};
use crate::support::{
    Db, leftovers, on_both,
    rows::{Row, breach},
    state,
};

#[tokio::test]
async fn an_older_delivery_overrides_neither_a_row_nor_its_end() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let changed = breach(1, BUREAU).with("sxxw", "另一种说法");
        bring(&hub, PLATFORM, "2026-11-10", &[changed, breach(2, BUREAU)]).await;
        let known = state(&hub).await;
        let older = [breach(1, BUREAU), ended(2)];
        let report = bring(&hub, PLATFORM, "2026-11-09", &older).await;
        done(
            &report,
            RunCounts {
                received: 2,
                unchanged: 2,
                ..RunCounts::default()
            },
        );
        assert_eq!(state(&hub).await, known);

        bring(&hub, PLATFORM, "2026-11-14", &[ended(1)]).await;
        let ended = state(&hub).await;
        let late = [breach(1, BUREAU).with("sxxw", "第三种说法")];
        let report = bring(&hub, PLATFORM, "2026-11-12", &late).await;
        done(
            &report,
            RunCounts {
                received: 1,
                stored: 1,
                ..RunCounts::default()
            },
        );
        same(
            &ended,
            &state(&hub).await,
            "what was said before the end does not undo it",
        );
        bring(&hub, PLATFORM, "2026-11-15", &late).await;
        assert_eq!(
            hub.records().await,
            vec!["佛山市禅城区样例局 ACTIVE 2026-05-06 -"; 2],
            "what is said after it does"
        );
    })
    .await;
}

/// A word on a row, on its day.
type Word = (&'static str, fn(u32) -> Row);

fn told_on_10(n: u32) -> Row {
    breach(n, BUREAU).with("rdwh", "样认〔2026〕1号")
}

fn corrected(n: u32) -> Row {
    told_on_10(n).with("je", "200000").with("opt_type", "U")
}

fn untold(n: u32) -> Row {
    told_on_10(n).with("ztmc", "佛山市禅城区不存局")
}

fn deleted(n: u32) -> Row {
    corrected(n).with("opt_type", "D")
}

/// All orders of the first `n` numbers.
fn orders(n: usize) -> Vec<Vec<usize>> {
    let Some(last) = n.checked_sub(1) else {
        return vec![Vec::new()];
    };
    let shorter = orders(last);
    let with_last = |at: usize| {
        shorter.iter().map(move |order| {
            let mut order = order.clone();
            order.insert(at, last);
            order
        })
    };
    (0..n).flat_map(with_last).collect()
}

/// What comes of these words on a row, whose deliveries come in every order: each order has a row of
/// its own.
async fn endings(db: &Db, words: &[Word]) -> std::collections::BTreeSet<String> {
    let db = db.another();
    let hub = hub_with_town(&db).await;
    let orders = orders(words.len());
    for step in 0..words.len() {
        for (at, (day, row)) in words.iter().enumerate() {
            let now = orders
                .iter()
                .zip(1..)
                .filter(|(order, _)| order[step] == at);
            let rows: Vec<Row> = now.map(|(_, n)| row(n)).collect();
            let report = bring(&hub, PLATFORM, day, &rows).await;
            assert!(report.change.is_some(), "{report:#?}");
        }
    }
    assert_eq!(leftovers(&hub).await, "");
    let known = state(&hub).await;
    let records: Vec<&str> = known
        .lines()
        .filter_map(|line| line.strip_prefix("record "))
        .collect();
    let listed = known.lines().filter(|line| line.contains("\"SX"));
    let listed = listed.filter(|line| line.starts_with("evidence")).count();
    let mentions = known
        .lines()
        .filter(|line| line.starts_with("mention"))
        .count();
    for count in [records.len(), listed, mentions] {
        assert!(
            count == 0 || count == orders.len(),
            "not in every order: {known}"
        );
    }
    // Its number, and how often it changed on the way, are each row's own.
    let what = |line: &str| line.splitn(3, ' ').nth(2).unwrap_or_default().to_owned();
    let mut endings: std::collections::BTreeSet<String> =
        records.iter().map(|line| what(line)).collect();
    endings.insert(format!("{} listed", listed / orders.len()));
    endings
}

#[tokio::test]
async fn words_on_a_row_come_to_the_same_in_whatever_order_they_are_delivered() {
    on_both(async |db| {
        let cases: [(&[Word], usize, &[&str]); 7] = [
            (
                &[("2026-11-10", told_on_10), ("2026-11-12", deleted)],
                0,
                &["DELISTED", "2026-11-12", "Some(10000000)"],
            ),
            (
                &[
                    ("2026-11-10", told_on_10),
                    ("2026-11-11", corrected),
                    ("2026-11-12", deleted),
                ],
                0,
                &["DELISTED", "2026-11-12", "Some(20000000)"],
            ),
            (
                &[
                    ("2026-11-10", told_on_10),
                    ("2026-11-12", deleted),
                    ("2026-11-13", corrected),
                ],
                1,
                &["ACTIVE", "Some(20000000)"],
            ),
            (
                &[
                    ("2026-11-10", told_on_10),
                    ("2026-11-12", deleted),
                    ("2026-11-14", deleted),
                ],
                0,
                &["DELISTED", "2026-11-12"],
            ),
            (
                &[
                    ("2026-11-10", told_on_10),
                    ("2026-11-12", deleted),
                    ("2026-11-13", corrected),
                    ("2026-11-14", deleted),
                ],
                0,
                &["DELISTED", "2026-11-14", "Some(20000000)"],
            ),
            (
                &[
                    ("2026-11-10", untold),
                    ("2026-11-11", corrected),
                    ("2026-11-12", deleted),
                ],
                0,
                &["DELISTED", "2026-11-12", "Some(20000000)"],
            ),
            (
                &[
                    ("2026-11-10", told_on_10),
                    ("2026-11-11", untold),
                    ("2026-11-12", deleted),
                ],
                0,
                &[],
            ),
        ];
        for (words, listed, says) in cases {
            let mut endings = endings(&db, words).await;
            assert!(endings.remove(&format!("{listed} listed")), "{endings:#?}");
            assert_eq!(endings.len(), usize::from(!says.is_empty()), "{endings:#?}");
            for part in says {
                assert!(
                    endings.iter().all(|ending| ending.contains(part)),
                    "{part}: {endings:#?}"
                );
            }
        }
    })
    .await;
}
