//! The decoder of compiled policy, on small profiles whose answers are plain.

use std::time::Duration;

use crate::common::{Missing, needed};
use crate::oracle;
use crate::oracle::decode::{Masks, Profile, decode};
use crate::oracle::policy;
use crate::oracle::random::Random;
use crate::oracle::run::{self, Features, Input, Outcome, Parser};

/// The newest encoding of permissions, on top of other features.
const PERMSTABLE: &str = "policy {permstable32_version {0x000003\n}\npermstable32 {allow deny subtree cond kill \
                          complain prompt audit quiet hide xindex tag label\n}\n";

fn text_of_features() -> Result<String, Missing> {
    let path = needed("conformance/tst/features_files")?;
    Ok(std::fs::read_to_string(path.join("features.all")).unwrap())
}

/// Each parser with each encoding that it writes.
fn ways() -> Result<[(&'static Parser, Features); 3], Missing> {
    let (old, parsers) = (text_of_features()?, run::needed()?);
    let new = old.replace("policy {", PERMSTABLE);
    assert_ne!(new, old);
    Ok([
        (&parsers.stable, Features::from_text("features", &old)),
        (&parsers.newer, Features::from_text("features", &old)),
        (
            &parsers.newer,
            Features::from_text("features.permstable32", &new),
        ),
    ])
}

fn compile(parser: &Parser, features: &Features, text: &str) -> Vec<u8> {
    let input = Input {
        text: text.as_bytes(),
        base: None,
        features,
    };
    match parser.compile(&input, Duration::from_secs(20)) {
        Outcome::Compiled(bytes) => bytes,
        other => panic!("{text}: {other:?}"),
    }
}

fn profiles(parser: &Parser, features: &Features, text: &str) -> Vec<Profile> {
    decode(&compile(parser, features, text)).unwrap()
}

/// Rules, a path, and what is decided for it, as both parsers and both encodings say.
const KNOWN: &[(&str, &str, &str)] = &[
    ("/etc/passwd r,", "/etc/passwd", "r"),
    ("/etc/passwd r,", "/etc/passwdx", "-"),
    ("/etc/passwd r,", "/etc/passw", "-"),
    ("/etc/* rw,", "/etc/a", "rwa"),
    ("/etc/* rw,", "/etc/", "-"),
    ("/etc/* rw,", "/etc/a/b", "-"),
    ("/etc/** k,", "/etc/a/b", "k"),
    ("/f a,", "/f", "a"),
    ("/f l,", "/f", "l"),
    ("/f m,", "/f", "m"),
    ("owner /f rw,", "/f", "owner rwa other -"),
    ("/f rw, deny /f w,", "/f", "r quiet=wa"),
    ("/f rw, audit deny /f w,", "/f", "r"),
    ("audit /f rw,", "/f", "rwa audit=rwa"),
    (
        "audit owner /f r, /f w,",
        "/f",
        "owner rwa audit=r other wa",
    ),
    ("deny owner /f r, /f r,", "/f", "owner - quiet=r other r"),
    ("deny /f x,", "/f", "- quiet=x"),
    ("/f ix,", "/f", "mx(ix)"),
    ("/f px,", "/f", "x(px)"),
    ("/f Px,", "/f", "x(Px)"),
    ("/f cx,", "/f", "x(cx)"),
    ("/f Cx,", "/f", "x(Cx)"),
    ("/f ux,", "/f", "x(ux)"),
    ("/f Ux,", "/f", "x(Ux)"),
    ("/f pix,", "/f", "mx(pix)"),
    ("/f Cix,", "/f", "mx(Cix)"),
    ("/f PUx,", "/f", "x(Pux)"),
    ("/f cux,", "/f", "x(cux)"),
    ("/f px -> a,", "/f", "x(px -> a)"),
    ("/f Px -> :ns:a,", "/f", "x(Px -> :ns:a)"),
    ("/f px -> &a,", "/f", "x(px -> &a)"),
    ("/f cx -> a,", "/f", "x(px -> p//a)"),
    ("/f Pux -> a,", "/f", "x(Pux -> a)"),
    ("/f pix -> a,", "/f", "mx(pix -> a)"),
    ("/f px -> a, /g px -> b, /h px -> a,", "/h", "x(px -> a)"),
    ("owner /f px, /f* ux,", "/fa", "x(ux)"),
    ("file,", "/", "rwalkmx(ix)"),
    ("file,", "f", "-"),
    ("/[^a] r,", "//", "r"),
    ("/? r,", "/é", "-"),
    ("capability chown,", "/f", "-"),
];

pub fn paths_are_decided() -> Result<(), Missing> {
    for (parser, features) in ways()? {
        for (rules, path, expected) in KNOWN {
            let all = profiles(parser, &features, &format!("profile p {{ {rules} }}"));
            let [profile] = all.as_slice() else {
                panic!("{rules}: {} profiles", all.len());
            };
            let answer = profile
                .files
                .as_ref()
                .map(|files| files.answer(path.as_bytes()));
            let answer = answer.unwrap_or_default().to_string();
            assert_eq!(
                answer, *expected,
                "{rules} at {path}, parser {}",
                parser.version
            );
        }
    }
    Ok(())
}

/// Rules, a link, its target, and what is decided: for one's own files and for others'.
const PAIRS: &[(&str, &str, &str, &str, &str)] = &[
    ("/l l,", "/l", "/t", "link subset", "link"),
    ("/l l,", "/l", "/", "-", "-"),
    ("/l l,", "/m", "/t", "-", "-"),
    ("link /l -> /t,", "/l", "/t", "link", "link"),
    ("link /l -> /t,", "/l", "/tt", "-", "-"),
    ("link subset /l -> /t,", "/l", "/t", "link subset", "link"),
    ("owner link /l -> /t,", "/l", "/t", "link", "-"),
    (
        "audit link /l -> /t,",
        "/l",
        "/t",
        "link audited",
        "link audited",
    ),
    (
        "/l l, deny link /l -> /t,",
        "/l",
        "/t",
        "- subset quiet",
        "- quiet",
    ),
    (
        "/l l, deny link /l -> /t,",
        "/l",
        "/u",
        "link subset",
        "link",
    ),
];

pub fn links_are_decided() -> Result<(), Missing> {
    for (parser, features) in ways()? {
        for (rules, link, target, owner, other) in PAIRS {
            let all = profiles(parser, &features, &format!("profile p {{ {rules} }}"));
            let files = all[0].files.as_ref().unwrap();
            let (own, others) = files.pair(link.as_bytes(), target.as_bytes());
            let found = (own.to_string(), others.to_string());
            let expected = ((*owner).to_owned(), (*other).to_owned());
            assert_eq!(
                found, expected,
                "{rules} at {link} -> {target}, parser {}",
                parser.version
            );
        }
    }
    Ok(())
}

pub fn the_rest_of_a_profile_is_read() -> Result<(), Missing> {
    let text = "profile :ns:p /bin/{a,bb} flags=(complain, audit, attach_disconnected) {
        capability chown, audit capability sys_admin, deny capability syslog, capability audit_read,
        set rlimit nofile <= 64, set rlimit cpu <= 10s,
        signal send set=hup peer=q,
        ^hat { /h r, }
        profile child { /c r, }
    }";
    for (parser, features) in ways()? {
        let all = profiles(parser, &features, text);
        let names: Vec<&str> = all.iter().map(|profile| profile.name.as_str()).collect();
        assert_eq!(names, ["p", "p//child", "p//hat"]);
        let [profile, _, hat] = all.as_slice() else {
            panic!("{names:?}");
        };
        assert_eq!(profile.namespace.as_deref(), Some("ns"));
        assert_eq!((profile.flags.mode, profile.flags.audit), (1, 1));
        assert_eq!((profile.flags.hat & 1, hat.flags.hat & 1), (0, 1));
        assert!(profile.flags.path.is_some_and(|flags| flags != 0));
        let capabilities = profile.capabilities;
        assert_eq!(capabilities.allow, 1 | 1 << 21 | 1 << 37);
        assert_eq!(capabilities.audit, 1 << 21);
        assert_eq!(capabilities.quiet, 1 << 34);
        let rlimits = profile.rlimits.as_ref().unwrap();
        assert_eq!(rlimits.mask, 1 | 1 << 7);
        assert_eq!((rlimits.limits[0], rlimits.limits[7]), (10, 64));
        let attachment = &profile.attachment.as_ref().unwrap();
        for (path, is_attached) in [("/bin/a", true), ("/bin/bb", true), ("/bin/b", false)] {
            let state = attachment
                .dfa
                .walk(oracle::dfa::Dfa::START, path.as_bytes());
            assert_eq!(attachment.dfa.accept(state).0 != 0, is_attached, "{path}");
        }
    }
    Ok(())
}

/// Rules, a request, and the kernel's bits: allowed, audited, quiet.
const REQUESTS: &[(&str, &[u8], [u32; 3])] = &[
    ("signal send set=hup peer=q,", b"\x0a\x01q", [2, 0, 0]),
    ("signal send set=hup peer=q,", b"\x0a\x02q", [0, 0, 0]),
    ("signal send set=hup peer=q,", b"\x0a\x01r", [0, 0, 0]),
    ("signal receive,", b"\x0a\x09anything", [4, 0, 0]),
    ("audit signal send,", b"\x0a\x01q", [2, 2, 0]),
    ("signal, deny signal send,", b"\x0a\x01q", [4, 0, 2]),
    ("signal, audit deny signal send,", b"\x0a\x01q", [4, 0, 0]),
    ("ptrace trace peer=q,", b"\x09q", [2, 0, 0]),
    ("ptrace read,", b"\x09q", [4, 0, 0]),
    ("ptrace (trace, readby),", b"\x09q", [0x12, 0, 0]),
    ("umount /mnt/*,", b"\x07/mnt/a", [4, 0, 0]),
    ("umount /mnt/*,", b"\x07/mnt/", [0, 0, 0]),
];

pub fn other_requests_are_decided() -> Result<(), Missing> {
    for (parser, features) in ways()? {
        for (rules, request, [allow, audit, quiet]) in REQUESTS {
            let all = profiles(parser, &features, &format!("profile p {{ {rules} }}"));
            let policy = all[0].policy.as_ref().unwrap();
            let expected = Masks {
                allow: *allow,
                audit: *audit,
                quiet: *quiet,
            };
            let found = policy.rights(request);
            assert_eq!(
                found,
                expected,
                "{rules} at {}, parser {}",
                request.escape_ascii(),
                parser.version
            );
            assert!(policy.mediates(policy::SIGNAL) && policy.mediates(policy::DBUS));
            assert!(!policy.mediates(99));
        }
    }
    Ok(())
}

pub fn damaged_policy_is_an_error_and_not_a_panic() -> Result<(), Missing> {
    let text = "profile p /bin/{a,b} { /a* r, owner /b px -> c, capability chown, signal, set rlimit nice <= 5, }";
    for (parser, features) in ways()? {
        let bytes = compile(parser, &features, text);
        let whole = decode(&bytes).unwrap();
        assert_eq!(whole.len(), 1);
        for length in 1..bytes.len() {
            let cut = decode(&bytes[..length]);
            assert!(
                cut.is_err() || cut.is_ok_and(|all| all.is_empty()),
                "cut at {length}"
            );
        }
        let mut random = Random::new(1);
        for _ in 0..3000 {
            let mut changed = bytes.clone();
            let at = random.below(changed.len());
            changed[at] ^= 1 << random.below(8);
            for profile in decode(&changed).unwrap_or_default() {
                if let Some(files) = profile.files {
                    files.answer(b"/b");
                    files.pair(b"/a", b"/b");
                }
            }
        }
    }
    Ok(())
}

pub fn both_encodings_say_the_same() -> Result<(), Missing> {
    let [_, old, new] = &ways()?;
    let mut random = Random::new(5);
    let mut compared = 0;
    for _ in 0..150 {
        let made = oracle::generate::profile(&mut random, true);
        let compiled = |(parser, features): &(&Parser, Features)| {
            let input = Input {
                text: made.text.as_bytes(),
                base: None,
                features,
            };
            match parser.compile(&input, Duration::from_secs(20)) {
                Outcome::Compiled(bytes) => Some(decode(&bytes).unwrap()),
                _ => None,
            }
        };
        let (old, new) = (compiled(old), compiled(new));
        assert_eq!(old.is_some(), new.is_some(), "{}", made.text);
        let Some(((old, new), patterns)) = old.zip(new).zip(Some(&made.patterns)) else {
            continue;
        };
        for (old, new) in old.iter().zip(&new) {
            let (Some(old), Some(new)) = (&old.files, &new.files) else {
                continue;
            };
            for pattern in patterns.iter().flat_map(|pattern| [pattern; 5]) {
                let path = oracle::question::member(pattern, &mut random);
                let target = oracle::question::any(&mut random);
                assert_eq!(
                    old.answer(&path),
                    new.answer(&path),
                    "{} at {path:?}",
                    made.text
                );
                assert_eq!(
                    old.pair(&path, &target),
                    new.pair(&path, &target),
                    "{}",
                    made.text
                );
                compared += 1;
            }
        }
    }
    println!("both encodings agree on {compared} paths");
    assert!(compared > 1000);
    Ok(())
}
