//! Profile flags.

use super::Checker;
use crate::lang::{flags, signal};
use crate::source::TextRange;
use crate::syntax::ast::Flags;
use crate::syntax::fault::{Expected, FaultKind, FlagFault, SyntaxFault, Vocabulary};

impl Checker<'_> {
    pub(super) fn flags(&mut self, flags: Option<&Flags>) {
        let Some(flags) = flags else { return };
        if flags.values.is_empty() {
            self.fault(
                flags.list,
                FaultKind::Syntax(SyntaxFault::Missing(Expected::Value)),
            );
        }
        let mut seen: Vec<(String, TextRange)> = Vec::new();
        for word in &flags.values {
            let text = self.value(*word).into_owned();
            self.flag(&text, word.0);
            for (before, range) in &seen {
                if let Some(fault) = conflict(before, &text, *range) {
                    self.fault(word.0, FaultKind::Flag(fault));
                    break;
                }
            }
            seen.push((text, word.0));
        }
    }

    fn flag(&mut self, text: &str, range: TextRange) {
        if flags::MODES.contains(&text) || flags::PLAIN.contains(&text) {
            return;
        }
        let fault = match text.split_once('=') {
            Some(("attach_disconnected.path" | "attach_disconnected.ipc", path)) => {
                (!path.starts_with('/') && !path.starts_with('@'))
                    .then_some(FlagFault::RelativePath)
            }
            Some(("kill.signal", name)) => (!signal::is_signal(name)).then_some(FlagFault::Signal),
            Some(("error", name)) => {
                let is_known = flags::ERRORS
                    .iter()
                    .any(|error| error.eq_ignore_ascii_case(name));
                (!is_known).then_some(FlagFault::Error)
            }
            _ => return self.unknown(range, Vocabulary::Flag, flags::all()),
        };
        if let Some(fault) = fault {
            self.fault(range, FaultKind::Flag(fault));
        }
    }
}

/// What is wrong with `second` behind `first`, which stands at `range`.
fn conflict(first: &str, second: &str, range: TextRange) -> Option<FlagFault> {
    let (first_name, first_value) = first.split_once('=').unwrap_or((first, ""));
    let (second_name, second_value) = second.split_once('=').unwrap_or((second, ""));
    let is_mode = |name: &str| flags::MODES.contains(&name);
    let excludes = |pair: &(&str, &str)| {
        (pair.0 == first_name && pair.1 == second_name)
            || (pair.1 == first_name && pair.0 == second_name)
    };
    if (is_mode(first) && is_mode(second) && first != second)
        || flags::EXCLUSIVE.iter().any(excludes)
    {
        return Some(FlagFault::Conflict(range));
    }
    let both_have_values = !first_value.is_empty() && !second_value.is_empty();
    let is_different = first_name == second_name && both_have_values && first_value != second_value;
    is_different.then_some(FlagFault::DifferentValue(range))
}
