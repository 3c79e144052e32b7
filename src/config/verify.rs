//! Reading `[verify]`.

use toml::de::DeValue;

use super::read::{KeyValue, Reader, Value, range};
use super::schema::{PORTS, STATUSES, VerifyKey};
use super::{ConfigFaultKind, Container, ImageSource, Named, VerifyConfig};
use crate::source::TextRange;

/// What is asked for where nothing is said.
const REQUEST: &str = "/";
const STATUS: u16 = 200;

/// What the keys say of the container.
#[derive(Default)]
struct Said {
    image: Option<Named>,
    build: Option<Named>,
    command: Vec<Named>,
    /// The inner one is missing if the number cannot be used.
    port: Option<Option<u16>>,
    status: Option<u16>,
    request: Option<Named>,
    environment: Vec<(String, String)>,
    volumes: Vec<Named>,
    tmpfs: Vec<Named>,
    drop_capabilities: Vec<Named>,
    is_read_only: bool,
    has_no_new_privileges: bool,
    is_privileged: bool,
    endpoint: Option<Named>,
}

impl Reader {
    pub(super) fn verify(&mut self, value: &Value<'_>) -> Option<VerifyConfig> {
        let entries: Vec<KeyValue<'_, '_, VerifyKey>> = self.inner(value);
        let at = range(&value.span());
        let mut profile = None;
        let mut name = None;
        for (key, value) in &entries {
            match key {
                VerifyKey::Profile => profile = Some(self.text(value)),
                VerifyKey::Name => name = self.text(value),
                _ => {}
            }
        }
        let container = self.container(at, &entries);
        let Some(profile) = profile else {
            self.fault(at, ConfigFaultKind::Missing("profile"));
            return None;
        };
        Some(VerifyConfig {
            profile: profile?,
            name,
            container,
        })
    }

    fn container(
        &mut self,
        at: TextRange,
        entries: &[KeyValue<'_, '_, VerifyKey>],
    ) -> Option<Container> {
        let mut said = Said::default();
        for (key, value) in entries {
            self.say(*key, value, &mut said);
        }
        if let Some(endpoint) = &said.endpoint
            && !endpoint.text.contains("://")
        {
            self.fault(
                endpoint.range,
                ConfigFaultKind::Type("an address such as `unix:///var/run/docker.sock`"),
            );
        }
        if let Some(request) = &said.request
            && !is_path(&request.text)
        {
            self.fault(
                request.range,
                ConfigFaultKind::Type("a path such as `/health`"),
            );
        }
        let image = match (said.image, said.build) {
            (None, None) => return None,
            (Some(image), Some(_)) => {
                self.fault(image.range, ConfigFaultKind::Both("image", "build"));
                return None;
            }
            (Some(image), None) => ImageSource::Image(image),
            (None, Some(build)) => ImageSource::Build(build),
        };
        let Some(port) = said.port else {
            self.fault(at, ConfigFaultKind::Missing("port"));
            return None;
        };
        Some(Container {
            image,
            command: said.command,
            port: port?,
            request: said
                .request
                .map_or_else(|| REQUEST.to_owned(), |request| request.text),
            status: said.status.unwrap_or(STATUS),
            environment: said.environment,
            volumes: said.volumes,
            tmpfs: said.tmpfs,
            drop_capabilities: said.drop_capabilities,
            is_read_only: said.is_read_only,
            has_no_new_privileges: said.has_no_new_privileges,
            is_privileged: said.is_privileged,
            endpoint: said.endpoint,
        })
    }

    /// Enters what a key says of the container.
    fn say(&mut self, key: VerifyKey, value: &Value<'_>, said: &mut Said) {
        match key {
            // Of the policy.
            VerifyKey::Profile | VerifyKey::Name => {}
            VerifyKey::Image => said.image = self.text(value),
            VerifyKey::Build => said.build = self.text(value),
            VerifyKey::Command => said.command = self.texts(value),
            VerifyKey::Port => {
                let what = "a port, a number from 1 to 65535,";
                said.port = Some(self.number(value, PORTS, what));
            }
            VerifyKey::Request => said.request = self.text(value),
            VerifyKey::Status => {
                let what = "a status, a number from 100 to 599,";
                said.status = self.number(value, STATUSES, what);
            }
            VerifyKey::Environment => said.environment = self.environment(value),
            VerifyKey::Volumes => {
                let volumes = self.texts(value);
                said.volumes = self.volumes(volumes);
            }
            VerifyKey::Tmpfs => said.tmpfs = self.texts(value),
            VerifyKey::DropCapabilities => said.drop_capabilities = self.texts(value),
            VerifyKey::ReadOnly => said.is_read_only = self.flag(value),
            VerifyKey::NoNewPrivileges => said.has_no_new_privileges = self.flag(value),
            VerifyKey::Privileged => said.is_privileged = self.flag(value),
            VerifyKey::Endpoint => said.endpoint = self.text(value),
        }
    }

    /// A number within these bounds; `what` says in a fault what belongs here.
    pub(super) fn number(
        &mut self,
        value: &Value<'_>,
        (least, most): (u16, u16),
        what: &'static str,
    ) -> Option<u16> {
        let number = match value.get_ref() {
            DeValue::Integer(number) => u16::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
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
        let entries = self.named_texts(value).into_iter();
        entries.map(|(name, value)| (name, value.text)).collect()
    }
}

/// Whether it can stand in the first line of a request.
fn is_path(text: &str) -> bool {
    text.starts_with('/') && text.bytes().all(|byte| byte.is_ascii_graphic())
}
