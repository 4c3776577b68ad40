//! Bytes that stop growing: what is too long is not written out first and refused afterwards.

use std::io::{Error, ErrorKind, Write};

/// Bytes up to a bound.
pub(super) struct Bounded {
    pub(super) bytes: Vec<u8>,
    most: usize,
}

impl Bounded {
    pub(super) fn new(most: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(most.min(1_024)),
            most,
        }
    }
}

impl Write for Bounded {
    fn write(&mut self, more: &[u8]) -> std::io::Result<usize> {
        if more.len() > self.most.saturating_sub(self.bytes.len()) {
            return Err(Error::from(ErrorKind::StorageFull));
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_not_kept_and_what_is_just_so_long_is() {
        let mut bounded = Bounded::new(10);
        assert!(serde_json::to_writer(&mut bounded, "12345678").is_ok());
        assert!(bounded.write(b"x").is_err());
        assert_eq!(bounded.bytes, b"\"12345678\"");
        let mut bounded = Bounded::new(1_000);
        let long = vec!["0123456789"; 10_000];
        assert!(serde_json::to_writer(&mut bounded, &long).is_err());
        assert!(bounded.bytes.len() <= 1_000 && bounded.bytes.capacity() < 4_096);
    }
}
