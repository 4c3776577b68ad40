//! Addresses that lead back into our own network, in every disguise.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::net::TcpListener;
use zhengxin::{
    config::Place,
    egress::{Egress, Error, resolve},
};

use super::{get, quick};

/// Hosts as a description may have them; all of them lead to this machine, to its network or to no
/// public address.
const DISGUISES: [&str; 77] = [
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "127.0.0.2",
    "2130706433",
    "2130706433.",
    "0x7f000001",
    "0X7F000001",
    "0x7f.1",
    "0x7f.0.0.1",
    "0x7f.0x0.0x0.0x1",
    "0177.0.0.1",
    "0177.0.0.01",
    "017700000001",
    "00000177.1",
    "127.0x1",
    "127.000.000.001",
    "%31%32%37.0.0.1",
    "127%2e0%2e0%2e1",
    "１２７.０.０.１",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "127．0．0．1",
    "0",
    "0.0.0.0",
    "0x0",
    "00",
    "0.0",
    "localhost",
    "LOCALHOST",
    "ｌｏｃａｌｈｏｓｔ",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[0000::0001]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[::ffff:127.0.0.1]",
    "[::FFFF:7F00:1]",
    "[::ffff:7f00:0001]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::ffff:0.0.0.0]",
    "[::ffff:10.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[::ffff:192.168.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2002:7f00:0001::1]",
    "[2001:0:7f00:1::]",
    "[2001:0000:4136:e378:8000:63bf:80ff:fffe]",
    "[fe80::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fec0::1]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[100::1]",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.254",
    "192.168.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "192.0.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
];

/// A listener on every address of this machine, and how often somebody came.
async fn listener() -> (u16, Arc<AtomicUsize>) {
    let bound = match TcpListener::bind("[::]:0").await {
        Ok(both) => both,
        Err(_) => TcpListener::bind("0.0.0.0:0").await.expect("a free port"),
    };
    let port = bound.local_addr().expect("it is bound").port();
    let contacts = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&contacts);
    tokio::spawn(async move {
        while bound.accept().await.is_ok() {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    (port, contacts)
}

#[tokio::test]
async fn no_disguise_leads_to_our_own_network() {
    let (port, contacts) = listener().await;
    let egress = Egress::with(quick());
    for host in DISGUISES {
        let url = format!("http://{host}:{port}/");
        let place = Place {
            url: Some(url.clone()),
            ..Place::default()
        };
        let refused = match egress.door(&place) {
            Ok(door) => get(&door, &url).await.map(|_| ()),
            Err(error) => Err(error),
        };
        assert!(
            matches!(refused, Err(Error::Forbidden { .. } | Error::Address)),
            "{host}: {refused:?}"
        );
        let refused = resolve(host, port, &[]).await;
        assert!(
            matches!(refused, Err(Error::Forbidden { .. } | Error::Address)),
            "{host}: {refused:?}"
        );
    }
    assert_eq!(contacts.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn what_pretends_to_be_another_host_is_no_address() {
    let (port, contacts) = listener().await;
    for url in [
        format!("http://example.com@127.0.0.1:{port}/"),
        format!("http://example.com:80@127.0.0.1:{port}/"),
        format!("http://127.0.0.1:{port}#@example.com/"),
        format!("http:\\\\example.com@127.0.0.1:{port}"),
        format!("gopher://127.0.0.1:{port}/"),
        format!("file://127.0.0.1:{port}/"),
        format!("//127.0.0.1:{port}/"),
        format!("127.0.0.1:{port}"),
        "http://".to_owned(),
        "http://[::1".to_owned(),
        "http://127.0.0.1:99999/".to_owned(),
    ] {
        let place = Place {
            url: Some(url.clone()),
            allow: vec!["127.0.0.0/8".to_owned()],
            ..Place::default()
        };
        let refused = Egress::new().door(&place);
        assert!(matches!(refused, Err(Error::Address)), "{url}: {refused:?}");
    }
    assert_eq!(contacts.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_allowed_range_is_reached_by_address_and_by_name_and_no_other_is() {
    let (port, contacts) = listener().await;
    for (host, allow, is_reached) in [
        ("127.0.0.2", "127.0.0.2", true),
        ("0x7f000002", "127.0.0.2/32", true),
        ("127.0.0.1", "127.0.0.2", false),
        ("localhost", "127.0.0.0/8", true),
        ("localhost", "10.0.0.0/8", false),
    ] {
        let allow = vec![allow.to_owned()];
        let ranges = zhengxin::egress::ranges(&allow).expect("a range");
        let found = resolve(host, port, &ranges).await;
        let found = found.map(|found| {
            assert!(found.iter().all(|address| address.port() == port));
            found.len()
        });
        assert_eq!(found.is_ok_and(|count| count > 0), is_reached, "{host}");
        let url = format!("http://{host}:{port}/");
        let place = Place {
            url: Some(url.clone()),
            allow,
            ..Place::default()
        };
        let before = contacts.load(Ordering::SeqCst);
        let limits = zhengxin::egress::Limits {
            tries_max: 1,
            first_byte: std::time::Duration::from_millis(300),
            ..quick()
        };
        if let Ok(door) = Egress::with(limits).door(&place) {
            assert!(get(&door, &url).await.is_err(), "nobody answers there");
        }
        let came = contacts.load(Ordering::SeqCst) > before;
        assert_eq!(came, is_reached, "{host}");
    }
    let nonsense = Place {
        url: Some("http://example.com/".to_owned()),
        allow: vec!["10.0.0.0/40".to_owned()],
        ..Place::default()
    };
    let refused = Egress::new().door(&nonsense);
    assert!(matches!(refused, Err(Error::Range { .. })), "{refused:?}");
}
