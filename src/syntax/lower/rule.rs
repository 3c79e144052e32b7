//! Rules: qualifiers, and the body by its keyword.

use super::tokens::{Token, Tokens};
use super::{Lower, Place};
use crate::lang::keywords::suggest;
use crate::source::TextRange;
use crate::syntax::ast::{
    Body, ChangeProfile, Item, LinkRule, Mode, MountRule, Owner, PolicyRule, ProfileForm,
    Qualifiers, Rlimit, Safety,
};
use crate::syntax::fault::{
    ExecTargetFault, Expected, FaultKind, IntentFault, OperandFault, PathRole, QualifierFault,
    SyntaxFault, UnknownWord, Vocabulary,
};
use crate::syntax::kind::SyntaxKind;
use crate::syntax::tree::Cursor;

impl Lower<'_> {
    pub(super) fn rule(&mut self, node: Cursor<'_>, place: Place) -> Vec<Item> {
        let range = self.range(node);
        if node.kind() == SyntaxKind::PathRule {
            return self.path_or_profile(node, range, Qualifiers::default(), place);
        }
        let qualifiers = self.qualifiers(node);
        let body = node.children().find(|child| {
            !matches!(
                child.kind(),
                SyntaxKind::Qualifier | SyntaxKind::Comment | SyntaxKind::PoundInclude
            )
        });
        for comment in node
            .children()
            .filter(|child| child.kind() == SyntaxKind::Comment)
        {
            self.comment(comment);
        }
        if let Some(include) = node.child(SyntaxKind::PoundInclude) {
            self.syntax(self.range(include), SyntaxFault::IncludeInRule);
        }
        let Some(body) = body else {
            self.syntax(
                TextRange::at(range.end),
                SyntaxFault::Missing(Expected::RuleBody),
            );
            return Vec::new();
        };
        // The block of a rule hangs on the item, not on its body.
        match body.kind() {
            SyntaxKind::BareBlock => {
                self.refuse_priority(&qualifiers, "block");
                let block = node.child(SyntaxKind::Block);
                vec![self.block(range, qualifiers, block)]
            }
            SyntaxKind::Abi => {
                self.refuse_qualifiers(&qualifiers);
                self.abi(body).map(Item::Abi).into_iter().collect()
            }
            SyntaxKind::Alias => {
                self.refuse_qualifiers(&qualifiers);
                if place != Place::Top {
                    let misplaced = crate::syntax::fault::Misplaced::AliasInProfile;
                    self.fault(range, FaultKind::Misplaced(misplaced));
                }
                self.alias(body).map(Item::Alias).into_iter().collect()
            }
            SyntaxKind::PathBody => self.path_or_profile_in(node, body, range, qualifiers, place),
            _ => self.keyword_rule(node, body, range, qualifiers, place),
        }
    }

    fn path_or_profile(
        &mut self,
        node: Cursor<'_>,
        range: TextRange,
        qualifiers: Qualifiers,
        place: Place,
    ) -> Vec<Item> {
        self.path_or_profile_in(node, node, range, qualifiers, place)
    }

    /// `item` is the whole item (the block hangs on it), `body` the node with the words.
    fn path_or_profile_in(
        &mut self,
        item: Cursor<'_>,
        body: Cursor<'_>,
        range: TextRange,
        qualifiers: Qualifiers,
        place: Place,
    ) -> Vec<Item> {
        let mut tokens = Tokens::new(self, body);
        tokens.block = item.child(SyntaxKind::Block);
        if tokens.brace.is_some() && self.is_profile_header(&tokens) {
            self.refuse_qualifiers(&qualifiers);
            let Some(name) = tokens.next() else {
                return Vec::new();
            };
            self.check_closed(name.node);
            return self.named_profile(range, ProfileForm::Path, name.word(), tokens, place);
        }
        let keyword = TextRange::at(self.range(body).start);
        let body = self.file_rule(&mut tokens, &qualifiers);
        self.finish(range, qualifiers, keyword, body, tokens, place)
    }

    /// Whether the words up to a brace are the header of a profile and not a file rule whose comma
    /// is missing.
    fn is_profile_header(&self, tokens: &Tokens<'_>) -> bool {
        match tokens.rest() {
            [_, second, rest @ ..] if second.kind == SyntaxKind::Word => {
                let text = self.slice(second.range);
                let is_path = |token: &Token<'_>| token.kind == SyntaxKind::Path;
                !crate::lang::permissions::is_mode_word(text)
                    && (rest.iter().all(|token| !is_path(token)) || self.is_blank_in_header(tokens))
            }
            _ => true,
        }
    }

    fn keyword_rule(
        &mut self,
        item: Cursor<'_>,
        node: Cursor<'_>,
        range: TextRange,
        qualifiers: Qualifiers,
        place: Place,
    ) -> Vec<Item> {
        let mut tokens = Tokens::new(self, node);
        tokens.block = item.child(SyntaxKind::Block);
        let start = self.range(node).start;
        let keyword = self.keyword(start);
        if node.kind() != SyntaxKind::Other {
            tokens.end = keyword.end;
        }
        self.check_comments(node.kind(), &mut tokens);
        self.check_lines(node.kind(), &tokens);
        let body = match node.kind() {
            SyntaxKind::Other => {
                if let Some(items) = self.misspelt_block(range, &mut tokens, place) {
                    return items;
                }
                let body = self.file_rule(&mut tokens, &qualifiers);
                return self.finish(range, qualifiers, TextRange::at(start), body, tokens, place);
            }
            SyntaxKind::FileRule if tokens.peek().is_none() => Body::AllFiles,
            SyntaxKind::FileRule => self.file_rule(&mut tokens, &qualifiers),
            SyntaxKind::Link => self.link_rule(&mut tokens),
            SyntaxKind::Capability => self.capability(&mut tokens),
            SyntaxKind::Mount => Body::Mount(self.mount_rule(&mut tokens, true)),
            SyntaxKind::Remount => Body::Remount(self.mount_rule(&mut tokens, false)),
            SyntaxKind::Umount => Body::Umount(self.mount_rule(&mut tokens, false)),
            SyntaxKind::PivotRoot => self.pivot_root(&mut tokens),
            SyntaxKind::ChangeProfile => self.change_profile(&mut tokens),
            SyntaxKind::Rlimit => self.rlimit(&mut tokens),
            SyntaxKind::All => {
                if let Some(extra) = tokens.peek().filter(|token| !self.looks_like_start(*token)) {
                    self.fault(
                        extra.range,
                        FaultKind::Operands(OperandFault::AllTakesNothing),
                    );
                    tokens.skip_rest();
                }
                Body::All
            }
            SyntaxKind::ChangeHat => {
                self.syntax(keyword, SyntaxFault::NoSuchRule);
                tokens.skip_rest();
                Body::Unreadable
            }
            kind => self.conditioned_rule(kind, &mut tokens),
        };
        self.finish(range, qualifiers, keyword, body, tokens, place)
    }

    /// `profle NAME {` and `intnet NAME {`: what stands in the block is read all the same.
    fn misspelt_block(
        &mut self,
        range: TextRange,
        tokens: &mut Tokens<'_>,
        place: Place,
    ) -> Option<Vec<Item>> {
        let [word, name, ..] = tokens.rest() else {
            return None;
        };
        let (word, name) = (*word, *name);
        let text = self.slice(word.range);
        let meant = suggest(text, ["profile", "intent"].into_iter())?;
        if tokens.brace.is_none() || text == meant || place != Place::Top {
            return None;
        }
        if meant == "intent" {
            self.fault(word.range, FaultKind::Intent(IntentFault::NearlyIntent));
            let brace = tokens.brace.map_or(range.end, |brace| brace.start);
            let written = TextRange::new(name.range.start, brace);
            let length = self.slice(written).trim_end().len();
            let name = written.part(0, length);
            let header = TextRange::new(range.start, brace);
            return Some(self.named_intent(range, header, name, tokens.block));
        }
        let unknown = UnknownWord {
            vocabulary: Vocabulary::Keyword,
            suggestion: Some(meant),
        };
        self.fault(word.range, FaultKind::Unknown(unknown));
        tokens.next();
        tokens.next();
        let mut all = Tokens::taken(tokens);
        all.end = name.range.end;
        Some(self.named_profile(range, ProfileForm::Keyword, name.word(), all, place))
    }

    /// Comments within rules of most kinds are faults.
    fn check_comments(&mut self, kind: SyntaxKind, tokens: &mut Tokens<'_>) {
        if !matches!(
            kind,
            SyntaxKind::Other
                | SyntaxKind::FileRule
                | SyntaxKind::Link
                | SyntaxKind::Capability
                | SyntaxKind::PivotRoot
                | SyntaxKind::IoUring
                | SyntaxKind::All
        ) {
            for comment in std::mem::take(&mut tokens.comments) {
                self.syntax(comment, SyntaxFault::CommentInRule);
            }
        }
    }

    /// Words of these kinds of rules may not stand at the end of a line.
    fn check_lines(&mut self, kind: SyntaxKind, tokens: &Tokens<'_>) {
        if matches!(
            kind,
            SyntaxKind::Network
                | SyntaxKind::Mount
                | SyntaxKind::Remount
                | SyntaxKind::Umount
                | SyntaxKind::Signal
                | SyntaxKind::Ptrace
                | SyntaxKind::Unix
                | SyntaxKind::Dbus
                | SyntaxKind::Mqueue
        ) {
            for token in tokens.rest().to_vec() {
                if matches!(
                    token.kind,
                    SyntaxKind::Operand | SyntaxKind::Word | SyntaxKind::Path
                ) {
                    self.check_line_end(token.range, true);
                } else if token.kind == SyntaxKind::Arrow {
                    self.check_line_end(token.range, false);
                }
            }
        }
    }

    fn capability(&self, tokens: &mut Tokens<'_>) -> Body {
        let mut words = Vec::new();
        while let Some(word) = tokens.peek().filter(|token| token.kind == SyntaxKind::Word) {
            if !words.is_empty() && self.looks_like_start(word) {
                break;
            }
            words.push(word.word());
            tokens.next();
        }
        Body::Capability(words)
    }

    fn pivot_root(&mut self, tokens: &mut Tokens<'_>) -> Body {
        let rule = self.mount_rule(tokens, true);
        if let Some(root) = rule.source {
            self.check_bare_variable(root.0);
            let written = self.slice(root.0);
            let is_word = written.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
            if is_word && self.is_token_of_its_own(root.0) || self.is_no_label(root.0) {
                self.syntax(root.0, SyntaxFault::Unexpected(Expected::Path));
            }
        }
        Body::PivotRoot(rule)
    }

    /// The word at `start`.
    fn keyword(&self, start: u32) -> TextRange {
        let text = self.text.get(start as usize..).unwrap_or_default();
        let length = text
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
            .count();
        TextRange::new(start, start + u32::try_from(length).unwrap_or(0))
    }

    fn link_rule(&mut self, tokens: &mut Tokens<'_>) -> Body {
        let subset = tokens.take_word(self, &["subset"]);
        if let Some(sign) = tokens.take(SyntaxKind::LessEqual) {
            self.syntax(sign.range, SyntaxFault::Unexpected(Expected::Path));
        }
        let link = tokens.next();
        if let (Some(glued), Some(_)) = (
            link.and_then(|link| self.glued_arrow(link.range)),
            tokens.peek(),
        ) {
            self.syntax(glued, SyntaxFault::ArrowBlanks);
            tokens.skip_rest();
            return Body::Unreadable;
        }
        if let (Some(link), None) = (link, tokens.peek())
            && let Some(at) = self.slice(link.range).find("->")
            && !self.slice(link.range).starts_with('"')
        {
            self.syntax(link.range.part(at, at + 2), SyntaxFault::ArrowBlanks);
            return Body::Unreadable;
        }
        let arrow = tokens.take(SyntaxKind::Arrow);
        let target = tokens.take(SyntaxKind::Name);
        let (Some(link), Some(_), Some(target)) = (link, arrow, target) else {
            let expected = if link.is_none() {
                Expected::Path
            } else {
                Expected::Target
            };
            self.syntax(TextRange::at(tokens.end), SyntaxFault::Missing(expected));
            return Body::Unreadable;
        };
        if !self.is_path_token(link) {
            self.syntax(link.range, SyntaxFault::Unexpected(Expected::Path));
        }
        for path in [link, target] {
            self.check_closed(path.node);
            if !self
                .slice(path.range)
                .trim_start_matches('"')
                .starts_with(['/', '@'])
            {
                self.fault(path.range, FaultKind::RelativePath(PathRole::Link));
            }
        }
        Body::Link(LinkRule {
            subset: subset.map(|token| token.range),
            link: link.word(),
            target: target.word(),
        })
    }

    fn mount_rule(&mut self, tokens: &mut Tokens<'_>, takes_arrow: bool) -> MountRule {
        let mut rule = MountRule::default();
        while let Some(token) = tokens.peek() {
            match token.kind {
                SyntaxKind::Condition if rule.arrow.is_none() && rule.source.is_none() => {
                    let condition = self.condition(token.node);
                    rule.conditions.push(condition);
                }
                SyntaxKind::Operand | SyntaxKind::Path | SyntaxKind::Word
                    if rule.arrow.is_none() && rule.source.is_none() =>
                {
                    if token.kind != SyntaxKind::Path && self.is_rule_start(token) {
                        break;
                    }
                    self.check_closed(token.node);
                    rule.source = Some(token.word());
                }
                SyntaxKind::Arrow if takes_arrow && rule.arrow.is_none() => {
                    rule.arrow = Some(token.range)
                }
                SyntaxKind::Operand | SyntaxKind::Path | SyntaxKind::Word | SyntaxKind::Name
                    if rule.arrow.is_some() && rule.target.is_none() =>
                {
                    self.check_closed(token.node);
                    rule.target = Some(token.word());
                }
                _ => break,
            }
            tokens.next();
        }
        if let (Some(arrow), None) = (rule.arrow, rule.target) {
            self.syntax(
                TextRange::at(arrow.end),
                SyntaxFault::Missing(Expected::Path),
            );
        }
        rule
    }

    fn change_profile(&mut self, tokens: &mut Tokens<'_>) -> Body {
        let mut rule = ChangeProfile::default();
        if let Some(word) = tokens.take_word(self, &["safe", "unsafe"]) {
            let safety = if self.slice(word.range) == "safe" {
                Safety::Safe
            } else {
                Safety::Unsafe
            };
            rule.safety = Some((safety, word.range));
        }
        let exec = tokens
            .peek()
            .filter(|token| token.kind == SyntaxKind::ChangeName && !self.is_rule_start(*token));
        if let Some(exec) = exec {
            tokens.next();
            self.check_closed(exec.node);
            rule.exec = Some(exec.word());
            let path = self.slice(exec.range).trim_start_matches('"');
            let next = tokens
                .peek()
                .filter(|next| !self.starts_line(next.range.start));
            let glued = self
                .glued_arrow(exec.range)
                .filter(|_| path.starts_with("->") || next.is_some());
            let glued = glued.or_else(|| next.and_then(|next| self.glued_arrow(next.range)));
            if let Some(arrow) = glued {
                self.syntax(arrow, SyntaxFault::ArrowBlanks);
                // Without its target it would seem to lead anywhere.
                tokens.skip_rest();
                return Body::Unreadable;
            } else if !path.starts_with('/') && !path.starts_with("@{") {
                self.fault(
                    exec.range,
                    FaultKind::ExecTarget(ExecTargetFault::ProgramNotAbsolute),
                );
            }
        }
        if let Some(arrow) = tokens.take(SyntaxKind::Arrow) {
            match tokens.take(SyntaxKind::Name) {
                Some(target) => {
                    self.check_closed(target.node);
                    rule.target = Some(target.word());
                }
                None => self.syntax(
                    TextRange::at(arrow.range.end),
                    SyntaxFault::Missing(Expected::Target),
                ),
            }
        }
        if let (Some((_, range)), None) = (rule.safety, rule.exec) {
            self.fault(
                range,
                FaultKind::ExecTarget(ExecTargetFault::SafetyWithoutProgram),
            );
        }
        Body::ChangeProfile(rule)
    }

    fn rlimit(&mut self, tokens: &mut Tokens<'_>) -> Body {
        let keyword = tokens.take_word(self, &["rlimit"]);
        let resource = tokens.take(SyntaxKind::RlimitWord);
        let limit = tokens.take(SyntaxKind::LessEqual);
        let value = tokens.take(SyntaxKind::RlimitWord);
        let (Some(_), Some(resource), Some(_), Some(value)) = (keyword, resource, limit, value)
        else {
            let expected = if keyword.is_none() {
                Expected::RlimitWord
            } else {
                Expected::Limit
            };
            let place = tokens
                .peek()
                .map_or(TextRange::at(tokens.end), |token| token.range);
            self.syntax(place, SyntaxFault::Missing(expected));
            tokens.skip_rest();
            return Body::Unreadable;
        };
        // `100KB` is a number and a unit without a blank.
        let text = self.slice(value.range);
        let digits = text
            .strip_prefix('-')
            .unwrap_or(text)
            .bytes()
            .take_while(u8::is_ascii_digit)
            .count();
        let number = digits + usize::from(text.starts_with('-'));
        if digits > 0 && number < text.len() {
            let unit = value.range.part(number, text.len());
            let value = value.range.part(0, number);
            return Body::Rlimit(Rlimit {
                resource: resource.word(),
                value: crate::syntax::ast::Word(value),
                unit: Some(crate::syntax::ast::Word(unit)),
            });
        }
        let unit = tokens
            .take(SyntaxKind::RlimitWord)
            .map(|token| token.word());
        Body::Rlimit(Rlimit {
            resource: resource.word(),
            value: value.word(),
            unit,
        })
    }

    fn qualifiers(&mut self, node: Cursor<'_>) -> Qualifiers {
        let mut qualifiers = Qualifiers::default();
        // Their order is priority, audit, mode, owner (apparmor.d(5), RULES).
        let mut last: Option<(u8, TextRange)> = None;
        for child in node
            .children()
            .filter(|child| child.kind() == SyntaxKind::Qualifier)
        {
            let range = self.range(child);
            qualifiers.range = if last.is_none() {
                range
            } else {
                qualifiers.range.cover(range)
            };
            let Some(rank) = self.qualifier(&mut qualifiers, range) else {
                continue;
            };
            if let Some((before, first)) = last {
                if rank == before {
                    self.fault(range, FaultKind::Qualifier(QualifierFault::Conflict(first)));
                } else if rank < before {
                    self.fault(range, FaultKind::Qualifier(QualifierFault::Order(first)));
                }
            }
            if last.is_none_or(|(before, _)| rank > before) {
                last = Some((rank, range));
            }
        }
        qualifiers
    }

    /// Enters one qualifier; gives its rank in the order.
    fn qualifier(&mut self, qualifiers: &mut Qualifiers, range: TextRange) -> Option<u8> {
        let text = self.slice(range).to_owned();
        Some(match text.as_str() {
            "audit" => {
                qualifiers.audit.get_or_insert(range);
                1
            }
            "allow" | "deny" | "prompt" => {
                let mode = match text.as_str() {
                    "allow" => Mode::Allow,
                    "deny" => Mode::Deny,
                    _ => Mode::Prompt,
                };
                qualifiers.mode.get_or_insert((mode, range));
                2
            }
            "owner" | "user" => {
                qualifiers.owner.get_or_insert((Owner::Owner, range));
                3
            }
            "other" => {
                qualifiers.owner.get_or_insert((Owner::Other, range));
                3
            }
            _ if text.starts_with("priority") => {
                let number = text.rsplit('=').next().unwrap_or_default().trim();
                match number.parse::<i32>() {
                    Ok(value) if (-1000..=1000).contains(&value) => {
                        qualifiers.priority = Some((value, range))
                    }
                    _ => self.fault(range, FaultKind::Qualifier(QualifierFault::PriorityRange)),
                }
                0
            }
            _ => {
                self.fault(range, FaultKind::Qualifier(QualifierFault::NotAQualifier));
                return None;
            }
        })
    }

    fn refuse_qualifiers(&mut self, qualifiers: &Qualifiers) {
        if !qualifiers.range.is_empty() {
            self.fault(
                qualifiers.range,
                FaultKind::Qualifier(QualifierFault::NotAllowedHere),
            );
        }
    }

    fn refuse_priority(&mut self, qualifiers: &Qualifiers, what: &'static str) {
        if let Some((value, range)) = qualifiers.priority
            && value != 0
        {
            self.fault(
                range,
                FaultKind::Qualifier(QualifierFault::PriorityNotAllowed(what)),
            );
        }
    }

    /// Ends a rule: what stands behind its last part, and whether its comma is there.
    fn finish(
        &mut self,
        range: TextRange,
        qualifiers: Qualifiers,
        keyword: TextRange,
        body: Body,
        mut tokens: Tokens<'_>,
        place: Place,
    ) -> Vec<Item> {
        let mut rule_range = range;
        let mut more = Vec::new();
        if tokens.peek().is_some() {
            rule_range.end = tokens.end;
            more = self.rest_of_rule(&mut tokens, range, place, &body);
        } else if let Some(brace) = tokens.brace {
            rule_range.end = tokens.end;
            if !matches!(body, Body::Unreadable) {
                self.syntax(brace, SyntaxFault::Unexpected(Expected::EndOfRule));
            }
            more = tokens
                .block
                .map(|block| self.items(block, Place::Block))
                .unwrap_or_default();
        } else if tokens.comma.is_none() && !matches!(body, Body::Unreadable) {
            self.fault(TextRange::at(tokens.end), FaultKind::MissingComma);
        }
        let rule = PolicyRule {
            range: rule_range,
            qualifiers,
            keyword,
            body,
        };
        let mut items = vec![Item::Rule(Box::new(rule))];
        items.append(&mut more);
        items
    }
}
