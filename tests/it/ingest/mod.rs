//! Deliveries: what becomes of them, good, bad and interrupted.

mod bad_deliveries;
mod bad_rows;
mod bombs;
mod bounds;
mod change_log;
mod clues;
mod court;
mod deltas;
mod disclosures;
mod exchange;
mod exchange_runs;
mod fence;
mod folder;
mod forms;
mod imap;
mod killed;
mod layouts;
mod mail_charsets;
mod mail_gaps;
mod mail_runs;
mod officials;
mod outage;
mod persons;
mod posts;
mod pulled;
mod readers;
mod register;
mod reread;
mod reresolution;
mod resumed;
mod same_state;
mod samples;
mod table_runs;
mod withdrawal;

use domain::run::{RunCounts, RunState};
use zhengxin::ingest::Report;

use crate::support::{
    Hub,
    made::{self, Body},
};

const REGISTER: &str = "agency_register";
const COURT: &str = "court_debtors";
const ARREARS: &str = "arrears";
const HOTLINE: &str = "hotline";
const PLATFORM: &str = "credit_platform";
const OFFICIALS: &str = "official_register";

/// Bodies of a made-up town: a bureau of the city, one of each of two districts that bear the same
/// short name, and an institution of the first district.
fn town() -> Vec<Body> {
    let city = made::body(1, "佛山市样例局", "440600");
    let chancheng = made::body(2, "佛山市禅城区样例局", "440604")
        .superior(&city.uscc)
        .former("佛山市禅城区旧样局")
        .alias("区样例局");
    let nanhai = made::body(3, "佛山市南海区样例局", "440605")
        .superior(&city.uscc)
        .alias("区样例局");
    let institution = made::body_of(
        made::uscc("12", "440604", 4),
        "佛山市禅城区样例中心",
        "440604",
    )
    .with("机构性质", "事业单位")
    .superior(&chancheng.uscc)
    .competent(&chancheng.uscc);
    vec![city, chancheng, nanhai, institution]
}

/// A hub that knows the town.
async fn hub_with_town(db: &crate::support::Db) -> Hub {
    let hub = Hub::on(db).await;
    bring_town(&hub).await;
    hub
}

async fn bring_town(hub: &Hub) {
    let report = hub
        .ingest(
            REGISTER,
            &[("register.csv", &made::register(&town()))],
            |_| {},
        )
        .await;
    done(
        &report,
        RunCounts {
            received: 4,
            stored: 4,
            ..RunCounts::default()
        },
    );
}

/// All of it is in, and this is what was counted.
#[track_caller]
fn done(report: &Report, counts: RunCounts) {
    assert_eq!(
        (report.outcome, report.counts),
        (Some(RunState::Done), counts),
        "{report:#?}"
    );
    assert!(report.change.is_some(), "{report:#?}");
}

/// Nothing of it is in, and the report says all of this about why.
#[track_caller]
fn refused(report: &Report, says: &[&str]) {
    assert_eq!(
        (report.outcome, report.change),
        (Some(RunState::Failed), None),
        "{report:#?}"
    );
    let message = report.message.as_deref().unwrap_or_default();
    for word in says {
        assert!(message.contains(word), "{word:?} is not in {message:?}");
    }
}
