//! What an answer depends on that is not known.

use crate::access::Class;
use crate::policy::{Limit, RuleId};
use crate::source::Span;
use crate::syntax::ast::Body;

/// What an answer depends on and is not known.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Unknown {
    /// An include statement whose file cannot be read, or a conditional that cannot be decided.
    Include(Span),
    /// What is not followed because of a limit of aalint.
    Limit(Span, Limit),
    /// A rule that cannot be read: one of its variables has no value, or its pattern is too large.
    Rule(RuleId),
    /// A `network` rule with addresses: whether they restrict it depends on the kernel.
    Addresses(RuleId),
    /// Two rules disagree about what an exec leads to: the parser refuses the profile.
    Conflict(RuleId, RuleId),
    /// To find out would take too long.
    TooComplex,
    /// Nothing is what the request describes.
    Nothing,
}

/// Whether rules of a kind can be about a class.
pub(super) fn is_about(body: &Body, class: Class) -> bool {
    match body {
        Body::File(_) | Body::AllFiles | Body::Link(_) => class == Class::File,
        Body::Capability(_) => class == Class::Capability,
        Body::Network(_) | Body::Unix(_) => matches!(class, Class::Network | Class::Unix),
        Body::Mount(_) | Body::Remount(_) | Body::Umount(_) | Body::PivotRoot(_) => {
            class == Class::Mount
        }
        Body::Signal(_) => class == Class::Signal,
        Body::Ptrace(_) => class == Class::Ptrace,
        Body::Dbus(_) => class == Class::Dbus,
        Body::Mqueue(_) => class == Class::Mqueue,
        Body::Userns(_) => class == Class::Userns,
        Body::IoUring(_) => class == Class::IoUring,
        Body::ChangeProfile(_) => matches!(class, Class::ChangeProfile | Class::File),
        Body::Rlimit(_) | Body::Unreadable => false,
        Body::All => true,
    }
}
