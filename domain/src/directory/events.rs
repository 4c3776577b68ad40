//! Succession events of the register, by the body that they ended or took duties from.

use chrono::NaiveDate;
use hashbrown::HashMap;

use super::key_of;
use crate::{
    gazetteer::{Gazetteer, Place},
    name,
    succession::{Succession, SuccessionKind},
    uscc::Uscc,
};

#[derive(Debug, Default)]
pub(crate) struct Events {
    all: Vec<Succession>,
    by_code: HashMap<Uscc, Vec<u32>>,
    /// By division and core of the predecessor's name.
    by_name: HashMap<Option<Place>, HashMap<String, Vec<u32>>>,
}

impl Events {
    pub fn new<'a>(gazetteer: &Gazetteer, events: impl Iterator<Item = &'a Succession>) -> Self {
        let mut all: Vec<Succession> = events.cloned().collect();
        // In an order of their own, so that no answer depends on the order of loading.
        all.sort_by(|a, b| {
            let key = |event: &Succession| {
                (
                    event.effective_on,
                    event.from,
                    event.to,
                    event.kind.as_str(),
                )
            };
            let names = |event: &Succession| (event.from_name.clone(), event.to_name.clone());
            key(a).cmp(&key(b)).then_with(|| names(a).cmp(&names(b)))
        });
        all.dedup();
        let mut events = Self::default();
        for (event, number) in all.iter().zip(0..) {
            if let Some(code) = event.from {
                events.by_code.entry(code).or_default().push(number);
            }
            let name = name::normalise(&event.from_name);
            if !name.is_empty() {
                let key = key_of(gazetteer, &name, None);
                let named = events.by_name.entry(key.place).or_default();
                named.entry_ref(key.core).or_default().push(number);
            }
        }
        events.all = all;
        events
    }

    /// What the events and their names take, about.
    pub fn bytes(&self) -> usize {
        let texts = |event: &Succession| {
            let to = event.to_name.as_ref().map_or(0, String::capacity);
            event.from_name.capacity() + to + event.basis.as_ref().map_or(0, String::capacity)
        };
        let cores = self.by_name.values().flat_map(HashMap::keys);
        let keys = cores.map(|core| {
            core.capacity() + size_of::<(Option<Place>, String, Vec<u32>)>() + size_of::<u32>()
        });
        let codes = self.by_code.len() * (size_of::<(Uscc, Vec<u32>)>() + size_of::<u32>());
        self.all.capacity() * size_of::<Succession>()
            + self.all.iter().map(texts).sum::<usize>()
            + keys.sum::<usize>()
            + codes
    }

    /// What became of the body with this code.
    pub fn of_code(&self, code: &Uscc) -> impl Iterator<Item = &Succession> {
        let numbers = self.by_code.get(code).map_or(&[][..], Vec::as_slice);
        numbers.iter().map(|number| &self.all[*number as usize])
    }

    /// What became of the body of this name.
    pub fn of_name(&self, place: Option<Place>, core: &str) -> impl Iterator<Item = &Succession> {
        let numbers = self.by_name.get(&place).and_then(|named| named.get(core));
        let numbers = numbers.map_or(&[][..], Vec::as_slice);
        numbers.iter().map(|number| &self.all[*number as usize])
    }

    /// The day on which an event ended the body; one that hands duties over does not.
    pub fn ended(&self, code: &Uscc) -> Option<NaiveDate> {
        self.of_code(code)
            .filter(|event| event.kind != SuccessionKind::Transferred)
            .map(|event| event.effective_on)
            .min()
    }
}
