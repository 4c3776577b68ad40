//! Persons stand where a description lets them stand and nowhere else: not in keys, not in reasons, not
//! in what is said of a file that could not be read.

use domain::run::{RunCounts, RunState};

use super::{ARREARS, HOTLINE, OFFICIALS, done, hub_with_town, refused};
use crate::support::{
    Hub, anywhere, count, on_both,
    rows::{self, complaint, order},
};

const BUREAU: &str = "佛山市禅城区样例局";
/// Made-up numbers: of a division that is none, and of phones that nobody has.
const NUMBER: &str = "000000199001010018";
const PHONES: [&str; 4] = [
    "13000000001",
    "+86 130-0000-0002",
    "电话130 0000 0003",
    "１３０００００ ０００４",
];

async fn nowhere(hub: &Hub, traces: &[&str]) {
    for trace in traces {
        let found = anywhere(hub, trace).await;
        assert_eq!(found, Vec::<String>::new(), "{trace} was kept");
    }
}

#[tokio::test]
async fn a_file_without_headings_is_refused_without_repeating_its_first_row() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let rows = format!("甲某三,{NUMBER},13000000001,局长\n乙某四,{NUMBER},13000000001,科长\n");
        for source in [HOTLINE, ARREARS, OFFICIALS] {
            let report = hub
                .ingest(source, &[("rows.csv", rows.as_bytes())], |_| {})
                .await;
            refused(&report, &["rows.csv", "none known"]);
        }
        nowhere(&hub, &["甲某三", NUMBER, "13000000001"]).await;
    })
    .await;
}

#[tokio::test]
async fn a_shifted_row_is_rejected_without_repeating_the_numbers_in_it() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let shifted = [
            complaint(1, BUREAU).with("受理日期", NUMBER),
            complaint(2, BUREAU).with("受理日期", PHONES[1]),
            complaint(3, BUREAU).with("受理日期", PHONES[2]),
            complaint(4, BUREAU).with("受理日期", PHONES[3]),
        ];
        let file = rows::file(&shifted);
        let report = hub.ingest(ARREARS, &[("rows.csv", &file)], |_| {}).await;
        assert_eq!(report.outcome, Some(RunState::Partly), "{report:#?}");
        assert_eq!(report.counts.rejected, 4, "{report:#?}");
        let reasons = report.rejects.iter().map(|reject| &*reject.reason);
        let reasons: Vec<_> = reasons.collect();
        let masked = [
            "000000********0018",
            "+86 130-****-0002",
            "130 **** 0003",
            "１３０**** ０００４",
        ];
        for (reason, masked) in reasons.iter().zip(masked) {
            assert!(reason.contains(masked), "{masked} is not in {reason}");
        }
        nowhere(&hub, &[NUMBER, "130-0000", "130 0000", "１３０００００"]).await;
    })
    .await;
}

#[tokio::test]
async fn phones_are_masked_however_they_are_written() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let said = PHONES.map(|phone| format!("样例承诺未兑现，{phone}，请回电"));
        let orders: Vec<_> = (1..)
            .zip(&said)
            .map(|(n, said)| order(n, BUREAU, "招商引资").with("诉求内容", said))
            .collect();
        let file = rows::file(&orders);
        let report = hub.ingest(HOTLINE, &[("rows.csv", &file)], |_| {}).await;
        let all = RunCounts {
            received: 4,
            stored: 4,
            ..RunCounts::default()
        };
        done(&report, all);
        nowhere(
            &hub,
            &["13000000001", "130-0000", "130 0000", "１３０００００"],
        )
        .await;
        for kept in ["130****0001", "+86 130-****-0002", "请回电"] {
            assert!(
                !anywhere(&hub, kept).await.is_empty(),
                "{kept} was not kept"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn keys_that_hold_a_persons_number_are_masked_and_still_tell_rows_apart() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        // Some number their orders by who called.
        let keys = [
            "BJ-13000000001",
            "BJ-13000010001",
            "BJ-13000000001-2",
            NUMBER,
        ];
        let orders: Vec<_> = (1..)
            .zip(keys)
            .map(|(n, key)| order(n, BUREAU, "招商引资").with("办件编号", key))
            .collect();
        let file = rows::file(&orders);
        let all = RunCounts {
            received: 4,
            stored: 4,
            ..RunCounts::default()
        };
        let report = hub.ingest(HOTLINE, &[("rows.csv", &file)], |_| {}).await;
        done(&report, all);
        assert_eq!(count(&hub, "SELECT COUNT(*) FROM clue").await, 4);
        nowhere(&hub, &["13000000001", "13000010001", NUMBER]).await;
        let again = hub.ingest(HOTLINE, &[("rows.csv", &file)], |_| {}).await;
        let unchanged = RunCounts {
            received: 4,
            unchanged: 4,
            ..RunCounts::default()
        };
        done(&again, unchanged);
    })
    .await;
}
