//! What leaves the machine, against servers on this machine that answer as they please.

mod addresses;
mod answers;
mod certificates;
mod dialects;
mod patience;
mod rebinding;

use std::time::Duration;

use reqwest::{Method, Url};
use zhengxin::{
    config::Place,
    egress::{Answer, Door, Egress, Error, Limits, Request},
};

/// A place on this machine.
fn place(url: &str) -> Place {
    Place {
        url: Some(url.to_owned()),
        allow: vec!["127.0.0.0/8".to_owned()],
        ..Place::default()
    }
}

/// Limits with which nobody waits.
fn quick() -> Limits {
    Limits {
        backoff: Duration::from_millis(1),
        ..Limits::default()
    }
}

fn door(limits: Limits, url: &str) -> Door {
    let egress = Egress::with(limits);
    egress.door(&place(url)).expect("a place on this machine")
}

async fn get(door: &Door, url: &str) -> Result<Answer, Error> {
    let url = Url::parse(url).expect("an address");
    door.send(&Request::new(Method::GET, url)).await
}
