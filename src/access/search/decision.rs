//! What a profile decides for a request, by which rules, and what that depends on.

use crate::access::{Class, Deciding, Exec, ProfileMode, Unknown, show};

/// How a request is decided as a whole.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum Outcome {
    /// All of it is allowed.
    Allowed,
    /// All of it is refused, each part by a rule that denies it.
    Denied,
    /// All of it is refused, for want of a rule.
    Unmatched,
    /// All of it is refused, some by a rule and some for want of one.
    Refused,
    /// Nobody but who answers prompts allows it.
    Asked,
    /// Some of it is allowed and some is not.
    Partly,
    /// That depends on something that is not known: [`Decision::open`].
    Unknown,
}

/// What is decided for one of the requests that are meant.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum Ruling {
    /// It is allowed.
    Allowed,
    /// A rule denies it.
    Denied,
    /// No rule is about it.
    Unmatched,
    /// It is left to who answers prompts.
    Asked,
}

/// One of the requests that are meant, and why it is decided as it is.
#[derive(Clone, Debug)]
pub struct Example<'e> {
    /// What is decided for it.
    pub ruling: Ruling,
    /// Its kind.
    pub class: Class,
    /// Its string.
    pub witness: Vec<u8>,
    /// The permissions, of those asked for, that are decided so.
    pub bits: u32,
    /// What the exec leads to, if `x` is among them and allowed.
    pub exec: Option<Exec>,
    /// Whether the profile's mode decides, and no rule.
    pub by_mode: bool,
    /// The rules that decide, and those that lose.
    pub deciding: Deciding<'e>,
}

impl Example<'_> {
    /// It as a request.
    #[must_use]
    pub fn show(&self) -> String {
        show(self.class, &self.witness, self.bits, self.exec.as_ref())
    }
}

/// What a profile decides for a request.
#[derive(Clone, Debug)]
pub struct Decision<'e> {
    /// The profile's mode.
    pub mode: ProfileMode,
    /// How the request is decided as a whole.
    pub outcome: Outcome,
    /// An example of each ruling there is.
    pub examples: Vec<Example<'e>>,
    /// What the answer depends on and is not known. Beside [`Outcome::Denied`]: what could overrule
    /// the denial by a priority alone.
    pub open: Option<Unknown>,
}

impl<'e> Decision<'e> {
    /// Whether all of it is allowed.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.outcome == Outcome::Allowed
    }

    /// The example of a ruling.
    #[must_use]
    pub fn example(&self, ruling: Ruling) -> Option<&Example<'e>> {
        self.examples
            .iter()
            .find(|example| example.ruling == ruling)
    }
}
