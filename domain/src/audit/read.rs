//! Reading a record's parts, one after another.

use std::str::FromStr;

const ABSENT: u32 = u32::MAX;

/// Why bytes are no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub &'static str);

/// A record that is being read.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(record: &'a [u8]) -> Self {
        Self(record)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Unreadable> {
        let (first, rest) = self.0.split_first().ok_or(Unreadable("cut off"))?;
        self.0 = rest;
        Ok(*first)
    }

    fn optional(&mut self) -> Result<Option<&'a [u8]>, Unreadable> {
        let cut = Unreadable("cut off");
        let (length, rest) = self.0.split_first_chunk().ok_or(cut)?;
        let length = u32::from_be_bytes(*length);
        if length == ABSENT {
            self.0 = rest;
            return Ok(None);
        }
        let (part, rest) = rest.split_at_checked(length as usize).ok_or(cut)?;
        self.0 = rest;
        Ok(Some(part))
    }

    fn part(&mut self) -> Result<&'a [u8], Unreadable> {
        self.optional()?.ok_or(Unreadable("a part is absent"))
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Unreadable> {
        array(self.part()?)
    }

    pub(super) fn optional_array<const N: usize>(&mut self) -> Result<Option<[u8; N]>, Unreadable> {
        self.optional()?.map(array).transpose()
    }

    pub(super) fn text(&mut self) -> Result<String, Unreadable> {
        text(self.part()?)
    }

    pub(super) fn optional_text(&mut self) -> Result<Option<String>, Unreadable> {
        self.optional()?.map(text).transpose()
    }

    /// A word of a closed list.
    pub(super) fn word<T: FromStr>(&mut self) -> Result<T, Unreadable> {
        let word = self.text()?;
        word.parse().map_err(|_| Unreadable("an unknown word"))
    }

    pub(super) fn list<T>(
        &mut self,
        one: impl Fn(&mut Self) -> Result<T, Unreadable>,
    ) -> Result<Vec<T>, Unreadable> {
        let mut inner = Self(self.part()?);
        let mut list = Vec::new();
        while !inner.0.is_empty() {
            list.push(one(&mut inner)?);
        }
        Ok(list)
    }

    pub(super) fn numbers(&mut self) -> Result<Vec<i64>, Unreadable> {
        let (numbers, rest) = self.part()?.as_chunks();
        match rest {
            [] => Ok(numbers
                .iter()
                .map(|bytes| i64::from_be_bytes(*bytes))
                .collect()),
            _ => Err(Unreadable("a number of another length")),
        }
    }

    pub(super) fn end(self) -> Result<(), Unreadable> {
        match self.0 {
            [] => Ok(()),
            _ => Err(Unreadable("bytes behind the last part")),
        }
    }
}

fn array<const N: usize>(part: &[u8]) -> Result<[u8; N], Unreadable> {
    part.try_into()
        .map_err(|_| Unreadable("a part of another length"))
}

fn text(part: &[u8]) -> Result<String, Unreadable> {
    let text = std::str::from_utf8(part).map_err(|_| Unreadable("a text that is no UTF-8"))?;
    Ok(text.to_owned())
}
