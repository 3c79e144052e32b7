//! Which requests to make of a profile: members of its own patterns, their near misses, ways into the states of the compiled
//! automaton, and chance.

use std::collections::BTreeSet;

use aalint::policy::{DroppedItem, Expanded, InBlock, ProfileView};
use aalint::session::Policy;
use aalint::syntax::ast::{Body, Condition, Conditioned, Mode, MountRule, Word};
use aalint::syntax::text;

use super::super::question::member;
use super::super::random::Random;
use super::ask::{Address, Ask, Kind, Queue, Unix};
use super::tables::{self, CAPABILITIES, FAMILIES, MOUNT_FLAGS, PROPAGATION, SIGNALS, TYPES};

/// What a profile's rules name, of all kinds.
#[derive(Default)]
pub struct Names {
    /// Patterns and words, variables put in.
    pub texts: Vec<String>,
    /// The kinds that it has rules about.
    pub kinds: BTreeSet<Kind>,
    pub has_network: bool,
    /// A path begins with a slash and a variable.
    pub has_leading_variable: bool,
    /// Two rules of `change_profile` differ in the first character of their labels alone: 5.0.2 keeps one of them.
    pub has_merged: bool,
    /// A `network` rule names addresses or labels.
    pub has_addresses: bool,
    /// There is a `remount` rule.
    pub has_remount: bool,
    /// There are a `network` rule with permissions and without a family, and a `unix` rule.
    pub has_open_network: bool,
    /// Of a rule of `change_profile` 5.0.2 takes the mode of the block around it.
    pub has_inverted: bool,
}

/// Texts that no rule has to name.
const LABELS: [&str; 8] = ["a", "b", "ab", "/bin/a", "unconfined", "a//b", ":ns:a", "c"];

impl Names {
    pub fn of(profile: &ProfileView<'_>, policy: &Policy<'_>) -> Self {
        let mut names = Self::default();
        let mut changes: Vec<(String, bool, bool, String)> = Vec::new();
        names.dropped(profile, policy);
        for (_, fact) in profile.facts(policy.summaries) {
            names.has_inverted |= matches!(
                (fact.in_block, &fact.rule.body),
                (InBlock::Inverted(_), Body::ChangeProfile(_))
            );
            let slice = |range: aalint::source::TextRange| {
                policy.store.sources.slice(range.in_file(fact.file))
            };
            if let Body::ChangeProfile(rule) = &fact.rule.body {
                let text = |word: Option<Word>| {
                    let value = word.map(|word| text::value(slice(word.0)).into_owned());
                    let value = profile.env.expand(&value.unwrap_or_default());
                    value.text().unwrap_or_default()
                };
                let is_deny = fact.mode == Mode::Deny;
                changes.push((text(rule.exec), is_deny, fact.is_audit, text(rule.target)));
            }
            let mut words: Vec<Word> = Vec::new();
            names.rule(&fact.rule.body, &slice, &mut words);
            for word in words {
                names.word(slice(word.0), profile);
            }
        }
        let tail = |text: &str| {
            let mut chars = text.chars();
            (chars.next(), chars.as_str().to_owned())
        };
        names.has_merged = changes
            .iter()
            .enumerate()
            .any(|(at, (exec, deny, audit, target))| {
                changes[..at].iter().any(|(exec2, deny2, audit2, target2)| {
                    (exec, deny, audit) == (exec2, deny2, audit2)
                        && target != target2
                        && tail(target).1 == tail(target2).1
                })
            });
        names
    }

    fn word(&mut self, written: &str, profile: &ProfileView<'_>) {
        let value = text::value(written).into_owned();
        self.has_leading_variable |= value.starts_with("/@{");
        if let Expanded::Text(text) = profile.env.expand(&value)
            && !self.texts.contains(&text)
        {
            self.texts.push(text);
        }
    }

    /// What is not in force is asked about all the same: the parser could have another opinion.
    fn dropped(&mut self, profile: &ProfileView<'_>, policy: &Policy<'_>) {
        for dropped in &profile.dropped {
            let DroppedItem::Rule(rule, _) = dropped.item else {
                continue;
            };
            let slice = |range: aalint::source::TextRange| {
                policy.store.sources.slice(range.in_file(dropped.file))
            };
            // What it says of sockets and addresses counts where it is in force alone.
            let mut known = Self::default();
            let mut words = Vec::new();
            known.rule(&rule.body, &slice, &mut words);
            self.kinds.extend(known.kinds);
            for word in words {
                self.word(slice(word.0), profile);
            }
        }
    }

    fn rule<'s>(
        &mut self,
        body: &Body,
        slice: &impl Fn(aalint::source::TextRange) -> &'s str,
        words: &mut Vec<Word>,
    ) {
        let mut conditioned = |rule: &Conditioned| {
            let peer = rule.peer.iter().flat_map(|peer| &peer.conditions);
            let values = rule.conditions.iter().chain(peer);
            words.extend(values.flat_map(|condition| condition.values.iter().copied()));
            words.extend(rule.operands.iter().copied());
        };
        let kinds: &[Kind] = match body {
            Body::Signal(rule) => {
                conditioned(rule);
                &[Kind::Signal]
            }
            Body::Ptrace(rule) => {
                conditioned(rule);
                &[Kind::Ptrace]
            }
            Body::Unix(rule) => {
                conditioned(rule);
                &[Kind::Unix]
            }
            Body::Network(rule) => {
                self.has_network = true;
                self.has_open_network |= rule.operands.is_empty() && !rule.access.is_empty();
                let is_addressed = |condition: &Condition| {
                    ["ip", "port", "interface", "label"].contains(&slice(condition.name))
                };
                self.has_addresses |=
                    rule.peer.is_some() || rule.conditions.iter().any(is_addressed);
                conditioned(rule);
                &[Kind::Network, Kind::Unix]
            }
            Body::Dbus(rule) => {
                conditioned(rule);
                &[Kind::Dbus]
            }
            Body::Mqueue(rule) => {
                conditioned(rule);
                &[Kind::Mqueue]
            }
            Body::IoUring(rule) => {
                conditioned(rule);
                &[Kind::IoUring]
            }
            Body::Userns(_) => &[Kind::Userns],
            Body::Capability(names) => {
                words.extend(names.iter().copied());
                &[Kind::Capability]
            }
            Body::ChangeProfile(rule) => {
                words.extend(rule.exec.iter().chain(&rule.target).copied());
                &[Kind::ChangeProfile]
            }
            Body::Mount(rule) | Body::Remount(rule) => {
                self.has_remount |= matches!(body, Body::Remount(_));
                mount(rule, words);
                &[Kind::Mount]
            }
            Body::Umount(rule) => {
                mount(rule, words);
                &[Kind::Umount]
            }
            Body::PivotRoot(rule) => {
                mount(rule, words);
                &[Kind::PivotRoot]
            }
            Body::All => &Kind::ALL,
            _ => &[],
        };
        self.kinds.extend(kinds);
    }

    /// Makes a request, mostly of a kind that the profile has rules about.
    pub fn ask(&self, random: &mut Random) -> Ask {
        let kinds: Vec<Kind> = self.kinds.iter().copied().collect();
        let kind = if kinds.is_empty() || random.percent(6) {
            *random.pick(&Kind::ALL)
        } else {
            *random.pick(&kinds)
        };
        self.of_kind(kind, random)
    }

    pub fn of_kind(&self, kind: Kind, random: &mut Random) -> Ask {
        match kind {
            Kind::Signal => Ask::Signal(self.numbered(&SIGNALS, random), self.label(random)),
            Kind::Ptrace => Ask::Ptrace(self.label(random)),
            Kind::Unix | Kind::UnixBesideNetwork => self.unix(random),
            Kind::Network => Ask::Network {
                family: self.numbered(&FAMILIES, random),
                kind: self.numbered(&TYPES, random),
                protocol: *random.pick(&[0, 0, 1, 6, 17]),
            },
            Kind::Dbus => {
                let parts = *random.pick(&[1, 2, 6, 6, 6]);
                Ask::Dbus((0..parts).map(|_| self.label_or_nothing(random)).collect())
            }
            Kind::Mount => self.mount(random),
            Kind::Umount => Ask::Umount(self.path(random)),
            Kind::PivotRoot => Ask::PivotRoot(self.path(random), self.path(random)),
            Kind::Mqueue | Kind::MqueueWithoutLabel => {
                let label = random.percent(60).then(|| self.label(random));
                Ask::Mqueue(self.queue(random), label)
            }
            Kind::IoUring if random.percent(20) => Ask::Sqpoll,
            Kind::IoUring => Ask::OverrideCreds(self.label(random)),
            Kind::Userns => Ask::Userns,
            Kind::ChangeProfile if random.percent(50) => Ask::Change(self.label(random)),
            Kind::ChangeProfile => Ask::ChangeOnExec(self.path(random), self.label(random)),
            Kind::Capability | Kind::Rlimit => {
                let known: Vec<u8> = (0_u8..)
                    .zip(CAPABILITIES)
                    .filter(|(_, name)| self.texts.iter().any(|text| text == name))
                    .map(|(number, _)| number)
                    .collect();
                Ask::Capability(if known.is_empty() || random.percent(40) {
                    u8::try_from(random.below(CAPABILITIES.len())).unwrap()
                } else {
                    *random.pick(&known)
                })
            }
        }
    }

    /// A number whose word a rule has, or any.
    fn numbered(&self, table: &[(&'static str, u8)], random: &mut Random) -> u8 {
        let named = self
            .texts
            .iter()
            .filter_map(|text| tables::number(table, text));
        let named: Vec<u8> = named.collect();
        if named.is_empty() || random.percent(40) {
            random.pick(table).1
        } else {
            *random.pick(&named)
        }
    }

    /// What a name of a rule matches, or a near miss; never empty, and without NUL.
    fn label(&self, random: &mut Random) -> Vec<u8> {
        let mut text = if self.texts.is_empty() || random.percent(20) {
            (*random.pick(&LABELS)).into()
        } else {
            member(random.pick::<String>(&self.texts), random)
        };
        if random.percent(20) {
            let at = random.below(text.len() + 1);
            match random.below(4) {
                0 => text.insert(at, *random.pick(b"ab/c")),
                1 if at < text.len() => {
                    text.remove(at);
                }
                2 if at < text.len() => text[at] = *random.pick(b"ab/c"),
                _ => text.truncate(at),
            }
        }
        text.retain(|byte| *byte != 0);
        if text.is_empty() {
            text.push(b'a');
        }
        text
    }

    fn label_or_nothing(&self, random: &mut Random) -> Vec<u8> {
        if random.percent(5) {
            Vec::new()
        } else {
            self.label(random)
        }
    }

    fn path(&self, random: &mut Random) -> Vec<u8> {
        let mut path = self.label(random);
        if path.first() != Some(&b'/') {
            path.insert(0, b'/');
        }
        path
    }

    fn unix(&self, random: &mut Random) -> Ask {
        let kind = self.numbered(&TYPES, random);
        // Today's kernels leave the label of the own socket empty, in its place.
        let own_label = if random.percent(90) {
            Vec::new()
        } else {
            self.label(random)
        };
        let own = self.address(random);
        let unix = match random.below(10) {
            0 => Unix::Create,
            1..4 => Unix::Own(own, own_label),
            4 => Unix::Listen(own, own_label),
            5 => Unix::Option(own, own_label),
            _ => {
                let peer = self.address(random);
                Unix::Peer(own, own_label, peer, self.label(random))
            }
        };
        Ask::Unix(kind, unix)
    }

    fn address(&self, random: &mut Random) -> Address {
        match random.below(8) {
            0 => Address::Unnamed,
            1 => Address::Anonymous,
            2 => Address::Abstract(b"0a1f2".to_vec()),
            _ => {
                let name = self.label(random);
                Address::Abstract(name.strip_prefix(b"@").unwrap_or(&name).to_vec())
            }
        }
    }

    fn queue(&self, random: &mut Random) -> Queue {
        let numbers = self.texts.iter().filter_map(|text| text.parse().ok());
        let numbers: Vec<u32> = numbers.collect();
        if random.percent(if numbers.is_empty() { 15 } else { 50 }) {
            Queue::SystemV(if numbers.is_empty() || random.percent(30) {
                u32::try_from(random.below(300)).unwrap()
            } else {
                *random.pick(&numbers)
            })
        } else {
            Queue::Posix(self.path(random))
        }
    }

    fn mount(&self, random: &mut Random) -> Ask {
        let point = self.path(random);
        let flags = |random: &mut Random| {
            let named = MOUNT_FLAGS
                .iter()
                .filter(|(name, _)| self.texts.iter().any(|text| text == name))
                .map(|(_, bit)| *bit);
            let named: Vec<u8> = named.collect();
            let mut flags: Vec<u8> = named.into_iter().filter(|_| random.percent(70)).collect();
            if random.percent(15) {
                flags.push(random.pick(&MOUNT_FLAGS).1);
            }
            flags
        };
        let recursive = |mut flags: Vec<u8>, random: &mut Random| {
            if random.percent(40) {
                flags.push(tables::RECURSIVE);
            }
            flags
        };
        let nothing = Vec::new;
        let (source, fstype, mut flags) = match random.below(8) {
            0 => {
                let mut flags = flags(random);
                flags.push(tables::REMOUNT);
                (nothing(), nothing(), flags)
            }
            1 | 2 => {
                let flags = recursive(vec![tables::BIND], random);
                (self.path(random), nothing(), flags)
            }
            3 => (self.path(random), nothing(), vec![tables::MOVE]),
            4 => {
                let flags = vec![random.pick(&PROPAGATION).1];
                (nothing(), nothing(), recursive(flags, random))
            }
            _ => (self.label(random), self.label(random), flags(random)),
        };
        flags.sort_unstable();
        flags.dedup();
        Ask::Mount {
            point,
            source,
            fstype,
            flags,
        }
    }
}

fn mount(rule: &MountRule, words: &mut Vec<Word>) {
    let values = rule
        .conditions
        .iter()
        .flat_map(|condition| &condition.values);
    words.extend(values.chain(&rule.source).chain(&rule.target).copied());
}
