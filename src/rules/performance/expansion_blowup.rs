//! `expansion-blowup`: paths that variables turn into thousands.

use rustc_hash::FxHashMap;

use crate::lint::{Check, Cx, Sink};
use crate::policy::{Env, ProfileView, variable_uses};
use crate::source::TextRange;
use crate::syntax::ast::Body;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Most paths that one rule may stand for.
const MOST_PATHS: u64 = 10_000;
/// Deepest nesting of variables that is followed.
const MOST_DEPTH: usize = 32;

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut known: FxHashMap<String, u64> = FxHashMap::default();
    for fact in profile.own_facts(cx.digests) {
        let path = match &fact.rule.body {
            Body::File(rule) => rule.path,
            Body::Link(rule) => rule.link,
            _ => continue,
        };
        let place = path.0.in_file(fact.file);
        let written = cx.slice(place);
        if !written.contains("@{") {
            continue;
        }
        let count = paths(written, &profile.env, &mut known, 0);
        if count <= MOST_PATHS {
            continue;
        }
        let names: Vec<String> = names(written)
            .map(|name| (name, known.get(name).copied().unwrap_or(1)))
            .filter(|(_, count)| *count > 1)
            .map(|(name, count)| format!("`@{{{name}}}` has {}", at_most(count)))
            .collect();
        let finding = sink
            .at(place, format!("`{written}` stands for {} paths", at_most(count)))
            .mark(names.join(", "))
            .note("the parser writes out every combination of the values: compiling takes long, and memory")
            .help("use a pattern for what the variables have in common, or fewer of them in one path");
        sink.report(finding);
    }
}

fn at_most(count: u64) -> String {
    if count == u64::MAX {
        "more than a trillion".to_owned()
    } else {
        count.to_string()
    }
}

fn names(text: &str) -> impl Iterator<Item = &str> {
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    variable_uses(text, TextRange::new(0, length)).map(|(name, _)| name)
}

/// How many combinations of values a text stands for; the greatest number if there are too many.
fn paths(text: &str, env: &Env, known: &mut FxHashMap<String, u64>, depth: usize) -> u64 {
    let mut product: u64 = 1;
    for name in names(text) {
        let count = match known.get(name) {
            Some(count) => *count,
            None => {
                let values = env
                    .variable(name)
                    .map(|definition| definition.values.as_slice());
                let values = values.filter(|_| depth < MOST_DEPTH).unwrap_or_default();
                let sum = values.iter().fold(0_u64, |sum, value| {
                    sum.saturating_add(paths(value, env, known, depth + 1))
                });
                known.insert(name.to_owned(), sum.max(1));
                sum.max(1)
            }
        };
        product = product
            .checked_mul(count)
            .filter(|count| *count < 1_000_000_000_000)
            .unwrap_or(u64::MAX);
    }
    product
}
