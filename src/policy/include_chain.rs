//! How includes lead to a place.

use std::sync::Arc;

use crate::source::Span;

/// The include statements that lead to a place, outermost first; shared by all that lies there.
pub type IncludeChain = Arc<[Span]>;
