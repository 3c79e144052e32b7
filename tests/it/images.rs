//! Archives of container images, made here.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Write};

use aalint::images::{
    ContainerImage, Content, FileNodeKind, ImageError, Linkage, Lookup, OpenArchive, ReadSeek,
    read_archive, read_stream,
};
use tar::{Builder, EntryType, Header};

use crate::random::Random;

/// An archive in memory.
struct Bytes(Vec<u8>);

impl OpenArchive for Bytes {
    fn open(&self) -> io::Result<Box<dyn ReadSeek>> {
        Ok(Box::new(Cursor::new(self.0.clone())))
    }
}

/// Reads an archive, and the same bytes as an engine would send them: both give the same.
fn read(bytes: Vec<u8>) -> Result<ContainerImage, ImageError> {
    let of_engine = read_stream(bytes.as_slice());
    let is_compressed = bytes.starts_with(b"\x1f\x8b") || bytes.starts_with(b"\x28\xb5\x2f\xfd");
    let image = read_archive(&Bytes(bytes));
    match (&image, of_engine) {
        // Engines send neither of these.
        (_, Err(_)) if is_compressed => {}
        (Ok(image), Err(ImageError::NoImage)) => assert!(image.config.entrypoint.is_none()),
        (Ok(image), Ok(of_engine)) => {
            let files = |image: &ContainerImage| -> Vec<_> {
                let files = image.tree.iter();
                files
                    .map(|(path, node)| (path.to_vec(), node.clone()))
                    .collect()
            };
            assert_eq!(files(image), files(&of_engine));
            assert_eq!(image.config.entrypoint, of_engine.config.entrypoint);
        }
        (Err(_), Err(_)) => {}
        (image, of_engine) => panic!("{image:?}, and of an engine {of_engine:?}"),
    }
    image
}

/// A tar archive of these entries: a name with a slash at its end is a directory, a text that begins with `-> ` makes a link, with
/// `== ` another name.
pub fn tar(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (name, content) in entries {
        let mut header = Header::new_gnu();
        header.set_mode(0o644);
        header.set_uid(7);
        header.set_gid(8);
        header.set_size(0);
        if let Some(target) = content.strip_prefix(b"-> ") {
            header.set_entry_type(EntryType::Symlink);
            builder
                .append_link(&mut header, name, std::str::from_utf8(target).unwrap())
                .unwrap();
        } else if let Some(target) = content.strip_prefix(b"== ") {
            header.set_entry_type(EntryType::Link);
            builder
                .append_link(&mut header, name, std::str::from_utf8(target).unwrap())
                .unwrap();
        } else if name.ends_with('/') {
            header.set_entry_type(EntryType::Directory);
            builder.append_data(&mut header, name, io::empty()).unwrap();
        } else if name.contains("..") || name.starts_with("/etc") {
            // What the builder refuses to write.
            header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_size(content.len() as u64);
            header.set_cksum();
            builder.append(&header, *content).unwrap();
        } else {
            header.set_size(content.len() as u64);
            builder.append_data(&mut header, name, *content).unwrap();
        }
    }
    builder.into_inner().unwrap()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

const CONFIG: &[u8] = br#"{"config": {"Entrypoint": ["/usr/bin/web"], "User": "7"}}"#;

/// What `docker save` writes of layers.
pub fn saved(layers: &[Vec<u8>]) -> Vec<u8> {
    let hash = |number: usize| format!("{number:064x}");
    let names: Vec<String> = (0..layers.len())
        .map(|number| format!("{}/layer.tar", hash(number)))
        .collect();
    let config = format!("{}.json", hash(99));
    let listed: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    let manifest = format!(
        r#"[{{"Config": {config:?}, "RepoTags": ["web:1"], "Layers": [{}]}}]"#,
        listed.join(", ")
    );
    let mut entries: Vec<(&str, &[u8])> = vec![(&config, CONFIG)];
    entries.extend(
        names
            .iter()
            .map(String::as_str)
            .zip(layers.iter().map(Vec::as_slice)),
    );
    entries.push(("manifest.json", manifest.as_bytes()));
    tar(&entries)
}

/// The files of an OCI layout, with an index in the index, for two platforms and an attestation.
fn layout(layers: &[Vec<u8>]) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut blob = |number: usize, bytes: Vec<u8>| {
        files.insert(format!("blobs/sha256/{number:064x}"), bytes);
        format!("sha256:{number:064x}")
    };
    let config = blob(1, CONFIG.to_vec());
    let digests: Vec<String> = layers
        .iter()
        .zip(2..)
        .map(|(layer, number)| blob(number, layer.clone()))
        .collect();
    let listed: Vec<String> = digests
        .iter()
        .map(|digest| format!(r#"{{"digest": {digest:?}}}"#))
        .collect();
    let manifest = format!(
        r#"{{"config": {{"digest": {config:?}}}, "layers": [{}]}}"#,
        listed.join(",")
    );
    let manifest = blob(50, manifest.into_bytes());
    let other = blob(
        51,
        br#"{"config": {"digest": "sha256:0"}, "layers": []}"#.to_vec(),
    );
    let index = format!(
        r#"{{"manifests": [
            {{"digest": {other:?}, "platform": {{"architecture": "arm64", "os": "linux"}}}},
            {{"digest": {manifest:?}, "platform": {{"architecture": "amd64", "os": "linux"}}}},
            {{"digest": {other:?}, "platform": {{"architecture": "unknown", "os": "unknown"}}}}]}}"#
    );
    let index = blob(52, index.into_bytes());
    files.insert(
        "index.json".to_owned(),
        format!(r#"{{"manifests": [{{"digest": {index:?}}}]}}"#).into_bytes(),
    );
    files.insert(
        "oci-layout".to_owned(),
        br#"{"imageLayoutVersion": "1.0.0"}"#.to_vec(),
    );
    files
}

fn layers() -> Vec<Vec<u8>> {
    vec![
        tar(&[
            ("./usr/bin/", b""),
            ("./usr/bin/web", b"#!/bin/sh\nexec \"$@\"\n"),
            ("usr/bin/gone", b"x"),
            ("usr/share/a/old", b"x"),
            ("bin", b"-> usr/bin"),
        ]),
        tar(&[
            ("usr/bin/.wh.gone", b""),
            ("usr/share/a/new", b"x"),
            ("usr/share/a/.wh..wh..opq", b""),
            ("usr/bin/other", b"== usr/bin/web"),
            ("../escape", b"x"),
            ("usr/../../escape", b"x"),
            ("/etc/passwd", b"web:x:7:8::/:/bin/sh\n"),
        ]),
    ]
}

/// What lies at the paths that the layers are about.
fn shown(image: &ContainerImage) -> Vec<String> {
    let paths = [
        "/bin/web",
        "/usr/bin/gone",
        "/usr/share/a/old",
        "/usr/share/a/new",
        "/usr/bin/other",
        "/escape",
        "/etc/passwd",
    ];
    let show = |path: &&str| match image.tree.lookup(path.as_bytes()) {
        Lookup::Found(real, node) => {
            let kind = match &node.kind {
                FileNodeKind::File(_) => "file",
                _ => "other",
            };
            format!("{} {kind}", String::from_utf8(real).unwrap())
        }
        Lookup::Missing => "missing".to_owned(),
        Lookup::Unknown => "unknown".to_owned(),
    };
    paths.iter().map(show).collect()
}

const EXPECTED: [&str; 7] = [
    "/usr/bin/web file",
    "missing",
    "missing",
    "/usr/share/a/new file",
    "/usr/bin/other file",
    "missing",
    "/etc/passwd file",
];

#[test]
fn each_form_of_an_archive_is_the_same_image() {
    let plain = layers();
    let zipped: Vec<Vec<u8>> = plain.iter().map(|layer| gzip(layer)).collect();
    let with_zstd: Vec<Vec<u8>> = plain.iter().map(|layer| zstd(layer)).collect();
    // A stream of several frames, as some writers make it.
    let frames: Vec<Vec<u8>> = plain
        .iter()
        .map(|layer| layer.chunks(700).flat_map(zstd).collect())
        .collect();
    let of_layout = |layers: &[Vec<u8>]| {
        let files = layout(layers);
        let entries: Vec<(&str, &[u8])> = files
            .iter()
            .map(|(name, bytes)| (&**name, &**bytes))
            .collect();
        tar(&entries)
    };
    for (name, archive) in [
        ("docker save", saved(&plain)),
        ("docker save, gzip layers", saved(&zipped)),
        ("docker save, zstd layers", saved(&with_zstd)),
        ("docker save, zstd frames", saved(&frames)),
        ("docker save | gzip", gzip(&saved(&plain))),
        ("docker save | gzip, gzip layers", gzip(&saved(&zipped))),
        ("docker save | zstd", zstd(&saved(&plain))),
        ("OCI layout", of_layout(&zipped)),
        ("OCI layout, compressed", gzip(&of_layout(&with_zstd))),
    ] {
        let image = read(archive).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(shown(&image), EXPECTED, "{name}");
        assert_eq!(image.config.entrypoint.unwrap(), ["/usr/bin/web"], "{name}");
        assert!(image.tree.is_complete());
    }
}

#[test]
fn of_several_platforms_the_one_that_is_there_is_read() {
    let mut files = layout(&layers());
    // The index names it first for another platform now, and the one for amd64 is gone.
    let index = files.get_mut(&format!("blobs/sha256/{:064x}", 52)).unwrap();
    let text = String::from_utf8(index.clone()).unwrap();
    let (amd64, arm64) = (format!("sha256:{:064x}", 50), format!("sha256:{:064x}", 51));
    let text = text.replacen(&arm64, "sha256:other", 1);
    let text = text.replace(&amd64, &arm64).replace("sha256:other", &amd64);
    *index = text.into_bytes();
    files.remove(&format!("blobs/sha256/{:064x}", 51));
    let entries: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, bytes)| (&**name, &**bytes))
        .collect();
    assert_eq!(shown(&read(tar(&entries)).unwrap()), EXPECTED);
}

#[test]
fn an_oci_layout_on_disk() {
    let directory = tempfile::tempdir().unwrap();
    for (name, bytes) in layout(&layers()) {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let image = aalint::host::open_image(directory.path().to_str().unwrap()).unwrap();
    assert_eq!(shown(&image), EXPECTED);
}

#[test]
fn a_directory_and_an_exported_system() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    std::fs::create_dir_all(at("usr/bin")).unwrap();
    std::fs::write(at("usr/bin/web"), "#!/bin/sh\n").unwrap();
    std::os::unix::fs::symlink("usr/bin", at("bin")).unwrap();
    // It leads out of the directory on this machine, and to the image's own file in the image.
    std::os::unix::fs::symlink("/etc/passwd", at("escape")).unwrap();
    let image = aalint::host::open_image(directory.path().to_str().unwrap()).unwrap();
    assert_eq!(shown(&image)[0], "/usr/bin/web file");
    assert_eq!(shown(&image)[5], "missing");
    assert!(image.config.entrypoint.is_none());
    let exported = tar(&[("usr/bin/web", b"#!/bin/sh\n"), ("bin", b"-> usr/bin")]);
    for archive in [exported.clone(), gzip(&exported)] {
        let image = read(archive).unwrap();
        assert_eq!(shown(&image)[0], "/usr/bin/web file");
        assert!(image.config.entrypoint.is_none());
    }
}

#[test]
fn old_archives_link_layers_that_are_the_same() {
    let hash = |number: usize| format!("{number:064x}");
    let layer = layers().remove(0);
    let (first, second, config) = (
        format!("{}/layer.tar", hash(1)),
        format!("{}/layer.tar", hash(2)),
        format!("{}.json", hash(3)),
    );
    let manifest = format!(r#"[{{"Config": {config:?}, "Layers": [{first:?}, {second:?}]}}]"#);
    let link = format!("-> ../{first}");
    let archive = tar(&[
        (&first, &layer),
        (&second, link.as_bytes()),
        (&config, CONFIG),
        ("manifest.json", manifest.as_bytes()),
    ]);
    for archive in [archive.clone(), gzip(&archive)] {
        assert_eq!(shown(&read(archive).unwrap())[0], "/usr/bin/web file");
    }
}

fn error(archive: Vec<u8>) -> String {
    read(archive).unwrap_err().to_string()
}

#[test]
fn what_is_no_image_is_said() {
    let two = br#"[{"Config": "a", "Layers": []}, {"Config": "b", "Layers": []}]"#;
    assert_eq!(
        error(tar(&[("manifest.json", two)])),
        "it holds 2 images: save one of them alone"
    );
    let missing = br#"[{"Config": "00000000000000000000000000000000.json", "Layers": []}]"#;
    assert_eq!(
        error(tar(&[("manifest.json", missing)])),
        "`00000000000000000000000000000000.json` is not in it"
    );
    let outside = br#"{"manifests": [{"digest": "sha256:../../etc/passwd"}]}"#;
    assert_eq!(
        error(tar(&[("index.json", outside)])),
        "`sha256:../../etc/passwd` is not in it"
    );
    let wrong = br#"{"Config": 5}"#;
    assert_eq!(
        error(tar(&[("manifest.json", wrong)])),
        "`manifest.json` is not as in an image, at line 1, column 0"
    );
    assert!(error(tar(&[("notes.txt", b"x")])).starts_with("is no image: "));
    assert!(matches!(
        read(b"no tar archive at all".to_vec()),
        Err(ImageError::Io(_) | ImageError::NoImage)
    ));
    assert!(read(Vec::new()).is_err());
}

#[test]
fn members_with_extended_headers() {
    let saved = saved(&layers());
    let mut archive = tar::Archive::new(saved.as_slice());
    let mut builder = Builder::new(Vec::new());
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_str().unwrap().to_owned();
        // Python's writer says the time in an extended header, and a long name as well.
        let extensions = [("mtime", &b"1.5"[..]), ("path", name.as_bytes())];
        builder.append_pax_extensions(extensions).unwrap();
        let mut header = entry.header().clone();
        header.set_path("short").unwrap();
        header.set_cksum();
        builder.append(&header, &mut entry).unwrap();
    }
    let archive = builder.into_inner().unwrap();
    for archive in [archive.clone(), gzip(&archive)] {
        assert_eq!(shown(&read(archive).unwrap()), EXPECTED);
    }
}

#[test]
fn sizes_in_extended_headers_are_refused() {
    let mut builder = Builder::new(Vec::new());
    builder
        .append_pax_extensions([("size", &b"9000000000"[..])])
        .unwrap();
    let mut header = Header::new_ustar();
    header.set_size(0);
    builder
        .append_data(&mut header, "usr/bin/web", io::empty())
        .unwrap();
    let layer = builder.into_inner().unwrap();
    assert_eq!(error(saved(&[layer])), "it holds a file of 8 GiB or more");
    // A name that no system takes, and more bytes for a name than are read.
    let long = "a/".repeat(3_000);
    let image = read(saved(&[tar(&[(&long, b""), ("usr/x", b"")])])).unwrap();
    assert_eq!(
        image
            .tree
            .iter()
            .filter(|(path, _)| path.starts_with(b"a/"))
            .count(),
        0
    );
    let longest = "a/".repeat(40_000);
    assert_eq!(
        error(saved(&[tar(&[(&longest, b"")])])),
        "it holds a name that is too long"
    );
}

/// What a file that is no archive holds is not shown, and the reason is.
#[test]
fn errors_quote_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x");
    std::fs::write(&path, "a secret line\n".repeat(200)).unwrap();
    let said = aalint::host::open_image(path.to_str().unwrap())
        .unwrap_err()
        .to_string();
    assert_eq!(said, "it is no archive of an image, or it is damaged");
    let missing = aalint::host::open_image("nowhere/at/all")
        .unwrap_err()
        .to_string();
    assert_eq!(missing, "No such file or directory (os error 2)");
    let device = aalint::host::open_image("/dev/null")
        .unwrap_err()
        .to_string();
    assert!(device.starts_with("not a regular file"), "{device}");
    let secret = br#"[{"Config": {"secret": 1}, "Layers": "secret"}]"#;
    assert!(!error(tar(&[("manifest.json", secret)])).contains("secret"));
}

/// Whatever becomes of an archive on its way, it is an image or an error.
#[test]
fn damaged_archives_are_errors_or_images() {
    let mut random = Random::new(11);
    let archives = [
        saved(&layers()),
        gzip(&saved(&layers())),
        saved(&layers().iter().map(|layer| zstd(layer)).collect::<Vec<_>>()),
    ];
    let mut errors = 0;
    for round in 0..600 {
        let mut bytes = archives[round % archives.len()].clone();
        for _ in 0..=random.below(4) {
            let at = random.below(bytes.len());
            match random.below(3) {
                0 => bytes[at] = u8::try_from(random.below(256)).unwrap(),
                1 => bytes.truncate(at.max(1)),
                _ => {
                    let length = random.below(64).min(bytes.len() - at);
                    let part = bytes[at..at + length].to_vec();
                    let to = random.below(bytes.len());
                    bytes.splice(to..to, part);
                }
            }
        }
        let of_engine = read_stream(bytes.as_slice());
        let image = read_archive(&Bytes(bytes));
        // A file is skipped by its size, and may end before; a stream that does is cut.
        assert!(image.is_ok() || of_engine.is_err(), "{of_engine:?}");
        errors += usize::from(image.is_err());
    }
    assert!(errors > 100, "{errors}");
}

fn linkage(bytes: &[u8]) -> Option<Linkage> {
    match Content::of(b"usr/bin/x", bytes) {
        Content::Elf(linkage) => linkage.map(|linkage| (*linkage).clone()),
        _ => None,
    }
}

#[test]
fn what_a_real_program_needs() {
    let bytes = std::fs::read(env!("CARGO_BIN_EXE_aalint")).unwrap();
    let found = linkage(&bytes).unwrap();
    assert!(found.interpreter.unwrap().contains("ld-"));
    assert!(found.needed.iter().any(|name| name.starts_with("libc.so")));
    for length in [0, 4, 5, 16, 63, 64, 100, 500] {
        assert_eq!(linkage(&bytes[..length]), None, "{length}");
    }
    let text =
        b"\x7fELF\x02\x01\x01 some text that is long enough for a header of sixty-four bytes";
    assert_eq!(linkage(text), None);
}

/// The head of a program, changed at random: no size or place in it is believed.
#[test]
fn damaged_programs_are_read_or_not() {
    let bytes = std::fs::read(env!("CARGO_BIN_EXE_aalint")).unwrap();
    let mut random = Random::new(5);
    let mut head = bytes[..bytes.len().min(1 << 16)].to_vec();
    let whole = head.clone();
    for _ in 0..2_000 {
        for _ in 0..=random.below(3) {
            let reach = if random.percent(80) {
                1_024
            } else {
                head.len()
            };
            let at = random.below(reach);
            head[at] = u8::try_from(random.below(256)).unwrap();
        }
        let _ = linkage(&head);
        head.copy_from_slice(&whole);
    }
}
