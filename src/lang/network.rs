//! Network families, socket types and addresses, apparmor.d(5), "Network Rules".

use std::net::{Ipv4Addr, Ipv6Addr};

/// Families, `AF_…` in lower case (parser/Makefile of apparmor_parser 6.0 takes them from
/// linux/socket.h).
pub const FAMILIES: &[&str] = &[
    "unspec",
    "unix",
    "inet",
    "ax25",
    "ipx",
    "appletalk",
    "netrom",
    "bridge",
    "atmpvc",
    "x25",
    "inet6",
    "rose",
    "netbeui",
    "security",
    "key",
    "netlink",
    "packet",
    "ash",
    "econet",
    "atmsvc",
    "rds",
    "sna",
    "irda",
    "pppox",
    "wanpipe",
    "llc",
    "ib",
    "mpls",
    "can",
    "tipc",
    "bluetooth",
    "iucv",
    "rxrpc",
    "isdn",
    "phonet",
    "ieee802154",
    "caif",
    "alg",
    "nfc",
    "vsock",
    "kcm",
    "qipcrtr",
    "smc",
    "xdp",
    "mctp",
];

/// Socket types.
pub const TYPES: &[&str] = &["stream", "dgram", "seqpacket", "rdm", "raw", "packet"];

/// Socket types that `unix` rules take; `none` and `dccp` are known to the parser too.
pub const UNIX_TYPES: &[&str] = &[
    "stream",
    "dgram",
    "seqpacket",
    "rdm",
    "raw",
    "packet",
    "dccp",
    "none",
];

/// Protocols, by the families that know them.
pub const PROTOCOLS: &[(&str, &[&str])] = &[
    ("tcp", &["inet", "inet6"]),
    ("udp", &["inet", "inet6"]),
    ("icmp", &["inet"]),
];

/// Whether the parser accepts these words behind `network`.
#[must_use]
pub fn is_valid(first: Option<&str>, second: Option<&str>) -> bool {
    let protocol_of = |family: &str, word: &str| {
        PROTOCOLS
            .iter()
            .any(|(name, families)| *name == word && families.contains(&family))
    };
    let is_protocol = |word: &str| PROTOCOLS.iter().any(|(name, _)| *name == word);
    match (first, second) {
        (None, _) => true,
        (Some(word), None) => {
            FAMILIES.contains(&word) || TYPES.contains(&word) || is_protocol(word)
        }
        (Some(family), Some(word)) if FAMILIES.contains(&family) => {
            TYPES.contains(&word) || protocol_of(family, word)
        }
        (Some(_), Some(_)) => false,
    }
}

/// Every word that may stand behind `network`, for suggestions.
pub fn words() -> impl Iterator<Item = &'static str> {
    FAMILIES
        .iter()
        .chain(TYPES)
        .copied()
        .chain(PROTOCOLS.iter().map(|(name, _)| *name))
}

/// Whether `ip=` takes this: an address, or `none`. Ranges and prefixes are not supported.
#[must_use]
pub fn is_ip(text: &str) -> bool {
    text == "none" || text.parse::<Ipv4Addr>().is_ok() || text.parse::<Ipv6Addr>().is_ok()
}

/// Whether `port=` takes this: a port, or a range of ports.
#[must_use]
pub fn is_port(text: &str) -> bool {
    match text.split_once('-') {
        Some((low, high)) => match (port(low), port(high)) {
            (Some(low), Some(high)) => low <= high,
            _ => false,
        },
        None => port(text).is_some(),
    }
}

fn port(text: &str) -> Option<u16> {
    if text.starts_with('+') {
        None
    } else {
        text.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_behind_network() {
        assert!(is_valid(None, None));
        assert!(is_valid(Some("inet"), Some("icmp")));
        assert!(!is_valid(Some("inet6"), Some("icmp")));
        assert!(is_valid(Some("tcp"), None));
        assert!(is_valid(Some("netlink"), Some("stream")));
        assert!(!is_valid(Some("stream"), Some("inet")));
    }

    #[test]
    fn ports() {
        assert!(is_port("22-443"));
        assert!(!is_port("443-80"));
        assert!(!is_port("22--443"));
        assert!(!is_port("65536"));
        assert!(!is_port("-1"));
    }
}
