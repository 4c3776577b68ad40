//! Unified social credit codes (统一社会信用代码), GB 32100-2015.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{agency::BodyClass, org_code::OrgCode};

/// Digits and letters but I, O, S, V and Z; a character's value is its place.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// A unified social credit code of 18 characters with the right check character.
///
/// Positions: 1 registering department, 2 class, 3-8 division, 9-17 organisation code, 18 check
/// (GB 32100-2015 and amendment 1).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uscc([u8; 18]);

/// Why a text is no unified social credit code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UsccError {
    /// Wrong number of characters.
    #[error("unified social credit code of 18 characters expected, found {0}")]
    Length(usize),
    /// A character that may not stand at its position, counted from 1.
    #[error("unified social credit code: {} expected at position {position}, found {found:?}", wanted(*.position))]
    Character {
        /// Counted from 1.
        position: usize,
        /// What stands there.
        found: char,
    },
    /// The check character does not fit the other seventeen.
    #[error("unified social credit code: check character {expected:?} expected, found {found:?}")]
    Check {
        /// What GB 32100-2015 asks for.
        expected: char,
        /// What stands there.
        found: char,
    },
}

fn wanted(position: usize) -> &'static str {
    if is_digit_only(position - 1) {
        "a digit"
    } else {
        "a digit or a letter but I, O, S, V, Z"
    }
}

/// The division, positions 3 to 8, has digits only. Counted from 0 here.
fn is_digit_only(at: usize) -> bool {
    (2..8).contains(&at)
}

impl Uscc {
    /// The 18 characters.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).expect("unified social credit codes are made of ASCII only")
    }

    /// The embedded organisation code, positions 9 to 17, as it stands: old codes embed some whose
    /// own check character is wrong.
    pub fn org_code(&self) -> OrgCode {
        let mut code = [0; 9];
        code.copy_from_slice(&self.0[8..17]);
        OrgCode::unchecked(code)
    }

    /// Registering department and class, positions 1 and 2, such as `11`.
    pub fn prefix(&self) -> &str {
        &self.as_str()[..2]
    }

    /// The division where the code was issued, positions 3 to 8 (GB/T 2260). It stays when the body
    /// moves, and need not be in today's list.
    pub fn division(&self) -> &str {
        &self.as_str()[2..8]
    }

    /// What class of body the prefix tells of.
    pub fn class(&self) -> BodyClass {
        BodyClass::of_prefix(self.prefix())
    }

    /// Builds a code from its parts, of 2, 6 and 9 characters, and computes its check character.
    pub fn from_parts(prefix: &str, division: &str, org: OrgCode) -> Result<Self, UsccError> {
        let length = prefix.chars().count() + division.chars().count() + org.as_str().len() + 1;
        if length != 18 {
            return Err(UsccError::Length(length));
        }
        let (code, check) = checked(format!("{prefix}{division}{}", org.as_str()).chars())?;
        Ok(with_check(code, check))
    }
}

/// Reads a code in either case, with blanks around. Full-width characters are refused.
impl FromStr for Uscc {
    type Err = UsccError;

    fn from_str(text: &str) -> Result<Self, UsccError> {
        let text = text.trim();
        let length = text.chars().count();
        if length != 18 {
            return Err(UsccError::Length(length));
        }
        let found = text
            .chars()
            .next_back()
            .map_or(' ', |last| last.to_ascii_uppercase());
        let (code, expected) = checked(text.chars())?;
        if value(found).is_none() {
            return Err(UsccError::Character {
                position: 18,
                found,
            });
        }
        if found != char::from(expected) {
            return Err(UsccError::Check {
                expected: char::from(expected),
                found,
            });
        }
        Ok(with_check(code, expected))
    }
}

/// The first seventeen characters in upper case, and the check character they ask for: with the
/// weights 3^(i-1) mod 31, (31 − Σ mod 31) mod 31.
fn checked(text: impl Iterator<Item = char>) -> Result<([u8; 17], u8), UsccError> {
    let mut code = [b'0'; 17];
    let (mut sum, mut weight) = (0, 1);
    for (at, found) in text.take(17).enumerate() {
        let found = found.to_ascii_uppercase();
        let value = value(found)
            .filter(|value| *value < 10 || !is_digit_only(at))
            .ok_or(UsccError::Character {
                position: at + 1,
                found,
            })?;
        sum += value * weight;
        weight = weight * 3 % 31;
        code[at] = ALPHABET[value];
    }
    Ok((code, ALPHABET[(31 - sum % 31) % 31]))
}

fn value(c: char) -> Option<usize> {
    ALPHABET.iter().position(|known| char::from(*known) == c)
}

fn with_check(code: [u8; 17], check: u8) -> Uscc {
    let mut whole = [check; 18];
    whole[..17].copy_from_slice(&code);
    Uscc(whole)
}

impl fmt::Display for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Uscc {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Uscc {
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
    use crate::agency::AgencyKind;

    const VALID: [&str; 9] = [
        "91350100M000100Y43",
        "91430105183767369W",
        "91230500MA1B3N1N2M",
        "91330203674737244W",
        "91320105780688132K",
        "11440100007482575H",
        "11440600007039565U",
        "114403006939513773",
        "11440300MB2D072246",
    ];

    #[test]
    fn reads_public_codes() {
        for text in VALID {
            let code: Uscc = text.parse().expect(text);
            assert_eq!(code.as_str(), text);
            let written = format!(" {} ", text.to_ascii_lowercase());
            assert_eq!(written.parse(), Ok(code));
            let parts = Uscc::from_parts(code.prefix(), code.division(), code.org_code());
            assert_eq!(parts, Ok(code));
        }
    }

    #[test]
    fn tells_its_parts() {
        let code: Uscc = "11440600007039565U".parse().expect("valid");
        assert_eq!((code.prefix(), code.division()), ("11", "440600"));
        assert_eq!("007039565".parse(), Ok(code.org_code()));
        assert_eq!(code.class(), BodyClass::Agency(AgencyKind::Organ));
    }

    #[test]
    fn says_what_was_expected() {
        let character = |position, found| UsccError::Character { position, found };
        for (text, error) in [
            ("11440000MB2D00001X", None),
            ("11440100MB2D00002Y", None),
            (
                "00000000000000000X",
                Some(UsccError::Check {
                    expected: '0',
                    found: 'X',
                }),
            ),
            ("1144060000703956", Some(UsccError::Length(16))),
            ("114406O0007039565U", Some(character(7, 'O'))),
            ("1144060A007039565U", Some(character(8, 'A'))),
            ("1144060000703956IU", Some(character(17, 'I'))),
            ("11440600007039565Z", Some(character(18, 'Z'))),
            ("１1440600007039565U", Some(character(1, '１'))),
        ] {
            let found = text.parse::<Uscc>().expect_err(text);
            match error {
                Some(error) => assert_eq!(found, error),
                None => assert!(matches!(found, UsccError::Check { .. }), "{text}"),
            }
        }
    }

    proptest! {
        #[test]
        fn any_other_character_anywhere_is_noticed(
            which in 0..VALID.len(), at in 0_usize..18, by in "[0-9A-Z]",
        ) {
            let mut text = VALID[which].to_owned();
            text.replace_range(at..=at, &by);
            prop_assert_eq!(text.parse::<Uscc>().is_ok(), text == VALID[which]);
        }

        #[test]
        fn a_made_code_reads_back(division in "[0-9]{6}", body in "[0-9A-HJ-NPQRTUWXY]{8}") {
            let org = OrgCode::from_body(&body).expect("the body is of the alphabet");
            let code = Uscc::from_parts("12", &division, org).expect("the parts are right");
            prop_assert_eq!(code.to_string().parse(), Ok(code));
            prop_assert_eq!(code.org_code(), org);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,20}") {
            let _ = text.parse::<Uscc>();
        }
    }
}
