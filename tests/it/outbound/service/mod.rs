//! The signed service.

mod answers;
mod outages;
mod versions;

use zhengxin::config::Channel;

use super::{hub_with, platform::Platform};
use crate::support::{Db, Hub};

async fn hub_and_platform(db: &Db) -> (Hub, Platform) {
    let platform = Platform::start().await;
    let hub = hub_with(db, Channel::Service, platform.place(), &[]).await;
    (hub, platform)
}
