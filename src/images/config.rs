//! What an image runs (OCI image specification, "Image Configuration"; Docker writes the same keys).

use std::collections::BTreeMap;

use serde::Deserialize;

/// What an image says of the process that it starts. What is `None` is not known.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ImageConfig {
    /// `Entrypoint`; what the command is appended to.
    pub entrypoint: Option<Vec<String>>,
    /// `Cmd`
    pub command: Option<Vec<String>>,
    /// `User`, as written: `NAME`, `UID`, `USER:GROUP`; empty for root.
    pub user: Option<String>,
    /// `WorkingDir`; empty for the root.
    pub working_dir: Option<String>,
    /// `Env`, as `NAME=VALUE`.
    pub environment: Vec<String>,
    /// `ExposedPorts`
    pub ports: Vec<u16>,
    /// `Volumes`
    pub volumes: Vec<String>,
}

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    config: Option<Keys>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Keys {
    entrypoint: Option<Vec<String>>,
    cmd: Option<Vec<String>>,
    user: Option<String>,
    working_dir: Option<String>,
    env: Option<Vec<String>>,
    exposed_ports: Option<BTreeMap<String, serde::de::IgnoredAny>>,
    volumes: Option<BTreeMap<String, serde::de::IgnoredAny>>,
}

impl ImageConfig {
    /// Reads the configuration of an image, as JSON.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let document: Document = serde_json::from_slice(bytes)?;
        let keys = document.config.unwrap_or_default();
        let ports = keys.exposed_ports.unwrap_or_default().into_keys();
        let port = |port: String| port.split('/').next().and_then(|port| port.parse().ok());
        Ok(Self {
            entrypoint: Some(keys.entrypoint.unwrap_or_default()),
            command: Some(keys.cmd.unwrap_or_default()),
            user: Some(keys.user.unwrap_or_default()),
            working_dir: Some(keys.working_dir.unwrap_or_default()),
            environment: keys.env.unwrap_or_default(),
            ports: ports.filter_map(port).collect(),
            volumes: keys.volumes.unwrap_or_default().into_keys().collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_may_be_null_or_missing() {
        let text = r#"{"architecture": "amd64", "config": {"Cmd": ["python", "app.py"], "Entrypoint": null,
            "ExposedPorts": {"5000/tcp": {}, "x": {}}, "Volumes": {"/data": {}}, "Env": ["A=1", "A=2"], "Labels": {}}}"#;
        let config = ImageConfig::read(text.as_bytes()).unwrap();
        assert_eq!(config.command.unwrap(), ["python", "app.py"]);
        assert_eq!(
            (config.entrypoint, config.user),
            (Some(Vec::new()), Some(String::new()))
        );
        assert_eq!(
            (config.ports.as_slice(), config.volumes.as_slice()),
            (&[5000][..], &["/data".to_owned()][..])
        );
        assert_eq!(config.environment, ["A=1", "A=2"]);
        assert_eq!(ImageConfig::read(b"{}").unwrap().command, Some(Vec::new()));
        assert!(ImageConfig::read(b"5").is_err());
    }
}
