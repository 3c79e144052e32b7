//! Everything but files: requests as the kernel puts them to compiled policy, and as `aalint query` reads them.
//!
//! The bytes of a question are made here, from the kernel's sources alone (security/apparmor/{ipc,mount,net,af_unix,domain}.c,
//! dbus-daemon's bus/apparmor.c), never by the encoders that are tested.

pub mod ask;
pub mod compare;
pub mod kernel;
pub mod make;
pub mod question;
pub mod tables;
pub mod tally;
pub mod words;
