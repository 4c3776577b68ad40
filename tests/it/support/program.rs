//! The binary.

use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::{Duration, Instant},
};

use serde_json::Value;

/// How long the binary may take for anything, in a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often the memory of a running binary is looked at.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

/// The binary with arguments, away from what the environment says and with a folder of its own to
/// stand in.
pub(crate) fn zhengxin<S: AsRef<std::ffi::OsStr>>(
    arguments: impl IntoIterator<Item = S>,
) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhengxin"));
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("ZHENGXIN__")) {
        command.env_remove(name);
    }
    // Nothing may be left in the folder of the tests.
    command.current_dir(std::env::temp_dir());
    Program(command)
}

/// A call of the binary that is being put together.
pub(crate) struct Program(Command);

impl Program {
    pub(crate) fn env(mut self, name: &str, text: &str) -> Self {
        self.0.env(name, text);
        self
    }

    pub(crate) fn argument(mut self, text: &str) -> Self {
        self.0.arg(text);
        self
    }

    /// Runs it to its end.
    pub(crate) fn run(mut self) -> Ran {
        let output = self.0.output().expect("the binary starts");
        Ran {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("it writes UTF-8"),
            err: String::from_utf8(output.stderr).expect("it writes UTF-8"),
        }
    }

    /// Runs it to its end, with nobody who reads what it writes on standard output.
    pub(crate) fn run_unheard(mut self) -> Ran {
        let mut child = self.0.spawn().expect("the binary starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it is our child");
        Ran {
            code: output.status.code(),
            out: String::new(),
            err: String::from_utf8(output.stderr).expect("it writes UTF-8"),
        }
    }

    /// Runs it to its end and tells the most memory that it had, in KiB.
    pub(crate) fn run_measured(mut self) -> (Ran, u64) {
        let child = self.0.spawn().expect("the binary starts");
        let status = format!("/proc/{}/status", child.id());
        let (sender, ended) = channel();
        std::thread::spawn(move || sender.send(child.wait_with_output()));
        let mut most = 0;
        let output = loop {
            let told = std::fs::read_to_string(&status).unwrap_or_default();
            let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok());
            most = most.max(kib.unwrap_or(0));
            match ended.recv_timeout(BETWEEN_LOOKS) {
                Ok(output) => break output.expect("it is our child"),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => panic!("nobody waits for the binary"),
            }
        };
        let ran = Ran {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("it writes UTF-8"),
            err: String::from_utf8(output.stderr).expect("it writes UTF-8"),
        };
        (ran, most)
    }

    /// Starts it.
    pub(crate) fn start(self) -> Running {
        // What it tells on standard error is shown with the test that started it.
        self.start_telling(Stdio::inherit())
    }

    /// Starts it with a file for what it tells on standard error.
    pub(crate) fn start_logging_to(self, log: &std::path::Path) -> Running {
        let log = std::fs::File::create(log).expect("the folder is ours");
        self.start_telling(log.into())
    }

    fn start_telling(mut self, to: Stdio) -> Running {
        self.0.stderr(to);
        let mut child = self.0.spawn().expect("the binary starts");
        let lines = lines_of(child.stdout.take().expect("its output is a pipe"));
        Running { child, lines }
    }
}

fn lines_of(out: ChildStdout) -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

/// How it ended and what it wrote.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Standard output as one JSON value.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {self:#?}"))
    }

    /// It ended with this code.
    #[track_caller]
    pub(crate) fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// It failed with this code and said so in one sentence, which it gives back.
    #[track_caller]
    pub(crate) fn refused(self, code: i32) -> String {
        let ran = self.ended(code);
        assert_eq!(
            ran.out, "",
            "data on standard output, errors elsewhere: {ran:#?}"
        );
        let said = ran.err.trim_end();
        assert_eq!(said.lines().count(), 1, "one sentence: {ran:#?}");
        assert!(said.starts_with("zhengxin: "), "{ran:#?}");
        assert!(!said.contains("panicked"), "{ran:#?}");
        said.to_owned()
    }
}

/// A process that runs; it is killed with this.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    /// The lines of its output up to the first that begins so.
    pub(crate) fn lines_until(&mut self, start: &str) -> Vec<String> {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = Vec::new();
        loop {
            match self
                .lines
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            {
                Ok(line) => {
                    let is_last = line.starts_with(start);
                    seen.push(line);
                    if is_last {
                        return seen;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    panic!("no {start:?} within {PATIENCE:?}: {seen:#?}")
                }
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("it ended without {start:?}: {seen:#?}")
                }
            }
        }
    }

    /// Whether it ends by itself within this time.
    pub(crate) fn ends_within(&mut self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => return false,
                Err(RecvTimeoutError::Disconnected) => return true,
            }
        }
    }

    /// Whether it still runs.
    pub(crate) fn is_alive(&mut self) -> bool {
        self.child.try_wait().expect("it is our child").is_none()
    }

    /// Asks it to end, as whoever runs services does.
    pub(crate) fn terminate(&self) {
        let pid = i32::try_from(self.child.id()).ok();
        let pid = pid.and_then(rustix::process::Pid::from_raw);
        let pid = pid.expect("a process has a number");
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("it is our child");
    }

    /// How it ended by itself.
    pub(crate) fn code(&mut self) -> Option<i32> {
        self.child.wait().expect("it is our child").code()
    }

    /// Ends it as a loss of power would; false where it had ended by itself.
    pub(crate) fn kill(mut self) -> bool {
        self.child.kill().expect("it is our child");
        let status = self.child.wait().expect("it is our child");
        status.code().is_none()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
