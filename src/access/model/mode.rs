//! What a profile's mode makes of what its rules decide.

use crate::access::{Class, Verdict};
use crate::policy::ProfileView;

/// A profile's mode, apparmor.d(5), "Flags".
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Default)]
pub enum ProfileMode {
    /// What no rule allows is refused.
    #[default]
    Enforce,
    /// What no rule allows passes and is recorded. What a rule denies without `audit` is refused even
    /// so: the kernel returns before it looks at the mode (aa_audit_file, aa_check_perms). `audit deny`
    /// leaves no trace in compiled policy and so passes.
    Complain,
    /// As [`Self::Enforce`], and what is refused and recorded kills the task.
    Kill,
    /// What no rule denies is allowed.
    DefaultAllow,
    /// Nothing but user namespaces is mediated.
    Unconfined,
    /// What no rule decides is left to the program that answers prompts.
    Prompt,
}

impl ProfileMode {
    /// All modes.
    pub const ALL: [Self; 6] = [
        Self::Enforce,
        Self::Complain,
        Self::Kill,
        Self::DefaultAllow,
        Self::Unconfined,
        Self::Prompt,
    ];

    /// The mode that a profile's flags name; the first where several do, which the parser refuses.
    #[must_use]
    pub fn of(profile: &ProfileView<'_>, source: &str) -> Self {
        let flags = profile.flags(source);
        let mode = flags.into_iter().find_map(|flag| {
            Some(match flag {
                "enforce" => Self::Enforce,
                "complain" => Self::Complain,
                "kill" => Self::Kill,
                "default_allow" => Self::DefaultAllow,
                "unconfined" => Self::Unconfined,
                "prompt" => Self::Prompt,
                _ => return None,
            })
        });
        mode.unwrap_or_default()
    }

    /// Its name as a flag.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Complain => "complain",
            Self::Kill => "kill",
            Self::DefaultAllow => "default_allow",
            Self::Unconfined => "unconfined",
            Self::Prompt => "prompt",
        }
    }

    /// The mode to judge promises by: complain and prompt are stages on the way to enforcing.
    #[must_use]
    pub const fn once_enforced(self) -> Self {
        match self {
            Self::Complain | Self::Prompt | Self::Kill => Self::Enforce,
            other => other,
        }
    }

    /// How much it lets pass of what no rule decides: a greater number is more. Modes with the same
    /// number refuse the same.
    #[must_use]
    pub const fn laxity(self) -> u8 {
        match self {
            Self::Enforce | Self::Kill => 0,
            Self::Prompt => 1,
            Self::DefaultAllow => 2,
            Self::Complain => 3,
            Self::Unconfined => 4,
        }
    }

    /// The mode in which rules are compared that somebody reviews. Modes that are for the time before a
    /// profile is enforced hide what its rules will grant.
    #[must_use]
    pub const fn as_reviewed(self) -> Self {
        match self {
            Self::Complain | Self::Unconfined => Self::Enforce,
            other => other,
        }
    }

    /// Whether a request passes that no rule is about.
    #[must_use]
    pub fn passes(self, class: Class) -> bool {
        match self {
            Self::Complain | Self::DefaultAllow => true,
            Self::Unconfined => class != Class::Userns,
            Self::Enforce | Self::Kill | Self::Prompt => false,
        }
    }

    /// What happens to requests that the rules decide as `verdict` says.
    #[must_use]
    pub fn applied(self, class: Class, verdict: &Verdict) -> Verdict {
        let mut verdict = verdict.clone();
        match self {
            Self::Enforce | Self::Kill => {}
            Self::Complain => {
                verdict.deny = verdict.quiet;
                verdict.allow = !verdict.deny;
                verdict.prompt = 0;
            }
            Self::DefaultAllow => verdict.allow |= !(verdict.deny | verdict.prompt),
            Self::Unconfined if class == Class::Userns => {}
            Self::Unconfined => {
                verdict.deny = 0;
                verdict.prompt = 0;
                verdict.allow = !0;
            }
            Self::Prompt => verdict.prompt |= !(verdict.allow | verdict.deny),
        }
        verdict
    }
}
