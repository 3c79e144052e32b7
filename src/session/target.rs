//! The target that policy is checked for: a name, or features read from the file system.

use crate::config::Config;
use crate::lang::features::Features;
use crate::lang::keywords::suggest;
use crate::lang::targets::{Target, Version};
use crate::policy::NEWEST_PARSER;
use crate::source::{EntryKind, Vfs};

/// Deepest directory below a feature tree that is read; that of kernels is 3.
const MAX_DEPTH: usize = 8;

/// The parser that decides: that of the target that is given, or else of the configuration's, or else the newest. A kernel
/// comes with no parser.
#[must_use]
pub fn parser(given: Option<&Target>, config: &Config) -> Version {
    let named = config.target.as_ref();
    let named = named.and_then(|target| Target::named(&target.text));
    given
        .or(named.as_ref())
        .and_then(|target| target.parser)
        .unwrap_or(NEWEST_PARSER)
}

/// Finds the target that `text` means: a name of the built-in table, or else the path of a kernel's
/// feature directory (`/sys/kernel/security/apparmor/features`) or of a file in the form of an abi.
///
/// # Errors
/// What is wrong, in words.
pub fn target(vfs: &dyn Vfs, text: &str) -> Result<Target, String> {
    if let Some(target) = Target::named(text) {
        return Ok(target);
    }
    let features = match vfs.kind(text) {
        Some(EntryKind::Directory) => {
            let mut features = Features::default();
            directory(vfs, text, "", MAX_DEPTH, &mut features);
            features
        }
        Some(EntryKind::File) => {
            let bytes = vfs
                .read(text)
                .map_err(|error| format!("the target `{text}` cannot be read: {error}"))?;
            Features::parse(&String::from_utf8_lossy(&bytes))
        }
        None => return Err(unknown(text)),
    };
    if features.is_empty() {
        return Err(format!("there are no features in `{text}`"));
    }
    Ok(Target::of_kernel(
        format!("the kernel of `{text}`"),
        features,
    ))
}

fn unknown(text: &str) -> String {
    let names: Vec<&str> = Target::names().collect();
    let hint = suggest(text, names.iter().copied())
        .map(|name| format!("; did you mean `{name}`?"))
        .unwrap_or_default();
    format!(
        "there is no target `{text}`{hint}\nknown targets: {}\nor the path of a directory such as \
         /sys/kernel/security/apparmor/features",
        names.join(", ")
    )
}

/// Adds what lies below a directory; files are features, and their text the value.
fn directory(vfs: &dyn Vfs, root: &str, below: &str, depth: usize, features: &mut Features) {
    let path = format!("{}/{below}", root.trim_end_matches('/'));
    let entries = vfs
        .list(path.trim_end_matches('/'))
        .ok()
        .filter(|_| depth > 0);
    for entry in entries.unwrap_or_default() {
        let name = if below.is_empty() {
            entry.name
        } else {
            format!("{below}/{}", entry.name)
        };
        match entry.kind {
            EntryKind::Directory => directory(vfs, root, &name, depth - 1, features),
            EntryKind::File => {
                let path = format!("{}/{name}", root.trim_end_matches('/'));
                if let Ok(bytes) = vfs.read(&path) {
                    features.insert(&name, &String::from_utf8_lossy(&bytes));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::features::Support;
    use crate::source::MemoryVfs;

    #[test]
    fn names_directories_and_files() {
        let mut vfs = MemoryVfs::default();
        vfs.insert("sys/features/network_v8/af_mask", "unix inet\n");
        vfs.insert("sys/features/namespaces/pivot_root", "no\n");
        vfs.insert("abi", "dbus {mask {send\n}\n}\n");
        vfs.insert("profile", "no features");
        let kernel = |text| target(&vfs, text).unwrap().kernel.unwrap();
        assert_eq!(kernel("sys/features").has("network_v8"), Support::Yes);
        assert_eq!(kernel("sys/features/").has("namespaces"), Support::Yes);
        assert_eq!(
            kernel("sys/features").has("namespaces/pivot_root"),
            Support::No
        );
        assert_eq!(kernel("abi").has_word("dbus/mask", "send"), Support::Yes);
        assert_eq!(kernel("debian-12").has("io_uring"), Support::No);
        assert!(target(&vfs, "profile").is_err());
        let error = target(&vfs, "debian-21").unwrap_err();
        assert!(error.contains("did you mean `debian-12`"), "{error}");
        assert!(error.contains("linux-6.12"), "{error}");
    }
}
