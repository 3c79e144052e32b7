//! Reading `[verify]`.

use toml::de::DeValue;

use super::read::{Reader, Value, range};
use super::schema::{Holds, Key};
use super::{ConfigFaultKind, Container, ImageSource, Named, VerifyConfig};
use crate::source::TextRange;

/// What is asked for where nothing is said.
const REQUEST: &str = "/";
const STATUS: u16 = 200;

impl Reader {
    pub(super) fn verify(&mut self, value: &Value<'_>, key: &'static Key) -> Option<VerifyConfig> {
        let entries = self.inner(value, key);
        let find = |name: &str| {
            let found = entries.iter().find(|(key, _)| key.name == name);
            found.map(|(key, value)| (*key, *value))
        };
        let at = range(&value.span());
        let container = self.container(at, find);
        let name = find("name").and_then(|(_, value)| self.text(value));
        let Some((_, profile)) = find("profile") else {
            self.fault(at, ConfigFaultKind::Missing("profile"));
            return None;
        };
        Some(VerifyConfig {
            profile: self.text(profile)?,
            name,
            container,
        })
    }

    fn container<'t, 'i: 't>(
        &mut self,
        at: TextRange,
        find: impl Fn(&str) -> Option<(&'static Key, &'t Value<'i>)>,
    ) -> Option<Container> {
        let mut text = |name| find(name).and_then(|(_, value)| self.text(value));
        let (image, build) = (text("image"), text("build"));
        let request = text("request");
        let endpoint = text("endpoint");
        let port = find("port").and_then(|(key, value)| self.number(value, key));
        let status = find("status").map(|(key, value)| self.number(value, key));
        let mut texts = |name| find(name).map_or_else(Vec::new, |(_, value)| self.texts(value));
        let (command, tmpfs) = (texts("command"), texts("tmpfs"));
        let drop_capabilities = texts("drop-capabilities");
        let volumes = texts("volumes");
        let volumes = self.volumes(volumes);
        let environment = find("environment");
        let environment = environment.map_or_else(Vec::new, |(_, value)| self.environment(value));
        let mut flag = |name| find(name).is_some_and(|(_, value)| self.flag(value));
        let (is_read_only, is_privileged) = (flag("read-only"), flag("privileged"));
        let has_no_new_privileges = flag("no-new-privileges");
        if let Some(endpoint) = &endpoint
            && !endpoint.text.contains("://")
        {
            self.fault(
                endpoint.range,
                ConfigFaultKind::Type("an address such as `unix:///var/run/docker.sock`"),
            );
        }
        if let Some(request) = &request
            && !is_path(&request.text)
        {
            self.fault(
                request.range,
                ConfigFaultKind::Type("a path such as `/health`"),
            );
        }
        let image = match (image, build) {
            (None, None) => return None,
            (Some(image), Some(_)) => {
                self.fault(image.range, ConfigFaultKind::Both("image", "build"));
                return None;
            }
            (Some(image), None) => ImageSource::Image(image),
            (None, Some(build)) => ImageSource::Build(build),
        };
        if find("port").is_none() {
            self.fault(at, ConfigFaultKind::Missing("port"));
        }
        Some(Container {
            image,
            command,
            port: port?,
            request: request.map_or_else(|| REQUEST.to_owned(), |request| request.text),
            status: status.flatten().unwrap_or(STATUS),
            environment,
            volumes,
            tmpfs,
            drop_capabilities,
            is_read_only,
            has_no_new_privileges,
            is_privileged,
            endpoint,
        })
    }

    fn number(&mut self, value: &Value<'_>, key: &'static Key) -> Option<u16> {
        let Holds::Number(least, most) = key.holds else {
            return None;
        };
        let number = match value.get_ref() {
            DeValue::Integer(number) => u16::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            let what = match key.name {
                "port" => "a port, a number from 1 to 65535,",
                _ => "a status, a number from 100 to 599,",
            };
            self.fault(range(&value.span()), ConfigFaultKind::Type(what));
        }
        number
    }

    /// Those that name a source and a place in the container.
    fn volumes(&mut self, mut volumes: Vec<Named>) -> Vec<Named> {
        volumes.retain(|volume| {
            let mut parts = volume.text.split(':');
            let (source, target) = (parts.next().unwrap_or_default(), parts.next());
            let is_volume = !source.is_empty()
                && target.is_some_and(|target| target.starts_with('/'))
                && parts.next().is_none_or(|mode| matches!(mode, "ro" | "rw"))
                && parts.next().is_none();
            if !is_volume {
                let what = "`SOURCE:TARGET` or `SOURCE:TARGET:ro`";
                self.fault(volume.range, ConfigFaultKind::Type(what));
            }
            is_volume
        });
        volumes
    }

    fn environment(&mut self, value: &Value<'_>) -> Vec<(String, String)> {
        let DeValue::Table(table) = value.get_ref() else {
            self.fault(range(&value.span()), ConfigFaultKind::Type("a table"));
            return Vec::new();
        };
        let entries = table.iter().filter_map(|(name, value)| {
            let value = self.text(value)?;
            Some((name.get_ref().to_string(), value.text))
        });
        entries.collect()
    }
}

/// Whether it can stand in the first line of a request.
fn is_path(text: &str) -> bool {
    text.starts_with('/') && text.bytes().all(|byte| byte.is_ascii_graphic())
}
