//! `syntax-error`: text that is not AppArmor's language.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Cx, FileRole, FileView, Sink};
use crate::policy::{Limit, ProblemKind};
use crate::source::TextRange;
use crate::syntax::ast::Item;
use crate::syntax::fault::{Expected, FaultKind, NameFault, SyntaxFault};
use crate::syntax::{MAX_CONDITION_WORDS, MAX_NESTING};

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    for fault in &file.file.faults {
        if let FaultKind::Syntax(syntax) = &fault.kind {
            report(file, fault.range, syntax, sink);
        }
    }
    if file.role == FileRole::Profiles {
        loose_rules(file, sink);
    }
    let problems = file.unit.iter().flat_map(|unit| &unit.problems);
    for problem in problems.filter(|problem| problem.kind == ProblemKind::ComparesMixed) {
        let mut finding = sink
            .at(
                problem.span,
                "a number is compared with something that is no number",
            )
            .help("compare numbers with numbers, or use `==`, `!=` and `in`");
        finding.via.clone_from(&problem.via);
        sink.report(finding);
    }
}

/// Rules and conditionals beside profiles belong to none; a file of rules and nothing else must lie
/// where files are included from.
fn loose_rules(file: &FileView<'_>, sink: &mut Sink<'_>) {
    let items = &file.file.ast.items;
    let has_profile = items.iter().any(|item| matches!(item, Item::Profile(_)));
    for item in items {
        let what = match item {
            Item::Rule(_) | Item::Block(_) => "a rule",
            Item::Conditional(_) => "a conditional",
            _ => continue,
        };
        let finding = sink.at(file.span(item.range()), format!("{what} stands outside of any profile")).help(
            "move it into the profile that it is meant for; parts to include belong into abstractions/, local/ or a directory NAME.d",
        );
        sink.report(finding);
        if !has_profile {
            return;
        }
    }
}

fn report(file: &FileView<'_>, range: TextRange, fault: &SyntaxFault, sink: &mut Sink<'_>) {
    let span = file.span(range);
    let text = shortened(file.slice(range));
    let (message, help) = words_of(fault, &text);
    let mut finding = sink.at(span, message).help(help);
    let edit = match fault {
        SyntaxFault::ArrowBlanks => Some(("put blanks around the arrow", arrow_apart(file, range))),
        SyntaxFault::BareVariable => {
            Some(("quote the variable", format!("\"{}\"", file.slice(range))))
        }
        SyntaxFault::CommentAtEnd | SyntaxFault::IncludeAtEnd => {
            Some(("end the last line", format!("{}\n", file.slice(range))))
        }
        _ => None,
    };
    if let Some((title, instead)) = edit {
        finding = finding.replace(Applicability::Safe, title, span, instead);
    }
    // The parser may take it.
    if matches!(fault, SyntaxFault::TooDeep | SyntaxFault::LongCondition) {
        finding = finding.severity(Severity::Warning);
    }
    if let SyntaxFault::TwiceGiven(first) = fault {
        finding = finding.label(file.span(*first), "given here first");
    }
    sink.report(finding);
}

/// The message of a fault, and what to do about it; `text` is what stands there.
fn words_of(fault: &SyntaxFault, text: &str) -> (String, String) {
    match fault {
        SyntaxFault::Unexpected(expected) => (format!("unexpected `{text}`"), unexpected(*expected, text)),
        SyntaxFault::Missing(expected) => (format!("{} is missing", words(*expected)), missing(*expected).to_owned()),
        SyntaxFault::UnclosedBlock => {
            ("a `{` is never closed".to_owned(), "add the `}` that ends this block".to_owned())
        }
        SyntaxFault::UnopenedBlock => {
            ("a `}` closes nothing".to_owned(), "remove it, or add the `{` that it should close".to_owned())
        }
        SyntaxFault::TooDeep => (
            format!("blocks are nested deeper than {MAX_NESTING}, and what they do is unknown"),
            format!("nest fewer blocks: {}", Limit::Nesting.words()),
        ),
        SyntaxFault::LongCondition => (
            format!("the condition has more than {MAX_CONDITION_WORDS} words, and what it decides is unknown"),
            format!("write a shorter condition: {}", Limit::Condition.words()),
        ),
        SyntaxFault::UnclosedQuote => {
            ("a quote is not closed on its line".to_owned(), "add the closing `\"`".to_owned())
        }
        SyntaxFault::UnclosedList => ("a `(` is never closed".to_owned(), "add the `)` that ends the list".to_owned()),
        SyntaxFault::UnclosedAngle => ("a `<` is never closed".to_owned(), "add the closing `>`".to_owned()),
        SyntaxFault::ElseWithoutIf => {
            ("an `else` belongs to no `if`".to_owned(), "put it directly behind the `}` of an `if`".to_owned())
        }
        SyntaxFault::CommentInRule => (
            "a comment stands inside a rule".to_owned(),
            "move it in front of the rule or behind its comma: the parser reads it as part of the rule".to_owned(),
        ),
        SyntaxFault::NoSuchRule => (
            format!("no parser has a rule `{text}`"),
            "write the hat as `^name { … }` or `hat name { … }`".to_owned(),
        ),
        SyntaxFault::SuperfluousComma => (
            "a comma follows something that takes none".to_owned(),
            "remove the comma: includes and profiles end without one".to_owned(),
        ),
        SyntaxFault::Expression => (
            format!("the condition cannot be read from `{text}` on"),
            "conditions are built of `$BOOLEAN`, `defined @{VARIABLE}`, comparisons, `not`, `and`, `or` and parentheses".to_owned(),
        ),
        SyntaxFault::ComparesMixed => (
            "a number is compared with something that is no number".to_owned(),
            "compare numbers with numbers".to_owned(),
        ),
        SyntaxFault::NotBoolean => (format!("`{text}` is neither true nor false"), "write `true` or `false`".to_owned()),
        SyntaxFault::ProfileName(name) => name_fault(*name, text),
        SyntaxFault::XattrsOnHat => (
            "a hat cannot have `xattrs`".to_owned(),
            "remove the condition: hats are entered by name, not by attachment".to_owned(),
        ),
        SyntaxFault::Group => (
            format!("`{text}` cannot stand here"),
            "only `peer=(…)` of network, unix and dbus rules and `xattrs=(…)` of profiles hold conditions".to_owned(),
        ),
        SyntaxFault::TwiceGiven(_) => {
            (format!("`{text}` is given a second time"), "keep one of the two".to_owned())
        }
        SyntaxFault::Identities => (
            "identities are given otherwise".to_owned(),
            "write `+ identities=(NAME)`, with the plus and the parentheses".to_owned(),
        ),
        SyntaxFault::ArrowBlanks => {
            ("a blank belongs on both sides of `->`".to_owned(), "the parser reads the arrow as part of the word".to_owned())
        }
        SyntaxFault::CommentAtEnd => (
            "the file ends within a comment".to_owned(),
            "end the last line: the parser reads a comment only up to the end of its line".to_owned(),
        ),
        SyntaxFault::IncludeAtEnd => (
            "the last line has no line end".to_owned(),
            "end it: the parser reads `#include` only where its line ends".to_owned(),
        ),
        SyntaxFault::IncludeInRule => (
            "an include stands inside a rule".to_owned(),
            "move it in front of the rule: the parser reads the file as part of the rule".to_owned(),
        ),
        SyntaxFault::CarriageReturn => (
            "the parser does not read this carriage return as the end of a line".to_owned(),
            "end lines with a line feed alone".to_owned(),
        ),
        SyntaxFault::BraceBlanks => (
            "the `{` of an `if` needs white space around it".to_owned(),
            "write `if CONDITION {` and begin the block on a line of its own".to_owned(),
        ),
        SyntaxFault::BareVariable => (
            format!("the parser does not take `{text}` alone as a path here"),
            "quote the variable".to_owned(),
        ),
        SyntaxFault::Identity => {
            (format!("the identity {text} holds a blank"), "remove the blank, or begin the identity with `/`".to_owned())
        }
    }
}

/// The arrow with the blanks that it lacks.
fn arrow_apart(file: &FileView<'_>, arrow: TextRange) -> String {
    let text = &file.source.text;
    let before = text.get(..arrow.start as usize).unwrap_or_default();
    let behind = text.get(arrow.end as usize..).unwrap_or_default();
    let blank = |is_there: bool| if is_there { "" } else { " " };
    let left = blank(before.ends_with(char::is_whitespace));
    let right = blank(behind.starts_with(char::is_whitespace));
    format!("{left}->{right}")
}

fn shortened(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() > 40 {
        format!("{}…", line.chars().take(40).collect::<String>())
    } else {
        line.to_owned()
    }
}

fn unexpected(expected: Expected, text: &str) -> String {
    if text.starts_with(';') {
        return "rules end with a comma".to_owned();
    }
    if expected == Expected::EndOfRule {
        return "the rule should end here with a comma".to_owned();
    }
    format!("{} should stand here", words(expected))
}

const fn words(expected: Expected) -> &'static str {
    match expected {
        Expected::Item => "a rule, a profile or an include",
        Expected::EndOfRule => "the end of the rule",
        Expected::ProfileName => "the name of the profile",
        Expected::OpeningBrace => "the opening `{`",
        Expected::Permissions => "the permissions",
        Expected::Path => "a path",
        Expected::Target => "the target",
        Expected::Value => "the value",
        Expected::Equals => "`=` and a value",
        Expected::IncludePath => "the path of a file",
        Expected::Limit => "the resource, `<=` and a value",
        Expected::RlimitWord => "the word `rlimit`",
        Expected::RuleBody => "the rule behind its qualifiers",
        Expected::Header => "an attachment, flags or `{`",
        Expected::EndOfList => "the `)` of the list",
    }
}

const fn missing(expected: Expected) -> &'static str {
    match expected {
        Expected::Permissions => "say what is granted: `/path r,`",
        Expected::Target => "write `-> target` in front of the comma",
        Expected::IncludePath => "write `include <abstractions/base>`, or `include \"/path\"`",
        Expected::Limit | Expected::RlimitWord => "write `set rlimit RESOURCE <= VALUE,`",
        Expected::ProfileName => "write `profile NAME {`",
        Expected::OpeningBrace => "a profile, hat or `if` needs a block in braces",
        _ => "add it",
    }
}

fn name_fault(fault: NameFault, text: &str) -> (String, String) {
    match fault {
        NameFault::NeedsKeyword => (
            format!("`{text}` is no path, so a profile of that name needs the word `profile`"),
            format!("write `profile {text} {{`"),
        ),
        NameFault::Attachment => (
            format!("the attachment `{text}` is no path"),
            "an attachment begins with `/` or with a variable".to_owned(),
        ),
        NameFault::NamespaceNotTerminated => (
            format!("the namespace of `{text}` does not end"),
            "write `:namespace:name`".to_owned(),
        ),
        NameFault::NamespaceEmpty => (
            format!("the namespace of `{text}` is empty"),
            "write `:namespace:name`".to_owned(),
        ),
        NameFault::Empty => (
            format!("`{text}` names no profile"),
            "write `:namespace:name`".to_owned(),
        ),
        NameFault::Stacked => (
            format!("the profile name `{text}` begins with `&`"),
            "`&` stacks profiles where they are used, not where they are defined".to_owned(),
        ),
    }
}
