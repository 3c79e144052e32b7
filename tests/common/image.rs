//! Images written as lists of their files, for tests and pages.
//!
//! ```text
//! user 10001
//! dir /app
//! entrypoint /usr/bin/web --port 80
//! 0755 0:0 /usr/bin/web = libc.so.6
//! 0777 0:0 /lib -> usr/lib
//! 0644 0:0 /usr/lib/libc.so.6 =
//! 0600 0:0 /app/run.sh #! /bin/sh
//! 0700 5:5 /app/
//! ```

use std::sync::Arc;

use aalint::images::{
    Content, FileFacts, Image, ImageConfig, ImageTree, Linkage, Node, NodeKind, Owner, Script,
};

/// The image of a list.
pub fn image(list: &str) -> Image {
    let mut tree = ImageTree::new(true);
    let mut config = ImageConfig {
        entrypoint: Some(Vec::new()),
        command: Some(Vec::new()),
        user: Some(String::new()),
        working_dir: Some(String::new()),
        ..ImageConfig::default()
    };
    for line in list.lines().filter(|line| !line.trim().is_empty()) {
        let (first, rest) = line.trim().split_once(' ').unwrap();
        let words = || Some(rest.split_whitespace().map(str::to_owned).collect());
        match first {
            "user" => config.user = Some(rest.to_owned()),
            "dir" => config.working_dir = Some(rest.to_owned()),
            "entrypoint" => config.entrypoint = words(),
            "command" => config.command = words(),
            "env" => config.environment.push(rest.to_owned()),
            "volume" => config.volumes.push(rest.to_owned()),
            "port" => config.ports.push(rest.parse().unwrap()),
            mode => {
                let (owner, file) = rest.split_once(' ').unwrap();
                let (user, group) = owner.split_once(':').unwrap();
                let owner = Owner {
                    user: user.parse().unwrap(),
                    group: group.parse().unwrap(),
                    mode: u32::from_str_radix(mode, 8).unwrap(),
                };
                let (path, kind) = kind(file);
                let owner = Some(owner);
                tree.insert(path.trim_matches('/').as_bytes(), Node { kind, owner });
            }
        }
    }
    Image { tree, config }
}

fn kind(file: &str) -> (&str, NodeKind) {
    let of = |content| NodeKind::File(FileFacts { content });
    if let Some((path, target)) = file.split_once(" -> ") {
        return (path, NodeKind::Link(target.as_bytes().into()));
    }
    if let Some((path, needed)) = file.split_once(" =") {
        let is_library = path.contains(".so");
        let linkage = Linkage {
            interpreter: (!is_library).then(|| "/lib64/ld-linux-x86-64.so.2".to_owned()),
            needed: needed.split_whitespace().map(str::to_owned).collect(),
            is_64_bit: true,
            machine: 62,
            ..Linkage::default()
        };
        return (path, of(Content::Elf(Some(Arc::new(linkage)))));
    }
    if let Some((path, interpreter)) = file.split_once(" #! ") {
        let script = Script::read(format!("#!{interpreter}\n").as_bytes()).unwrap();
        return (path, of(Content::Script(Arc::new(script))));
    }
    match file.strip_suffix('/') {
        Some(path) => (path, NodeKind::Directory),
        None => (file, of(Content::Data)),
    }
}
