//! The checkpoint that was signed last, kept in a file beside the key: whoever has the database can take checkpoints away
//! from it, and the key still signs nothing but what grew out of what it signed.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use domain::audit::{Checkpoint, SignedNote};

use super::{Audit, KeyError, Log, NotSigned, SigningKey, is_signed_by};

/// What the file's name ends with, behind the key's.
const ENDING: &str = ".signed";

impl SigningKey {
    /// The file in which is kept what it signed last.
    fn signed_file(&self) -> PathBuf {
        let mut path = self.path().as_os_str().to_owned();
        path.push(ENDING);
        path.into()
    }

    /// Keeps what it signed; durable and whole when it returns.
    pub(super) fn keep_signed(&self, note: &SignedNote) -> Result<(), KeyError> {
        let path = self.signed_file();
        write(&path, self.path(), &note.to_string()).map_err(|error| KeyError::of(&path, error))
    }
}

/// Writes a file that belongs to whom the key does, whoever signs.
fn write(path: &Path, key: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|path| !path.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    #[cfg(unix)]
    give(file.path(), key)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    fs::File::open(folder)?.sync_all()
}

/// Gives a file to the owner of another, with what that lets him do.
#[cfg(unix)]
fn give(file: &Path, like: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, chown};
    let (like, own) = (fs::metadata(like)?, fs::metadata(file)?);
    if (own.uid(), own.gid()) != (like.uid(), like.gid()) {
        match chown(file, Some(like.uid()), Some(like.gid())) {
            // Only the system's administrator may; others let the key's group have it.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                let _ = chown(file, None, Some(like.gid()));
            }
            done => done?,
        }
    }
    fs::set_permissions(file, like.permissions())
}

impl Log {
    /// What was signed last of this log, as it is kept beside the key; none where nothing was, or where there is no key.
    pub(super) fn last_signed(&self) -> Result<Option<Checkpoint>, KeyError> {
        let Some(path) = self.key.as_ref().map(|key| key.signed_file()) else {
            return Ok(None);
        };
        let failed = |reason: String| KeyError::of(&path, reason);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error.to_string())),
        };
        let note: SignedNote = text
            .parse()
            .map_err(|_| failed("it is no signed note".to_owned()))?;
        let stated = Checkpoint::parse(&note.body).map_err(|error| failed(error.to_string()))?;
        let is_ours = stated.origin == self.origin;
        match is_ours && self.believed().iter().any(|key| is_signed_by(&note, key)) {
            true => Ok(Some(stated)),
            false => Err(failed(
                "it is not signed by this log's key, nor by one of audit.keys".to_owned(),
            )),
        }
    }
}

impl Audit {
    /// Whether the log grew out of what was signed last; nothing more is signed where it did not.
    pub async fn extends_signed(&self) -> Result<(), NotSigned> {
        let (store, log) = (&self.0.store, &self.0.log);
        let Some((key, signed)) = log.key.as_ref().zip(log.last_signed()?) else {
            return Ok(());
        };
        let refused = |reason: &str| NotSigned::Rewound {
            size: signed.size,
            place: key.signed_file().display().to_string(),
            reason: reason.to_owned(),
        };
        let last = store.last_audit_checkpoint().await?;
        if last.is_none_or(|(size, ..)| (size as u64) < signed.size) {
            return Err(refused("that checkpoint is gone from the database"));
        }
        let frontier = store.audit_frontier(signed.kind, signed.size).await?;
        match frontier.root(signed.kind) == signed.root {
            true => Ok(()),
            false => Err(refused("these entries are others now")),
        }
    }
}
