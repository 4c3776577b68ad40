//! A bearer token where one is configured (`secret`), else nothing.

use super::{Ask, Error, Secret, Words, put};
use crate::egress::Request;

#[derive(Debug)]
pub(in crate::egress) struct Bearer {
    token: Option<Secret>,
}

impl Bearer {
    pub(super) fn new(words: &Words<'_>) -> Result<Self, Error> {
        words.know(&[])?;
        Ok(Self {
            token: words.place.secret.clone().map(Secret),
        })
    }

    pub(in crate::egress) fn sign(&self, ask: &Ask) -> Result<Request, Error> {
        let mut request = ask.request();
        if let Some(Secret(token)) = &self.token {
            put(
                &mut request,
                "bearer",
                "authorization",
                &format!("Bearer {token}"),
            )?;
        }
        Ok(request)
    }
}
