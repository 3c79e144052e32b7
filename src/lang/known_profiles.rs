//! Profiles that programs make or bring along themselves: whose they are, and what to do instead of a rule in them.

/// A profile, or a kind of profiles, that a program brings along.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct KnownProfile {
    name: ProfileNames,
    /// Where the profile comes from, as a sentence behind its name: `is Docker's default profile for containers`.
    pub origin: &'static str,
    /// What to do about a refusal, as a request.
    pub advice: &'static str,
}

/// Names of profiles.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum ProfileNames {
    /// This one.
    Is(&'static str),
    /// Those that begin so.
    Begins(&'static str),
    /// Those that begin so and name a directory, as the managers of system containers write them: `lxd-web_</var/lib/lxd>`.
    OfDirectory(&'static str),
    /// Those that end with a UUID behind this.
    OfUuid(&'static str),
}

use ProfileNames::{Begins, Is, OfDirectory, OfUuid};

const fn known(name: ProfileNames, origin: &'static str, advice: &'static str) -> KnownProfile {
    KnownProfile {
        name,
        origin,
        advice,
    }
}

const KUBERNETES: &str =
    "give the container a profile of its own with `appArmorProfile` in its `securityContext`";
const LXC: &str =
    "set another profile with `lxc.apparmor.profile` in the configuration of the container";
const RAW: &str = "add the rule with `raw.apparmor` in the configuration of the instance";

/// The table. Names are those that the programs' sources give.
const KNOWN: &[KnownProfile] = &[
    known(
        Is("docker-default"),
        "is Docker's default profile for containers; Docker makes it when it starts",
        "give the container a profile of its own: `docker run --security-opt apparmor=NAME`",
    ),
    known(
        Is("cri-containerd.apparmor.d"),
        "is containerd's default profile for the containers of Kubernetes; containerd makes it",
        KUBERNETES,
    ),
    known(
        Begins("crio-default"),
        "is CRI-O's default profile for containers; CRI-O makes it",
        KUBERNETES,
    ),
    known(
        Begins("containers-default-"),
        "is the default profile of Podman and Buildah for containers; they make it",
        "give the container a profile of its own: `podman run --security-opt apparmor=NAME`",
    ),
    known(
        Is("nerdctl-default"),
        "is nerdctl's default profile for containers; nerdctl makes it",
        "give the container a profile of its own: `nerdctl run --security-opt apparmor=NAME`",
    ),
    known(
        Begins("lxc-container-default"),
        "is a default profile for containers that LXC brings along in /etc/apparmor.d/lxc",
        LXC,
    ),
    known(
        OfDirectory("lxc-"),
        "is a profile that LXC makes for one container",
        "add the rule with `lxc.apparmor.raw` in the configuration of the container",
    ),
    known(
        OfDirectory("lxd-"),
        "is a profile that LXD makes for one instance",
        RAW,
    ),
    known(
        OfDirectory("incus-"),
        "is a profile that Incus makes for one instance",
        RAW,
    ),
    known(
        Begins("snap."),
        "is a profile that snapd makes in /var/lib/snapd/apparmor/profiles",
        "connect the interface that the snap needs; `snap connections` lists them",
    ),
    known(
        Begins("snap-update-ns."),
        "is a profile that snapd makes in /var/lib/snapd/apparmor/profiles",
        "connect the interface that the snap needs; `snap connections` lists them",
    ),
    known(
        OfUuid("libvirt-"),
        "is a profile that libvirt makes for one virtual machine, in /etc/apparmor.d/libvirt",
        "change the definition of the virtual machine: libvirt makes the profile from it",
    ),
    known(
        Is("unprivileged_userns"),
        "is Ubuntu's profile for programs that make a user namespace and have no profile of their own",
        "write a profile for the program that allows `userns,`",
    ),
];

/// What is known of the profile with a name; a child or hat counts as its profile.
#[must_use]
pub fn known_profile(name: &str) -> Option<&'static KnownProfile> {
    let outer = name.split("//").next().unwrap_or(name);
    KNOWN.iter().find(|known| match known.name {
        Is(name) => outer == name,
        Begins(start) => outer.starts_with(start),
        // The directory has slashes, of which two may follow each other.
        OfDirectory(start) => name.starts_with(start) && name.contains("_<"),
        OfUuid(start) => outer.strip_prefix(start).is_some_and(is_uuid),
    })
}

/// Whether a text has the form of a UUID.
fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let mut letters = text.chars();
    lengths == [8, 4, 4, 4, 12] && letters.all(|c| c.is_ascii_hexdigit() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known() {
        let origin = |name: &str| known_profile(name).map_or("", |known| known.origin);
        assert!(origin("docker-default").contains("Docker"));
        assert!(origin("docker-default//child").contains("Docker"));
        assert_eq!(origin("docker-default-2"), "");
        assert!(origin("cri-containerd.apparmor.d").contains("containerd"));
        assert!(origin("containers-default-0.57.4").contains("Podman"));
        assert!(origin("lxc-container-default-cgns").contains("/etc/apparmor.d/lxc"));
        assert!(origin("lxc-web_</var/lib/lxc>").contains("one container"));
        assert_eq!(origin("lxc-start"), "");
        assert!(origin("lxd-web_</var/snap/lxd/common/lxd>").contains("LXD"));
        assert!(origin("snap.firefox.firefox").contains("snapd"));
        assert_eq!(origin("snapper"), "");
        let machine = "libvirt-6f1b5ac4-3f5d-4bb0-9c0e-0c6d1a2b3c4d";
        assert!(origin(machine).contains("virtual machine"));
        assert_eq!(origin("libvirt-dbus"), "");
        assert_eq!(origin("web"), "");
    }
}
