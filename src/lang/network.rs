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

/// The number of a family, `AF_…` in linux/socket.h.
#[must_use]
pub fn family_number(name: &str) -> Option<u8> {
    let (number, _) = (0..).zip(FAMILIES).find(|(_, known)| **known == name)?;
    // 12 is DECnet, which has no name here.
    Some(if number < 12 { number } else { number + 1 })
}

/// Families have numbers below this.
pub const FAMILY_COUNT: u8 = 46;

/// The number of a socket type, `SOCK_…` in linux/net.h; `dccp` and `none` are for `unix` rules only.
#[must_use]
pub fn type_number(name: &str) -> Option<u8> {
    Some(match name {
        "none" => 0,
        "stream" => 1,
        "dgram" => 2,
        "raw" => 3,
        "rdm" => 4,
        "seqpacket" => 5,
        "dccp" => 6,
        "packet" => 10,
        _ => return None,
    })
}

/// The ports that `port=` takes, the first and the last one.
#[must_use]
pub fn ports(text: &str) -> Option<(u16, u16)> {
    let (low, high) = match text.split_once('-') {
        Some((low, high)) => (port(low)?, port(high)?),
        None => (port(text)?, port(text)?),
    };
    (low <= high).then_some((low, high))
}

/// Whether `ip=` takes this: an address, or `none`. Ranges and prefixes are not supported.
#[must_use]
pub fn is_ip(text: &str) -> bool {
    text == "none" || text.parse::<Ipv4Addr>().is_ok() || text.parse::<Ipv6Addr>().is_ok()
}

/// Whether `port=` takes this: a port, or a range of ports.
#[must_use]
pub fn is_port(text: &str) -> bool {
    ports(text).is_some()
}

/// A port as strtoul(3) reads it.
fn port(text: &str) -> Option<u16> {
    text.trim_start_matches(|c: char| c.is_ascii_whitespace())
        .parse()
        .ok()
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
    fn numbers() {
        assert_eq!(family_number("inet6"), Some(10));
        assert_eq!(family_number("netlink"), Some(16));
        assert_eq!(family_number("mctp"), Some(FAMILY_COUNT - 1));
    }

    #[test]
    fn port_ranges() {
        assert!(is_port("22-443"));
        assert!(!is_port("443-80"));
        assert!(!is_port("22--443"));
        assert!(!is_port("65536"));
        assert!(!is_port("-1"));
    }
}
