//! Images that the command line and the configuration name and a container engine has: what is asked of it, and what is said where it
//! does not answer as it should.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use crate::common::engine::{Fake, Reply};
use crate::images::{gzip, saved, tar, zstd};

/// The profile allows what the image opens.
const PROFILE: &str = "abi <abi/3.0>,\nprofile web flags=(attach_disconnected,mediate_deleted) {\n  /usr/bin/web r,\n  /usr/bin/sh mrix,\n  deny /proc/** w,\n}\n";
/// It allows nothing.
const NARROW: &str = "abi <abi/3.0>,\nprofile web flags=(attach_disconnected,mediate_deleted) {\n  /srv/** r,\n  deny /proc/** w,\n}\n";

/// A directory of a project with a profile, that nobody else may write to, whatever the mask is.
fn project(profile: &str, config: &str) -> tempfile::TempDir {
    let here = tempfile::tempdir().unwrap();
    write(here.path(), "profile", profile);
    if !config.is_empty() {
        write(here.path(), "aalint.toml", config);
    }
    here
}

fn write(here: &Path, name: &str, text: &str) {
    let path = here.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
}

fn aalint(here: &Path, engine: &str, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_aalint"))
        .args(arguments)
        .current_dir(here)
        .env("DOCKER_HOST", engine)
        .env_remove("DOCKER_CONTEXT")
        .env_remove("SUDO_UID")
        .output()
        .unwrap()
}

/// Exit code, standard output and standard error.
fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('\n', " ");
    (
        output.status.code().unwrap(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

fn id() -> String {
    format!("sha256:{}", "1".repeat(64))
}

/// A static program, as far as aalint looks.
fn program() -> Vec<u8> {
    let mut bytes = vec![0; 64];
    bytes[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    bytes[16..20].copy_from_slice(&[2, 0, 62, 0]);
    bytes[20] = 1;
    bytes[52] = 64;
    bytes[54] = 56;
    bytes[58] = 64;
    bytes
}

fn layers() -> Vec<Vec<u8>> {
    let passwd = b"web:x:7:7::/:/bin/sh\n";
    vec![
        tar(&[
            ("usr/bin/web", b"#!/usr/bin/sh\necho\n"),
            ("usr/bin/sh", &program()),
            ("etc/passwd", passwd),
        ]),
        gzip(&tar(&[("etc/motd", b"hello")])),
    ]
}

/// An engine that has the image `web:1` and gives it so.
fn engine(reply: impl Fn() -> Reply + Send + 'static) -> Fake {
    let get = format!("GET /images/{}/get", id());
    Fake::start(move |request| match request {
        "GET /version" => (200, r#"{"Version": "26.1.5"}"#.to_owned()).into(),
        "GET /images/web:1/json" | "GET /images/web/json" => {
            (200, format!("{{\"Id\": \"{}\"}}", id())).into()
        }
        "GET /images/json" => {
            let image = r#"{"Id": "1", "RepoTags": ["web:1", "../odd\u001b[2J"], "ParentId": "", "RepoDigests": [],
                "Created": 1, "Size": 1, "SharedSize": 1, "Labels": {}, "Containers": 1}"#;
            (200, format!("[{image}]")).into()
        }
        asked if asked == get => reply(),
        _ => (404, r#"{"message": "no such image"}"#.to_owned()).into(),
    })
}

fn sound() -> Fake {
    engine(|| Reply::Stream(saved(&layers())))
}

#[test]
fn a_name_is_read_of_the_engine() {
    for name in ["web:1", "web", "profile-of-it=web:1"] {
        let here = project(PROFILE, "");
        let fake = sound();
        let arguments = ["check", "--isolated", "--image", name, "profile"];
        let (_, out, err) = told(&aalint(here.path(), &fake.address(), &arguments));
        let name = name.rsplit('=').next().unwrap();
        if name == "web:1" {
            assert!(err.is_empty(), "{err}");
        }
        let asked = [
            "GET /version".to_owned(),
            format!("GET /images/{name}/json"),
            format!("GET /images/{}/get", id()),
        ];
        assert_eq!(fake.asked(), asked, "{out} {err}");
    }
}

#[test]
fn the_copy_of_the_engine_is_judged_as_an_archive_is() {
    for profile in [PROFILE, NARROW] {
        let here = project(profile, "");
        let fake = sound();
        let check = |image: &str| {
            let arguments = ["check", "--isolated", "--image", image, "profile"];
            told(&aalint(here.path(), &fake.address(), &arguments))
        };
        let (code, out, _) = check("web:1");
        let note = "read of container images: the container of `web:1` (all files of the engine's copy of `web:1`)";
        assert!(out.contains(note), "{out}");
        assert_eq!(code, i32::from(profile == NARROW), "{out}");
        assert_eq!(
            out.contains("container-entrypoint"),
            profile == NARROW,
            "{out}"
        );
        fs::write(here.path().join("web.tar"), saved(&layers())).unwrap();
        let (of_archive, archive, _) = check("web.tar");
        let plain = |text: &str| {
            let text = text.replace("the engine's copy of ", "");
            text.replace("web:1", "web.tar")
        };
        assert_eq!((code, plain(&out)), (of_archive, archive));
        assert_eq!(fake.asked().len(), 3, "a path asks no engine");
    }
}

#[test]
fn an_image_may_come_in_small_pieces() {
    let mut layers = layers();
    layers.push(zstd(&tar(&[("srv/a", b"a")])));
    let here = project(NARROW, "");
    let check = |reply: fn(Vec<u8>) -> Reply| {
        let bytes = saved(&layers);
        let fake = engine(move || reply(bytes.clone()));
        let arguments = ["check", "--isolated", "--image", "web:1", "profile"];
        told(&aalint(here.path(), &fake.address(), &arguments))
    };
    let whole = check(Reply::Stream);
    assert_eq!(whole.0, 1, "{}", whole.2);
    assert_eq!(check(Reply::Crumbs), whole);
}

#[test]
fn what_is_there_or_looks_like_a_path_is_none() {
    let here = project(PROFILE, "");
    write(here.path(), "images/other/file", "");
    write(here.path(), "web/Dockerfile", "FROM scratch\n");
    std::os::unix::fs::symlink("nowhere", here.path().join("dangling")).unwrap();
    let fake = sound();
    for (path, words) in [
        ("./web:1", "No such file"),
        ("/web", "No such file"),
        ("web.tar", "No such file"),
        ("web.tar.gz", "No such file"),
        ("images/web", "No such file"),
        ("images/none/web", "No such file"),
        ("Web", "No such file"),
        ("web:1:2", "No such file"),
        ("dangling", "No such file"),
        (
            "web",
            "`--image web:latest` names the image that the engine has",
        ),
        ("profile", "it is no archive of an image"),
    ] {
        let arguments = ["check", "--isolated", "--image", path, "profile"];
        let (code, out, err) = told(&aalint(here.path(), &fake.address(), &arguments));
        assert_eq!(code, 2, "{path}: {out}");
        assert!(err.contains(words), "{path}: {err}");
        assert!(
            err.contains(&format!("the image {path} cannot be read")),
            "{err}"
        );
    }
    assert!(fake.asked().is_empty(), "{:?}", fake.asked());
}

#[test]
fn an_engine_that_is_not_there_is_said() {
    let here = project(PROFILE, "");
    for (address, words) in [
        (
            "unix:///nowhere/engine.sock",
            "no such path is there, and no engine answers at unix:///nowhere/engine.sock",
        ),
        (
            "tcp://192.0.2.1:2375",
            "the engine at tcp://192.0.2.1:2375 is not on this machine",
        ),
    ] {
        for command in ["check", "init"] {
            let path = if command == "init" { "." } else { "profile" };
            let arguments = [command, "--isolated", "--image", "web:1", path];
            let (code, out, err) = told(&aalint(here.path(), address, &arguments));
            assert_eq!(code, 2, "{out}");
            for words in [words, "DOCKER_HOST", "`docker save web:1 -o FILE`"] {
                assert!(err.contains(words), "{err}");
            }
        }
    }
    assert_eq!(
        fs::read_dir(here.path()).unwrap().count(),
        1,
        "init wrote something"
    );
}

#[test]
fn an_image_that_the_engine_lacks_is_not_pulled() {
    let here = project(PROFILE, "");
    for (name, near) in [("web:2", Some("web:1")), ("nginx:1.27", None)] {
        let fake = sound();
        let arguments = ["check", "--isolated", "--image", name, "profile"];
        let (code, _, err) = told(&aalint(here.path(), &fake.address(), &arguments));
        assert_eq!(code, 2);
        assert!(err.contains("has no image of that name"), "{err}");
        assert!(
            err.contains(&format!("`docker pull {name}` gets it")),
            "{err}"
        );
        let proposal = near.map(|near| format!("did you mean `{near}`?"));
        assert_eq!(err.contains("did you mean"), near.is_some(), "{err}");
        assert!(err.contains(&proposal.unwrap_or_default()), "{err}");
        assert!(!err.contains("odd"), "{err}");
        let is_read = |request: &String| request.starts_with("GET ") && !request.contains("/get");
        assert!(fake.asked().iter().all(is_read), "{:?}", fake.asked());
    }
}

/// A member of an archive with a name, a size, and nothing of its bytes.
fn header(name: &str, kind: ::tar::EntryType, size: u64) -> Vec<u8> {
    let mut header = ::tar::Header::new_gnu();
    header.set_path(name).unwrap();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_cksum();
    header.as_bytes().to_vec()
}

#[test]
fn answers_that_no_engine_should_give_are_said() {
    let whole = saved(&layers());
    let half = whole[..whole.len() / 2].to_vec();
    // Behind what was sent.
    let mut told_late = whole[..1024].to_vec();
    told_late.extend(b"{\"errorDetail\":{\"message\":\"disk full\"},\"error\":\"disk full\"}\r\n");
    let no_layer = saved(&[b"this is no layer".to_vec()]);
    let large = header("blobs/sha256/1", ::tar::EntryType::Regular, 1 << 50);
    // What stands in front of members, without any.
    let mut global = header("blobs", ::tar::EntryType::XGlobalHeader, 1 << 30);
    global.extend(vec![0; 1 << 20]);
    let members =
        (0..12_000).flat_map(|n| header(&format!("blobs/{n}"), ::tar::EntryType::Directory, 0));
    let members: Vec<u8> = members.collect();
    let several = {
        let text = br#"[{"Config": "a", "Layers": []}, {"Config": "b", "Layers": []}]"#;
        tar(&[("manifest.json", text)])
    };
    type Case = (&'static str, Box<dyn Fn() -> Reply + Send>, &'static str);
    let stream = |bytes: Vec<u8>| -> Box<dyn Fn() -> Reply + Send> {
        Box::new(move || Reply::Stream(bytes.clone()))
    };
    let cases: Vec<Case> = vec![
        (
            "404",
            Box::new(|| (404, r#"{"message": "gone meanwhile"}"#.to_owned()).into()),
            "does not give it: gone meanwhile",
        ),
        (
            "500",
            Box::new(|| (500, r#"{"message": "bad \u001b[2J day"}"#.to_owned()).into()),
            "does not give it: bad  [2J day",
        ),
        (
            "cut",
            Box::new(move || Reply::Cut(half.clone())),
            "stopped in the middle of it",
        ),
        (
            "error at the end",
            stream(told_late),
            "stopped in the middle of it: disk full",
        ),
        (
            "half of an archive",
            stream(whole[..whole.len() / 2].to_vec()),
            "it is damaged",
        ),
        ("nothing", stream(Vec::new()), "cannot be read"),
        ("words", stream(b"hello".repeat(1000)), "it is damaged"),
        (
            "no HTTP",
            Box::new(|| Reply::Garbage(b"\0\x01garbage".to_vec())),
            "does not give it",
        ),
        (
            "zeros for ever",
            Box::new(|| Reply::Endless(Vec::new(), vec![0; 4096])),
            "is no image",
        ),
        (
            "letters for ever",
            Box::new(|| Reply::Endless(Vec::new(), vec![b'a'; 4096])),
            "it is damaged",
        ),
        (
            "members for ever",
            Box::new(move || Reply::Endless(Vec::new(), members.clone())),
            "it has more members than are read",
        ),
        (
            "a large member",
            Box::new(move || Reply::Endless(large.clone(), vec![0; 4096])),
            "it has more bytes than are read",
        ),
        ("several images", stream(several), "it holds 2 images"),
        ("no layer", stream(no_layer), "cannot be read"),
    ];
    for (name, reply, words) in cases {
        let here = project(PROFILE, "");
        let fake = engine(reply);
        let arguments = ["check", "--isolated", "--image", "web:1", "profile"];
        let (code, out, err) = told(&aalint(here.path(), &fake.address(), &arguments));
        assert_eq!(code, 2, "{name}: {out}");
        assert!(err.contains(words), "{name}: {err}");
        assert!(!err.contains('\u{1b}') && err.len() < 600, "{name}: {err}");
    }
}

#[test]
fn an_odd_id_becomes_no_address() {
    let here = project(PROFILE, "");
    let fake = Fake::start(|request| match request {
        "GET /images/web:1/json" => (200, r#"{"Id": "../../containers/1"}"#.to_owned()),
        _ => (200, "{}".to_owned()),
    });
    let arguments = ["check", "--isolated", "--image", "web:1", "profile"];
    let (code, _, err) = told(&aalint(here.path(), &fake.address(), &arguments));
    assert_eq!(code, 2);
    assert!(err.contains("it answers what no engine would"), "{err}");
    assert_eq!(fake.asked(), ["GET /version", "GET /images/web:1/json"]);
}

#[test]
fn the_own_configuration_may_name_an_image_of_the_engine() {
    for config in [
        "[container]\nimage = \"web:1\"\n",
        "[container.images]\nweb = \"web:1\"\n",
    ] {
        let here = project(NARROW, config);
        let fake = sound();
        let (code, out, err) = told(&aalint(here.path(), &fake.address(), &["check", "profile"]));
        assert_eq!(code, 1, "{err}");
        assert!(out.contains("container-entrypoint"), "{out}");
        assert!(out.contains("the engine's copy of `web:1`"), "{out}");
        assert_eq!(fake.asked().len(), 3);
    }
}

#[test]
fn a_configuration_of_others_asks_no_engine() {
    for (config, argument) in [
        ("[container]\nimage = \"web:1\"\n", "`--image web:1`"),
        (
            "[container.images]\nweb = \"web:1\"\n",
            "`--image web=web:1`",
        ),
    ] {
        let here = project(NARROW, config);
        let path = here.path().join("aalint.toml");
        fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
        let fake = sound();
        for format in ["human", "json", "github"] {
            let arguments = ["check", "--format", format, "profile"];
            let (code, out, err) = told(&aalint(here.path(), &fake.address(), &arguments));
            assert_ne!(code, 2, "{err}");
            let note = "the engine is not asked for the image `web:1` that the configuration names, because others may write to";
            assert!(out.contains(note), "{out}");
            assert!(out.contains(argument), "{out}");
        }
        assert!(fake.asked().is_empty(), "{:?}", fake.asked());
        // Who runs it may.
        let arguments = ["check", "--image", "web:1", "profile"];
        let (_, out, _) = told(&aalint(here.path(), &fake.address(), &arguments));
        assert!(out.contains("the engine's copy of `web:1`"), "{out}");
        assert!(!out.contains("is not asked"), "{out}");
    }
}

#[test]
fn the_endpoint_of_a_configuration_is_not_obeyed() {
    let other = sound();
    let verify = format!(
        "[container]\nimage = \"web:1\"\n[verify]\nprofile = \"profile\"\nname = \"web\"\nimage = \"web:1\"\nport = 80\nendpoint = \"{}\"\n",
        other.address()
    );
    let here = project(PROFILE, &verify);
    let fake = sound();
    told(&aalint(here.path(), &fake.address(), &["check", "profile"]));
    assert!(other.asked().is_empty(), "{:?}", other.asked());
    assert_eq!(fake.asked().len(), 3);
}

#[test]
fn what_compose_files_name_is_not_asked_for() {
    let here = project(PROFILE, "");
    let compose = "services:\n  web:\n    image: web:1\n    security_opt: [\"apparmor=web\"]\n";
    write(here.path(), "compose.yaml", compose);
    write(
        here.path(),
        "pod/Dockerfile",
        "FROM web:1\nCMD [\"/usr/bin/web\"]\n",
    );
    let fake = sound();
    let (_, out, err) = told(&aalint(here.path(), &fake.address(), &["check", "."]));
    assert!(
        out.contains("the files of `web:1` are not at hand"),
        "{out} {err}"
    );
    assert!(out.contains("an image that the engine has"), "{out}");
    told(&aalint(here.path(), &fake.address(), &["init", "."]));
    assert!(fake.asked().is_empty(), "{:?}", fake.asked());
}

#[test]
fn init_drafts_from_the_copy_of_the_engine() {
    let here = tempfile::tempdir().unwrap();
    fs::create_dir(here.path().join("app")).unwrap();
    let fake = sound();
    let arguments = ["init", "app", "--image", "web:1", "--name", "web"];
    let (code, out, err) = told(&aalint(here.path(), &fake.address(), &arguments));
    assert_eq!(code, 0, "{out} {err}");
    let read = |name: &str| fs::read_to_string(here.path().join("app").join(name)).unwrap();
    assert!(
        read("apparmor/web").contains("/usr/bin/web"),
        "{}",
        read("apparmor/web")
    );
    assert!(
        read("aalint.toml").contains("image = \"web:1\""),
        "{}",
        read("aalint.toml")
    );
    fs::set_permissions(here.path().join("app"), Permissions::from_mode(0o755)).unwrap();
    let config = here.path().join("app/aalint.toml");
    fs::set_permissions(config, Permissions::from_mode(0o644)).unwrap();
    // What it wrote is what check then asks for.
    let (code, out, err) = told(&aalint(
        here.path(),
        &fake.address(),
        &["check", "--fail-on", "error", "app"],
    ));
    assert_eq!(code, 0, "{out} {err}");
    assert!(out.contains("the engine's copy of `web:1`"), "{out}");
}
