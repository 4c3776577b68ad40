//! A service that wants to be asked in its dialect.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use reqwest::{Method, Url};
use serde_json::Value;

use crate::{clock::Clock, config::Place};

use super::{
    Answer, Cryptography, Dialect, Door, Error, Software,
    signing::{Ask, Signer},
};

/// A service: its door, its dialect, and the time that signatures bear.
#[derive(Debug)]
pub struct Service {
    door: Door,
    signer: Signer,
    clock: Clock,
}

impl Service {
    /// A service behind a door, with the secrets of its place.
    pub fn new(door: Door, dialect: Dialect, place: &Place, clock: Clock) -> Result<Self, Error> {
        Self::with_cryptography(door, dialect, place, clock, Arc::new(Software))
    }

    /// The same, where Chinese cryptography is a device's work.
    pub fn with_cryptography(
        door: Door,
        dialect: Dialect,
        place: &Place,
        clock: Clock,
        cryptography: Arc<dyn Cryptography>,
    ) -> Result<Self, Error> {
        Ok(Self {
            door,
            signer: Signer::new(dialect, place, cryptography)?,
            clock,
        })
    }

    /// Asks, and gives the answer with its plain body. Whatever the method, it must only ask: it may
    /// be sent again.
    pub async fn call(
        &self,
        method: Method,
        url: Url,
        body: Option<Value>,
    ) -> Result<Answer, Error> {
        self.send(Ask {
            method,
            url,
            body,
            is_repeatable: true,
        })
        .await
    }

    /// Sends what must not be sent twice, and gives the answer with its plain body.
    pub async fn send_once(
        &self,
        method: Method,
        url: Url,
        body: Option<Value>,
    ) -> Result<Answer, Error> {
        self.send(Ask {
            method,
            url,
            body,
            is_repeatable: false,
        })
        .await
    }

    async fn send(&self, ask: Ask) -> Result<Answer, Error> {
        let (door, clock) = (&self.door, &self.clock);
        match &self.signer {
            Signer::Bearer(bearer) => door.send_each(|| bearer.sign(&ask)).await,
            Signer::Tif(tif) => door.send_each(|| tif.sign(&ask, clock.now())).await,
            Signer::NationalExchange(exchange) => exchange.send(door, clock, &ask).await,
            Signer::Sm3Sm4(vendor) => {
                let answer = door.send_each(|| vendor.sign(&ask, clock.now())).await?;
                let body = vendor.open(answer.body)?;
                Ok(Answer { body, ..answer })
            }
        }
    }

    /// What time it is by the clock that signs.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
