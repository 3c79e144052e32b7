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

/// Directories of libraries that interpreters read, and nothing maps.
const SCRIPT_LIBRARIES: [&str; 1] = ["/usr/share/nodejs"];

/// Where distributions keep what a program writes, in a directory of its name (Filesystem Hierarchy Standard, chapter 5).
const WRITTEN: [&str; 4] = ["/var/cache", "/var/lib", "/var/log", "/var/spool"];

/// Where distributions keep what web servers serve, and the ports of these.
const WEB_ROOT: &str = "/var/www";
const WEB_PORTS: [u16; 4] = [80, 443, 8080, 8443];

/// Where distributions keep the keys of servers.
const KEYS: &[u8] = b"etc/ssl/private";

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
    /// Rules that the container may turn out to need: a pack that forbids one is not promised.
    pub perhaps: Vec<String>,
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
            perhaps: Vec::from_iter(facts.has_keys.then(|| "/etc/ssl/private/** r,".to_owned())),
        }
    }

    /// The profile with the rules that it may turn out to need.
    #[must_use]
    pub fn at_most(&self) -> String {
        let rules: String = self
            .perhaps
            .iter()
            .map(|rule| format!("  {rule}\n"))
            .collect();
        let body = self.profile.trim_end().trim_end_matches('}');
        format!("{body}{rules}}}\n")
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
    /// Names under which a program that runs keeps its process number and its sockets below `/run`.
    running: BTreeSet<String>,
    ports: BTreeSet<u16>,
    /// Whether it starts as root among files of other users.
    serves_others: bool,
    /// Whether the image has keys where distributions keep those of servers.
    has_keys: bool,
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
            facts.of_distribution(view, tree);
        }
        facts
    }

    /// What the layout of distributions says.
    fn of_distribution(&mut self, view: &ContainerView, tree: &ImageTree) {
        let called = view.startups.iter().flat_map(|startup| &startup.called);
        let paths = self.programs.union(&self.executed).chain(called);
        let names: BTreeSet<String> = paths.flat_map(|path| names(path)).collect();
        for name in &names {
            self.directories_of(name, tree);
        }
        let is_web = self.ports.iter().any(|port| WEB_PORTS.contains(port));
        if is_web && is_directory(tree, WEB_ROOT) {
            self.read.insert(WEB_ROOT.to_owned());
        }
        self.has_keys = tree.below(KEYS).next().is_some();
        self.serves_others = view.user_id() == Some(0) && self.has_files_of_others(tree);
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
                let root = |roots: &[&str]| {
                    roots
                        .iter()
                        .find(|root| is_below(&path, root))
                        .map(|root| (*root).to_owned())
                };
                match root(&SCRIPT_LIBRARIES) {
                    Some(root) => self.read.insert(root),
                    None => self.libraries.insert(root(&LIBRARY_ROOTS).unwrap_or(path)),
                };
            }
            (Need::Read, _) => {
                self.files.insert(path);
            }
        }
    }

    /// What distributions keep under the name of a program.
    fn directories_of(&mut self, name: &str, tree: &ImageTree) {
        let below = |parents: &[&str]| -> Vec<String> {
            let paths = parents.iter().map(|parent| format!("{parent}/{name}"));
            paths.filter(|path| is_directory(tree, path)).collect()
        };
        let (read, written) = (below(&["/etc", "/usr/share"]), below(&WRITTEN));
        // Few images have what lies below `/run`: it is made when a machine starts (chapter 3.15).
        if !(read.is_empty() && written.is_empty() && below(&["/run"]).is_empty()) {
            self.running.insert(name.to_owned());
        }
        self.read.extend(read);
        self.written.extend(written);
    }

    /// Whether another user than root has files in the directories that are written.
    fn has_files_of_others(&self, tree: &ImageTree) -> bool {
        let mut others = tree
            .iter()
            .filter(|(_, node)| node.owner.is_some_and(|owner| owner.user != 0));
        others.any(|(path, _)| {
            let path = format!("/{}", String::from_utf8_lossy(path));
            self.written
                .iter()
                .any(|directory| path == *directory || is_below(&path, directory))
        })
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
        self.network(name, &mut out);
        self.users(&mut out);
        out.push_str("  # Signals: without these nobody could stop the container.\n");
        for sender in SENDERS {
            let _ = writeln!(out, "  signal (receive) peer={sender},");
        }
        let _ = writeln!(
            out,
            "  signal (send, receive) peer={name},\n  ptrace (read, readby) peer={name},\n"
        );
        out.push_str(DENIED);
        out.push_str(if self.has_keys { OWN_KEYS } else { NO_KEYS });
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
        for name in &self.running {
            let _ = writeln!(
                out,
                "  {}{{.pid,/,/**}} rwk,",
                quoted_path(&format!("/run/{name}"))
            );
        }
        out.push('\n');
    }

    fn network(&self, name: &str, out: &mut String) {
        out.push_str("  # Network: serve and connect over TCP, resolve names over UDP.\n");
        for family in ["inet", "inet6"] {
            let _ = writeln!(out, "  network {family} stream,\n  network {family} dgram,");
        }
        out.push_str("  # The C library asks the kernel which addresses there are before it resolves a name.\n  network netlink raw,\n");
        let _ = writeln!(
            out,
            "  # Sockets between its own processes.\n  unix (create, bind, listen, getattr, setattr, getopt, setopt, shutdown),\n  \
             unix (connect, accept, send, receive) peer=(label={name}),"
        );
        if self.ports.iter().any(|port| *port < FIRST_FREE_PORT) {
            out.push_str("  # A port below 1024.\n  capability net_bind_service,\n");
        }
        out.push('\n');
    }

    /// What root needs where a program starts as root and works as another user.
    fn users(&self, out: &mut String) {
        if !self.serves_others {
            return;
        }
        out.push_str(
            "  # It starts as root, and other users have files in the directories that it writes: it may open these files, give new ones\n  \
             # to such a user, go on as one, and end the processes that did.\n",
        );
        for name in ["dac_override", "chown", "setgid", "setuid", "kill"] {
            let _ = writeln!(out, "  capability {name},");
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
             deny capability sys_admin,\n  deny mount,\n  deny network inet raw,\n  deny network inet6 raw,\n  deny network packet,\n}\n",
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
  owner /{tmp,dev/shm}/** rwk,
  owner @{PROC}/@{pid}/fd/ r,
  owner @{PROC}/@{pid}/{cgroup,maps,mounts,stat,status} r,
  owner @{PROC}/@{pid}/task/@{tid}/comm rw,
  @{PROC}/{meminfo,sys/kernel/{cap_last_cap,ngroups_max},sys/net/core/somaxconn,sys/vm/overcommit_memory} r,
  /sys/fs/cgroup/{cpu.max,memory.high,memory.max} r,
  /sys/devices/system/cpu/online r,
  /sys/kernel/mm/transparent_hugepage/{enabled,hpage_pmd_size} r,

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
  audit deny /etc/{sudoers.d,ssh}/{,**} rwklx,
  deny @{PROC}/{kcore,kmem,mem,sysrq-trigger} rwkl,
  deny @{PROC}/sys/** wkl,
  deny /sys/** wkl,
";

/// The last of these denials, where a server cannot need what it denies.
const NO_KEYS: &str = "  audit deny /etc/ssl/private/{,**} rwklx,\n";

/// What is said instead where it can.
const OWN_KEYS: &str =
    "  # Not among them is `/etc/ssl/private`: the image has files of its own there, and a server reads its key. For the same reason
  # packs that deny it are not among the intents in `aalint.toml`.
";

fn is_directory(tree: &ImageTree, path: &str) -> bool {
    matches!(tree.lookup(path.as_bytes()), Lookup::Found(_, node) if node.kind == FileNodeKind::Directory)
}

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
