//! Images of containers that somebody named.

use std::sync::Arc;

use crate::images::ContainerImage;

/// An image that somebody named.
#[derive(Clone, Debug)]
pub struct GivenImage {
    /// The profile that its container runs under; `None` for the containers of all that have no image of their own here.
    pub profile: Option<String>,
    /// Its path, as given.
    pub path: String,
    /// The image.
    pub image: Arc<ContainerImage>,
}
