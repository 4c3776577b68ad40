//! A private MariaDB server for the tests, made from the installed programs: one a test binary.

use std::fs;
use std::process::{Child, Command};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use super::server;

/// A running server.
#[derive(Debug)]
pub(crate) struct Mariadb {
    port: u16,
    databases: AtomicU32,
    _watchdog: Child,
}

/// Who may do everything, over TCP too.
pub(crate) const USER: &str = "zhengxin";
pub(crate) const PASSWORD: &str = "a-made-up-password";

const WATCHDOG: &str = r#"
trap '' PIPE
folder=$1; port=$2; PATH=$PATH:/usr/sbin
# Nothing here outlives the process, so nothing need outlive the machine.
quick='--innodb-flush-method=nosync --innodb-doublewrite=0 --innodb-log-file-size=8M'
if {
    mariadb-install-db --no-defaults --datadir="$folder/data" --skip-test-db \
        --auth-root-authentication-method=normal $quick &&
    { mariadbd --no-defaults $quick --datadir="$folder/data" --socket="$folder/socket" \
        --character-set-server=utf8mb4 --bind-address=127.0.0.1 --port="$port" --skip-name-resolve --init-file="$folder/init" \
        --innodb-flush-log-at-trx-commit=0 --innodb-buffer-pool-size=32M \
        --pid-file="$folder/pid" --log-error="$folder/log" & } &&
    server=$! &&
    mariadb-admin --no-defaults --socket="$folder/socket" -uroot --wait=60 ping
} </dev/null >"$folder/start" 2>&1
then
    echo ready
    cat >/dev/null
else
    cat "$folder/start" "$folder/log"
fi
exec 2>/dev/null
[ -n "$server" ] && kill -9 "$server" && wait "$server"
rm -rf "$folder"
"#;

impl Mariadb {
    /// The server of this test binary, started on first use; none where it is not installed.
    pub(crate) fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Mariadb>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref()
    }

    fn start() -> Option<Self> {
        let needed = ["mariadbd", "mariadb-install-db", "mariadb-admin"];
        if !needed.iter().all(|name| server::program(name).is_some()) {
            server::skip("MariaDB");
            return None;
        }
        let folder = server::folder("zx-my-");
        let init = format!(
            "CREATE USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}'; GRANT ALL ON *.* TO '{USER}'@'%';"
        );
        fs::write(folder.path().join("init"), init.replace("; ", ";\n")).expect("it is ours");
        let port = server::free_port();
        let place = folder.path().display().to_string();
        let (watchdog, _) = server::watch(WATCHDOG, &[&place, &port.to_string()], folder);
        Some(Self {
            port,
            databases: AtomicU32::new(0),
            _watchdog: watchdog,
        })
    }

    /// A fresh, empty database: its URL, without user and password.
    pub(crate) fn database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let made = Command::new("mariadb-admin")
            .args(["--no-defaults", "-h127.0.0.1", "--protocol=tcp"])
            .arg(format!("-P{}", self.port))
            .arg(format!("-u{USER}"))
            .arg(format!("-p{PASSWORD}"))
            .args(["create", &name])
            .output()
            .expect("it stands beside the server");
        let error = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "no database {name}: {error}");
        format!("mysql://127.0.0.1:{}/{name}", self.port)
    }
}
