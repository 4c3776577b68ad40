//! A real mail server: aiosmtpd, installed from PyPI into an environment of the tests' own.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

use tempfile::TempDir;

use super::{dovecot::certify, server};

const PACKAGE: &str = "aiosmtpd==1.4.6";
/// Who is let in where it asks.
pub(crate) const USER: &str = "hub";
pub(crate) const PASSWORD: &str = "a-made-up-password";

/// Takes what it gets unless a line of `replies` says what to answer instead, and ends with its input.
const PROGRAM: &str = r#"
import os, ssl, sys
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

folder, port, mode, user, password = sys.argv[1:]

class Handler:
    got = 0

    async def handle_DATA(self, server, session, envelope):
        replies = os.path.join(folder, "replies")
        if os.path.exists(replies):
            with open(replies) as file:
                lines = file.read().splitlines()
            if lines:
                with open(replies, "w") as file:
                    file.write("\n".join(lines[1:]))
                return lines[0]
        self.got += 1
        head = "X-Rcpt: %s\r\n" % " ".join(envelope.rcpt_tos)
        path = os.path.join(folder, "mail-%06d" % self.got)
        with open(path + ".tmp", "wb") as file:
            file.write(head.encode() + envelope.original_content)
        os.rename(path + ".tmp", path + ".eml")
        return "250 taken"

def authenticate(server, session, envelope, mechanism, login):
    good = (login.login.decode(), login.password.decode()) == (user, password)
    return AuthResult(success=good, handled=False)

options = {}
if mode != "open":
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(os.path.join(folder, "certificate.pem"), os.path.join(folder, "key.pem"))
    options = dict(auth_required=True, authenticator=authenticate)
    if mode == "starttls":
        options.update(tls_context=context, require_starttls=True)
    else:
        # It knows of no encryption but STARTTLS.
        options.update(ssl_context=context, auth_require_tls=False)
controller = Controller(Handler(), hostname="127.0.0.1", port=int(port), **options)
controller.start()
print("ready", flush=True)
sys.stdin.read()
controller.stop()
"#;

/// A running server with what it got.
pub(crate) struct MailServer {
    pub(crate) port: u16,
    folder: TempDir,
    process: Child,
}

impl MailServer {
    /// One that takes mail from everybody; none where it can't be installed.
    pub(crate) fn open() -> Option<Self> {
        Self::start("open")
    }

    /// One that wants encryption, `starttls` or `tls`, and a password.
    pub(crate) fn guarded(mode: &str) -> Option<Self> {
        if server::program("openssl").is_none() {
            server::skip("openssl");
            return None;
        }
        Self::start(mode)
    }

    fn start(mode: &str) -> Option<Self> {
        let python = python()?;
        let folder = tempfile::tempdir().expect("a folder");
        if mode != "open" {
            certify(folder.path());
        }
        let port = server::free_port();
        let place = folder.path().display().to_string();
        let mut process = Command::new(python)
            .args(["-c", PROGRAM, &place, &port.to_string(), mode])
            .args([USER, PASSWORD])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python starts");
        let mut said = String::new();
        let out = process.stdout.take().expect("its output is a pipe");
        BufReader::new(out)
            .read_line(&mut said)
            .expect("it says something");
        assert_eq!(said.trim(), "ready", "the mail server does not start");
        Some(Self {
            port,
            folder,
            process,
        })
    }

    /// The certificate that the server's is signed with.
    pub(crate) fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// What it answers to the next mails instead of taking them.
    pub(crate) fn replies(&self, replies: &[&str]) {
        let path = self.folder.path().join("replies");
        fs::write(path, replies.join("\n")).expect("the folder is ours");
    }

    /// The mails that it took, in their order.
    pub(crate) fn mails(&self) -> Vec<Vec<u8>> {
        let entries = fs::read_dir(self.folder.path()).expect("the folder is ours");
        let mut paths: Vec<PathBuf> = entries
            .map(|entry| entry.expect("an entry").path())
            .collect();
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "eml"));
        paths.sort();
        let read = |path: &PathBuf| fs::read(path).expect("it is there");
        paths.iter().map(read).collect()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The interpreter of the environment with aiosmtpd, made on first use and kept for later runs.
fn python() -> Option<&'static Path> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    let made = PYTHON.get_or_init(|| {
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(PACKAGE.replace("==", "-"));
        let python = place.join("bin/python");
        let succeeds = |program: &Path, arguments: &[&str]| {
            let ran = Command::new(program).args(arguments).output();
            ran.is_ok_and(|ran| ran.status.success())
        };
        let is_there = || succeeds(&python, &["-c", "import aiosmtpd"]);
        let venv = place.display().to_string();
        let make = || {
            let host = server::program("python3")?;
            let made = succeeds(&host, &["-m", "venv", "--clear", &venv])
                && succeeds(&python, &["-m", "pip", "install", "-q", PACKAGE]);
            made.then_some(())
        };
        if !is_there() && make().is_none() {
            server::skip("aiosmtpd");
            return None;
        }
        Some(python)
    });
    made.as_deref()
}
