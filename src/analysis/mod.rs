//! Analyses that serve one rule or a few: questions put to the decision function, with answers as facts and without words.

mod breadth;
mod capability_use;
mod complement;
mod cover;
mod dbus_names;
mod denies;
mod enforced;
mod exposure;
mod links;
mod own;
mod peer_check;
mod rule_cover;
mod shared;
mod uncovered;
mod write_exec;

pub use breadth::{
    allows_everything, breadth, is_part_of_broad_access, matches_all, writes_everything,
};
pub use capability_use::{is_any_allowed, missing_use};
pub use complement::{
    ComplementRule, ComplementRules, NegatedPrefix, all_but, complement_rules, exact_complement,
    refined_words,
};
pub use dbus_names::{dbus_interface, dbus_member, dbus_name, dbus_path};
pub use denies::Denies;
pub use enforced::{Loss, losses};
pub use exposure::{ExposedFile, ExposingRule, FileList, ListedFile};
pub use links::{LinkKind, LinkedPath, MissedPerms, missed_behind_link};
pub use own::{Meaning, OwnRule};
pub use peer_check::{PEER_OPERATIONS, PeerCheck, PeerDenial, PeerOperation, PeerProfile};
pub use rule_cover::covers;
pub use shared::{Member, SharedEntries};
pub use uncovered::Uncovered;
pub use write_exec::{IsCode, WriteExec};
