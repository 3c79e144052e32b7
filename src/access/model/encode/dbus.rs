//! D-Bus rules.

use super::{Compiler, Unreadable};
use crate::access::{Class, perms::dbus};
use crate::glob::{Builder, ByteSet, Nfa, collapse_slashes};
use crate::syntax::ast::Conditioned;

/// The conditions of a rule, each as a pattern.
struct Conditions {
    bus: Option<String>,
    name: Option<String>,
    label: Option<String>,
    path: Option<String>,
    interface: Option<String>,
    member: Option<String>,
}

impl Compiler<'_, '_> {
    pub(super) fn dbus(&mut self, rule: &Conditioned) -> Result<(), Unreadable> {
        let own = rule.conditions.as_slice();
        let peer = rule
            .peer
            .as_ref()
            .map(|peer| peer.conditions.as_slice())
            .unwrap_or_default();
        self.only(own, &["bus", "name", "path", "interface", "member"])?;
        let names = ["bus", "name", "label", "path", "interface", "member"];
        self.only(peer, &names)?;
        let get = |name| match self.condition(own, name)? {
            Some(value) => Ok::<_, Unreadable>(Some(value)),
            None => self.condition(peer, name),
        };
        let conditions = Conditions {
            bus: get("bus")?,
            name: get("name")?,
            label: get("label")?,
            path: get("path")?.map(|path| collapse_slashes(&path)),
            interface: get("interface")?,
            member: get("member")?,
        };
        let is_service = self.condition(own, "name")?.is_some();
        let bits = self.access(rule, Class::Dbus)?;
        let mask = bits.unwrap_or_else(|| conditions.implied(is_service));
        for (bits, count) in [
            (dbus::BIND, 2),
            (dbus::SEND | dbus::RECEIVE, 6),
            (dbus::EAVESDROP, 1),
        ] {
            if mask & bits != 0 {
                self.push_plain(Class::Dbus, conditions.nfa(count)?, mask & bits);
            }
        }
        Ok(())
    }
}

impl Conditions {
    /// What a rule without permissions is about (dbus_rule in dbus.cc).
    const fn implied(&self, is_service: bool) -> u32 {
        let is_message = self.path.is_some()
            || self.interface.is_some()
            || self.member.is_some()
            || self.label.is_some()
            || (self.name.is_some() && !is_service);
        if is_message {
            dbus::SEND | dbus::RECEIVE
        } else if is_service {
            dbus::BIND
        } else {
            dbus::SEND | dbus::RECEIVE | dbus::BIND | dbus::EAVESDROP
        }
    }

    /// An NFA of the first `count` parts of a request.
    fn nfa(&self, count: usize) -> Result<Nfa, Unreadable> {
        let parts = [
            &self.bus,
            &self.name,
            &self.label,
            &self.path,
            &self.interface,
            &self.member,
        ];
        let mut builder = Builder::default();
        for (number, part) in parts.into_iter().take(count).enumerate() {
            if number > 0 {
                builder.byte(0);
            }
            match part {
                Some(pattern) => builder.glob(pattern)?,
                None => builder.any_of(ByteSet::ANY),
            }
        }
        Ok(builder.finish()?)
    }
}
