//! Servers outside the hub that answer as a test wants.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
    http::request::Parts,
    response::Response,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A server, and how often it was asked.
#[derive(Clone)]
pub(crate) struct Outside {
    pub(crate) url: String,
    asked: Arc<AtomicUsize>,
}

/// What was asked, how many questions came before, and the body.
pub(crate) struct Asked {
    pub(crate) head: Parts,
    pub(crate) before: usize,
    pub(crate) body: Bytes,
}

impl Asked {
    /// A parameter of the query.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let url = format!("http://outside{}", self.head.uri);
        let url = reqwest::Url::parse(&url).expect("it came as an address");
        let mut pairs = url.query_pairs();
        pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
    }

    /// A header's text.
    pub(crate) fn header(&self, name: &str) -> String {
        let value = self.head.headers.get(name);
        value.map_or_else(String::new, |value| {
            value.to_str().expect("a header of letters").to_owned()
        })
    }
}

impl Outside {
    /// A server that answers so.
    pub(crate) async fn answering<F>(answer: F) -> Self
    where
        F: Fn(Asked) -> Response<Body> + Clone + Send + Sync + 'static,
    {
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&asked);
        let handler = move |request: Request| async move {
            let before = counter.fetch_add(1, Ordering::SeqCst);
            let (head, body) = request.into_parts();
            let body = axum::body::to_bytes(body, usize::MAX);
            let body = body.await.expect("a whole body");
            answer(Asked { head, before, body })
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = url_of(&listener);
        let router = Router::new().fallback(handler);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, asked }
    }

    /// A server that sends these bytes to whoever asks, and then hangs up or waits for ever.
    pub(crate) async fn sending(bytes: &[u8], hangs_up: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let (url, asked) = (url_of(&listener), Arc::new(AtomicUsize::new(0)));
        let (counter, bytes) = (Arc::clone(&asked), bytes.to_vec());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (counter, bytes) = (Arc::clone(&counter), bytes.clone());
                tokio::spawn(async move {
                    read_head(&mut stream).await;
                    counter.fetch_add(1, Ordering::SeqCst);
                    // Whoever asked may have hung up by now.
                    let _ = stream.write_all(&bytes).await;
                    if !hangs_up {
                        std::future::pending::<()>().await;
                    }
                });
            }
        });
        Self { url, asked }
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// Reads the head of a request.
pub(crate) async fn read_head(stream: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
}

fn url_of(listener: &TcpListener) -> String {
    let address = listener.local_addr().expect("it is bound");
    format!("http://{address}")
}
