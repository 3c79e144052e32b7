//! Files of strangers command nobody: what verify obeys, runs, compiles and loads. Without a kernel; what needs one is in
//! tests/vm/guest/35-strangers.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use aalint::host::{Disk, Owners, Stranger, Survey};
use aalint::policy::Search;
use aalint::session::with_policy;
use aalint::source::Snapshot;
use aalint::verify::{Compilation, Environment, Interrupt, SystemPaths, names_in_policy};

use crate::common::{Missing, needed};

/// A user who is nobody to these tests.
const STRANGER: u32 = 4_242;
/// Every so many-th profile of the corpus is compiled.
const STEP: usize = 29;

/// The parser of this system.
fn parser() -> Result<&'static str, Missing> {
    let path = "/usr/sbin/apparmor_parser";
    match Path::new(path).exists() {
        true => Ok(path),
        false => Err(Missing::Program(format!("{path} is not there"))),
    }
}

/// These tests give files to other users, which only root can.
fn as_root() -> Result<(), Missing> {
    let probe = tempfile::NamedTempFile::new().unwrap();
    match chown(probe.path(), Some(STRANGER), None) {
        Ok(()) => Ok(()),
        Err(error) => Err(Missing::Program(format!(
            "needs root, who can give files to other users: {error}"
        ))),
    }
}

/// The owner of a new file.
fn own_user() -> u32 {
    tempfile::tempdir()
        .unwrap()
        .path()
        .metadata()
        .unwrap()
        .uid()
}

fn foreign(path: &Path) -> Option<(PathBuf, Stranger)> {
    let survey = Survey::of(path, &Owners::and(&[own_user()])).unwrap();
    survey.foreign.map(|foreign| (foreign.path, foreign.by))
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A directory that belongs to nobody else, in a directory that everybody may write to.
fn own_directory() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    mode(directory.path(), 0o755);
    let path = fs::canonicalize(directory.path()).unwrap();
    (directory, path)
}

pub fn who_may_write_on_the_way_is_a_stranger() -> Result<(), Missing> {
    let (_keep, root) = own_directory();
    let file = root.join("a/b/file");
    fs::create_dir_all(root.join("a/b")).unwrap();
    fs::write(&file, "text").unwrap();
    let reset = || {
        for directory in ["a", "a/b"] {
            mode(&root.join(directory), 0o755);
        }
        mode(&file, 0o644);
    };
    reset();
    assert_eq!(foreign(&file), None);
    assert_eq!(foreign(&root.join("a/../a/./b/file")), None);
    for (place, bits, is_foreign) in [
        ("a/b/file", 0o664, true),
        ("a/b/file", 0o646, true),
        ("a/b/file", 0o755, false),
        ("a/b", 0o775, true),
        ("a/b", 0o757, true),
        // Nobody may replace what lies there; but the name could have been taken by a link to this file.
        ("a/b", 0o1777, true),
        ("a", 0o775, true),
        // On the way it is enough that the next directory cannot be replaced.
        ("a", 0o1777, false),
        ("a", 0o555, false),
    ] {
        mode(&root.join(place), bits);
        let expected = is_foreign.then(|| (root.join(place), Stranger::Writers(bits)));
        assert_eq!(foreign(&file), expected, "{place} {bits:o}");
        reset();
    }
    Ok(())
}

pub fn whose_a_place_is_on_the_way_counts() -> Result<(), Missing> {
    as_root()?;
    let (_keep, root) = own_directory();
    fs::create_dir_all(root.join("a/b")).unwrap();
    fs::write(root.join("a/b/file"), "text").unwrap();
    for place in ["a", "a/b", "a/b/file"] {
        chown(root.join(place), Some(STRANGER), None).unwrap();
        let expected = (root.join(place), Stranger::Owner(STRANGER));
        assert_eq!(foreign(&root.join("a/b/file")), Some(expected), "{place}");
        chown(root.join(place), Some(own_user()), None).unwrap();
    }
    assert_eq!(foreign(&root.join("a/b/file")), None);
    Ok(())
}

pub fn links_are_followed_through_places_that_count_as_well() -> Result<(), Missing> {
    as_root()?;
    let (_keep, root) = own_directory();
    fs::create_dir_all(root.join("theirs/deep")).unwrap();
    fs::create_dir(root.join("ours")).unwrap();
    fs::write(root.join("theirs/deep/file"), "text").unwrap();
    fs::write(root.join("ours/file"), "text").unwrap();
    symlink("../theirs/deep", root.join("ours/way")).unwrap();
    symlink(root.join("ours/file"), root.join("theirs/back")).unwrap();
    symlink("file", root.join("ours/link")).unwrap();
    assert_eq!(foreign(&root.join("ours/way/file")), None);
    chown(root.join("theirs"), Some(STRANGER), None).unwrap();
    let theirs = (root.join("theirs"), Stranger::Owner(STRANGER));
    let through = foreign(&root.join("ours/way/file")).unwrap();
    assert_eq!(through.1, theirs.1);
    // Our own file, by a way that is not ours.
    assert_eq!(foreign(&root.join("theirs/back")), Some(theirs));
    assert_eq!(foreign(&root.join("ours/link")), None);
    std::os::unix::fs::lchown(root.join("ours/link"), Some(STRANGER), None).unwrap();
    let link = (root.join("ours/link"), Stranger::Owner(STRANGER));
    assert_eq!(foreign(&root.join("ours/link")), Some(link));
    // A loop ends.
    symlink("loop", root.join("ours/loop")).unwrap();
    assert!(Survey::of(&root.join("ours/loop"), &Owners::caller()).is_err());
    Ok(())
}

pub fn what_was_looked_at_is_what_is_read() -> Result<(), Missing> {
    let (_keep, root) = own_directory();
    let file = root.join("file");
    fs::write(&file, "text").unwrap();
    let survey = |path: &Path| Survey::of(path, &Owners::caller()).unwrap();
    assert_eq!(survey(&file).read(100).unwrap(), b"text");
    assert!(survey(&file).read(3).is_err());
    let before = survey(&file);
    fs::rename(&file, root.join("old")).unwrap();
    fs::write(&file, "exchanged").unwrap();
    assert!(before.read(100).is_err());
    fs::remove_file(&file).unwrap();
    symlink("old", &file).unwrap();
    assert!(before.read(100).is_err());
    assert_eq!(survey(&file).read(100).unwrap(), b"text");
    // Neither waits.
    rustix::fs::mknodat(
        rustix::fs::CWD,
        root.join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    assert!(survey(&root.join("pipe")).read(100).is_err());
    assert!(survey(&root).read(100).is_err());
    Ok(())
}

/// Compiles as verify does.
fn compiled(path: &str, search: &Search, journal: &Path) -> (Result<Vec<u8>, String>, Vec<String>) {
    let environment = Environment {
        program: parser().unwrap().to_owned(),
        ..Environment::default()
    };
    let paths = SystemPaths {
        journal: journal.to_owned(),
        ..SystemPaths::default()
    };
    let snapshot = Snapshot::new(&Disk);
    let names = with_policy(&snapshot, search, &[path.to_owned()], &[], |policy| {
        let names = policy.profiles().map(|profile| profile.full_name.clone());
        names.collect()
    });
    let begun = Compilation::begin((&environment, &paths), path, search, &snapshot);
    let policy = begun.and_then(|begun| begun.policy(&Interrupt::default()));
    (policy.map_err(|refusal| refusal.to_string()), names)
}

pub fn the_copy_of_real_profiles_compiles_to_the_same_bytes_and_names() -> Result<(), Missing> {
    let (parser, corpus) = (parser()?, needed("corpus")?);
    let manifest = fs::read(corpus.join("manifest.tsv")).unwrap();
    let manifest = String::from_utf8_lossy(&manifest).into_owned();
    let journal = tempfile::tempdir().unwrap();
    let mut count = 0;
    for line in manifest.lines().skip(1).step_by(STEP) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [_, path, base, _, _, "yes"] = columns.as_slice() else {
            continue;
        };
        let full = |path: &str| corpus.join(path).to_string_lossy().into_owned();
        let (path, base) = (full(path), full(base));
        let output = Command::new(parser)
            .args([
                "-Q",
                "-K",
                "-S",
                "--base",
                &base,
                "--Include",
                &base,
                "--",
                &path,
            ])
            .output()
            .unwrap();
        if !output.status.success() {
            continue;
        }
        let search = Search {
            directories: vec![base],
            has_no_base: false,
        };
        let (policy, names) = compiled(&path, &search, journal.path());
        assert_eq!(policy.as_ref(), Ok(&output.stdout), "{path}");
        let defined: BTreeSet<String> = names_in_policy(&output.stdout)
            .unwrap()
            .into_iter()
            .collect();
        assert_eq!(defined, names.into_iter().collect(), "{path}");
        count += 1;
    }
    println!("{count} profiles compiled twice");
    assert!(count > 30, "only {count} profiles");
    assert_eq!(fs::read_dir(journal.path()).unwrap().count(), 0);
    Ok(())
}

const PROFILE: &str = "profile web {\n  /srv/** r,\n}\n";

/// A folder `web` with a profile and a configuration that asks for what `more` says.
fn folder(more: &str) -> (tempfile::TempDir, PathBuf) {
    let (keep, root) = own_directory();
    let folder = root.join("web");
    fs::create_dir(&folder).unwrap();
    mode(&folder, 0o755);
    fs::write(folder.join("profile"), PROFILE).unwrap();
    fs::write(
        folder.join("aalint.toml"),
        format!("[verify]\nprofile = \"profile\"\n{more}"),
    )
    .unwrap();
    mode(&folder.join("aalint.toml"), 0o644);
    (keep, folder)
}

/// Exit status, standard output and standard error.
fn run(directory: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_aalint"))
        .args(arguments)
        .current_dir(directory)
        // Who calls these tests through sudo is no stranger, and is none of their business.
        .env_remove("SUDO_UID")
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let code = output.status.code().unwrap();
    (code, text(&output.stdout), text(&output.stderr))
}

pub fn what_reaches_beyond_the_confinement_is_told_and_needs_trust() -> Result<(), Missing> {
    as_root()?;
    let container = "image = \"web:1\"\nport = 80\n";
    for (more, key) in [
        ("", "image"),
        ("privileged = true\n", "privileged"),
        ("volumes = [\"/etc:/e\"]\n", "volumes"),
        ("command = [\"sh\", \"-c\", \"id\"]\n", "command"),
        ("environment = { LD_PRELOAD = \"/x\" }\n", "environment"),
        ("endpoint = \"unix:///tmp/x.sock\"\n", "endpoint"),
    ] {
        let (_keep, folder) = folder(&format!("{container}{more}"));
        let above = folder.parent().unwrap();
        let told = format!("  {key}: ");
        let (code, out, err) = run(above, &["verify", "web", "--plan"]);
        assert_eq!(code, 0, "{err}");
        assert!(out.contains("as web/aalint.toml says"), "{out}");
        assert!(
            out.contains(&told) && !out.contains("--trust"),
            "{key}: {out}"
        );
        // In each way in which it may be somebody else's.
        let file = folder.join("aalint.toml");
        let give = |path: &Path, user| chown(path, Some(user), None).unwrap();
        for way in ["folder", "file", "folder-mode", "file-mode", "above"] {
            let (of, bits) = match way {
                "folder" | "folder-mode" => (folder.as_path(), 0o755),
                "above" => (above, 0o755),
                _ => (file.as_path(), 0o644),
            };
            if way.ends_with("mode") {
                mode(of, bits | 0o020);
            } else {
                give(of, STRANGER);
            }
            let (code, out, err) = run(above, &["verify", "web", "--plan"]);
            assert_eq!(code, 0, "{err}");
            assert!(
                out.contains(&told) && out.contains("it needs `--trust`"),
                "{way}: {out}"
            );
            let (code, _, err) = run(above, &["verify", "web"]);
            assert_eq!(code, 2, "{way}: {err}");
            assert!(
                err.contains(&told) && err.contains("--trust"),
                "{way}: {err}"
            );
            // Nothing of a container is asked for.
            let (code, out, err) = run(above, &["verify", "web", "--plan", "--tier", "a,b"]);
            assert_eq!(code, 0, "{err}");
            assert!(!out.contains("reaches beyond"), "{way}: {out}");
            mode(of, bits);
            give(of, own_user());
        }
    }
    Ok(())
}

pub fn whose_the_build_directory_is_counts_as_well() -> Result<(), Missing> {
    as_root()?;
    let (_keep, folder) = folder("build = \"image\"\nport = 80\n");
    fs::create_dir(folder.join("image")).unwrap();
    fs::write(folder.join("image/Dockerfile"), "FROM x\n").unwrap();
    let above = folder.parent().unwrap();
    let (_, out, _) = run(above, &["verify", "web", "--plan"]);
    assert!(
        out.contains("  build: ") && !out.contains("--trust"),
        "{out}"
    );
    chown(folder.join("image"), Some(STRANGER), None).unwrap();
    let (code, _, err) = run(above, &["verify", "web"]);
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("web/image belongs to user 4242"), "{err}");
    Ok(())
}

pub fn policy_from_elsewhere_reaches_beyond_as_well() -> Result<(), Missing> {
    as_root()?;
    let (_keep, folder) = folder("");
    let above = folder.parent().unwrap();
    fs::rename(folder.join("profile"), above.join("elsewhere")).unwrap();
    symlink("../elsewhere", folder.join("profile")).unwrap();
    let told = format!(
        "profile: policy is loaded from {}/elsewhere",
        above.display()
    );
    let (code, out, err) = run(above, &["verify", "web", "--plan"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains(&told) && !out.contains("--trust"), "{out}");
    chown(folder.join("aalint.toml"), Some(STRANGER), None).unwrap();
    let (code, _, err) = run(above, &["verify", "web"]);
    assert_eq!(code, 2, "{err}");
    assert!(err.contains(&told), "{err}");
    // Policy of the folder is what is meant.
    fs::remove_file(folder.join("profile")).unwrap();
    fs::write(folder.join("profile"), PROFILE).unwrap();
    let (_, out, _) = run(above, &["verify", "web", "--plan"]);
    assert!(!out.contains("reaches beyond"), "{out}");
    Ok(())
}

pub fn an_attachment_reaches_beyond_as_well() -> Result<(), Missing> {
    as_root()?;
    let (_keep, folder) = folder("");
    fs::write(
        folder.join("profile"),
        "profile web /usr/bin/{man,less} {\n  /srv/** r,\n  profile child /usr/bin/x {\n  }\n}\n",
    )
    .unwrap();
    let told = "attachment: programs of this machine at /usr/bin/{man,less} that start meanwhile are under `web`";
    let (_, out, _) = run(&folder, &["verify", "profile", "--plan"]);
    assert!(out.contains(told) && !out.contains("--trust"), "{out}");
    assert_eq!(out.matches("attachment: ").count(), 1, "{out}");
    chown(folder.join("profile"), Some(STRANGER), None).unwrap();
    let (_, out, _) = run(&folder, &["verify", "profile", "--plan"]);
    assert!(out.contains("it needs `--trust`"), "{out}");
    Ok(())
}

pub fn a_configuration_further_up_is_obeyed_if_nobody_else_may_change_it() -> Result<(), Missing> {
    as_root()?;
    let (_keep, folder) = folder("");
    let root = folder.parent().unwrap();
    let config = root.join("aalint.toml");
    fs::remove_file(folder.join("aalint.toml")).unwrap();
    fs::write(&config, "[verify]\nprofile = \"web/profile\"\n").unwrap();
    mode(&config, 0o644);
    let plan = |path: &str| run(root, &["verify", path, "--plan"]);
    for path in ["web", "web/profile"] {
        let (code, out, err) = plan(path);
        assert_eq!(code, 0, "{path}: {err}");
        assert!(out.contains("as aalint.toml says"), "{path}: {out}");
    }
    let not_obeyed = |why: &str| {
        let (code, _, err) = plan("web");
        assert_eq!(code, 2, "{err}");
        assert!(err.contains("no aalint.toml in web"), "{err}");
        assert!(err.contains("aalint.toml is not obeyed: "), "{err}");
        let (code, out, err) = plan("web/profile");
        assert_eq!(code, 0, "{err}");
        assert!(out.contains("would, as root:"), "{out}");
        assert!(err.contains("aalint.toml is not obeyed: "), "{err}");
        assert!(err.contains(why), "{err}");
    };
    mode(&config, 0o666);
    not_obeyed("others may write to");
    mode(&config, 0o644);
    chown(&config, Some(STRANGER), None).unwrap();
    not_obeyed("belongs to user 4242");
    chown(&config, Some(own_user()), None).unwrap();
    // As in /tmp: whoever comes first may put a file or a link there.
    mode(root, 0o1777);
    not_obeyed("others may write to");
    mode(root, 0o755);
    fs::rename(&config, root.join("elsewhere.toml")).unwrap();
    chown(root.join("elsewhere.toml"), Some(STRANGER), None).unwrap();
    symlink("elsewhere.toml", &config).unwrap();
    not_obeyed("belongs to user 4242");
    // Named, it is obeyed.
    let (code, out, err) = run(
        root,
        &["verify", "web/profile", "--plan", "--config", "aalint.toml"],
    );
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("as aalint.toml says"), "{out}");
    Ok(())
}

pub fn profiles_for_other_namespaces_are_refused_however_they_are_written() -> Result<(), Missing> {
    for header in [
        "profile :ns:web",
        "profile :ns://web",
        ":ns:/usr/bin/web",
        "\":ns:web\"",
        "profile \":ns:a web\"",
        "profile @{NAME}",
        "profile @{SPACE}web",
        "profile outer {\n  profile :ns:web {\n  }\n}\nprofile :ns:other",
        "profile :ns:web flags=(complain)",
        "profile :ns:web /usr/bin/web",
    ] {
        let (_keep, root) = own_directory();
        let text = format!("@{{NAME}}=:ns:web\n@{{SPACE}}=:ns:\n{header} {{\n  /srv/** r,\n}}\n");
        fs::write(root.join("web"), &text).unwrap();
        let (code, out, err) = run(&root, &["verify", "web", "--plan"]);
        assert_eq!(code, 2, "{text}{out}{err}");
        assert!(
            err.contains("another namespace") || err.contains("error"),
            "{text}{err}"
        );
    }
    Ok(())
}

pub fn what_somebody_else_may_exchange_is_not_included_by_its_absolute_path() -> Result<(), Missing>
{
    as_root()?;
    let (_keep, root) = own_directory();
    fs::create_dir(root.join("more")).unwrap();
    fs::write(root.join("more/rules"), "/srv/more r,\n").unwrap();
    let more = root.join("more").display().to_string();
    for path in [format!("{more}/rules"), more.clone()] {
        let text = format!("profile web {{\n  include \"{path}\"\n}}\n");
        fs::write(root.join("web"), text).unwrap();
        let (code, _, err) = run(&root, &["verify", "web", "--plan"]);
        assert_eq!(code, 0, "{path}: {err}");
        for given in ["more/rules", "more"] {
            chown(root.join(given), Some(STRANGER), None).unwrap();
            let (code, _, err) = run(&root, &["verify", "web", "--plan"]);
            assert_eq!(code, 2, "{path}, {given}: {err}");
            assert!(err.contains("by its absolute path"), "{err}");
            chown(root.join(given), Some(own_user()), None).unwrap();
        }
    }
    Ok(())
}

pub fn names_of_files_are_no_options_to_the_parser() -> Result<(), Missing> {
    parser()?;
    for name in [
        "--ofile=stolen",
        "-ostolen",
        "-R",
        "--remove",
        "-",
        "--",
        "-n",
        "--namespace-string=ns",
        "a b;touch stolen",
        "$(touch stolen)",
        "new\nline",
    ] {
        let (_keep, root) = own_directory();
        let journal = tempfile::tempdir().unwrap();
        let path = root.join(name).display().to_string();
        fs::write(&path, PROFILE).unwrap();
        let search = Search::default();
        let (policy, names) = compiled(&path, &search, journal.path());
        let defined = names_in_policy(&policy.unwrap()).unwrap();
        assert_eq!(defined, ["web"], "{name}");
        assert_eq!(names, ["web"], "{name}");
        // Relative, as the command line would have it.
        assert_eq!(fs::read_dir(&root).unwrap().count(), 1, "{name}");
        assert_eq!(fs::read(&path).unwrap(), PROFILE.as_bytes(), "{name}");
        assert_eq!(fs::read_dir(journal.path()).unwrap().count(), 0, "{name}");
        // Behind `--` on the command line as well.
        let (code, out, err) = run(&root, &["verify", "--plan", "--", name]);
        assert_eq!(code, 0, "{name}: {err}");
        assert!(out.contains("load `web`"), "{name}: {out}");
    }
    Ok(())
}

pub fn an_exchanged_file_changes_nothing() -> Result<(), Missing> {
    parser()?;
    let (_keep, root) = own_directory();
    let journal = tempfile::tempdir().unwrap();
    let path = root.join("web").display().to_string();
    fs::create_dir_all(root.join("base/tunables")).unwrap();
    fs::write(root.join("base/tunables/global"), "@{A}=/a\n").unwrap();
    fs::write(root.join("base/rules"), "/srv/** r,\n").unwrap();
    fs::write(&path, "profile web { include <rules> }\n").unwrap();
    let search = Search {
        directories: vec![root.join("base").display().to_string()],
        has_no_base: false,
    };
    let snapshot = Snapshot::new(&Disk);
    let look = || with_policy(&snapshot, &search, std::slice::from_ref(&path), &[], |_| ());
    look();
    fs::write(&path, "profile other { }\n").unwrap();
    fs::remove_file(root.join("base/rules")).unwrap();
    symlink("/etc/passwd", root.join("base/rules")).unwrap();
    let environment = Environment {
        program: parser().unwrap().to_owned(),
        ..Environment::default()
    };
    let paths = SystemPaths {
        journal: journal.path().to_owned(),
        ..SystemPaths::default()
    };
    let begun = Compilation::begin((&environment, &paths), &path, &search, &snapshot).unwrap();
    // While it is at work, nobody else can enter.
    let entries = fs::read_dir(journal.path()).unwrap();
    for entry in entries.map(|entry| entry.unwrap()) {
        assert_eq!(entry.metadata().unwrap().mode() & 0o7777, 0o700);
    }
    let policy = begun.policy(&Interrupt::default()).unwrap();
    assert_eq!(names_in_policy(&policy).unwrap(), ["web"]);
    assert_eq!(fs::read_dir(journal.path()).unwrap().count(), 0);
    Ok(())
}
