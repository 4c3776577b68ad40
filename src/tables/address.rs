//! MERGE: replaced by `egress::{ranges, resolve}`, which have the same signatures.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

/// Reads ranges such as `10.1.2.0/24`, or single addresses.
pub fn ranges(texts: &[String]) -> Result<Vec<IpNet>, String> {
    let range = |text: &String| {
        let net = text.parse::<IpNet>().ok();
        net.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
            .ok_or_else(|| format!("{text:?} is no range of addresses, such as 10.1.2.0/24"))
    };
    texts.iter().map(range).collect()
}

/// Where a host may be connected to: its public addresses, and those in an allowed range.
pub async fn resolve(host: &str, port: u16, allow: &[IpNet]) -> Result<Vec<SocketAddr>, String> {
    let found = tokio::net::lookup_host((host, port)).await;
    let found = found.map_err(|error| format!("{host} did not answer: {error}"))?;
    let is_public = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => {
            !(ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_unspecified())
        }
        IpAddr::V6(ip) => ip.segments()[0] & 0xe000 == 0x2000,
    };
    let is_allowed = |ip: IpAddr| is_public(ip) || allow.iter().any(|net| net.contains(&ip));
    let allowed: Vec<_> = found.filter(|at| is_allowed(at.ip())).collect();
    if allowed.is_empty() {
        return Err(format!(
            "{host} is no public address and in none of the ranges that its place allows"
        ));
    }
    Ok(allowed)
}
