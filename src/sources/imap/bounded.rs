//! Bytes from a server, within bounds: no more of them than were asked for, which the library would
//! keep in memory, and none that is waited for too long.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

/// How many more bytes a server may send; more than it was asked for is no answer.
#[derive(Debug, Clone)]
pub(super) struct Allowance(Arc<AtomicU64>);

impl Allowance {
    pub(super) fn of(bytes: u64) -> Self {
        Self(Arc::new(AtomicU64::new(bytes)))
    }

    pub(super) fn set(&self, bytes: u64) {
        self.0.store(bytes, Ordering::Relaxed);
    }
}

/// A stream that ends by an error where it brings too much, or nothing for too long.
#[derive(Debug)]
pub(super) struct Bounded<S> {
    inner: S,
    allowance: Allowance,
    idle: Duration,
    /// When a wait that has begun is too long.
    silence: Pin<Box<Sleep>>,
    is_waiting: bool,
}

impl<S> Bounded<S> {
    pub(super) fn new(inner: S, allowance: Allowance, idle: Duration) -> Self {
        Self {
            inner,
            allowance,
            idle,
            silence: Box::pin(sleep(idle)),
            is_waiting: false,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let Poll::Ready(read) = Pin::new(&mut self.inner).poll_read(context, into) else {
            if !self.is_waiting {
                let until = Instant::now() + self.idle;
                self.silence.as_mut().reset(until);
                self.is_waiting = true;
            }
            ready!(self.silence.as_mut().poll(context));
            let reason = format!("it sent nothing for {} s", self.idle.as_secs());
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, reason)));
        };
        self.is_waiting = false;
        let bytes = (into.filled().len() - before) as u64;
        let left = self.allowance.0.load(Ordering::Relaxed);
        if bytes > left {
            into.set_filled(before);
            return Poll::Ready(Err(io::Error::other("it sent more than it was asked for")));
        }
        self.allowance.set(left - bytes);
        Poll::Ready(read)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        // What was not said before a command was not waited for.
        self.is_waiting = false;
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test]
    async fn a_server_that_falls_silent_is_not_waited_for() {
        let (mut server, ours) = duplex(64);
        let mut ours = Bounded::new(ours, Allowance::of(1_000), Duration::from_millis(20));
        server.write_u8(7).await.expect("there is room");
        assert_eq!(ours.read_u8().await.expect("it came"), 7);
        let silent = ours.read_u8().await.expect_err("nothing comes");
        assert_eq!(silent.kind(), io::ErrorKind::TimedOut);
        // Whoever says something waits anew.
        ours.write_u8(1).await.expect("there is room");
        server.write_u8(8).await.expect("there is room");
        assert_eq!(ours.read_u8().await.expect("it came"), 8);
    }

    #[tokio::test]
    async fn more_than_was_asked_for_is_no_answer() {
        let (mut server, ours) = duplex(64);
        let mut ours = Bounded::new(ours, Allowance::of(2), Duration::from_secs(60));
        server.write_all(b"abc").await.expect("there is room");
        assert!(ours.read_to_end(&mut Vec::new()).await.is_err());
    }
}
