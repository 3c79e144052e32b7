//! The narrowest rule that would allow a request, and what else it would allow.

use std::ops::ControlFlow;

use super::request::Requested;
use crate::access::perms::socket;
use crate::access::{Class, Effective, ProfileMode, Request, bits, show, word};
use crate::lang::capabilities::CAPABILITIES;
use crate::lang::network;
use crate::lang::permissions::{APPEND, EXEC, FilePerms, READ, WRITE};
use crate::policy::ProfileView;

/// A rule to add.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suggestion {
    /// The rule, with its comma.
    pub rule: String,
    /// What the rule would allow beyond the request, each a sentence without period.
    pub opens: Vec<String>,
    /// Another request that is refused now and that the rule would allow.
    pub example: Option<String>,
    /// What to look at before the rule is added.
    pub warning: Option<String>,
}

/// The narrowest rule for what is refused of a request, `refused` being these bits of it, and what it allows. `None`
/// where no rule helps. `operation` is what the record calls it.
pub(super) fn suggest(
    operation: &str,
    requested: &Requested,
    refused: u32,
    effective: &Effective,
    profile: &ProfileView<'_>,
    mode: ProfileMode,
) -> Option<(Suggestion, Request)> {
    let text = &requested.text;
    let (rule, opens) = match requested.class {
        Class::File if text.contains(&0) => (
            shown(Class::File, text, refused),
            vec!["a link gives its file a second name, under which other rules decide".to_owned()],
        ),
        Class::File => file(text, refused, profile)?,
        Class::Capability => capability(text)?,
        Class::Network => network(text)?,
        Class::ChangeProfile => (
            shown(Class::ChangeProfile, text, refused),
            vec!["after the change the rules of that profile decide".to_owned()],
        ),
        Class::Mount => mounting(text, refused),
        Class::Dbus => dbus(text, refused),
        class => (shown(class, text, refused), Vec::new()),
    };
    let request = Request::read(&rule, &profile.env, &profile.name).ok()?;
    let covers = request.wants.iter().any(|want| {
        want.class == requested.class && want.mask & refused != 0 && want.nfa.matches(text)
    });
    let suggestion = covers.then(|| Suggestion {
        rule: format!("{rule},"),
        opens,
        example: example(&rule, &request, requested, refused, effective, mode),
        warning: warning(operation, requested),
    })?;
    Some((suggestion, request))
}

/// What more often lies behind such a request than a missing rule.
fn warning(operation: &str, requested: &Requested) -> Option<String> {
    // The file of an internal mount has its name from `dentry_path`, which is `/` for what lies in no directory
    // (d_namespace_path in security/apparmor/path.c).
    if (operation, requested.class, &*requested.text) == ("file_mmap", Class::File, b"/") {
        return Some(
            "this is not the root directory, which cannot be mapped: the kernel gives this name to memory without one, such as huge \
             pages. Add the rule only if the program does not work without it"
                .to_owned(),
        );
    }
    let [number] = requested.text.as_slice() else {
        return None;
    };
    let known = CAPABILITIES.get(usize::from(*number))?;
    let is_about_modes = requested.class == Class::Capability
        && matches!(known.name, "dac_override" | "dac_read_search");
    is_about_modes.then(|| {
        "a file with the wrong owner or mode usually causes this: look for that file first"
            .to_owned()
    })
}

/// A request as a rule. Where a file is meant, without `other`, which is no qualifier of rules.
fn shown(class: Class, text: &[u8], bits: u32) -> String {
    show(class, text, bits, None)
}

/// Something that the rule covers, that is refused now, and that was not asked.
fn example(
    rule: &str,
    request: &Request,
    requested: &Requested,
    refused: u32,
    effective: &Effective,
    mode: ProfileMode,
) -> Option<String> {
    request.wants.iter().find_map(|want| {
        let mut found = None;
        let visit = |verdict: &crate::access::Verdict,
                     _: &[crate::access::EntryRef<'_>],
                     trace: crate::glob::Trace<'_>| {
            let verdict = mode.once_enforced().applied(want.class, verdict);
            let text = trace.text();
            let asked = if text == requested.text { refused } else { 0 };
            let fresh = want.alone() & !verdict.allow & !verdict.deny & !asked;
            // Who owns a file is not the policy's choice.
            let is_same_file = want.class == Class::File && asked != 0;
            let fresh = if is_same_file {
                without_halves(fresh, refused) & !implied(refused)
            } else {
                fresh
            };
            if fresh == 0 {
                return ControlFlow::Continue(());
            }
            // What is written as the rule is says nothing about it: a family and a type stand for all operations on such sockets.
            let example = show(want.class, &text, fresh, None);
            if example == rule {
                return ControlFlow::Continue(());
            }
            found = Some(example);
            ControlFlow::Break(())
        };
        let wanted = [&*want.nfa];
        let _ = effective.visit(want.class, &wanted, want.domain(), visit);
        found
    })
}

/// The bits that nobody has to be told: `w` is more than `a`.
const fn implied(refused: u32) -> u32 {
    let has_write = refused & bits::both(WRITE) != 0;
    if has_write { bits::both(APPEND) } else { 0 }
}

/// The bits that are fresh in both halves, given those that were refused in either.
const fn without_halves(fresh: u32, refused: u32) -> u32 {
    let either = (refused | refused >> bits::OTHER) & bits::HALF;
    fresh & !(either | either << bits::OTHER)
}

fn file(path: &[u8], refused: u32, profile: &ProfileView<'_>) -> Option<(String, Vec<String>)> {
    let (owner, other) = (refused & bits::HALF, refused >> bits::OTHER & bits::HALF);
    let bits = u8::try_from(owner | other).ok()?;
    let qualifier = if other == 0 { "owner " } else { "" };
    let (pattern, is_any_process) = without_pid(path, profile);
    let of_user = (other == 0).then(|| without_uid(path, profile)).flatten();
    let (pattern, is_any_user) = match of_user {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    // Nothing narrower runs a program: it stays under this profile.
    let exec = if bits & EXEC != 0 { "ix" } else { "" };
    let perms = FilePerms {
        bits: bits & !EXEC,
        exec_mode: None,
    };
    let mut opens = Vec::new();
    if is_any_process {
        let whose = if other == 0 {
            "of the same user"
        } else {
            "of anybody"
        };
        opens.push(format!(
            "the rule allows the same file of every process {whose}"
        ));
    }
    if is_any_user {
        opens.push(
            "the rule allows the same file in the directory of another user, if the task's user owns it".to_owned(),
        );
    }
    if bits & WRITE != 0 {
        opens.push(
            "`w` also allows creating, removing and renaming the file, and changing its mode and owner".to_owned(),
        );
    } else if bits & APPEND != 0 {
        opens.push("`a` allows any number of writes at the end of the file".to_owned());
    }
    if bits & EXEC != 0 {
        opens.push(
            "the program runs under this profile, and needs rules here for what it reads"
                .to_owned(),
        );
    }
    if other != 0 && bits & (READ | WRITE | APPEND) != 0 {
        opens.push("the rule allows the file whatever user owns it".to_owned());
    }
    Some((format!("{qualifier}{pattern} {perms}{exec}"), opens))
}

/// The path with the number of a process left open: it is another one each time.
fn without_pid(path: &[u8], profile: &ProfileView<'_>) -> (String, bool) {
    let behind = path.strip_prefix(b"/proc/").unwrap_or_default();
    let digits = behind
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let rest = behind.get(digits..).unwrap_or_default();
    if digits == 0 || !rest.starts_with(b"/") {
        return (word(path), false);
    }
    let has = |name| profile.env.variable(name).is_some();
    let (root, pid) = match (has("PROC"), has("pid")) {
        (true, true) => ("@{PROC}", "@{pid}"),
        _ => ("/proc", "[0-9]*"),
    };
    // The names of threads are numbers as well.
    let rest = match rest.strip_prefix(b"/task/") {
        Some(task) => {
            let digits = task.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let rest = task.get(digits..).unwrap_or_default();
            let tid = if digits > 0 { "[0-9]*" } else { "" };
            let rest = if rest.is_empty() {
                String::new()
            } else {
                word(rest)
            };
            format!("/task/{tid}{rest}")
        }
        None => word(rest),
    };
    match rest.strip_prefix('"') {
        Some(rest) => (format!("\"{root}/{pid}{rest}"), true),
        None => (format!("{root}/{pid}{rest}"), true),
    }
}

/// The path of a file in a user's runtime directory with the number of the user left open. Only what the user owns may be
/// meant: the number is another one for each user.
fn without_uid(path: &[u8], profile: &ProfileView<'_>) -> Option<String> {
    let behind = path.strip_prefix(b"/run/user/")?;
    let digits = behind.iter().take_while(|byte| byte.is_ascii_digit());
    let rest = behind.get(digits.count()..)?;
    if rest.len() == behind.len() || !rest.starts_with(b"/") {
        return None;
    }
    let uid = match profile.env.variable("uid").is_some() {
        true => "@{uid}",
        false => "[0-9]*",
    };
    let rest = word(rest);
    Some(match rest.strip_prefix('"') {
        Some(rest) => format!("\"/run/user/{uid}{rest}"),
        None => format!("/run/user/{uid}{rest}"),
    })
}

/// Without the unique name of a connection: it is another one each time.
fn dbus(text: &[u8], refused: u32) -> (String, Vec<String>) {
    let mut parts: Vec<&[u8]> = text.split(|byte| *byte == 0).collect();
    let is_message = parts.len() >= 6;
    let unique = parts
        .get_mut(1)
        .filter(|name| is_message && name.starts_with(b":"));
    let Some(name) = unique else {
        return (shown(Class::Dbus, text, refused), Vec::new());
    };
    *name = b"";
    let opens = "the rule allows every connection with that label: a unique name such as `:1.5` changes at each start".to_owned();
    (shown(Class::Dbus, &parts.join(&0), refused), vec![opens])
}

/// The parser makes one slash of several in the paths of mount rules, but not within brackets.
fn mounting(text: &[u8], refused: u32) -> (String, Vec<String>) {
    let rule = shown(Class::Mount, text, refused);
    if !rule.contains("//") {
        return (rule, Vec::new());
    }
    let note = "a path with `//`, as asked: `[/]` keeps the slash that the parser would merge";
    let mut written = String::new();
    for letter in rule.chars() {
        if letter == '/' && after_slash(&written) {
            written.push_str("[/]");
        } else {
            written.push(letter);
        }
    }
    (written, vec![note.to_owned()])
}

/// Whether a rule so far ends with a slash, plain or in brackets.
fn after_slash(written: &str) -> bool {
    written.ends_with('/') || written.ends_with("[/]")
}

fn capability(text: &[u8]) -> Option<(String, Vec<String>)> {
    let known = CAPABILITIES.get(usize::from(*text.first()?))?;
    let opens = format!("the process may {}", known.grants);
    Some((format!("capability {}", known.name), vec![opens]))
}

/// Kernels up to 6.16 mediate families and types; a rule with addresses would not be enforced there.
fn network(text: &[u8]) -> Option<(String, Vec<String>)> {
    let (family, kind) = (*text.first()?, *text.get(1)?);
    let mut families = network::FAMILIES.iter();
    let family = families.find(|name| network::family_number(name) == Some(family))?;
    let mut types = network::TYPES.iter();
    let kind = types.find(|name| network::type_number(name) == Some(kind))?;
    let opens = format!(
        "the rule allows any use of `{family}` sockets of type `{kind}`, whatever the address"
    );
    let rule = shown(Class::Network, &[], socket::ALL);
    Some((format!("{rule} {family} {kind}"), vec![opens]))
}
