//! What could stand at a position.

use std::collections::BTreeSet;

use gen_lsp_types::CompletionItemKind;
use serde_json::{Value, json};

use super::place::{AskedDocument, around};
use crate::lang::capabilities::CAPABILITIES;
use crate::lang::keywords::{ITEM_WORDS, QUALIFIERS};
use crate::lang::{flags, network, signal, words};
use crate::rules;
use crate::source::{EntryKind, TextRange, Vfs};
use crate::syntax::ast::Item;

/// A word that could stand there, its kind, and what is said of it.
type OfferedWord<'t> = (String, CompletionItemKind, Option<&'t str>);

/// The words that could stand at an offset.
pub(super) fn completion(offset: u32, asked: &mut AskedDocument<'_, '_>) -> Vec<Value> {
    let line = asked.source().line_range(offset);
    let before = asked.slice(TextRange::new(line.start, offset));
    let Some((typed, words)) = candidates(before, offset, asked) else {
        return Vec::new();
    };
    let typed = u32::try_from(typed.len()).unwrap_or_default();
    let range = asked.range(TextRange::new(offset - typed, offset));
    let item = |(word, kind, detail): OfferedWord<'_>| {
        let mut item = json!({
            "label": word,
            "kind": kind,
            "textEdit": { "range": range, "newText": word },
        });
        if let (Some(detail), Some(item)) = (detail, item.as_object_mut()) {
            item.insert("detail".to_owned(), detail.into());
        }
        item
    };
    words.into_iter().map(item).collect()
}

/// The part of a line in front of the position that a word takes the place of, and the words.
fn candidates<'l>(
    before: &'l str,
    offset: u32,
    asked: &AskedDocument<'_, '_>,
) -> Option<(&'l str, Vec<OfferedWord<'static>>)> {
    if let Some((_, comment)) = before.split_once('#') {
        let (_, list) = comment.split_once("aalint: ignore")?;
        let (_, list) = list
            .split_once('(')
            .filter(|(_, list)| !list.contains(')'))?;
        let typed = list.rsplit([',', ' ']).next()?;
        let rule = |rule: &crate::lint::Rule| {
            let name = rule.meta.name.to_owned();
            (name, CompletionItemKind::Value, Some(rule.meta.summary))
        };
        return Some((typed, rules::all().iter().map(rule).collect()));
    }
    if let Some((_, name)) = before.rsplit_once("@{").filter(|(_, it)| !it.contains('}')) {
        let typed = before.get(before.len() - name.len() - 2..)?;
        return Some((typed, variables(offset, asked)));
    }
    let words: Vec<&str> = before.split_whitespace().collect();
    if let Some((_, path)) = before.rsplit_once('<')
        && words
            .first()
            .is_some_and(|word| matches!(*word, "include" | "abi" | "#include"))
    {
        return Some((path.rsplit('/').next()?, files(path, asked)));
    }
    let typed = before.rsplit([' ', '\t', '(', ',', '=']).next()?;
    let head = before.get(..before.len() - typed.len())?;
    if head.trim_end().ends_with("->") {
        return Some((typed, profiles(asked)));
    }
    if let Some((_, list)) = head
        .rsplit_once("flags=(")
        .filter(|(_, it)| !it.contains(')'))
    {
        let known: Vec<&str> = list.split([',', ' ']).collect();
        let flags = flags::all().filter(|flag| !known.contains(flag));
        return Some((typed, plain(flags, CompletionItemKind::EnumMember)));
    }
    let mut words = head
        .split_whitespace()
        .skip_while(|word| QUALIFIERS.contains(word) || word.starts_with("priority="));
    match words.next() {
        None => Some((typed, starts(offset, asked))),
        Some(keyword) => Some((typed, operands(keyword, head)?)),
    }
}

fn plain<'w>(
    words: impl Iterator<Item = &'w str>,
    kind: CompletionItemKind,
) -> Vec<OfferedWord<'static>> {
    words.map(|word| (word.to_owned(), kind, None)).collect()
}

/// What can start an item.
fn starts(offset: u32, asked: &AskedDocument<'_, '_>) -> Vec<OfferedWord<'static>> {
    const OUTSIDE: [&str; 6] = ["abi", "alias", "else", "if", "include", "profile"];
    let items = asked.ast().map_or(&[][..], |ast| &ast.items);
    let mut around = around(items, offset).into_iter();
    let is_inside =
        around.any(|item| matches!(item, Item::Profile(profile) if profile.header.end <= offset));
    // A fragment holds rules and has no profile around them.
    let is_fragment = !items.iter().any(|item| matches!(item, Item::Profile(_)));
    let all = ITEM_WORDS.iter().chain(QUALIFIERS).copied();
    let wanted = |word: &&str| match is_inside || is_fragment {
        true => is_fragment || !matches!(*word, "abi" | "alias"),
        false => OUTSIDE.contains(word),
    };
    plain(all.filter(wanted), CompletionItemKind::Keyword)
}

/// What can stand behind a keyword.
fn operands(keyword: &str, head: &str) -> Option<Vec<OfferedWord<'static>>> {
    let is_open = |name: &str| {
        let list = head.rsplit_once(name).map(|(_, list)| list);
        list.is_some_and(|list| !list.contains(')') && !list.trim().contains(' '))
    };
    let enumerated = |words: &'static [&'static str]| {
        plain(words.iter().copied(), CompletionItemKind::EnumMember)
    };
    Some(match keyword {
        "capability" => {
            let word = |one: &'static crate::lang::capabilities::Capability| {
                (
                    one.name.to_owned(),
                    CompletionItemKind::EnumMember,
                    Some(one.grants),
                )
            };
            CAPABILITIES.iter().map(word).collect()
        }
        "network" => plain(network::words(), CompletionItemKind::EnumMember),
        "signal" if is_open("set=") => {
            let names = signal::SIGNALS.iter().map(|(name, _)| *name);
            plain(names, CompletionItemKind::EnumMember)
        }
        "signal" => enumerated(words::SIGNAL_PERMISSIONS),
        "ptrace" => enumerated(words::PTRACE_PERMISSIONS),
        "dbus" => enumerated(words::DBUS_PERMISSIONS),
        "unix" => enumerated(words::LOCAL_SOCKET_PERMISSIONS),
        "mqueue" => enumerated(words::MQUEUE_PERMISSIONS),
        "userns" => enumerated(words::USERNS_PERMISSIONS),
        "io_uring" => enumerated(words::IO_URING_PERMISSIONS),
        _ => return None,
    })
}

fn variables(offset: u32, asked: &AskedDocument<'_, '_>) -> Vec<OfferedWord<'static>> {
    let names: BTreeSet<&str> = asked
        .env(offset)
        .into_iter()
        .flat_map(|env| env.definitions().map(|(name, _)| name))
        .collect();
    let name = |name: &str| (format!("@{{{name}}}"), CompletionItemKind::Variable, None);
    names.into_iter().map(name).collect()
}

/// The names of profiles that an exec or a change of profile can lead to.
fn profiles(asked: &AskedDocument<'_, '_>) -> Vec<OfferedWord<'static>> {
    let policy = asked.workspace().policy();
    let names: BTreeSet<&str> = policy
        .profiles()
        .filter(|profile| !profile.ast.form.is_hat())
        .map(|profile| match profile.parent {
            Some(_) => profile.name.as_str(),
            None => profile.full_name.as_str(),
        })
        .collect();
    plain(names.into_iter(), CompletionItemKind::Class)
}

/// What lies where `<…>` is searched.
fn files(typed: &str, asked: &AskedDocument<'_, '_>) -> Vec<OfferedWord<'static>> {
    let below = typed.rsplit_once('/').map_or("", |(below, _)| below);
    let workspace = asked.workspace();
    let mut found = BTreeSet::new();
    for directory in &workspace.options().search.directories {
        let path = format!("{}/{below}", directory.trim_end_matches('/'));
        let entries = workspace.files().list(path.trim_end_matches('/'));
        for entry in entries.unwrap_or_default() {
            let is_directory = entry.kind == EntryKind::Directory;
            if !entry.name.starts_with('.') {
                found.insert((entry.name, is_directory));
            }
        }
    }
    let word = |(name, is_directory): (String, bool)| match is_directory {
        true => (format!("{name}/"), CompletionItemKind::Folder, None),
        false => (name, CompletionItemKind::File, None),
    };
    found.into_iter().map(word).collect()
}
