//! What all servers that the tests start have in common: they run as nobody of importance, in a
//! folder of their own under /tmp, and never outlive the tests.

use std::env;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// Set where a missing server must fail the tests and not skip them.
const REQUIRED: &str = "ZHENGXIN_REQUIRE_SERVERS";

/// Says that tests on a server prove nothing for want of its programs, or fails.
pub(crate) fn skip(server: &str) {
    let missing = format!("{server}'s server programs are not installed");
    assert!(env::var_os(REQUIRED).is_none(), "{missing}");
    // Past the capture of test output: a test that passes by skipping must be seen.
    let note = format!("\nSKIPPED: {missing}: tests on {server} prove nothing.\n");
    writeln!(io::stderr(), "{note}").expect("standard error takes text");
}

/// A folder for a server; straight under /tmp, for the path of a socket may have some hundred bytes
/// at most.
pub(crate) fn folder(prefix: &str) -> TempDir {
    tempfile::Builder::new()
        .prefix(prefix)
        .permissions(fs::Permissions::from_mode(0o755))
        .tempdir_in("/tmp")
        .expect("a folder under /tmp")
}

/// Runs a shell script that makes and starts a server in a folder, says `ready`, and when its input
/// ends stops it and removes the folder. The input is a pipe from this process, so that comes true
/// however this process ends.
pub(crate) fn watch(script: &str, arguments: &[&str], folder: TempDir) -> (Child, PathBuf) {
    let mut watchdog = Command::new("sh");
    watchdog
        .args(["-c", script, "watchdog"])
        .args(arguments)
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        // Of no group with the tests: what a terminal or a time limit kills is not all of it.
        .process_group(0);
    if let Some((uid, gid)) = unprivileged(folder.path()) {
        give(folder.path(), uid, gid);
        watchdog.uid(uid).gid(gid);
    }
    let mut watchdog = watchdog.spawn().expect("there is a shell");
    let folder = folder.keep();

    let mut answer = String::new();
    let mut said = BufReader::new(watchdog.stdout.take().expect("its output is a pipe"));
    said.read_line(&mut answer).expect("the watchdog speaks");
    if answer.trim() != "ready" {
        said.read_to_string(&mut answer)
            .expect("the watchdog speaks");
        watchdog.wait().expect("the watchdog is our child");
        panic!("the server does not start:\n{answer}");
    }
    (watchdog, folder)
}

/// Where a program is; also where only a superuser looks for it.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/local/sbin".into()])
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("it is bound").port()
}

/// Gives a folder, and what is in it, away.
fn give(path: &Path, uid: u32, gid: u32) {
    chown(path, Some(uid), Some(gid)).expect("root may give a folder away");
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("it is a folder") {
            give(&entry.expect("an entry").path(), uid, gid);
        }
    }
}

/// Who is to run the server where the tests run as root, which servers refuse: uid and gid. `ours`
/// is a folder just made by this process.
fn unprivileged(ours: &Path) -> Option<(u32, u32)> {
    let root = fs::metadata(ours).expect("the folder is ours").uid() == 0;
    root.then(|| {
        let users = fs::read_to_string("/etc/passwd").expect("every Unix has /etc/passwd");
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| {
                let mut user = users
                    .lines()
                    .map(|line| line.split(':').collect::<Vec<_>>());
                let user = user.find(|fields| fields.first() == Some(name))?;
                Some((user.get(2)?.parse().ok()?, user.get(3)?.parse().ok()?))
            })
            .expect("a user postgres or nobody, for root may not run a server")
    })
}
