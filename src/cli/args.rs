//! What the command line takes.

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::host::typed;

#[cfg(feature = "verify")]
use crate::report::VerifyFormat;
use crate::report::{AnswerFormat, DiffFormat, Format, GraphFormat};

/// Static analyzer and linter for AppArmor profiles.
#[derive(Parser, Debug)]
#[command(name = "aalint", version, about, max_term_width = 100)]
pub(super) struct Arguments {
    /// When to use colours; NO_COLOR is honoured
    #[arg(long, value_enum, default_value_t = Color::Auto, global = true)]
    pub(super) color: Color,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// A path, which need not be UTF-8.
fn path() -> impl TypedValueParser<Value = String> {
    OsStringValueParser::new().map(|path| typed(&path))
}

/// When to use colours.
#[derive(Copy, Clone, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Color {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Check policy and report what is wrong with it
    Check(Box<Check>),
    /// Compare two versions of a policy: what the new one grants and takes
    Diff(Box<Diff>),
    /// Ask what a profile allows, and which rule decides
    Query(Box<Query>),
    /// What the default profiles of container engines keep
    #[command(subcommand)]
    Baseline(Baseline),
    /// Show which profile leads to which: by exec, change_profile and hats
    Graph(Graph),
    /// Show that the running kernel decides as the policy promises
    #[cfg(feature = "verify")]
    Verify(Verify),
    /// Undoes what a run of verify leaves that dies; not for people
    #[cfg(feature = "verify")]
    #[command(name = crate::verify::REAP, hide = true)]
    Reap,
    /// Make probes, as the process that started this one says
    #[cfg(feature = "verify")]
    #[command(name = crate::verify::probe::ARGUMENT, hide = true)]
    Probe,
    /// List all rules
    Rules,
    /// Show the page of a rule
    Explain {
        /// Name or code of the rule
        rule: String,
    },
}

#[derive(Subcommand, Debug)]
pub(super) enum Baseline {
    /// Print the facts of a default profile as an intent
    Show {
        /// docker-default, containerd or podman
        name: String,
        /// The version of the engine [default: the newest that is known]
        #[arg(long, value_name = "VERSION")]
        version: Option<String>,
    },
}

/// Exit codes: 0 done, 2 wrong usage or unreadable files.
#[derive(Args, Debug)]
pub(super) struct Graph {
    /// Files and directories
    #[arg(required = true, value_name = "PATHS", value_parser = path())]
    pub(super) paths: Vec<String>,
    /// How to write the graph
    #[arg(long, value_enum, default_value_t = GraphFormat::Text)]
    pub(super) format: GraphFormat,
    /// Only the shortest ways to this profile, or to `unconfined`
    #[arg(long, value_name = "PROFILE")]
    pub(super) to: Option<String>,
    #[command(flatten)]
    pub(super) places: Places,
}

/// Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 wrong usage, broken configuration or
/// unreadable files.
#[derive(Args, Debug)]
pub(super) struct Check {
    /// Files and directories; `-` is standard input
    #[arg(required = true, value_name = "PATHS", value_parser = path())]
    pub(super) paths: Vec<String>,
    /// How to write the findings
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(super) format: Format,
    /// The mildest severity that makes the exit code 1 [default: warning]
    #[arg(long, value_name = "SEVERITY", value_parser = ["error", "warning", "info", "hint", "never"])]
    pub(super) fail_on: Option<String>,
    /// Exactly these rules: names, codes, code prefixes, groups or levels, separated by commas
    #[arg(long, value_name = "RULES")]
    pub(super) select: Vec<String>,
    /// These rules as well
    #[arg(long, value_name = "RULES")]
    pub(super) extend_select: Vec<String>,
    /// Not these rules
    #[arg(long, value_name = "RULES")]
    pub(super) ignore: Vec<String>,
    /// The rules for people who polish as well
    #[arg(long)]
    pub(super) pedantic: bool,
    /// The rules for people who review a policy line by line as well
    #[arg(long)]
    pub(super) audit: bool,
    #[command(flatten)]
    pub(super) places: Places,
    /// Where the policy will run: a distribution (debian-12, ubuntu-24.04), a kernel (linux-6.12), a
    /// parser (4.1), or a directory such as /sys/kernel/security/apparmor/features
    #[arg(long, value_name = "NAME|DIR")]
    pub(super) target: Option<String>,
    /// The name to use for standard input
    #[arg(long, value_name = "NAME", default_value = "<stdin>")]
    pub(super) stdin_filename: String,
    /// An intent that all profiles must keep: a name, or a file that ends in .intents
    #[arg(long, value_name = "NAME|FILE")]
    pub(super) intent: Vec<String>,
    /// The paths are a whole policy set: transitions to profiles outside of it lead nowhere
    #[arg(long)]
    pub(super) whole_set: bool,
    /// Nothing but findings
    #[arg(long, short)]
    pub(super) quiet: bool,
    /// A table of how often each rule fired
    #[arg(long)]
    pub(super) statistics: bool,
}

/// Where includes and the configuration are looked for.
#[derive(Args, Debug)]
pub(super) struct Places {
    /// The policy base directory, in which `<…>` is searched [default: the tree around the paths, then
    /// /etc/apparmor.d]
    #[arg(long, short, value_name = "DIR")]
    pub(super) base: Option<String>,
    /// A further directory in which `<…>` is searched
    #[arg(long, short = 'I', value_name = "DIR")]
    pub(super) include: Vec<String>,
    /// This configuration instead of the nearest aalint.toml
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    pub(super) config: Option<String>,
    /// No configuration
    #[arg(long)]
    pub(super) isolated: bool,
}

/// Exit codes: 0 all requests are allowed, 1 one is not, 2 wrong usage or unreadable files.
#[derive(Args, Debug)]
pub(super) struct Query {
    /// The file that defines the profile
    #[arg(value_name = "FILE", value_parser = path())]
    pub(super) file: String,
    /// The profile to ask, where the file defines several; a child is `parent//child`
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// What to ask: rules without comma, such as '/etc/shadow r' or 'capability sys_admin'
    #[arg(value_name = "REQUEST", required_unless_present = "requests")]
    pub(super) ask: Vec<String>,
    /// A file of requests, one a line, `#` begins a comment; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(super) requests: Vec<String>,
    /// How to write the answers
    #[arg(long, value_enum, default_value_t = AnswerFormat::Human)]
    pub(super) format: AnswerFormat,
    /// Show the rules that decide and those that lose
    #[arg(long)]
    pub(super) why: bool,
    /// Where the policy will run, as of `check`: the parser of that system decides
    #[arg(long, value_name = "NAME|DIR")]
    pub(super) target: Option<String>,
    #[command(flatten)]
    pub(super) places: Places,
}

/// Exit codes: 0 nothing that --fail-on names, 1 something, 2 wrong usage, unreadable files, or a
/// profile that is too complex to compare.
#[derive(Args, Debug)]
pub(super) struct Diff {
    /// OLD and NEW: files or directories. With --git: files and directories of the repository, all
    /// of it if there are none
    #[arg(value_name = "PATHS", required_unless_present = "git", value_parser = path())]
    pub(super) paths: Vec<String>,
    /// Two revisions: `A..B`, or `A...B` to compare B with where it branched off from A
    #[arg(long, value_name = "A..B")]
    pub(super) git: Option<String>,
    /// Only this profile, with its children and hats
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Vec<String>,
    /// What is recorded and silenced counts as well, and requests that are no paths
    #[arg(long)]
    pub(super) exact: bool,
    /// What makes the exit code 1
    #[arg(long, value_enum, default_value_t = DiffThreshold::Never)]
    pub(super) fail_on: DiffThreshold,
    /// How to write the comparison
    #[arg(long, value_enum, default_value_t = DiffFormat::Human)]
    pub(super) format: DiffFormat,
    /// Where the policy will run, as of `check`: the parser of that system decides
    #[arg(long, value_name = "NAME|DIR")]
    pub(super) target: Option<String>,
    #[command(flatten)]
    pub(super) places: Places,
}

/// What makes a comparison fail.
#[derive(Copy, Clone, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum DiffThreshold {
    /// A profile that is wider or incomparable; one that is removed; one that is added in a mode that
    /// lets everything pass
    Wider,
    /// A profile that is narrower or incomparable, or one that is added
    Narrower,
    /// Anything that differs
    Different,
    /// Nothing
    Never,
}

/// Needs root, a kernel with AppArmor and apparmor_parser; `--plan` needs none of them.
///
/// Exit codes: 0 all is proved, 1 a promise is broken or the policy cannot be loaded, 2 wrong usage or
/// configuration, 3 this machine cannot verify it, or does not enforce it, 4 something is inconclusive,
/// 5 aalint and the kernel disagree, 6 something is left of a run, 128 and its number after a signal.
#[cfg(feature = "verify")]
#[derive(Args, Debug)]
pub(super) struct Verify {
    /// A directory with aalint.toml, whose `[verify]` names the profile; or the file of a profile
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) path: String,
    /// Only tell what would be done
    #[arg(long, conflicts_with_all = ["format", "all", "cleanup"])]
    pub(super) plan: bool,
    /// What to verify: `a`, the policy; `b`, system calls under it, which needs `a` and brings it along;
    /// `c`, the container that `[verify]` describes [default: all that the configuration has]
    #[arg(long, value_name = "TIERS", value_delimiter = ',')]
    pub(super) tier: Vec<String>,
    /// Put the profile in the place of a loaded one of the same name, which comes back at the end
    #[arg(long)]
    pub(super) replace: bool,
    /// Do what reaches beyond the confinement of the profile, as `--plan` tells it, although the configuration belongs
    /// to somebody else or others may write to it
    #[arg(long)]
    pub(super) trust: bool,
    /// Undo what an earlier run has left in the kernel and in the container engine, and do nothing else
    #[arg(long)]
    pub(super) cleanup: bool,
    /// Explain AppArmor's audit records by the rules that decide, while they are made; PATH may be a
    /// directory of policy as well
    #[arg(long, conflicts_with_all = ["plan", "cleanup", "replace", "intent", "output", "allow_skip"])]
    pub(super) audit: bool,
    /// With --audit: read a saved log instead, of the kernel, syslog or auditd; `-` is standard input
    #[arg(long, value_name = "FILE", requires = "audit")]
    pub(super) from: Option<String>,
    /// An intent that the profiles must keep as well: a name, or a file that ends in .intents
    #[arg(long, value_name = "NAME|FILE")]
    pub(super) intent: Vec<String>,
    /// How to write what came of it
    #[arg(long, value_enum, default_value_t = VerifyFormat::Human)]
    pub(super) format: VerifyFormat,
    /// Write it to this file instead of standard output: whole, or not at all
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<String>,
    /// Write it besides to a file in another format, such as `junit=junit.xml`; may be given more than once
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report, conflicts_with_all = ["plan", "cleanup", "audit"])]
    pub(super) report: Vec<(VerifyFormat, String)>,
    /// Show the rules that are decided as aalint says as well
    #[arg(long)]
    pub(super) all: bool,
    /// Exit with 0 where this machine cannot verify anything (no AppArmor, not root, no parser), and say
    /// so loudly
    #[arg(long)]
    pub(super) allow_skip: bool,
    #[command(flatten)]
    pub(super) places: Places,
}

/// `FORMAT=FILE`
#[cfg(feature = "verify")]
fn report(text: &str) -> Result<(VerifyFormat, String), String> {
    let (format, path) = text
        .split_once('=')
        .filter(|(_, path)| !path.is_empty())
        .ok_or("it must be a format and a file, such as `junit=junit.xml`")?;
    Ok((VerifyFormat::from_str(format, false)?, path.to_owned()))
}
