//! `invalid-profile-flag`: flags that contradict each other.

use crate::diagnostic::Applicability;
use crate::lang::flags::ERRORS;
use crate::lang::keywords::suggest;
use crate::lang::signal::SIGNALS;
use crate::lint::{Check, Cx, FileView, Sink};
use crate::policy::ProblemKind;
use crate::syntax::fault::{FaultKind, FlagFault};

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for fault in &file.file.faults {
        let FaultKind::Flag(flag) = &fault.kind else {
            continue;
        };
        let text = file.slice(fault.range);
        let span = file.span(fault.range);
        let finding = match flag {
            FlagFault::Conflict(other) => sink
                .at(
                    span,
                    format!("the flag `{text}` contradicts `{}`", file.slice(*other)),
                )
                .label(file.span(*other), "the other flag")
                .help("keep one of the two"),
            FlagFault::DifferentValue(other) => sink
                .at(
                    span,
                    format!("the flag `{text}` repeats a flag with another value"),
                )
                .label(file.span(*other), "the first one")
                .help("keep one of the two"),
            FlagFault::Signal => sink
                .at(span, format!("`{text}` names no signal"))
                .help("write a name such as `kill.signal=term`"),
            FlagFault::Error => sink
                .at(span, format!("`{text}` names no error"))
                .help("write a name of errno(3) such as `error=EACCES`"),
            FlagFault::RelativePath => sink
                .at(
                    span,
                    format!("the path of `{text}` does not begin with `/`"),
                )
                .help("write an absolute path"),
        };
        sink.report(match meant(flag, text) {
            Some(instead) => finding.mark(format!("did you mean `{instead}`?")).replace(
                Applicability::Unsafe,
                format!("write `{instead}`"),
                span,
                instead,
            ),
            None => finding,
        });
    }
    for problem in file.unit.iter().flat_map(|unit| &unit.problems) {
        if problem.kind == ProblemKind::RelativeDisconnected {
            let text = cx.slice(problem.span);
            let mut finding = sink
                .at(
                    problem.span,
                    format!(
                        "the path of `{text}` does not begin with `/` after its variable is expanded"
                    ),
                )
                .help("give the variable an absolute path");
            finding.via.clone_from(&problem.via);
            sink.report(finding);
        }
    }
}

/// The flag with the signal or the error that was probably meant.
fn meant(fault: &FlagFault, text: &str) -> Option<String> {
    let (name, value) = text.split_once('=')?;
    let known = match fault {
        FlagFault::Signal => suggest(value, SIGNALS.iter().map(|(signal, _)| *signal))?.to_owned(),
        FlagFault::Error => {
            let errors: Vec<String> = ERRORS.iter().map(|error| error.to_lowercase()).collect();
            suggest(value, errors.iter().map(String::as_str))?.to_uppercase()
        }
        _ => return None,
    };
    Some(format!("{name}={known}"))
}
