//! Repositories whose configuration runs programs, whose objects are not what they seem, and whose files are named
//! like options.

use std::fs;

use crate::dice::Dice;
use crate::law::Law;
use crate::place::{CALM, Place};

/// Sets everything that makes git run a program while it reads, and commits a profile `p` in between.
fn trapped(place: &Place) {
    place.write("p", CALM.replace("calm", "p"));
    place.write(
        ".gitattributes",
        "* filter=f diff=d merge=m text working-tree-encoding=UTF-16\n",
    );
    place.write(
        "inner.config",
        format!("[core]\n  fsmonitor = {}\n", place.trap("from-an-include")),
    );
    // Before the traps, since committing would run some of them.
    fs::rename(
        place.tree().join(".gitattributes"),
        place.outside().join("attributes"),
    )
    .unwrap();
    place.commit();
    fs::rename(
        place.outside().join("attributes"),
        place.tree().join(".gitattributes"),
    )
    .unwrap();
    for hook in [
        "pre-commit",
        "post-checkout",
        "post-index-change",
        "reference-transaction",
        "fsmonitor-watchman",
        "post-merge",
        "pre-auto-gc",
        "post-rewrite",
        "query-watchman",
    ] {
        let trap = place.trap(&format!("hook-{hook}"));
        let at = place.tree().join(".git/hooks").join(hook);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::copy(trap, at).unwrap();
    }
    for key in [
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "core.sshCommand",
        "core.askPass",
        "core.gitProxy",
        "core.alternateRefsCommand",
        "credential.helper",
        "diff.external",
        "diff.d.textconv",
        "diff.d.command",
        "filter.f.clean",
        "filter.f.smudge",
        "filter.f.process",
        "merge.m.driver",
        "gpg.program",
        "sequence.editor",
        "pager.ls-tree",
        "pager.rev-parse",
        "pager.cat-file",
        "uploadpack.packObjectsHook",
        "interactive.diffFilter",
    ] {
        place.git(&["config", key, &place.trap(&format!("config-{key}"))]);
    }
    for command in ["rev-parse", "ls-tree", "cat-file", "merge-base"] {
        let trap = format!("!{}", place.trap(&format!("alias-{command}")));
        place.git(&["config", &format!("alias.{command}"), &trap]);
    }
    place.git(&["config", "filter.f.required", "true"]);
    place.git(&["config", "core.fsmonitorHookVersion", "2"]);
    place.git(&["config", "include.path", "../inner.config"]);
}

/// No program of the repository's runs.
pub fn programs(_: &mut Dice, place: &Place) -> Law {
    trapped(place);
    Law::of("p").committed().on("git", &[0], &["p"])
}

/// An object is missing, and the repository says how to fetch it.
pub fn promised(dice: &mut Dice, place: &Place) -> Law {
    trapped(place);
    let (remote, name) = *dice.one(&[
        ("../outside/other.git", "file"),
        ("ssh://host/x", "ssh"),
        ("git://host/x", "git"),
        ("ext::sh -c 'echo >&2'", "ext"),
        ("http://127.0.0.1:1/x", "http"),
        ("trap::x", "helper"),
    ]);
    let upload = place.trap(&format!("uploadpack-{name}"));
    place.git(&["config", "remote.origin.url", remote]);
    place.git(&["config", "remote.origin.uploadpack", &upload]);
    place.git(&["config", "remote.origin.promisor", "true"]);
    place.git(&["config", "remote.origin.partialclonefilter", "blob:none"]);
    place.git(&["config", "core.repositoryFormatVersion", "1"]);
    place.git(&["config", "extensions.partialClone", "origin"]);
    place.git(&["config", "protocol.allow", "always"]);
    place.git(&["config", "protocol.ext.allow", "always"]);
    // The blob of `p`, by its path.
    let id = place.git_says(&["rev-parse", "HEAD:p"]);
    fs::remove_file(
        place
            .tree()
            .join(format!(".git/objects/{}/{}", &id[..2], &id[2..])),
    )
    .unwrap();
    Law::of("p").committed().on("git", &[2], &["p"])
}

/// A commit, a tree or a file for which another is to be taken.
pub fn replaced(dice: &mut Dice, place: &Place) -> Law {
    place.write("p", "profile real /p {\n  /a rw,\n}\n");
    place.commit();
    place.git(&["checkout", "-q", "-b", "other", "HEAD~1"]);
    place.write("p", "profile forged /p {\n  /a rw,\n}\n");
    place.commit();
    place.git(&["checkout", "-q", "main"]);
    match dice.between(0, 3) {
        0 => place.git(&["replace", "main", "other"]),
        1 => place.git(&["replace", "main:p", "other:p"]),
        2 => place.git(&["replace", "main^{tree}", "other^{tree}"]),
        _ => {
            let of = |name: &str| place.git_says(&["rev-parse", name]);
            let grafts = format!("{} {}\n", of("main"), of("other"));
            place.write(".git/info/grafts", grafts);
        }
    }
    Law::of("p").committed().on("git", &[0], &["real"])
}

/// Files and directories whose names are options, pathspecs, or lines of their own.
pub fn names(dice: &mut Dice, place: &Place) -> Law {
    let name = *dice.one(&[
        "--upload-pack=x",
        "-p",
        "--",
        ":(glob)**",
        ":!p",
        "a\nb",
        "\"q\"",
        "a:b",
        "HEAD",
        "a\tb",
        "--output=x",
        "a b'c",
        "$(touch x)",
        "*",
    ]);
    let name = if dice.coin() {
        name.to_owned()
    } else {
        format!("{name}/{name}")
    };
    place.write(&name, "profile p /p {\n  /a rw,\n}\n");
    Law::of("calm")
        .on("git human", &[0], &["p"])
        .on("git json", &[0], &["\"p\""])
}

/// Revisions that are options.
pub fn revisions(dice: &mut Dice, place: &Place) -> Law {
    let bad = *dice.one(&[
        "--output=x",
        "-x",
        "--upload-pack=x",
        "--all",
        "--git-dir=x",
        ":/x",
        "--help",
        "-",
    ]);
    let range = *dice.one(&["{}..HEAD", "HEAD..{}", "{}...{}", "{}"]);
    place.write("p", CALM);
    Law::of(&format!("--git={}", range.replace("{}", bad))).on("diff human", &[2], &["aalint"])
}
