//! A client that costs next to nothing: one connection, one request after another.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub(super) struct Client {
    stream: TcpStream,
    head: String,
    buffer: Vec<u8>,
}

impl Client {
    pub(super) async fn to(address: SocketAddr, token: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\naccept: application/json\r\ncontent-length: "
        );
        Ok(Self {
            stream,
            head,
            buffer: Vec::new(),
        })
    }

    /// The body of an answer that must have a length and the status 200.
    pub(super) async fn ask(&mut self, body: &str) -> anyhow::Result<String> {
        let request = format!("{}{}\r\n\r\n{body}", self.head, body.len());
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        let (start, length) = loop {
            if let Some(told) = head_of(&self.buffer)? {
                break told;
            }
            anyhow::ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "closed");
        };
        while self.buffer.len() < start + length {
            anyhow::ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "closed");
        }
        Ok(String::from_utf8_lossy(&self.buffer[start..start + length]).into_owned())
    }
}

/// Where the body begins and how long it is, once the head is there.
fn head_of(bytes: &[u8]) -> anyhow::Result<Option<(usize, usize)>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&bytes[..end])?;
    anyhow::ensure!(head.starts_with("HTTP/1.1 200"), "{head}");
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse())
    });
    let length = length.ok_or_else(|| anyhow::anyhow!("no length: {head}"))??;
    Ok(Some((end + 4, length)))
}
