//! What is taken out of results.

use super::Veil;
use crate::access::graph::{EdgeKind, Graph};
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::session::diff::{PolicyDiff, Status, VersionedRule};
use crate::session::query::Answers;
use crate::session::rule_at::RuleAt;
use crate::session::show::ShownProfile;
use crate::source::{FileId, HIDDEN, SourceMap};

impl Veil {
    /// Takes out of findings what they say of a place outside, and what others quote from there.
    pub(in crate::session) fn draw_over(&self, findings: &mut [Diagnostic], sources: &SourceMap) {
        for finding in findings {
            let is_outside = |file: FileId| sources.get(file).is_outside;
            let mut labels = finding.labels.iter();
            if labels.any(|label| is_outside(label.span.file)) {
                conceal(finding);
                continue;
            }
            match self.sentence(&finding.message) {
                Some(message) => finding.message = message,
                None => {
                    conceal(finding);
                    continue;
                }
            }
            for label in &mut finding.labels {
                label.text = self.sentence(&label.text).unwrap_or_default();
            }
            for texts in [&mut finding.notes, &mut finding.help] {
                let shown = texts.iter().filter_map(|text| self.sentence(text));
                *texts = shown.collect();
            }
            finding
                .claims
                .retain(|claim| !self.is_over(&claim.profile) && !self.is_over(&claim.request));
            let is_clean = |fix: &Fix| {
                let mut edits = fix.edits.iter();
                let is_title_clean = self.sentence(&fix.title).as_ref() == Some(&fix.title);
                let is_edit_clean =
                    |edit: &Edit| !is_outside(edit.span.file) && !self.is_over(&edit.text);
                is_title_clean && edits.all(is_edit_clean)
            };
            finding.fix = finding.fix.take().filter(is_clean);
        }
    }

    /// Takes names and examples out of answers.
    pub(in crate::session) fn draw_over_answers(&self, answers: &mut Answers) {
        answers.profile = self.value(&answers.profile);
        for fault in &mut answers.faults {
            let labels = fault.labels.iter_mut().map(|label| &mut label.text);
            for text in labels.chain(&mut fault.help).chain([&mut fault.message]) {
                *text = self.sentence(text).unwrap_or_else(|| HIDDEN.to_owned());
            }
        }
        for answer in &mut answers.answers {
            for example in &mut answer.examples {
                example.request = self.value(&example.request);
            }
        }
    }

    /// Takes rules, names and examples out of a comparison.
    pub fn draw_over_diff(&self, diff: &mut PolicyDiff) {
        let rule = |versioned: &mut VersionedRule| {
            let rule = &mut versioned.rule;
            if self.outside.contains(&rule.place.path) {
                HIDDEN.clone_into(&mut rule.text);
            }
            rule.text = self.value(&rule.text);
        };
        for profile in &mut diff.profiles {
            profile.name = self.value(&profile.name);
            if let Status::Renamed(before) = &mut profile.status {
                *before = self.value(before);
            }
            for attribute in &mut profile.attributes {
                attribute.name = self.value(&attribute.name);
                for side in [&mut attribute.before, &mut attribute.after] {
                    *side = side.as_deref().map(|text| self.value(text));
                }
            }
            profile.unknown.iter_mut().for_each(rule);
            for change in &mut profile.changes {
                change.rules.iter_mut().for_each(rule);
                let mut places = change.rules.iter().map(|rule| &rule.rule.place.path);
                if places.any(|path| self.outside.contains(path)) {
                    HIDDEN.clone_into(&mut change.pattern);
                }
                change.pattern = self.value(&change.pattern);
                change.request = self.value(&change.request);
                let transition = change.transition.take();
                change.transition =
                    transition.map(|(before, after)| (self.value(&before), self.value(&after)));
                let reason = change.risk.reason.take();
                change.risk.reason = reason.and_then(|reason| self.sentence(&reason));
            }
        }
        let failures = diff.failures.iter_mut().map(|failure| &mut failure.what);
        for text in failures.chain(&mut diff.notes) {
            *text = self.sentence(text).unwrap_or_else(|| HIDDEN.to_owned());
        }
    }

    /// Takes rules, names and examples out of what a profile allows.
    pub(in crate::session) fn draw_over_profile(&self, shown: &mut ShownProfile) {
        let rule = |rule: &mut RuleAt| {
            if self.outside.contains(&rule.place.path) {
                HIDDEN.clone_into(&mut rule.text);
            }
            rule.text = self.value(&rule.text);
        };
        shown.name = self.value(&shown.name);
        shown.attachment = shown.attachment.as_deref().map(|text| self.value(text));
        for child in &mut shown.children {
            *child = self.value(child);
        }
        for grant in shown.topics.iter_mut().flat_map(|topic| &mut topic.grants) {
            grant.rules.iter_mut().for_each(rule);
            let mut places = grant.rules.iter().map(|rule| &rule.place.path);
            if places.any(|path| self.outside.contains(path)) {
                HIDDEN.clone_into(&mut grant.pattern);
            }
            grant.pattern = self.value(&grant.pattern);
            grant.request = self.value(&grant.request);
            for exec in &mut grant.execs {
                exec.target = exec.target.as_deref().map(|text| self.value(text).into());
            }
            let reason = grant.risk.reason.take();
            grant.risk.reason = reason.and_then(|reason| self.sentence(&reason));
        }
        shown.unknown.iter_mut().for_each(rule);
        for denial in &mut shown.denials {
            rule(&mut denial.rule);
            denial.overrides = denial.overrides.as_deref().map(|text| self.value(text));
        }
        for fact in &mut shown.comparison.facts {
            fact.example = fact.example.as_deref().map(|text| self.value(text));
        }
    }

    /// Takes names and examples out of a graph.
    pub fn draw_over_graph(&self, graph: &mut Graph) {
        for node in &mut graph.nodes {
            node.name = self.value(&node.name).into();
            node.attachment = node.attachment.as_deref().map(|text| self.value(text));
        }
        for edge in &mut graph.edges {
            if let EdgeKind::Exec { witness, .. } = &mut edge.how {
                *witness = self.value(witness);
            }
        }
    }
}

/// Says of a finding no more than which rule found it, and where.
fn conceal(finding: &mut Diagnostic) {
    finding.message = first_small(finding.rule.summary);
    finding.notes =
        vec!["the file lies outside of what is checked, so its text is not shown".to_owned()];
    finding.help = vec![format!(
        "name the file itself to see it; `aalint explain {}` describes the rule",
        finding.rule.name
    )];
    finding.fix = None;
    finding.claims.clear();
    for label in &mut finding.labels {
        label.text.clear();
    }
}

/// A sentence as messages begin.
fn first_small(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}
