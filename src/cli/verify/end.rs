//! How a run ends that has no result.

use std::io::{self, Write};

use crate::cli::args::VerifyArguments;
use crate::cli::exit;
use crate::cli::stderr::complaints;
use crate::report::{self, Format, Style};
use crate::verify::Refusal;

/// Where the result is written, each place with its format.
pub(super) type Outputs<'o> = Vec<(Format, Style, &'o mut dyn Write)>;

/// What is shown where nothing was verified and that is to pass.
const SKIPPED: &str = "\
==================================================================
  SKIPPED: nothing was verified on this machine.
  The exit code is 0 because of --allow-skip, and proves nothing.
==================================================================";

/// Why a run ends before it has a result.
#[derive(Debug)]
pub(super) enum End {
    /// What is wrong has been said; the exit code.
    Told(u8),
    /// The policy is not verified as it is.
    Refused(Refusal),
    /// This machine cannot verify it, which `--allow-skip` lets pass.
    TurnedAway(Refusal),
    /// Something failed.
    Failed(anyhow::Error),
}

impl From<anyhow::Error> for End {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl End {
    /// Says why there is no result; gives the exit code.
    pub(super) fn tell(
        self,
        arguments: &VerifyArguments,
        outputs: Outputs<'_>,
    ) -> anyhow::Result<u8> {
        match self {
            Self::Told(code) => Ok(code),
            Self::Refused(refusal) => refused(&refusal),
            Self::TurnedAway(refusal) => turned_away(arguments, &refusal, outputs),
            Self::Failed(error) => Err(error),
        }
    }
}

/// Says why nothing was verified; where the machine cannot and that may pass, so that nobody overlooks it.
fn turned_away(
    arguments: &VerifyArguments,
    refusal: &Refusal,
    outputs: Outputs<'_>,
) -> anyhow::Result<u8> {
    let code = refused(refusal)?;
    if !arguments.allow_skip || !refusal.is_of_machine() {
        return Ok(code);
    }
    let mut err = complaints(false);
    writeln!(err, "{SKIPPED}")?;
    for (format, _, out) in outputs {
        report::skipped(format, refusal, out)?;
    }
    Ok(exit::CLEAN)
}

pub(super) fn refused(refusal: &Refusal) -> anyhow::Result<u8> {
    let mut err = complaints(false);
    writeln!(err, "aalint: {refusal}")?;
    writeln!(err, "  help: {}", refusal.help())?;
    Ok(exit::of_refusal(refusal))
}
