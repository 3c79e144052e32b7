//! One finding.

use super::{Applicability, Claim, Edit, Fix, Level, Meta, Severity};
use crate::source::Span;

/// Whether a label marks the place of the finding or something related.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum LabelStyle {
    /// The place of the finding. The first primary label gives its line and column.
    Primary,
    /// Something that explains it.
    Secondary,
}

/// A marked piece of text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// The text marked.
    pub span: Span,
    /// Place or explanation.
    pub style: LabelStyle,
    /// What to read at the mark; may be empty.
    pub text: String,
}

/// A finding of another rule that tells the same cause.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub struct RootCause {
    /// The name of the other rule.
    pub rule: &'static str,
    /// The place of its finding.
    pub place: Span,
}

/// A finding of a rule.
///
/// Messages state what is, in lower case, without final period, with the user's text in backticks,
/// on one line, and are true without the labels.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// The rule that found it.
    pub rule: &'static Meta,
    /// How bad it is.
    pub severity: Severity,
    /// From which level on it is shown: that of its rule, or a later one.
    pub level: Level,
    /// What is wrong.
    pub message: String,
    /// Where; the first one is primary.
    pub labels: Vec<Label>,
    /// Why it matters.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Vec<String>,
    /// An edit that does it.
    pub fix: Option<Fix>,
    /// What it says that profiles decide.
    pub claims: Vec<Claim>,
    /// The include statements that led to the place of the finding, outermost first.
    pub via: Vec<Span>,
    /// The finding of which it becomes a mark where that is shown as well.
    pub cause: Option<RootCause>,
}

impl Diagnostic {
    /// A finding of `rule` at `span`, with the rule's own severity.
    #[must_use]
    pub fn new(rule: &'static Meta, span: Span, message: impl Into<String>) -> Self {
        let place = Label {
            span,
            style: LabelStyle::Primary,
            text: String::new(),
        };
        Self {
            rule,
            severity: rule.severity,
            level: rule.level,
            message: message.into(),
            labels: vec![place],
            notes: Vec::new(),
            help: Vec::new(),
            fix: None,
            claims: Vec::new(),
            via: Vec::new(),
            cause: None,
        }
    }

    /// The place of the finding.
    #[must_use]
    pub fn place(&self) -> Option<Span> {
        let primary = self
            .labels
            .iter()
            .find(|label| label.style == LabelStyle::Primary);
        primary.or(self.labels.first()).map(|label| label.span)
    }

    /// Says something at the place of the finding itself.
    #[must_use]
    pub fn mark(mut self, text: impl Into<String>) -> Self {
        if let Some(label) = self.labels.first_mut() {
            label.text = text.into();
        }
        self
    }

    /// Marks something that explains the finding.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            style: LabelStyle::Secondary,
            text: text.into(),
        });
        self
    }

    /// Says why it matters.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Says on which decisions it rests.
    #[must_use]
    pub fn claims(mut self, claims: impl IntoIterator<Item = Claim>) -> Self {
        self.claims.extend(claims);
        self
    }

    /// Gives it another severity than the rule's.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Shows it from this level on, or where its rule is selected by name.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Offers to replace the text of `span`.
    #[must_use]
    pub fn replace(
        self,
        applicability: Applicability,
        title: impl Into<String>,
        span: Span,
        text: impl Into<String>,
    ) -> Self {
        self.fix(
            applicability,
            title,
            vec![Edit {
                span,
                text: text.into(),
            }],
        )
    }

    /// Offers a set of edits.
    #[must_use]
    pub fn fix(
        mut self,
        applicability: Applicability,
        title: impl Into<String>,
        edits: Vec<Edit>,
    ) -> Self {
        self.fix = Some(Fix {
            title: title.into(),
            edits,
            applicability,
        });
        self
    }
}
