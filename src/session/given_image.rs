//! Images of containers that somebody named.

use std::sync::Arc;

use crate::images::ContainerImage;

/// An image that somebody named.
#[derive(Clone, Debug)]
pub struct GivenImage {
    /// The profile that its container runs under; `None` for the containers of all that have no image of their own here.
    pub profile: Option<String>,
    /// Its path, or its name in the engine, as given.
    pub path: String,
    /// Whether it is the engine's copy of the image of that name.
    pub is_of_engine: bool,
    /// The image.
    pub image: Arc<ContainerImage>,
}
