//! Network rules.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Compiler, Unreadable};
use crate::access::model::sockets::Sockets;
use crate::access::{Class, perms::socket};
use crate::glob::{Builder, ByteSet, Nfa, NfaFault};
use crate::lang::network::{self, FAMILIES, FAMILY_COUNT, family_number};
use crate::syntax::ast::{Condition, Conditioned, Mode};

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
    /// With families that include AF_UNIX the parser adds a `unix` rule without conditions for the same
    /// types, whatever permissions the rule names (`rules opt_prefix network_rule` in parser_yacc.y of
    /// 3.0.8, 5.0.2 and 6.0).
    pub(super) fn network(&mut self, rule: &Conditioned) -> Result<(), Unreadable> {
        let Some(types) = self.network_alone(rule)? else {
            return Ok(());
        };
        if self.is_request {
            let bits = self.access(rule, Class::Network)?;
            return self.unix_of_types(types, bits.unwrap_or(socket::ALL));
        }
        // What is denied the parser records in the added rule, and what `audit deny` records it silences.
        let is_audit = self.fact.is_audit != (self.fact.mode == Mode::Deny);
        self.recording(is_audit, |compiler| {
            compiler.unix_of_types(types, socket::ALL)
        })
    }

    /// The rule without what the parser adds: the types of unix sockets that it is about are the result.
    ///
    /// Where the kernel does not mediate addresses, a rule with some is one about all of `inet` and
    /// `inet6` (network.cc), so what it decides is not known from the policy: `Rules::undecided`.
    pub(super) fn network_alone(
        &mut self,
        rule: &Conditioned,
    ) -> Result<Option<ByteSet>, Unreadable> {
        let peer_conditions = rule
            .peer
            .as_ref()
            .map(|peer| peer.conditions.as_slice())
            .unwrap_or_default();
        self.only(&rule.conditions, &["ip", "port", "interface", "label"])?;
        self.only(peer_conditions, &["ip", "port", "label"])?;
        let local = self.address(&rule.conditions)?;
        let peer = self.address(peer_conditions)?;
        // These make the parser leave out the families without addresses.
        let is_restricted = !rule.conditions.is_empty() || peer.is_given();
        let words: Vec<String> = rule.operands.iter().map(|word| self.value(*word)).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let sockets = sockets(&words, is_restricted).ok_or(Unreadable::Words)?;
        let bits = self.access(rule, Class::Network)?;
        if peer.is_given() && bits.is_some_and(|bits| bits & !socket::WITH_PEER != 0) {
            return Err(Unreadable::Words);
        }
        if (is_restricted || !peer_conditions.is_empty()) && !self.is_request {
            self.rules.undecided.push(self.number);
        }
        let mask = bits.unwrap_or(socket::ALL);
        if !local.is_given() && !peer.is_given() {
            self.sockets(&sockets, mask, self.fact.priority)?;
            let unix = family_number("unix").unwrap_or(1);
            let types = sockets.types_of_unix(words.is_empty());
            return Ok(types.filter(|_| sockets.families.contains(unix)));
        }
        let any = Address::default();
        let of_itself = socket::ALL & !socket::WITH_PEER & !socket::CREATE;
        for (bits, local, peer) in [
            (socket::CREATE, &any, &any),
            (of_itself, &local, &any),
            (socket::WITH_PEER, &local, &peer),
        ] {
            if mask & bits != 0 {
                let nfa = nfa(&sockets, local, peer)?;
                self.push_plain(Class::Network, nfa, mask & bits);
            }
        }
        Ok(None)
    }

    /// Adds an entry for sockets of any address.
    pub(super) fn sockets(
        &mut self,
        sockets: &Sockets,
        mask: u32,
        priority: i32,
    ) -> Result<(), Unreadable> {
        let nfa = self.patterns.sockets(sockets)?;
        let mut entry = self.entry(nfa, mask, mask);
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
    /// The types of the `unix` rule that the parser adds: all that have names where only a family is
    /// named, and any at all for `network,`.
    fn types_of_unix(&self, is_everything: bool) -> Option<ByteSet> {
        let is_any = self.types == ByteSet::ALL;
        let named = || {
            let types = network::TYPES.iter();
            ByteSet::of(types.filter_map(|name| network::type_number(name)))
        };
        let types = if is_any && !is_everything {
            named()
        } else {
            self.types
        };
        (types != ByteSet::default()).then_some(types)
    }

    /// Those with any address, compiled.
    pub(in crate::access) fn anywhere(&self) -> Result<Nfa, NfaFault> {
        let any = Address::default();
        nfa(self, &any, &any)
    }
}

impl Address {
    const fn is_given(&self) -> bool {
        self.ip.is_some() || self.ports.is_some()
    }

    fn append(&self, builder: &mut Builder) -> Result<(), NfaFault> {
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

fn nfa(sockets: &Sockets, local: &Address, peer: &Address) -> Result<Nfa, NfaFault> {
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

/// A type, or a protocol that stands for one: a kernel that mediates no addresses is asked for no
/// protocol either, so that `icmp` means all of `raw` (gen_net_rule in network.cc).
fn kind(word: &str) -> Option<Sockets> {
    let name = match word {
        "tcp" => "stream",
        "udp" => "dgram",
        "icmp" => "raw",
        name => name,
    };
    Some(Sockets {
        families: ByteSet::default(),
        types: ByteSet::of([network::type_number(name)?]),
        protocols: ByteSet::ALL,
    })
}
