//! Commas that cut one rule into several: between a path and its permissions, between capabilities, between conditions.

use super::slip::{FoundSlip, conditioned_part, permission_words};
use super::{Lower, Place};
use crate::lang::{capabilities, keywords, mount, network, permissions, signal};
use crate::source::TextRange;
use crate::syntax::ast::{Body, Condition, Item, PolicyRule, Word};
use crate::syntax::fault::{Expected, FaultKind, SlipKind, SyntaxFault};
use crate::syntax::kind::SyntaxKind;
use crate::syntax::tree::{self, Children, Cursor};

/// Names of conditions.
const CONDITIONS: &[&str] = &[
    "set",
    "peer",
    "bus",
    "path",
    "interface",
    "member",
    "name",
    "label",
    "type",
    "protocol",
    "addr",
    "options",
    "fstype",
    "ip",
    "port",
];

/// What a rule that follows another one was meant to be.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Continued {
    /// One more name, and more may follow.
    Name,
    /// One more name with the conditions of the rule.
    NameAndConditions,
    /// A condition, or what is mounted.
    Part,
}

impl Lower<'_> {
    /// The rule of `node`. Where a comma cuts it from what follows in `behind`, that is read with it, and the number of nodes
    /// is given.
    pub(super) fn rule_before(
        &mut self,
        node: Cursor<'_>,
        behind: Children<'_>,
        place: Place,
    ) -> (Vec<Item>, usize) {
        let (known, comments) = (self.faults.len(), self.comments.len());
        let mut items = self.rule(node, place);
        if self.is_recovering || !self.slice(self.range(node)).ends_with(',') {
            return (items, 0);
        }
        let next = behind.clone().next().filter(|next| is_rule(*next));
        if let Some(next) = next
            && self.is_cut_from_permissions(known, next)
        {
            let whole = self.range(node).cover(self.range(next));
            let comma = TextRange::new(self.range(node).end - 1, self.range(node).end);
            self.faults.truncate(known);
            self.comments.truncate(comments);
            let items = self.read_without_comma(whole, comma, place);
            self.slip((
                comma,
                SlipKind::CommaBeforePermissions,
                vec![(comma, String::new())],
            ));
            return (items, 1);
        }
        if self.faults.len() > known {
            return (items, 0);
        }
        let [Item::Rule(rule)] = items.as_mut_slice() else {
            return (items, 0);
        };
        let (mut more, taken) = self.continued(rule, behind, place);
        items.append(&mut more);
        (items, taken)
    }

    /// Whether a rule lacks its permissions, or its path, and the next one is nothing else.
    fn is_cut_from_permissions(&self, known: usize, next: Cursor<'_>) -> bool {
        let [fault] = self.faults.get(known..).unwrap_or_default() else {
            return false;
        };
        let next = self.slice(self.range(next)).trim_end_matches(',');
        let mut words = next.split_whitespace();
        let is_mode = |word: Option<&str>| word.is_some_and(permissions::is_mode_word);
        match fault.kind {
            FaultKind::Syntax(SyntaxFault::Missing(Expected::Permissions)) => {
                is_mode(words.next()) && matches!(words.next(), None | Some("->"))
            }
            FaultKind::Syntax(SyntaxFault::Missing(Expected::Path)) => {
                let is_path = next.starts_with(['/', '@', '"']);
                is_path && (words.next().is_some() && matches!(words.next(), None | Some("->")))
            }
            _ => false,
        }
    }

    /// The items of `whole` as they are without the comma.
    fn read_without_comma(
        &mut self,
        whole: TextRange,
        comma: TextRange,
        place: Place,
    ) -> Vec<Item> {
        let mut text = self.slice(whole).to_owned();
        let at = (comma.start - whole.start) as usize;
        text.replace_range(at..=at, " ");
        let tree = tree::parse(&text);
        let before = (self.base, self.is_recovering);
        (self.base, self.is_recovering) = (whole.start, true);
        let items = self.items(tree.root(), place);
        (self.base, self.is_recovering) = before;
        items
    }

    /// Reads the rules behind `rule` that continue it; their faults are one slip.
    fn continued(
        &mut self,
        rule: &mut PolicyRule,
        behind: Children<'_>,
        place: Place,
    ) -> (Vec<Item>, usize) {
        let (mut items, mut taken, mut end) = (Vec::new(), 0, rule.range);
        let mut kind = None;
        let mut commas = vec![self.last_comma(rule.range)];
        let mut names = Vec::new();
        for next in behind {
            let range = self.range(next);
            let text = self.slice(range);
            let is_line = self.is_blank(TextRange::new(end.end, range.start));
            let may_continue = is_line && is_rule(next) && next.child(SyntaxKind::Block).is_none();
            let Some(one) = self.continues(rule, text).filter(|_| may_continue) else {
                break;
            };
            let (known, comments) = (self.faults.len(), self.comments.len());
            items.append(&mut self.rule(next, place));
            self.faults.truncate(known);
            self.comments.truncate(comments);
            names.push(self.first_word(range));
            commas.push(self.last_comma(range));
            end = end.cover(range);
            kind.get_or_insert(one);
            taken += 1;
            let is_whole = match &rule.body {
                Body::Network(_) => true,
                _ => names_source(text),
            };
            if one == Continued::NameAndConditions || one == Continued::Part && is_whole {
                break;
            }
        }
        let Some(kind) = kind else {
            return (items, 0);
        };
        commas.pop();
        let slip = self.slip_of_commas(rule, kind, &commas, &names);
        self.slip(slip);
        match &mut rule.body {
            Body::Capability(words) => {
                words.extend(names.iter().map(|name| Word(*name)));
                items.clear();
                rule.range = end;
            }
            Body::Network(_) => {}
            // Without what follows the comma it would seem to allow more.
            body => *body = Body::Unreadable,
        }
        (items, taken)
    }

    fn slip_of_commas(
        &self,
        rule: &PolicyRule,
        kind: Continued,
        commas: &[TextRange],
        names: &[TextRange],
    ) -> FoundSlip {
        // A blank separates what no comma does.
        let nothing = |range: &TextRange| {
            let behind = self.text.get(range.end as usize..).unwrap_or_default();
            let is_apart = behind.starts_with(char::is_whitespace);
            (*range, if is_apart { "" } else { " " }.to_owned())
        };
        let all_commas = || commas.iter().map(nothing).collect();
        let first = names.first().copied().unwrap_or(rule.range);
        let all = names.iter().copied().fold(first, TextRange::cover);
        if kind == Continued::Part {
            let comma = commas.first().copied().unwrap_or(first);
            return (comma, SlipKind::CommaBetweenParts, all_commas());
        }
        let list = |start: u32| {
            let edits = vec![
                (TextRange::at(start), "(".to_owned()),
                (TextRange::at(all.end), ")".to_owned()),
            ];
            (all, SlipKind::BareList, edits)
        };
        match &rule.body {
            Body::Capability(_) => (all, SlipKind::CommaBetweenCapabilities, all_commas()),
            Body::Network(part) if part.access.is_empty() => {
                let start = part_start(part, rule);
                let again = self.slice(TextRange::new(rule.range.start, start));
                let family = part.operands.first().map(|word| self.slice(word.0));
                let family = family.filter(|family| network::FAMILIES.contains(family));
                let edits = names.iter().map(|name| {
                    // A type without a family is one of the family in front of it.
                    let own = network::FAMILIES.contains(&self.slice(*name));
                    let before = match family.filter(|_| !own) {
                        Some(family) => format!("{again}{family} "),
                        None => again.to_owned(),
                    };
                    (TextRange::at(name.start), before)
                });
                (all, SlipKind::NetworkWord, edits.collect())
            }
            body => list(self.list_start(body).unwrap_or(first.start)),
        }
    }

    /// Whether the words of a network rule name a family and no type.
    fn is_only_family(&self, words: &[Word]) -> bool {
        let [family] = words else { return false };
        network::FAMILIES.contains(&self.slice(family.0))
    }

    /// Where a list begins whose first word stands in a rule.
    fn list_start(&self, body: &Body) -> Option<u32> {
        let value = self
            .open_value(body)
            .and_then(|condition| condition.values.first());
        let access = conditioned_part(body).and_then(|part| part.access.first());
        value.or(access).map(|word| word.0.start)
    }

    /// What the text of a rule is to the rule in front of it.
    fn continues(&self, rule: &PolicyRule, text: &str) -> Option<Continued> {
        let text = text.trim_end_matches(',').trim_end();
        let mut words = text.split_whitespace();
        // `unix,` and `remount,` are rules.
        let first = words.next().filter(|word| !keywords::starts_item(word))?;
        let is_alone = words.next().is_none();
        let is_last = || {
            text.split_whitespace()
                .skip(1)
                .all(|word| word.contains(['=', '(', ')']))
        };
        // What is mounted may follow the options.
        let is_last = || is_last() || matches!(rule.body, Body::Mount(_)) && text.contains("->");
        let name = |is_name: bool| match is_alone {
            _ if !is_name => None,
            true => Some(Continued::Name),
            false => is_last().then_some(Continued::NameAndConditions),
        };
        match &rule.body {
            Body::Capability(_) => name(is_alone && capabilities::capability(first).is_some()),
            Body::Network(part) if part.access.is_empty() && !part.operands.is_empty() => {
                let is_known = |word: &str| network::words().any(|known| known == word);
                let is_network = text.split_whitespace().all(is_known);
                let is_type = !network::FAMILIES.contains(&first);
                let is_cut = is_type && self.is_only_family(&part.operands);
                match (is_network, is_cut) {
                    (false, _) => None,
                    // `network inet, dgram,` names one socket.
                    (true, true) => is_alone.then_some(Continued::Part),
                    (true, false) => Some(Continued::Name),
                }
            }
            body => {
                let value = self.open_value(body);
                let is_value = value.is_some_and(|value| match self.slice(value.name) {
                    "set" => signal::is_signal(first),
                    "options" | "option" => mount::option(first).is_some(),
                    _ => false,
                });
                let part = conditioned_part(body);
                let is_access = part.is_some_and(|part| {
                    let has_more = !part.conditions.is_empty() || part.peer.is_some();
                    let is_listed = self.slice(part.access_range).starts_with('(');
                    let is_permission = permission_words(body).contains(&first);
                    part.access.len() == 1 && !has_more && !is_listed && is_permission
                });
                name(is_value || is_access).or_else(|| continued_part(body, text))
            }
        }
    }

    /// The condition at the end of a rule, if its value is no list.
    fn open_value<'b>(&self, body: &'b Body) -> Option<&'b Condition> {
        let last = match body {
            Body::Mount(rule) | Body::Remount(rule) if rule.source.is_none() => {
                rule.conditions.last()
            }
            body => conditioned_part(body).and_then(|part| part.conditions.last()),
        };
        last.filter(|last| !last.is_list)
    }

    fn last_comma(&self, range: TextRange) -> TextRange {
        TextRange::new(range.end.saturating_sub(1), range.end)
    }

    fn first_word(&self, range: TextRange) -> TextRange {
        let text = self.slice(range).trim_end_matches(',');
        let length = text.split_whitespace().next().map_or(0, str::len);
        range.part(0, length)
    }

    fn is_blank(&self, range: TextRange) -> bool {
        self.slice(range).trim().is_empty()
    }
}

/// A condition, or what is mounted, that a comma cut off.
fn continued_part(body: &Body, text: &str) -> Option<Continued> {
    let (name, value) = text.split_once('=').unwrap_or_default();
    let has_conditions = conditioned_part(body).is_some()
        || matches!(body, Body::Mount(_) | Body::Remount(_) | Body::Umount(_));
    if has_conditions && !value.is_empty() && CONDITIONS.contains(&name.trim_end()) {
        return Some(Continued::Part);
    }
    let is_mount =
        matches!(body, Body::Mount(rule) if rule.source.is_none() && rule.arrow.is_none());
    let mut words = text.split_whitespace();
    let is_source = words
        .next()
        .is_some_and(|word| word.starts_with(['/', '@', '"']));
    let is_mounted = is_source && words.next() == Some("->");
    (is_mount && is_mounted).then_some(Continued::Part)
}

/// Where the words of a network rule begin.
fn part_start(part: &crate::syntax::ast::Conditioned, rule: &PolicyRule) -> u32 {
    part.operands
        .first()
        .map_or(rule.range.start, |word| word.0.start)
}

/// Whether a part of a mount rule is what it mounts, which ends it.
fn names_source(text: &str) -> bool {
    text.contains("->")
}

fn is_rule(node: Cursor<'_>) -> bool {
    matches!(node.kind(), SyntaxKind::PathRule | SyntaxKind::Rule)
}
