//! Which profile leads to which: exec, change_profile and hats, over a whole set of profiles.
//!
//! An edge is there only with a rule that decides it: for exec there is a path that the rule and the
//! other profile's attachment have in common, and at which no other rule of the profile takes over.
//! Of several attachments that match one path all are told; the kernel takes the one with the longest
//! literal beginning, and refuses the exec where two are as long.

mod attachment;
mod build;
mod exec_rule;
mod reach;
mod set;
mod transitions;

use std::sync::Arc;

use crate::lang::permissions::ExecMode;
use crate::source::Span;

/// What a node stands for.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum NodeKind {
    /// A profile.
    Profile,
    /// A child profile.
    Child,
    /// A hat.
    Hat,
    /// No confinement.
    Unconfined,
    /// A profile of another policy namespace, about which nothing is known.
    Namespace,
    /// A name or path for which no profile is there.
    Missing,
}

/// A profile, or something else that transitions lead to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProfileNode {
    /// Its name with those of the profiles around it; of what is missing the name or path.
    pub name: Arc<str>,
    /// What it stands for.
    pub kind: NodeKind,
    /// What it attaches to, variables put in.
    pub attachment: Option<String>,
    /// Its mode, where that is not `enforce`.
    pub mode: Option<&'static str>,
    /// Where it is defined.
    pub place: Option<Span>,
}

/// How an edge is taken.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum EdgeKind {
    /// By running a program.
    Exec {
        /// As in the rule; with a named target `cx` is told as `px`.
        mode: ExecMode,
        /// Whether that is what happens where there is no profile: the `u` of `pux`.
        is_fallback: bool,
        /// A program with which it is taken.
        witness: String,
    },
    /// By `change_profile`.
    ChangeProfile,
    /// By `change_hat`.
    ChangeHat,
    /// By being in a mode that confines nothing.
    Mode,
}

/// A transition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edge {
    /// Number of the node it starts from.
    pub from: usize,
    /// Number of the node it leads to.
    pub to: usize,
    /// How.
    pub how: EdgeKind,
    /// The rule, or what else makes it.
    pub place: Span,
    /// The include statements that lead there, outermost first.
    pub via: Vec<Span>,
}

/// All transitions of a set of profiles.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Graph {
    /// Profiles in the order of the files, and behind them what is no profile, by kind and name.
    pub nodes: Vec<ProfileNode>,
    /// By where they start from, then as the rules stand.
    pub edges: Vec<Edge>,
    /// Profiles of which not all is known: an include could not be read, or a pattern is too complex.
    pub incomplete: Vec<usize>,
}

impl Graph {
    /// The number of the first node of that name; `unconfined` is one.
    #[must_use]
    pub fn node(&self, name: &str) -> Option<usize> {
        self.nodes.iter().position(|node| &*node.name == name)
    }

    /// The edges that start from a node.
    #[must_use]
    pub fn edges_from(&self, node: usize) -> &[Edge] {
        let start = self.edges.partition_point(|edge| edge.from < node);
        let end = self.edges.partition_point(|edge| edge.from <= node);
        self.edges.get(start..end).unwrap_or_default()
    }
}
