//! What a command line and a configuration ask for.

use anyhow::bail;

use super::container::{endpoint, spec_of};
use super::end::End;
use super::obeyed::{self, Obeyed, stranger_to, untrusted};
use super::policy::attached;
use crate::cli::args::VerifyArguments;
use crate::cli::images::images;
use crate::cli::setup::Setup;
use crate::config::{Container, Reach, VerifyConfig as Configured};
use crate::host::{Disk, Foreign, InsidePaths};
use crate::rules;
use crate::session::{Input, InputKind, Loads, Options};
use crate::source::{EntryKind, Vfs};
use crate::verify::{self, Environment, Plan, Settings, SystemPaths, Tiers};

/// The tiers that there are, and what they are called.
const TIERS: &[&str] = &["a", "b", "c"];

/// What a run is to do: the profile, the tiers, the container, and what that affects beyond the confined program.
pub(super) struct Intended<'a> {
    arguments: &'a VerifyArguments,
    obeyed: &'a Obeyed,
    /// The file of the profile.
    pub(super) path: String,
    configured: Option<&'a Configured>,
    container: Option<&'a Container>,
    pub(super) tiers: Tiers,
    /// What reaches beyond the confinement of the profile.
    reach: Vec<Reach>,
    /// Who else may change that.
    stranger: Option<Foreign>,
}

impl<'a> Intended<'a> {
    pub(super) fn of(arguments: &'a VerifyArguments, obeyed: &'a Obeyed) -> anyhow::Result<Self> {
        let (path, configured) = profile(arguments, &obeyed.setup)?;
        let container = configured.and_then(|verify| verify.container.as_ref());
        let tiers = tiers(arguments, container.is_some())?;
        let container = container.filter(|_| tiers.container);
        let reach = match configured {
            Some(_) => obeyed.reach(container.is_some()),
            None => Vec::new(),
        };
        Ok(Self {
            arguments,
            obeyed,
            path,
            configured,
            container,
            tiers,
            stranger: obeyed.stranger(container).filter(|_| !reach.is_empty()),
            reach,
        })
    }

    /// Whether what reaches beyond the confinement may be done, or is only told.
    pub(super) fn is_trusted(&self) -> Result<(), End> {
        let may_reach = self.arguments.plan || self.arguments.trust;
        match self.stranger.as_ref().filter(|_| !may_reach) {
            Some(foreign) => Err(End::Told(untrusted(&self.reach, foreign)?)),
            None => Ok(()),
        }
    }

    /// The machine, and the container engine, if they are used: whatever they lack makes the rest idle.
    pub(super) fn machine(&self, paths: &SystemPaths) -> Result<Environment, End> {
        if self.arguments.plan {
            self.obeyed.tell()?;
            return Ok(Environment::default());
        }
        let environment = Environment::examine(paths).map_err(End::TurnedAway)?;
        self.obeyed.tell()?;
        if let Some(container) = self.container {
            let endpoint = endpoint(container)?;
            verify::container::examine(&endpoint, &environment).map_err(End::TurnedAway)?;
        }
        Ok(environment)
    }

    /// What the workspace reads: the file of the profile, with the rules' implied intents.
    /// For the plan the images as well that the configuration names; a run looks into the container.
    pub(super) fn options(&self, files: &dyn Vfs) -> anyhow::Result<Options> {
        let (arguments, setup) = (self.arguments, &self.obeyed.setup);
        let path = std::slice::from_ref(&self.path);
        let images = match arguments.plan {
            true => {
                let images = images(setup, files, &[])?;
                images.tell_notes()?;
                images.images
            }
            false => Vec::new(),
        };
        Ok(Options {
            inputs: vec![Input {
                path: self.path.clone(),
                kind: InputKind::Policy,
            }],
            search: setup.search(&arguments.places, path)?,
            config: setup.file.clone(),
            intents: arguments.intent.clone(),
            implied_by: rules::all(),
            images,
            loads: Loads::All,
            ..Options::default()
        })
    }

    /// Where the files lie whose text may be shown.
    pub(super) fn inside(&self) -> InsidePaths {
        let (arguments, obeyed) = (self.arguments, self.obeyed);
        let named = [vec![arguments.path.clone()], arguments.intent.clone()].concat();
        let mut inside = obeyed.setup.inside(&arguments.places, &named);
        obeyed.add_named(arguments.trust, &mut inside);
        inside
    }

    /// Takes in what the profiles reach themselves.
    pub(super) fn add_attached(&mut self, plan: &Plan) -> Result<(), End> {
        let attached = attached(plan);
        if !attached.is_empty() {
            let stranger = self.stranger.take();
            self.stranger = stranger.or_else(|| stranger_to(&self.path));
            self.reach.extend(attached);
        }
        self.is_trusted()?;
        if !self.arguments.plan {
            obeyed::tell(&self.reach)?;
        }
        Ok(())
    }

    /// How to run, for these profiles.
    pub(super) fn settings(self, settings: Settings, plan: &Plan) -> Result<Settings, End> {
        let name = self.configured.and_then(|verify| verify.name.as_ref());
        if let Some(name) = name {
            plan.defines(&name.text).map_err(End::Refused)?;
        }
        let setup = &self.obeyed.setup;
        let first = plan.profiles.first().map(|profile| profile.name.clone());
        let name = name.map(|name| name.text.clone()).or(first);
        let name = name.unwrap_or_default();
        let is_for_container = setup.config.profile_kind(&name) == Some(true);
        let spec = self
            .container
            .map(|container| spec_of(container, name, setup));
        Ok(Settings {
            tiers: self.tiers,
            container: spec.transpose()?,
            is_for_container,
            configuration: self.obeyed.path().map(str::to_owned),
            reach: self.reach,
            stranger: self.stranger,
            ..settings
        })
    }
}

/// Refuses tiers that there are not.
pub(super) fn check_tiers(arguments: &VerifyArguments) -> anyhow::Result<()> {
    let mut asked = arguments.tier.iter();
    match asked.find(|tier| !TIERS.contains(&tier.as_str())) {
        Some(tier) => bail!(
            "there is no tier `{tier}`; this aalint has `{}`",
            TIERS.join("`, `")
        ),
        None => Ok(()),
    }
}

/// The file of the profile, and what `[verify]` says of it.
fn profile<'s>(
    arguments: &VerifyArguments,
    setup: &'s Setup,
) -> anyhow::Result<(String, Option<&'s Configured>)> {
    let configured = setup.config.verify.as_ref();
    let path = configured.map(|verify| setup.path(&verify.profile.text));
    match (Disk.kind(&arguments.path), path) {
        (None, _) => bail!("{}: no such file or directory", arguments.path),
        (Some(EntryKind::File), Some(path)) if path == arguments.path => Ok((path, configured)),
        (Some(EntryKind::File), _) => Ok((arguments.path.clone(), None)),
        (Some(EntryKind::Directory), Some(path)) => Ok((path, configured)),
        (Some(EntryKind::Directory), None) => {
            let place = setup.file.as_ref().map_or_else(
                || format!("there is no aalint.toml in {} or above it", arguments.path),
                |file| format!("{} has no `[verify]` with a `profile`", file.path),
            );
            bail!("{place}; name the file of a profile, or write `[verify]`")
        }
    }
}

/// The tiers to verify: those that were asked for, or all that are possible.
fn tiers(arguments: &VerifyArguments, has_container: bool) -> anyhow::Result<Tiers> {
    if arguments.tier.is_empty() {
        return Ok(Tiers {
            container: has_container,
            ..Tiers::default()
        });
    }
    let has = |name: &str| arguments.tier.iter().any(|tier| tier == name);
    if has("c") && !has_container {
        bail!(
            "tier `c` needs a container: `[verify]` in aalint.toml must have `image` or `build`, and `port`"
        );
    }
    Ok(Tiers {
        policy: has("a") || has("b"),
        probes: has("b"),
        container: has("c"),
    })
}
