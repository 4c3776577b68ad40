//! Where a transport puts what it brings: kept by digest, and noted as it lands, so that whoever goes on
//! after an interruption need not fetch it again.

use std::future::Future;

use super::{Checkpoints, Fetched, LandError, Landed, RawStore};

/// Takes note of what lands.
pub trait Journal: Send {
    /// This file landed as the `at`th, and with it lists are read so far.
    fn landed(
        &mut self,
        at: usize,
        file: &Landed,
        so_far: &Checkpoints,
    ) -> impl Future<Output = Result<(), String>> + Send;

    /// What landed from the `from`th file on is none of the delivery.
    fn left_aside(&mut self, from: usize) -> impl Future<Output = Result<(), String>> + Send;
}

/// Nobody goes on.
impl Journal for () {
    async fn landed(&mut self, _: usize, _: &Landed, _: &Checkpoints) -> Result<(), String> {
        Ok(())
    }

    async fn left_aside(&mut self, _: usize) -> Result<(), String> {
        Ok(())
    }
}

/// A delivery that is landing.
pub struct Landing<'a, J> {
    pub(super) raw: &'a RawStore,
    journal: J,
    /// What came so far; it stays when the transport fails.
    pub fetched: Fetched,
    /// What an interrupted run had landed, in its order, as far as it is not told apart from what is
    /// there now.
    earlier: Vec<Landed>,
}

impl<'a, J: Journal> Landing<'a, J> {
    /// One that begins with nothing.
    pub fn new(raw: &'a RawStore, journal: J) -> Self {
        Self {
            raw,
            journal,
            fetched: Fetched::default(),
            earlier: Vec::new(),
        }
    }

    /// One that may find in its way again what an interrupted run had landed.
    pub fn over(raw: &'a RawStore, journal: J, earlier: Vec<Landed>) -> Self {
        Self {
            earlier,
            ..Self::new(raw, journal)
        }
    }

    /// One that goes on behind what an interrupted run had landed.
    pub fn behind(raw: &'a RawStore, journal: J, earlier: Vec<Landed>) -> Self {
        let mut landing = Self::new(raw, journal);
        landing.fetched.files = earlier;
        landing
    }

    /// Keeps bytes as the next file.
    pub(super) async fn land(&mut self, name: &str, bytes: &[u8]) -> Result<(), LandError> {
        self.land_declared(name, bytes, None).await
    }

    /// Keeps bytes as the next file whose transport declares a charset.
    pub(super) async fn land_declared(
        &mut self,
        name: &str,
        bytes: &[u8],
        charset: Option<&str>,
    ) -> Result<(), LandError> {
        let landed = self.raw.land_bytes_declared(name, bytes, charset).await?;
        let at = self.fetched.files.len();
        if at < self.earlier.len() {
            self.leave_aside(at).await?;
        }
        let noted = self.journal.landed(at, &landed, &self.fetched.checkpoints);
        noted.await.map_err(|reason| LandError::Unnoted {
            name: name.to_owned(),
            reason,
        })?;
        self.fetched.files.push(landed);
        Ok(())
    }

    /// The next file and its bytes, where an interrupted run had landed it under this name.
    pub(super) async fn again(
        &mut self,
        name: &str,
    ) -> Result<Option<(Landed, Vec<u8>)>, LandError> {
        let next = self.earlier.get(self.fetched.files.len());
        let Some(landed) = next.filter(|landed| landed.name == name).cloned() else {
            return Ok(None);
        };
        let bytes = self.raw.read(&landed).await?;
        self.fetched.files.push(landed.clone());
        Ok(Some((landed, bytes)))
    }

    /// Whether an interrupted run had landed the file at this place.
    pub(super) fn is_again(&self, at: usize) -> bool {
        at < self.earlier.len()
    }

    /// Leaves aside what landed from this place on, whoever landed it.
    pub(super) async fn leave_aside(&mut self, from: usize) -> Result<(), LandError> {
        self.fetched.files.truncate(from);
        self.earlier.truncate(from);
        let left = self.journal.left_aside(from).await;
        left.map_err(|reason| LandError::Unnoted {
            name: "what is left aside".to_owned(),
            reason,
        })
    }
}
