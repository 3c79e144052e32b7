//! Unit files of systemd, and Podman's Quadlet files, which have the same syntax: systemd.syntax(7).

use super::docker_options::{OptionWords, SecurityOption, confinement, truth};
use super::stated::Stated;

use super::workload::{Confinement, ContainerEngine, Placed, Workload};
use crate::images::split_words;
use crate::source::{FileId, Span, TextRange};

/// An assignment.
struct Assignment {
    section: String,
    key: String,
    value: String,
    place: Span,
}

/// The assignments of a unit file. Lines that end with a backslash go on in the next one, comments between them left out.
fn assignments(file: FileId, text: &str) -> Vec<Assignment> {
    let mut found: Vec<Assignment> = Vec::new();
    let mut section = String::new();
    let mut is_open = false;
    let mut at = 0;
    for raw in text.split_inclusive('\n') {
        let start = at;
        at += raw.len();
        let line = raw.trim_end();
        if line.trim_start().starts_with(['#', ';']) {
            continue;
        }
        let (content, goes_on) = match line.strip_suffix('\\') {
            Some(content) => (content, true),
            None => (line, false),
        };
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let end = offset(start + content.trim_end().len());
        if is_open {
            if let Some(open) = found.last_mut() {
                open.value.push(' ');
                open.value.push_str(content.trim());
                open.place.range.end = end;
            }
        } else if let Some(name) = line.trim().strip_prefix('[') {
            name.trim_end_matches(']').clone_into(&mut section);
        } else if let Some((key, value)) = content.split_once('=') {
            let blank = value.len() - value.trim_start().len();
            let begin = offset(start + key.len() + 1 + blank);
            found.push(Assignment {
                section: section.clone(),
                key: key.trim().to_owned(),
                value: value.trim().to_owned(),
                place: TextRange::new(begin, end.max(begin)).in_file(file),
            });
        }
        is_open = goes_on && (is_open || content.contains('='));
    }
    found
}

/// What a unit says of the profile of its program.
pub(super) struct UnitProfile {
    /// The profile that it names, if its start depends on that.
    pub(super) profile: Option<Placed>,
    /// Where it runs the parser.
    pub(super) loader: Option<Span>,
}

/// Reads a unit of systemd: `AppArmorProfile=`, of which the last one counts and an empty one resets.
pub(super) fn unit(file: FileId, text: &str) -> UnitProfile {
    let mut unit = UnitProfile {
        profile: None,
        loader: None,
    };
    for one in assignments(file, text) {
        match one.key.as_str() {
            "AppArmorProfile" => {
                // A dash says that the profile may be missing; a specifier stands for something that is not known here.
                let is_name = !one.value.is_empty()
                    && !one.value.starts_with('-')
                    && !one.value.contains('%')
                    && one.value != "unconfined";
                unit.profile = is_name.then_some(Placed {
                    text: one.value,
                    place: one.place,
                });
            }
            key if key.starts_with("Exec") && one.value.contains("apparmor_parser") => {
                unit.loader = Some(one.place);
            }
            _ => {}
        }
    }
    unit
}

/// Reads a `.container` file of Quadlet: podman-systemd.unit(5).
pub(super) fn quadlet(path: &str, file: FileId, text: &str) -> Option<Workload> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let all = assignments(file, text);
    let mut own = all.iter().filter(|one| one.section == "Container");
    let first = own.next()?;
    let who = format!("container `{}`", name.trim_end_matches(".container"));
    let mut workload = Workload::new(ContainerEngine::Podman, who, first.place);
    let mut group = None;
    for one in all.iter().filter(|one| one.section == "Container") {
        assign(&mut workload, one, &mut group);
    }
    if let (Some(group), Stated::Known(user)) = (group, &mut workload.user) {
        user.push(':');
        user.push_str(&group);
    }
    Some(workload)
}

fn assign(workload: &mut Workload, one: &Assignment, group: &mut Option<String>) {
    let value = || match one.value.contains('%') {
        true => Stated::Unknown,
        false => Stated::Known(one.value.clone()),
    };
    let words = || match one.value.contains('%') {
        true => Stated::Unknown,
        false => Stated::from(split_words(&one.value)),
    };
    match one.key.as_str() {
        "Image" => {
            workload.image = value().map(|text| Placed {
                text,
                place: one.place,
            });
        }
        "AppArmor" => {
            let said = value().known().cloned();
            workload.confinement.extend(confinement(said, one.place));
        }
        "PodmanArgs" => match split_words(&one.value) {
            Some(words) => podman_arguments(workload, &words, one.place),
            None => workload.confinement.push(Confinement::Unknown(one.place)),
        },
        "Exec" => workload.command = words(),
        "Entrypoint" => workload.entrypoint = words(),
        "User" => workload.user = value(),
        "Group" => *group = Some(one.value.clone()),
        "WorkingDir" => workload.working_dir = value(),
        "ReadOnly" => workload.is_read_only = truth(&one.value).into(),
        "NoNewPrivileges" => workload.has_no_new_privileges = truth(&one.value).into(),
        "AddCapability" => {
            let names = one.value.split_whitespace();
            workload.cap_add.items.extend(names.map(str::to_owned));
        }
        "DropCapability" => {
            let names = one.value.split_whitespace();
            workload.cap_drop.items.extend(names.map(str::to_owned));
        }
        "Environment" => match split_words(&one.value) {
            None => workload.environment.may_be_more = true,
            Some(pairs) => {
                for pair in pairs {
                    let (name, value) = pair.split_once('=').unwrap_or((&pair, ""));
                    let value = Stated::Known(value.to_owned());
                    workload.environment.push(Some((name.to_owned(), value)));
                }
            }
        },
        "EnvironmentFile" | "EnvironmentHost" => workload.environment.may_be_more = true,
        "Volume" => {
            let mount = super::docker_options::volume(&one.value, one.place);
            workload.mounts.push(mount);
        }
        "Tmpfs" => {
            let mount = super::docker_options::tmpfs(&one.value, one.place);
            workload.mounts.push(Some(mount));
        }
        "Mount" | "Secret" => workload.mounts.may_be_more = true,
        _ => {}
    }
}

/// Options of `podman run`.
fn podman_arguments(workload: &mut Workload, words: &[String], place: Span) {
    for (option, value) in OptionWords(words) {
        match option {
            "--privileged" => {
                workload.is_privileged = value.map_or(Some(true), truth).into();
            }
            "--security-opt" => match SecurityOption::of(value.unwrap_or_default()) {
                SecurityOption::AppArmor(name) => {
                    let said = (!name.contains('%')).then(|| name.to_owned());
                    workload.confinement.extend(confinement(said, place));
                }
                SecurityOption::NoNewPrivileges(value) => {
                    workload.has_no_new_privileges = value.map_or(Some(true), truth).into();
                }
                SecurityOption::Misspelt | SecurityOption::Other => {}
            },
            _ => {}
        }
    }
    // Of the others each may mount something, or add capabilities.
    workload.mounts.may_be_more = true;
    workload.cap_add.may_be_more = true;
    workload.cap_drop.may_be_more = true;
    workload.environment.may_be_more = true;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_name_profiles() {
        let of = |text: &str| {
            let unit = unit(FileId(0), text);
            unit.profile.map(|profile| {
                let range = profile.place.range;
                let written = text.get(range.start as usize..range.end as usize);
                assert_eq!(written, Some(profile.text.as_str()));
                profile.text
            })
        };
        let service = "[Service]\nExecStart=/bin/x \\\n# AppArmorProfile=c\n  y\n";
        assert_eq!(of(service), None);
        for (line, name) in [
            ("AppArmorProfile=web", Some("web")),
            ("AppArmorProfile = web ", Some("web")),
            ("AppArmorProfile=-web", None),
            ("AppArmorProfile=%p", None),
            ("AppArmorProfile=a\nAppArmorProfile=b", Some("b")),
            ("AppArmorProfile=a\nAppArmorProfile=", None),
            ("#AppArmorProfile=web", None),
            ("ExecStart=a \\\nAppArmorProfile=web", None),
        ] {
            assert_eq!(of(&format!("{service}{line}\n")).as_deref(), name, "{line}");
        }
        let loader = unit(
            FileId(0),
            "[Service]\nExecStart=/sbin/apparmor_parser -r /x\n",
        );
        assert!(loader.loader.is_some());
    }

    #[test]
    fn a_quadlet_is_a_container() {
        let text = "[Unit]\nDescription=x\n[Container]\nImage=docker.io/x\nAppArmor=one\nPodmanArgs=--rm --security-opt=apparmor=two \\\n  --security-opt label=disable\nExec=sh -c 'a b'\nUser=7\nGroup=8\nVolume=/srv:/srv:ro\nReadOnly=true\n";
        let web = quadlet("d/web.container", FileId(0), text).unwrap();
        assert_eq!(web.who, "container `web`");
        let names = web.confinement.iter().map(|said| match said {
            Confinement::Named(name) => name.text.as_str(),
            _ => "",
        });
        assert_eq!(names.collect::<Vec<_>>(), ["one", "two"]);
        assert_eq!(web.command.known().unwrap(), &["sh", "-c", "a b"]);
        assert_eq!(web.user.known().unwrap(), "7:8");
        assert!(web.mounts.items[0].is_read_only);
        assert_eq!(quadlet("x.container", FileId(0), "[Unit]\nA=b\n"), None);
    }
}
