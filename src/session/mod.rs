//! From paths to a report: the one door for the command line and the tests.

mod applied;
mod check;
pub mod diff;
mod discovery;
mod draft;
mod embedded;
mod failure;
pub mod fix;
mod given_image;
mod ignoring;
mod implied;
mod intents;
mod kind;
mod links;
mod options;
mod others;
mod policy;
mod policy_root;
mod promises;
mod query;
mod reach;
mod request;
mod request_lines;
mod rule_at;
mod rule_selection;
mod shipped;
mod show;
pub mod starter;
mod target;
mod veil;
mod views;
mod with_policy;
mod workspace;

pub use check::{Report, check};
pub use discovery::{
    Candidate, Collected, Input, InputKind, LeftOut, classify, collect, policy_at,
};
pub use draft::ProfileDraft;
pub use given_image::GivenImage;
pub use ignoring::IgnoredPlace;
pub use intents::{PACKS, UnknownIntent};
pub use links::{FollowedLink, LinkElsewhere, LinkPlace};
pub use options::{Loads, Options};
pub use policy::Policy;
pub use policy_root::find_base;
pub use promises::{PromiseError, Promised};
pub use query::{Answered, Answers, Obstacle, QueryError, RulePlace, Shown};
pub use request::FaultyRequest;
pub use rule_at::RuleAt;
pub use rule_selection::{CommandLine, RuleSelection};
pub use show::{
    AccessTopic, EngineComparison, EngineFactResult, FactStanding, Grant, ShowError, ShownDenial,
    ShownProfile, TopicGrants,
};
pub use target::{parser, target};
pub use veil::Veil;

pub use with_policy::{with_policies, with_policy, with_policy_of};
pub use workspace::Workspace;
