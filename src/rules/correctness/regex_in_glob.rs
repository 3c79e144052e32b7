//! `regex-in-glob`: patterns written like regular expressions or lists.

use super::glob_slips::{GlobSlipKind, Place, first, instead};
use crate::diagnostic::Applicability;
use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;
use crate::source::{FileId, Span};
use crate::syntax::ast::{Body, Item, Word};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    if profile.id.number == 0 {
        values(profile.file, cx, sink);
    }
    if profile.attachment.is_some() {
        let word = profile.ast.attachment.unwrap_or(profile.ast.name);
        look(word, profile.file, Place::Attachment, cx, sink);
    }
    for fact in profile.own_facts(cx.summaries) {
        let (words, place) = match &fact.rule.body {
            Body::File(rule) => ([Some(rule.path), None], Place::Rule),
            Body::Link(rule) => ([Some(rule.link), Some(rule.target)], Place::Rule),
            Body::Mount(rule) | Body::Remount(rule) | Body::Umount(rule) => {
                ([rule.source, rule.target], Place::Mount)
            }
            _ => continue,
        };
        for word in words.into_iter().flatten() {
            look(word, fact.file, place, cx, sink);
        }
    }
}

/// The values of variables that a file gives to its profiles.
fn values(file: FileId, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let items = cx.store.file(file).map(|loaded| &loaded.file.ast.items);
    for item in items.into_iter().flatten() {
        if let Item::Variable(variable) = item {
            for value in &variable.values {
                look(*value, file, Place::Value, cx, sink);
            }
        }
    }
}

/// The first thing in a word that is no glob.
fn look(word: Word, file: FileId, place: Place, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let span = word.0.in_file(file);
    let written = cx.slice(span);
    let Some(found) = first(written, place) else {
        return;
    };
    let (start, end) = found.place;
    let part = written.get(start..end).unwrap_or_default();
    let at = Span {
        range: word.0.part(start, end),
        ..span
    };
    let message = match &found.kind {
        GlobSlipKind::Regex => {
            format!("`{part}` is a regular expression, and `{written}` is a glob")
        }
        GlobSlipKind::Caret => format!("`^` outside of `[…]` stands for itself in `{written}`"),
        GlobSlipKind::Comma => format!("`,` outside of `{{…}}` stands for itself in `{written}`"),
        GlobSlipKind::CommaInClass => {
            format!("the comma in `{part}` is one of its characters and separates nothing")
        }
        GlobSlipKind::List(letters) => {
            let which = if part.starts_with("[^") {
                "not one"
            } else {
                "one"
            };
            format!(
                "`{part}` matches a single character that is {which} of `{letters}`, not a word of a list"
            )
        }
    };
    let mut finding = sink.at(at, message);
    if !matches!(
        found.kind,
        GlobSlipKind::List(_) | GlobSlipKind::CommaInClass
    ) {
        let itself = part.replace('\\', "");
        let only = match place {
            Place::Attachment => "the profile attaches only to paths",
            _ => "this part of the pattern matches only paths",
        };
        finding = finding.note(format!("{only} with `{itself}` in this place"));
    }
    finding = finding.help(found.help);
    sink.report(match instead(&found.kind, part) {
        Some(text) => {
            let title = match text.is_empty() {
                true => format!("remove `{part}`"),
                false => format!("write `{text}`"),
            };
            finding.replace(Applicability::Unsafe, title, at, text)
        }
        None => finding,
    });
}
