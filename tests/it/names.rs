//! Files that name profiles, and policy in them.

use serde_json::Value;

use crate::common::schema::document;
use crate::common::{aalint, directory, text};

/// A profile with nothing to find in it.
const WEB: &str = "abi <abi/3.0>,\nprofile web flags=(attach_disconnected, mediate_deleted) {\n  signal (receive) peer=unconfined,\n  /app/** r,\n}\n";

/// Rule, path, line and message of the findings of the container group and of errors.
fn findings(files: &[(&str, &str)]) -> Vec<(String, String, u64, String)> {
    let here = directory(files);
    let output = aalint(
        here.path(),
        &["check", "--isolated", "--format", "json", "."],
    );
    let report = document(&output.stdout);
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    let found = report["findings"].as_array().unwrap().iter();
    let wanted = found.filter(|finding| {
        finding["severity"] == "error" || text(finding, "rule").starts_with("container-")
    });
    wanted
        .map(|finding| {
            let line = finding["range"]["start"]["line"].as_u64().unwrap();
            (
                text(finding, "rule"),
                text(finding, "path").trim_start_matches("./").to_owned(),
                line,
                text(finding, "message"),
            )
        })
        .collect()
}

/// The lines on which a name is not defined, with the name, in a file beside the profile `web`.
fn undefined(path: &str, content: &str) -> Vec<(u64, String)> {
    let found = findings(&[(path, content), ("web", WEB)]).into_iter();
    let found = found.filter(|(rule, ..)| rule == "container-profile-name");
    found
        .map(|(_, file, line, message)| {
            assert_eq!(file, path);
            let name = message.split("profile `").nth(1).unwrap_or(&message);
            (line, name.split('`').next().unwrap().to_owned())
        })
        .collect()
}

fn shown(files: &[(&str, &str)], arguments: &[&str]) -> (Option<i32>, String) {
    let here = directory(files);
    let output = aalint(here.path(), arguments);
    (
        output.status.code(),
        text(&output.stdout) + &text(&output.stderr),
    )
}

const CONFIG_MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: profiles}\ndata:\n  # ä\n  one: |\n    profile one {\n      deny /bin/** rmix,\n      # aalint: ignore=allow-all\n      file,\n    }\n  nginx.conf: |\n    server {\n    }\n  two: |-\n    abi <abi/3.0>,\n    profile two { /srv/** r, }\n";

#[test]
fn policy_in_a_config_map_is_linted_in_place() {
    let found = findings(&[("cm.yaml", CONFIG_MAP)]);
    let [(rule, path, line, _)] = &found[..] else {
        panic!("{found:#?}")
    };
    assert_eq!(
        (rule.as_str(), path.as_str(), *line),
        ("deny-with-exec-mode", "cm.yaml", 8)
    );
    let here = directory(&[("cm.yaml", CONFIG_MAP)]);
    let output = aalint(
        here.path(),
        &["check", "--isolated", "--format", "json", "cm.yaml"],
    );
    let report = document(&output.stdout);
    let finding = report["findings"].as_array().unwrap().iter();
    let finding = finding
        .clone()
        .find(|one| one["rule"] == "deny-with-exec-mode")
        .unwrap();
    let edit = &finding["fix"]["edits"][0];
    let offset =
        |end: &str| usize::try_from(edit["range"][end]["offset"].as_u64().unwrap()).unwrap();
    assert_eq!(&CONFIG_MAP[offset("start")..offset("end")], "rmix");
    let (code, out) = shown(
        &[("cm.yaml", CONFIG_MAP)],
        &["check", "--isolated", "cm.yaml"],
    );
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("8 │       deny /bin/** rmix,"), "{out}");
    assert!(out.contains("(2 profiles)"), "{out}");
    // The line ends of other systems change no place.
    let found = findings(&[("cm.yaml", &CONFIG_MAP.replace('\n', "\r\n"))]);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].2, 8);
}

#[test]
fn policy_in_a_config_map_is_asked_and_compared() {
    let files = [
        ("cm.yaml", CONFIG_MAP),
        (
            "new/cm.yaml",
            &*CONFIG_MAP.replace("/srv/**", "/{srv,opt}/**"),
        ),
    ];
    let (code, out) = shown(
        &files,
        &[
            "query",
            "--isolated",
            "cm.yaml",
            "--profile",
            "two",
            "/srv/x r",
        ],
    );
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("cm.yaml:17:19 /srv/** r"), "{out}");
    let (code, out) = shown(&files, &["diff", "--isolated", "cm.yaml", "new/cm.yaml"]);
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("two") && out.contains("wider"), "{out}");
    let (code, out) = shown(&files, &["graph", "--isolated", "cm.yaml"]);
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("one") && out.contains("two"), "{out}");
}

#[test]
fn the_operators_profile_is_linted_and_its_lists_are_not() {
    let head = "apiVersion: security-profiles-operator.x-k8s.io/v1alpha1\nkind: AppArmorProfile\nmetadata: {name: spo}\nspec:\n";
    let raw = format!("{head}  policy: |\n    profile spo {{\n      deny /x rmix,\n    }}\n");
    let found = findings(&[("spo.yaml", &raw)]);
    assert_eq!((found.len(), found[0].2), (1, 7), "{found:#?}");
    for (form, why) in [
        (
            "  policy: >\n    profile spo {\n      deny /x rmix,\n    }\n",
            "literal block",
        ),
        (
            "  abstract:\n    filesystem: {readOnlyPaths: [/x]}\n",
            "makes it of lists",
        ),
    ] {
        let pod = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n    securityContext: {appArmorProfile: {type: Localhost, localhostProfile: spo}}\n";
        let files = [
            ("spo.yaml", &*format!("{head}{form}")),
            ("pod.yaml", pod),
            ("web", WEB),
        ];
        // Its name is known.
        assert!(findings(&files).is_empty(), "{form}");
        let arguments = ["check", "--isolated", "--fail-on", "error", "."];
        let (code, out) = shown(&files, &arguments);
        assert_eq!(code, Some(0), "{out}");
        assert!(out.contains(why), "{out}");
    }
}

#[test]
fn edits_get_the_indentation_of_the_manifest() {
    let manifest = "apiVersion: v1\nkind: ConfigMap\ndata:\n  one: |\n    profile one /usr/bin/one {\n      @{HOME}/x r,\n    }\n";
    let here = directory(&[
        ("cm.yaml", manifest),
        ("base/tunables/global", ""),
        ("base/abi/3.0", ""),
    ]);
    let arguments = [
        "check",
        "--isolated",
        "--pedantic",
        "--audit",
        "--base",
        "base",
        "--format",
        "json",
        "cm.yaml",
    ];
    let report = document(&aalint(here.path(), &arguments).stdout);
    let mut edits = 0;
    for finding in report["findings"].as_array().unwrap() {
        assert!(
            finding["range"]["start"]["line"].as_u64().unwrap() >= 5,
            "{finding}"
        );
        for edit in finding["fix"]["edits"].as_array().into_iter().flatten() {
            let offset = |end: &str| {
                usize::try_from(edit["range"][end]["offset"].as_u64().unwrap()).unwrap()
            };
            let new = edit["text"].as_str().unwrap();
            edits += usize::from(new.contains('\n'));
            let edited = format!(
                "{}{new}{}",
                &manifest[..offset("start")],
                &manifest[offset("end")..]
            );
            let (_, block) = edited.split_once("one: |\n").unwrap();
            assert!(
                block
                    .lines()
                    .all(|line| line.is_empty() || line.starts_with("    ")),
                "{edited}"
            );
        }
    }
    assert!(edits > 0);
}

#[test]
fn names_in_compose_files() {
    let head = "x-a: &a {security_opt: [\"apparmor=anchored\"]}\nservices:\n";
    for (service, names) in [
        ("<<: *a", &["anchored"][..]),
        ("security_opt: ['apparmor=${P:-default}']", &["default"]),
        ("security_opt: ['apparmor=${P}']", &[]),
        ("security_opt: ['apparmor=gone', 'apparmor=web']", &[]),
        ("security_opt: ['apparmor:old']", &["old"]),
        ("security_opt: ['apparmor=docker-default']", &[]),
        (
            "security_opt: ['apparmor = web']",
            &["service `s` names its profile in a form that is refused"],
        ),
    ] {
        let content = format!("{head}  s:\n    {service}\n");
        let found = undefined("compose.yaml", &content);
        let found: Vec<&str> = found.iter().map(|(_, name)| name.as_str()).collect();
        let short = |name: &&str| name.split('`').next().unwrap().to_owned();
        assert_eq!(
            found.iter().map(short).collect::<Vec<_>>(),
            names.iter().map(short).collect::<Vec<_>>(),
            "{service}"
        );
    }
    let files = [
        (
            "compose.yaml",
            "services:\n  a: {extends: {file: common.yaml, service: b}}\n  c: {security_opt: ['apparmor=$NAME']}\n",
        ),
        (
            "common.yaml",
            "services:\n  b: {security_opt: ['apparmor=common']}\n",
        ),
        (".env", "NAME=env\n"),
        ("web", WEB),
    ];
    let found = findings(&files);
    let places: Vec<_> = found
        .iter()
        .map(|(_, path, line, _)| (path.as_str(), *line))
        .collect();
    assert_eq!(
        places,
        [("common.yaml", 2), ("compose.yaml", 3)],
        "{found:#?}"
    );
}

#[test]
fn a_typo_is_corrected_where_it_is() {
    let compose = "services:\n  s: {security_opt: [\"apparmor=wbe\"]}\n";
    let profile = WEB.replace("profile web", "profile k8s-web");
    let compose = compose.replace("wbe", "k8s-wbe");
    let (_, out) = shown(
        &[("compose.yaml", &compose), ("p", &profile)],
        &["check", "--isolated", "."],
    );
    assert!(out.contains("did you mean `k8s-web`?"), "{out}");
    assert!(
        out.contains("+   s: {security_opt: [\"apparmor=k8s-web\"]}"),
        "{out}"
    );
    assert!(!out.contains("profile k8s-wbe flags"), "{out}");
}

#[test]
fn names_in_other_files() {
    for (path, content, expected) in [
        (
            "a.container",
            "[Container]\nImage=x\nAppArmor=q\n",
            &[(3, "q")][..],
        ),
        (
            "a.container",
            "[Container]\nPodmanArgs=--rm --security-opt=apparmor=r\n",
            &[(2, "r")],
        ),
        ("a.container", "[Container]\nAppArmor=web\n", &[]),
        ("a.service", "[Service]\nAppArmorProfile=s\n", &[(2, "s")]),
        ("a.service", "[Service]\nAppArmorProfile=-s\n", &[]),
        (
            "a.service.d/x.conf",
            "[Service]\nAppArmorProfile=s\n",
            &[(2, "s")],
        ),
        (
            "job.hcl",
            "task \"a\" {\n  config {\n    security_opt = [\"apparmor=n\"]\n  }\n}\n",
            &[(3, "n")],
        ),
        (
            "lxc/config",
            "lxc.uts.name = a\nlxc.apparmor.profile = l\n",
            &[(2, "l")],
        ),
        (
            "i.yaml",
            "name: a\nconfig:\n  raw.lxc: lxc.apparmor.profile=i\n",
            &[(3, "i")],
        ),
        (
            "containers.conf",
            "[containers]\napparmor_profile = \"c\"\n",
            &[(2, "c")],
        ),
        (
            "crio.conf",
            "[crio.runtime]\napparmor_profile = \"crio-default\"\n",
            &[],
        ),
        (
            "addon/config.yaml",
            "name: a\nslug: a\napparmor: h\n",
            &[(3, "h")],
        ),
    ] {
        let found = undefined(path, content);
        let found: Vec<(u64, &str)> = found
            .iter()
            .map(|(line, name)| (*line, name.as_str()))
            .collect();
        assert_eq!(found, expected, "{path}: {content}");
    }
}

#[test]
fn templates_are_read_as_far_as_that_is_possible() {
    let template = "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      {{- if .Values.on }}\n      securityContext:\n        appArmorProfile: {type: Localhost, localhostProfile: helm}\n      {{- end }}\n      containers:\n      - name: {{ .Values.name }}\n        image: {{ .Values.image | quote }}\n      - name: b\n        securityContext:\n          privileged: true\n          appArmorProfile: {{ toYaml .Values.aa | nindent 12 }}\n";
    let files = [("templates/d.yaml", template), ("web", WEB)];
    let found = findings(&files);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(
        (
            found[0].2,
            found[0].3.contains("container uses profile `helm`")
        ),
        (8, true),
        "{found:#?}"
    );
    for broken in ["{{- if", "{{ define }}\n- a\n b: c: d"] {
        let content = template.replace("{{- if .Values.on }}", broken);
        for path in [".", "templates/d.yaml"] {
            let files = [("templates/d.yaml", &*content), ("web", WEB)];
            let (code, out) = shown(&files, &["check", "--isolated", path, "web"]);
            assert_eq!(code, Some(0), "{out}");
            assert!(out.contains("templates/d.yaml"), "{out}");
        }
    }
}

#[test]
fn profiles_that_are_called_after_other_files_are_policy() {
    let profile = "# apparmor_parser\nprofile p /usr/bin/p {\n  /usr/sbin/apparmor_parser rix,\n  deny /x rmix,\n}\n";
    for name in [
        "apparmor.service",
        "usr.bin.nomad",
        "usr.bin.mount",
        "p.container",
        "config",
    ] {
        let found = findings(&[(name, profile)]);
        assert!(
            found.iter().any(|(rule, ..)| rule == "deny-with-exec-mode"),
            "{name}: {found:#?}"
        );
    }
}

#[test]
fn actions_in_texts_are_no_template() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  annotations: {about: \"{{ $value }}\"}\nspec:\n  containers:\n  - name: a\n    image: \"{{ .Values.image }}\"\n    securityContext: {appArmorProfile: {type: Localhost, localhostProfile: \"{{ .Values.name }}\"}}\n";
    let (code, out) = shown(
        &[("pod.yaml", pod), ("web", WEB)],
        &["check", "--isolated", "."],
    );
    assert!(code.is_some() && !out.contains("pod.yaml"), "{out}");
}

#[test]
fn reports_name_a_manifest_once() {
    for format in ["sarif", "junit", "github", "concise", "json", "human"] {
        let arguments = [
            "check",
            "--isolated",
            "--pedantic",
            "--format",
            format,
            "cm.yaml",
        ];
        let (code, out) = shown(&[("cm.yaml", CONFIG_MAP)], &arguments);
        assert_eq!(code, Some(1), "{out}");
        assert!(
            out.contains("cm.yaml") && !out.contains('\0') && !out.contains("cm.yaml%00"),
            "{out}"
        );
        if format == "junit" {
            assert_eq!(
                out.matches("<testsuite name=\"cm.yaml\"").count(),
                1,
                "{out}"
            );
        }
    }
}

#[test]
fn what_loads_profiles_elsewhere_is_said() {
    let pod = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n    securityContext: {appArmorProfile: {type: Localhost, localhostProfile: elsewhere}}\n";
    let loaders = [
        (
            "loader.yaml",
            "apiVersion: apps/v1\nkind: DaemonSet\nspec: {template: {spec: {containers: [{name: l, command: [apparmor_parser, -r, /profiles]}]}}}\n",
        ),
        (
            "load.service",
            "[Service]\nExecStart=/sbin/apparmor_parser -r /profiles\n",
        ),
        (
            "tasks.yaml",
            "- name: load\n  command: apparmor_parser -r /profiles\n",
        ),
    ];
    for (path, content) in loaders {
        let files = [("pod.yaml", pod), (path, content), ("web", WEB)];
        let (code, out) = shown(&files, &["check", "--isolated", "."]);
        assert_eq!(code, Some(1), "{out}");
        assert!(
            out.contains("warning[AA401]") && out.contains(path),
            "{out}"
        );
        assert!(out.contains("unless that loads `elsewhere`"), "{out}");
    }
}
