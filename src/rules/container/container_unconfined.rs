//! `container-unconfined`: containers that switch AppArmor off, or lose their profile because they are privileged.

use crate::containers::{Confinement, ContainerEngine, Stated, Workload};
use crate::lint::{Check, Cx, Sink};

/// What the registry runs.
pub const CHECK: Check = Check::Policy(check);

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for workload in cx.workloads {
        let is_privileged = workload.is_privileged == Stated::Known(true);
        match workload.confinement.last() {
            Some(Confinement::Unconfined(place)) => {
                let finding = sink
                    .at(*place, format!("{} switches AppArmor off", workload.who))
                    .note("no profile confines it, not even that of the engine")
                    .help("remove this, or name a profile that allows what the container needs");
                sink.report(finding);
            }
            Some(Confinement::Unknown(_) | Confinement::Refused(..)) => {}
            Some(Confinement::Named(name)) => {
                if is_privileged && workload.engine == ContainerEngine::Docker {
                    let finding = sink
                        .at(
                            name.place,
                            format!(
                                "{} is privileged and may lose profile `{}` when it restarts",
                                workload.who, name.text
                            ),
                        )
                        .note(
                            "Docker before April 2026 starts a privileged container again without its profile",
                        )
                        .help("remove `privileged`, and add the capabilities that the container needs");
                    sink.report(finding);
                }
            }
            Some(Confinement::RuntimeDefault(_)) | None if is_privileged => {
                sink.report(privileged(workload, sink));
            }
            Some(Confinement::RuntimeDefault(_)) | None => {}
        }
    }
}

fn privileged(workload: &Workload, sink: &Sink<'_>) -> crate::diagnostic::Diagnostic {
    let name = match workload.engine {
        ContainerEngine::Kubernetes => "`appArmorProfile` with `type: Localhost`",
        _ => "`apparmor=NAME`",
    };
    sink.at(
        workload.place,
        format!("{} is privileged, so no profile confines it", workload.who),
    )
    .note("engines apply their default profile to no privileged container")
    .help(format!(
        "remove `privileged`, or name a profile with {name}"
    ))
}
