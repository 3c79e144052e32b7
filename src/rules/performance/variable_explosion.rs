//! `variable-explosion`: variables that variables in their values multiply.

use rustc_hash::FxHashMap;

use crate::lint::{Check, Cx, Sink};
use crate::policy::{Env, Fact, ProfileView, variable_uses};
use crate::source::{Span, TextRange};
use crate::syntax::ast::Body;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Most values of one variable. The parser compares each with all others: 4,000 take apparmor_parser
/// 3.0.8 half a second, 8,000 three, 20,000 eighty; 5.0.2 half as long.
const MAX_VALUES: u64 = 5_000;
/// Deepest nesting of variables that is followed.
const MAX_DEPTH: usize = 32;

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut counts = Counts {
        env: &profile.env,
        known: FxHashMap::default(),
        told: Vec::new(),
    };
    for fact in profile.own_facts(cx.summaries) {
        let words = match &fact.rule.body {
            Body::File(rule) => [Some(rule.path), None],
            Body::Link(rule) => [Some(rule.link), Some(rule.target)],
            _ => continue,
        };
        for word in words.into_iter().flatten() {
            let place = word.0.in_file(fact.file);
            for (name, range) in variable_uses(cx.slice(place), whole(cx.slice(place))) {
                let count = counts.of(name, 0);
                if count > MAX_VALUES && !counts.told.contains(&name) {
                    counts.told.push(name);
                    let at = TextRange::new(
                        place.range.start + range.start,
                        place.range.start + range.end,
                    );
                    report(name, count, fact, at.in_file(fact.file), profile, sink);
                }
            }
        }
    }
}

fn report(
    name: &str,
    count: u64,
    fact: &Fact<'_>,
    at: Span,
    profile: &ProfileView<'_>,
    sink: &mut Sink<'_>,
) {
    let count = if count == u64::MAX {
        "more than a trillion".to_owned()
    } else {
        count.to_string()
    };
    let mut finding = sink.at(at, format!("`@{{{name}}}` stands for {count} values"));
    if let Some(definition) = profile.env.variable(name)
        && definition.place.file == fact.file
    {
        finding = finding.label(definition.place, "its values");
    }
    sink.report(
        finding
            .note("the parser writes out every combination and compares each with all others, which takes seconds or minutes")
            .help("write the values as one pattern, `{a,b,c}` in place of `a b c`: alternatives do not multiply"),
    );
}

fn whole(text: &str) -> TextRange {
    TextRange::new(0, u32::try_from(text.len()).unwrap_or(u32::MAX))
}

/// How many values variables stand for.
struct Counts<'p> {
    env: &'p Env,
    known: FxHashMap<&'p str, u64>,
    /// Those that were reported.
    told: Vec<&'p str>,
}

impl<'p> Counts<'p> {
    /// The greatest number if there are more than a trillion.
    fn of(&mut self, name: &'p str, depth: usize) -> u64 {
        if let Some(count) = self.known.get(name) {
            return *count;
        }
        let definition = self.env.variable(name).filter(|_| depth < MAX_DEPTH);
        let values = definition.map(|definition| definition.values.as_slice());
        let mut sum: u64 = 0;
        for value in values.unwrap_or_default() {
            let product = variable_uses(value, whole(value)).fold(1, |product: u64, (name, _)| {
                product.saturating_mul(self.of(name, depth + 1))
            });
            sum = sum.saturating_add(product);
        }
        let count = if sum > 1_000_000_000_000 {
            u64::MAX
        } else {
            sum.max(1)
        };
        self.known.insert(name, count);
        count
    }
}
