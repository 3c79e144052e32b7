//! What AppArmor knows, as tables: capabilities, network families, signals, mount options, resource
//! limits, permissions, keywords, what is known to be dangerous, and what kernels and parsers know.

pub mod capabilities;
mod directories;
pub mod features;
pub mod files;
pub mod flags;
pub mod interpreters;
mod kernel_files;
pub mod keywords;
mod known_files;
pub mod known_profiles;
pub mod links;
pub mod mediation;
pub mod mount;
pub mod network;
pub mod permissions;
pub mod places;
pub mod rlimit;
pub mod sensitive;
mod shipped;
pub mod signal;
pub mod targets;
pub mod words;

pub use directories::{DIRECTORIES, OFTEN_LINKS};
pub use kernel_files::KERNEL_FILES;
pub use known_files::KNOWN_FILES;
pub use shipped::{SHIPPED, is_shipped};
