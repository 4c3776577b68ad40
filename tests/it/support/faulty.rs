//! A raw store that fails when a test wants it to.

use std::{
    fmt,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

use futures_util::{StreamExt, stream, stream::BoxStream};
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload,
    ObjectMeta, ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
    memory::InMemory, path::Path,
};

/// What fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fails {
    Nothing,
    /// Nothing is kept any more.
    Keeping,
    /// Nothing can be opened.
    Opening,
    /// Reading ends behind the first bytes.
    Reading,
    /// Nothing can be deleted.
    Deleting,
}

/// A store in memory; its clones are the same one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faulty {
    inner: Arc<InMemory>,
    fails: Arc<AtomicU8>,
}

impl Faulty {
    pub(crate) fn set(&self, fails: Fails) {
        self.fails.store(fails as u8, Ordering::SeqCst);
    }

    fn does(&self, fails: Fails) -> bool {
        self.fails.load(Ordering::SeqCst) == fails as u8
    }
}

impl fmt::Display for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("faulty")
    }
}

fn broken() -> Error {
    Error::Generic {
        store: "faulty",
        source: "no space left on device".into(),
    }
}

type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

impl ObjectStore for Faulty {
    fn put_opts<'a, 'b, 'f>(
        &'a self,
        location: &'b Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Later<'f, PutResult>
    where
        'a: 'f,
        'b: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            match self.does(Fails::Keeping) {
                true => Err(broken()),
                false => self.inner.put_opts(location, payload, options).await,
            }
        })
    }

    fn put_multipart_opts<'a, 'b, 'f>(
        &'a self,
        location: &'b Path,
        options: PutMultipartOptions,
    ) -> Later<'f, Box<dyn MultipartUpload>>
    where
        'a: 'f,
        'b: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            match self.does(Fails::Keeping) {
                true => Err(broken()),
                false => self.inner.put_multipart_opts(location, options).await,
            }
        })
    }

    fn get_opts<'a, 'b, 'f>(
        &'a self,
        location: &'b Path,
        options: GetOptions,
    ) -> Later<'f, GetResult>
    where
        'a: 'f,
        'b: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let is_asked = options.head;
            let got = self.inner.get_opts(location, options).await?;
            if is_asked {
                return Ok(got);
            }
            if self.does(Fails::Opening) {
                return Err(broken());
            }
            if !self.does(Fails::Reading) {
                return Ok(got);
            }
            let (meta, range, attributes) =
                (got.meta.clone(), got.range.clone(), got.attributes.clone());
            let bytes = got.bytes().await?;
            let start = bytes.slice(..bytes.len() / 2);
            let payload = stream::iter([Ok(start), Err(broken())]).boxed();
            Ok(GetResult {
                payload: GetResultPayload::Stream(payload),
                meta,
                range,
                attributes,
                extensions: Default::default(),
            })
        })
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        match self.does(Fails::Deleting) {
            true => locations.map(|_| Err(broken())).boxed(),
            false => self.inner.delete_stream(locations),
        }
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    fn list_with_delimiter<'a, 'b, 'f>(&'a self, prefix: Option<&'b Path>) -> Later<'f, ListResult>
    where
        'a: 'f,
        'b: 'f,
        Self: 'f,
    {
        self.inner.list_with_delimiter(prefix)
    }

    fn copy_opts<'a, 'b, 'c, 'f>(
        &'a self,
        from: &'b Path,
        to: &'c Path,
        options: CopyOptions,
    ) -> Later<'f, ()>
    where
        'a: 'f,
        'b: 'f,
        'c: 'f,
        Self: 'f,
    {
        self.inner.copy_opts(from, to, options)
    }
}
