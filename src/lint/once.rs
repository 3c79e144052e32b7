//! What is told once in a run, with a count of the other places.

use super::{Cx, Sink};
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// Reports the first of these places, with how many others there are. `finding` makes the finding for the place with a
/// number. A user who silences it at one place has
/// heard of it: nothing is said of the others.
pub fn once_in_a_run(
    places: &[Span],
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
    finding: impl Fn(usize, usize, &Sink<'_>) -> Option<Diagnostic>,
) {
    let numbered = places.iter().enumerate();
    let (silenced, others): (Vec<_>, Vec<_>) =
        numbered.partition(|(_, place)| is_silenced(**place, cx, sink));
    let shown = match (silenced.as_slice(), others.split_first()) {
        ([], Some(((first, _), rest))) => vec![(*first, rest.len())],
        _ => silenced.iter().map(|(number, _)| (*number, 0)).collect(),
    };
    for (number, others) in shown {
        if let Some(finding) = finding(number, others, sink) {
            sink.report(finding);
        }
    }
}

/// Whether a comment silences a finding of this rule at a place.
fn is_silenced(place: Span, cx: &Cx<'_>, sink: &Sink<'_>) -> bool {
    let of_file = cx.suppressions.iter().find(|(file, _)| *file == place.file);
    let Some((_, suppressions)) = of_file else {
        return false;
    };
    let rule = sink.at(place, "").rule;
    let covering = suppressions.covering(&[place.range.start]);
    let mut all = covering
        .iter()
        .flatten()
        .filter_map(|number| suppressions.all.get(*number));
    all.any(|one| one.names.iter().any(|(name, _)| rule.is_called(name)))
}
