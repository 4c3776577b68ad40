use std::{
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use clap::{Args, Subcommand};
use domain::{
    audit::{Action, Checkpoint, EntryId, NoteKey, SignedNote},
    privacy::mask_numbers,
};
use serde_json::json;

use crate::{
    app,
    audit::{Audit, Draft, Log, SigningKey, WitnessRequest, is_signed_by},
    clock::Clock,
    store::Store,
};

use super::{Done, Global, Stop, out::print_line, print_object};

/// Entries that are exported at once.
const BATCH: u64 = 4_096;

#[derive(Subcommand)]
pub(super) enum AuditCommand {
    /// Hash everything again from what is stored, and name the first entry that is wrong
    Verify {
        /// A signed checkpoint that was kept elsewhere: shows that the log's end was taken away
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
    },
    /// Write the log to a file that others can verify
    Export {
        /// The file
        #[arg(long, value_name = "FILE")]
        bundle: PathBuf,
    },
    /// Sign what the log is now, and print it
    Checkpoint {
        /// Print it as what a witness is asked who keeps a checkpoint of so many entries
        #[arg(long, value_name = "SIZE")]
        since: Option<u64>,
    },
    /// Prove that an entry is in the log
    Proof {
        /// The entry's id, as `auditEntries` or a receipt has it, or bare
        #[arg(value_parser = entry_id)]
        entry: EntryId,
    },
    /// Keep a checkpoint that a witness signed
    ///
    /// By it the hub knows how far its witnesses lag behind.
    Cosigned {
        /// What `audit witness` printed
        note: PathBuf,
    },
    /// Sign a checkpoint as a witness, if the log grew out of the last one that was signed
    Witness(WitnessArgs),
}

#[derive(Args)]
pub(super) struct WitnessArgs {
    /// What `audit checkpoint --since` printed
    request: PathBuf,
    /// The log's public key, written name+id+key
    #[arg(long, value_name = "KEY")]
    log_key: NoteKey,
    /// The file in which the last checkpoint is kept
    #[arg(long, value_name = "FILE")]
    state: PathBuf,
    /// The file of the witness's own key; made if there is none
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The witness's name
    #[arg(long, value_name = "NAME")]
    name: String,
}

/// An entry by its own id, by that of the API (`aud_PROVINCE_ENTRY`), or by that of a receipt
/// (`chk_PROVINCE_ENTRY-PLACE`).
fn entry_id(text: &str) -> Result<EntryId, String> {
    let kind = text.split_once('_').map(|(kind, _)| kind);
    let key = text.rsplit('_').next().unwrap_or(text);
    let entry = match kind {
        Some("chk") => key.rsplit_once('-').map_or(key, |(entry, _)| entry),
        _ => key,
    };
    entry
        .parse()
        .map_err(|error| format!("{error}, as in aud_440000_… or alone"))
}

pub(super) async fn run(global: &Global, command: AuditCommand) -> Result<Done, Stop> {
    if let AuditCommand::Witness(args) = command {
        return witness(&args);
    }
    let config = global.config()?;
    let (store, clock) = (app::open_store(&config).await?, Clock::system());
    if let AuditCommand::Checkpoint { since } = command {
        return checkpoint(&app::open_audit(&config, store, clock)?, since).await;
    }
    let audit = app::read_audit(&config, store.clone(), clock)?;
    match command {
        AuditCommand::Verify { checkpoint } => verify(global, &audit, checkpoint.as_deref()).await,
        AuditCommand::Export { bundle } => export(global, &audit, &store, &bundle).await,
        AuditCommand::Proof { entry } => prove(&audit, entry).await,
        AuditCommand::Cosigned { note } => {
            let note: SignedNote = std::fs::read_to_string(note)?.parse()?;
            let told = json!({ "entries": audit.take_cosigned(&note).await? });
            print_object(global.output, &told)?;
            Ok(Done::Well)
        }
        AuditCommand::Checkpoint { .. } | AuditCommand::Witness(_) => Ok(Done::Well),
    }
}

async fn verify(global: &Global, audit: &Audit, outside: Option<&Path>) -> Result<Done, Stop> {
    let outside = outside
        .map(|path| outside_checkpoint(path, audit.log()))
        .transpose()?;
    let verified = audit.verify(outside.as_ref()).await?;
    let verified =
        verified.map_err(|fault| Stop::Failed(format!("the audit log is not sound: {fault}")))?;
    let told = json!({
        "entries": verified.entries,
        "checkpoints": verified.checkpoints,
        "covered": verified.covered,
        "pending": audit.pending().await?.count,
        "hash": audit.log().kind.as_str(),
        "root": BASE64_STANDARD.encode(verified.root),
        "keys": audit.log().believed().iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    print_object(global.output, &told)?;
    Ok(Done::Well)
}

/// A checkpoint from elsewhere, if somebody signed it who is believed.
fn outside_checkpoint(path: &Path, log: &Log) -> Result<Checkpoint, Stop> {
    let note: SignedNote = std::fs::read_to_string(path)?.parse()?;
    let checkpoint = Checkpoint::parse(&note.body)?;
    match log.believed().iter().any(|key| is_signed_by(&note, key)) {
        true => Ok(checkpoint),
        false => Err(Stop::Failed(format!(
            "{}: no signature on it is by a key that is believed (audit.key_file, audit.keys)",
            path.display()
        ))),
    }
}

async fn export(global: &Global, audit: &Audit, store: &Store, path: &Path) -> Result<Done, Stop> {
    let object = format!("audit bundle {}", path.display());
    let object = mask_numbers(&object);
    audit
        .record(Draft::by_hub(Action::Export, object), None)
        .await?;
    let head = store.audit_head().await?;
    let size = head.as_ref().map_or(0, |head| head.frontier.size());
    let kind = head.map_or(audit.log().kind, |head| head.kind);
    let keys = audit.log().believed();
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    let mut out = BufWriter::new(file.as_file_mut());
    let head = json!({
        "format": "zhengxin-audit-1",
        "origin": audit.log().origin,
        "hash": kind.as_str(),
        "size": size,
        "keys": keys.iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    writeln!(out, "{head}")?;
    let mut from = 0;
    while from < size {
        let rows = store
            .list_audit(from as i64, BATCH.min(size - from))
            .await?;
        if rows.is_empty() {
            return Err(Stop::Failed(format!(
                "the audit log is not sound: entry {from} is missing"
            )));
        }
        from += rows.len() as u64;
        for row in rows {
            let record = BASE64_STANDARD.encode(&row.record);
            let chain = BASE64_STANDARD.encode(&row.chain);
            writeln!(
                out,
                "{}",
                json!({ "seq": row.seq, "record": record, "chain": chain })
            )?;
        }
    }
    let mut above = -1;
    loop {
        let notes = store.list_audit_checkpoints(above, BATCH).await?;
        let Some(last) = notes.last() else {
            break;
        };
        above = last.size;
        for stated in notes.iter().filter(|stated| stated.size as u64 <= size) {
            writeln!(out, "{}", json!({ "checkpoint": stated.note }))?;
        }
    }
    out.flush()?;
    drop(out);
    file.persist(path)?;
    let told = json!({ "file": path.display().to_string(), "entries": size });
    print_object(global.output, &told)?;
    Ok(Done::Well)
}

async fn checkpoint(audit: &Audit, since: Option<u64>) -> Result<Done, Stop> {
    audit.integrate().await?;
    audit.checkpoint(true).await?;
    let Some(note) = audit.last_checkpoint().await? else {
        return Err(Stop::Failed("the audit log has no entry yet".to_owned()));
    };
    let text = match since {
        None => note.to_string(),
        Some(old) => {
            let size = Checkpoint::parse(&note.body)?.size;
            if old > size {
                return Err(Stop::Failed(format!(
                    "the audit log has {size} entries, not {old}"
                )));
            }
            let proof = audit.prove_growth(old, size).await?;
            WitnessRequest { old, proof, note }.to_string()
        }
    };
    print_line(text.trim_end_matches('\n'))?;
    Ok(Done::Well)
}

async fn prove(audit: &Audit, id: EntryId) -> Result<Done, Stop> {
    let Some(proof) = audit.prove(id).await? else {
        let reason = format!("no entry {id} is in the log under a checkpoint (yet)");
        return Err(Stop::Failed(reason));
    };
    let hashes: Vec<String> = proof
        .hashes
        .iter()
        .map(|hash| BASE64_STANDARD.encode(hash))
        .collect();
    print_line(format_args!(
        "{:#}",
        json!({
            "id": id.to_string(),
            "seq": proof.entry.seq,
            "record": BASE64_STANDARD.encode(&proof.entry.record),
            "size": proof.size,
            "hashes": hashes,
            "checkpoint": proof.checkpoint.to_string(),
        })
    ))?;
    Ok(Done::Well)
}

fn witness(args: &WitnessArgs) -> Result<Done, Stop> {
    let request: WitnessRequest = std::fs::read_to_string(&args.request)?.parse()?;
    let last: Option<SignedNote> = match args.state.exists() {
        true => Some(std::fs::read_to_string(&args.state)?.parse()?),
        false => None,
    };
    request.check(last.as_ref(), &args.log_key)?;
    let key = SigningKey::open(&args.key)?;
    // A name with a blank or a plus could not be read again.
    key.public(&args.name).to_string().parse::<NoteKey>()?;
    let note = key.sign(&args.name, request.note);
    // Kept before it is given away: what was signed once binds.
    let folder = args
        .state
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    write!(file, "{note}")?;
    file.as_file().sync_all()?;
    file.persist(&args.state)?;
    eprintln!("zhengxin: signed by {}", key.public(&args.name));
    print_line(note.to_string().trim_end_matches('\n'))?;
    Ok(Done::Well)
}
