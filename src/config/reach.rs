//! What a configuration makes verify do beyond the confinement of its profile.
//!
//! Each key is decided here: a structure that gets another field no longer matches its pattern, and does not compile.

use super::{Config, Container, ImageSource, Named, VerifyConfig};

/// Something that reaches beyond the confinement.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Reach {
    /// The key of `[verify]` that says so.
    pub key: &'static str,
    /// What it makes of this machine or of the engine.
    pub what: String,
}

impl Config {
    /// What it makes verify do beyond the confinement of the profile, in the order of the documentation. `path` says
    /// where a path of the configuration leads, `leads_out` whether that is out of its directory; `has_container`
    /// whether the container is run.
    #[must_use]
    pub fn reach(
        &self,
        has_container: bool,
        path: &dyn Fn(&str) -> String,
        leads_out: &dyn Fn(&str) -> bool,
    ) -> Vec<Reach> {
        let Self {
            verify,
            // Where policy is searched and which of it is checked: what is found there is text, and is judged as such.
            base: _,
            include: _,
            exclude: _,
            variables: _,
            // What is demanded of a profile, or said of it: more or fewer findings and questions.
            target: _,
            fail_on: _,
            pedantic: _,
            audit: _,
            intents: _,
            lint: _,
            overrides: _,
            profiles: _,
            expect: _,
            // Files that are read, and named in what is said of a profile: those of the directory alone.
            image: _,
            images: _,
            retired: _,
            // White space alone.
            layout: _,
        } = self;
        let Some(VerifyConfig {
            profile,
            // One of those in the file, or none.
            name: _,
            container,
        }) = verify
        else {
            return Vec::new();
        };
        let mut found = Vec::new();
        if leads_out(&profile.text) {
            let path = path(&profile.text);
            found.push(reach("profile", format!("policy is loaded from {path}")));
        }
        if let Some(container) = container.as_ref().filter(|_| has_container) {
            found.extend(container.reach(path));
        }
        found
    }
}

impl Container {
    fn reach(&self, path: &dyn Fn(&str) -> String) -> Vec<Reach> {
        let Self {
            image,
            command,
            environment,
            volumes,
            is_privileged,
            endpoint,
            // Asked for by aalint, in the network of the container.
            port: _,
            request: _,
            status: _,
            // In the mount namespace of the container, and counted as its memory.
            tmpfs: _,
            // Each of them takes something away.
            drop_capabilities: _,
            is_read_only: _,
            has_no_new_privileges: _,
        } = self;
        let mut found = Vec::new();
        found.push(match image {
            // The control runs without the profile, whatever the image is.
            ImageSource::Image(name) => reach(
                "image",
                format!("containers of `{}` run, one without the profile", name.text),
            ),
            ImageSource::Build(directory) => reach(
                "build",
                format!(
                    "the engine runs the build steps of {} as root, and containers of that image, one without the profile",
                    path(&directory.text)
                ),
            ),
        });
        if !command.is_empty() {
            found.push(reach("command", format!("they run {}", listed(command))));
        }
        if !environment.is_empty() {
            // Values may be secrets.
            let names: Vec<&str> = environment.iter().map(|(name, _)| name.as_str()).collect();
            let names = names.join("`, `");
            found.push(reach(
                "environment",
                format!("their environment has `{names}`"),
            ));
        }
        for volume in volumes {
            found.push(reach("volumes", mounted(&volume.text, path)));
        }
        if *is_privileged {
            let what = "they have all capabilities and devices of this machine";
            found.push(reach("privileged", what.to_owned()));
        }
        if let Some(endpoint) = endpoint {
            let what = format!("the engine at {} is told all this", endpoint.text);
            found.push(reach("endpoint", what));
        }
        found
    }
}

const fn reach(key: &'static str, what: String) -> Reach {
    Reach { key, what }
}

fn listed(named: &[Named]) -> String {
    let texts: Vec<String> = named.iter().map(|one| format!("`{}`", one.text)).collect();
    texts.join(" ")
}

fn mounted(volume: &str, path: &dyn Fn(&str) -> String) -> String {
    let (source, rest) = volume.split_once(':').unwrap_or((volume, ""));
    let (target, mode) = rest.split_once(':').unwrap_or((rest, "rw"));
    let how = if mode == "ro" {
        "read-only"
    } else {
        "writable"
    };
    if is_path(source) {
        format!(
            "{} of this machine is mounted at {target}, {how}",
            path(source)
        )
    } else {
        format!("the engine's volume `{source}` is mounted at {target}, {how}")
    }
}

/// Whether the source of a volume is a path; else it names a volume of the engine.
#[must_use]
pub fn is_path(source: &str) -> bool {
    source.starts_with(['/', '.']) || source.contains('/')
}

/// Whether a path leads out of the directory from which it counts, links aside.
#[must_use]
pub fn leads_out(path: &str) -> bool {
    path.starts_with('/') || path.split('/').any(|part| part == "..")
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::super::schema::{Keys, VerifyKey};
    use super::leads_out;

    fn keys(text: &str) -> Vec<&'static str> {
        let (config, faults) = read(text);
        assert!(faults.is_empty(), "{text}: {faults:?}");
        let found = config.reach(true, &|path| format!("/root/{path}"), &leads_out);
        found.into_iter().map(|reach| reach.key).collect()
    }

    /// A value for each key, and whether it reaches beyond the confinement.
    const DECIDED: &[(&str, &str, bool)] = &[
        ("name", "\"web\"", false),
        ("build", "\".\"", true),
        ("image", "\"web:1\"", true),
        ("command", "[\"sh\"]", true),
        ("port", "80", false),
        ("request", "\"/health\"", false),
        ("status", "204", false),
        ("environment", "{ A = \"b\" }", true),
        ("volumes", "[\"/etc:/e:ro\"]", true),
        ("tmpfs", "[\"/tmp:exec\"]", false),
        ("drop-capabilities", "[\"ALL\"]", false),
        ("read-only", "true", false),
        ("no-new-privileges", "true", false),
        ("privileged", "true", true),
        ("endpoint", "\"unix:///x\"", true),
    ];

    #[test]
    fn each_key_of_a_container_is_decided() {
        let keys_of_verify: Vec<_> = VerifyKey::ALL.iter().map(|(_, key)| key).collect();
        for key in keys_of_verify.iter().filter(|key| key.name != "profile") {
            let decided = DECIDED.iter().find(|(name, ..)| *name == key.name);
            let (name, value, reaches) = decided.unwrap_or_else(|| {
                panic!(
                    "whether `{}` reaches beyond the confinement is not decided",
                    key.name
                )
            });
            let mut text = format!("[verify]\nprofile = \"web\"\n{name} = {value}\n");
            if *name != "port" {
                text.push_str("port = 80\n");
            }
            if !matches!(*name, "image" | "build") {
                text.push_str("image = \"web:1\"\n");
            }
            assert_eq!(keys(&text).contains(name), *reaches, "{text}");
        }
        assert_eq!(DECIDED.len(), keys_of_verify.len() - 1);
    }

    #[test]
    fn a_profile_from_elsewhere_and_what_is_not_run() {
        assert_eq!(keys("[verify]\nprofile = \"apparmor/web\"\n"), [""; 0]);
        for path in ["/etc/apparmor.d/web", "../web", "a/../../web"] {
            let text = format!("[verify]\nprofile = \"{path}\"\n");
            assert_eq!(keys(&text), ["profile"], "{path}");
        }
        let text = "[verify]\nprofile = \"web\"\nimage = \"x\"\nport = 80\nprivileged = true\n";
        let (config, _) = read(text);
        assert_eq!(config.reach(false, &str::to_owned, &leads_out), []);
    }

    #[test]
    fn volumes_are_told_apart() {
        let mounted = |volume| super::mounted(volume, &|path| format!("<{path}>"));
        assert_eq!(
            mounted("./data:/d:ro"),
            "<./data> of this machine is mounted at /d, read-only"
        );
        assert_eq!(
            mounted("data:/d"),
            "the engine's volume `data` is mounted at /d, writable"
        );
    }
}
