//! The transitions of a set of profiles as text, JSON, Graphviz and Mermaid.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::access::graph::{Edge, EdgeKind, Graph, NodeKind, ProfileNode};
use crate::policy::Store;
use crate::source::Span;

/// How to write a graph.
#[derive(Copy, Clone, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum GraphFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// Graphviz
    Dot,
    /// Mermaid, as in Markdown on code hosting sites
    Mermaid,
}

/// A graph, and which part of it to tell.
#[derive(Copy, Clone, Debug)]
pub struct View<'g> {
    /// The graph.
    pub graph: &'g Graph,
    /// Where its places lie.
    pub store: &'g Store,
    /// Only the shortest ways to this node.
    pub goal: Option<usize>,
}

/// Writes it.
///
/// # Errors
/// If `out` fails.
pub fn write(format: GraphFormat, view: View<'_>, out: &mut dyn Write) -> io::Result<()> {
    match (format, view.goal) {
        (GraphFormat::Text, Some(goal)) => ways(view, goal, out),
        (GraphFormat::Text, None) => text(view, out),
        (GraphFormat::Json, _) => json_document(view, out),
        (GraphFormat::Dot, _) => dot(view, out),
        (GraphFormat::Mermaid, _) => mermaid(view, out),
    }
}

impl<'g> View<'g> {
    fn node(self, number: usize) -> Option<&'g ProfileNode> {
        self.graph.nodes.get(number)
    }

    fn name(self, number: usize) -> &'g str {
        self.node(number).map_or("", |node| &node.name)
    }

    fn place(self, span: Span) -> (&'g str, u32) {
        let source = self.store.sources.get(span.file);
        (&source.path, source.position(span.range.start).line)
    }

    /// `FILE:LINE`, and through which includes.
    fn origin(self, edge: &Edge) -> String {
        let (path, line) = self.place(edge.place);
        let mut text = format!("{path}:{line}");
        if let Some(first) = edge.via.first() {
            let (path, line) = self.place(*first);
            text.push_str(&format!(", included at {path}:{line}"));
        }
        text
    }

    /// The numbers of the edges that are told.
    fn edges(self) -> Vec<usize> {
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
    fn told(self) -> impl Iterator<Item = (usize, &'g Edge)> {
        let edges = self.edges().into_iter();
        edges.filter_map(move |number| Some((number, self.graph.edges.get(number)?)))
    }

    /// Whether each node is told.
    fn shown(self) -> Vec<bool> {
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

/// What an edge is called: `px /usr/bin/x`.
fn label(how: &EdgeKind) -> String {
    match how {
        EdgeKind::Exec {
            mode,
            is_fallback,
            witness,
        } => {
            let otherwise = if *is_fallback { " without profile" } else { "" };
            format!("{mode} {witness}{otherwise}")
        }
        EdgeKind::ChangeProfile => "change_profile".to_owned(),
        EdgeKind::ChangeHat => "change_hat".to_owned(),
        EdgeKind::Mode => "flags=(unconfined)".to_owned(),
    }
}

fn text(view: View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let graph = view.graph;
    for (number, node) in graph.nodes.iter().enumerate() {
        let edges = graph.edges_from(number);
        if edges.is_empty() {
            continue;
        }
        let attachment = node
            .attachment
            .as_deref()
            .filter(|path| **path != *node.name);
        let attachment = attachment.map(|path| format!(" ({path})"));
        writeln!(out, "{}{}", node.name, attachment.unwrap_or_default())?;
        for edge in edges {
            let lost = match view.node(edge.to).map(|node| node.kind) {
                Some(NodeKind::Missing) => ", which is missing",
                _ => "",
            };
            let (label, to) = (label(&edge.how), view.name(edge.to));
            writeln!(out, "  {label} -> {to}{lost}  [{}]", view.origin(edge))?;
        }
    }
    let profiles = graph.nodes.iter().filter(|node| node.place.is_some());
    writeln!(
        out,
        "{} profiles, {} transitions",
        profiles.count(),
        graph.edges.len()
    )?;
    for number in graph.unreachable() {
        let place = view.node(number).and_then(|node| node.place);
        let place = place.map(|span| view.place(span));
        let (path, line) = place.unwrap_or_default();
        let name = view.name(number);
        writeln!(out, "nothing leads to {name}  [{path}:{line}]")?;
    }
    incomplete(view, out)
}

fn incomplete(view: View<'_>, out: &mut dyn Write) -> io::Result<()> {
    for &number in &view.graph.incomplete {
        let name = view.name(number);
        writeln!(
            out,
            "not everything is known of {name}: more may start there"
        )?;
    }
    Ok(())
}

fn ways(view: View<'_>, goal: usize, out: &mut dyn Write) -> io::Result<()> {
    let (graph, to) = (view.graph, view.name(goal));
    let ways = graph.ways_to(goal);
    let mut count = 0;
    for from in 0..graph.nodes.len() {
        let way = graph.way(&ways, from);
        if way.is_empty() {
            continue;
        }
        count += 1;
        let steps = if way.len() == 1 { "step" } else { "steps" };
        writeln!(out, "{} -> {to} in {} {steps}", view.name(from), way.len())?;
        for edge in way.iter().filter_map(|number| graph.edges.get(*number)) {
            let (label, next) = (label(&edge.how), view.name(edge.to));
            writeln!(out, "  {label} -> {next}  [{}]", view.origin(edge))?;
        }
    }
    let profiles = graph.nodes.iter().filter(|node| node.place.is_some());
    writeln!(out, "{count} of {} profiles lead to {to}", profiles.count())?;
    incomplete(view, out)
}

fn json_document(view: View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let graph = view.graph;
    let place = |span: Span| {
        let (path, line) = view.place(span);
        json!({ "path": path, "line": line })
    };
    let nodes = graph.nodes.iter().map(|node| {
        json!({
            "name": &*node.name,
            "kind": kind(node.kind),
            "attachment": node.attachment,
            "mode": node.mode,
            "place": node.place.map(place),
        })
    });
    let edges = graph.edges.iter().map(|edge| {
        let (how, exec) = match &edge.how {
            EdgeKind::Exec {
                mode,
                is_fallback,
                witness,
            } => (
                "exec",
                json!({ "mode": mode.to_string(), "fallback": is_fallback, "path": witness }),
            ),
            EdgeKind::ChangeProfile => ("change_profile", Value::Null),
            EdgeKind::ChangeHat => ("change_hat", Value::Null),
            EdgeKind::Mode => ("mode", Value::Null),
        };
        let via: Vec<Value> = edge.via.iter().map(|span| place(*span)).collect();
        json!({ "from": edge.from, "to": edge.to, "how": how, "exec": exec,
                "place": place(edge.place), "via": via })
    });
    let ways = view.goal.map(|goal| {
        let first = graph.ways_to(goal);
        let all = (0..graph.nodes.len()).map(|from| (from, graph.way(&first, from)));
        let all = all.filter(|(_, way)| !way.is_empty());
        all.map(|(from, way)| json!({ "from": from, "edges": way }))
            .collect::<Vec<Value>>()
    });
    let document = json!({
        "version": 1,
        "nodes": nodes.collect::<Vec<Value>>(),
        "edges": edges.collect::<Vec<Value>>(),
        "unreachable": graph.unreachable(),
        "incomplete": graph.incomplete,
        "to": view.goal,
        "ways": ways,
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

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

fn dot(view: View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    writeln!(out, "digraph profiles {{")?;
    writeln!(out, "  rankdir=LR;")?;
    writeln!(out, "  node [shape=box];")?;
    for ((number, node), _) in told_nodes(view) {
        let style = match node.kind {
            NodeKind::Unconfined => " style=filled fillcolor=red",
            NodeKind::Missing => " style=dashed",
            NodeKind::Child | NodeKind::Hat => " shape=ellipse",
            NodeKind::Profile | NodeKind::Namespace => "",
        };
        writeln!(out, "  n{number} [label={}{style}];", quoted(&node.name))?;
    }
    for (_, edge) in view.told() {
        let label = quoted(&label(&edge.how));
        writeln!(out, "  n{} -> n{} [label={label}];", edge.from, edge.to)?;
    }
    writeln!(out, "}}")
}

fn mermaid(view: View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let quoted = |text: &str| {
        let text = text.replace('#', "#35;").replace('"', "#quot;");
        format!("\"{text}\"")
    };
    writeln!(out, "flowchart LR")?;
    for ((number, node), _) in told_nodes(view) {
        let name = quoted(&node.name);
        match node.kind {
            NodeKind::Unconfined => writeln!(out, "  n{number}{{{{{name}}}}}")?,
            NodeKind::Missing => writeln!(out, "  n{number}>{name}]")?,
            NodeKind::Child | NodeKind::Hat => writeln!(out, "  n{number}({name})")?,
            NodeKind::Profile | NodeKind::Namespace => writeln!(out, "  n{number}[{name}]")?,
        }
    }
    for (_, edge) in view.told() {
        let label = quoted(&label(&edge.how));
        writeln!(out, "  n{} -->|{label}| n{}", edge.from, edge.to)?;
    }
    Ok(())
}

fn told_nodes<'g>(view: View<'g>) -> impl Iterator<Item = ((usize, &'g ProfileNode), bool)> {
    let nodes = view.graph.nodes.iter().enumerate().zip(view.shown());
    nodes.filter(|(_, is_shown)| *is_shown)
}
