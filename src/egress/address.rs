//! Which addresses may be connected to: public ones, and those that the operator names. A source's
//! description or a name server must not be able to point us into our own network.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use reqwest::Url;

use super::{Error, Names};

/// Until a name is resolved.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(3);

/// What is never public (IANA's registry of special-purpose addresses), and the address at which a
/// cloud answers its guests though it looks public.
const NOT_PUBLIC_V4: [Ipv4Net; 17] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([168, 63, 129, 16], 32),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 31, 196, 0], 24),
    v4([192, 52, 193, 0], 24),
    v4([192, 88, 99, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    // Multicast, what is reserved, and broadcast.
    v4([224, 0, 0, 0], 3),
];

/// Global unicast; NAT64, unique local, link-local and multicast addresses lie outside of it.
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// What is not public inside it: protocol assignments with Teredo, documentation, 6to4.
const NOT_PUBLIC_V6: [Ipv6Net; 4] = [
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];

const fn v4(at: [u8; 4], bits: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(at[0], at[1], at[2], at[3]), bits)
}

const fn v6(at: [u16; 8], bits: u8) -> Ipv6Net {
    let [a, b, c, d, e, f, g, h] = at;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, h), bits)
}

/// Reads ranges such as `10.1.2.0/24`, or single addresses.
pub fn ranges(texts: &[String]) -> Result<Vec<IpNet>, Error> {
    let range = |text: &String| {
        let net = text.parse::<IpNet>().ok();
        net.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
            .ok_or_else(|| Error::Range { text: text.clone() })
    };
    texts.iter().map(range).collect()
}

/// Where a host may be connected to. It may be a name or an address in any of the forms that a URL
/// takes; of what a name resolves to the forbidden addresses are left out.
pub async fn resolve(host: &str, port: u16, allow: &[IpNet]) -> Result<Vec<SocketAddr>, Error> {
    resolve_by(&Names::System, host, port, allow).await
}

/// The same, where somebody else may tell the addresses of names.
pub(super) async fn resolve_by(
    names: &Names,
    host: &str,
    port: u16,
    allow: &[IpNet],
) -> Result<Vec<SocketAddr>, Error> {
    let host = canonical(host)?;
    let found = match literal(&host) {
        Some(address) => vec![SocketAddr::new(address, port)],
        None => {
            let unresolved = |reason: String| Error::Unreached {
                host: host.clone(),
                reason,
            };
            let found = tokio::time::timeout(RESOLVE_TIMEOUT, names.look_up(&host, port));
            found
                .await
                .map_err(|_| unresolved("its name was not resolved in time".to_owned()))?
                .map_err(|error| unresolved(error.to_string()))?
        }
    };
    let may_be = |found: &SocketAddr| may_be_reached(found.ip(), allow);
    let allowed: Vec<SocketAddr> = found.into_iter().filter(may_be).collect();
    if allowed.is_empty() {
        return Err(Error::Forbidden { host });
    }
    Ok(allowed)
}

/// Whether an address is public or in an allowed range; an IPv4 address inside an IPv6 one is
/// judged as what it is.
pub fn may_be_reached(address: IpAddr, allow: &[IpNet]) -> bool {
    let meant = match address {
        IpAddr::V6(v6) => v6.to_ipv4().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    };
    let is_public = match meant {
        IpAddr::V4(v4) => !NOT_PUBLIC_V4.iter().any(|net| net.contains(&v4)),
        IpAddr::V6(v6) => {
            GLOBAL_V6.contains(&v6) && !NOT_PUBLIC_V6.iter().any(|net| net.contains(&v6))
        }
    };
    let is_allowed = |net: &IpNet| net.contains(&address) || net.contains(&meant);
    is_public || allow.iter().any(is_allowed)
}

/// The address that a URL's host is, if it is one.
pub(super) fn literal(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[')
        .trim_end_matches(']')
        .parse()
        .ok()
}

/// A host as a URL has it after parsing, where `0x7f.1` is `127.0.0.1`.
fn canonical(host: &str) -> Result<String, Error> {
    let bare_v6 = host.contains(':') && !host.starts_with('[');
    let text = if bare_v6 {
        format!("http://[{host}]/")
    } else {
        format!("http://{host}/")
    };
    let url = Url::parse(&text).map_err(|_| Error::Address)?;
    let is_host_alone = url.username().is_empty()
        && url.password().is_none()
        && url.port().is_none()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none();
    match url.host_str() {
        Some(host) if is_host_alone && !host.is_empty() => Ok(host.to_owned()),
        _ => Err(Error::Address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_addresses_may_be_reached_and_special_ones_may_not() {
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "11.0.0.1",
            "172.32.0.1",
            "223.5.5.5",
            "2400:3200::1",
        ] {
            let address = public.parse().expect("an address");
            assert!(may_be_reached(address, &[]), "{public}");
        }
        for special in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "64:ff9b::808:808",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:0:4136:e378::1",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:808:808::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            let address = special.parse().expect("an address");
            assert!(!may_be_reached(address, &[]), "{special}");
        }
    }

    #[test]
    fn an_allowed_range_goes_no_further_than_it_says() {
        let allow = ranges(&["10.1.2.0/24", "fd00::5", "::1"].map(str::to_owned)).expect("ranges");
        for (address, is_allowed) in [
            ("10.1.2.7", true),
            ("::ffff:10.1.2.7", true),
            ("10.1.3.7", false),
            ("fd00::5", true),
            ("::1", true),
            ("127.0.0.1", false),
            ("fd00::6", false),
        ] {
            let parsed = address.parse().expect("an address");
            assert_eq!(may_be_reached(parsed, &allow), is_allowed, "{address}");
        }
        assert!(ranges(&["10.1.2.0/33".to_owned()]).is_err());
    }

    #[tokio::test]
    async fn what_is_more_than_a_host_is_none() {
        for host in [
            "",
            "a/b",
            "user@b",
            "b:80",
            "b?c",
            "b#c",
            "[::1",
            "fe80::1%eth0",
            "a b",
        ] {
            let answer = resolve(host, 80, &[]).await;
            assert!(matches!(answer, Err(Error::Address)), "{host}: {answer:?}");
        }
    }
}
