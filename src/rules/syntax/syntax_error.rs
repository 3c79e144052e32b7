//! `syntax-error`: text that is not AppArmor's language.

use crate::diagnostic::{Applicability, Edit, Severity};
use crate::lint::{Check, Cx, FileRole, FileView, Sink, name_fault_words, slip_words};
use crate::policy::{Limit, ProblemKind};
use crate::source::TextRange;
use crate::syntax::ast::Item;
use crate::syntax::fault::{Expected, FaultKind, Slip, SyntaxFault};
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
                "a number is compared with something that is not a number",
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
        let finding = sink.at(file.span(item.range()), format!("{what} is outside of any profile")).help(
            "move it into a profile; keep files to include in abstractions/, local/ or a directory NAME.d",
        );
        sink.report(finding);
        if !has_profile {
            return;
        }
    }
}

fn report(file: &FileView<'_>, range: TextRange, fault: &SyntaxFault, sink: &mut Sink<'_>) {
    let span = file.span(range);
    if let SyntaxFault::Slip(slip) = fault {
        return report_slip(file, range, slip, sink);
    }
    if let SyntaxFault::NotPolicy(what) = fault {
        let name = file.source.path.rsplit('/').next().unwrap_or_default();
        let finding = sink
            .at(
                span,
                format!("`{name}` does not look like an AppArmor profile: it begins like {what}"),
            )
            .note("aalint reports nothing else about the file")
            .help("check the path, or exclude the file in aalint.toml");
        return sink.report(finding);
    }
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
        finding = finding.label(file.span(*first), "the first one");
    }
    sink.report(finding);
}

fn report_slip(file: &FileView<'_>, range: TextRange, slip: &Slip, sink: &mut Sink<'_>) {
    let words = slip_words(slip.kind, &shortened(file.slice(range)));
    let finding = sink.at(file.span(range), words.message).help(words.help);
    let edits = slip.edits.iter().map(|(range, text)| Edit {
        span: file.span(*range),
        text: text.clone(),
    });
    let edits: Vec<Edit> = edits.collect();
    sink.report(match edits.is_empty() {
        true => finding,
        false => finding.fix(words.applicability, words.title, edits),
    });
}

/// The message of a fault, and what to do about it; `text` is what stands there.
fn words_of(fault: &SyntaxFault, text: &str) -> (String, String) {
    match fault {
        SyntaxFault::Unexpected(expected) => (format!("unexpected `{text}`"), unexpected(*expected, text)),
        SyntaxFault::Missing(expected) => (missing_words(*expected), missing(*expected).to_owned()),
        SyntaxFault::UnclosedBlock => {
            ("a `{` is never closed".to_owned(), "add the `}` that ends this block".to_owned())
        }
        SyntaxFault::UnopenedBlock => {
            ("a `}` closes nothing".to_owned(), "remove it, or add the `{` that it should close".to_owned())
        }
        SyntaxFault::TooDeep => (
            format!("blocks are nested deeper than {MAX_NESTING}, so aalint does not read them"),
            format!("nest fewer blocks: {}", Limit::Nesting.words()),
        ),
        SyntaxFault::LongCondition => (
            format!("the condition has more than {MAX_CONDITION_WORDS} words, so aalint does not decide it"),
            format!("write a shorter condition: {}", Limit::Condition.words()),
        ),
        SyntaxFault::UnclosedQuote => {
            (format!("the quote of `{text}` is not closed on its line"), "add the closing `\"`".to_owned())
        }
        SyntaxFault::UnclosedList => ("a `(` is never closed".to_owned(), "add the `)` that ends the list".to_owned()),
        SyntaxFault::UnclosedAngle => ("a `<` is never closed".to_owned(), "add the closing `>`".to_owned()),
        SyntaxFault::ElseWithoutIf => {
            ("an `else` has no `if`".to_owned(), "put it directly after the `}` of an `if`".to_owned())
        }
        SyntaxFault::CommentInRule => (
            "a comment is inside a rule, and the parser reads it as part of the rule".to_owned(),
            "move the comment before the rule or after its comma".to_owned(),
        ),
        SyntaxFault::NoSuchRule => (
            format!("no parser knows a rule `{text}`"),
            "write the hat as `^name { … }` or `hat name { … }`".to_owned(),
        ),
        SyntaxFault::SuperfluousComma => (
            "a comma follows an include or a profile".to_owned(),
            "remove the comma: includes and profiles end without one".to_owned(),
        ),
        SyntaxFault::Expression => (
            format!("the condition is invalid from `{text}` on"),
            "use only `$BOOLEAN`, `defined @{VARIABLE}`, comparisons, `not`, `and`, `or` and parentheses".to_owned(),
        ),
        SyntaxFault::ComparesMixed => (
            "a number is compared with something that is not a number".to_owned(),
            "compare numbers with numbers".to_owned(),
        ),
        SyntaxFault::NotBoolean => (format!("`{text}` is neither true nor false"), "write `true` or `false`".to_owned()),
        SyntaxFault::ProfileName(name) => name_fault_words(*name, text),
        SyntaxFault::XattrsOnHat => (
            "a hat cannot have `xattrs`".to_owned(),
            "remove the condition: a program enters a hat by its name".to_owned(),
        ),
        SyntaxFault::Group => (
            format!("`{text}` is not allowed here"),
            "write conditions in parentheses only in `peer=(…)` of network, unix and dbus rules, and in `xattrs=(…)` of profiles".to_owned(),
        ),
        SyntaxFault::TwiceGiven(_) => {
            (format!("`{text}` repeats a condition"), "keep one of the two".to_owned())
        }
        SyntaxFault::Identities => (
            "identities need a plus and parentheses".to_owned(),
            "write `+ identities=(NAME)`, with the plus and the parentheses".to_owned(),
        ),
        SyntaxFault::ArrowBlanks => {
            ("`->` needs a blank on both sides".to_owned(), "add the blanks: the parser reads the arrow as part of the word".to_owned())
        }
        SyntaxFault::CommentAtEnd => (
            "the file ends within a comment".to_owned(),
            "add a newline at the end of the file: the parser reads a comment up to its newline".to_owned(),
        ),
        SyntaxFault::IncludeAtEnd => (
            "the last line has no newline".to_owned(),
            "add a newline at the end of the file: the parser reads `#include` up to its newline".to_owned(),
        ),
        SyntaxFault::IncludeInRule => (
            "an include is inside a rule, and the parser reads the file as part of the rule".to_owned(),
            "move the include before the rule".to_owned(),
        ),
        SyntaxFault::CarriageReturn => (
            "the parser does not read a carriage return as the end of a line".to_owned(),
            "end lines with a line feed alone".to_owned(),
        ),
        SyntaxFault::BraceBlanks => (
            "the `{` of an `if` needs white space around it".to_owned(),
            "write `if CONDITION {` and begin the block on a line of its own".to_owned(),
        ),
        SyntaxFault::BareVariable => (
            format!("the variable `{text}` needs quotes here"),
            "quote the variable".to_owned(),
        ),
        SyntaxFault::NotPolicy(what) => (
            format!("the text does not look like an AppArmor profile: it begins like {what}"),
            "check the path".to_owned(),
        ),
        SyntaxFault::Slip(slip) => {
            let words = slip_words(slip.kind, text);
            (words.message, words.help)
        }
        SyntaxFault::Identity => {
            (format!("the identity {text} contains a blank"), "remove the blank, or begin the identity with `/`".to_owned())
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
        return "end the rule with a comma".to_owned();
    }
    if expected == Expected::EndOfRule {
        return "end the rule here with a comma".to_owned();
    }
    format!("write {} here", words(expected))
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
        Expected::RuleBody => "the rule after its qualifiers",
        Expected::Header => "an attachment, flags or `{`",
        Expected::EndOfList => "the `)` of the list",
    }
}

/// The message for what is missing.
fn missing_words(expected: Expected) -> String {
    let verb = match expected {
        Expected::Permissions | Expected::Limit => "are",
        _ => "is",
    };
    format!("{} {verb} missing", words(expected))
}

const fn missing(expected: Expected) -> &'static str {
    match expected {
        Expected::Permissions => "write what is allowed: `/path r,`",
        Expected::Target => "write `-> target` before the comma",
        Expected::IncludePath => "write `include <abstractions/base>`, or `include \"/path\"`",
        Expected::Limit | Expected::RlimitWord => "write `set rlimit RESOURCE <= VALUE,`",
        Expected::ProfileName => "write `profile NAME {`",
        Expected::OpeningBrace => "write the block of the profile, hat or `if` in braces",
        Expected::Path => "write the path: `/path r,`",
        Expected::Value => "write a value after the `=`",
        Expected::Equals => "write `=` and a value",
        Expected::RuleBody => "write the rule after its qualifiers",
        Expected::Item | Expected::EndOfRule | Expected::Header | Expected::EndOfList => {
            "write what is missing"
        }
    }
}
