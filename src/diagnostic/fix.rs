//! Edits that a finding suggests.

use crate::source::Span;

/// How far an edit may be trusted.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Applicability {
    /// Shows the idea; cannot be applied as it stands.
    Display,
    /// Changes what the policy grants or refuses: a person must agree.
    Unsafe,
    /// The compiled policy stays the same, except as the rule's page shows.
    Safe,
}

impl Applicability {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Safe, Self::Unsafe, Self::Display];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Display => "display",
            Self::Unsafe => "unsafe",
            Self::Safe => "safe",
        }
    }
}

/// Text to put in the place of a span. An empty span inserts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// A set of edits that belong together; they do not overlap.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// What the edits do, as an imperative without period: "write `rmx`".
    pub title: String,
    /// The edits.
    pub edits: Vec<Edit>,
    /// How far they may be trusted.
    pub applicability: Applicability,
}

/// The text of a file after the edits in it; edits that overlap an earlier one are left out.
#[must_use]
pub fn apply_edits(text: &str, edits: &[&Edit]) -> String {
    let mut sorted: Vec<&&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.span.range.start, edit.span.range.end));
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    for edit in sorted {
        let (start, end) = (edit.span.range.start as usize, edit.span.range.end as usize);
        let Some(before) = text.get(at..start) else {
            continue;
        };
        result.push_str(before);
        result.push_str(&edit.text);
        at = end;
    }
    result.push_str(text.get(at..).unwrap_or_default());
    result
}
