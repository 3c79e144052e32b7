//! Rules of unix sockets (gen_policy_re in af_unix.cc).

use super::{Compiler, Unreadable};
use crate::access::model::sockets::Sockets;
use crate::access::{Class, perms::socket};
use crate::glob::{Builder, ByteSet, collapse_slashes};
use crate::lang::network;
use crate::syntax::ast::{Condition, Conditioned, Mode};

/// Bytes behind a socket's own address and label that say what is asked.
const WITH_PEER: u8 = 1;
const LISTEN: u8 = 2;
const OPTION: u8 = 4;

/// An address as a rule describes it.
#[derive(Clone, PartialEq, Eq)]
enum Address {
    Any,
    /// `none`
    Anonymous,
    /// `auto`: the name that the kernel gives to a socket without one, five hexadecimal digits.
    Automatic,
    /// The pattern of an abstract name.
    Abstract(String),
}

impl Compiler<'_, '_> {
    pub(super) fn unix(&mut self, rule: &Conditioned) -> Result<(), Unreadable> {
        let peer = rule
            .peer
            .as_ref()
            .map(|peer| peer.conditions.as_slice())
            .unwrap_or_default();
        self.only(&rule.conditions, &["type", "addr"])?;
        self.only(peer, &["addr", "label"])?;
        let kind = match self.condition(&rule.conditions, "type")? {
            None => None,
            Some(name) => Some(network::type_number(&name).ok_or(Unreadable::Words)?),
        };
        let types = kind.map_or(ByteSet::ALL, |kind| ByteSet::of([kind]));
        let bits = self.access(rule, Class::Unix)?;
        let has_peer = !peer.is_empty();
        if has_peer && bits.is_some_and(|bits| bits & !socket::WITH_PEER != 0) {
            return Err(Unreadable::Words);
        }
        let mask = bits.unwrap_or(socket::ALL);
        // Kernels that know only families and types get a rule as well, but none that denies.
        if self.fact.mode != Mode::Deny {
            self.coarse(types, mask)?;
        }
        let address = self.unix_address(&rule.conditions)?;
        let peer = if has_peer { Some(peer) } else { None };
        self.unix_at(types, address, peer, mask)
    }

    /// A rule about sockets of any address.
    pub(super) fn unix_of_types(&mut self, types: ByteSet, mask: u32) -> Result<(), Unreadable> {
        self.unix_at(types, Address::Any, None, mask)
    }

    fn unix_at(
        &mut self,
        types: ByteSet,
        address: Address,
        peer: Option<&[Condition]>,
        mask: u32,
    ) -> Result<(), Unreadable> {
        let mut builder = Builder::default();
        builder.one_of(types);
        if peer.is_none() {
            let nfa = builder.clone().finish()?;
            self.push_plain(Class::Unix, nfa, mask & socket::CREATE);
        }
        if matches!(address, Address::Any | Address::Automatic) {
            // A socket is bound to an automatic name by naming none.
            let mut unnamed = builder.clone();
            unnamed.byte(0);
            unnamed.any_of(ByteSet::ANY);
            unnamed.byte(0);
            self.push_plain(Class::Unix, unnamed.finish()?, mask & socket::BIND);
        }
        address.append(&mut builder)?;
        builder.any_of(ByteSet::ANY);
        builder.byte(0);
        self.bound(&builder, &address, mask, peer.is_some())?;
        // The kernel asks for `accept` with the own address alone (unix_accept_perm in af_unix.c).
        let accept = if self.is_request { socket::ACCEPT } else { 0 };
        let mask = mask & socket::WITH_PEER & !accept;
        self.with_peer(builder, peer.unwrap_or_default(), mask)
    }

    /// What a socket with an address does by itself.
    fn bound(
        &mut self,
        start: &Builder,
        address: &Address,
        mask: u32,
        has_peer: bool,
    ) -> Result<(), Unreadable> {
        let mut plain = socket::ALL & !socket::CREATE & !socket::LISTEN & !socket::OPTIONS;
        plain &= !(socket::SEND | socket::RECEIVE | socket::CONNECT);
        if *address == Address::Automatic {
            plain &= !socket::BIND;
        }
        if has_peer {
            plain = socket::ACCEPT;
        }
        self.push_plain(Class::Unix, start.clone().finish()?, mask & plain);
        if has_peer {
            return Ok(());
        }
        let mut listen = start.clone();
        listen.byte(LISTEN);
        self.push_plain(Class::Unix, listen.finish()?, mask & socket::LISTEN);
        if mask & socket::OPTIONS == 0 {
            return Ok(());
        }
        let mut option = start.clone();
        option.byte(OPTION);
        // Where one of the two is silenced or recorded, the parser does it to both; and to silence
        // is to deny.
        let is_silent = self.fact.mode == Mode::Deny && !self.fact.is_audit;
        let mask = if is_silent {
            socket::OPTIONS
        } else {
            mask & socket::OPTIONS
        };
        self.push(Class::Unix, option.finish()?, mask, socket::OPTIONS, None);
        Ok(())
    }

    fn with_peer(
        &mut self,
        mut builder: Builder,
        conditions: &[Condition],
        mask: u32,
    ) -> Result<(), Unreadable> {
        builder.byte(WITH_PEER);
        self.unix_address(conditions)?.append(&mut builder)?;
        match self.condition(conditions, "label")? {
            Some(label) => builder.glob(&label)?,
            None => builder.any_of(ByteSet::ANY),
        }
        self.push_plain(Class::Unix, builder.finish()?, mask);
        Ok(())
    }

    /// The rule as older kernels take it. Priorities do not count there.
    fn coarse(&mut self, types: ByteSet, mask: u32) -> Result<(), Unreadable> {
        let family = network::family_number("unix").unwrap_or(1);
        let sockets = Sockets {
            families: ByteSet::of([family]),
            types,
            protocols: ByteSet::ALL,
        };
        self.sockets(&sockets, mask, 0)
    }

    fn unix_address(&self, conditions: &[Condition]) -> Result<Address, Unreadable> {
        let Some(text) = self.condition(conditions, "addr")? else {
            return Ok(Address::Any);
        };
        match text.as_str() {
            "none" => Ok(Address::Anonymous),
            "auto" => Ok(Address::Automatic),
            _ => {
                let text = collapse_slashes(&text);
                let name = text.strip_prefix('@').ok_or(Unreadable::Words)?;
                Ok(Address::Abstract(name.to_owned()))
            }
        }
    }
}

impl Address {
    /// Appends it and the NUL behind it.
    fn append(&self, builder: &mut Builder) -> Result<(), Unreadable> {
        match self {
            Self::Any => builder.any_of(ByteSet::ALL),
            Self::Anonymous => builder.byte(1),
            Self::Automatic => {
                builder.byte(0);
                let digits = ByteSet::of((b'0'..=b'9').chain(b'a'..=b'f'));
                (0..5).for_each(|_| builder.one_of(digits));
            }
            Self::Abstract(name) => {
                builder.byte(0);
                builder.glob_with_nul(name)?;
            }
        }
        builder.byte(0);
        Ok(())
    }
}
