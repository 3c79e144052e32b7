//! What the command line takes.

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::formats::Formats;
use crate::host::typed;
use crate::report::{Format, ReportKind};

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
    /// Check policy and report findings
    Check(Box<CheckArguments>),
    /// Compare two versions of a policy: what the new one additionally allows and denies
    Diff(Box<DiffArguments>),
    /// Show what a profile decides for a request, and which rule decides
    Query(Box<QueryArguments>),
    /// Show what a profile allows and denies, the riskiest first
    Show(Box<ShowArguments>),
    /// Show what the default profile of a container engine denies and allows
    #[command(subcommand)]
    EngineProfile(EngineProfileCommand),
    /// The retired name of `engine-profile`
    #[command(hide = true)]
    Baseline {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// Show the transitions between profiles: by exec, change_profile and hats
    Graph(GraphArguments),
    /// Write a first profile, its intents and a configuration for the container of a project
    Init(InitArguments),
    /// Lay profiles out: indentation, blank lines, and blanks at the ends of lines
    Fmt(FmtArguments),
    /// Serve an editor: the language server, on standard input and output
    #[cfg(feature = "lsp")]
    Lsp {
        /// Taken because clients pass it; there is no other way
        #[arg(long, hide = true)]
        stdio: bool,
    },
    /// Explain what AppArmor refused: which rule decides, or which rule is missing
    Audit(AuditArguments),
    /// Verify that the running kernel enforces the policy
    #[cfg(feature = "verify")]
    Verify(VerifyArguments),
    /// Clean up after a run of verify that dies; verify starts it
    #[cfg(feature = "verify")]
    #[command(name = crate::verify::REAP, hide = true)]
    Reap,
    /// Run probes for the process that started this one
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
pub(super) enum EngineProfileCommand {
    /// Print what a default profile denies and allows as an intent
    Show {
        /// docker-default, containerd or podman
        name: String,
        /// Version of the engine [default: the newest known version]
        #[arg(long, value_name = "VERSION")]
        version: Option<String>,
    },
}

/// Exit codes: 0 done, 2 wrong usage or unreadable files.
#[derive(Args, Debug)]
pub(super) struct GraphArguments {
    /// Files and directories
    #[arg(required = true, value_name = "PATHS", value_parser = path())]
    pub(super) paths: Vec<String>,
    /// Output format
    #[arg(long, value_parser = Formats::of(ReportKind::Graph), default_value = Format::default().name())]
    pub(super) format: Format,
    /// Show only the shortest chains of transitions to this profile, or to `unconfined`
    #[arg(long, value_name = "PROFILE")]
    pub(super) to: Option<String>,
    #[command(flatten)]
    pub(super) places: Places,
}

/// Exit codes: 0 done, 1 with --check or --diff if a file would change, 2 wrong usage, or a file that cannot be formatted.
#[derive(Args, Debug)]
pub(super) struct FmtArguments {
    /// Files and directories with policy; `-` is standard input, which is written to standard output
    #[arg(required = true, value_name = "PATHS", value_parser = path())]
    pub(super) paths: Vec<String>,
    /// Write nothing, and name the files that would change
    #[arg(long)]
    pub(super) check: bool,
    /// Write nothing, and show what would change
    #[arg(long)]
    pub(super) diff: bool,
    /// Change these lines alone, such as 10-20; they count from 1
    #[arg(long, value_name = "FIRST-LAST")]
    pub(super) lines: Option<String>,
    /// Name of standard input in the output
    #[arg(long, value_name = "NAME", default_value = "<stdin>")]
    pub(super) stdin_filename: String,
    #[command(flatten)]
    pub(super) places: Places,
}

impl FmtArguments {
    /// Whether files are written.
    pub(super) const fn writes(&self) -> bool {
        !self.check && !self.diff
    }
}

/// Exit codes: 0 done, 2 wrong usage, or nothing is known of a container.
#[derive(Args, Debug)]
pub(super) struct InitArguments {
    /// Directory of the project, with a Dockerfile, a compose file or manifests; nothing in it is overwritten
    #[arg(default_value = ".", value_name = "DIR", value_parser = path())]
    pub(super) directory: String,
    /// Image of the container: an archive of `docker save`, an OCI layout, a directory with the files of a system, or the
    /// name of an image that the engine of this machine has
    #[arg(long, value_name = "[PROFILE=]PATH|NAME")]
    pub(super) image: Vec<String>,
    /// Show what would be written, and write nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Name of the profile [default: what files name, or else the service or the directory]
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,
    #[command(flatten)]
    pub(super) places: Places,
}

/// Exit codes: 0 nothing at or above --fail-on, 1 findings, or with --diff an edit, 2 wrong usage, broken configuration or
/// unreadable files.
#[derive(Args, Debug)]
pub(super) struct CheckArguments {
    /// Files and directories; `-` is standard input
    #[arg(required = true, value_name = "PATHS", value_parser = path())]
    pub(super) paths: Vec<String>,
    /// Output format
    #[arg(long, value_parser = Formats::of(ReportKind::Check), default_value = Format::default().name())]
    pub(super) format: Format,
    /// Lowest severity that causes exit code 1 [default: warning]
    #[arg(long, value_name = "SEVERITY", value_parser = ["error", "warning", "info", "hint", "never"])]
    pub(super) fail_on: Option<String>,
    /// Run only these rules: names, codes, code prefixes, groups or levels, separated by commas
    #[arg(long, value_name = "RULES")]
    pub(super) select: Vec<String>,
    /// Also run these rules
    #[arg(long, value_name = "RULES")]
    pub(super) extend_select: Vec<String>,
    /// Do not run these rules
    #[arg(long, value_name = "RULES")]
    pub(super) ignore: Vec<String>,
    /// Also enable pedantic rules
    #[arg(long)]
    pub(super) pedantic: bool,
    /// Also enable audit rules, for a line-by-line review of a policy
    #[arg(long)]
    pub(super) audit: bool,
    #[command(flatten)]
    pub(super) places: Places,
    /// Where the policy will run: a distribution (debian-12, ubuntu-24.04), a kernel (linux-6.12), a
    /// parser (4.1), or a directory such as /sys/kernel/security/apparmor/features
    #[arg(long, value_name = "NAME|DIR")]
    pub(super) target: Option<String>,
    /// Image of the container, to see whether it can start under its profile: an archive of `docker save`, an OCI layout,
    /// a directory with the files of a system, or the name of an image that the engine of this machine has
    #[arg(long, value_name = "[PROFILE=]PATH|NAME")]
    pub(super) image: Vec<String>,
    /// Name of standard input in the output
    #[arg(long, value_name = "NAME", default_value = "<stdin>")]
    pub(super) stdin_filename: String,
    /// Intent that all profiles must keep: a name, or a file that ends in .intents
    #[arg(long, value_name = "NAME|FILE")]
    pub(super) intent: Vec<String>,
    /// Also show findings in files that AppArmor ships in the base directory; a file that is named is always shown
    #[arg(long)]
    pub(super) include_base: bool,
    /// Treat the paths as a complete policy: a transition to a profile that they do not define is a finding
    #[arg(long)]
    pub(super) whole_set: bool,
    /// Print only findings
    #[arg(long, short)]
    pub(super) quiet: bool,
    /// Show the decisions on which each finding rests, as requests that `query` takes
    #[arg(long)]
    pub(super) why: bool,
    /// Print how many findings each rule has
    #[arg(long)]
    pub(super) statistics: bool,
    #[command(flatten)]
    pub(super) edits: EditArguments,
}

/// Which edits are made.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Edits")]
pub(super) struct EditArguments {
    /// Make the safe edits of findings: those after which the policy compiles to the same, which is proved before a file is written
    #[arg(long)]
    pub(super) fix: bool,
    /// Also make edits that change what the policy compiles to
    #[arg(long)]
    pub(super) unsafe_fixes: bool,
    /// Make edits as --fix does, and report nothing
    #[arg(long)]
    pub(super) fix_only: bool,
    /// Show the edits that would be made, and write nothing
    #[arg(long)]
    pub(super) diff: bool,
    /// Make no edit of a finding, but write a comment for each that ignores it with this reason
    #[arg(long, value_name = "REASON", conflicts_with_all = ["fix", "unsafe_fixes", "fix_only"])]
    pub(super) add_ignores: Option<String>,
    /// Exit with 1 if a file was changed, even if no finding is left
    #[arg(long)]
    pub(super) exit_non_zero_on_fix: bool,
}

impl EditArguments {
    /// Whether edits are wanted.
    pub(super) const fn are_wanted(&self) -> bool {
        self.fix || self.fix_only || self.diff || self.add_ignores.is_some()
    }

    /// Whether what is left is reported.
    pub(super) const fn reports(&self) -> bool {
        !self.fix_only && !self.diff
    }
}

/// Where includes and the configuration are looked for.
#[derive(Args, Clone, Debug)]
pub(super) struct Places {
    /// Policy base directory, searched for `<…>` [default: the policy tree that contains the paths, then
    /// /etc/apparmor.d]
    #[arg(long, short, value_name = "DIR")]
    pub(super) base: Option<String>,
    /// Additional directory searched for `<…>`
    #[arg(long, short = 'I', value_name = "DIR")]
    pub(super) include: Vec<String>,
    /// Use this configuration instead of the nearest aalint.toml
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    pub(super) config: Option<String>,
    /// Use no configuration
    #[arg(long)]
    pub(super) isolated: bool,
}

/// Exit codes: 0 all requests are allowed, 1 one is not, 2 wrong usage or unreadable files.
#[derive(Args, Debug)]
pub(super) struct QueryArguments {
    /// The file that defines the profile
    #[arg(value_name = "FILE", value_parser = path())]
    pub(super) file: String,
    /// Name of the profile, if the file defines several; a child is `parent//child`
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// Requests: rules without comma, such as '/etc/shadow r' or 'capability sys_admin'
    #[arg(value_name = "REQUEST", required_unless_present = "requests")]
    pub(super) ask: Vec<String>,
    /// File with one request per line; `#` starts a comment; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(super) requests: Vec<String>,
    /// Output format
    #[arg(long, value_parser = Formats::of(ReportKind::Query), default_value = Format::default().name())]
    pub(super) format: Format,
    /// Show the deciding rules and the overridden rules
    #[arg(long)]
    pub(super) why: bool,
    /// Where the policy will run, as for `check`: the policy is read as the parser of that system reads it
    #[arg(long, value_name = "NAME|DIR")]
    pub(super) target: Option<String>,
    /// Image of the container, whose links are followed: an archive of `docker save`, an OCI layout, or a directory with the
    /// files of a system
    #[arg(long, value_name = "[PROFILE=]PATH")]
    pub(super) image: Vec<String>,
    #[command(flatten)]
    pub(super) places: Places,
}

/// Exit codes: 0 shown, 2 wrong usage, unreadable files, or a profile that is too complex to show.
#[derive(Args, Debug)]
pub(super) struct ShowArguments {
    /// Files and directories
    #[arg(required = true, value_name = "PATHS", value_parser = path())]
    pub(super) paths: Vec<String>,
    /// Name of the profile, if the files define several; a child is `parent//child`
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// Output format
    #[arg(long, value_parser = Formats::of(ReportKind::Show), default_value = Format::default().name())]
    pub(super) format: Format,
    /// Where the policy will run, as for `check`: the policy is read as the parser of that system reads it
    #[arg(long, value_name = "NAME|DIR")]
    pub(super) target: Option<String>,
    #[command(flatten)]
    pub(super) places: Places,
}

/// Exit codes: 0 nothing that --fail-on names, 1 something, 2 wrong usage, unreadable files, or a
/// profile that is too complex to compare.
#[derive(Args, Debug)]
pub(super) struct DiffArguments {
    /// OLD and NEW: files or directories. With --git: files and directories of the repository
    /// [default: the whole repository]
    #[arg(value_name = "PATHS", required_unless_present = "git", value_parser = path())]
    pub(super) paths: Vec<String>,
    /// Two revisions: `A..B`, or `A...B` to compare B with the merge base of A and B
    #[arg(long, value_name = "A..B")]
    pub(super) git: Option<String>,
    /// Compare only this profile, with its children and hats
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Vec<String>,
    /// Also compare auditing, and requests for paths that cannot exist
    #[arg(long)]
    pub(super) exact: bool,
    /// Difference that causes exit code 1
    #[arg(long, value_enum, default_value_t = DiffThreshold::Never)]
    pub(super) fail_on: DiffThreshold,
    /// Output format
    #[arg(long, value_parser = Formats::of(ReportKind::Diff), default_value = Format::default().name())]
    pub(super) format: Format,
    /// Where the policy will run, as for `check`: the policy is read as the parser of that system reads it
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

/// Exit codes: 0 done, 2 wrong usage, broken configuration or unreadable files, 3 records cannot be watched here, 128 and
/// its number after a signal.
#[derive(Args, Debug)]
pub(super) struct AuditArguments {
    /// Log of the kernel, syslog, auditd or the journal, as text or JSON; `-` is standard input [default: standard
    /// input if something is piped into it, else new records of the kernel, which need root]
    #[arg(value_name = "LOG", value_parser = path())]
    pub(super) log: Option<String>,
    /// Read the records since the machine started from the journal
    #[arg(long, conflicts_with = "log")]
    pub(super) journal: bool,
    /// Show each record as soon as it is read, and go on waiting for more
    #[arg(long, short)]
    pub(super) follow: bool,
    /// Watch the kernel, whatever standard input is
    #[arg(skip)]
    pub(super) live: bool,
    /// Files and directories of policy [default: those below aalint.toml, if there is one, and /etc/apparmor.d]
    #[arg(long, value_name = "PATHS", value_parser = path(), num_args = 1..)]
    pub(super) policy: Vec<String>,
    /// Also show records of profiles that are not in the policy, and what policy was loaded
    #[arg(long)]
    pub(super) all: bool,
    /// Intent against which no rule is proposed: a name, or a file that ends in .intents
    #[arg(long, value_name = "NAME|FILE")]
    pub(super) intent: Vec<String>,
    /// Output format
    #[arg(long, value_parser = Formats::of(ReportKind::Audit), default_value = Format::default().name())]
    pub(super) format: Format,
    /// Where the policy runs, as for `check`: the policy is read as the parser of that system reads it
    #[arg(long, value_name = "NAME|DIR")]
    pub(super) target: Option<String>,
    #[command(flatten)]
    pub(super) places: Places,
}

/// Needs root, a kernel with AppArmor and apparmor_parser; `--plan` needs none of them.
///
/// Exit codes: 0 all is proved, 1 a promise is broken or the policy cannot be loaded, 2 wrong usage or
/// configuration, 3 this machine cannot verify it, or does not enforce it, 4 something is inconclusive,
/// 5 aalint and the kernel disagree, 6 something is left of a run, 128 and its number after a signal.
#[cfg(feature = "verify")]
#[derive(Args, Debug)]
pub(super) struct VerifyArguments {
    /// A directory with aalint.toml, whose `[verify]` names the profile; or the file of a profile
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) path: String,
    /// Show the plan and exit
    #[arg(long, conflicts_with_all = ["format", "all", "cleanup"])]
    pub(super) plan: bool,
    /// What to verify: `a`, the policy; `b`, system calls under it, which needs `a` and brings it along;
    /// `c`, the container that `[verify]` describes [default: all that the configuration has]
    #[arg(long, value_name = "TIERS", value_delimiter = ',')]
    pub(super) tier: Vec<String>,
    /// Replace a loaded profile of the same name during the run, and restore it at the end
    #[arg(long)]
    pub(super) replace: bool,
    /// Allow what affects more than the confined program, as shown by `--plan`, even if another user owns or can change
    /// the configuration
    #[arg(long)]
    pub(super) trust: bool,
    /// Remove what an earlier run left in the kernel and in the container engine, and exit
    #[arg(long)]
    pub(super) cleanup: bool,
    /// The retired name of `aalint audit`; PATH is its policy
    #[arg(long, hide = true, conflicts_with_all = ["plan", "cleanup", "replace", "intent", "output", "allow_skip"])]
    pub(super) audit: bool,
    /// With --audit: the LOG of `aalint audit`
    #[arg(long, hide = true, value_name = "FILE", requires = "audit")]
    pub(super) from: Option<String>,
    /// Intent that the profiles must also keep: a name, or a file that ends in .intents
    #[arg(long, value_name = "NAME|FILE")]
    pub(super) intent: Vec<String>,
    /// Output format
    #[arg(long, value_parser = Formats::of(ReportKind::Verify), default_value = Format::default().name())]
    pub(super) format: Format,
    /// Write the report to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<String>,
    /// Also write a report in this format to this file, such as `junit=junit.xml`; can be repeated
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report, conflicts_with_all = ["plan", "cleanup", "audit"])]
    pub(super) report: Vec<(Format, String)>,
    /// Also show the rules for which aalint and the kernel agree
    #[arg(long)]
    pub(super) all: bool,
    /// Exit with 0 if this machine cannot verify anything (no AppArmor, not root, no parser); the output
    /// says that nothing was verified
    #[arg(long)]
    pub(super) allow_skip: bool,
    #[command(flatten)]
    pub(super) places: Places,
}

/// `FORMAT=FILE`
#[cfg(feature = "verify")]
fn report(text: &str) -> Result<(Format, String), String> {
    let (format, path) = text
        .split_once('=')
        .filter(|(_, path)| !path.is_empty())
        .ok_or("it must be a format and a file, such as `junit=junit.xml`")?;
    Ok((Format::named(format, ReportKind::Verify)?, path.to_owned()))
}
