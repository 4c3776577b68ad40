//! Who asks through proxies.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

static FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// Proxies one behind the other.
const HOPS_MAX: usize = 10;

/// The client's address: the nearest that is none of our proxies. Whatever stands before it in the
/// header may be made up by whoever sent it.
pub(super) fn client(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let is_proxy = |address: &IpAddr| proxies.iter().any(|net| net.contains(address));
    let mut nearest = peer.to_canonical();
    if !is_proxy(&nearest) {
        return nearest;
    }
    let values: Vec<_> = headers.get_all(&FORWARDED_FOR).iter().collect();
    let hops = values.iter().rev().flat_map(|value| {
        let value = value.to_str().unwrap_or_default();
        value.rsplit(',').map(address)
    });
    for hop in hops.take(HOPS_MAX) {
        let Some(hop) = hop else {
            break;
        };
        nearest = hop;
        if !is_proxy(&nearest) {
            break;
        }
    }
    nearest
}

/// An address as proxies write it, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let plain = text.parse::<IpAddr>().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    plain
        .or_else(with_port)
        .map(|address| address.to_canonical())
}
