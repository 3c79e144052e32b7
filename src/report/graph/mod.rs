//! The transitions of a set of profiles as text, JSON, Graphviz and Mermaid.

mod json;
mod view;

use std::io::{self, Write};

use super::format::{Format, ReportKind};
use crate::access::graph::{EdgeKind, NodeKind, ProfileNode};

pub(super) use json::GraphDocument;
pub use view::View;

/// Writes a graph.
///
/// # Errors
/// If `out` fails, or `graph` does not write this format.
pub fn write(format: Format, view: View<'_>, out: &mut dyn Write) -> io::Result<()> {
    match (format, view.goal) {
        (Format::Human, Some(goal)) => ways(view, goal, out),
        (Format::Human, None) => text(view, out),
        (Format::Json, _) => json::write(view, out),
        (Format::Dot, _) => dot(view, out),
        (Format::Mermaid, _) => mermaid(view, out),
        (other, _) => Err(other.missing(ReportKind::Graph)),
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
            "more transitions may start at {name}: not everything in it is known"
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
