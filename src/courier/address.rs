//! Which addresses may be called: a URL that somebody gave us must not reach into our own network.
//!
//! Names are resolved here and the connection goes to what was checked, so that a name cannot change in between.

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};

/// Refuses URLs that must not be called before any name is resolved.
pub(super) fn check(url: &Url, allow_private: bool) -> Result<(), String> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err("the address is neither http nor https".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("credentials do not belong into the address".to_owned());
    }
    let host = url.host_str().ok_or("the address has no host")?;
    let literal: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    match literal {
        Some(ip) if !allow_private && !is_public(ip) => Err(PRIVATE.to_owned()),
        _ => Ok(()),
    }
}

/// Why such an address is not called.
pub(super) const PRIVATE: &str = "the address lies in a private network";

/// Resolves names to public addresses only.
pub(super) struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let looked_up = tokio::task::spawn_blocking(move || (host.as_str(), 0).to_socket_addrs()).await;
            let public: Vec<SocketAddr> = looked_up??.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(PRIVATE.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Whether the address belongs to the public internet.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let protocol = a == 192 && b == 0 && c == 0;
    let benchmark = a == 198 && (b == 18 || b == 19);
    let special = a == 0 || a >= 240 || shared || protocol || benchmark;
    let local = ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_multicast() || ip.is_documentation();
    !special && !local
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = ip.segments();
    let v4 = |high: u16, low: u16| is_public_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    match (a, b) {
        // IPv4 inside IPv6: mapped, NAT64, 6to4.
        (0, 0) if (c, d, e) == (0, 0, 0) && f == 0xffff => v4(g, h),
        (0x64, 0xff9b) => v4(g, h),
        (0x2002, _) => v4(b, c),
        (0x2001, 0xdb8) => false,
        // Only 2000::/3 is given out for the public internet.
        _ => (0x2000..0x4000).contains(&a),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_in_every_spelling_are_refused() {
        for host in [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.5.5",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "198.18.0.1",
            "2130706433",
            "0x7f.1",
            "0177.0.0.1",
            "[::1]",
            "[::]",
            "[fe80::1]",
            "[fd00::1]",
            "[::ffff:127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "[ff02::1]",
        ] {
            let url = Url::parse(&format!("http://{host}:8080/x")).unwrap();
            assert!(check(&url, false).is_err(), "{host}");
            assert!(check(&url, true).is_ok(), "{host} is allowed when the operator says so");
        }
        for host in ["1.1.1.1", "[2606:4700::1111]", "post.example"] {
            assert!(check(&Url::parse(&format!("https://{host}/")).unwrap(), false).is_ok(), "{host}");
        }
        for text in ["ftp://post.example/", "http://user:secret@post.example/"] {
            assert!(check(&Url::parse(text).unwrap(), true).is_err(), "{text}");
        }
    }
}
