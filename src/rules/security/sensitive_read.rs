//! `sensitive-read`: files that give secrets away.

use std::sync::LazyLock;

use crate::lang::files::SECRETS;
use crate::lang::permissions::READ;
use crate::lint::{Check, Cx, ImpliedIntents, Sink, Watched, deny_all};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// What verify asks the kernel about.
pub const IMPLIED_INTENTS: ImpliedIntents = ImpliedIntents {
    is_for_containers: false,
    promises: || deny_all(SECRETS, "r"),
};

static WATCHED: LazyLock<Watched> = LazyLock::new(|| Watched::new(SECRETS, READ));

/// Where Kubernetes mounts the tokens of a pod.
const TOKENS: &str = "/run/secrets/kubernetes.io/";

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for exposure in WATCHED.exposures(profile, cx) {
        // A program that a profile attaches to runs on the host, where there is no such file.
        if profile.attachment.is_some() && exposure.path.starts_with(TOKENS) {
            continue;
        }
        let finding = exposure
            .finding("read", sink)
            .note(
                "an attacker who compromises the program gets the secret and can use it elsewhere",
            )
            .help(exposure.advice('r'));
        sink.report(finding);
    }
}
