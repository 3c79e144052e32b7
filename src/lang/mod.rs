//! What AppArmor knows, as tables: capabilities, network families, signals, mount options, resource
//! limits, permissions, keywords, and what is known to be dangerous.

pub mod capabilities;
pub mod flags;
pub mod keywords;
pub mod mount;
pub mod network;
pub mod permissions;
pub mod rlimit;
pub mod sensitive;
pub mod signal;
pub mod words;
