//! Finding the transitions.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::set::{Set, To};
use super::transitions::{Draft, Transitions};
use super::{Edge, Graph, NodeKind, ProfileNode};
use crate::access::Pool;
use crate::policy::{FileSummaries, Unit};
use crate::source::SourceMap;

impl Graph {
    /// The transitions of all profiles of `units`.
    #[must_use]
    pub fn of<'a, 's: 'a>(
        units: impl IntoIterator<Item = &'a Unit<'s>>,
        summaries: &'a FileSummaries<'s>,
        sources: &'a SourceMap,
        pool: &'a Pool,
    ) -> Self {
        let set = Set::new(units, summaries, sources, pool);
        let look = |number: usize| Transitions::of(&set, number);
        let found: Vec<(Vec<Draft>, bool)> =
            (0..set.profiles.len()).into_par_iter().map(look).collect();
        let mut nodes: Vec<ProfileNode> = (0..set.profiles.len()).map(|at| set.node(at)).collect();
        let mut others: BTreeMap<(NodeKind, Arc<str>), usize> = BTreeMap::new();
        others.insert((NodeKind::Unconfined, "unconfined".into()), 0);
        for draft in found.iter().flat_map(|(drafts, _)| drafts) {
            if let To::Other(kind, name) = &draft.to {
                others.insert((*kind, Arc::clone(name)), 0);
            }
        }
        for ((kind, name), number) in &mut others {
            *number = nodes.len();
            nodes.push(ProfileNode {
                name: Arc::clone(name),
                kind: *kind,
                attachment: None,
                mode: None,
                place: None,
            });
        }
        let mut graph = Self {
            nodes,
            ..Self::default()
        };
        for (from, (drafts, is_incomplete)) in found.into_iter().enumerate() {
            if is_incomplete {
                graph.incomplete.push(from);
            }
            for draft in drafts {
                let to = match draft.to {
                    To::Known(number) => number,
                    To::Other(kind, name) => others.get(&(kind, name)).copied().unwrap_or(from),
                };
                graph.edges.push(Edge {
                    from,
                    to,
                    how: draft.how,
                    place: draft.place,
                    via: draft.via,
                });
            }
        }
        graph
    }
}
