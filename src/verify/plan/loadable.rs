//! Whether the policy of a plan is what may be loaded, and what somebody asks for.

use super::model::Plan;
use crate::lang::keywords::suggest;
use crate::verify::{Refusal, names_in_policy};

impl Plan {
    /// Whether the policy may be loaded as it is: into the namespace in which aalint runs, under names that can be
    /// shown.
    ///
    /// # Errors
    /// If a name says otherwise.
    pub fn can_be_loaded(&self) -> Result<(), Refusal> {
        for profile in &self.profiles {
            let name = &profile.name;
            let refused = |why| Refusal::OddName {
                name: name.escape_debug().to_string(),
                why,
            };
            if name.starts_with(':') {
                return Err(refused("it is for another namespace"));
            }
            if name.contains(char::is_control) {
                return Err(refused("its name holds a control character"));
            }
        }
        Ok(())
    }

    /// Whether compiled policy defines the profiles of the plan and no other.
    ///
    /// # Errors
    /// If it does not, or is no compiled policy.
    pub fn defines_all_of(&self, blob: &[u8]) -> Result<(), Refusal> {
        let names = names_in_policy(blob).map_err(|error| Refusal::Compile(error.to_string()))?;
        let more = names
            .iter()
            .find(|name| !self.profiles.iter().any(|one| one.name == **name));
        let less = self
            .profiles
            .iter()
            .find(|profile| !names.contains(&profile.name));
        let odd = match (more, less) {
            (Some(more), _) => format!("it defines `{}`", more.escape_debug()),
            (None, Some(less)) => format!("it defines no `{}`", less.name.escape_debug()),
            (None, None) => return Ok(()),
        };
        Err(Refusal::OtherProfiles(odd))
    }

    /// Whether the file defines the profile that the runtime asks for.
    ///
    /// # Errors
    /// If it does not; what it defines instead.
    pub fn defines(&self, wanted: &str) -> Result<(), Refusal> {
        let names = || self.profiles.iter().map(|profile| profile.name.as_str());
        if names().any(|name| name == wanted) {
            return Ok(());
        }
        let similar = suggest(wanted, names());
        let defined = match (similar, names().collect::<Vec<_>>().as_slice()) {
            (Some(name), _) => format!("did you mean `{name}`?"),
            (None, [only]) => format!("it defines `{only}`"),
            (None, names) => format!("it defines `{}`", names.join("`, `")),
        };
        Err(Refusal::Name {
            path: self.path.clone(),
            wanted: wanted.to_owned(),
            defined,
        })
    }

    /// The names of the profiles that are loaded by themselves: children come with their parents.
    pub(in crate::verify) fn outer_names(&self) -> impl Iterator<Item = &str> {
        let outer = self.profiles.iter().filter(|profile| !profile.is_child);
        outer.map(|profile| profile.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_namespaces_and_names_that_cannot_be_shown_are_refused() {
        assert!(
            Plan::of_names(&["web", "web//:a:b", "a:b"])
                .can_be_loaded()
                .is_ok()
        );
        for name in [":ns:web", ":ns://web", ":ns:", "a\nb", "a\u{1b}[2Jb"] {
            let refused = Plan::of_names(&["web", name]).can_be_loaded().unwrap_err();
            assert!(matches!(refused, Refusal::OddName { .. }), "{name}");
            assert!(!refused.to_string().contains(char::is_control), "{name}");
        }
    }
}
