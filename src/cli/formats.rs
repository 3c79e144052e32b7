//! The formats of a command as values of its `--format`: names, help and errors come from the table of formats.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command};

use crate::report::{Format, ReportKind};

/// Takes the names of the formats that a command writes.
#[derive(Copy, Clone, Debug)]
pub(super) struct Formats(ReportKind);

impl Formats {
    pub(super) const fn of(kind: ReportKind) -> Self {
        Self(kind)
    }
}

impl TypedValueParser for Formats {
    type Value = Format;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Format, clap::Error> {
        let kind = self.0;
        let named = StringValueParser::new().try_map(move |name| Format::named(&name, kind));
        named.parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let formats = self.0.formats();
        Some(Box::new(formats.map(|one| {
            PossibleValue::new(one.format.name()).help(one.purpose)
        })))
    }
}
