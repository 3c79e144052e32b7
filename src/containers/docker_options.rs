//! Options of `docker run` and `podman run`, which compose files and Quadlet files use as well.

use super::stated::Stated;
use super::workload::{Confinement, ContainerMount, ContainerMountKind, Placed};
use crate::source::Span;

/// An option of `security_opt`, as Docker's daemon splits it.
pub(super) enum SecurityOption<'t> {
    AppArmor(&'t str),
    NoNewPrivileges(Option<&'t str>),
    /// It would be about AppArmor without its blanks.
    Misspelt,
    Other,
}

impl<'t> SecurityOption<'t> {
    /// `KEY=VALUE`, or `KEY:VALUE` where no `=` is.
    pub(super) fn of(text: &'t str) -> Self {
        if text == "no-new-privileges" {
            return Self::NoNewPrivileges(None);
        }
        let parts = text.split_once('=').or_else(|| text.split_once(':'));
        match parts {
            Some(("apparmor", value)) => Self::AppArmor(value),
            Some(("no-new-privileges", value)) => Self::NoNewPrivileges(Some(value)),
            Some((key, _)) if key.trim() == "apparmor" => Self::Misspelt,
            _ => Self::Other,
        }
    }
}

/// What compose and Docker read as a truth value.
pub(super) fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "t" | "y" | "yes" | "on" => Some(true),
        "false" | "0" | "f" | "n" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// `[SOURCE:]TARGET[:OPTIONS]`; a drive's letter belongs to its path.
fn split_volume(text: &str) -> Option<Vec<&str>> {
    let parts: Vec<&str> = text.split(':').collect();
    let is_drive = matches!(parts.first(), Some(first) if first.len() == 1 && parts.len() > 1
        && first.starts_with(|c: char| c.is_ascii_alphabetic()));
    (!is_drive && parts.len() <= 3 && parts.iter().all(|part| !part.is_empty())).then_some(parts)
}

fn short_mount(parts: &[&str], place: Span) -> ContainerMount {
    let (source, target, options) = match parts {
        [source, target, options] => (Some(*source), *target, *options),
        [source, target] => (Some(*source), *target, ""),
        [target] => (None, *target, ""),
        _ => (None, "", ""),
    };
    let is_path = source.is_some_and(|source| source.starts_with(['/', '.', '~']));
    ContainerMount {
        target: target.to_owned(),
        kind: match is_path {
            true => ContainerMountKind::Bind,
            false => ContainerMountKind::Volume,
        },
        source: source.map_or(Stated::Unstated, |source| Stated::Known(source.to_owned())),
        is_read_only: has_option(options, "ro"),
        place,
    }
}

pub(super) fn has_option(options: &str, wanted: &str) -> bool {
    options.split(',').any(|option| option == wanted)
}

/// A volume as one text; `None` if it cannot be read.
pub(super) fn volume(text: &str, place: Span) -> Option<ContainerMount> {
    split_volume(text).map(|parts| short_mount(&parts, place))
}

/// A file system in memory: `TARGET[:OPTIONS]`.
pub(super) fn tmpfs(text: &str, place: Span) -> ContainerMount {
    let (target, options) = text.split_once(':').unwrap_or((text, ""));
    ContainerMount {
        target: target.to_owned(),
        kind: ContainerMountKind::Tmpfs,
        source: Stated::Unstated,
        is_read_only: has_option(options, "ro"),
        place,
    }
}

/// What the value of an option about AppArmor says; a value that cannot be read is `None`.
pub(super) fn confinement(value: Option<String>, place: Span) -> Option<Confinement> {
    let Some(value) = value else {
        return Some(Confinement::Unknown(place));
    };
    Some(match value.trim() {
        // The engine takes its default then.
        "" => Confinement::RuntimeDefault(place),
        "unconfined" => Confinement::Unconfined(place),
        name => Confinement::Named(Placed {
            text: name.to_owned(),
            place,
        }),
    })
}

/// Options of a command line: `--NAME=VALUE` and `--NAME VALUE`.
pub(super) struct OptionWords<'w>(pub(super) &'w [String]);

impl<'w> Iterator for OptionWords<'w> {
    type Item = (&'w str, Option<&'w str>);

    fn next(&mut self) -> Option<Self::Item> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        if let Some((name, value)) = first.split_once('=') {
            return Some((name, Some(value)));
        }
        let takes_value = first == "--security-opt";
        match rest.split_first() {
            Some((value, rest)) if takes_value => {
                self.0 = rest;
                Some((first, Some(value)))
            }
            _ => Some((first, None)),
        }
    }
}
