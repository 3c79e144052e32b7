//! File rules.

use super::Lower;
use super::profile::label_fault;
use super::tokens::{Token, Tokens};
use crate::lang::keywords;
use crate::lang::permissions::{self, PermFault};
use crate::source::TextRange;
use crate::syntax::ast::{Body, FileRule, Qualifiers, Safety};
use crate::syntax::fault::{
    Deprecated, ExecTargetFault, Expected, FaultKind, NameFault, PathRole, PermissionFault,
    SlipKind, SyntaxFault, UnknownWord, Vocabulary,
};
use crate::syntax::kind::SyntaxKind;
use crate::syntax::text;

impl Lower<'_> {
    /// `[safe|unsafe] PATH PERMS [-> TARGET]` or `[safe|unsafe] PERMS [subset] PATH [-> TARGET]`.
    pub(super) fn file_rule(&mut self, tokens: &mut Tokens<'_>, qualifiers: &Qualifiers) -> Body {
        let safety = tokens.take_word(self, &["safe", "unsafe"]).map(|token| {
            let safety = if self.slice(token.range) == "safe" {
                Safety::Safe
            } else {
                Safety::Unsafe
            };
            (safety, token.range)
        });
        let Some(first) = tokens.next() else {
            self.syntax(
                TextRange::at(tokens.end),
                SyntaxFault::Missing(Expected::Path),
            );
            return Body::Unreadable;
        };
        let is_leading = first.kind == SyntaxKind::Word && self.is_mode(first.range);
        let mut subset = None;
        let found = if is_leading {
            subset = tokens.take_word(self, &["subset"]);
            self.path_behind(first, tokens).map(|path| (path, first))
        } else {
            self.permissions_behind(first, tokens)
                .map(|perms| (first, perms))
        };
        let Some((path, perms)) = found else {
            return Body::Unreadable;
        };
        self.check_closed(path.node);
        self.check_perms_end(perms.range);
        if self.is_broken_variable(path.range)
            || path.kind == SyntaxKind::Word && self.is_token_of_its_own(path.range)
        {
            self.syntax(path.range, SyntaxFault::Unexpected(Expected::Path));
        }
        let rest = self.target(tokens);
        let written = text::value(self.slice(path.range)).into_owned();
        if !written.starts_with(['/', '@']) {
            let is_quoted = text::is_quoted(self.slice(path.range));
            let fault = if is_quoted && !written.starts_with([':', '&']) {
                FaultKind::Syntax(SyntaxFault::Unexpected(Expected::Path))
            } else {
                FaultKind::RelativePath(PathRole::File)
            };
            self.fault(path.range, fault);
        }
        let parsed = self.permissions(perms.range, qualifiers);
        let rule = FileRule {
            path: path.word(),
            perms_range: perms.range,
            perms: parsed,
            target: rest,
            safety,
            subset: subset.map(|token| token.range),
            is_leading,
        };
        self.check_transition(&rule);
        Body::File(rule)
    }

    fn is_mode(&self, range: TextRange) -> bool {
        permissions::is_mode_word(self.slice(range))
    }

    /// The path of a rule that begins with its permissions; without one the rest is skipped.
    fn path_behind<'t>(&mut self, perms: Token<'t>, tokens: &mut Tokens<'t>) -> Option<Token<'t>> {
        if let Some(sign) = tokens.take(SyntaxKind::LessEqual) {
            self.syntax(sign.range, SyntaxFault::Unexpected(Expected::Path));
        }
        let path = tokens
            .peek()
            .filter(|token| matches!(token.kind, SyntaxKind::Path | SyntaxKind::Word));
        let Some(path) = path else {
            self.syntax(
                TextRange::at(tokens.end),
                SyntaxFault::Missing(Expected::Path),
            );
            tokens.skip_rest();
            return None;
        };
        tokens.next();
        if let (Some(arrow), Some(_)) = (self.glued_arrow(path.range), tokens.peek())
            && !self.starts_line(path.range.end)
        {
            self.check_perms_end(perms.range);
            self.syntax(arrow, SyntaxFault::ArrowBlanks);
            tokens.skip_rest();
            return None;
        }
        Some(path)
    }

    /// The permissions of a rule that begins with its path; where there are none the rest is skipped.
    fn permissions_behind<'t>(
        &mut self,
        path: Token<'t>,
        tokens: &mut Tokens<'t>,
    ) -> Option<Token<'t>> {
        if !matches!(path.kind, SyntaxKind::Path | SyntaxKind::Word) {
            self.syntax(path.range, SyntaxFault::Unexpected(Expected::Item));
            tokens.skip_rest();
            return None;
        }
        let perms = tokens
            .peek()
            .filter(|token| token.kind == SyntaxKind::Word && self.is_mode(token.range));
        let Some(perms) = perms else {
            self.no_permissions(path, tokens);
            return None;
        };
        tokens.next();
        Some(perms)
    }

    /// Permissions are read as such only in front of white space or a comma (`({MODES})/([[:space:],])` in parser_lex.l).
    fn check_perms_end(&mut self, perms: TextRange) {
        let behind = self.text.get(perms.end as usize..).unwrap_or_default();
        if behind.starts_with("->") {
            let arrow = TextRange::new(perms.end, perms.end + 2);
            self.syntax(arrow, SyntaxFault::ArrowBlanks);
        } else if !behind.is_empty()
            && !behind.starts_with([' ', '\t', '\n', '\r', '\u{b}', '\u{c}', ','])
        {
            self.syntax(perms, SyntaxFault::Unexpected(Expected::Permissions));
        }
    }

    /// Whether a path begins with an `@` that begins no variable, or with a variable that an operator follows directly: the
    /// lexer then reads an assignment (LABEL and POST_VAR_ID in parser_lex.l).
    pub(super) fn is_broken_variable(&self, path: TextRange) -> bool {
        let Some(rest) = self.slice(path).strip_prefix('@') else {
            return false;
        };
        match rest.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
            Some((name, behind)) => {
                let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
                    && name
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                !is_name || behind.starts_with(['+', '=', '?'])
            }
            None => !rest.starts_with(|c: char| c.is_ascii_alphabetic()),
        }
    }

    /// Whether a part of a rule is a path to the parser.
    pub(super) fn is_path_token(&self, token: Token<'_>) -> bool {
        match token.kind {
            SyntaxKind::Word => !self.is_token_of_its_own(token.range),
            SyntaxKind::Path | SyntaxKind::Name => !self.is_no_label(token.range),
            _ => false,
        }
    }

    /// Whether the lexer takes a word for no path at all: as [`Self::is_broken_variable`] says, or in quotes without the
    /// character that a path or label begins with (QUOTED_LABEL in parser_lex.l).
    pub(super) fn is_no_label(&self, path: TextRange) -> bool {
        let quoted = self.slice(path).strip_prefix('"');
        quoted.is_some_and(|inner| !inner.starts_with(['/', '@', ':', '&']))
            || self.is_broken_variable(path)
    }

    /// Whether a word where a path should stand is not a path to the parser: a keyword, permissions, or without a letter in front.
    pub(super) fn is_token_of_its_own(&self, word: TextRange) -> bool {
        let text = self.slice(word);
        let behind = self.text.get(word.end as usize..).unwrap_or_default();
        // Permissions are such only in front of white space or a comma.
        let is_mode = permissions::is_mode_word(text) && !behind.starts_with("->");
        is_mode
            || keywords::is_reserved(text)
            || !text.starts_with(|c: char| c.is_ascii_alphabetic())
    }

    fn target(&mut self, tokens: &mut Tokens<'_>) -> Option<crate::syntax::ast::Word> {
        let arrow = tokens.take(SyntaxKind::Arrow)?;
        let Some(target) = tokens.take(SyntaxKind::Name) else {
            self.syntax(
                TextRange::at(arrow.range.end),
                SyntaxFault::Missing(Expected::Target),
            );
            return None;
        };
        self.check_closed(target.node);
        Some(target.word())
    }

    /// A path, or an unknown word, with nothing behind it that could be permissions.
    fn no_permissions(&mut self, first: Token<'_>, tokens: &mut Tokens<'_>) {
        self.check_closed(first.node);
        let first_text = self.slice(first.range).to_owned();
        let next = tokens.peek();
        if first.kind == SyntaxKind::Word {
            let suggestion = keywords::suggest_keyword(&first_text);
            let unknown = UnknownWord {
                vocabulary: Vocabulary::Keyword,
                suggestion,
            };
            self.fault(first.range, FaultKind::Unknown(unknown));
            self.skip_to_next_rule(tokens);
            return;
        }
        if let Some((slip, taken)) = self.blank_in_file_rule(first.range, tokens.rest()) {
            self.slip(slip);
            // The permissions are read over with what follows.
            for _ in 0..=taken {
                tokens.next();
            }
            return self.skip_to_next_rule(tokens);
        }
        match next {
            Some(word) if word.kind == SyntaxKind::Word && !self.starts_line(word.range.start) => {
                let unknown = UnknownWord {
                    vocabulary: Vocabulary::FilePermission,
                    suggestion: None,
                };
                self.fault(word.range, FaultKind::Unknown(unknown));
                tokens.next();
                self.skip_to_next_rule(tokens);
            }
            Some(other) if !self.starts_line(other.range.start) => {
                self.syntax(other.range, SyntaxFault::Unexpected(Expected::Permissions));
                self.skip_to_next_rule(tokens);
            }
            _ => match self.joined_permissions(first.range) {
                Some(comma) => self.slip((
                    comma,
                    SlipKind::CommaBeforePermissions,
                    vec![(comma, " ".to_owned())],
                )),
                None => self.syntax(
                    TextRange::at(first.range.end),
                    SyntaxFault::Missing(Expected::Permissions),
                ),
            },
        }
    }

    /// The comma of `/path,rw`, which is one word.
    fn joined_permissions(&self, path: TextRange) -> Option<TextRange> {
        let text = self.slice(path);
        let (before, perms) = text.rsplit_once(',')?;
        let is_open = before.matches('{').count() > before.matches('}').count();
        let is_split = permissions::is_mode_word(perms) && !is_open && !text.starts_with('"');
        is_split.then(|| path.part(before.len(), before.len() + 1))
    }

    /// Skips what belongs to a rule that could not be read.
    fn skip_to_next_rule(&mut self, tokens: &mut Tokens<'_>) {
        while let Some(token) = tokens.peek() {
            if self.looks_like_start(token) {
                return;
            }
            tokens.next();
        }
    }

    fn permissions(&mut self, range: TextRange, qualifiers: &Qualifiers) -> permissions::FilePerms {
        let written = self.slice(range).to_owned();
        let parsed = permissions::parse_file_perms(&written);
        for fault in &parsed.faults {
            match fault {
                PermFault::UnknownLetter(at) => {
                    let unknown = UnknownWord {
                        vocabulary: Vocabulary::FilePermission,
                        suggestion: None,
                    };
                    self.fault(range.part(*at, *at + 1), FaultKind::Unknown(unknown));
                }
                PermFault::WriteAndAppend => {
                    self.fault(
                        range,
                        FaultKind::Permissions(PermissionFault::WriteAndAppend),
                    );
                }
                PermFault::ConflictingExec => {
                    self.fault(range, FaultKind::Permissions(PermissionFault::ExecModes));
                }
                PermFault::Uppercase => {
                    let lower = parsed.perms.to_string();
                    self.fault(
                        range,
                        FaultKind::Deprecated(Deprecated::UppercasePermissions(lower)),
                    );
                }
            }
        }
        let perms = parsed.perms;
        let is_deny = qualifiers.is_deny();
        if is_deny && perms.exec_mode.is_some() {
            let instead = perms.without_exec_mode().to_string();
            self.fault(range, FaultKind::DenyWithExecMode { instead });
        }
        if !is_deny && perms.has_exec() && perms.exec_mode.is_none() {
            self.fault(range, FaultKind::BareX);
        }
        perms
    }

    fn check_transition(&mut self, rule: &FileRule) {
        let has_exec = rule.perms.has_exec();
        let has_link = rule.perms.has_link();
        if let Some((_, range)) = rule.safety
            && !has_exec
        {
            self.fault(
                range,
                FaultKind::ExecTarget(ExecTargetFault::SafetyWithoutExec),
            );
        }
        if let Some(subset) = rule.subset
            && !rule.perms.is_only_link()
        {
            self.fault(
                subset,
                FaultKind::ExecTarget(ExecTargetFault::SubsetWithoutLink),
            );
        }
        let Some(target) = rule.target else { return };
        let label = text::value(self.slice(target.0)).into_owned();
        let fault = if rule.is_leading && has_link && has_exec {
            Some(ExecTargetFault::LinkAndExec)
        } else if rule.is_leading && has_link && label.trim_start_matches('&').starts_with(':') {
            Some(ExecTargetFault::LinkToNamespace)
        } else if !(has_exec || (rule.is_leading && has_link)) {
            Some(if has_link {
                ExecTargetFault::LinkBehindPath
            } else {
                ExecTargetFault::WithoutExec
            })
        } else if has_exec {
            // `:ns` and `:ns:` lead to what the namespace leaves unconfined.
            match label_fault(&label) {
                Some(NameFault::NamespaceEmpty) => Some(ExecTargetFault::NamespaceEmpty),
                Some(NameFault::Empty) if !label.contains(':') => Some(ExecTargetFault::NameEmpty),
                _ => None,
            }
        } else {
            None
        };
        if let Some(fault) = fault {
            self.fault(target.0, FaultKind::ExecTarget(fault));
        }
    }
}
