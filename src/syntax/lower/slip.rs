//! Text that the parser refuses and whose meaning is plain: blanks without quotes, commas too many, the options of mount(8).
//!
//! Such a slip is one fault with what should be written, instead of the faults of each word.

use super::Lower;
use super::tokens::{Token, Tokens};
use crate::lang::{flags, mount, words};
use crate::source::TextRange;
use crate::syntax::ast::{Body, Conditioned, MountRule};
use crate::syntax::fault::{Slip, SlipKind, SyntaxFault};
use crate::syntax::kind::SyntaxKind;

/// What to put in place of which text.
type Edits = Vec<(TextRange, String)>;

/// A slip and the text to mark.
pub(super) type FoundSlip = (TextRange, SlipKind, Edits);

/// Words that are permissions of a kind of rule.
pub(super) const fn permission_words(body: &Body) -> &'static [&'static str] {
    match body {
        Body::Network(_) | Body::Unix(_) => words::SOCKET_PERMISSIONS,
        Body::Dbus(_) => words::DBUS_PERMISSIONS,
        Body::Signal(_) => words::SIGNAL_PERMISSIONS,
        Body::Ptrace(_) => words::PTRACE_PERMISSIONS,
        Body::Mqueue(_) => words::MQUEUE_PERMISSIONS,
        Body::IoUring(_) => words::IO_URING_PERMISSIONS,
        _ => &[],
    }
}

/// What the rules with permissions and conditions have in common.
pub(super) const fn conditioned_part(body: &Body) -> Option<&Conditioned> {
    match body {
        Body::Network(rule)
        | Body::Unix(rule)
        | Body::Dbus(rule)
        | Body::Signal(rule)
        | Body::Ptrace(rule)
        | Body::Mqueue(rule)
        | Body::IoUring(rule)
        | Body::Userns(rule) => Some(rule),
        _ => None,
    }
}

impl Lower<'_> {
    pub(super) fn slip(&mut self, (range, kind, edits): FoundSlip) {
        self.syntax(range, SyntaxFault::Slip(Slip { kind, edits }));
    }

    /// The whole of a path that `word` begins, if `rest` continues it behind blanks.
    pub(super) fn path_with_blank(&self, word: TextRange, rest: &[Token<'_>]) -> Option<TextRange> {
        if !self.slice(word).starts_with(['/', '@']) {
            return None;
        }
        let mut whole = word;
        for token in rest {
            let gap = self.slice(TextRange::new(whole.end, token.range.start));
            let part = self.slice(token.range);
            let begins_anew = !gap.is_empty() && part.starts_with(['/', '@', '{', '-', '!', '&']);
            let is_apart = !gap.chars().all(|c| matches!(c, ' ' | '\t'));
            if begins_anew || is_apart || part.contains(['"', '=']) || part.ends_with("->") {
                return None;
            }
            whole = whole.cover(token.range);
        }
        (whole.end > word.end).then_some(whole)
    }

    /// The slip of a path with a blank.
    pub(super) fn blank_in_path(&self, whole: TextRange) -> FoundSlip {
        let quoted = format!("\"{}\"", self.slice(whole));
        (whole, SlipKind::BlankInPath, vec![(whole, quoted)])
    }

    /// A file rule whose path has a blank: the words in front of its permissions belong to the path. Gives the slip, and how
    /// many words the path takes.
    pub(super) fn blank_in_file_rule(
        &self,
        path: TextRange,
        rest: &[Token<'_>],
    ) -> Option<(FoundSlip, usize)> {
        let is_mode = |token: &Token<'_>| {
            token.kind == SyntaxKind::Word
                && crate::lang::permissions::is_mode_word(self.slice(token.range))
        };
        let at = rest.iter().position(is_mode)?;
        let is_end = rest.get(at + 1).is_none_or(|next| {
            next.kind == SyntaxKind::Arrow || self.starts_line(next.range.start)
        });
        let whole = self.path_with_blank(path, rest.get(..at)?)?;
        is_end.then(|| (self.blank_in_path(whole), at))
    }

    /// Whether all words up to a brace seem to be one path with blanks: no permissions stand among them.
    pub(super) fn is_blank_in_header(&self, tokens: &Tokens<'_>) -> bool {
        let [path, rest @ ..] = tokens.rest() else {
            return false;
        };
        let is_mode =
            |token: &Token<'_>| crate::lang::permissions::is_mode_word(self.slice(token.range));
        let is_of_path = |token: &&Token<'_>| token.kind != SyntaxKind::Condition;
        let count = rest.iter().take_while(is_of_path).count();
        let words = rest.get(..count).unwrap_or_default();
        !words.iter().any(is_mode) && self.path_with_blank(path.range, words).is_some()
    }

    /// Words in a header that are no attachment: flags without `flags=()`, or the rest of a path with a blank.
    pub(super) fn slip_in_header(
        &self,
        before: TextRange,
        token: Token<'_>,
        rest: &[Token<'_>],
    ) -> Option<FoundSlip> {
        let is_flags = |token: &&Token<'_>| {
            let inner = self.slice(token.range).trim_matches(['(', ')']);
            let mut words = inner.split([',', ' ']).filter(|word| !word.is_empty());
            !inner.trim().is_empty() && words.all(is_flag)
        };
        let all: Vec<Token<'_>> = [&[token], rest].concat();
        let count = all.iter().take_while(is_flags).count();
        if let Some(last) = all.get(..count).and_then(<[Token<'_>]>::last) {
            let range = token.range.cover(last.range);
            let names = self.slice(range).replace(['(', ')', ','], " ");
            let names: Vec<&str> = names.split_whitespace().collect();
            let written = format!("flags=({})", names.join(", "));
            let is_whole = count == all.len();
            let edits = is_whole.then(|| vec![(range, written)]);
            return Some((range, SlipKind::BareFlags, edits.unwrap_or_default()));
        }
        let is_of_path = |token: &&Token<'_>| {
            matches!(
                token.kind,
                SyntaxKind::Word | SyntaxKind::Path | SyntaxKind::Stray
            ) && !is_flag(self.slice(token.range))
                || token.kind == SyntaxKind::List && !self.slice(token.range).contains([',', ' '])
        };
        let count = all.iter().take_while(is_of_path).count();
        let whole = self.path_with_blank(before, all.get(..count)?)?;
        Some(self.blank_in_path(whole))
    }

    /// What the words behind a complete rule were meant to be; `first` is the first of them.
    pub(super) fn slip_behind(
        &self,
        first: Token<'_>,
        tokens: &Tokens<'_>,
        body: &Body,
    ) -> Option<FoundSlip> {
        let text = self.slice(first.range);
        // The name of the condition may be a word that is left over as well.
        let sign = [Some(&first), tokens.rest().get(1)].into_iter().flatten();
        let mut sign = sign.filter(|token| self.slice(token.range).starts_with('!'));
        if let Some(sign) = sign.next() {
            let length = if self.slice(sign.range).starts_with("!=") {
                2
            } else {
                1
            };
            return Some((sign.range.part(0, length), SlipKind::Negation, Vec::new()));
        }
        match body {
            Body::Mount(rule) | Body::Remount(rule) | Body::Umount(rule) => {
                self.slip_of_mount(first, tokens, rule, matches!(body, Body::Mount(_)))
            }
            Body::Network(part) if part.conditions.is_empty() && is_network_word(text) => {
                Some((first.range, SlipKind::NetworkWord, Vec::new()))
            }
            _ => self
                .bare_permissions(first, tokens.rest(), body)
                .or_else(|| self.blank_in_value(first, body)),
        }
    }

    /// Permissions side by side: `signal send receive,`.
    fn bare_permissions(
        &self,
        first: Token<'_>,
        rest: &[Token<'_>],
        body: &Body,
    ) -> Option<FoundSlip> {
        let known = permission_words(body);
        let rule = conditioned_part(body)?;
        let is_known = |text: &str| text.split(',').all(|word| known.contains(&word));
        let is_bare = rule.conditions.is_empty() && rule.peer.is_none() && rule.operands.is_empty();
        let is_listed = self.slice(rule.access_range).starts_with('(');
        if !is_bare || is_listed || !is_known(self.slice(first.range)) {
            return None;
        }
        let words = rest
            .iter()
            .take_while(|token| is_known(self.slice(token.range)));
        let last = words.last().unwrap_or(&first).range;
        let range = match rule.access.is_empty() {
            true => first.range.cover(last),
            false => rule.access_range.cover(last),
        };
        let written = self.slice(range).replace(',', " ");
        let words: Vec<&str> = written.split_whitespace().collect();
        let list = format!("({})", words.join(", "));
        Some((range, SlipKind::BareList, vec![(range, list)]))
    }

    /// A word behind the value of a condition, where the value seems to go on.
    fn blank_in_value(&self, first: Token<'_>, body: &Body) -> Option<FoundSlip> {
        let rule = conditioned_part(body)?;
        let last = rule.conditions.last().filter(|last| !last.is_list)?;
        let value = last.values.last()?.0;
        let between = self.slice(TextRange::new(value.end, first.range.start));
        let is_word = matches!(first.kind, SyntaxKind::Operand | SyntaxKind::Word);
        let is_beside = !between.is_empty() && between.chars().all(|c| matches!(c, ' ' | '\t'));
        if !is_word || !is_beside || self.slice(value).starts_with('"') {
            return None;
        }
        if self.slice(last.name) == "set" {
            return Some((first.range, SlipKind::BareList, Vec::new()));
        }
        Some((first.range, SlipKind::BlankInValue, Vec::new()))
    }

    /// What the left-over words of a mount rule were meant to be.
    fn slip_of_mount(
        &self,
        first: Token<'_>,
        tokens: &Tokens<'_>,
        rule: &MountRule,
        takes_arrow: bool,
    ) -> Option<FoundSlip> {
        let is_option = |token: &Token<'_>| {
            let text = self.slice(token.range);
            text.starts_with('-') && !text.starts_with("->")
        };
        let option = tokens.all().iter().find(|token| is_option(token));
        let written = self.mount_rewritten(tokens.all(), takes_arrow);
        let edits = written.unwrap_or_default();
        if let Some(option) = option {
            return Some((option.range, SlipKind::MountCommand, edits));
        }
        if first.kind == SyntaxKind::Condition {
            return Some((first.range, SlipKind::LateCondition, edits));
        }
        let source = rule.source?.0;
        let is_path = self.slice(first.range).starts_with('/');
        if is_path && rule.arrow.is_none() && takes_arrow && tokens.rest().len() == 1 {
            return Some((first.range, SlipKind::NoMountArrow, edits));
        }
        let before = rule.target.map_or(source, |target| target.0);
        let is_of_path = |token: &&Token<'_>| token.kind != SyntaxKind::Arrow;
        let rest = tokens.rest();
        let count = rest.iter().take_while(is_of_path).count();
        let whole = self.path_with_blank(before, rest.get(..count)?)?;
        Some(self.blank_in_path(whole))
    }

    /// A mount rule with its conditions in front, and with conditions for the options of mount(8).
    fn mount_rewritten(&self, all: &[Token<'_>], takes_arrow: bool) -> Option<Edits> {
        let range = all.first()?.range.cover(all.last()?.range);
        let mut parts = MountParts::default();
        let mut texts = all
            .iter()
            .map(|token| (token.kind, self.slice(token.range)));
        while let Some((kind, text)) = texts.next() {
            match kind {
                SyntaxKind::Condition => parts.conditions.push(text.to_owned()),
                SyntaxKind::Arrow => {}
                SyntaxKind::Operand | SyntaxKind::Path | SyntaxKind::Word | SyntaxKind::Name
                    if !text.starts_with('-') =>
                {
                    parts.operands.push(text);
                }
                SyntaxKind::Operand => parts.option(text, || texts.next().map(|next| next.1))?,
                _ => return None,
            }
        }
        let written = parts.written(takes_arrow)?;
        let is_plain = !self.slice(range).contains('#');
        is_plain.then(|| vec![(range, written)])
    }
}

fn is_network_word(word: &str) -> bool {
    crate::lang::network::words().any(|known| known == word)
}

fn is_flag(word: &str) -> bool {
    flags::MODES.contains(&word) || flags::PLAIN.contains(&word)
}

/// The parts of a mount rule.
#[derive(Default)]
struct MountParts<'t> {
    conditions: Vec<String>,
    options: Vec<&'t str>,
    operands: Vec<&'t str>,
}

impl<'t> MountParts<'t> {
    /// Enters an option of mount(8), whose value `next` may give. `None` if no condition says the same.
    fn option(&mut self, text: &'t str, next: impl FnOnce() -> Option<&'t str>) -> Option<()> {
        let joined = text
            .get(2..)
            .filter(|value| !value.is_empty() && !text.starts_with("--"));
        let value = || joined.or_else(|| next().map(|value| value.trim_start_matches('=')));
        match text {
            "-B" => self.options.push("bind"),
            "-R" => self.options.push("rbind"),
            "-M" => self.options.push("move"),
            "-r" => self.options.push("ro"),
            "-w" | "--read-write" => self.options.push("rw"),
            // umount(8)
            "-l" | "-f" | "--lazy" | "--force" => {}
            "--types" => self.fstype(value()?),
            "--options" => self.list(value()?)?,
            _ if text.starts_with("-t") => self.fstype(value()?),
            _ if text.starts_with("-o") => self.list(value()?)?,
            _ => {
                let name = text.strip_prefix("--")?;
                mount::option(name)?;
                self.options.push(name);
            }
        }
        Some(())
    }

    fn fstype(&mut self, types: &str) {
        let types: Vec<&str> = types.split(',').collect();
        self.conditions.push(match types.as_slice() {
            [only] => format!("fstype={only}"),
            several => format!("fstype=({})", several.join(", ")),
        });
    }

    fn list(&mut self, names: &'t str) -> Option<()> {
        for name in names.split(',') {
            mount::option(name)?;
            self.options.push(name);
        }
        Some(())
    }

    /// The rule without its keyword and comma, if its parts make one.
    fn written(mut self, takes_arrow: bool) -> Option<String> {
        let has_options = self.conditions.iter().any(|one| one.starts_with("option"));
        if has_options && !self.options.is_empty() {
            return None;
        }
        if !self.options.is_empty() {
            let options = format!("options=({})", self.options.join(", "));
            self.conditions.push(options);
        }
        let operands = match self.operands.as_slice() {
            [] => Vec::new(),
            [only] => vec![*only],
            [source, target] if takes_arrow => vec![*source, "->", *target],
            _ => return None,
        };
        let conditions = self.conditions.iter().map(String::as_str);
        let parts: Vec<&str> = conditions.chain(operands).collect();
        Some(parts.join(" "))
    }
}
