//! Raw deliveries: bytes are kept by digest, compressed and sealed, before anything reads them.

use std::{
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use futures_util::TryStreamExt;
use object_store::{
    ObjectStore, ObjectStoreExt, PutPayload, buffered::BufWriter, local::LocalFileSystem,
    memory::InMemory, path::Path as Key,
};
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;
use tokio_util::io::{StreamReader, SyncIoBridge};

use crate::failpoint;

use super::{
    LandError, RawWatch,
    land_error::read_error,
    raw_files::{SkipStart, Unpacked, ZSTD_LEVEL, inspect, pack},
    raw_keys::{KeysInMemory, NoKey, RawKeys, RawObject},
    raw_standing::key_of,
    seal::{DataKey, MAGIC, Opener, Sealer},
    text::{Charset, CharsetWatch, DecodedReader},
};

/// Bytes in one part of an upload; S3 asks for at least 5 MiB.
const PART_BYTES: usize = 8 * 1_024 * 1_024;

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

/// Keeps raw deliveries, in a folder or in an S3-compatible store.
#[derive(Clone)]
pub struct RawStore {
    pub(super) store: Arc<dyn ObjectStore>,
    pub(super) keys: Arc<dyn RawKeys>,
    /// Whose deliveries are kept.
    source: Arc<str>,
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

    /// A store of any other kind. Its keys are gone with the process, unless [`Self::with_keys`] says
    /// where they are.
    pub fn over(store: Arc<dyn ObjectStore>) -> Self {
        Self {
            store,
            keys: Arc::new(KeysInMemory::default()),
            source: "".into(),
            watch: RawWatch::default(),
        }
    }

    /// The same store with these keys.
    pub fn with_keys(self, keys: Arc<dyn RawKeys>) -> Self {
        Self { keys, ..self }
    }

    /// The same store for the deliveries of a source.
    pub fn of(&self, source: &str) -> Self {
        Self {
            source: source.into(),
            ..self.clone()
        }
    }

    /// The same store under somebody's watch.
    pub fn watched(&self, watch: &RawWatch) -> Self {
        Self {
            watch: watch.clone(),
            ..self.clone()
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
        if let Some((key, place)) = self.to_keep(&landed).await? {
            self.upload(path.to_owned(), &landed, key, place).await?;
        }
        passed(&name).await?;
        Ok(landed)
    }

    /// The key and the place to keep a file's bytes under; none where they are kept already.
    async fn to_keep(&self, landed: &Landed) -> Result<Option<(DataKey, Key)>, LandError> {
        let digest = &landed.digest;
        let first = key_of(digest, 0);
        let is_held = self.is_there(&first).await?;
        let object = self.key_for(landed, is_held).await?;
        let place = key_of(digest, object.generation);
        let Some(key) = object.key else {
            // What is there without a key was kept before objects were sealed, or its key was lost.
            if !self.is_sealed(&first).await? {
                return Ok(None);
            }
            let object = self.key_for(landed, false).await?;
            return Ok(object.key.zip(Some(key_of(digest, object.generation))));
        };
        let is_there = match object.generation {
            0 => is_held,
            _ => self.is_there(&place).await?,
        };
        Ok((!is_there).then_some((key, place)))
    }

    async fn key_for(&self, landed: &Landed, is_held: bool) -> Result<RawObject, LandError> {
        let keeping = self.keys.to_keep(&landed.digest, &self.source, is_held);
        let (name, digest) = (landed.name.clone(), landed.digest.clone());
        keeping.await.map_err(|reason| match reason {
            NoKey::Unavailable(reason) => LandError::Key { name, reason },
            reason @ NoKey::Erased { .. } => LandError::Barred {
                name,
                digest,
                reason,
            },
        })
    }

    pub(super) async fn is_there(&self, place: &Key) -> Result<bool, LandError> {
        match self.store.head(place).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(source) => Err(self.failed(place, source)),
        }
    }

    /// Whether what stands there begins as a sealed object does.
    pub(super) async fn is_sealed(&self, place: &Key) -> Result<bool, LandError> {
        let start = self.store.get_range(place, 0..MAGIC.len() as u64);
        match start.await {
            Ok(start) => Ok(*start == MAGIC),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(source) => Err(self.failed(place, source)),
        }
    }

    async fn upload(
        &self,
        path: PathBuf,
        landed: &Landed,
        under: DataKey,
        key: Key,
    ) -> Result<(), LandError> {
        let name = landed.name.clone();
        let writer = BufWriter::with_capacity(Arc::clone(&self.store), key.clone(), PART_BYTES);
        let (digest, runtime) = (landed.digest.clone(), Handle::current());
        let packed =
            tokio::task::spawn_blocking(move || pack(&path, (&under, &digest), writer, &runtime))
                .await;
        match packed.unwrap_or_else(|error| Err(Unpacked::Unkept(io::Error::other(error)))) {
            Ok(true) => Ok(()),
            Ok(false) => Err(LandError::Changed { name }),
            Err(Unpacked::Unread(error)) => Err(read_error(&name, error)),
            Err(Unpacked::Unkept(error)) => Err(self.broken(&key, error)),
        }
    }

    pub(super) fn failed(&self, key: &Key, source: object_store::Error) -> LandError {
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
        if let Some((key, place)) = self.to_keep(&landed).await? {
            let packed = zstd::bulk::compress(bytes, ZSTD_LEVEL);
            let sealed = packed.and_then(|packed| {
                let mut sealer = Sealer::new(Vec::new(), &key, &landed.digest)?;
                sealer.write_all(&packed)?;
                sealer.finish()
            });
            let sealed = sealed.map_err(|source| read_error(name, source))?;
            let put = self.store.put(&place, PutPayload::from(sealed)).await;
            put.map_err(|source| self.failed(&place, source))?;
        }
        passed(name).await?;
        Ok(landed)
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
        read.map_err(|error| self.broken(&key_of(&landed.digest, 0), error))
    }

    /// Opens a kept file as it came, for what tells its charsets itself, such as mail.
    pub async fn open_bytes(&self, landed: &Landed) -> Result<Box<dyn Read + Send>, LandError> {
        let (name, digest) = (landed.name.clone(), landed.digest.clone());
        let object = self.keys.to_read(&landed.digest).await;
        let object = object.map_err(|reason| match reason {
            NoKey::Unavailable(reason) => LandError::Key { name, reason },
            reason @ NoKey::Erased { .. } => LandError::Erased {
                name,
                digest,
                reason,
            },
        })?;
        let key = key_of(&landed.digest, object.generation);
        let got = self.store.get(&key).await;
        let stream = got.map_err(|source| self.failed(&key, source))?;
        let bytes = SyncIoBridge::new(StreamReader::new(
            stream.into_stream().map_err(io::Error::other),
        ));
        let opened = Opener::new(bytes, object.key, &landed.digest);
        let unpacked = zstd::Decoder::new(opened).map_err(|error| self.broken(&key, error))?;
        Ok(Box::new(self.watch.over(key.as_ref(), unpacked)))
    }
}

async fn passed(name: &str) -> Result<(), LandError> {
    let passed = failpoint::hit("raw.landed").await;
    passed.map_err(|failed| read_error(name, io::Error::other(failed)))
}
