use std::{
    num::NonZeroU32,
    sync::atomic::{AtomicU64, Ordering},
};

use axum::http::HeaderValue;
use proptest::prelude::*;

use super::*;

const PEER: &str = "192.0.2.1";

fn at(address: &str) -> Option<IpAddr> {
    Some(address.parse().expect("an address"))
}

fn known(subject: &str) -> Viewer {
    Viewer {
        subject: subject.to_owned(),
        role: Role::Court,
        ..Viewer::public()
    }
}

/// Rates of so many units a second and at once, and a hand on their clock, in milliseconds.
fn rates(per_second: u32, burst: u32, callers_max: usize) -> (Rates, Arc<AtomicU64>) {
    let units = |units| NonZeroU32::new(units).expect("not zero");
    let config = config::Rates {
        subject_per_second: units(per_second),
        subject_burst: units(burst),
        address_per_second: units(per_second),
        address_burst: units(burst),
        callers_max,
    };
    let proxies = ["10.0.0.0/8", "fd00::/8"].map(|net| net.parse().expect("a net"));
    let now = Arc::new(AtomicU64::new(1));
    let told = Arc::clone(&now);
    let ticks: Ticks = Arc::new(move || Duration::from_millis(told.load(Ordering::SeqCst)));
    (Rates::new(&config, &proxies, Some(ticks)), now)
}

fn forwarded(values: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in values {
        let value = HeaderValue::from_str(value).expect("a header");
        headers.append("x-forwarded-for", value);
    }
    headers
}

#[test]
fn a_burst_passes_and_comes_back_with_time() {
    let (rates, now) = rates(10, 100, 1_000);
    let key = rates.key(&known("a"), rates.address(at(PEER), &HeaderMap::new()));
    for _ in 0..100 {
        assert_eq!(rates.charge(&key, 1), Ok(()));
    }
    let refused = rates.charge(&key, 1).expect_err("the burst is used up");
    assert_eq!(refused, RetryAfter(Duration::from_millis(200)));
    assert_eq!(refused.seconds(), 1, "never less than a second");
    assert_eq!(
        rates.charge(&key, 25),
        Err(RetryAfter(Duration::from_millis(2_600))),
        "the door included"
    );
    now.fetch_add(2_499, Ordering::SeqCst);
    assert!(rates.charge(&key, 25).is_err());
    now.fetch_add(1, Ordering::SeqCst);
    assert_eq!(rates.charge(&key, 25), Ok(()), "a refusal cost nothing");
    now.fetch_add(3_600_000, Ordering::SeqCst);
    assert_eq!(rates.charge(&key, 99), Ok(()));
    assert!(
        rates.charge(&key, 2).is_err(),
        "more than a burst never gathers"
    );
}

#[test]
fn callers_do_not_pay_for_each_other() {
    let (rates, _) = rates(1, 10, 1_000);
    let none = HeaderMap::new();
    let keys = [
        rates.key(&known("a"), rates.address(at(PEER), &none)),
        rates.key(&known("b"), rates.address(at(PEER), &none)),
        rates.key(&Viewer::public(), rates.address(at(PEER), &none)),
        rates.key(&Viewer::public(), rates.address(at("192.0.2.2"), &none)),
        rates.key(&Viewer::public(), rates.address(at("2001:db8::1"), &none)),
        rates.key(
            &Viewer::public(),
            rates.address(at("2001:db8:0:1::1"), &none),
        ),
        rates.key(&Viewer::public(), rates.address(None, &none)),
    ];
    for key in &keys {
        assert_eq!(rates.charge(key, 1), Ok(()));
        assert_eq!(rates.charge(key, 9), Ok(()));
        assert!(rates.charge(key, 1).is_err());
    }
    let same_network = rates.key(
        &Viewer::public(),
        rates.address(at("2001:db8::ffff"), &none),
    );
    assert_eq!(same_network, keys[4]);
    let elsewhere = rates.key(&known("a"), rates.address(at("192.0.2.9"), &none));
    assert_eq!(elsewhere, keys[0], "a subject is himself wherever he is");
    let mapped = rates.key(
        &Viewer::public(),
        rates.address(at("::ffff:192.0.2.1"), &none),
    );
    assert_eq!(mapped, keys[2]);
}

#[test]
fn only_proxies_are_believed_who_they_ask_for() {
    let (rates, _) = rates(1, 10, 1_000);
    let key = |peer, values: &[&str]| rates.address(at(peer), &forwarded(values));
    let client = key("192.0.2.1", &[]);
    for (peer, values) in [
        ("192.0.2.1", &["198.51.100.1"][..]),
        ("10.0.0.1", &["192.0.2.1"]),
        ("10.0.0.1", &["192.0.2.1:4711"]),
        ("10.0.0.1", &["::ffff:192.0.2.1"]),
        ("::ffff:10.0.0.1", &["192.0.2.1"]),
        ("10.0.0.1", &["198.51.100.1, 192.0.2.1"]),
        ("10.0.0.1", &["198.51.100.1", "192.0.2.1, 10.0.0.2"]),
        ("10.0.0.1", &["garbage, 192.0.2.1 , [fd00::1]:80"]),
    ] {
        assert_eq!(key(peer, values), client, "{peer} {values:?}");
    }
    let proxy = key("10.0.0.1", &[]);
    for values in [&["garbage"][..], &[""], &["192.0.2.1,"], &["unknown"]] {
        assert_eq!(key("10.0.0.1", values), proxy, "{values:?}");
    }
    let chain = vec!["10.0.0.9"; 1_000].join(",");
    assert_eq!(key("10.0.0.1", &[&chain]), key("10.0.0.9", &[]));
}

#[test]
fn memory_is_bounded_and_idle_callers_are_forgotten() {
    let (rates, now) = rates(1, 10, 100);
    let key = |n: u32| rates.address(Some(IpAddr::from(n.to_be_bytes())), &HeaderMap::new());
    let mut refused = 0;
    for n in 0..10_000 {
        refused += u32::from(rates.charge(&key(n), 1).is_err());
        now.store(1 + u64::from(n) / 100, Ordering::SeqCst);
    }
    let remembered = || {
        rates
            .callers
            .lock()
            .expect("nobody panicked")
            .whole_at
            .len()
    };
    assert!(remembered() <= 101, "{}", remembered());
    assert_eq!(refused, 10_000 - 100 - 10, "the crowd has one allowance");
    now.fetch_add(60_000, Ordering::SeqCst);
    assert_eq!(rates.charge(&key(20_000), 9), Ok(()));
    assert!(remembered() <= 2, "{}", remembered());
}

proptest! {
    #[test]
    fn nobody_is_refused_for_ever(
        per_second in 1..=u32::MAX,
        burst in 1..=u32::MAX,
        costs in prop::collection::vec(0..=u64::MAX, 1..8),
    ) {
        let (rates, now) = rates(per_second, burst, 10);
        let key = rates.key(&known("a"), rates.address(at(PEER), &HeaderMap::new()));
        for cost in costs {
            // Whoever waits as long as he is told gets in.
            let mut tries = 0;
            while let Err(RetryAfter(wait)) =
                rates.charge(&key, DOOR).and_then(|()| rates.charge(&key, cost))
            {
                tries += 1;
                prop_assert!(tries <= 2, "{wait:?}");
                let wait = wait.as_nanos().div_ceil(1_000_000);
                let wait = u64::try_from(wait).expect("no wait of ages");
                now.fetch_add(wait, Ordering::SeqCst);
            }
        }
    }
}
