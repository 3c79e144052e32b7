//! `owner-never-matches`: `owner` on files that belong to root.

use crate::diagnostic::Applicability;
use crate::glob::{alternatives, literal_prefix};
use crate::lint::{Check, Cx, Sink, word_with_gap};
use crate::policy::ProfileView;
use crate::syntax::ast::{Body, Owner};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Most alternatives of one path that are looked at.
const MAX_ALTERNATIVES: usize = 32;

/// Trees in which every file belongs to root: the kernel makes them so (proc_sys_make_inode in
/// fs/proc/proc_sysctl.c). What belongs to namespaces, as `/proc/sys/net/`, may belong to the user who made
/// the namespace, and directories as `/tmp/` do so in a sandbox.
const TREES: &[&str] = &[
    "/proc/sys/abi/",
    "/proc/sys/crypto/",
    "/proc/sys/debug/",
    "/proc/sys/dev/",
    "/proc/sys/fs/",
    "/proc/sys/kernel/",
    "/proc/sys/vm/",
    "/sys/firmware/",
    "/sys/kernel/mm/",
    "/sys/module/",
];

/// What in these trees belongs to namespaces (ipc/ipc_sysctl.c, ipc/mq_sysctl.c).
const OF_NAMESPACES: &[&str] = &[
    "/proc/sys/fs/mqueue/",
    "/proc/sys/kernel/auto_msgmni",
    "/proc/sys/kernel/msg",
    "/proc/sys/kernel/sem",
    "/proc/sys/kernel/shm",
];

/// Files of the kernel that belong to root, proc(5).
const FILES: &[&str] = &[
    "/proc/cmdline",
    "/proc/cpuinfo",
    "/proc/devices",
    "/proc/diskstats",
    "/proc/filesystems",
    "/proc/kcore",
    "/proc/kmsg",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/modules",
    "/proc/partitions",
    "/proc/stat",
    "/proc/swaps",
    "/proc/uptime",
    "/proc/version",
    "/proc/vmstat",
    "/proc/zoneinfo",
];

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for fact in profile
        .own_facts(cx.summaries)
        .filter(|fact| fact.owner == Some(Owner::Owner))
    {
        let Body::File(rule) = &fact.rule.body else {
            continue;
        };
        let Some(path) = cx.expand(profile, fact, rule.path) else {
            continue;
        };
        let Some(all) = alternatives(&path, MAX_ALTERNATIVES) else {
            continue;
        };
        let Some(example) = all
            .first()
            .filter(|_| all.iter().all(|one| is_of_root(one)))
        else {
            continue;
        };
        let place = rule.path.0.in_file(fact.file);
        let written = cx.slice(place);
        let shown = if example == written {
            String::new()
        } else {
            format!(", such as `{example}`,")
        };
        let mut finding = sink
            .at(
                cx.span(fact),
                format!("`owner` never matches for `{written}` unless the program runs as root"),
            )
            .note(format!("the files{shown} belong to root, and `owner` matches only files of the program's own user"))
            .help("remove `owner`, unless the access is meant for root alone");
        if let Some((_, range)) = fact.rule.qualifiers.owner {
            let gone = word_with_gap(cx.store.sources.get(fact.file), range);
            finding = finding
                .label(
                    range.in_file(fact.file),
                    "compares the file's user with the program's",
                )
                .replace(
                    Applicability::Unsafe,
                    "remove `owner`",
                    gone.in_file(fact.file),
                    "",
                );
        }
        sink.report(finding);
    }
}

fn is_of_root(path: &str) -> bool {
    let prefix = literal_prefix(path);
    let may_be = |of_namespace: &&str| {
        prefix.starts_with(*of_namespace) || prefix != path && of_namespace.starts_with(prefix)
    };
    FILES.contains(&path)
        || TREES.iter().any(|tree| prefix.starts_with(tree)) && !OF_NAMESPACES.iter().any(may_be)
}
