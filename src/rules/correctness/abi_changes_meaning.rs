//! `abi-changes-meaning`: the declared abi makes rules mean something else than they say.

use super::loss_words::{rules, verb};
use crate::analysis::{Loss, losses};
use crate::lang::mediation::{Mediated, Mediation, MediationSide};
use crate::lint::{Check, Cx, Sink};
use crate::policy::{AbiFile, DeclaredAbi, ProfileView};

/// What the registry runs.
pub const CHECK: Check = Check::Policy(check);

/// What to do about `unix` rules.
const UNIX: &str = "declare an abi with `af_unix` in the form that the kernel has: abi 5.0 has both forms, abi 4.0 that of Ubuntu's kernels";

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for unit in cx.units {
        let kernel = unit
            .abi
            .filter(|abi| abi.file == Some(&AbiFile::Kernel) && !unit.profiles.is_empty());
        if let Some(abi) = kernel {
            of_kernel(abi, sink);
        }
        for profile in &unit.profiles {
            let enforcement = cx.enforcement(profile);
            for loss in losses(profile, &enforcement, cx.summaries, &cx.store.sources) {
                if loss.mediation == Mediation::Downgraded(MediationSide::Abi) {
                    downgraded(&loss, profile, sink);
                }
            }
        }
    }
}

fn of_kernel(abi: DeclaredAbi<'_>, sink: &mut Sink<'_>) {
    let finding = sink
        .at(abi.span, "`abi <kernel>` takes the abi of the kernel that loads the policy")
        .note("on a newer kernel the same policy enforces more and can deny what worked; on an older one it enforces less")
        .help("name the abi that the rules were written for, such as `abi <abi/4.0>,`");
    sink.report(finding);
}

fn downgraded(loss: &Loss, profile: &ProfileView<'_>, sink: &mut Sink<'_>) {
    let profile_name = &profile.full_name;
    let (message, note, help) = match (loss.kind, loss.is_deny) {
        (Mediated::Unix, true) => (
            format!(
                "{} of `{profile_name}` cannot be enforced under its abi",
                rules(loss)
            ),
            "this abi has only `network unix` for UNIX sockets, and the parser drops a `deny unix` rule",
            UNIX,
        ),
        (Mediated::Unix, false) => (
            format!(
                "{} of `{profile_name}` {} `network unix` under its abi",
                rules(loss),
                verb(loss, "means", "mean")
            ),
            "this abi has no addresses and peers for UNIX sockets, so the rule allows any",
            UNIX,
        ),
        (_, true) => (
            format!(
                "{} of `{profile_name}` {} every address and port under its abi",
                rules(loss),
                verb(loss, "denies", "deny")
            ),
            "this abi has no addresses, and the parser drops these conditions without a warning",
            "declare an abi with `af_inet`, for example abi 5.0 or abi 4.0-ip",
        ),
        (_, false) => (
            format!(
                "{} of `{profile_name}` {} every address and port under its abi",
                rules(loss),
                verb(loss, "allows", "allow")
            ),
            "this abi has no addresses, and the parser drops these conditions without a warning",
            "declare an abi with `af_inet`, for example abi 5.0 or abi 4.0-ip",
        ),
    };
    let mut finding = sink.at(loss.first, message).note(note).help(help);
    if let Some(abi) = &profile.abi {
        finding = finding.label(abi.span, "declared here");
    }
    sink.report(finding);
}
