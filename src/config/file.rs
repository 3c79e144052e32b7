//! The file of a configuration.

use std::sync::Arc;

use super::read::read;
use super::{Config, ConfigFault};

/// A file with a configuration, read once.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ConfigFile {
    /// Its path, as shown to people.
    pub path: String,
    /// Its text.
    pub text: String,
    /// What it says.
    pub config: Arc<Config>,
    /// What is wrong with it.
    pub faults: Vec<ConfigFault>,
}

impl ConfigFile {
    /// Reads a text.
    #[must_use]
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let (config, faults) = read(&text);
        Self {
            path: path.into(),
            text,
            config: Arc::new(config),
            faults,
        }
    }

    /// Its directory with a slash behind, or nothing.
    #[must_use]
    pub fn root(&self) -> &str {
        let end = self.path.rfind('/').map_or(0, |at| at + 1);
        self.path.get(..end).unwrap_or_default()
    }
}
