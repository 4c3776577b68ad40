//! Signatures of webhooks, after the Standard Webhooks specification.

use std::ops::RangeInclusive;

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};

/// Bytes of a secret.
const SECRET_BYTES: RangeInclusive<usize> = 24..=64;
/// Secrets at a time: the newest, and those that are being given up.
const SECRETS_MAX: usize = 4;

/// What messages to a subscriber are signed with.
pub(super) struct Secrets(Vec<hmac::Key>);

impl Secrets {
    /// Reads secrets, one a line, the newest first. What stands there is never repeated.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let lines = (1..).zip(text.lines().map(str::trim));
        let lines = lines.filter(|(_, line)| !line.is_empty());
        let keys = lines.map(|(number, line)| {
            let bytes = line
                .strip_prefix("whsec_")
                .and_then(|secret| STANDARD.decode(secret).ok())
                .filter(|bytes| SECRET_BYTES.contains(&bytes.len()));
            let key = bytes.map(|bytes| hmac::Key::new(hmac::HMAC_SHA256, &bytes));
            key.ok_or_else(|| {
                let (least, most) = (SECRET_BYTES.start(), SECRET_BYTES.end());
                format!("line {number} is no secret, expected whsec_ and the base64 of {least} to {most} bytes")
            })
        });
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        match keys.len() {
            0 => Err("holds no secret, expected whsec_… in a line".to_owned()),
            n if n > SECRETS_MAX => {
                Err(format!("holds {n} secrets, expected {SECRETS_MAX} at most"))
            }
            _ => Ok(Self(keys)),
        }
    }

    /// The signatures of a message, parted by spaces, so that who knows one of the secrets is content.
    fn sign(&self, id: &str, timestamp: i64, payload: &str) -> String {
        let content = format!("{id}.{timestamp}.{payload}");
        let sign = |key| {
            let tag = hmac::sign(key, content.as_bytes());
            format!("v1,{}", STANDARD.encode(tag))
        };
        self.0.iter().map(sign).collect::<Vec<_>>().join(" ")
    }

    /// What is sent with it.
    pub(super) fn headers(&self, id: &str, timestamp: i64, payload: &str) -> HeaderMap {
        let signature = self.sign(id, timestamp, payload);
        let value = |text: &str| HeaderValue::from_str(text).expect("it is plain ASCII");
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert("webhook-id", value(id));
        headers.insert("webhook-timestamp", value(&timestamp.to_string()));
        headers.insert("webhook-signature", value(&signature));
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The specification's own vector, of its reference libraries.
    #[test]
    fn the_published_vector_is_signed_as_published() {
        let secrets = Secrets::read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").expect("good");
        let signature = secrets.sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_that_is_given_up_signs_beside_the_new_one() {
        let (old, new) = (
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            format!("whsec_{}", STANDARD.encode([7; 24])),
        );
        let sign = |text: &str| Secrets::read(text).expect("good").sign("msg_a", 1, "{}");
        let both = sign(&format!("{new}\n\n{old}\n"));
        assert_eq!(both, format!("{} {}", sign(&new), sign(old)));
    }

    #[test]
    fn what_is_no_secret_is_refused_without_being_repeated() {
        let of = |bytes: usize| format!("whsec_{}", STANDARD.encode(vec![7; bytes]));
        for good in [24, 64] {
            assert!(Secrets::read(&of(good)).is_ok(), "{good}");
        }
        let many = [of(24), of(24), of(24), of(24), of(24)].join("\n");
        for (wrong, says) in [
            ("", "no secret"),
            ("geheim", "line 1"),
            ("whsec_geheim!", "line 1"),
            (&of(23), "24 to 64"),
            (&of(65), "24 to 64"),
            (
                &format!("{}\nMfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", of(24)),
                "line 2",
            ),
            (&many, "4 at most"),
        ] {
            let error = Secrets::read(wrong).err().expect("it is refused");
            assert!(error.contains(says), "{wrong}: {error}");
            assert!(
                !error.contains("geheim") && !error.contains("MfKQ"),
                "{error}"
            );
        }
    }
}
