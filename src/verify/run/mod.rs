//! What happens in a run, and how all of it is undone.

mod install;
mod journal;
mod live;
mod query_kernel;
mod reaper;
mod recover;
mod settings;
mod undo;
mod verification;
mod verify;

pub use query_kernel::HiddenCapabilities;
pub use reaper::{SUBCOMMAND as REAP, reap};
pub use recover::cleanup;
pub use settings::Settings;
pub use verification::{Proof, Stopped, Verification};
pub use verify::run;
