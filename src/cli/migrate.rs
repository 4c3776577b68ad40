use serde_json::json;

use crate::store::Store;

use super::{Done, Global, Stop, print_object};

pub(super) async fn run(global: &Global) -> Result<Done, Stop> {
    let config = global.config()?;
    let store = Store::open(&config.database_url()).await?;
    let applied = store.migrate().await?;
    print_object(global.output, &json!({ "applied": applied }))?;
    Ok(Done::Well)
}
