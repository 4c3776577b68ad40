//! How many connections there are, in all and of one address. Where all seats are taken, whoever has
//! asked nothing for the longest time gives his up: half-open connections keep nobody out.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use crate::telemetry;

use super::pulse::{Pulse, State};

/// One in so many seats is given up at once, so that a flood does not look for each of its own.
const GIVEN_UP_SHARE: usize = 64;

/// The seats of one listener.
#[derive(Debug)]
pub(super) struct Seats {
    max: usize,
    of_address_max: usize,
    taken: Mutex<Taken>,
    /// Told whenever the last seat becomes free.
    emptied: Notify,
}

#[derive(Debug, Default)]
struct Taken {
    next: u64,
    seats: HashMap<u64, (IpAddr, Arc<Pulse>)>,
    by_address: HashMap<IpAddr, usize>,
}

/// A seat; it is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Arc<Seats>,
    number: u64,
    pub(super) pulse: Arc<Pulse>,
}

impl Seats {
    pub(super) fn new(max: usize, of_address_max: usize) -> Arc<Self> {
        Arc::new(Self {
            max,
            of_address_max,
            taken: Mutex::default(),
            emptied: Notify::new(),
        })
    }

    /// A seat, or none where all are taken by connections that are being answered.
    pub(super) fn take(self: &Arc<Self>, peer: SocketAddr) -> Option<Seat> {
        let address = block(peer.ip());
        let mut taken = self.lock();
        let of_address = taken.by_address.get(&address).copied().unwrap_or(0);
        let is_free = of_address < self.of_address_max
            || taken.give_up(self.of_address_max, |of| of == address);
        if !is_free || (taken.seats.len() >= self.max && !taken.give_up(self.max, |_| true)) {
            telemetry::connection_refused();
            return None;
        }
        let number = taken.next;
        taken.next += 1;
        let pulse = Arc::new(Pulse::new());
        taken.seats.insert(number, (address, Arc::clone(&pulse)));
        *taken.by_address.entry(address).or_default() += 1;
        telemetry::connection_opened();
        Some(Seat {
            seats: Arc::clone(self),
            number,
            pulse,
        })
    }

    /// Connections that are open.
    pub(super) fn open(&self) -> usize {
        self.lock().seats.len()
    }

    /// Until none is open any more.
    pub(super) async fn empty(&self) {
        loop {
            let emptied = self.emptied.notified();
            if self.open() == 0 {
                return;
            }
            emptied.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        // What is kept is whole after each statement.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    /// Has some seats given up: those whose request does not come before those that were answered,
    /// and of both the ones that wait longest.
    fn give_up(&mut self, max: usize, is_of: impl Fn(IpAddr) -> bool) -> bool {
        let mut waiting: Vec<_> = self
            .seats
            .iter()
            .filter(|(_, (address, _))| is_of(*address))
            .filter_map(|(number, (_, pulse))| match pulse.now() {
                (State::Busy, _) => None,
                (state, since) => Some((state == State::Idle, since, *number)),
            })
            .collect();
        let share = (max / GIVEN_UP_SHARE).max(1).min(waiting.len());
        if share > 0 && share < waiting.len() {
            waiting.select_nth_unstable(share - 1);
        }
        for (_, _, number) in &waiting[..share] {
            if let Some(pulse) = self.free(*number) {
                pulse.given_up.cancel();
                telemetry::connection_given_up();
            }
        }
        share > 0
    }

    fn free(&mut self, number: u64) -> Option<Arc<Pulse>> {
        let (address, pulse) = self.seats.remove(&number)?;
        telemetry::connection_closed();
        if let Some(count) = self.by_address.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&address);
            }
        }
        Some(pulse)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.lock();
        taken.free(self.number);
        if taken.seats.is_empty() {
            self.seats.emptied.notify_waiters();
        }
    }
}

/// What counts as one address: of IPv6 the network of 64 bits that one household has.
fn block(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let network = u128::from(address) >> 64 << 64;
            IpAddr::V6(Ipv6Addr::from(network))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(host: u8) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, host], 1))
    }

    #[test]
    fn whoever_waits_for_nothing_makes_room_and_who_is_answered_does_not() {
        let seats = Seats::new(2, 2);
        let answered = seats.take(peer(1)).expect("it is free");
        answered.pulse.is(State::Busy);
        let silent = seats.take(peer(2)).expect("it is free");
        let third = seats.take(peer(3)).expect("the silent one makes room");
        assert!(silent.pulse.given_up.is_cancelled());
        assert!(!answered.pulse.given_up.is_cancelled());
        third.pulse.is(State::Busy);
        assert!(seats.take(peer(4)).is_none(), "both are being answered");
        drop(silent);
        assert_eq!(seats.open(), 2, "its seat was another's by then");
        drop(third);
        assert!(seats.take(peer(4)).is_some());
    }

    #[test]
    fn one_address_takes_its_share_and_an_asked_connection_outlives_a_silent_one() {
        let seats = Seats::new(10, 2);
        let asked = seats.take(peer(1)).expect("it is free");
        asked.pulse.is(State::Idle);
        let silent = seats.take(peer(1)).expect("it is free");
        let _third = seats.take(peer(1)).expect("the silent one makes room");
        assert!(silent.pulse.given_up.is_cancelled());
        assert!(!asked.pulse.given_up.is_cancelled());
        assert_eq!(seats.open(), 2);
        let of = |text: &str| block(text.parse().expect("an address"));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:10.0.0.1"), of("10.0.0.1"));
    }
}
