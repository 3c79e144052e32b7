//! What a finding says that a profile decides, as data.

/// How a profile decides a request that a finding speaks of.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ClaimedDecision {
    /// All of it is allowed.
    Allowed,
    /// A rule denies all of it.
    Denied,
    /// No rule allows any of it, and none denies it.
    Unmatched,
}

impl ClaimedDecision {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Allowed, Self::Denied, Self::Unmatched];

    /// Its word, as `query` writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Unmatched => "unmatched",
        }
    }
}

/// A request and how a profile decides it once it is enforced. What a finding says in words about the profile
/// rests on its claims, and everybody can check them with `query`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claim {
    /// The profile's full name.
    pub profile: String,
    /// The request, as `query` takes it.
    pub request: String,
    /// How the profile decides it.
    pub decision: ClaimedDecision,
}

impl Claim {
    /// Whether the request is allowed.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.decision == ClaimedDecision::Allowed
    }
}
