//! Organisation codes (组织机构代码), GB 11714-1997: eight characters and a check character.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// An organisation code of nine characters, kept without its hyphen.
///
/// Parsed from text, its check character (GB 11714-1997) is right. Taken out of a unified social
/// credit code it is as it stands there, and old codes embed wrong ones.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OrgCode([u8; 9]);

/// Why a text is no organisation code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrgCodeError {
    /// Wrong number of characters.
    #[error("organisation code expected as XXXXXXXX-C or XXXXXXXXC, found {0} characters")]
    Length(usize),
    /// A character that may not stand at its position, counted from 1.
    #[error("organisation code: {} expected at position {position}, found {found:?}", wanted(*.position))]
    Character {
        /// Counted from 1.
        position: usize,
        /// What stands there.
        found: char,
    },
    /// The check character does not fit the other eight.
    #[error("organisation code: check character {expected:?} expected, found {found:?}")]
    Check {
        /// What GB 11714-1997 asks for.
        expected: char,
        /// What stands there.
        found: char,
    },
}

fn wanted(position: usize) -> &'static str {
    if position < 9 {
        "0-9 or A-Z"
    } else {
        "0-9, X or a hyphen before it"
    }
}

impl OrgCode {
    /// The nine characters, without a hyphen.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).expect("organisation codes are made of ASCII only")
    }

    /// The code with this body of eight characters (0-9, A-Z); its check character is computed.
    pub fn from_body(body: &str) -> Result<Self, OrgCodeError> {
        let body: Vec<char> = body
            .trim()
            .chars()
            .map(|c| c.to_ascii_uppercase())
            .collect();
        if body.len() != 8 {
            return Err(OrgCodeError::Length(body.len() + 1));
        }
        let mut code = [0; 9];
        let mut sum = 0;
        for (at, &found) in body.iter().enumerate() {
            let value = found.to_digit(36).ok_or(OrgCodeError::Character {
                position: at + 1,
                found,
            })?;
            sum += value * WEIGHTS[at];
            code[at] = found as u8;
        }
        code[8] = b"0X987654321"[(sum % 11) as usize];
        Ok(Self(code))
    }

    /// A code as it stands in a unified social credit code, right or wrong.
    pub(crate) const fn unchecked(code: [u8; 9]) -> Self {
        Self(code)
    }
}

/// Reads `XXXXXXXX-C` and `XXXXXXXXC`, in either case, with blanks around.
impl FromStr for OrgCode {
    type Err = OrgCodeError;

    fn from_str(text: &str) -> Result<Self, OrgCodeError> {
        let written: Vec<char> = text
            .trim()
            .chars()
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let found = match *written.as_slice() {
            [.., '-', check] if written.len() == 10 => check,
            [.., check] if written.len() == 9 => check,
            [.., found, _] if written.len() == 10 => {
                return Err(OrgCodeError::Character { position: 9, found });
            }
            _ => return Err(OrgCodeError::Length(written.len())),
        };
        let code = Self::from_body(&written[..8].iter().collect::<String>())?;
        if !found.is_ascii_digit() && found != 'X' {
            return Err(OrgCodeError::Character {
                position: written.len(),
                found,
            });
        }
        let expected = char::from(code.0[8]);
        if found != expected {
            return Err(OrgCodeError::Check { expected, found });
        }
        Ok(code)
    }
}

impl fmt::Display for OrgCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for OrgCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for OrgCode {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for OrgCode {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_both_forms() {
        for text in ["D2143569-X", "D2143569X", " d2143569-x "] {
            let code: OrgCode = text.parse().expect(text);
            assert_eq!(code.as_str(), "D2143569X");
        }
        assert_eq!(
            "00703956-5".parse::<OrgCode>().expect("valid").as_str(),
            "007039565"
        );
    }

    #[test]
    fn says_what_was_expected() {
        for (text, error) in [
            ("", OrgCodeError::Length(0)),
            ("D2143569", OrgCodeError::Length(8)),
            ("D2143569--X", OrgCodeError::Length(11)),
            (
                "D2143569-1",
                OrgCodeError::Check {
                    expected: 'X',
                    found: '1',
                },
            ),
            (
                "D2143569/X",
                OrgCodeError::Character {
                    position: 9,
                    found: '/',
                },
            ),
            (
                "D2143569A",
                OrgCodeError::Character {
                    position: 9,
                    found: 'A',
                },
            ),
            (
                "D21435６9X",
                OrgCodeError::Character {
                    position: 7,
                    found: '６',
                },
            ),
        ] {
            assert_eq!(text.parse::<OrgCode>(), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_made_code_reads_back(body in "[0-9A-Z]{8}") {
            let code = OrgCode::from_body(&body).expect("the body is of the alphabet");
            prop_assert_eq!(code.as_str().parse(), Ok(code));
            let hyphenated = format!("{}-{}", body, &code.as_str()[8..]);
            prop_assert_eq!(hyphenated.parse(), Ok(code));
        }

        #[test]
        fn one_wrong_digit_is_noticed(body in "[0-9]{8}", at in 0_usize..8, by in 1_u8..10) {
            let right = OrgCode::from_body(&body).expect("digits");
            let mut wrong = right.0;
            wrong[at] = b'0' + (wrong[at] - b'0' + by) % 10;
            prop_assert!(OrgCode::unchecked(wrong).as_str().parse::<OrgCode>().is_err());
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,12}") {
            let _ = text.parse::<OrgCode>();
        }
    }
}
