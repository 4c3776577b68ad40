//! A private Dovecot server for the tests, made from the installed programs: one a test binary, with
//! a mailbox for each test, into which mail is put as files.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use super::server;

/// A running server.
#[derive(Debug)]
pub(crate) struct Dovecot {
    /// Offers encryption.
    pub(crate) plain_port: u16,
    /// Is encrypted from the beginning.
    pub(crate) tls_port: u16,
    folder: PathBuf,
    users: AtomicU32,
    _watchdog: Child,
}

/// What lets everybody in.
pub(crate) const PASSWORD: &str = "a-made-up-password";

const CONFIGURATION: &str = "
protocols = imap
listen = 127.0.0.1
base_dir = FOLDER/run
state_dir = FOLDER/state
log_path = FOLDER/log
default_internal_user = USER
default_internal_group = GROUP
default_login_user = USER
first_valid_uid = 1
first_valid_gid = 1
disable_plaintext_auth = no
ssl = yes
ssl_cert = <FOLDER/certificate.pem
ssl_key = <FOLDER/key.pem
ssl_dh =
mail_location = maildir:FOLDER/mail/%u
auth_failure_delay = 0
passdb {
  driver = static
  args = password=PASSWORD
}
userdb {
  driver = static
  args = uid=USER gid=GROUP home=FOLDER/mail/%u
}
service anvil {
  chroot =
  # A wrong password makes nobody else wait.
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service imap-login {
  chroot =
  inet_listener imap {
    port = PLAIN
  }
  inet_listener imaps {
    port = TLS
    ssl = yes
  }
}
";

const WATCHDOG: &str = r#"
trap '' PIPE
folder=$1; PATH=$PATH:/usr/sbin
sed -i "s|USER|$(id -un)|; s|GROUP|$(id -gn)|" "$folder/configuration"
if dovecot -c "$folder/configuration" </dev/null >"$folder/start" 2>&1
then
    echo ready
    cat >/dev/null
    dovecot -c "$folder/configuration" stop
else
    cat "$folder/start" "$folder/log"
fi
rm -rf "$folder"
"#;

impl Dovecot {
    /// The server of this test binary, started on first use; none where it is not installed.
    pub(crate) fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Dovecot>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref()
    }

    fn start() -> Option<Self> {
        if !["dovecot", "openssl"]
            .iter()
            .all(|name| server::program(name).is_some())
        {
            server::skip("Dovecot");
            return None;
        }
        let folder = server::folder("zx-im-");
        let path = folder.path();
        certify(path);
        let (plain_port, tls_port) = (server::free_port(), server::free_port());
        let configuration = CONFIGURATION
            .replace("FOLDER", &path.display().to_string())
            .replace("PASSWORD", PASSWORD)
            .replace("PLAIN", &plain_port.to_string())
            .replace("TLS", &tls_port.to_string());
        fs::write(path.join("configuration"), configuration).expect("the folder is ours");
        let mail = path.join("mail");
        fs::create_dir(&mail).expect("the folder is ours");
        let place = path.display().to_string();
        let (watchdog, folder) = server::watch(WATCHDOG, &[&place], folder);
        Some(Self {
            plain_port,
            tls_port,
            folder,
            users: AtomicU32::new(0),
            _watchdog: watchdog,
        })
    }

    /// The certificate that the server's is signed with.
    pub(crate) fn ca_file(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// A new user's mailbox.
    pub(crate) fn mailbox(&self) -> Mailbox {
        let user = format!("user_{}", self.users.fetch_add(1, Ordering::Relaxed));
        let folder = self.folder.join("mail").join(&user);
        let mailbox = Mailbox { user, folder };
        mailbox.make("", 1_000);
        mailbox
    }
}

/// A user's folders and what is in them.
#[derive(Debug)]
pub(crate) struct Mailbox {
    pub(crate) user: String,
    folder: PathBuf,
}

impl Mailbox {
    /// Makes a folder, or makes it anew, under a number of its own; the inbox has no name. Names are
    /// in the protocol's own UTF-7.
    pub(crate) fn make(&self, name: &str, validity: u32) {
        let folder = self.path(name);
        let _ = fs::remove_dir_all(&folder);
        let open = |path: &Path, mode| {
            let permissions = fs::Permissions::from_mode(mode);
            fs::set_permissions(path, permissions).expect("it is ours");
        };
        for part in ["", "new", "cur", "tmp"] {
            let part = folder.join(part);
            fs::create_dir_all(&part).expect("the folder is ours");
            open(&part, 0o777);
        }
        let list = folder.join("dovecot-uidlist");
        fs::write(&list, format!("3 V{validity} N1\n")).expect("the folder is ours");
        open(&list, 0o666);
    }

    /// Puts a message into a folder; the order is that of the names.
    pub(crate) fn put(&self, name: &str, number: u32, bytes: &[u8]) {
        let path = self.path(name);
        let kept = path.join("tmp").join(number.to_string());
        fs::write(&kept, bytes).expect("the folder is ours");
        fs::set_permissions(&kept, fs::Permissions::from_mode(0o666)).expect("it is ours");
        let place = path.join("new").join(format!("{number:010}.M1.made-up"));
        fs::rename(&kept, place).expect("the folder is ours");
    }

    /// How the messages of the inbox are named now, which says how they are marked.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for part in ["new", "cur"] {
            for entry in fs::read_dir(self.folder.join(part)).expect("it is there") {
                let name = entry.expect("an entry").file_name();
                names.push(name.to_string_lossy().into_owned());
            }
        }
        names.sort();
        names
    }

    fn path(&self, name: &str) -> PathBuf {
        match name {
            "" => self.folder.clone(),
            name => self.folder.join(format!(".{name}")),
        }
    }
}

/// Makes an authority and a certificate of it for this machine.
pub(crate) fn certify(folder: &Path) {
    fs::write(
        folder.join("names"),
        "subjectAltName=DNS:localhost,IP:127.0.0.1",
    )
    .expect("the folder is ours");
    let openssl = |arguments: &str| {
        let made = Command::new("openssl")
            .args(arguments.split(' '))
            .current_dir(folder)
            .output()
            .expect("it is installed");
        let error = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "{arguments}: {error}");
    };
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    openssl(&format!(
        "req -x509 {key} -keyout ca.key -out ca.pem -days 2 -subj /CN=made-up"
    ));
    openssl(&format!(
        "req -new {key} -keyout key.pem -out request.pem -subj /CN=localhost"
    ));
    openssl(
        "x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
         -extfile names -out certificate.pem",
    );
}
