use std::path::PathBuf;

use domain::audit::{HashKind, NoteKey};
use serde::{Deserialize, Deserializer, de};

/// Days that entries are kept at least: 网络安全法 asks for six months.
const KEEP_DAYS_MIN: u32 = 180;

/// The audit log.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Audit {
    /// By which function a log is hashed that is begun: `sha256` or `sm3`. It stays that log's.
    #[serde(deserialize_with = "hash")]
    pub hash: HashKind,
    /// The log's name in its checkpoints; `zhengxin/` and the province where absent.
    #[serde(deserialize_with = "origin")]
    pub origin: Option<String>,
    /// The file of the key that signs checkpoints, 64 hexadecimal digits; `audit.key` in the data folder
    /// where absent, and made where there is none.
    pub key_file: Option<PathBuf>,
    /// Whose signatures are believed besides: the log's earlier keys and its witnesses, each `name+id+key`.
    #[serde(deserialize_with = "keys")]
    pub keys: Vec<NoteKey>,
    /// Days that is kept what entries commit to, such as the answer of a check. Entries themselves are
    /// never deleted.
    #[serde(deserialize_with = "keep_days")]
    pub keep_days: u32,
}

impl Default for Audit {
    fn default() -> Self {
        Self {
            hash: HashKind::Sha256,
            origin: None,
            key_file: None,
            keys: Vec::new(),
            keep_days: 5 * 366,
        }
    }
}

fn hash<'de, D: Deserializer<'de>>(word: D) -> Result<HashKind, D::Error> {
    String::deserialize(word)?
        .parse()
        .map_err(de::Error::custom)
}

fn origin<'de, D: Deserializer<'de>>(text: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(text)?;
    let is_good = |c: char| c.is_ascii_graphic() && c != '+';
    match !text.is_empty() && text.chars().all(is_good) {
        true => Ok(Some(text)),
        false => Err(de::Error::custom(
            "a log's name has printable ASCII characters without + and blanks",
        )),
    }
}

fn keys<'de, D: Deserializer<'de>>(list: D) -> Result<Vec<NoteKey>, D::Error> {
    let list = Vec::<String>::deserialize(list)?;
    let keys = list
        .iter()
        .map(|key| key.parse().map_err(de::Error::custom));
    keys.collect()
}

fn keep_days<'de, D: Deserializer<'de>>(days: D) -> Result<u32, D::Error> {
    let days = u32::deserialize(days)?;
    match days >= KEEP_DAYS_MIN {
        true => Ok(days),
        false => Err(de::Error::custom(format!(
            "audit entries are kept at least {KEEP_DAYS_MIN} days (网络安全法)"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_weaken_the_log_is_refused() {
        let read = |text: &str| toml::from_str::<Audit>(text).map_err(|error| error.to_string());
        let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let good =
            format!("hash = \"sm3\"\nkeep_days = 180\norigin = \"a.example/1\"\nkeys = [{key:?}]");
        let audit = read(&good).expect("good");
        assert_eq!(
            (audit.hash, audit.keep_days, audit.keys.len()),
            (HashKind::Sm3, 180, 1)
        );
        for (wrong, told) in [
            ("keep_days = 179", "at least 180"),
            ("hash = \"md5\"", "sm3"),
            ("origin = \"a b\"", "blanks"),
            ("keys = [\"x\"]", "name+id+key"),
        ] {
            let error = read(wrong).expect_err("it is wrong");
            assert!(error.contains(told), "{error}");
        }
    }
}
