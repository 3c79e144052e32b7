//! `.dockerignore`: what of a directory is not sent to a build.

use std::io;

use globset::{GlobBuilder, GlobMatcher};

/// Its name.
pub const IGNORE_FILE: &str = ".dockerignore";

/// The patterns of a `.dockerignore`, each with whether it is an exception.
#[derive(Clone, Debug, Default)]
pub struct DockerIgnore(Vec<(GlobMatcher, bool)>);

impl DockerIgnore {
    /// Reads the file.
    ///
    /// # Errors
    /// If a pattern cannot be read; the error says which one.
    pub fn read(text: &str) -> io::Result<Self> {
        let mut patterns = Vec::new();
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (pattern, is_exception) = match line.strip_prefix('!') {
                Some(pattern) => (pattern.trim(), true),
                None => (line, false),
            };
            let pattern = pattern.trim_start_matches("./").trim_matches('/');
            let glob = GlobBuilder::new(pattern).literal_separator(true).build();
            let glob = glob.map_err(|error| {
                io::Error::other(format!(
                    "`.dockerignore`: `{line}` cannot be read: {}",
                    error.kind()
                ))
            })?;
            patterns.push((glob.compile_matcher(), is_exception));
        }
        Ok(Self(patterns))
    }

    /// Whether a path, relative to the context, is left out. The last pattern that matches it or a directory above it decides.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        let above = path
            .match_indices('/')
            .filter_map(|(end, _)| path.get(..end));
        let paths: Vec<&str> = above.chain([path]).collect();
        let decides = self
            .0
            .iter()
            .rev()
            .find(|(pattern, _)| paths.iter().any(|path| pattern.is_match(path)));
        decides.is_some_and(|(_, is_exception)| !is_exception)
    }

    /// Whether something in a directory that is left out may be sent all the same.
    #[must_use]
    pub fn has_exceptions(&self) -> bool {
        self.0.iter().any(|(_, is_exception)| *is_exception)
    }
}
