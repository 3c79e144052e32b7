//! What can be reached, and how.

use std::collections::VecDeque;

use super::{Graph, NodeKind};

impl Graph {
    /// For each node the number of an edge that is the first of a shortest way to `goal`; `None` where
    /// there is no way, and for `goal` itself.
    #[must_use]
    pub fn ways_to(&self, goal: usize) -> Vec<Option<usize>> {
        let mut into: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        for (number, edge) in self.edges.iter().enumerate() {
            if let Some(edges) = into.get_mut(edge.to) {
                edges.push(number);
            }
        }
        let mut first: Vec<Option<usize>> = vec![None; self.nodes.len()];
        let mut open = VecDeque::from([goal]);
        while let Some(node) = open.pop_front() {
            for &number in into.get(node).map(Vec::as_slice).unwrap_or_default() {
                let Some(from) = self.edges.get(number).map(|edge| edge.from) else {
                    continue;
                };
                match first.get_mut(from) {
                    Some(way) if way.is_none() && from != goal => *way = Some(number),
                    _ => continue,
                }
                open.push_back(from);
            }
        }
        first
    }

    /// The edges of a shortest way from `node`, given what [`Self::ways_to`] found.
    #[must_use]
    pub fn way(&self, ways: &[Option<usize>], mut node: usize) -> Vec<usize> {
        let mut way = Vec::new();
        while let Some(number) = ways.get(node).copied().flatten() {
            way.push(number);
            match self.edges.get(number) {
                Some(edge) if way.len() <= self.nodes.len() => node = edge.to,
                _ => break,
            }
        }
        way
    }

    /// Profiles that nothing attaches and to which no transition leads. Programs that are told their
    /// profile by name, as containers are, enter such profiles.
    #[must_use]
    pub fn unreachable(&self) -> Vec<usize> {
        let mut is_entered = vec![false; self.nodes.len()];
        for edge in &self.edges {
            if let (true, Some(mark)) = (edge.from != edge.to, is_entered.get_mut(edge.to)) {
                *mark = true;
            }
        }
        let nodes = self.nodes.iter().enumerate().zip(is_entered);
        nodes
            .filter(|((_, node), is_entered)| {
                let has_attachment = node.kind == NodeKind::Profile && node.attachment.is_some();
                let is_profile = matches!(node.kind, NodeKind::Profile | NodeKind::Child);
                is_profile && !has_attachment && !is_entered
            })
            .map(|((number, _), _)| number)
            .collect()
    }
}
