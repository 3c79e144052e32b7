//! Probes that were made, and what they showed.

use super::message::{Destination, ProbeOutcome, ProbeResult};
use super::operation::{FileCall, ProbeOperation};
use super::plan::Unprobed;

/// EPERM: the answer of the kernel where a capability is missing.
const NOT_PERMITTED: i32 = 1;

/// What the probes of a question showed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Probed {
    /// The probes that were made.
    pub probes: Vec<Probe>,
    /// The permissions that were not probed.
    pub unprobed: Vec<(u32, Unprobed)>,
}

/// A probe that was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Probe {
    /// The permission that it shows, as a bit of the question's class.
    pub bit: u32,
    /// What was done.
    pub operation: ProbeOperation,
    /// Where an exec should have led to.
    pub leads_to: Option<Destination>,
    /// What came of it for who is not confined.
    pub control: ProbeResult,
    /// What came of it under the profile, if the control passed.
    pub confined: Option<ProbeResult>,
}

impl Probe {
    /// Whether the kernel let the confined task do it; `None` if the probe shows nothing.
    #[must_use]
    pub fn has_passed(&self) -> Option<bool> {
        if !self.control.has_passed() {
            return None;
        }
        match self.confined.as_ref()?.outcome {
            ProbeOutcome::Passed => Some(true),
            ProbeOutcome::Failed(_) | ProbeOutcome::Killed => Some(false),
            ProbeOutcome::TimedOut | ProbeOutcome::Astray(_) | ProbeOutcome::Unplaced(_) => None,
        }
    }

    /// Whether it was refused under the profile for want of a capability, and for no other reason: the control has all
    /// capabilities and passes, and AppArmor itself refuses such calls with EACCES (aa_audit_file, aa_audit in
    /// security/apparmor). A call that is about nothing but a capability or a label is refused with EPERM by AppArmor.
    #[must_use]
    pub fn lacks_capability(&self) -> bool {
        let is_told_apart = match &self.operation {
            ProbeOperation::File { call, .. } => *call != FileCall::Exec,
            ProbeOperation::Link { .. }
            | ProbeOperation::Socket { .. }
            | ProbeOperation::Mount(_)
            | ProbeOperation::Signal { .. } => true,
            ProbeOperation::Capability(_)
            | ProbeOperation::Ptrace { .. }
            | ProbeOperation::ChangeProfile(_)
            | ProbeOperation::UserNamespace
            | ProbeOperation::IoUring => false,
        };
        let confined = self.confined.as_ref().map(|one| &one.outcome);
        is_told_apart
            && self.control.has_passed()
            && confined == Some(&ProbeOutcome::Failed(NOT_PERMITTED))
    }

    /// The capability that such a refusal lacks, where the call tells it.
    #[must_use]
    pub const fn needed_capability(&self) -> Option<&'static str> {
        match self.operation {
            ProbeOperation::Mount(_) => Some("sys_admin"),
            ProbeOperation::Socket { .. } => Some("net_raw"),
            _ => None,
        }
    }

    /// The side that kept the probe from showing anything: what was made last.
    #[must_use]
    pub fn last(&self) -> &ProbeResult {
        self.confined.as_ref().unwrap_or(&self.control)
    }

    /// Whether a program was started under another profile than it should be; under one that does not
    /// enforce, names are made up.
    pub(in crate::verify) fn is_elsewhere(&self, mode: &str) -> bool {
        let started = self.confined.as_ref().and_then(|one| one.started.as_ref());
        let (Some(started), Some(leads_to)) = (started, &self.leads_to) else {
            return false;
        };
        matches!(mode, "enforce" | "kill") && !leads_to.is_label(started)
    }
}

impl Destination {
    /// Whether that is the label, as the kernel writes it, of what an exec led to.
    #[must_use]
    pub fn is_label(&self, label: &str) -> bool {
        let name = label.rsplit_once(" (").map_or(label, |(name, _)| name);
        match self {
            Self::Profile(wanted) => name == wanted,
            Self::Some(start) => name != "unconfined" && name.starts_with(start.as_str()),
            Self::Unconfined => label == "unconfined",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::operation::FileCall;
    use super::*;

    fn probe(control: ProbeOutcome, confined: Option<ProbeOutcome>) -> Probe {
        let trial = |outcome| ProbeResult {
            call: "openat".to_owned(),
            ..ProbeResult::without_call(outcome)
        };
        Probe {
            bit: 1,
            operation: ProbeOperation::File {
                path: b"/a".to_vec(),
                is_own: true,
                call: FileCall::Read,
            },
            leads_to: None,
            control: trial(control),
            confined: confined.map(trial),
        }
    }

    #[test]
    fn a_probe_says_something_only_where_its_control_passes() {
        let said = |control, confined| probe(control, confined).has_passed();
        assert_eq!(
            said(ProbeOutcome::Passed, Some(ProbeOutcome::Passed)),
            Some(true)
        );
        assert_eq!(
            said(ProbeOutcome::Passed, Some(ProbeOutcome::Failed(13))),
            Some(false)
        );
        assert_eq!(
            said(ProbeOutcome::Passed, Some(ProbeOutcome::Killed)),
            Some(false)
        );
        assert_eq!(
            said(ProbeOutcome::Passed, Some(ProbeOutcome::TimedOut)),
            None
        );
        assert_eq!(
            said(
                ProbeOutcome::Passed,
                Some(ProbeOutcome::Astray(String::new()))
            ),
            None
        );
        assert_eq!(
            said(ProbeOutcome::Passed, Some(ProbeOutcome::Unplaced(28))),
            None
        );
        assert_eq!(said(ProbeOutcome::Passed, None), None);
        assert_eq!(said(ProbeOutcome::Failed(13), None), None);
        assert_eq!(
            said(ProbeOutcome::Failed(13), Some(ProbeOutcome::Failed(13))),
            None
        );
    }

    #[test]
    fn labels_of_what_an_exec_leads_to() {
        let profile = Destination::Profile("a (b)".to_owned());
        assert!(profile.is_label("a (b) (enforce)"));
        assert!(!profile.is_label("a (enforce)"));
        let child = Destination::Some("web//".to_owned());
        assert!(child.is_label("web//worker (enforce)"));
        assert!(!child.is_label("web (enforce)"));
        assert!(!Destination::Some(String::new()).is_label("unconfined"));
        assert!(Destination::Unconfined.is_label("unconfined"));
        assert!(!Destination::Unconfined.is_label("web (unconfined)"));
    }
}
