//! The body of an answer: counted while it comes, and unpacked under a cap where it came packed
//! though nobody asked for that.

use std::io::Read;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use futures_util::StreamExt;
use reqwest::{Response, header::CONTENT_ENCODING};
use tokio::time::timeout;

use super::{Error, Limits};

/// The whole body, plain.
pub(super) async fn read(answer: Response, host: &str, limits: &Limits) -> Result<Bytes, Error> {
    let too_long = || Error::TooLong {
        host: host.to_owned(),
        bytes_max: limits.answer_bytes_max,
    };
    let is_packed = is_packed(&answer, host)?;
    let declared = answer.content_length().unwrap_or(0);
    if declared > limits.answer_bytes_max as u64 {
        return Err(too_long());
    }
    let mut body = Vec::new();
    let mut pieces = answer.bytes_stream();
    loop {
        let next = timeout(limits.idle, pieces.next());
        let next = next.await.map_err(|_| Error::Slow {
            host: host.to_owned(),
            what: "nothing more of its answer came",
            within: limits.idle,
        })?;
        let Some(piece) = next else { break };
        let piece = piece.map_err(|_| Error::CutOff {
            host: host.to_owned(),
        })?;
        if body.len() + piece.len() > limits.answer_bytes_max {
            return Err(too_long());
        }
        body.extend_from_slice(&piece);
    }
    if !is_packed {
        return Ok(body.into());
    }
    let (host, limits) = (host.to_owned(), limits.clone());
    let unpacked = tokio::task::spawn_blocking(move || unpack(&body, host, &limits));
    unpacked.await.unwrap_or_else(|error| {
        Err(Error::Client {
            reason: error.to_string(),
        })
    })
}

fn is_packed(answer: &Response, host: &str) -> Result<bool, Error> {
    let mut is_packed = false;
    for encoding in answer.headers().get_all(CONTENT_ENCODING) {
        match encoding.as_bytes().to_ascii_lowercase().as_slice() {
            b"" | b"identity" => {}
            b"gzip" | b"x-gzip" if !is_packed => is_packed = true,
            _ => {
                return Err(Error::Packed {
                    host: host.to_owned(),
                    reason: "it is packed otherwise than with gzip, once".to_owned(),
                });
            }
        }
    }
    Ok(is_packed)
}

fn unpack(packed: &[u8], host: String, limits: &Limits) -> Result<Bytes, Error> {
    let by_ratio = packed.len().saturating_mul(limits.unpacked_ratio_max);
    let bytes_max = by_ratio.min(limits.answer_bytes_max);
    let mut body = Vec::new();
    let mut plain = MultiGzDecoder::new(packed).take(bytes_max as u64 + 1);
    if let Err(error) = plain.read_to_end(&mut body) {
        return Err(match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Error::CutOff { host },
            _ => Error::Packed {
                host,
                reason: error.to_string(),
            },
        });
    }
    if body.len() > bytes_max {
        return Err(if by_ratio < limits.answer_bytes_max {
            let ratio = limits.unpacked_ratio_max;
            Error::Packed {
                host,
                reason: format!("it unpacks to more than {ratio} times its length"),
            }
        } else {
            Error::TooLong { host, bytes_max }
        });
    }
    Ok(body.into())
}
