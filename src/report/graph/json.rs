//! The transitions of a set of profiles as a JSON document; docs/graph.md describes it.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::view::View;
use crate::access::graph::{Edge, EdgeKind, NodeKind, ProfileNode};
use crate::report::vocabulary::{self, Document, Location, RuleRef};
use crate::source::SourceMap;

/// The document of `graph`.
#[derive(Serialize, JsonSchema)]
pub(in crate::report) struct GraphDocument<'g> {
    /// Profiles in the order of the files, then what else transitions lead to.
    nodes: Vec<Node<'g>>,
    /// The transitions, by the node that they start from.
    edges: Vec<Transition<'g>>,
    /// Numbers of the profiles that nothing leads to: no attachment and no transition.
    unreachable: Vec<usize>,
    /// Numbers of the profiles that may start more transitions: an include could not be read, or a pattern is too complex.
    incomplete: &'g [usize],
    /// With `--to`: the number of that node.
    to: Option<usize>,
    /// With `--to`: a shortest chain of transitions for each node that leads there.
    ways: Option<Vec<Chain>>,
}

impl Document for GraphDocument<'_> {
    const NAME: &'static str = "graph";
    const COMMAND: &'static str = "graph --format json";
}

/// A profile, or what else transitions lead to.
#[derive(Serialize, JsonSchema)]
struct Node<'g> {
    /// The full name of a profile; the name or path of what is missing.
    name: &'g str,
    #[schemars(extend("enum" = KINDS.map(kind)))]
    kind: &'static str,
    /// What the profile attaches to, with the values of variables.
    attachment: Option<&'g str>,
    /// The mode of the profile, if it is not `enforce`.
    mode: Option<&'static str>,
    /// The name in the header of the profile.
    location: Option<Location<'g>>,
}

#[derive(Serialize, JsonSchema)]
struct Transition<'g> {
    /// Number of the node that it starts from.
    from: usize,
    /// Number of the node that it leads to.
    to: usize,
    #[schemars(extend("enum" = ["exec", "change_profile", "change_hat", "mode"]))]
    how: &'static str,
    /// For `exec`: how the program is executed.
    exec: Option<Exec<'g>>,
    /// The rule that makes it. For `change_hat` the name of the hat, for `mode` the flags of the profile.
    rule: RuleRef<'g>,
}

#[derive(Serialize, JsonSchema)]
struct Exec<'g> {
    /// The exec mode, as in the rule.
    mode: String,
    /// Whether it happens only where no profile attaches.
    fallback: bool,
    /// A program with which it happens.
    path: &'g str,
}

#[derive(Serialize, JsonSchema)]
struct Chain {
    /// Number of the node that the chain starts from.
    from: usize,
    /// Numbers of its edges.
    edges: Vec<usize>,
}

pub(super) fn write(view: View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (graph, sources) = (view.graph, &view.store.sources);
    let chains = |goal| {
        let first = graph.ways_to(goal);
        let all = (0..graph.nodes.len()).map(|from| Chain {
            from,
            edges: graph.way(&first, from),
        });
        all.filter(|chain| !chain.edges.is_empty()).collect()
    };
    let document = GraphDocument {
        nodes: graph.nodes.iter().map(|one| node(one, sources)).collect(),
        edges: graph.edges.iter().map(|one| edge(one, sources)).collect(),
        unreachable: graph.unreachable(),
        incomplete: &graph.incomplete,
        to: view.goal,
        ways: view.goal.map(chains),
    };
    vocabulary::write(document, out)
}

fn node<'g>(node: &'g ProfileNode, sources: &'g SourceMap) -> Node<'g> {
    Node {
        name: &node.name,
        kind: kind(node.kind),
        attachment: node.attachment.as_deref(),
        mode: node.mode,
        location: node.place.map(|span| Location::of(span, sources)),
    }
}

fn edge<'g>(edge: &'g Edge, sources: &'g SourceMap) -> Transition<'g> {
    let (how, exec) = match &edge.how {
        EdgeKind::Exec {
            mode,
            is_fallback,
            witness,
        } => {
            let exec = Exec {
                mode: mode.to_string(),
                fallback: *is_fallback,
                path: witness,
            };
            ("exec", Some(exec))
        }
        EdgeKind::ChangeProfile => ("change_profile", None),
        EdgeKind::ChangeHat => ("change_hat", None),
        EdgeKind::Mode => ("mode", None),
    };
    Transition {
        from: edge.from,
        to: edge.to,
        how,
        exec,
        rule: RuleRef::of(edge.place, &edge.via, sources),
    }
}

const KINDS: [NodeKind; 6] = [
    NodeKind::Profile,
    NodeKind::Child,
    NodeKind::Hat,
    NodeKind::Unconfined,
    NodeKind::Namespace,
    NodeKind::Missing,
];

const fn kind(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Profile => "profile",
        NodeKind::Child => "child",
        NodeKind::Hat => "hat",
        NodeKind::Unconfined => "unconfined",
        NodeKind::Namespace => "namespace",
        NodeKind::Missing => "missing",
    }
}
