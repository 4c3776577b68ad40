//! Rows that say of themselves that something is listed no longer: `opt_type` D, `delist` marks and
//! states; in whatever order, batches and deliveries they come.

mod batches;
mod ends;
mod order;

use crate::support::{
    Hub, moment,
    rows::{self, Row, breach},
};

const BUREAU: &str = "佛山市禅城区样例局";

/// Brings rows in as of a day.
async fn bring(hub: &Hub, source: &str, day: &str, rows: &[Row]) -> zhengxin::ingest::Report {
    hub.ingest(source, &[("rows.csv", &rows::file(rows))], |order| {
        order.as_of = Some(moment(day));
    })
    .await
}

fn ended(n: u32) -> Row {
    breach(n, BUREAU).with("opt_type", "D")
}
