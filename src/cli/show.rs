//! `aalint show`.

use std::io::Write;

use anyhow::bail;

use super::args::ShowArguments;
use super::discovery::collect;
use super::exit;
use super::query::words;
use super::setup::{Setup, target};
use crate::host::{Disk, Within};
use crate::report::{self, Style};
use crate::rules;
use crate::session::{Loads, Options, ShowError, Veil, Workspace};

pub(super) fn run(
    arguments: &ShowArguments,
    style: Style,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let setup = Setup::new(&arguments.places, &arguments.paths)?.sound()?;
    let inside = setup.inside(&arguments.places, &arguments.paths);
    let disk = Within::new(&Disk, &inside);
    let files = setup.snapshot(&disk);
    let (paths, collected) = collect(&files, &arguments.paths, &setup)?.into_policy();
    let options = Options {
        target: target(&files, arguments.target.as_deref())?,
        config: setup.file.clone(),
        loads: Loads::Profiles,
        ..Options::of_policy(&paths, setup.search(&arguments.places, &arguments.paths)?)
    };
    let workspace = Workspace::open(files, options);
    let policy = workspace.policy();
    let veil = Veil::over(&[&policy.store.sources], setup.hidden(&inside));
    let failures = [collected.failures.as_slice(), &policy.failures].concat();
    let named = arguments.paths.join(", ");
    let shown = workspace.show(arguments.profile.as_deref(), veil.as_ref(), rules::all());
    let shown = match shown {
        Ok(shown) => shown,
        Err(_) if !failures.is_empty() => {
            exit::tell(failures);
            return Ok(exit::FAILURE);
        }
        Err(ShowError::Choice(error)) => bail!("{}", words(&error, &named)),
        Err(ShowError::TooComplex(name)) => bail!(
            "profile `{name}`: its patterns are too complex to find out what they allow; no answer is given for it"
        ),
    };
    report::shown(arguments.format, &shown, style, out)?;
    out.flush()?;
    exit::note(&collected.left_out);
    let code = exit::of_graph(&failures);
    exit::tell(failures);
    Ok(code)
}
