//! What is known of common base images without having them: a few files of each, and what it runs.
//!
//! The facts are those of the public Dockerfiles that each entry names, read in November 2026, and of the packages of the distributions
//! below them. What is not here is unknown. Paths that depend on the architecture are given for two of them.

use std::sync::Arc;

use super::config::ImageConfig;
use super::elf::Linkage;
use super::file::{Content, FileFacts, Script};
use super::tree::{FileNode, FileNodeKind, ImageTree};

/// Architectures for which the files are known.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Architecture {
    /// x86-64
    Amd64,
    /// AArch64
    Arm64,
}

impl Architecture {
    /// All of them. What holds for each of them is said.
    pub const ALL: [Self; 2] = [Self::Amd64, Self::Arm64];

    /// The name in Debian's library directories, glibc's loader, and musl's loader.
    const fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Amd64 => ("x86_64-linux-gnu", "/lib64/ld-linux-x86-64.so.2", "x86_64"),
            Self::Arm64 => ("aarch64-linux-gnu", "/lib/ld-linux-aarch64.so.1", "aarch64"),
        }
    }

    const fn machine(self) -> u16 {
        match self {
            Self::Amd64 => object::elf::EM_X86_64,
            Self::Arm64 => object::elf::EM_AARCH64,
        }
    }
}

/// A distribution, as far as its images differ.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum System {
    /// Debian since 12 and Ubuntu since 20.04: `/usr` is merged.
    Debian,
    /// Debian up to 11: `debuerreotype` made its images without merging `/usr`.
    OldDebian,
    /// Alpine up to 3.22: `/usr` is not merged.
    Alpine,
    /// Oracle Linux 9: `/usr` is merged, and libraries are in `/usr/lib64`.
    OracleLinux,
    /// Nothing but what the entry says.
    Empty,
}

/// A base image.
struct BaseImage {
    /// Its name without registry, `library/` and tag.
    name: &'static str,
    /// The Dockerfile that shows it.
    source: &'static str,
    /// Files, in the notation of `enter`; `{v}` is the version.
    files: &'static [&'static str],
    entrypoint: &'static [&'static str],
    command: &'static [&'static str],
    working_dir: &'static str,
    ports: &'static [u16],
    volumes: &'static [&'static str],
    /// How many numbers of the version the files depend on.
    version_numbers: usize,
    /// What its tags without a distribution are built on.
    system: System,
}

const DEBIAN_FILES: &[&str] = &[
    "usr/bin/dash = libc.so.6",
    "usr/bin/sh -> dash",
    "usr/bin/bash = libtinfo.so.6 libc.so.6",
    "usr/bin/env = libc.so.6",
    "usr/bin/cat = libc.so.6",
    "usr/bin/ls = libselinux.so.1 libc.so.6",
    "usr/lib/{triplet}/libc.so.6 =",
    "usr/lib/{triplet}/libm.so.6 = libc.so.6",
    "etc/ld.so.cache",
];

const MERGED: &[&str] = &[
    "bin -> usr/bin",
    "sbin -> usr/sbin",
    "lib -> usr/lib",
    "lib64 -> usr/lib64",
];

/// glibc 2.31 and older name the file by its version and link to it: only the programs are entered.
const OLD_DEBIAN_FILES: &[&str] = &[
    "bin/dash = libc.so.6",
    "bin/sh -> dash",
    "bin/bash = libtinfo.so.6 libdl.so.2 libc.so.6",
    "usr/bin/env = libc.so.6",
    "bin/cat = libc.so.6",
    "etc/ld.so.cache",
];

const ALPINE_FILES: &[&str] = &[
    "bin/busybox = libc.musl-{musl}.so.1",
    "bin/sh -> /bin/busybox",
    "bin/cat -> /bin/busybox",
    "bin/ls -> /bin/busybox",
    "usr/bin/env -> /bin/busybox",
    "lib/ld-musl-{musl}.so.1 =",
];

const ORACLE_LINUX_FILES: &[&str] = &[
    "usr/bin/bash = libtinfo.so.6 libc.so.6",
    "usr/bin/sh -> bash",
    "usr/bin/env = libc.so.6",
    "usr/lib64/libc.so.6 =",
    "usr/lib64/libm.so.6 = libc.so.6",
    "etc/ld.so.cache",
];

const fn image(name: &'static str, source: &'static str, system: System) -> BaseImage {
    BaseImage {
        name,
        source,
        files: &[],
        entrypoint: &[],
        command: &[],
        working_dir: "",
        ports: &[],
        volumes: &[],
        version_numbers: 0,
        system,
    }
}

const BASE_IMAGES: &[BaseImage] = &[
    BaseImage {
        command: &["bash"],
        ..image(
            "debian",
            "debuerreotype/docker-debian-artifacts",
            System::Debian,
        )
    },
    BaseImage {
        command: &["/bin/bash"],
        ..image("ubuntu", "canonical's oci-ubuntu", System::Debian)
    },
    BaseImage {
        command: &["/bin/sh"],
        ..image("alpine", "alpinelinux/docker-alpine", System::Alpine)
    },
    BaseImage {
        command: &["sh"],
        files: &["bin/busybox", "bin/sh"],
        ..image("busybox", "docker-library/busybox", System::Empty)
    },
    BaseImage {
        files: &[
            "usr/local/bin/python{v} = libpython{v}.so.1.0 libc.so.6 | $ORIGIN/../lib",
            "usr/local/bin/python3 -> python{v}",
            "usr/local/bin/python -> python3",
            "usr/local/lib/libpython{v}.so.1.0 = libc.so.6",
            "usr/local/lib/python{v}/encodings/__init__.py",
            "usr/local/lib/python{v}/site-packages/",
        ],
        command: &["python3"],
        version_numbers: 2,
        ..image("python", "docker-library/python", System::Debian)
    },
    BaseImage {
        files: &[
            "usr/local/bin/node = libc.so.6",
            "usr/local/bin/nodejs -> node",
            "usr/local/bin/docker-entrypoint.sh #! /bin/sh",
        ],
        entrypoint: &["docker-entrypoint.sh"],
        command: &["node"],
        ..image("node", "nodejs/docker-node", System::Debian)
    },
    BaseImage {
        files: &[
            "usr/sbin/nginx = libc.so.6",
            "docker-entrypoint.sh #! /bin/sh",
        ],
        entrypoint: &["/docker-entrypoint.sh"],
        command: &["nginx", "-g", "daemon off;"],
        ports: &[80],
        ..image("nginx", "nginx/docker-nginx", System::Debian)
    },
    BaseImage {
        files: &[
            "usr/local/bin/redis-server = libc.so.6",
            "usr/local/bin/docker-entrypoint.sh #! /bin/sh",
        ],
        entrypoint: &["docker-entrypoint.sh"],
        command: &["redis-server"],
        working_dir: "/data",
        ports: &[6379],
        volumes: &["/data"],
        ..image("redis", "redis/docker-library-redis", System::Debian)
    },
    BaseImage {
        files: &[
            "usr/local/bin/docker-entrypoint.sh #! /usr/bin/env bash",
            "usr/lib/postgresql/{v}/bin/postgres = libc.so.6",
        ],
        entrypoint: &["docker-entrypoint.sh"],
        command: &["postgres"],
        ports: &[5432],
        version_numbers: 1,
        ..image("postgres", "docker-library/postgres", System::Debian)
    },
    BaseImage {
        files: &[
            "usr/local/bin/docker-entrypoint.sh #! /bin/bash",
            "usr/sbin/mysqld = libc.so.6",
            "usr/bin/mysql = libc.so.6",
        ],
        entrypoint: &["docker-entrypoint.sh"],
        command: &["mysqld"],
        ports: &[3306, 33060],
        volumes: &["/var/lib/mysql"],
        ..image("mysql", "docker-library/mysql", System::OracleLinux)
    },
    BaseImage {
        files: &[
            "usr/local/bin/docker-entrypoint.sh #! /bin/bash",
            "usr/sbin/mariadbd = libc.so.6",
        ],
        entrypoint: &["docker-entrypoint.sh"],
        command: &["mariadbd"],
        ports: &[3306],
        volumes: &["/var/lib/mysql"],
        ..image("mariadb", "MariaDB/mariadb-docker", System::Debian)
    },
    BaseImage {
        files: &["usr/local/go/bin/go"],
        command: &["bash"],
        working_dir: "/go",
        ..image("golang", "docker-library/golang", System::Debian)
    },
    image(
        "gcr.io/distroless/static",
        "GoogleContainerTools/distroless",
        System::Empty,
    ),
    image(
        "gcr.io/distroless/static-debian12",
        "GoogleContainerTools/distroless",
        System::Empty,
    ),
    image("scratch", "Dockerfile reference, FROM", System::Empty),
];

/// What is known of a base image, for each architecture.
#[derive(Clone, Debug)]
pub struct KnownBase {
    /// The public source of what is known.
    pub source: &'static str,
    /// Some of its files, for each architecture in the order of `Architecture::ALL`.
    pub trees: Vec<ImageTree>,
    /// What it runs.
    pub config: ImageConfig,
}

/// What is known of the image that a reference such as `python:3.13-slim` or `docker.io/library/nginx` names; `None` if it is not in
/// the table, or its tag does not say which of its versions it is.
#[must_use]
pub fn base_image(reference: &str) -> Option<KnownBase> {
    let reference = reference.split('@').next()?;
    let reference = [
        "docker.io/library/",
        "index.docker.io/library/",
        "docker.io/",
        "library/",
    ]
    .iter()
    .find_map(|prefix| reference.strip_prefix(prefix))
    .unwrap_or(reference);
    let (name, tag) = match reference.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (reference, "latest"),
    };
    let base = BASE_IMAGES.iter().find(|base| base.name == name)?;
    let version = version(tag, base.version_numbers)?;
    let system = system(base, tag)?;
    let trees = Architecture::ALL.map(|architecture| tree(base, system, &version, architecture));
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    // Alpine's images have no bash.
    let command = match (system, base.name) {
        (System::Alpine, "debian" | "ubuntu") => return None,
        _ => texts(base.command),
    };
    Some(KnownBase {
        source: base.source,
        trees: trees.to_vec(),
        config: ImageConfig {
            entrypoint: Some(texts(base.entrypoint)),
            command: Some(command),
            user: Some(String::new()),
            working_dir: Some(base.working_dir.to_owned()),
            environment: Vec::new(),
            ports: base.ports.to_vec(),
            volumes: texts(base.volumes),
        },
    })
}

/// The first numbers of a tag's version, joined by dots; `None` if it has fewer.
fn version(tag: &str, numbers: usize) -> Option<String> {
    let version = tag.split('-').next().unwrap_or_default();
    let parts: Vec<&str> = version.split('.').take(numbers).collect();
    let is_number =
        |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (parts.len() == numbers && parts.iter().all(is_number)).then(|| parts.join("."))
}

/// Names of Debian in tags of images that are not built on it any more.
const RELEASES: [&str; 4] = ["debian", "buster", "bullseye", "bookworm"];

/// The distribution that a tag is built on; `None` if that is not known.
fn system(base: &BaseImage, tag: &str) -> Option<System> {
    let words: Vec<&str> = tag.split(['-', '_']).collect();
    let has = |word: &str| words.contains(&word);
    let alpine = words.iter().find_map(|word| word.strip_prefix("alpine"));
    let alpine = match base.name {
        "alpine" => Some(tag),
        _ => alpine,
    };
    if let Some(version) = alpine {
        // New systems are merged since 3.23; what images without a version are built on is not known.
        let minor = version
            .strip_prefix("3.")
            .and_then(|rest| rest.split('.').next()?.parse::<u32>().ok());
        return minor.filter(|minor| *minor <= 22).map(|_| System::Alpine);
    }
    let is_old = |release: &str| matches!(release, "stretch" | "buster" | "bullseye" | "jessie");
    if words.iter().any(|word| is_old(word))
        || base.name == "debian" && ["9", "10", "11"].iter().any(|old| has(old))
    {
        return Some(System::OldDebian);
    }
    // MySQL 8.4 and 9 are built on Oracle Linux 9; what is older, or has another system in its tag, is not known.
    if base.name == "mysql" {
        let is_known = has("oraclelinux9")
            || version(tag, 2).is_some_and(|version| version == "8.4")
            || version(tag, 1).is_some_and(|version| version == "9")
            || has("lts");
        let is_other = |word: &&str| {
            *word != "oraclelinux9" && (word.starts_with("oraclelinux") || RELEASES.contains(word))
        };
        return (is_known && !words.iter().any(is_other)).then_some(System::OracleLinux);
    }
    // MariaDB since 10.11 is built on Ubuntu 22.04 and later.
    if base.name == "mariadb" {
        let numbers: Vec<u32> = tag
            .split(['-', '.'])
            .map_while(|word| word.parse().ok())
            .collect();
        let is_known = numbers >= vec![10, 11] && !has("ubi") && !has("ubi9") && !has("ubi10");
        return is_known.then_some(System::Debian);
    }
    if has("windowsservercore")
        || has("nanoserver")
        || has("18.04")
        || has("16.04")
        || has("bionic")
        || has("xenial")
    {
        return None;
    }
    Some(base.system)
}

fn tree(base: &BaseImage, system: System, version: &str, architecture: Architecture) -> ImageTree {
    // `scratch` is empty; of all others only some files are known.
    let mut tree = ImageTree::new(base.name == "scratch");
    let files: &[&[&str]] = match system {
        System::Debian => &[MERGED, DEBIAN_FILES],
        System::OldDebian => &[OLD_DEBIAN_FILES],
        System::Alpine => &[ALPINE_FILES],
        System::OracleLinux => &[MERGED, ORACLE_LINUX_FILES],
        System::Empty => &[],
    };
    let (triplet, glibc, musl) = architecture.names();
    let loader = match system {
        System::Alpine => format!("/lib/ld-musl-{musl}.so.1"),
        _ => glibc.to_owned(),
    };
    for line in files.iter().copied().flatten().chain(base.files) {
        let line = line
            .replace("{triplet}", triplet)
            .replace("{musl}", musl)
            .replace("{v}", version);
        enter(&mut tree, &line, &loader, architecture.machine());
    }
    tree
}

/// Enters a file: `PATH -> TARGET` is a link, `PATH = LIBRARIES | RUNPATH` an ELF file, `PATH #! INTERPRETER` a script that runs its
/// arguments, `PATH/` a directory, and `PATH` a file of which nothing more is known.
fn enter(tree: &mut ImageTree, line: &str, loader: &str, machine: u16) {
    let (path, kind) = if let Some((path, target)) = line.split_once(" -> ") {
        (path, FileNodeKind::Link(target.as_bytes().into()))
    } else if let Some((path, needed)) = line.split_once(" =") {
        let (needed, run_path) = needed.split_once(" | ").unwrap_or((needed, ""));
        let is_library = path.contains(".so");
        let linkage = Linkage {
            interpreter: (!is_library).then(|| loader.to_owned()),
            needed: needed.split_whitespace().map(str::to_owned).collect(),
            run_path: run_path.split_whitespace().map(str::to_owned).collect(),
            r_path: Vec::new(),
            is_64_bit: true,
            machine,
        };
        (path, file(Content::Elf(Some(Arc::new(linkage)))))
    } else if let Some((path, interpreter)) = line.split_once(" #! ") {
        let script = Script::read(format!("#!{interpreter}\nexec \"$@\"\n").as_bytes());
        (
            path,
            file(script.map_or(Content::Unknown, |script| Content::Script(Arc::new(script)))),
        )
    } else if let Some(path) = line.strip_suffix('/') {
        (path, FileNodeKind::Directory)
    } else {
        (line, file(Content::Unknown))
    };
    tree.insert(path.as_bytes(), FileNode { kind, owner: None });
}

const fn file(content: Content) -> FileNodeKind {
    FileNodeKind::File(FileFacts { content })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::images::startup::{Process, Startup};

    /// What a container of the image opens when it starts with these arguments, or with its own command.
    fn opens(reference: &str, arguments: &[&str]) -> Vec<String> {
        let base = base_image(reference).unwrap();
        let own = [base.config.entrypoint.clone(), base.config.command.clone()]
            .map(Option::unwrap)
            .concat();
        let process = Process {
            arguments: match arguments {
                [] => own,
                given => given.iter().map(|word| (*word).to_owned()).collect(),
            },
            ..Process::default()
        };
        let startup = Startup::of(&base.trees[0], &process);
        startup
            .accesses
            .into_iter()
            .map(|access| format!("{} {:?}", access.path, access.need))
            .collect()
    }

    #[test]
    fn python() {
        assert_eq!(
            opens("python:3.8-slim", &["python", "app.py"]),
            [
                "/usr/local/lib/libpython3.8.so.1.0 Map",
                "/usr/lib/x86_64-linux-gnu/libc.so.6 Map",
                "/usr/local/lib/python3.8/ Read",
                "/usr/local/lib/python3.8/encodings/ Read",
                "/usr/local/lib/python3.8/encodings/__init__.py Read",
            ]
        );
        assert_eq!(
            opens("docker.io/library/python:3.13.11-alpine3.20@sha256:00", &[])[0],
            "/usr/local/lib/libpython3.13.so.1.0 Map"
        );
        for unknown in [
            "python",
            "python:3",
            "python:slim",
            "python:3.13-alpine",
            "python:3.13-windowsservercore-ltsc2022",
        ] {
            assert!(base_image(unknown).is_none(), "{unknown}");
        }
    }

    #[test]
    fn scripts_run_their_arguments() {
        let found = opens("nginx:1.27", &[]);
        assert_eq!(
            found,
            [
                "/usr/lib/x86_64-linux-gnu/libc.so.6 Map",
                "/docker-entrypoint.sh Read",
                "/usr/sbin/nginx Execute",
            ]
        );
        let found = opens("postgres:17", &[]);
        assert!(
            found.contains(&"/usr/bin/bash Execute".to_owned()),
            "{found:?}"
        );
    }

    #[test]
    fn databases() {
        let found = opens("mysql:8.4", &[]);
        assert_eq!(found[0], "/usr/lib64/libc.so.6 Map");
        for last in [
            "/usr/local/bin/docker-entrypoint.sh Read",
            "/usr/sbin/mysqld Execute",
        ] {
            assert!(found.contains(&last.to_owned()), "{found:?}");
        }
        let found = opens("mariadb:11.4-noble", &[]);
        assert!(
            found.contains(&"/usr/sbin/mariadbd Execute".to_owned()),
            "{found:?}"
        );
        for unknown in [
            "mysql:8.0",
            "mysql:5.7",
            "mysql:8.0-bookworm",
            "mysql:8.4-oraclelinux8",
            "mysql",
            "mariadb:10.6",
            "mariadb:11.4-ubi9",
            "mariadb",
        ] {
            assert!(base_image(unknown).is_none(), "{unknown}");
        }
        assert!(base_image("mysql:8.0.40-oraclelinux9").is_some());
    }

    #[test]
    fn what_is_not_in_the_table_is_unknown() {
        assert!(base_image("registry.example/python:3.13").is_none());
        assert!(base_image("bitnami/python:3.13").is_none());
        assert!(base_image("alpine:3.23").is_none());
        assert!(base_image("alpine").is_none());
        let old = base_image("debian:bullseye-slim").unwrap();
        assert!(
            matches!(old.trees[0].lookup(b"/bin/bash"), crate::images::Lookup::Found(path, _) if path == b"/bin/bash")
        );
        assert!(
            matches!(base_image("alpine:3.20").unwrap().trees[0].lookup(b"/bin/sh"), crate::images::Lookup::Found(path, _) if path == b"/bin/busybox")
        );
    }

    /// A program that runs twice changes nothing of what it opened before, or of what came in between.
    #[test]
    fn what_would_do_instead_belongs_to_one_file() {
        let mut tree = base_image("python:3.13-slim").unwrap().trees.remove(0);
        enter(&mut tree, "entry #! /bin/sh", "", 0);
        let words = ["python", "/entry", "python", "-c", "1"];
        let process = Process {
            arguments: words.map(str::to_owned).to_vec(),
            ..Process::default()
        };
        let startup = Startup::of(&tree, &process);
        let with_others = startup
            .accesses
            .iter()
            .filter(|access| !access.instead.is_empty());
        let paths: Vec<&str> = with_others.map(|access| access.path.as_str()).collect();
        assert_eq!(paths, ["/usr/local/lib/python3.13/encodings/__init__.py"]);
        assert!(
            startup
                .accesses
                .iter()
                .any(|access| access.path == "/entry")
        );
    }
}
