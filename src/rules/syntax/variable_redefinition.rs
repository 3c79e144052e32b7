//! `variable-redefinition`: assignments that the parser refuses.

use crate::diagnostic::{Diagnostic, Severity};
use crate::lint::{Check, Cx, FileView, Sink};
use crate::policy::{MAX_EXPANSION_BYTES, MAX_TEXTS, MAX_VARIABLE_DEPTH, Problem, ProblemKind};
use crate::syntax::fault::{FaultKind, VariableFault};

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    for fault in &file.file.faults {
        let FaultKind::Variable(variable) = &fault.kind else {
            continue;
        };
        let (message, help) = words(variable, file.slice(fault.range));
        let finding = sink.at(file.span(fault.range), message).help(help);
        sink.report(finding);
    }
    for problem in file.unit.iter().flat_map(|unit| &unit.problems) {
        let Some(mut finding) = of_problem(problem, sink) else {
            continue;
        };
        finding.via.clone_from(&problem.via);
        sink.report(finding);
    }
}

fn words(fault: &VariableFault, text: &str) -> (String, &'static str) {
    match fault {
        VariableFault::Comma => (
            "a comma is among the values of a variable".to_owned(),
            "separate values by blanks: an assignment ends with its line",
        ),
        VariableFault::AddToBoolean => (
            "`+=` adds to a boolean".to_owned(),
            "use `=` or `:=`: a boolean has one value",
        ),
        VariableFault::NoValue => (
            "a variable gets no value".to_owned(),
            "write a value; an empty one is `\"\"`",
        ),
        VariableFault::Garbage => (
            format!("`{text}` is not a value"),
            "put values with special characters in quotes",
        ),
        VariableFault::Name => (
            format!("`{text}` is not the name of a variable"),
            "begin the name with a letter, and use only letters, digits and `_`",
        ),
        VariableFault::OverrideBlank => (
            format!("the parser reads `{text}:=` as one word"),
            "write a blank before `:=`",
        ),
        VariableFault::Braces => (
            format!("the parser reads `{text}` and what follows as one word"),
            "write the name in braces: `@{NAME}`",
        ),
    }
}

/// A finding about a problem, if it is one of this rule's.
fn of_problem(problem: &Problem, sink: &Sink<'_>) -> Option<Diagnostic> {
    Some(match &problem.kind {
            ProblemKind::Redefined(name, first) => sink
                .at(problem.span, format!("`{name}` is defined a second time"))
                .label(*first, "the first definition")
                .help("use `+=` to add values, or remove one of the two"),
            ProblemKind::AppendedBeforeDefined(name) => sink
                .at(
                    problem.span,
                    format!("`+=` adds to `{name}` before it is defined"),
                )
                .help("define it with `=` first, or include the tunables that do"),
            ProblemKind::Recursive(name) => sink
                .at(
                    problem.span,
                    format!("the value of `{name}` contains the variable itself"),
                )
                .help("write the value out"),
            ProblemKind::TooManyValues(name) => sink
                .at(
                    problem.span,
                    format!("the values of `{name}` multiply to more than aalint follows"),
                )
                .severity(Severity::Warning)
                .help(format!(
                    "aalint follows {MAX_TEXTS} values of {} KiB in all and does not decide rules with more: use fewer, or a glob",
                    MAX_EXPANSION_BYTES / 1024
                )),
            ProblemKind::TooDeepValues(name) => sink
                .at(
                    problem.span,
                    format!("the value of `{name}` leads through more than {MAX_VARIABLE_DEPTH} variables, so aalint does not expand it"),
                )
                .severity(Severity::Warning)
                .note(format!("aalint follows {MAX_VARIABLE_DEPTH} variables into each other's values and does not decide rules with more"))
                .help("write the value out"),
            ProblemKind::WrongType(name) => sink
                .at(
                    problem.span,
                    format!("`{name}` is both a variable and a boolean"),
                )
                .help("give one of them another name"),
            _ => return None,
        })
}
