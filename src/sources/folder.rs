//! Drop folders: what lies in one is a delivery each, once nobody writes it any more.
//!
//! A file directly in the folder is one; a sub-folder is one of all its files. Names are only names:
//! nothing follows a link, and nothing is looked for but in the folder itself.

use std::{
    collections::HashMap,
    ffi::{OsStr, OsString},
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use chrono::{DateTime, TimeDelta, Utc};

use super::sidecar::{Sidecar, read_sidecar};

/// Entries that one look takes in, in the folder and in each sub-folder.
const ENTRIES_MAX: usize = 1_000;
/// A file that has not changed for so long is complete.
pub const REST: TimeDelta = TimeDelta::seconds(2);
/// Where deliveries go that were brought in, held and refused.
pub const AFTERWARDS: [&str; 3] = ["done", "held", "refused"];
/// The empty file that says that a sub-folder is complete.
const COMPLETE: &str = "_COMPLETE";
/// What a sub-folder's delivery is, beside its files.
const OF_FOLDER: &str = "delivery.toml";
/// How the names of files end that somebody is still writing.
const UNFINISHED: [&str; 3] = [".part", ".tmp", ".filepart"];

/// One delivery that lies in a drop folder.
#[derive(Debug, Clone)]
pub struct Dropped {
    pub name: OsString,
    pub files: Vec<PathBuf>,
    /// What is said beside it, or why it can't be taken.
    pub sidecar: Result<Sidecar, String>,
    /// What moves away with it, itself first.
    pub entries: Vec<PathBuf>,
    print: Print,
}

/// Lengths and times of files: equal ones were not written in between.
type Print = Vec<(PathBuf, u64, Option<SystemTime>)>;

/// What a look at a folder found.
#[derive(Debug, Default)]
pub struct Look {
    /// Those that are complete, in the order in which they are to be brought in.
    pub complete: Vec<Dropped>,
    /// Whether there are others that may just need a rest.
    pub is_unsettled: bool,
    /// Whether there are more entries than are looked at.
    pub is_crowded: bool,
}

/// A drop folder, and what was seen in it when it was last looked at.
#[derive(Debug)]
pub struct DropFolder {
    folder: PathBuf,
    seen: HashMap<OsString, (Print, DateTime<Utc>)>,
    /// What was brought in and could not be moved away.
    handled: HashMap<OsString, Print>,
}

impl DropFolder {
    /// A folder that nobody has looked at.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            seen: HashMap::new(),
            handled: HashMap::new(),
        }
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Looks at the folder, on a thread that may block. `at_once` takes files for complete that
    /// were not seen resting.
    pub fn look(&mut self, now: DateTime<Utc>, at_once: bool) -> io::Result<Look> {
        let mut look = Look::default();
        let mut seen = HashMap::new();
        let mut handled = HashMap::new();
        let (names, is_crowded) = names_in(&self.folder)?;
        look.is_crowded = is_crowded;
        for name in names {
            // What vanishes between two glances is not there.
            let Ok(found) = self.entry(&name) else {
                continue;
            };
            let Some((dropped, says_complete)) = found else {
                continue;
            };
            if let Some(print) = self.handled.remove(&name)
                && print == dropped.print
            {
                handled.insert(name, print);
                continue;
            }
            let rests_since = match self.seen.remove(&name) {
                Some((print, since)) if print == dropped.print => since.min(now),
                _ => now,
            };
            if says_complete || at_once || now - rests_since >= REST {
                look.complete.push(dropped);
            } else {
                look.is_unsettled = true;
                seen.insert(name, (dropped.print, rests_since));
            }
        }
        self.seen = seen;
        self.handled = handled;
        look.complete.sort_by(|one, other| {
            let place = |dropped: &Dropped| {
                let as_of = dropped.sidecar.as_ref().ok().and_then(|said| said.as_of);
                // What says nothing of its time speaks of now.
                (as_of.is_none(), as_of)
            };
            place(one)
                .cmp(&place(other))
                .then_with(|| one.name.cmp(&other.name))
        });
        Ok(look)
    }

    /// Whether somebody wrote it since it was looked at.
    pub fn has_changed(&self, dropped: &Dropped) -> bool {
        match self.entry(&dropped.name) {
            Ok(Some((now, _))) => now.print != dropped.print,
            _ => true,
        }
    }

    /// Remembers that it was brought in though it still lies there.
    pub fn leave(&mut self, dropped: &Dropped) {
        self.handled
            .insert(dropped.name.clone(), dropped.print.clone());
    }

    /// What an entry is: a delivery, and whether it says itself that it is complete.
    fn entry(&self, name: &OsStr) -> io::Result<Option<(Dropped, bool)>> {
        let path = self.folder.join(name);
        let about = fs::symlink_metadata(&path)?;
        if is_hidden(name) || AFTERWARDS.iter().any(|ours| name == *ours) {
            Ok(None)
        } else if about.is_dir() {
            sub_folder(name, &path)
        } else if about.is_file() {
            loose_file(name, path)
        } else {
            Ok(None)
        }
    }
}

fn loose_file(name: &OsStr, path: PathBuf) -> io::Result<Option<(Dropped, bool)>> {
    if is_unfinished(name) || ends_with(name, ".toml") || ends_with(name, ".ok") {
        return Ok(None);
    }
    let (beside, ok) = (behind(&path, ".toml"), behind(&path, ".ok"));
    let mut entries = vec![path.clone()];
    let mut print = vec![print_of(&path)?];
    let is_there = |path: &Path| fs::symlink_metadata(path).is_ok_and(|about| about.is_file());
    let mut sidecar = Ok(Sidecar::default());
    if is_there(&beside) {
        print.push(print_of(&beside)?);
        sidecar = read_sidecar(&beside);
        entries.push(beside);
    }
    let says_complete = is_there(&ok);
    if says_complete {
        entries.push(ok);
    }
    let dropped = Dropped {
        name: name.to_owned(),
        files: vec![path],
        sidecar,
        entries,
        print,
    };
    Ok(Some((dropped, says_complete)))
}

fn sub_folder(name: &OsStr, path: &Path) -> io::Result<Option<(Dropped, bool)>> {
    let is_complete = fs::symlink_metadata(path.join(COMPLETE))
        .is_ok_and(|about| about.is_file() && about.len() == 0);
    if !is_complete {
        return Ok(None);
    }
    let (mut names, is_crowded) = names_in(path)?;
    if names.iter().any(|name| is_unfinished(name)) {
        return Ok(None);
    }
    names.sort();
    let (mut files, mut print) = (Vec::new(), Vec::new());
    let mut sidecar = Ok(Sidecar::default());
    for name in names {
        let path = path.join(&name);
        if name == COMPLETE || is_hidden(&name) {
            continue;
        }
        if !fs::symlink_metadata(&path)?.is_file() {
            let reason = "is neither a file nor a folder of files: links and folders inside are not followed";
            sidecar = Err(format!("{} {reason}", name.display()));
            continue;
        }
        print.push(print_of(&path)?);
        if name == OF_FOLDER {
            sidecar = sidecar.and(read_sidecar(&path));
        } else {
            files.push(path);
        }
    }
    if is_crowded {
        sidecar = Err(format!("it has more than {ENTRIES_MAX} entries"));
    } else if files.is_empty() && sidecar.is_ok() {
        sidecar = Err("there is no file in it".to_owned());
    }
    let dropped = Dropped {
        name: name.to_owned(),
        files,
        sidecar,
        entries: vec![path.to_owned()],
        print,
    };
    Ok(Some((dropped, true)))
}

/// At most [`ENTRIES_MAX`] names, and whether there are more.
fn names_in(folder: &Path) -> io::Result<(Vec<OsString>, bool)> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        if names.len() == ENTRIES_MAX {
            return Ok((names, true));
        }
        names.push(entry?.file_name());
    }
    Ok((names, false))
}

fn print_of(path: &Path) -> io::Result<(PathBuf, u64, Option<SystemTime>)> {
    let about = fs::symlink_metadata(path)?;
    Ok((path.to_owned(), about.len(), about.modified().ok()))
}

fn behind(path: &Path, ending: &str) -> PathBuf {
    let mut text = path.as_os_str().to_owned();
    text.push(ending);
    text.into()
}

fn is_hidden(name: &OsStr) -> bool {
    matches!(name.as_encoded_bytes().first(), Some(b'.' | b'~'))
}

fn is_unfinished(name: &OsStr) -> bool {
    UNFINISHED.iter().any(|ending| ends_with(name, ending))
}

fn ends_with(name: &OsStr, ending: &str) -> bool {
    name.as_encoded_bytes()
        .to_ascii_lowercase()
        .ends_with(ending.as_bytes())
}
