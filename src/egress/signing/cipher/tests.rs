use std::collections::BTreeMap;

use super::*;
use crate::{config::Place, egress::Software};

fn cipher(extra: &[(&str, &str)], key: &str) -> Result<Cipher, Error> {
    let extra = extra.iter();
    let place = Place {
        extra: BTreeMap::from_iter(extra.map(|(key, said)| ((*key).into(), (*said).into()))),
        ..Place::default()
    };
    let words = Words {
        dialect: "test",
        place: &place,
    };
    Cipher::of(&words, "aes-128-ecb", key)
}

/// What `openssl enc` makes of these texts.
#[test]
fn what_another_program_encrypts_is_read_and_the_other_way_round() {
    let (body, secret) = (r#"{"total":3,"list":[]}"#, "made-up session secret");
    let (key, iv) = ("0123456789abcdef", ("iv", "fedcba9876543210"));
    let long = "0123456789abcdef0123456789abcdef";
    for (extra, key, plain, packed) in [
        (
            &[("cipher", "sm4-ecb")][..],
            key,
            body,
            "o4PAwLKBr/eOOskcKCqXD1LZi0ErQg+jSs5Y7GmyrOM=",
        ),
        (
            &[("cipher", "sm4-cbc"), iv],
            key,
            body,
            "on2QLr/1vUGdytYH1JMvRecdJNibdoCmXQOflsWBK/Y=",
        ),
        (
            &[],
            key,
            secret,
            "0YqFYvlwFrcsCuIEqsN2P4jaPuERO5xJ6ZN9/AmBoXM=",
        ),
        (
            &[("cipher", "aes-256-cbc"), iv],
            long,
            secret,
            "C5qS6U4Fh7uKLSpzwWTgxKjL4aFwcJTtUNb8hIadHYE=",
        ),
        (
            &[("key_as", "sha1prng")],
            "demo-app-key",
            secret,
            "cnGX0Y0YAOpf42j6wX/I/KllQmjNDD6O4VEO/0nWWhU=",
        ),
        (
            &[("key_as", "hex")],
            "d0e2756624362ec2161734cfe2d07cde",
            secret,
            "cnGX0Y0YAOpf42j6wX/I/KllQmjNDD6O4VEO/0nWWhU=",
        ),
    ] {
        let cipher = cipher(extra, key).expect("a cipher");
        let bytes = Coding::Base64.read(packed).expect("base64");
        let read = cipher.decrypt(&bytes, &Software);
        assert_eq!(read.as_deref(), Ok(plain.as_bytes()), "{extra:?}");
        let written = cipher
            .encrypt(plain.as_bytes(), &Software)
            .expect("any text");
        assert_eq!(Coding::Base64.write(&written), packed, "{extra:?}");
    }
}

#[test]
fn each_padding_gives_the_text_back() {
    for (padding, texts) in [
        (
            "pkcs7",
            &["", "a", "0123456789abcdef", "0123456789abcdefg"][..],
        ),
        ("zero", &["a", "0123456789abcdef", "0123456789abcdefg"]),
        ("none", &["0123456789abcdef"]),
    ] {
        for algorithm in ["aes-128-ecb", "sm4-ecb"] {
            let extra = [("cipher", algorithm), ("padding", padding)];
            let cipher = cipher(&extra, "0123456789abcdef").expect("a cipher");
            for text in texts {
                let packed = cipher.encrypt(text.as_bytes(), &Software).expect("it fits");
                assert_eq!(packed.len() % BLOCK, 0);
                assert_eq!(
                    cipher.decrypt(&packed, &Software).as_deref(),
                    Ok(text.as_bytes())
                );
            }
        }
    }
    let none = cipher(&[("padding", "none")], "0123456789abcdef").expect("a cipher");
    assert_eq!(none.encrypt(b"short", &Software), Err(BadCipher));
}

#[test]
fn what_was_encrypted_otherwise_is_told() {
    let right = cipher(&[], "0123456789abcdef").expect("a cipher");
    let packed = right.encrypt(b"a text", &Software).expect("any text");
    let other = cipher(&[], "another key 1234").expect("a cipher");
    assert_eq!(other.decrypt(&packed, &Software), Err(BadCipher));
    assert_eq!(right.decrypt(&packed[..9], &Software), Err(BadCipher));
    assert_eq!(right.decrypt(&[], &Software), Err(BadCipher));
}

#[test]
fn a_cipher_that_is_none_is_told_without_its_key() {
    for (extra, key, says) in [
        (&[("cipher", "rot13")][..], "a very own key", "extra.cipher"),
        (&[("cipher", "des-ecb")], "a very own key", "extra.cipher"),
        (&[("cipher", "sm4-cbc")], "0123456789abcdef", "extra.iv"),
        (
            &[("cipher", "sm4-cbc"), ("iv", "1")],
            "0123456789abcdef",
            "extra.iv",
        ),
        (&[("padding", "iso")], "0123456789abcdef", "extra.padding"),
        (&[("key_as", "hex")], "a very own key", "extra.key_as"),
        (&[("key_as", "guess")], "a very own key", "extra.key_as"),
        (&[], "a very own key", "length"),
    ] {
        let error = cipher(extra, key).expect_err("no cipher").to_string();
        assert!(error.contains(says) && !error.contains(key), "{error}");
    }
}
