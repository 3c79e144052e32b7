//! Sockets as text.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::word::word;
use crate::lang::network;

/// Family, type and protocol, with addresses where there are any.
pub(super) fn network(text: &[u8], access: &str) -> String {
    let mut shown = format!("network{access}");
    let [family, kind, protocol, addresses @ ..] = text else {
        return shown;
    };
    let mut words = network::FAMILIES.iter();
    let family = words.find(|name| network::family_number(name) == Some(*family));
    shown.extend(family.map(|name| format!(" {name}")));
    let kind = match (protocol, kind) {
        (6, 1) => Some("tcp"),
        (17, 2) => Some("udp"),
        (1, 2 | 3) => Some("icmp"),
        _ => type_name(*kind),
    };
    let has_protocol = family.is_some_and(|family| {
        let known = network::PROTOCOLS
            .iter()
            .find(|(name, _)| Some(*name) == kind);
        known.is_none_or(|(_, families)| families.contains(family))
    });
    let kind = kind
        .filter(|_| has_protocol)
        .or_else(|| text.get(1).and_then(|k| type_name(*k)));
    shown.extend(kind.map(|name| format!(" {name}")));
    let (local, rest) = address(addresses);
    let (peer, _) = address(rest);
    shown.extend(local.map(|local| format!(" {local}")));
    shown.extend(peer.map(|peer| format!(" peer=({peer})")));
    shown
}

fn type_name(number: u8) -> Option<&'static str> {
    let mut types = network::UNIX_TYPES.iter().copied();
    types.find(|name| network::type_number(name) == Some(number))
}

/// An address, if there is one, and what follows it.
fn address(text: &[u8]) -> (Option<String>, &[u8]) {
    let (ip, rest) = match text {
        [4, a, b, c, d, rest @ ..] => (Some(Ipv4Addr::new(*a, *b, *c, *d).to_string()), rest),
        [6, rest @ ..] => match rest.split_first_chunk::<16>() {
            Some((bytes, rest)) => (Some(Ipv6Addr::from(*bytes).to_string()), rest),
            None => (None, rest),
        },
        [_, rest @ ..] => (None, rest),
        [] => (None, text),
    };
    let (port, rest) = match rest {
        [high, low, rest @ ..] => (u16::from_be_bytes([*high, *low]), rest),
        _ => (0, rest),
    };
    (ip.map(|ip| format!("ip={ip} port={port}")), rest)
}

/// Type, address and peer.
pub(super) fn unix(text: &[u8], access: &str) -> String {
    let mut shown = format!("unix{access}");
    let Some((kind, rest)) = text.split_first() else {
        return shown;
    };
    shown.extend(type_name(*kind).map(|name| format!(" type={name}")));
    let (address, rest) = unix_address(rest);
    shown.extend(address.map(|address| format!(" addr={address}")));
    // The label of the socket itself, and what is asked.
    let behind = rest
        .split(|byte| *byte == 0)
        .next()
        .map_or(0, |label| label.len() + 1);
    let Some([1, peer @ ..]) = rest.get(behind..) else {
        return shown;
    };
    let (address, label) = unix_address(peer);
    let mut conditions: Vec<String> = address
        .map(|addr| format!("addr={addr}"))
        .into_iter()
        .collect();
    conditions.push(format!("label={}", word(label)));
    shown.push_str(&format!(" peer=({})", conditions.join(" ")));
    shown
}

/// An address, if there is one, and what follows the NUL behind it.
fn unix_address(text: &[u8]) -> (Option<String>, &[u8]) {
    match text {
        [1, 0, rest @ ..] => (Some("none".to_owned()), rest),
        // Without a second NUL it is an empty address and a label.
        [0, first, rest @ ..] if *first != 0 && rest.contains(&0) => {
            let name = text.get(1..).unwrap_or_default();
            let end = name.iter().position(|byte| *byte == 0);
            let end = end.unwrap_or(name.len());
            let shown = format!(
                "@{}",
                String::from_utf8_lossy(name.get(..end).unwrap_or_default())
            );
            (
                Some(word(shown.as_bytes())),
                name.get(end + 1..).unwrap_or_default(),
            )
        }
        [0, rest @ ..] => (None, rest),
        _ => (None, text),
    }
}
