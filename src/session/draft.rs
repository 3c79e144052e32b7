//! A first profile for a container, made of what is known of its image.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::intents::PACKS;
use crate::containers::{ContainerMountKind, ContainerView};
use crate::images::{FileAccess, FileNodeKind, ImageTree, Lookup, Need, Purpose};
use crate::lint::quoted_path;

/// Directories of libraries: all of what lies below is allowed to be read, for programs load modules from there as well.
const LIBRARY_ROOTS: [&str; 7] = [
    "/usr/local/lib64",
    "/usr/local/lib",
    "/usr/lib64",
    "/usr/lib",
    "/lib64",
    "/lib",
    "/nix/store",
];

/// Directories that hold far more than one application: a working directory or a script there says nothing of the rest.
const SHARED: [&str; 14] = [
    "",
    "/",
    "/bin",
    "/etc",
    "/home",
    "/lib",
    "/opt",
    "/root",
    "/sbin",
    "/srv",
    "/usr",
    "/usr/bin",
    "/usr/local/bin",
    "/var",
];

/// Peers that send signals to stop a container: the engine is unconfined, or has a profile of its own since AppArmor 4.0.
const SENDERS: [&str; 5] = ["unconfined", "runc", "crun", "docker", "dockerd"];

/// The lowest port that needs no capability.
const FIRST_FREE_PORT: u16 = 1024;

/// What is written for a container.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProfileDraft {
    /// The name of the profile.
    pub name: String,
    /// The text of the profile.
    pub profile: String,
    /// The text of its intents.
    pub intents: String,
    /// What of the start is not known: the profile may lack rules for it.
    pub unknown: Vec<String>,
}

impl ProfileDraft {
    /// Drafts a profile and intents.
    #[must_use]
    pub fn of(view: &ContainerView, name: &str) -> Self {
        let facts = Facts::of(view);
        let unknown: BTreeSet<String> = view
            .startups
            .iter()
            .filter_map(|startup| startup.unknown.clone())
            .collect();
        Self {
            name: name.to_owned(),
            profile: facts.profile(view, name),
            intents: facts.intents(name),
            unknown: unknown.into_iter().collect(),
        }
    }

    /// The packs of promises that a draft is tried with.
    pub fn packs() -> impl Iterator<Item = &'static str> {
        PACKS.iter().map(|(name, _)| *name)
    }
}

/// What is written down of a container, each path once, sorted.
#[derive(Default)]
struct Facts {
    /// The program that the runtime starts, and those that read scripts.
    programs: BTreeSet<String>,
    /// Programs that are executed by it.
    executed: BTreeSet<String>,
    libraries: BTreeSet<String>,
    /// Directories that are read.
    read: BTreeSet<String>,
    /// Single files that are read.
    files: BTreeSet<String>,
    /// Directories that are written.
    written: BTreeSet<String>,
    ports: BTreeSet<u16>,
}

impl Facts {
    fn of(view: &ContainerView) -> Self {
        let mut facts = Self {
            ports: view.image.config.ports.iter().copied().collect(),
            ..Self::default()
        };
        for startup in &view.startups {
            facts.programs.extend(startup.program.clone());
            for access in &startup.accesses {
                facts.access(access);
            }
        }
        let working_dir = view
            .process
            .as_ref()
            .and_then(|process| process.working_dir.as_deref());
        let working_dir = working_dir.map(|directory| directory.trim_end_matches('/'));
        if let Some(directory) = working_dir.filter(|directory| !SHARED.contains(directory)) {
            facts.read.insert(directory.to_owned());
        }
        // Scratch files are the owner's, whatever they are kept on.
        let mounts = view.mounts.iter().filter(|mount| mount.target != "/tmp");
        for mount in mounts {
            match (mount.kind, mount.is_read_only) {
                (_, true) | (ContainerMountKind::Files, _) => {
                    facts.read.insert(mount.target.clone())
                }
                (_, false) => facts.written.insert(mount.target.clone()),
            };
        }
        if let Some(tree) = view.image.trees.first() {
            let names: Vec<String> = facts
                .programs
                .union(&facts.executed)
                .flat_map(|path| names(path))
                .collect();
            for name in names {
                facts.directories_of(&name, tree);
            }
        }
        facts
    }

    fn access(&mut self, access: &FileAccess) {
        let path = access.path.trim_end_matches('/').to_owned();
        match (access.need, &access.purpose) {
            (Need::Execute, _) => {
                self.executed.insert(path);
            }
            (Need::Map, _) => {
                let root = LIBRARY_ROOTS.iter().find(|root| is_below(&path, root));
                let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
                self.libraries
                    .insert(root.map_or(directory, |root| *root).to_owned());
                self.programs.insert(access.program.clone());
            }
            (Need::Read, Purpose::Script) => {
                self.programs.insert(access.program.clone());
                let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
                match SHARED.contains(&directory) {
                    true => self.files.insert(path),
                    false => self.read.insert(directory.to_owned()),
                };
            }
            (Need::Read, Purpose::StandardLibrary(_)) => {
                let root = LIBRARY_ROOTS.iter().find(|root| is_below(&path, root));
                self.libraries
                    .insert(root.map_or(path, |root| (*root).to_owned()));
            }
            (Need::Read, _) => {
                self.files.insert(path);
            }
        }
    }

    /// What distributions keep under the name of a program.
    fn directories_of(&mut self, name: &str, tree: &ImageTree) {
        let is_directory = |path: &str| matches!(tree.lookup(path.as_bytes()), Lookup::Found(_, node) if node.kind == FileNodeKind::Directory);
        for parent in ["/etc", "/usr/share"] {
            let path = format!("{parent}/{name}");
            if is_directory(&path) {
                self.read.insert(path);
            }
        }
        for parent in ["/var/lib", "/var/log", "/var/cache", "/var/spool"] {
            let path = format!("{parent}/{name}");
            if is_directory(&path) {
                self.written.insert(path);
            }
        }
    }

    fn profile(&self, view: &ContainerView, name: &str) -> String {
        let mut out = String::new();
        let _ = writeln!(
            out,
            "# A first profile for {}, written by `aalint init`.\n\
             #\n\
             # Containers get a profile by name. It has no attachment: with one it would also confine programs of the host.\n\n\
             abi <abi/3.0>,\n\n\
             include <tunables/global>\n\n\
             profile {name} flags=(attach_disconnected, mediate_deleted) {{",
            view.who
        );
        self.programs_and_libraries(&mut out);
        self.application(&mut out);
        out.push_str(COMMON_FILES);
        self.network(&mut out);
        out.push_str("  # Signals: without these nobody could stop the container.\n");
        for sender in SENDERS {
            let _ = writeln!(out, "  signal (receive) peer={sender},");
        }
        let _ = writeln!(
            out,
            "  signal (send, receive) peer={name},\n  ptrace (read, readby) peer={name},\n"
        );
        out.push_str(DENIED);
        out.push_str("}\n");
        out
    }

    fn programs_and_libraries(&self, out: &mut String) {
        out.push_str(
            "  # Programs: the runtime starts the first one unconfined, so that it needs no `x`.\n",
        );
        for program in self.programs.difference(&self.executed) {
            let _ = writeln!(out, "  {} mr,", quoted_path(program));
        }
        for program in &self.executed {
            let _ = writeln!(out, "  {} mrix,", quoted_path(program));
        }
        out.push_str("\n  # Libraries, and what programs load from beside them.\n");
        for root in &self.libraries {
            let root = quoted_path(root);
            let _ = writeln!(out, "  {root}/{{,**}} r,\n  {root}/**.so{{,.[0-9]*}} mr,");
        }
        out.push_str("  /etc/ld.so.cache r,\n\n");
    }

    fn application(&self, out: &mut String) {
        let is_covered = |path: &String, by: &BTreeSet<String>| {
            by.iter()
                .any(|other| other != path && is_below(path, other))
        };
        out.push_str("  # The application.\n");
        for directory in self.read.difference(&self.written) {
            if !is_covered(directory, &self.read) {
                let _ = writeln!(out, "  {}{{,/,/**}} r,", quoted_path(directory));
            }
        }
        for file in &self.files {
            if !is_covered(file, &self.read) {
                let _ = writeln!(out, "  {} r,", quoted_path(file));
            }
        }
        for directory in &self.written {
            if !is_covered(directory, &self.written) {
                let _ = writeln!(out, "  {}{{,/,/**}} rwk,", quoted_path(directory));
            }
        }
        out.push('\n');
    }

    fn network(&self, out: &mut String) {
        out.push_str("  # Network: serve and connect over TCP, resolve names over UDP.\n");
        for family in ["inet", "inet6"] {
            let _ = writeln!(out, "  network {family} stream,\n  network {family} dgram,");
        }
        if self.ports.iter().any(|port| *port < FIRST_FREE_PORT) {
            out.push_str("  # A port below 1024.\n  capability net_bind_service,\n");
        }
        out.push('\n');
    }

    fn intents(&self, name: &str) -> String {
        let mut out = format!(
            "# What the profile `{name}` promises. `aalint check` holds it to that, whatever is edited in it.\n\nintent {name} {{\n"
        );
        out.push_str("  # The application can do its work.\n");
        for root in &self.libraries {
            let _ = writeln!(out, "  allow {}/** r,", quoted_path(root));
        }
        for program in &self.executed {
            let _ = writeln!(out, "  allow {} x,", quoted_path(program));
        }
        out.push_str(
            "  allow network inet stream,\n  allow signal receive peer=unconfined,\n\n  \
             # It changes nothing of its own programs and configuration, and nothing of the kernel.\n  \
             deny /{bin,boot,etc,lib,lib64,root,sbin,usr}/** w,\n  deny /proc/sys/** w,\n  deny /sys/** w,\n  \
             deny capability sys_admin,\n  deny mount,\n  deny network raw,\n  deny network packet,\n}\n",
        );
        out
    }
}

/// What nearly every program reads and writes.
const COMMON_FILES: &str = "  # What the C library looks up, file by file.
  /etc/{hosts,resolv.conf,nsswitch.conf,hostname,host.conf,gai.conf} r,
  /etc/{localtime,timezone,mime.types,passwd,group} r,
  /etc/ssl/openssl.cnf r,
  /etc/ssl/certs/{,**} r,
  /usr/share/{locale,zoneinfo,ca-certificates}/{,**} r,

  # Devices, scratch files, the kernel's own files.
  /dev/null rw,
  /dev/{zero,full,random,urandom} r,
  /dev/{console,tty} rw,
  /dev/pts/[0-9]* rw,
  owner /tmp/** rwk,
  owner @{PROC}/@{pid}/fd/ r,
  owner @{PROC}/@{pid}/{stat,status,mounts} r,
  @{PROC}/sys/vm/overcommit_memory r,
  /sys/devices/system/cpu/online r,

";

/// What stays refused whatever is added later.
const DENIED: &str =
    "  # Refused already, for want of a rule. These keep it refused whatever is added above.
  audit deny capability sys_admin,
  audit deny mount,
  # With a mount point: without one, the parser of Debian 12 lets all of these three pass.
  audit deny umount /{,**},
  audit deny pivot_root,
  audit deny /etc/{shadow,gshadow,sudoers}{,-} rwklx,
  audit deny /etc/{sudoers.d,ssh,ssl/private}/{,**} rwklx,
  deny @{PROC}/{kcore,kmem,mem,sysrq-trigger} rwkl,
  deny @{PROC}/sys/** wkl,
  deny /sys/** wkl,
";

fn is_below(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// Under which names a distribution keeps what belongs to a program: its own, and that of its family.
fn names(program: &str) -> Vec<String> {
    let name = program.rsplit('/').next().unwrap_or_default();
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let family = stem
        .strip_suffix("-server")
        .or_else(|| stem.strip_suffix('d'));
    let of_program = match stem {
        "postgres" => Some("postgresql"),
        "mysqld" | "mariadbd" => Some("mysql"),
        _ => None,
    };
    // Shells and interpreters have nothing of the application.
    let is_interpreter = matches!(
        stem,
        "sh" | "dash" | "bash" | "busybox" | "env" | "python" | "perl" | "node"
    );
    let all = [Some(stem), family, of_program].into_iter().flatten();
    all.filter(|name| !is_interpreter && !name.is_empty())
        .map(str::to_owned)
        .collect()
}
