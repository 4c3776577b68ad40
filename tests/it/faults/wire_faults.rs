//! What goes wrong on the wire. A fault stays, or goes away after a request or two: then a client
//! that tries again may have the page.

use std::{io::Write, sync::OnceLock};

use flate2::{Compression, write::GzEncoder};

use super::{
    kinds::Law,
    luck::Luck,
    source::{Answer, End, Script},
};
use crate::support::made;

/// Bytes of a bomb once it is unpacked; what it is told by is its ratio.
const BOMB_BYTES: usize = 4 * 1_024 * 1_024;
const BOM: &[u8] = "\u{feff}".as_bytes();
const JSON: &str = "Content-Type: application/json\r\n";

/// A page that nothing is wrong with yet: its place and its body.
fn some(script: &Script, luck: &mut Luck) -> Option<(usize, Vec<u8>)> {
    let at = luck.below(script.pages.len());
    let answers = script.pages.get(at).filter(|answers| answers.len() == 1)?;
    let bytes = &answers[0].bytes;
    let head = bytes.windows(4).position(|end| end == b"\r\n\r\n")?;
    bytes
        .starts_with(b"HTTP/1.1 200 OK")
        .then(|| (at, bytes[head + 4..].to_vec()))
}

/// Puts a bad answer in a page's place, for ever or for the first requests.
fn bad(
    script: &mut Script,
    luck: &mut Luck,
    make: impl FnOnce(&[u8], &mut Luck) -> Answer,
) -> Option<Law> {
    let (at, body) = some(script, luck)?;
    let answer = make(&body, luck);
    let answers = &mut script.pages[at];
    if luck.one_in(2) {
        for _ in 0..luck.within(1..3) {
            answers.insert(0, answer.clone());
        }
        return Some(Law::Either);
    }
    *answers = vec![answer];
    Some(Law::Refused)
}

/// Puts another answer in a page's place that says the same.
fn other(
    script: &mut Script,
    luck: &mut Luck,
    make: impl FnOnce(&[u8], &mut Luck) -> Answer,
) -> Option<()> {
    let (at, body) = some(script, luck)?;
    script.pages[at] = vec![make(&body, luck)];
    Some(())
}

pub(super) fn down(script: &mut Script, luck: &mut Luck) -> Option<Law> {
    script.is_down = luck.one_in(2);
    // Or somebody listens and says nothing.
    script.pages.clear();
    script.beyond = None;
    Some(Law::Refused)
}

pub(super) fn cut(script: &mut Script, luck: &mut Luck) -> Option<Law> {
    bad(script, luck, |body, luck| {
        let mut answer = Answer::page(body);
        // Anywhere, in the head too.
        let at = luck.below(answer.bytes.len());
        answer.bytes.truncate(at);
        answer
    })
}

pub(super) fn cut_close_delimited(script: &mut Script, luck: &mut Luck) -> Option<Law> {
    bad(script, luck, |body, luck| {
        Answer::raw("200 OK", JSON, &body[..luck.below(body.len())])
    })
}

pub(super) fn cut_chunk(script: &mut Script, luck: &mut Luck) -> Option<Law> {
    bad(script, luck, |body, luck| {
        let at = luck.below(body.len());
        let mut chunks = format!("{:x}\r\n", body.len()).into_bytes();
        chunks.extend_from_slice(&body[..at]);
        Answer::raw(
            "200 OK",
            &format!("{JSON}Transfer-Encoding: chunked\r\n"),
            &chunks,
        )
    })
}

pub(super) fn length_too_short(script: &mut Script, luck: &mut Luck) -> Option<Law> {
    bad(script, luck, |body, luck| {
        let head = format!("{JSON}Content-Length: {}\r\n", luck.below(body.len()));
        Answer::raw("200 OK", &head, body)
    })
}

pub(super) fn status(script: &mut Script, luck: &mut Luck) -> Option<Law> {
    let statuses = [
        "500 Internal Server Error",
        "502 Bad Gateway",
        "503 Service Unavailable",
        "504 Gateway Timeout",
        "403 Forbidden",
        "404 Not Found",
        "302 Found",
        "301 Moved Permanently",
        "204 No Content",
    ];
    let status = *luck.pick(&statuses);
    bad(script, luck, |body, _| {
        let body = if status.starts_with('2') { &[] } else { body };
        Answer::of(status, "Location: http://127.0.0.1:1/\r\n", body)
    })
}

pub(super) fn too_many(script: &mut Script, luck: &mut Luck) -> Option<Law> {
    let after = *luck.pick(&["0", "1", "3600", "99999999999", "soon", "-5"]);
    bad(script, luck, |_, _| {
        Answer::of(
            "429 Too Many Requests",
            &format!("Retry-After: {after}\r\n"),
            b"",
        )
    })
}

pub(super) fn empty(script: &mut Script, luck: &mut Luck) -> Option<Law> {
    bad(script, luck, |_, _| Answer::page(b""))
}

pub(super) fn rubbish_head(script: &mut Script, luck: &mut Luck) -> Option<Law> {
    let heads: [&[u8]; 4] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01",
        b"HTTP/1.1 two hundred\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\n[],[],[]",
        b"\r\n\r\n\r\n",
    ];
    let bytes = luck.pick(&heads).to_vec();
    bad(script, luck, |body, _| Answer {
        bytes,
        ..Answer::page(body)
    })
}

pub(super) fn dripping(script: &mut Script, luck: &mut Luck) -> Option<Law> {
    other(script, luck, |body, luck| Answer {
        pieces: luck.within(2..200),
        ..Answer::page(body)
    })?;
    Some(Law::Whole)
}

pub(super) fn hanging(script: &mut Script, luck: &mut Luck) -> Option<Law> {
    other(script, luck, |body, luck| {
        let mut answer = Answer::page(body);
        let at = luck.below(answer.bytes.len());
        answer.bytes.truncate(at);
        answer.end = End::Hang;
        answer
    })?;
    Some(Law::Refused)
}

fn packed(body: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(body).expect("memory takes it");
    packer.finish().expect("memory takes it")
}

const GZIP: &str = "Content-Type: application/json\r\nContent-Encoding: gzip\r\n";

pub(super) fn gzip(script: &mut Script, luck: &mut Luck) -> Option<Law> {
    other(script, luck, |body, _| {
        Answer::of("200 OK", GZIP, &packed(body))
    })?;
    Some(Law::Either)
}

pub(super) fn gzip_bomb(script: &mut Script, luck: &mut Luck) -> Option<Law> {
    static BOMB: OnceLock<Vec<u8>> = OnceLock::new();
    bad(script, luck, |_, _| {
        let bomb = BOMB.get_or_init(|| packed(&vec![b' '; BOMB_BYTES]));
        Answer::of("200 OK", GZIP, bomb)
    })
}

pub(super) fn content_type(script: &mut Script, luck: &mut Luck) -> Option<Law> {
    let types = [
        "text/html",
        "application/octet-stream",
        "",
        "text/csv; header=absent",
    ];
    let head = format!("Content-Type: {}\r\n", luck.pick(&types));
    other(script, luck, |body, _| Answer::of("200 OK", &head, body))?;
    Some(Law::Whole)
}

pub(super) fn charset_label(script: &mut Script, luck: &mut Luck) -> Option<Law> {
    let charset = *luck.pick(&["GBK", "iso-8859-1", "utf-16", "x-unknown"]);
    other(script, luck, |body, _| {
        // Another fault may have put it into GB18030, of which only what cannot be is a lie.
        let charset = match std::str::from_utf8(body) {
            Ok(_) => charset,
            Err(_) => "GBK",
        };
        let head = format!("Content-Type: application/json; charset={charset}\r\n");
        Answer::of("200 OK", &head, body)
    })?;
    Some(Law::Whole)
}

pub(super) fn gb18030_as_utf8(script: &mut Script, luck: &mut Luck) -> Option<Law> {
    let head = "Content-Type: application/json; charset=utf-8\r\n";
    other(script, luck, |body, _| {
        // What another fault left is no text any more.
        let body = match std::str::from_utf8(body) {
            Ok(_) => made::gb18030(body.strip_prefix(BOM).unwrap_or(body)),
            Err(_) => body.to_vec(),
        };
        Answer::of("200 OK", head, &body)
    })?;
    Some(Law::Whole)
}

pub(super) fn bom(script: &mut Script, luck: &mut Luck) -> Option<Law> {
    other(script, luck, |body, _| {
        // Text has one mark, and what is in GB18030 has none.
        let is_unmarked = std::str::from_utf8(body).is_ok() && !body.starts_with(BOM);
        match is_unmarked {
            true => Answer::page(&made::with_bom(body)),
            false => Answer::page(body),
        }
    })?;
    Some(Law::Whole)
}
