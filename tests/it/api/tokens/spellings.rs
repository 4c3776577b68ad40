//! The same bytes written otherwise: a token has one spelling, or revoking and logging could be led
//! astray.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD},
};
use serde_json::json;
use zhengxin::auth::Refused;

use super::{
    Vectors, but,
    signers::{LOCAL, RS256, Signer, raw},
};

pub(super) fn spellings(vectors: &mut Vectors, signer: &Signer) {
    let good = signer.good();
    let parts: Vec<&str> = good.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        panic!("a token has three parts")
    };
    let mut refuse = |what: String, token: String| {
        vectors.refuse(Refused::Form, format!("{}: {what}", signer.name), &token);
    };
    for at in 0..3 {
        let with = |change: &dyn Fn(&str) -> String| {
            let mut parts = [header, claims, signature].map(str::to_owned);
            parts[at] = change(&parts[at]);
            parts.join(".")
        };
        let name = ["header", "claims", "signature"][at];
        for (what, filler) in [
            ("a line feed", "\n"),
            ("a space", "%20"),
            ("a plus", "+"),
            ("a slash", "/"),
            ("a zero", "\0"),
            ("an equals sign", "="),
            ("a letter that is no base64", "字"),
        ] {
            let half = |part: &str| {
                let middle = part.len() / 2;
                format!("{}{filler}{}", &part[..middle], &part[middle..])
            };
            refuse(format!("{what} in its {name}"), with(&half));
        }
        refuse(
            format!("two pads at its {name}"),
            with(&|part| format!("{part}==")),
        );
        // A length that no bytes have.
        let lonely = |part: &str| {
            let whole = part.len() - part.len() % 4;
            format!("{}A", &part[..whole])
        };
        refuse(format!("one letter too many in its {name}"), with(&lonely));
        refuse(
            format!("a pad before its {name}"),
            with(&|part| format!("={part}")),
        );
    }
    for (what, token) in [
        ("in quotes", format!("'{good}'")),
        ("in brackets", format!("<{good}>")),
        ("with a BOM", format!("\u{feff}{good}")),
        ("as a URL", format!("jwt:{good}")),
        ("percent-encoded", good.replace('.', "%2E")),
        ("with full stops of full width", good.replace('.', "．")),
        ("as base64 of itself", STANDARD.encode(&good)),
        ("reversed", good.chars().rev().collect::<String>() + "="),
    ] {
        refuse(what.to_owned(), token);
    }
}

/// The last letter of a part may have bits that stand for nothing: they must be zero.
pub(super) fn left_over_bits(vectors: &mut Vectors) {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut seen = 0;
    // Claims of all lengths, so that each remainder is met.
    for filler in 0..3 {
        let claims = but(RS256.claims(), "note", Some(json!("n".repeat(filler))));
        for signer in [RS256, LOCAL] {
            let claims = but(claims.clone(), "iss", Some(signer.issuer.into()));
            let token = signer.with(&claims);
            let parts: Vec<&str> = token.split('.').collect();
            for at in 0..3 {
                let free = match parts[at].len() % 4 {
                    2 => 4,
                    3 => 2,
                    _ => continue,
                };
                let last = parts[at].as_bytes()[parts[at].len() - 1];
                let value = LETTERS.iter().position(|letter| *letter == last);
                let value = value.expect("a letter of base64url");
                for bits in 1..1 << free {
                    let mut parts: Vec<String> =
                        parts.iter().map(|part| (*part).to_owned()).collect();
                    parts[at].pop();
                    parts[at].push(LETTERS[value | bits] as char);
                    let what = format!(
                        "{}: left-over bits {bits} in part {at}, {filler}",
                        signer.name
                    );
                    vectors.refuse(Refused::Form, what, &parts.join("."));
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 20, "{seen}");
}

/// JSON that says the same with other bytes is another message, and where it is signed it is good.
pub(super) fn other_json(vectors: &mut Vectors) {
    for signer in [LOCAL, RS256] {
        let (header, claims) = (signer.header(), signer.claims());
        let spaced = serde_json::to_string_pretty(&claims).expect("it is JSON");
        let escaped = claims.to_string().replace("GOVERNMENT", "\\u0047OVERNMENT");
        for (what, claims) in [("with line ends", &spaced), ("with escapes", &escaped)] {
            let token = signer.signed_raw(&header.to_string(), claims);
            vectors.accept(format!("{}: claims {what}", signer.name), &token);
        }
        // The message of one and the signature of the other.
        let compact = signer.good();
        let (message, signature) = compact.rsplit_once('.').expect("three parts");
        let (head, _) = message.split_once('.').expect("three parts");
        let token = format!("{head}.{}.{signature}", URL_SAFE_NO_PAD.encode(&spaced));
        let what = format!("{}: claims with line ends, signed without", signer.name);
        vectors.refuse(Refused::Signature, what, &token);
        // Padded base64 that was signed as it stands (as some libraries write it).
        let mut longer = ["", " ", "  "].iter().map(|more| {
            let (header, claims) = (header.to_string(), format!("{spaced}{more}"));
            format!("{}.{}", URL_SAFE.encode(header), URL_SAFE.encode(claims))
        });
        let padded = longer.find(|padded| padded.contains('='));
        let padded = padded.expect("of three lengths two are padded");
        let key = signer.private();
        let signature = jsonwebtoken::crypto::sign(padded.as_bytes(), &key, signer.algorithm);
        let token = format!("{padded}.{}", signature.expect("a key signs"));
        let what = format!("{}: padded and signed so", signer.name);
        vectors.refuse(Refused::Form, what, &token);
    }
    let key = LOCAL.private();
    let token = raw(
        &LOCAL.header().to_string(),
        &LOCAL.claims().to_string(),
        &key,
        LOCAL.algorithm,
    );
    vectors.accept("signed by hand", &token);
}
