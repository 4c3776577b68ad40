//! Raw deliveries: bytes are kept by digest, compressed, before anything reads them.

use std::{
    fs::File,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use object_store::{
    ObjectStore, ObjectStoreExt, PutPayload, buffered::BufWriter, local::LocalFileSystem,
    memory::InMemory, path::Path as Key,
};
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;
use tokio_util::io::{StreamReader, SyncIoBridge};

use crate::failpoint;

use super::{
    RawWatch,
    text::{Charset, CharsetWatch, DecodedReader},
};

/// Bytes in one part of an upload; S3 asks for at least 5 MiB.
const PART_BYTES: usize = 8 * 1_024 * 1_024;
/// Quick, and a delivery of text still shrinks to a tenth.
const ZSTD_LEVEL: i32 = 3;

/// A file that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Landed {
    /// What it is called in reports.
    pub name: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub digest: String,
    pub bytes: u64,
    /// Its charset, or why it has none that can be read: it is kept all the same.
    pub charset: Result<Charset, String>,
}

/// Why a file could not be kept, or can't be read.
#[derive(Debug, thiserror::Error)]
pub enum LandError {
    #[error("{name} can't be read: {source}")]
    Read { name: String, source: io::Error },
    #[error("{name} has more than {bytes_max} bytes")]
    TooLong { name: String, bytes_max: u64 },
    #[error("{name} {reason}")]
    Charset { name: String, reason: String },
    #[error("{name} changed while it was read")]
    Changed { name: String },
    #[error("{name} could not be noted: {reason}")]
    Unnoted { name: String, reason: String },
    #[error("the raw store failed at {key}: {source}")]
    Store {
        key: String,
        source: object_store::Error,
    },
}

impl LandError {
    /// Whether the delivery is as good as before: the store failed, or the machine did.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Read { source, .. } => source.kind() != io::ErrorKind::NotFound,
            // What is gone does not come back.
            Self::Store {
                source: object_store::Error::NotFound { .. },
                ..
            } => false,
            Self::Unnoted { .. } | Self::Store { .. } => true,
            Self::TooLong { .. } | Self::Charset { .. } | Self::Changed { .. } => false,
        }
    }
}

/// Keeps raw deliveries, in a folder or in an S3-compatible store.
#[derive(Clone)]
pub struct RawStore {
    store: Arc<dyn ObjectStore>,
    watch: RawWatch,
}

impl RawStore {
    /// A store in a folder, which is made if absent.
    pub fn in_folder(folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let store = LocalFileSystem::new_with_prefix(folder)
            .map_err(io::Error::other)?
            .with_fsync(true);
        Ok(Self::over(Arc::new(store)))
    }

    /// A store that is gone with the process: for trying descriptions.
    pub fn in_memory() -> Self {
        Self::over(Arc::new(InMemory::new()))
    }

    /// A store of any other kind.
    pub fn over(store: Arc<dyn ObjectStore>) -> Self {
        Self {
            store,
            watch: RawWatch::default(),
        }
    }

    /// The same store under somebody's watch.
    pub fn watched(&self, watch: &RawWatch) -> Self {
        Self {
            store: Arc::clone(&self.store),
            watch: watch.clone(),
        }
    }

    /// A store at an address such as `s3://bucket/prefix`; what else it needs stands in the
    /// environment variables `AWS_…`.
    #[cfg(feature = "s3")]
    pub fn at_s3(address: &str) -> Result<Self, object_store::Error> {
        let store = object_store::aws::AmazonS3Builder::from_env()
            .with_url(address)
            .build()?;
        let prefix = address
            .trim_start_matches("s3://")
            .split_once('/')
            .map_or("", |(_, prefix)| prefix);
        let store = object_store::prefix::PrefixStore::new(store, prefix);
        Ok(Self::over(Arc::new(store)))
    }

    /// Keeps a file's bytes under their digest. It is read twice, first to know the digest, so that
    /// nothing but whole files ever stands in the store.
    pub async fn land_file(&self, path: &Path, bytes_max: u64) -> Result<Landed, LandError> {
        let file_name = path.file_name().unwrap_or(path.as_os_str());
        let name = file_name.to_string_lossy().into_owned();
        let inspected = {
            let (path, name) = (path.to_owned(), name.clone());
            tokio::task::spawn_blocking(move || inspect(&path, name, bytes_max)).await
        };
        let landed = inspected.map_err(|error| read_error(&name, io::Error::other(error)))??;
        if !self.holds(&landed.digest).await? {
            self.upload(path.to_owned(), &landed).await?;
        }
        passed(&name).await?;
        Ok(landed)
    }

    async fn upload(&self, path: PathBuf, landed: &Landed) -> Result<(), LandError> {
        let (key, name) = (key_of(&landed.digest), landed.name.clone());
        let writer = BufWriter::with_capacity(Arc::clone(&self.store), key.clone(), PART_BYTES);
        let (digest, runtime) = (landed.digest.clone(), Handle::current());
        let packed =
            tokio::task::spawn_blocking(move || pack(&path, &digest, writer, &runtime)).await;
        match packed.unwrap_or_else(|error| Err(Unpacked::Unkept(io::Error::other(error)))) {
            Ok(true) => Ok(()),
            Ok(false) => Err(LandError::Changed { name }),
            Err(Unpacked::Unread(error)) => Err(read_error(&name, error)),
            Err(Unpacked::Unkept(error)) => Err(self.broken(&key, error)),
        }
    }

    fn failed(&self, key: &Key, source: object_store::Error) -> LandError {
        self.watch.failed(key.as_ref(), source)
    }

    fn broken(&self, key: &Key, error: io::Error) -> LandError {
        let source = object_store::Error::Generic {
            store: "raw",
            source: Box::new(error),
        };
        self.failed(key, source)
    }

    /// Keeps bytes that came over a wire.
    pub async fn land_bytes(&self, name: &str, bytes: &[u8]) -> Result<Landed, LandError> {
        self.land_bytes_declared(name, bytes, None).await
    }

    /// Keeps bytes whose transport declares a charset, which goes behind what they show themselves.
    pub async fn land_bytes_declared(
        &self,
        name: &str,
        bytes: &[u8],
        charset: Option<&str>,
    ) -> Result<Landed, LandError> {
        let mut watch = CharsetWatch::declaring(charset);
        watch.take(bytes);
        let charset = watch.finish();
        let digest = crate::hex(&Sha256::digest(bytes));
        let landed = Landed {
            name: name.to_owned(),
            digest,
            bytes: bytes.len() as u64,
            charset,
        };
        if !self.holds(&landed.digest).await? {
            let packed = zstd::bulk::compress(bytes, ZSTD_LEVEL)
                .map_err(|source| read_error(name, source))?;
            let key = key_of(&landed.digest);
            let put = self.store.put(&key, PutPayload::from(packed)).await;
            put.map_err(|source| self.failed(&key, source))?;
        }
        passed(name).await?;
        Ok(landed)
    }

    /// Whether a file with this digest is kept.
    pub async fn holds(&self, digest: &str) -> Result<bool, LandError> {
        let key = key_of(digest);
        match self.store.head(&key).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(source) => Err(self.failed(&key, source)),
        }
    }

    /// Opens a kept file for reading as UTF-8, on a thread that may block; a workbook as it is.
    pub async fn open(&self, landed: &Landed) -> Result<Box<dyn Read + Send>, LandError> {
        let charset = landed
            .charset
            .clone()
            .map_err(|reason| LandError::Charset {
                name: landed.name.clone(),
                reason,
            })?;
        let unpacked = self.open_bytes(landed).await?;
        Ok(match (charset, charset.encoding()) {
            (_, Some(encoding)) => Box::new(DecodedReader::new(unpacked, encoding)),
            (Charset::Utf8Bom, None) => Box::new(SkipStart {
                inner: unpacked,
                left: 3,
            }),
            (_, None) => unpacked,
        })
    }

    /// The bytes of a kept file that came over a wire.
    pub async fn read(&self, landed: &Landed) -> Result<Vec<u8>, LandError> {
        let mut opened = self.open_bytes(landed).await?;
        let read = tokio::task::spawn_blocking(move || {
            let mut bytes = Vec::new();
            opened.read_to_end(&mut bytes).map(|_| bytes)
        });
        let read = read.await.map_err(io::Error::other).and_then(|read| read);
        read.map_err(|error| self.broken(&key_of(&landed.digest), error))
    }

    /// Opens a kept file as it came, for what tells its charsets itself, such as mail.
    pub async fn open_bytes(&self, landed: &Landed) -> Result<Box<dyn Read + Send>, LandError> {
        let key = key_of(&landed.digest);
        let got = self.store.get(&key).await;
        let stream = got.map_err(|source| self.failed(&key, source))?;
        let stream = futures_util::TryStreamExt::map_err(stream.into_stream(), io::Error::other);
        let bytes = SyncIoBridge::new(StreamReader::new(stream));
        let unpacked = zstd::Decoder::new(bytes).map_err(|error| self.broken(&key, error))?;
        Ok(Box::new(self.watch.over(key.as_ref(), unpacked)))
    }
}

/// Leaves out a byte-order mark.
struct SkipStart<R> {
    inner: R,
    left: usize,
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

async fn passed(name: &str) -> Result<(), LandError> {
    let passed = failpoint::hit("raw.landed").await;
    passed.map_err(|failed| read_error(name, io::Error::other(failed)))
}

fn key_of(digest: &str) -> Key {
    Key::from(format!("{}/{digest}.zst", &digest[..2]))
}

fn read_error(name: &str, source: io::Error) -> LandError {
    LandError::Read {
        name: name.to_owned(),
        source,
    }
}

/// Bytes read at once.
const CHUNK: usize = 256 * 1_024;

/// Reads a file once for its digest, length and charset.
fn inspect(path: &Path, name: String, bytes_max: u64) -> Result<Landed, LandError> {
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
enum Unpacked {
    Unread(io::Error),
    Unkept(io::Error),
}

/// Compresses a file into the store; false, and nothing is kept, when its bytes are not those that
/// the digest was taken of.
fn pack(path: &Path, digest: &str, writer: BufWriter, runtime: &Handle) -> Result<bool, Unpacked> {
    let mut file = File::open(path).map_err(Unpacked::Unread)?;
    let mut hash = Sha256::new();
    let bridge = SyncIoBridge::new_with_handle(writer, runtime.clone());
    let mut packer = zstd::Encoder::new(bridge, ZSTD_LEVEL).map_err(Unpacked::Unkept)?;
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = file.read(&mut chunk).map_err(Unpacked::Unread)?;
        if read == 0 {
            break;
        }
        hash.update(&chunk[..read]);
        packer.write_all(&chunk[..read]).map_err(Unpacked::Unkept)?;
    }
    let mut bridge = packer.finish().map_err(Unpacked::Unkept)?;
    if crate::hex(&hash.finalize()) != digest {
        runtime
            .block_on(bridge.into_inner().abort())
            .map_err(|error| Unpacked::Unkept(io::Error::other(error)))?;
        return Ok(false);
    }
    bridge.shutdown().map_err(Unpacked::Unkept)?;
    Ok(true)
}
