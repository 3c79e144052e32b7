//! What is verified.

/// Tiers that are verified.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Tiers {
    /// A: the kernel's query interface is asked.
    pub policy: bool,
    /// B: the system calls are made; never without A.
    pub probes: bool,
    /// C: the application runs in its container.
    pub container: bool,
}

impl Tiers {
    /// Their letters.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        let all = [
            (self.policy, "a"),
            (self.probes, "b"),
            (self.container, "c"),
        ];
        let chosen = all.into_iter().filter(|(is_chosen, _)| *is_chosen);
        chosen.map(|(_, name)| name).collect()
    }
}

impl Default for Tiers {
    /// What needs nothing but the kernel.
    fn default() -> Self {
        Self {
            policy: true,
            probes: true,
            container: false,
        }
    }
}
