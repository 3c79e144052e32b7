//! Which files are policy, and which cannot be judged.
//!
//! Nothing is passed over in silence: a file is judged, or it is left out and counted, or it is named
//! with the reason why it cannot be judged.

use rustc_hash::FxHashSet;

use super::embedded;
use super::failure::failure;
use super::kind::{self, Looks, name};
use crate::containers::{self, EmbeddedKind, Manifest};
use crate::lint::is_intents;
use crate::policy::is_ignored;
use crate::source::{Budget, Snapshot, Vfs, VfsError, embedded_path, masked, split_embedded};

/// Most links to directories that a note names.
const MAX_NAMED: usize = 8;

/// What a file is checked as.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum InputKind {
    /// AppArmor policy.
    Policy,
    /// A compose file or Kubernetes manifest: names profiles.
    Manifest(Manifest),
}

/// A file to check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Input {
    /// Its path.
    pub path: String,
    /// What it is.
    pub kind: InputKind,
}

/// A file that may be one to check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// Its path.
    pub path: String,
    /// Length of the part of `path` that somebody named.
    pub named: usize,
    /// Why it is known already that it cannot be read.
    pub obstacle: Option<String>,
}

/// What was left out, and why that is well.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LeftOut {
    /// Files that are plainly something else.
    pub others: usize,
    /// Files that the configuration excludes.
    pub excluded: usize,
    /// Whether all that was named is files that the configuration excludes, as a hook names them that
    /// knows nothing of the configuration.
    pub is_excluded_by_name: bool,
    /// Files that AppArmor passes over too: in `disable`, or called `…~`, `….dpkg-old` and the like.
    pub inactive: usize,
    /// Files in which profiles might be named and which cannot be read, and why.
    pub unreadable: Vec<(String, String)>,
    /// Files and directories that a `.gitignore` names.
    pub ignored: usize,
    /// Links to directories outside of what was named, which are not followed.
    pub unwalked: Vec<String>,
    /// Policy in manifests that is not judged: the file, and why.
    pub unjudged: Vec<(String, String)>,
}

/// What became of candidates.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Collected {
    /// Those to check, in the order in which they came.
    pub inputs: Vec<Input>,
    /// The paths of those that a directory around them brought, not a person.
    pub found: FxHashSet<String>,
    /// The paths of all that were looked at.
    pub looked_at: FxHashSet<String>,
    /// Those that cannot be judged although they were named, lie where policy lies or look like a
    /// profile, and why.
    pub failures: Vec<(String, String)>,
    /// The others.
    pub left_out: LeftOut,
}

/// What a file is to those who look for policy.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Sort {
    Input(InputKind),
    /// Plainly something else.
    Other,
    /// Passed over by AppArmor too.
    Inactive,
    /// Cannot be judged, and why.
    Unjudged(String),
}

impl Candidate {
    /// Whether somebody named it, instead of a directory around it.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.named == self.path.len()
    }

    /// The part of the path that the walk found.
    fn found(&self) -> &str {
        self.path.get(self.named..).unwrap_or_default()
    }
}

/// What a file found in a directory is; `None` if it is not for this program. `text` is its
/// beginning at least.
#[must_use]
pub fn classify(path: &str, text: &str) -> Option<InputKind> {
    let candidate = Candidate {
        path: path.to_owned(),
        named: 0,
        obstacle: None,
    };
    match sort(&candidate, text.as_bytes()) {
        Sort::Input(kind) => Some(kind),
        Sort::Other | Sort::Inactive | Sort::Unjudged(_) => None,
    }
}

/// Reads candidates and sorts them; of those that are neither judged nor lie beside policy, where it may name them,
/// nothing is kept. `is_excluded` says of a path whether the configuration excludes it.
pub fn collect(
    files: &Snapshot<'_>,
    candidates: impl IntoIterator<Item = Candidate>,
    is_excluded: &dyn Fn(&str) -> bool,
) -> Collected {
    let budgets = (Budget::of_policy(), Budget::of_looks());
    collect_within(budgets, files, candidates, is_excluded)
}

/// The policy in a file that somebody named: the file itself, or each policy in it if it is a manifest.
#[must_use]
pub fn policy_at(files: &Snapshot<'_>, path: &str) -> Vec<String> {
    let itself = vec![path.to_owned()];
    if !kind::is_yaml(name(path)) {
        return itself;
    }
    let candidate = Candidate {
        path: path.to_owned(),
        named: path.len(),
        obstacle: None,
    };
    let found = collect(files, [candidate], &|_| false).policy();
    match found.is_empty() {
        true => itself,
        false => found,
    }
}

/// The same with other limits: of what is kept to be judged, and of what is looked at.
fn collect_within(
    (mut kept, mut looked): (Budget, Budget),
    files: &Snapshot<'_>,
    candidates: impl IntoIterator<Item = Candidate>,
    is_excluded: &dyn Fn(&str) -> bool,
) -> Collected {
    let mut all = Collected::default();
    let mut beside = Budget::of_policy();
    // Those that can only be told by what lies beside them.
    let mut unread: Vec<(Candidate, String)> = Vec::new();
    let mut has_others = false;
    for candidate in candidates {
        all.looked_at.insert(candidate.path.clone());
        let is_excluded = is_excluded(&candidate.path);
        has_others |= !is_excluded || !candidate.is_named();
        if is_excluded {
            all.left_out.excluded += 1;
            continue;
        }
        if let Some(why) = &candidate.obstacle {
            unread.push((candidate.clone(), why.clone()));
            continue;
        }
        let path = candidate.path.as_str();
        let was_known = files.holds(path);
        let sorted = match read(files, path, &mut looked) {
            Ok(bytes) => {
                let sorted = match sort(&candidate, &bytes) {
                    Sort::Input(kind) => match kept.take(bytes.len()) {
                        Ok(()) => Sort::Input(kind),
                        Err(beyond) => Sort::Unjudged(failure(&beyond)),
                    },
                    sorted => sorted,
                };
                let is_kept = matches!(sorted, Sort::Input(_))
                    || was_known
                    || may_be_named_by_policy(path) && beside.take(bytes.len()).is_ok();
                if !is_kept {
                    files.release(path);
                }
                if sorted == Sort::Input(InputKind::Manifest(Manifest::Kubernetes)) {
                    all.enter_parts(files, &candidate, &bytes, &mut kept);
                }
                sorted
            }
            Err(error) => match oversize(files, &candidate, &error) {
                Some(sorted) => sorted,
                None => {
                    unread.push((candidate, failure(&error)));
                    continue;
                }
            },
        };
        all.enter(candidate, sorted);
    }
    all.tell_unread(unread);
    all.left_out.is_excluded_by_name = !has_others && all.left_out.excluded > 0;
    all
}

/// Whether policy beside a file may include it, or name it as its abi.
fn may_be_named_by_policy(path: &str) -> bool {
    is_where_policy_lies(path) || is_beside_policy(path)
}

/// The bytes of a file, if it is within what a run looks at.
fn read(vfs: &dyn Vfs, path: &str, looked: &mut Budget) -> Result<Vec<u8>, VfsError> {
    if looked.is_spent() {
        return Err(looked.beyond());
    }
    let bytes = vfs.read(path)?;
    looked.take(bytes.len()).map(|()| bytes)
}

impl LeftOut {
    /// What the configuration excludes, for those to whom that is not plain.
    #[must_use]
    pub fn excluded_note(&self) -> Option<String> {
        match self.excluded {
            0 => None,
            1 => Some("1 file is left out: the configuration excludes it".to_owned()),
            count => Some(format!(
                "{count} files are left out: the configuration excludes them"
            )),
        }
    }

    /// What a `.gitignore` names, for those to whom that is not plain.
    #[must_use]
    pub fn ignored_note(&self) -> Option<String> {
        match self.ignored {
            0 => None,
            1 => Some("1 file or directory is left out: .gitignore names it".to_owned()),
            count => Some(format!(
                "{count} files and directories are left out: .gitignore names them"
            )),
        }
    }

    /// One note for all links to directories outside.
    #[must_use]
    pub fn unwalked_note(&self) -> Option<String> {
        let (first, rest) = self.unwalked.split_first()?;
        let named = rest.iter().take(MAX_NAMED - 1);
        let named = named.map(|path| format!(", `{path}`")).collect::<String>();
        let more = match self.unwalked.len().saturating_sub(MAX_NAMED) {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        Some(match rest.is_empty() {
            true => format!("`{first}` is not followed: it is a link to a directory outside"),
            false => format!(
                "{} links to directories outside are not followed: `{first}`{named}{more}",
                self.unwalked.len()
            ),
        })
    }

    /// A note for each policy in a manifest that is not judged, as far as these can be named.
    pub fn unjudged_notes(&self) -> impl Iterator<Item = String> {
        let named = self.unjudged.iter().take(MAX_NAMED);
        let notes = named.map(|(path, why)| format!("`{path}`: {why}"));
        let more = self.unjudged.len().saturating_sub(MAX_NAMED);
        let more = (more > 0).then(|| format!("and {more} more in manifests are not judged"));
        notes.chain(more)
    }

    /// One note for all that cannot be read.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        let (path, why) = self.unreadable.first()?;
        Some(match self.unreadable.len() {
            1 => format!(
                "`{path}` is not looked at ({why}): profiles that it may name are not compared"
            ),
            count => format!(
                "{count} files are not looked at (such as `{path}`: {why}): profiles that they may name \
                 are not compared"
            ),
        })
    }
}

impl Collected {
    /// The paths of those that hold policy.
    #[must_use]
    pub fn policy(&self) -> Vec<String> {
        let inputs = self.inputs.iter();
        let policy = inputs.filter(|input| input.kind == InputKind::Policy);
        policy.map(|input| input.path.clone()).collect()
    }

    /// The paths of those that hold policy, and the rest. A manifest that was named is no policy.
    #[must_use]
    pub fn into_policy(mut self) -> (Vec<String>, Self) {
        let paths = self.policy();
        let parts = paths.iter().map(|path| split_embedded(path));
        let parts = parts.filter(|(_, part)| part.is_some());
        let holding: FxHashSet<&str> = parts.map(|(file, _)| file).collect();
        for input in std::mem::take(&mut self.inputs) {
            let is_for_policy =
                input.kind == InputKind::Policy || holding.contains(input.path.as_str());
            if !is_for_policy && !self.found.contains(&input.path) {
                let why = "is no AppArmor profile";
                self.failures.push((input.path, why.to_owned()));
            }
        }
        (paths, self)
    }

    /// Enters the policy that a manifest holds: each text of it is a file of its own with the lines of the manifest.
    fn enter_parts(
        &mut self,
        files: &Snapshot<'_>,
        candidate: &Candidate,
        bytes: &[u8],
        kept: &mut Budget,
    ) {
        let text = String::from_utf8_lossy(bytes);
        for policy in embedded::policies(&text) {
            let file = candidate.path.clone();
            if let Some(why) = embedded::obstacle(&policy) {
                let why = match files.is_outside(&file) {
                    true => "it holds policy that is not judged".to_owned(),
                    false => why,
                };
                self.left_out.unjudged.push((file, why));
                continue;
            }
            let EmbeddedKind::InPlace(range, _) = policy.kind else {
                continue;
            };
            if let Err(beyond) = kept.take(range.end as usize) {
                self.failures.push((file, failure(&beyond)));
                return;
            }
            let path = embedded_path(&file, range);
            files.insert(&path, masked(&text, range).into_bytes());
            if !candidate.is_named() {
                self.found.insert(path.clone());
            }
            let kind = InputKind::Policy;
            self.inputs.push(Input { path, kind });
        }
    }

    fn enter(&mut self, candidate: Candidate, sorted: Sort) {
        let is_named = candidate.is_named();
        match sorted {
            Sort::Input(kind) => {
                if !is_named {
                    self.found.insert(candidate.path.clone());
                }
                let path = candidate.path;
                self.inputs.push(Input { path, kind });
            }
            Sort::Unjudged(why) => self.failures.push((candidate.path, why)),
            Sort::Other if is_named => {
                let why = "is no AppArmor profile, nor a file that names one";
                self.failures.push((candidate.path, why.to_owned()));
            }
            Sort::Other => self.left_out.others += 1,
            Sort::Inactive => self.left_out.inactive += 1,
        }
    }

    /// What cannot be read is told by its name, its place, and what lies beside it.
    fn tell_unread(&mut self, unread: Vec<(Candidate, String)>) {
        let policy = self.policy();
        let beside: FxHashSet<&str> = policy.iter().map(|path| directory(path)).collect();
        for (candidate, why) in unread {
            let name = name(&candidate.path);
            if candidate.is_named() {
                self.failures.push((candidate.path, why));
            } else if is_inactive(&candidate) {
                self.left_out.inactive += 1;
            } else if kind::is_yaml(name) {
                self.left_out.unreadable.push((candidate.path, why));
            } else if kind::is_other(name) {
                self.left_out.others += 1;
            } else if is_where_policy_lies(&candidate.path)
                || beside.contains(directory(&candidate.path))
                || kind::is_name_of_profile(name)
            {
                self.failures.push((candidate.path, why));
            } else {
                self.left_out.unreadable.push((candidate.path, why));
            }
        }
    }
}

fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// Directories whose files AppArmor does not load.
fn is_inactive(candidate: &Candidate) -> bool {
    let found = candidate.found();
    let is_switch = |part: &str| matches!(part, "disable" | "force-complain");
    is_ignored(name(found)) || directory(found).split('/').any(is_switch)
}

/// Whether a path lies in a directory that is meant for policy by its name.
fn is_where_policy_lies(path: &str) -> bool {
    let directory = directory(path);
    let mut parts = directory.split('/');
    let is_tree = parts.any(|part| matches!(part, "apparmor.d" | "abstractions" | "tunables"));
    // What is called so may hold sources of all kinds further down.
    let is_beside = matches!(name(directory), "apparmor" | "apparmor-profiles");
    (is_tree || is_beside) && !is_beside_policy(path)
}

/// Whether it lies in a directory of a policy tree that holds no policy.
fn is_beside_policy(path: &str) -> bool {
    directory(path)
        .split('/')
        .any(|part| matches!(part, "abi" | "abi_stub" | "cache" | "cache.d"))
}

fn sort(candidate: &Candidate, bytes: &[u8]) -> Sort {
    let path = candidate.path.as_str();
    let (name, is_named) = (name(path), candidate.is_named());
    let text = String::from_utf8_lossy(bytes);
    if !is_named && is_inactive(candidate) {
        return Sort::Inactive;
    }
    if let Some(kind) = containers::classify(path, &text) {
        return Sort::Input(InputKind::Manifest(kind));
    }
    if is_intents(name) {
        return Sort::Input(InputKind::Policy);
    }
    if kind::is_binary(bytes) {
        return Sort::Other;
    }
    let may_be_policy = !kind::is_other(name) || kind::may_be_policy(name, &text);
    match kind::looks(&text) {
        Looks::Policy if may_be_policy => return Sort::Input(InputKind::Policy),
        Looks::Wide if may_be_policy => {
            let why =
                "is UTF-16 or UTF-32 text, which apparmor_parser does not read; save it as UTF-8";
            return Sort::Unjudged(why.to_owned());
        }
        Looks::WithNul if may_be_policy => {
            let why = "holds NUL bytes, without which it would be a profile";
            return Sort::Unjudged(why.to_owned());
        }
        _ => {}
    }
    if kind::is_other(name) || text.starts_with("#!/") {
        // Who names a file wants it read, if it can be read as policy at all.
        return match is_named && kind::is_policy_for_sure(&text) {
            true => Sort::Input(InputKind::Policy),
            false => Sort::Other,
        };
    }
    let is_there = is_where_policy_lies(path);
    if text.contains('\0') {
        return match is_named || is_there {
            true => Sort::Unjudged("is no text".to_owned()),
            false => Sort::Other,
        };
    }
    let directory = directory(path);
    let is_statement = (kind::is_generic_place(directory) || is_there)
        && !is_beside_policy(path)
        && kind::has_statement(&text);
    // What stands there by itself is loaded.
    match is_statement || is_named || kind::name(directory) == "apparmor.d" {
        true => Sort::Input(InputKind::Policy),
        false => Sort::Other,
    }
}

/// What a file is that is too large to be judged; `None` if it is not its size that is in the way, or
/// nothing in it tells.
fn oversize(vfs: &dyn Vfs, candidate: &Candidate, error: &VfsError) -> Option<Sort> {
    let VfsError::TooLarge(_) = error else {
        return None;
    };
    let unjudged = Sort::Unjudged(failure(error));
    let Ok(bytes) = vfs.beginning(&candidate.path) else {
        return Some(unjudged);
    };
    let name = name(&candidate.path);
    if candidate.is_named() || is_inactive(candidate) || kind::is_other(name) {
        return None;
    }
    if kind::is_binary(&bytes) {
        return Some(Sort::Other);
    }
    if kind::begins_as_policy(&bytes) {
        return Some(unjudged);
    }
    let is_text = !bytes.contains(&0) || is_where_policy_lies(&candidate.path);
    (!is_text).then_some(Sort::Other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemoryVfs;

    /// What becomes of ten profiles and ten other files, each of 40 bytes.
    fn collected(kept: Budget, looked: Budget) -> Collected {
        let mut vfs = MemoryVfs::default();
        let mut candidates = Vec::new();
        for number in 0..10 {
            for (name, text) in [("apparmor.d/p", "profile p {\n}\n"), ("x.py", "x = 1\n")] {
                let path = format!("{number}/{name}");
                vfs.insert(path.clone(), format!("{text:40}"));
                candidates.push(Candidate {
                    path,
                    named: 0,
                    obstacle: None,
                });
            }
        }
        collect_within((kept, looked), &Snapshot::new(&vfs), candidates, &|_| false)
    }

    #[test]
    fn what_is_beyond_the_limits_is_named() {
        let all = Budget::new(u64::MAX, usize::MAX);
        for (kept, count) in [
            (Budget::new(400, 10), 10),
            (Budget::new(399, 10), 9),
            (Budget::new(400, 9), 9),
            (Budget::new(39, 10), 0),
        ] {
            let found = collected(kept, all.clone());
            assert_eq!(
                (found.inputs.len(), found.failures.len()),
                (count, 10 - count)
            );
            assert_eq!(found.left_out.others, 10);
            let mut reasons = found.failures.iter().map(|(_, why)| why);
            assert!(reasons.all(|why| why.contains("beyond what aalint reads in a run")));
        }
        for (looked, count) in [
            (Budget::new(800, 20), 10),
            (Budget::new(799, 20), 10),
            (Budget::new(120, 20), 2),
            (Budget::new(800, 1), 1),
        ] {
            let found = collected(all.clone(), looked);
            // A file with the name of something else is not for this program even then.
            assert_eq!(
                (found.inputs.len(), found.failures.len()),
                (count, 10 - count)
            );
            assert_eq!(found.left_out.others, 10);
        }
    }
}
