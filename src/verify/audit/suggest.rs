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
    /// What the rule would allow beyond the request, each a clause.
    pub opens: Vec<String>,
    /// Another request that is refused now and that the rule would allow.
    pub example: Option<String>,
}

/// The narrowest rule for what is refused of a request, `refused` being these bits of it. `None` where no
/// rule helps.
pub(super) fn suggest(
    requested: &Requested,
    refused: u32,
    effective: &Effective,
    profile: &ProfileView<'_>,
    mode: ProfileMode,
) -> Option<Suggestion> {
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
            vec!["from then on the rules of that profile decide".to_owned()],
        ),
        Class::Mount => mounting(text, refused),
        class => (shown(class, text, refused), Vec::new()),
    };
    let request = Request::read(&rule, &profile.env, &profile.name).ok()?;
    let covers = request.wants.iter().any(|want| {
        want.class == requested.class && want.mask & refused != 0 && want.nfa.matches(text)
    });
    covers.then(|| Suggestion {
        rule: format!("{rule},"),
        opens,
        example: example(&request, requested, refused, effective, mode),
    })
}

/// A request as a rule. Where a file is meant, without `other`, which is no qualifier of rules.
fn shown(class: Class, text: &[u8], bits: u32) -> String {
    show(class, text, bits, None)
}

/// Something that the rule covers, that is refused now, and that was not asked.
fn example(
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
                without_halves(fresh, refused)
            } else {
                fresh
            };
            if fresh == 0 {
                return ControlFlow::Continue(());
            }
            found = Some(show(want.class, &text, fresh, None));
            ControlFlow::Break(())
        };
        let wanted = [&*want.nfa];
        let _ = effective.visit(want.class, &wanted, want.domain(), visit);
        found
    })
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
        opens.push(format!("the same file of every process {whose}"));
    }
    if bits & WRITE != 0 {
        opens.push(
            "`w` is also creating, removing and renaming it, its mode and its owner".to_owned(),
        );
    } else if bits & APPEND != 0 {
        opens.push("adding to its end as often as it likes".to_owned());
    }
    if bits & EXEC != 0 {
        opens.push(
            "the program runs under this profile, and needs rules here for what it reads"
                .to_owned(),
        );
    }
    if other != 0 && bits & (READ | WRITE | APPEND) != 0 {
        opens.push("files of every owner".to_owned());
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
    let opens = format!("any use of `{family}` sockets of type `{kind}`, whatever the address");
    let rule = shown(Class::Network, &[], socket::ALL);
    Some((format!("{rule} {family} {kind}"), vec![opens]))
}
