//! What is sealed opens again, and nothing else does.

use std::io::{Read, Write};

use super::*;

const DIGEST: &str = "ab12";

fn key(of: u8) -> DataKey {
    DataKey::new([of; DATA_KEY_BYTES])
}

fn seal(plain: &[u8]) -> Vec<u8> {
    let mut sealer = Sealer::new(Vec::new(), &key(1), DIGEST).expect("it begins");
    sealer.write_all(plain).expect("it is taken");
    sealer.finish().expect("it ends")
}

fn open(sealed: &[u8], key: Option<DataKey>, digest: &str) -> Result<Vec<u8>, String> {
    let mut plain = Vec::new();
    let read = Opener::new(sealed, key, digest).read_to_end(&mut plain);
    read.map(|_| plain).map_err(|error| error.to_string())
}

fn plain(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 31 % 251) as u8).collect()
}

#[test]
fn what_is_sealed_opens_again_at_every_length() {
    for chunks in 0..4 {
        for off in [-1_i64, 0, 1] {
            let length = (chunks * CHUNK_BYTES as i64 + off).max(0) as usize;
            let (plain, sealed) = (plain(length), seal(&plain(length)));
            let all = length.div_ceil(CHUNK_BYTES).max(1);
            let expected = MAGIC.len() + SALT_BYTES + length + all * TAG_BYTES;
            assert_eq!(sealed.len(), expected, "{length}");
            assert_eq!(open(&sealed, Some(key(1)), DIGEST), Ok(plain), "{length}");
        }
    }
}

#[test]
fn one_content_is_never_sealed_twice_alike() {
    let (one, other) = (seal(b"content"), seal(b"content"));
    assert_ne!(one[MAGIC.len()..], other[MAGIC.len()..]);
    assert!(
        one.iter()
            .zip(&other)
            .skip(MAGIC.len() + SALT_BYTES)
            .any(|(a, b)| a != b)
    );
}

#[test]
fn whatever_is_changed_is_refused() {
    let plain = plain(2 * CHUNK_BYTES + 100);
    let sealed = seal(&plain);
    let header = MAGIC.len() + SALT_BYTES;
    let whole = CHUNK_BYTES + TAG_BYTES;
    let (first, second) = (header, header + whole);
    let (third, end) = (second + whole, sealed.len());
    assert_eq!(end - third, 100 + TAG_BYTES);
    let chunk = |from: usize, to: usize| &sealed[from..to];
    let parts = |parts: &[&[u8]]| parts.concat();
    let start = chunk(0, header);
    let mut changed: Vec<(&str, Vec<u8>)> = vec![
        ("cut behind a chunk", sealed[..third].to_vec()),
        ("cut behind the first", sealed[..second].to_vec()),
        ("cut within", sealed[..second + 5].to_vec()),
        ("cut by one byte", sealed[..end - 1].to_vec()),
        ("nothing but its start", start.to_vec()),
        ("cut in its salt", sealed[..header - 1].to_vec()),
        ("nothing", Vec::new()),
        ("longer", parts(&[&sealed, b"x"])),
        (
            "two chunks changed about",
            parts(&[
                start,
                chunk(second, third),
                chunk(first, second),
                chunk(third, end),
            ]),
        ),
        (
            "one left out",
            parts(&[start, chunk(first, second), chunk(third, end)]),
        ),
        (
            "one twice",
            parts(&[
                start,
                chunk(first, second),
                chunk(first, second),
                chunk(third, end),
            ]),
        ),
        (
            "another's start",
            parts(&[chunk_of(&seal(&plain), header), &sealed[header..]]),
        ),
    ];
    for at in (0..sealed.len())
        .step_by(997)
        .chain([0, 7, 8, header - 1, end - 1])
    {
        let mut flipped = sealed.clone();
        flipped[at] ^= 1;
        changed.push(("one bit", flipped));
    }
    for (what, changed) in changed {
        let opened = open(&changed, Some(key(1)), DIGEST);
        let error = opened.expect_err(what);
        assert!(error.contains("not what was kept"), "{what}: {error}");
    }
}

fn chunk_of(sealed: &[u8], header: usize) -> &[u8] {
    &sealed[..header]
}

#[test]
fn neither_another_key_nor_another_digest_opens_it() {
    let sealed = seal(b"content");
    for (key, digest) in [(Some(key(2)), DIGEST), (Some(key(1)), "ab13")] {
        let error = open(&sealed, key, digest).expect_err("it is another's");
        assert!(error.contains("chunk 0"), "{error}");
    }
    let error = open(&sealed, None, DIGEST).expect_err("there is no key");
    assert!(error.contains("key is not in the database"), "{error}");
}

#[test]
fn what_was_kept_before_is_read_as_it_is_and_can_not_stand_for_what_is_sealed() {
    let before = zstd::bulk::compress(&plain(200_000), 3).expect("it is packed");
    assert_eq!(open(&before, None, DIGEST), Ok(before.clone()));
    let error = open(&before, Some(key(1)), DIGEST).expect_err("it is not sealed");
    assert!(error.contains("not what was kept"), "{error}");
}
