//! Colours, as escape sequences of the terminal.

use anstyle::{AnsiColor, Effects, Reset, Style};

use crate::diagnostic::Severity;

/// The style of a severity.
pub(super) fn severity(severity: Severity) -> Style {
    let color = match severity {
        Severity::Error => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Info => AnsiColor::Cyan,
        Severity::Hint => AnsiColor::Green,
    };
    color.on_default() | Effects::BOLD
}

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const ADDED: Style = AnsiColor::Green.on_default();
pub(super) const REMOVED: Style = AnsiColor::Red.on_default();

/// `text` in `style`, or plain.
pub(super) fn paint(text: &str, style: Style, color: bool) -> String {
    if color {
        format!("{style}{text}{Reset}")
    } else {
        text.to_owned()
    }
}
