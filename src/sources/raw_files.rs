//! Files on their way into the raw store: looked at once, compressed and sealed the second time.

use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
};

use object_store::buffered::BufWriter;
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;
use tokio_util::io::SyncIoBridge;

use super::{
    LandError, Landed,
    land_error::read_error,
    seal::{DataKey, Sealer},
    text::CharsetWatch,
};

/// Quick, and a delivery of text still shrinks to a tenth.
pub(super) const ZSTD_LEVEL: i32 = 3;
/// Bytes read at once.
const CHUNK: usize = 256 * 1_024;

/// Reads a file once for its digest, length and charset.
pub(super) fn inspect(path: &Path, name: String, bytes_max: u64) -> Result<Landed, LandError> {
    let mut file =
        File::open(path).map_err(|error| read_error(&path.display().to_string(), error))?;
    let (mut hash, mut watch, mut bytes) = (Sha256::new(), CharsetWatch::default(), 0_u64);
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = file
            .read(&mut chunk)
            .map_err(|error| read_error(&path.display().to_string(), error))?;
        if read == 0 {
            break;
        }
        bytes += read as u64;
        if bytes > bytes_max {
            return Err(LandError::TooLong { name, bytes_max });
        }
        hash.update(&chunk[..read]);
        watch.take(&chunk[..read]);
    }
    Ok(Landed {
        name,
        digest: crate::hex(&hash.finalize()),
        bytes,
        charset: watch.finish(),
    })
}

/// Why a file did not come into the store: by its own side, or by the store's.
pub(super) enum Unpacked {
    Unread(io::Error),
    Unkept(io::Error),
}

/// Compresses and seals a file into the store; false, and nothing is kept, when its bytes are not those that
/// the digest was taken of.
pub(super) fn pack(
    path: &Path,
    (key, digest): (&DataKey, &str),
    writer: BufWriter,
    runtime: &Handle,
) -> Result<bool, Unpacked> {
    let mut file = File::open(path).map_err(Unpacked::Unread)?;
    let mut hash = Sha256::new();
    let bridge = SyncIoBridge::new_with_handle(writer, runtime.clone());
    let sealer = Sealer::new(bridge, key, digest).map_err(Unpacked::Unkept)?;
    let mut packer = zstd::Encoder::new(sealer, ZSTD_LEVEL).map_err(Unpacked::Unkept)?;
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = file.read(&mut chunk).map_err(Unpacked::Unread)?;
        if read == 0 {
            break;
        }
        hash.update(&chunk[..read]);
        packer.write_all(&chunk[..read]).map_err(Unpacked::Unkept)?;
    }
    let sealer = packer.finish().map_err(Unpacked::Unkept)?;
    if crate::hex(&hash.finalize()) != digest {
        runtime
            .block_on(sealer.into_inner().into_inner().abort())
            .map_err(|error| Unpacked::Unkept(io::Error::other(error)))?;
        return Ok(false);
    }
    let mut bridge = sealer.finish().map_err(Unpacked::Unkept)?;
    bridge.shutdown().map_err(Unpacked::Unkept)?;
    Ok(true)
}

/// Leaves out a byte-order mark.
pub(super) struct SkipStart<R> {
    pub inner: R,
    pub left: usize,
}

impl<R: Read> Read for SkipStart<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.left > 0 {
            let mut skipped = [0; 3];
            match self.inner.read(&mut skipped[..self.left])? {
                0 => return Ok(0),
                read => self.left -= read,
            }
        }
        self.inner.read(into)
    }
}
