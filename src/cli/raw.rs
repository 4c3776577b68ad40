use clap::Subcommand;
use serde_json::json;

use crate::{app::App, clock::Clock};

use super::{Done, Global, Stop, print_object};

#[derive(Subcommand)]
pub(super) enum RawCommand {
    /// Destroy the key of a raw delivery for ever, and delete it
    ///
    /// Whoever delivers the same bytes again is refused.
    Erase {
        /// SHA-256 of its bytes, as evidence and runs name it
        digest: String,
        /// Why, for the record and the audit log
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Wrap all keys with the newest key of hub.raw_key_file
    ///
    /// Then the earlier ones can be taken out of the file.
    Rewrap,
}

pub(super) async fn run(global: &Global, command: RawCommand) -> Result<Done, Stop> {
    let app = App::open(global.config()?, Clock::system()).await?;
    let retention = app.retention()?;
    let told = match command {
        RawCommand::Erase { digest, reason } => {
            retention.erase(&digest, &reason).await?;
            json!({ "erased": digest.to_ascii_lowercase() })
        }
        RawCommand::Rewrap => {
            let rewrapped = retention.rewrap().await?;
            json!({ "rewrapped": rewrapped, "key": app.raw_keys.newest() })
        }
    };
    print_object(global.output, &told)?;
    Ok(Done::Well)
}
