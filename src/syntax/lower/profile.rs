//! Profiles, child profiles and hats.

use super::tokens::{Token, Tokens};
use super::{Lower, Place};
use crate::source::TextRange;
use crate::syntax::ast::{Flags, Item, Profile, ProfileForm, Word};
use crate::syntax::fault::{Expected, FaultKind, Misplaced, NameFault, SlipKind, SyntaxFault};
use crate::syntax::kind::SyntaxKind;
use crate::syntax::text;
use crate::syntax::tree::Cursor;

impl Lower<'_> {
    /// A profile that begins with `profile`, `hat` or `^`.
    pub(super) fn profile(&mut self, node: Cursor<'_>, place: Place) -> Vec<Item> {
        let form = match node.kind() {
            SyntaxKind::Hat => ProfileForm::Hat,
            SyntaxKind::HatCaret => ProfileForm::Caret,
            _ => ProfileForm::Keyword,
        };
        let range = self.range(node);
        let mut tokens = Tokens::new(self, node);
        let Some(name) = tokens.take(SyntaxKind::Name) else {
            let keyword = TextRange::new(range.start, range.start + keyword_length(form));
            self.syntax(keyword, SyntaxFault::Missing(Expected::ProfileName));
            let items = tokens.block.map(|block| self.items(block, Place::Profile));
            return items.unwrap_or_default();
        };
        self.check_closed(name.node);
        if self.slice(name.range).starts_with('=') {
            self.syntax(name.range, SyntaxFault::Unexpected(Expected::ProfileName));
        }
        self.named_profile(range, form, name.word(), tokens, place)
    }

    /// The rest of a profile whose name was read.
    pub(super) fn named_profile(
        &mut self,
        range: TextRange,
        form: ProfileForm,
        name: Word,
        mut tokens: Tokens<'_>,
        place: Place,
    ) -> Vec<Item> {
        tokens.end = tokens.end.max(name.0.end);
        let mut profile = Profile {
            range,
            header: range,
            form,
            name,
            attachment: None,
            flags: None,
            xattrs: None,
            items: Vec::new(),
        };
        self.header(&mut profile, &mut tokens);
        profile.header.end = tokens.brace.map_or(tokens.end, |brace| brace.start);
        if tokens.brace.is_none() {
            let (place, fault) = match tokens.comma {
                Some(comma) if form == ProfileForm::Caret => (comma, SyntaxFault::NoSuchRule),
                Some(comma) => (comma, SyntaxFault::Unexpected(Expected::OpeningBrace)),
                None => (
                    TextRange::at(tokens.end),
                    SyntaxFault::Missing(Expected::OpeningBrace),
                ),
            };
            self.syntax(place, fault);
            return Vec::new();
        }
        self.check_name(&profile, place);
        if let Some(block) = tokens.block {
            profile.items = self.items(block, Place::Profile);
        }
        vec![Item::Profile(Box::new(profile))]
    }

    fn header(&mut self, profile: &mut Profile, tokens: &mut Tokens<'_>) {
        let (mut has_plus, mut has_identities) = (false, false);
        while let Some(token) = tokens.next() {
            if token.kind == SyntaxKind::Word
                && profile.attachment.is_none()
                && self.slipped_in_header(profile, token, tokens)
            {
                continue;
            }
            match token.kind {
                SyntaxKind::Path | SyntaxKind::Word
                    if profile.attachment.is_none()
                        && !has_identities
                        && profile.flags.is_none()
                        && profile.xattrs.is_none() =>
                {
                    self.check_closed(token.node);
                    if self.is_broken_variable(token.range) {
                        self.syntax(token.range, SyntaxFault::ProfileName(NameFault::Attachment));
                    }
                    profile.attachment = Some(token.word());
                }
                SyntaxKind::Group
                    if profile.xattrs.is_none() && !has_identities && profile.flags.is_none() =>
                {
                    let group = self.group(token.node);
                    if self.slice(group.name) != "xattrs" {
                        self.syntax(group.range, SyntaxFault::Group);
                    }
                    profile.xattrs = Some(group);
                }
                SyntaxKind::List if profile.flags.is_none() => {
                    let values = self.list_values(token.node);
                    profile.flags = Some(Flags {
                        range: token.range,
                        list: token.range,
                        values,
                    });
                }
                SyntaxKind::Condition if profile.flags.is_none() => {
                    self.header_condition(profile, token.node, has_plus);
                    has_plus = false;
                }
                SyntaxKind::Plus => {
                    self.check_plus(token.range, profile, tokens);
                    (has_plus, has_identities) = (true, true);
                }
                _ => {
                    if self.slipped_in_header(profile, token, tokens) {
                        continue;
                    }
                    self.syntax(token.range, SyntaxFault::Unexpected(Expected::Header));
                    tokens.skip_rest();
                }
            }
        }
    }

    /// A plus stands in front of identities, on their line.
    fn check_plus(&mut self, plus: TextRange, profile: &Profile, tokens: &Tokens<'_>) {
        let is_identities = tokens.peek().is_some_and(|next| {
            next.kind == SyntaxKind::Condition && self.slice(next.range).starts_with("identities")
        });
        if !is_identities || profile.flags.is_some() {
            self.syntax(plus, SyntaxFault::Unexpected(Expected::Header));
        }
        // Behind the plus the lexer knows no end of a line and no comment.
        let next = tokens.peek().map_or(plus.end, |next| next.range.start);
        let between = self.slice(TextRange::new(plus.end, next));
        if !between.chars().all(|c| matches!(c, ' ' | '\t')) {
            self.syntax(plus, SyntaxFault::Unexpected(Expected::Header));
        }
    }

    /// Notes what `token` was meant to be, if that is plain, and reads over it.
    fn slipped_in_header(
        &mut self,
        profile: &mut Profile,
        token: Token<'_>,
        tokens: &mut Tokens<'_>,
    ) -> bool {
        let before = profile.attachment.unwrap_or(profile.name);
        let Some(slip) = self.slip_in_header(before.0, token, tokens.rest()) else {
            return false;
        };
        let (range, kind, _) = slip;
        while tokens
            .peek()
            .is_some_and(|next| next.range.start < range.end)
        {
            tokens.next();
        }
        match &mut profile.attachment {
            _ if kind != SlipKind::BlankInPath => {}
            Some(attachment) => *attachment = Word(range),
            None => profile.name = Word(range),
        }
        self.slip(slip);
        true
    }

    fn header_condition(&mut self, profile: &mut Profile, node: Cursor<'_>, has_plus: bool) {
        let condition = self.condition(node);
        match self.slice(condition.name) {
            "flags" if condition.is_list => {
                let list = TextRange::new(
                    node.child(SyntaxKind::List)
                        .map_or(condition.range.start, |list| self.range(list).start),
                    condition.range.end,
                );
                profile.flags = Some(Flags {
                    range: condition.range,
                    list,
                    values: condition.values,
                });
            }
            "flags" => self.syntax(condition.range, SyntaxFault::Missing(Expected::Value)),
            "identities" => {
                if !has_plus || !condition.is_list {
                    self.syntax(condition.range, SyntaxFault::Identities);
                }
                for value in &condition.values {
                    let value_text = text::value(self.slice(value.0)).into_owned();
                    if !value_text.starts_with('/') && value_text.contains(' ') {
                        self.syntax(value.0, SyntaxFault::Identity);
                    }
                }
            }
            _ => self.syntax(condition.range, SyntaxFault::Unexpected(Expected::Header)),
        }
    }

    fn check_name(&mut self, profile: &Profile, place: Place) {
        let name = text::value(self.slice(profile.name.0)).into_owned();
        if profile.form == ProfileForm::Path && !name.starts_with(['/', ':']) {
            self.syntax(
                profile.name.0,
                SyntaxFault::ProfileName(NameFault::NeedsKeyword),
            );
        }
        if let Some(fault) = label_fault(&name) {
            self.syntax(profile.name.0, SyntaxFault::ProfileName(fault));
        } else if name.starts_with('&') {
            self.syntax(profile.name.0, SyntaxFault::ProfileName(NameFault::Stacked));
        }
        if let Some(attachment) = profile.attachment {
            let path = text::value(self.slice(attachment.0));
            if !path.starts_with('/') && !path.starts_with("@{") {
                self.syntax(
                    attachment.0,
                    SyntaxFault::ProfileName(NameFault::Attachment),
                );
            }
        }
        if let Some(xattrs) = &profile.xattrs
            && profile.form.is_hat()
            && place != Place::Top
        {
            self.syntax(xattrs.range, SyntaxFault::XattrsOnHat);
        }
        if profile.form == ProfileForm::Path && place != Place::Top {
            self.fault(
                profile.header,
                FaultKind::Misplaced(Misplaced::ProfileInBlock),
            );
        }
    }
}

const fn keyword_length(form: ProfileForm) -> u32 {
    match form {
        ProfileForm::Keyword => 7,
        ProfileForm::Hat => 3,
        ProfileForm::Caret | ProfileForm::Path => 1,
    }
}

/// What is wrong with the namespace of a label (`:ns:name`, `:ns://name`, `&…`).
pub(super) fn label_fault(label: &str) -> Option<NameFault> {
    let label = label.strip_prefix('&').unwrap_or(label);
    let Some(rest) = label.strip_prefix(':') else {
        return label.is_empty().then_some(NameFault::Empty);
    };
    match rest.split_once(':') {
        None => Some(NameFault::NamespaceNotTerminated),
        Some(("", _)) => Some(NameFault::NamespaceEmpty),
        Some((_, name)) => name
            .strip_prefix("//")
            .unwrap_or(name)
            .is_empty()
            .then_some(NameFault::Empty),
    }
}
