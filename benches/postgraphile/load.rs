//! Clients that keep their connections and ask the next as soon as they have an answer. Each is a
//! thread over a plain socket: the load must cost little beside what it measures.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use super::servers::Running;

/// What the clients found.
pub struct Found {
    /// In rising order.
    pub latencies: Vec<Duration>,
    pub seconds: f64,
    /// Of the last answer's body.
    pub bytes: usize,
}

pub fn run(
    server: &Running,
    bodies: &[String],
    connections: usize,
    time: Duration,
) -> anyhow::Result<Found> {
    let requests: Vec<Vec<u8>> = bodies.iter().map(|body| request(server, body)).collect();
    let started = Instant::now();
    let found = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..connections)
            .map(|client| {
                let requests = &requests;
                scope.spawn(move || -> anyhow::Result<(Vec<Duration>, usize)> {
                    let mut connection = Connection::to(server)?;
                    let (mut latencies, mut bytes) = (Vec::new(), 0);
                    // Each begins elsewhere in the list.
                    let skip = client * requests.len() / connections;
                    for request in requests.iter().cycle().skip(skip) {
                        let asked = Instant::now();
                        if asked - started >= time {
                            break;
                        }
                        bytes = connection.ask(request)?.len();
                        latencies.push(asked.elapsed());
                    }
                    Ok((latencies, bytes))
                })
            })
            .collect();
        let ended = clients.into_iter().map(|client| {
            let ended = client.join();
            ended.unwrap_or_else(|_| Err(anyhow::anyhow!("a client panicked")))
        });
        ended.collect::<anyhow::Result<Vec<_>>>()
    })?;
    let seconds = started.elapsed().as_secs_f64();
    let bytes = found.first().map_or(0, |(_, bytes)| *bytes);
    let mut latencies: Vec<Duration> = found.into_iter().flat_map(|(all, _)| all).collect();
    anyhow::ensure!(!latencies.is_empty(), "{} answered nothing", server.name);
    latencies.sort_unstable();
    Ok(Found {
        latencies,
        seconds,
        bytes,
    })
}

/// One answer's body.
pub fn ask(server: &Running, body: &str) -> anyhow::Result<Vec<u8>> {
    let mut connection = Connection::to(server)?;
    Ok(connection.ask(&request(server, body))?.to_vec())
}

fn request(server: &Running, body: &str) -> Vec<u8> {
    let authorization = server.token.as_ref().map_or_else(String::new, |token| {
        format!("Authorization: Bearer {token}\r\n")
    });
    let length = body.len();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
         Accept: application/json\r\n{authorization}Content-Length: {length}\r\n\r\n",
        server.address
    );
    [head.as_bytes(), body.as_bytes()].concat()
}

struct Connection {
    stream: BufReader<TcpStream>,
    body: Vec<u8>,
}

impl Connection {
    fn to(server: &Running) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(server.address)?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream: BufReader::with_capacity(64 * 1_024, stream),
            body: Vec::new(),
        })
    }

    fn ask(&mut self, request: &[u8]) -> anyhow::Result<&[u8]> {
        self.stream.get_mut().write_all(request)?;
        let (mut line, mut length, mut is_good) = (String::new(), None, false);
        loop {
            line.clear();
            anyhow::ensure!(self.stream.read_line(&mut line)? > 0, "the server hung up");
            let head = line.trim_end().to_ascii_lowercase();
            if head.starts_with("http/1.1") {
                is_good = head.contains(" 200");
            }
            if let Some(value) = head.strip_prefix("content-length:") {
                length = Some(value.trim().parse::<usize>()?);
            }
            if head.is_empty() {
                break;
            }
        }
        let length = length.ok_or_else(|| anyhow::anyhow!("an answer without its length"))?;
        self.body.resize(length, 0);
        self.stream.read_exact(&mut self.body)?;
        anyhow::ensure!(is_good, "{}", String::from_utf8_lossy(&self.body));
        Ok(&self.body)
    }
}
