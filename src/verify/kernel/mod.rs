//! What talks to the kernel, and to the compiler of its policy: what is loaded, what is asked, who is confined.
//! Nothing here knows a plan.

mod blob;
mod capability;
mod compile;
mod confined_tasks;
mod copy;
mod environment;
mod hash;
mod kernel_state;
mod label;
mod private_directory;
mod query_interface;
mod securityfs;
mod wire;

pub use blob::{Malformed, names_in_policy};
pub use compile::Compilation;
pub use environment::Environment;
pub use hash::sha256;
pub use query_interface::{Answer, QueryInterface, Reply};
pub use securityfs::{Kernel, LoadError, LoadedProfile, Raw};
pub use wire::{Ask, Wire};

pub(super) use capability::capabilities;
pub(super) use confined_tasks::{label_in, process_staying_under};
pub(super) use copy::sweep;
pub(super) use kernel_state::{KernelState, WantedProfile};
pub(super) use label::{OwnLabel, Tasks};
pub(super) use private_directory::make_private;
pub(super) use query_interface::SOMEBODY_ELSE;
pub(super) use securityfs::namespace_and_name;
