//! A private PostgreSQL server for the tests, made from the installed programs.
//!
//! One server a test binary, reachable over a Unix socket only. A small shell script watches over
//! it: the script's input is a pipe from this process, so when this process ends, however it ends,
//! the script reads the end of it, stops the server and removes its folder.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use super::server;

/// A running server.
#[derive(Debug)]
pub(crate) struct Postgres {
    programs: PathBuf,
    /// Holds the data and the socket; removed by the watchdog.
    folder: PathBuf,
    databases: AtomicU32,
    /// Its input is open as long as this process lives: the end of it is the sign to stop.
    _watchdog: Child,
}

/// A folder of PostgreSQL's programs to prefer.
const PROGRAMS: &str = "ZHENGXIN_PG_BIN";
/// The superuser of the server.
const OWNER: &str = "zhengxin";
/// Part of the socket's name; named everywhere, so that `PGPORT` has no say.
const PORT: u16 = 5432;

/// The server's configuration, beyond its defaults.
const CONFIGURATION: &str = "
listen_addresses = ''
max_connections = 200
# Nothing here outlives the process, so nothing need outlive the machine.
fsync = off
";

/// Makes and starts the server in `$2` with the programs in `$1`, says `ready` or what went
/// wrong, and when its input ends leaves nothing behind, even where nobody hears it any more.
const WATCHDOG: &str = r#"
trap '' PIPE
programs=$1; folder=$2; data=$folder/data
if {
    "$programs/initdb" -D "$data" -U "$3" -A trust -E UTF8 --locale=C --no-sync &&
    cat "$folder/configuration" >>"$data/postgresql.conf" &&
    "$programs/pg_ctl" -D "$data" -l "$folder/log" -o "-p $4 -k '$folder'" -w -t 60 start
} </dev/null >"$folder/start" 2>&1
then
    echo ready
    cat >/dev/null
else
    cat "$folder/start" "$folder/log"
fi
"$programs/pg_ctl" -D "$data" -m immediate -w -t 20 stop >/dev/null 2>&1
rm -rf "$folder"
"#;

impl Postgres {
    /// The server of this test binary, started on first use; none where PostgreSQL's server
    /// programs are not installed.
    pub(crate) fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Postgres>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref()
    }

    fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            server::skip("PostgreSQL");
            return None;
        };
        let folder = server::folder("zx-pg-");
        fs::write(folder.path().join("configuration"), CONFIGURATION).expect("the folder is ours");
        let (bin, place) = (programs.display(), folder.path().display());
        let (bin, place) = (bin.to_string(), place.to_string());
        let arguments = [&*bin, &*place, OWNER, &PORT.to_string()];
        let (watchdog, folder) = server::watch(WATCHDOG, &arguments, folder);
        Some(Self {
            programs,
            folder,
            databases: AtomicU32::new(0),
            _watchdog: watchdog,
        })
    }

    /// A fresh, empty database: its URL.
    pub(crate) fn database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let made = Command::new(self.programs.join("createdb"))
            .arg("-h")
            .arg(&self.folder)
            .args(["-p", &PORT.to_string(), "-U", OWNER])
            .args(["--maintenance-db=postgres", &name])
            .output()
            .expect("createdb stands beside initdb");
        let error = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "no database {name}: {error}");

        let folder = self.folder.display();
        format!("postgres://{OWNER}@localhost:{PORT}/{name}?host={folder}")
    }
}

/// The folder of the installed server programs, the newest where several are.
fn programs() -> Option<PathBuf> {
    let mut packaged: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|version| Some(version.ok()?.path()))
        .collect();
    packaged.sort_by_key(|version| {
        let name = version.file_name().unwrap_or_default();
        std::cmp::Reverse(name.to_string_lossy().parse::<u32>().unwrap_or(0))
    });

    let path = env::var_os("PATH").unwrap_or_default();
    env::var_os(PROGRAMS)
        .map(PathBuf::from)
        .into_iter()
        .chain(packaged.into_iter().map(|version| version.join("bin")))
        .chain(env::split_paths(&path))
        .find(|folder| {
            ["initdb", "pg_ctl", "postgres", "createdb"]
                .iter()
                .all(|program| folder.join(program).is_file())
        })
}
