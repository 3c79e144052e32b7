//! A graph, and which part of it is shown.

use crate::access::graph::{Edge, Graph, NodeKind, ProfileNode};
use crate::policy::Store;
use crate::source::Span;

/// A graph, and which part of it to show.
#[derive(Copy, Clone, Debug)]
pub struct View<'g> {
    /// The graph.
    pub graph: &'g Graph,
    /// Where its places lie.
    pub store: &'g Store,
    /// Only the shortest chains of transitions to this node.
    pub goal: Option<usize>,
}

impl<'g> View<'g> {
    pub(super) fn node(self, number: usize) -> Option<&'g ProfileNode> {
        self.graph.nodes.get(number)
    }

    pub(super) fn name(self, number: usize) -> &'g str {
        self.node(number).map_or("", |node| &node.name)
    }

    pub(super) fn place(self, span: Span) -> (&'g str, u32) {
        let source = self.store.sources.get(span.file);
        (&source.path, source.position(span.range.start).line)
    }

    /// `FILE:LINE`, and through which includes.
    pub(super) fn origin(self, edge: &Edge) -> String {
        let (path, line) = self.place(edge.place);
        let mut text = format!("{path}:{line}");
        if let Some(first) = edge.via.first() {
            let (path, line) = self.place(*first);
            text.push_str(&format!(", included at {path}:{line}"));
        }
        text
    }

    /// The numbers of the edges that are told.
    pub(super) fn edges(self) -> Vec<usize> {
        match self.goal {
            None => (0..self.graph.edges.len()).collect(),
            Some(goal) => {
                let mut edges: Vec<usize> =
                    self.graph.ways_to(goal).into_iter().flatten().collect();
                edges.sort_unstable();
                edges
            }
        }
    }

    /// The edges told, each with its number.
    pub(super) fn told(self) -> impl Iterator<Item = (usize, &'g Edge)> {
        let edges = self.edges().into_iter();
        edges.filter_map(move |number| Some((number, self.graph.edges.get(number)?)))
    }

    /// Whether each node is told.
    pub(super) fn shown(self) -> Vec<bool> {
        let mut shown = vec![false; self.graph.nodes.len()];
        for (_, edge) in self.told() {
            for end in [edge.from, edge.to] {
                if let Some(mark) = shown.get_mut(end) {
                    *mark = true;
                }
            }
        }
        if self.goal.is_none() {
            for (mark, node) in shown.iter_mut().zip(&self.graph.nodes) {
                *mark |= !matches!(node.kind, NodeKind::Unconfined);
            }
        }
        shown
    }
}
