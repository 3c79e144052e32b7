//! Policy in the kernel: what is loaded, and how that is changed.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The kernel's side of AppArmor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kernel {
    root: PathBuf,
}

/// A profile that is loaded.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize)]
pub struct LoadedProfile {
    /// Its full name.
    pub name: String,
    /// Its mode: `enforce`, `complain`, `kill`, `unconfined`, `user`.
    pub mode: String,
}

/// The bytes that a profile was loaded from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Raw {
    /// All of them, those of the profiles loaded with it included.
    pub bytes: Vec<u8>,
    /// Their hash as the kernel gives it, lower-case hexadecimal; kernels before 6.8 have another one.
    pub sha256: Option<String>,
}

/// Why policy was not loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A profile of that name is loaded already.
    #[error("a profile of that name is loaded already")]
    Exists,
    /// The kernel refuses the policy for another reason.
    #[error(transparent)]
    Other(#[from] io::Error),
}

#[expect(
    clippy::disallowed_methods,
    reason = "the kernel shows its policy as files"
)]
impl Kernel {
    /// The kernel that shows itself in AppArmor's directory of securityfs.
    #[must_use]
    pub fn new(apparmor: &Path) -> Self {
        Self {
            root: apparmor.to_owned(),
        }
    }

    /// All profiles, children and hats.
    ///
    /// # Errors
    /// If the kernel does not show it.
    pub fn loaded(&self) -> io::Result<Vec<LoadedProfile>> {
        let text = fs::read_to_string(self.root.join("profiles"))?;
        Ok(text.lines().filter_map(LoadedProfile::read).collect())
    }

    /// The names of the namespaces below the one in which this runs.
    ///
    /// # Errors
    /// If the kernel does not show it.
    pub fn namespaces(&self) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(self.root.join("policy/namespaces")) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let name = |entry: io::Result<fs::DirEntry>| {
            entry.map(|entry| entry.file_name().to_string_lossy().into_owned())
        };
        entries.map(name).collect()
    }

    /// The bytes that a profile was loaded from; `None` if it is not loaded.
    ///
    /// # Errors
    /// If the kernel does not show it, as with `export_binary=N`.
    pub fn raw(&self, name: &str) -> io::Result<Option<Raw>> {
        let Some(directory) = self.directory(name)? else {
            return Ok(None);
        };
        let bytes = fs::read(directory.join("raw_data"))?;
        let sha256 = fs::read_to_string(directory.join("raw_sha256")).ok();
        let sha256 = sha256.map(|text| text.trim().to_owned());
        Ok(Some(Raw { bytes, sha256 }))
    }

    /// Where the kernel shows a profile. Names of directories are mangled, so the file `name` counts;
    /// children lie below their parents and bear the last part of their names.
    fn directory(&self, name: &str) -> io::Result<Option<PathBuf>> {
        let mut place = self.root.join("policy");
        let (namespace, name) = namespace_and_name(name);
        for part in namespace.split("//").filter(|part| !part.is_empty()) {
            place = place.join("namespaces").join(part);
        }
        for part in name.split("//") {
            let mut found = None;
            let profiles = place.join("profiles");
            let entries = match fs::read_dir(&profiles) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            };
            for entry in entries {
                let path = entry?.path();
                // A profile may go while we look.
                let name = fs::read_to_string(path.join("name")).unwrap_or_default();
                if name.trim_end_matches('\n') == part {
                    found = Some(path);
                    break;
                }
            }
            match found {
                Some(path) => place = path,
                None => return Ok(None),
            }
        }
        Ok(Some(place))
    }

    /// Loads policy into the kernel; fails if a profile in it is loaded already. All or nothing.
    ///
    /// # Errors
    /// If the kernel refuses.
    pub fn load_policy(&self, blob: &[u8]) -> Result<(), LoadError> {
        match self.write(".load", blob) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(LoadError::Exists),
            other => Ok(other?),
        }
    }

    /// Loads policy into the kernel in place of what bears the same names.
    ///
    /// # Errors
    /// If the kernel refuses.
    pub fn replace_policy(&self, blob: &[u8]) -> io::Result<()> {
        self.write(".replace", blob)
    }

    /// Removes a profile from the kernel, with its children. Its tasks become unconfined. `false` if it
    /// is not loaded.
    ///
    /// # Errors
    /// If the kernel refuses.
    pub fn remove_policy(&self, name: &str) -> io::Result<bool> {
        match self.write(".remove", name.as_bytes()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            other => other.map(|()| true),
        }
    }

    /// The kernel takes a request in one write or not at all.
    fn write(&self, file: &str, bytes: &[u8]) -> io::Result<()> {
        let mut file = File::options().write(true).open(self.root.join(file))?;
        if file.write(bytes)? == bytes.len() {
            Ok(())
        } else {
            Err(io::Error::other("the kernel took only a part of it"))
        }
    }

    /// The number of the last change of policy, where the kernel shows it.
    #[must_use]
    pub fn revision(&self) -> Option<String> {
        let text = first_read(&self.root.join("revision"));
        text.ok().map(|text| text.trim().to_owned())
    }
}

/// The parts of `:NAMESPACE://NAME`, as the kernel writes it; the namespace is empty for a mere name.
pub(in crate::verify) fn namespace_and_name(full: &str) -> (&str, &str) {
    let parts = full.strip_prefix(':').and_then(|rest| rest.split_once(':'));
    match parts {
        Some((namespace, name)) => (namespace, name.strip_prefix("//").unwrap_or(name)),
        None => ("", full),
    }
}

/// A second read would wait for the next change.
#[expect(
    clippy::disallowed_methods,
    reason = "the kernel shows its policy as files"
)]
fn first_read(path: &Path) -> io::Result<String> {
    let mut buffer = [0; 64];
    let length = io::Read::read(&mut File::open(path)?, &mut buffer)?;
    Ok(String::from_utf8_lossy(buffer.get(..length).unwrap_or_default()).into_owned())
}

impl LoadedProfile {
    /// The label of its tasks, as the kernel writes it.
    pub(in crate::verify) fn label(&self) -> String {
        format!("{} ({})", self.name, self.mode)
    }

    /// Reads `NAME (MODE)`; names may hold blanks and brackets themselves.
    #[must_use]
    pub fn read(line: &str) -> Option<Self> {
        let (name, mode) = line.trim_end().rsplit_once(" (")?;
        Some(Self {
            name: name.to_owned(),
            mode: mode.strip_suffix(')')?.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_look_like_modes() {
        let loaded = LoadedProfile::read("a (b) c (enforce)\n").unwrap();
        assert_eq!(
            (loaded.name.as_str(), loaded.mode.as_str()),
            ("a (b) c", "enforce")
        );
        assert_eq!(LoadedProfile::read("unconfined"), None);
    }

    #[test]
    fn names_of_namespaces() {
        assert_eq!(namespace_and_name("web"), ("", "web"));
        assert_eq!(namespace_and_name("web//hat"), ("", "web//hat"));
        assert_eq!(namespace_and_name(":a://web//hat"), ("a", "web//hat"));
        assert_eq!(namespace_and_name(":a//b:web"), ("a//b", "web"));
    }
}
