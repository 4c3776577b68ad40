//! The log's lines on their way out: a log that nobody reads must not stop the hub.

use std::{
    io::{self, Write},
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    thread,
    time::Duration,
};

use super::meters::METERS;

/// Lines that wait; more are counted and lost.
const LINES_MAX: usize = 8_192;
/// How long the last lines may take when the hub ends.
const LAST_MAX: Duration = Duration::from_secs(1);

/// Takes lines; its clones write to the same place.
#[derive(Debug, Clone)]
pub(super) struct Lines(SyncSender<Message>);

#[derive(Debug)]
enum Message {
    Line(Vec<u8>),
    /// Says when all before it are out.
    End(SyncSender<()>),
}

impl Lines {
    /// Lines to standard error, by a thread of their own.
    pub(super) fn start() -> io::Result<Self> {
        let (sender, lines) = sync_channel(LINES_MAX);
        thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || write_out(&lines, io::stderr()))?;
        Ok(Self(sender))
    }

    /// Waits a moment for what was written to be out.
    pub(super) fn end(&self) {
        let (done, is_done) = sync_channel(1);
        if self.0.try_send(Message::End(done)).is_ok() {
            let _ = is_done.recv_timeout(LAST_MAX);
        }
    }
}

fn write_out(lines: &Receiver<Message>, mut to: impl Write) {
    for message in lines {
        match message {
            // There is no place left to say that the log can't be written.
            Message::Line(line) => _ = to.write_all(&line),
            Message::End(done) => _ = done.try_send(()),
        }
    }
}

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if let Err(TrySendError::Full(_)) = self.0.try_send(Message::Line(line.to_vec())) {
            METERS.log_lines_lost.inc();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes nothing until it is told to.
    struct Stuck(Receiver<()>, SyncSender<Vec<u8>>);

    impl Write for Stuck {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            let _ = self.1.send(line.to_vec());
            Ok(line.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_place_that_takes_nothing_costs_lines_and_no_time() {
        let (sender, lines) = sync_channel(2);
        let ((free, is_free), (out, written)) = (sync_channel(8), sync_channel(8));
        let writer = thread::spawn(move || write_out(&lines, Stuck(is_free, out)));
        let mut log = Lines(sender);
        let before = METERS.log_lines_lost.get();
        for line in ["1", "2", "3", "4", "5", "6"] {
            log.write_all(line.as_bytes()).expect("it never fails");
        }
        let lost = METERS.log_lines_lost.get() - before;
        assert!(
            (3..=4).contains(&lost),
            "one is being written at most, two wait: {lost}"
        );
        for _ in lost..6 {
            free.send(()).expect("it is waited for");
        }
        log.end();
        drop(log);
        writer.join().expect("it ends with the log");
        assert_eq!(written.try_iter().count() as u64, 6 - lost);
    }
}
