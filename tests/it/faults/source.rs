//! A source that means ill: HTTP/1.1 by hand, so that an answer can be cut at any byte, drip, lie
//! about its length or never come. What it answers is written down beforehand, page by page.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
};

/// Bytes of a request's head; the hub's are far shorter.
const HEAD_BYTES_MAX: usize = 16 * 1_024;

/// What follows the last byte of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Close,
    /// Nothing: the connection stays open.
    Hang,
}

/// One answer, byte by byte as it goes out.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) bytes: Vec<u8>,
    /// In how many pieces it is sent.
    pub(crate) pieces: usize,
    pub(crate) end: End,
}

impl Answer {
    /// A body with these lines of the head beside its length.
    pub(crate) fn of(status: &str, head: &str, body: &[u8]) -> Self {
        let length = format!("Content-Length: {}\r\n", body.len());
        Self::raw(status, &[head, &length].concat(), body)
    }

    /// A body with exactly these lines of the head.
    pub(crate) fn raw(status: &str, head: &str, body: &[u8]) -> Self {
        let head = format!("HTTP/1.1 {status}\r\n{head}Connection: close\r\n\r\n");
        Self {
            bytes: [head.as_bytes(), body].concat(),
            pieces: 1,
            end: End::Close,
        }
    }

    /// A page as it should be.
    pub(crate) fn page(body: &[u8]) -> Self {
        Self::of("200 OK", "Content-Type: application/json\r\n", body)
    }
}

/// Answers by page; each request for a page gets the next one, and behind the last one the last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    pub(crate) pages: Vec<Vec<Answer>>,
    /// Behind the last page.
    pub(crate) beyond: Option<Answer>,
    /// Nobody listens.
    pub(crate) is_down: bool,
}

type OnAsked = Box<dyn Fn(u64) + Send + Sync>;

#[derive(Default)]
struct State {
    script: Mutex<Script>,
    asked: Mutex<BTreeMap<u64, usize>>,
    /// Told of each request: how many there were.
    on_asked: Mutex<Option<OnAsked>>,
    hanging: Notify,
}

/// The running source; it goes with this.
pub(crate) struct Source {
    address: SocketAddr,
    state: Arc<State>,
    task: JoinHandle<()>,
}

impl Source {
    /// One on an address of this machine that depends on the seed, so that what a client keeps by
    /// host is no other scenario's.
    pub(crate) async fn start(seed: u64) -> Self {
        let [.., a, b, c] = seed.to_be_bytes();
        let host = Ipv4Addr::new(127, a, b, c.max(1));
        let listener = match TcpListener::bind((host, 0)).await {
            Ok(listener) => listener,
            // Some systems have but the one address.
            Err(_) => TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
                .await
                .expect("a free port"),
        };
        let address = listener.local_addr().expect("it is bound");
        let state = Arc::new(State::default());
        let of_task = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&of_task);
                tokio::spawn(async move { serve(stream, &state).await });
            }
        });
        Self {
            address,
            state,
            task,
        }
    }

    /// Where it is reached; where it is down, at a port that nobody has.
    pub(crate) fn url(&self) -> String {
        match lock(&self.state.script).is_down {
            true => format!("http://{}:1", self.address.ip()),
            false => format!("http://{}", self.address),
        }
    }

    /// From here on it answers so.
    pub(crate) fn plays(&self, script: Script) {
        *lock(&self.state.script) = script;
        lock(&self.state.asked).clear();
    }

    /// Calls this at each request, with how many there were since the script began.
    pub(crate) fn on_asked(&self, told: impl Fn(u64) + Send + Sync + 'static) {
        *lock(&self.state.on_asked) = Some(Box::new(told));
    }

    /// Until an answer hangs.
    pub(crate) async fn hangs(&self) {
        self.state.hanging.notified().await;
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(mut stream: TcpStream, state: &State) {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut piece = [0; 2_048];
        match stream.read(&mut piece).await {
            Ok(read) if read > 0 && head.len() < HEAD_BYTES_MAX => {
                head.extend_from_slice(&piece[..read])
            }
            _ => return,
        }
    }
    let page = page_asked(&String::from_utf8_lossy(&head));
    let (nth, all) = {
        let mut asked = lock(&state.asked);
        let of_page = asked.entry(page).or_default();
        *of_page += 1;
        (*of_page - 1, asked.values().sum::<usize>())
    };
    if let Some(told) = &*lock(&state.on_asked) {
        told(all as u64);
    }
    let answer = {
        let script = lock(&state.script);
        let of_page = script.pages.get(page as usize - 1);
        match of_page.and_then(|answers| answers.get(nth).or(answers.last())) {
            Some(answer) => Some(answer.clone()),
            None => script.beyond.clone(),
        }
    };
    // Without an answer the connection just ends.
    let Some(answer) = answer else { return };
    let piece = answer.bytes.len().div_ceil(answer.pieces.max(1)).max(1);
    for part in answer.bytes.chunks(piece) {
        if stream.write_all(part).await.is_err() || stream.flush().await.is_err() {
            return;
        }
        tokio::task::yield_now().await;
    }
    if answer.end == End::Hang {
        state.hanging.notify_one();
        // Until whoever asked goes away.
        let _ = stream.read(&mut [0; 16]).await;
    }
    let _ = stream.shutdown().await;
}

/// Which page a request is for, from 1.
fn page_asked(head: &str) -> u64 {
    let number = |rest: &str| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    };
    let asked = head
        .split_once("currentPage=")
        .and_then(|(_, rest)| number(rest));
    asked.unwrap_or(1).max(1)
}
