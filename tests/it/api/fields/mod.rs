//! Which role reads which field: every cell of `access.toml` against the hub, and filters and orders
//! with it.

mod cells;
mod inputs;
mod keys;

use domain::viewer::Role;

use crate::support::Hub;

fn token(hub: &Hub, role: Role) -> Option<String> {
    (role != Role::Public).then(|| hub.token(role, &["440600"], None))
}
