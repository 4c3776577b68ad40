//! Names of folders: IMAP has a UTF-7 of its own for what is not ASCII (RFC 3501, 5.1.3).

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};

/// A folder's name as the protocol writes it.
pub(super) fn encode(name: &str) -> String {
    let mut encoded = String::new();
    let mut shifted = Vec::new();
    for character in name.chars() {
        if matches!(character, ' '..='~') {
            flush(&mut shifted, &mut encoded);
            encoded.push(character);
            if character == '&' {
                encoded.push('-');
            }
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                shifted.extend(unit.to_be_bytes());
            }
        }
    }
    flush(&mut shifted, &mut encoded);
    encoded
}

fn flush(shifted: &mut Vec<u8>, encoded: &mut String) {
    if !shifted.is_empty() {
        let text = STANDARD_NO_PAD.encode(&shifted).replace('/', ",");
        encoded.push_str(&format!("&{text}-"));
        shifted.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn names_are_written_as_the_protocol_wants() {
        for (name, encoded) in [
            ("INBOX", "INBOX"),
            ("A&B", "A&-B"),
            // The example of RFC 3501.
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
        ] {
            assert_eq!(encode(name), encoded);
        }
    }
}
