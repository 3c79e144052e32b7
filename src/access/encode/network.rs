//! Network rules.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Compiler, Unreadable};
use crate::access::{Class, perms::socket};
use crate::glob::{Builder, ByteSet, Program, ProgramFault};
use crate::lang::network::{self, FAMILIES, FAMILY_COUNT, family_number};
use crate::syntax::ast::{Condition, Conditioned};

/// The number of ICMP, the only protocol that rules can name apart from a type.
const ICMP: u8 = 1;

/// The families, types and protocols that a rule is about.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub(in crate::access) struct Sockets {
    pub(super) families: ByteSet,
    pub(super) types: ByteSet,
    pub(super) protocols: ByteSet,
}

/// An address as a rule describes it.
#[derive(Default)]
struct Address {
    ip: Option<Ip>,
    ports: Option<(u16, u16)>,
}

enum Ip {
    None,
    V4(Ipv4Addr),
    V6(Ipv6Addr),
}

impl Compiler<'_, '_> {
    /// `interface=` and `label=` have no effect with the parsers up to 6.0 (network.cc).
    pub(super) fn network(&mut self, rule: &Conditioned) -> Result<(), Unreadable> {
        let peer = rule
            .peer
            .as_ref()
            .map(|peer| peer.conditions.as_slice())
            .unwrap_or_default();
        self.only(&rule.conditions, &["ip", "port", "interface", "label"])?;
        self.only(peer, &["ip", "port", "label"])?;
        let local = self.address(&rule.conditions)?;
        let peer = self.address(peer)?;
        let has_address = local.is_given() || peer.is_given();
        let words: Vec<String> = rule.operands.iter().map(|word| self.value(*word)).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let sockets = sockets(&words, has_address).ok_or(Unreadable::Words)?;
        let bits = self.access(rule, Class::Network)?;
        if peer.is_given() && bits.is_some_and(|bits| bits & !socket::WITH_PEER != 0) {
            return Err(Unreadable::Words);
        }
        let mask = bits.unwrap_or(socket::ALL);
        if !has_address {
            return self.sockets(&sockets, mask, self.fact.priority);
        }
        let any = Address::default();
        let of_itself = socket::ALL & !socket::WITH_PEER & !socket::CREATE;
        for (bits, local, peer) in [
            (socket::CREATE, &any, &any),
            (of_itself, &local, &any),
            (socket::WITH_PEER, &local, &peer),
        ] {
            if mask & bits != 0 {
                let program = program(&sockets, local, peer)?;
                self.push_plain(Class::Network, program, mask & bits);
            }
        }
        Ok(())
    }

    /// Adds an entry for sockets of any address.
    pub(super) fn sockets(
        &mut self,
        sockets: &Sockets,
        mask: u32,
        priority: i32,
    ) -> Result<(), Unreadable> {
        let program = self.pool.sockets(sockets)?;
        let mut entry = self.entry(program, mask, mask);
        entry.priority = priority;
        self.add(Class::Network, entry);
        Ok(())
    }

    fn address(&self, conditions: &[Condition]) -> Result<Address, Unreadable> {
        let ip = match self.condition(conditions, "ip")?.as_deref() {
            None => None,
            Some("none") => Some(Ip::None),
            Some(text) => {
                let v6 = text.parse().map(Ip::V6);
                let parsed = v6.or_else(|_| text.parse().map(Ip::V4));
                Some(parsed.map_err(|_| Unreadable::Words)?)
            }
        };
        let ports = match self.condition(conditions, "port")? {
            None => None,
            Some(text) => Some(network::ports(&text).ok_or(Unreadable::Words)?),
        };
        // Port 0 stands for any.
        let ports = ports.filter(|ports| *ports != (0, 0));
        Ok(Address { ip, ports })
    }
}

impl Sockets {
    /// The program of those with any address.
    pub(in crate::access) fn anywhere(&self) -> Result<Program, ProgramFault> {
        let any = Address::default();
        program(self, &any, &any)
    }
}

impl Address {
    const fn is_given(&self) -> bool {
        self.ip.is_some() || self.ports.is_some()
    }

    fn append(&self, builder: &mut Builder) -> Result<(), ProgramFault> {
        match &self.ip {
            Some(Ip::None) => builder.byte(0),
            Some(Ip::V4(ip)) => {
                builder.byte(4);
                builder.bytes(&ip.octets());
            }
            Some(Ip::V6(ip)) => {
                builder.byte(6);
                builder.bytes(&ip.octets());
            }
            None => builder.alternatives([0, 4, 6], |builder, kind| {
                builder.byte(kind);
                let length = match kind {
                    4 => 4,
                    6 => 16,
                    _ => 0,
                };
                (0..length).for_each(|_| builder.one_of(ByteSet::ALL));
                Ok(())
            })?,
        }
        let (low, high) = self.ports.unwrap_or((0, u16::MAX));
        builder.alternatives(ranges(low, high), |builder, [high, low]| {
            builder.one_of(high);
            builder.one_of(low);
            Ok(())
        })?;
        Ok(())
    }
}

/// The ports from `low` to `high` as pairs of sets of bytes.
fn ranges(low: u16, high: u16) -> Vec<[ByteSet; 2]> {
    let ([low_first, low_second], [high_first, high_second]) =
        (low.to_be_bytes(), high.to_be_bytes());
    let pair = |first, second| [ByteSet::of(first), ByteSet::of(second)];
    if low_first == high_first {
        return vec![pair(low_first..=low_first, low_second..=high_second)];
    }
    let mut all = vec![pair(low_first..=low_first, low_second..=u8::MAX)];
    if high_first - low_first > 1 {
        all.push(pair(low_first + 1..=high_first - 1, 0..=u8::MAX));
    }
    all.push(pair(high_first..=high_first, 0..=high_second));
    all
}

fn program(sockets: &Sockets, local: &Address, peer: &Address) -> Result<Program, ProgramFault> {
    let mut builder = Builder::default();
    builder.one_of(sockets.families);
    builder.one_of(sockets.types);
    builder.one_of(sockets.protocols);
    local.append(&mut builder)?;
    peer.append(&mut builder)?;
    builder.finish()
}

/// What the words behind `network` name (net_find_mapping in network.cc); with an address it is about
/// the families that have such addresses.
fn sockets(words: &[&str], has_address: bool) -> Option<Sockets> {
    let internet = ["inet", "inet6"].map(|name| family_number(name).unwrap_or(0));
    let with_addresses = if has_address {
        ByteSet::of(internet)
    } else {
        ByteSet::of(0..FAMILY_COUNT)
    };
    let all = |families| Sockets {
        families,
        types: ByteSet::ALL,
        protocols: ByteSet::ALL,
    };
    match *words {
        [] => Some(all(with_addresses)),
        [word] => match family_number(word) {
            Some(number) if has_address && !internet.contains(&number) => None,
            Some(number) => Some(all(ByteSet::of([number]))),
            None => {
                let kind = kind(word)?;
                let families = match word {
                    "icmp" => ByteSet::of(internet.into_iter().take(1)),
                    "tcp" | "udp" => ByteSet::of(internet),
                    _ if has_address => with_addresses,
                    // Only the families that have names.
                    _ => ByteSet::of(FAMILIES.iter().filter_map(|name| family_number(name))),
                };
                Some(Sockets { families, ..kind })
            }
        },
        [family, word] => {
            let number = family_number(family)?;
            let is_known = network::is_valid(Some(family), Some(word));
            if !is_known || (has_address && !internet.contains(&number)) {
                return None;
            }
            let families = ByteSet::of([number]);
            Some(Sockets {
                families,
                ..kind(word)?
            })
        }
        _ => None,
    }
}

/// A type, or a protocol that stands for one.
fn kind(word: &str) -> Option<Sockets> {
    let (name, protocols) = match word {
        "tcp" => ("stream", ByteSet::ALL),
        "udp" => ("dgram", ByteSet::ALL),
        "icmp" => ("raw", ByteSet::of([ICMP])),
        name => (name, ByteSet::ALL),
    };
    Some(Sockets {
        families: ByteSet::default(),
        types: ByteSet::of([network::type_number(name)?]),
        protocols,
    })
}
