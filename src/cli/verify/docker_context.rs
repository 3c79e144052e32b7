//! Docker's contexts: where `docker context use` says that the engine listens.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::Value;

use crate::verify::sha256;

/// Where the engine of the chosen context listens; `None` if it is the default one.
///
/// The choice is DOCKER_CONTEXT's, else that of `config.json` in the directory that DOCKER_CONFIG names, or in
/// `~/.docker`.
///
/// # Errors
/// If the context is not there, or has no engine of Docker's.
pub(super) fn endpoint() -> anyhow::Result<Option<String>> {
    let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
    let home = variable("HOME").map(|home| Path::new(&home).join(".docker"));
    let directory = variable("DOCKER_CONFIG").map(PathBuf::from).or(home);
    endpoint_in(directory.as_deref(), variable("DOCKER_CONTEXT"))
}

fn endpoint_in(directory: Option<&Path>, said: Option<String>) -> anyhow::Result<Option<String>> {
    let Some(directory) = directory else {
        return Ok(None);
    };
    let name = match said {
        Some(name) => name,
        None => match current(&directory.join("config.json"))? {
            Some(name) => name,
            None => return Ok(None),
        },
    };
    if name == "default" {
        return Ok(None);
    }
    let path = directory
        .join("contexts/meta")
        .join(sha256(name.as_bytes()))
        .join("meta.json");
    let Some(meta) = json(&path)? else {
        bail!(
            "there is no Docker context `{name}`: {} is missing",
            path.display()
        );
    };
    let host = meta
        .pointer("/Endpoints/docker/Host")
        .and_then(Value::as_str);
    let host = host.with_context(|| format!("the Docker context `{name}` names no engine"))?;
    Ok(Some(host.to_owned()))
}

/// The context that a configuration names.
fn current(path: &Path) -> anyhow::Result<Option<String>> {
    let config = json(path)?.unwrap_or_default();
    let name = config.get("currentContext").and_then(Value::as_str);
    Ok(name.filter(|name| !name.is_empty()).map(str::to_owned))
}

/// A file of JSON; `None` if there is none.
#[expect(
    clippy::disallowed_methods,
    reason = "Docker's configuration is read from the disk"
)]
fn json(path: &Path) -> anyhow::Result<Option<Value>> {
    let context = || format!("reading {}", path.display());
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes).with_context(context)?)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(context),
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "the tests write Docker's configuration"
)]
mod tests {
    use super::*;

    #[test]
    fn the_chosen_context_tells_where_the_engine_listens() {
        let directory = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = directory.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let ask = |said: Option<&str>| {
            endpoint_in(Some(directory.path()), said.map(str::to_owned))
                .map_err(|error| error.to_string())
        };
        assert_eq!(ask(None), Ok(None));
        write("config.json", "{\"currentContext\": \"rootful\"}");
        assert!(
            ask(None)
                .unwrap_err()
                .contains("no Docker context `rootful`")
        );
        assert_eq!(ask(Some("default")), Ok(None));
        let hash = format!("contexts/meta/{}", sha256(b"rootful"));
        write(
            &format!("{hash}/meta.json"),
            "{\"Name\": \"rootful\", \"Endpoints\": {\"docker\": {\"Host\": \"unix:///run/other.sock\"}}}",
        );
        assert_eq!(ask(None), Ok(Some("unix:///run/other.sock".to_owned())));
        write(&format!("{hash}/meta.json"), "{\"Endpoints\": {}}");
        assert!(ask(None).unwrap_err().contains("names no engine"));
        write("config.json", "no JSON");
        assert!(ask(None).unwrap_err().contains("config.json"));
        assert_eq!(endpoint_in(None, None).unwrap(), None);
    }
}
