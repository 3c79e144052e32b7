//! The container of `[verify]`, with what the command line's surroundings add.

use std::path::Path;

use super::docker_context;
use crate::cli::setup::Setup;
use crate::config::{Container, ImageSource, Named, is_path};
use crate::verify::container::{Image, Spec};

/// Where engines listen if nobody says anything else: Docker, and Podman with its socket for Docker's API.
const DEFAULT_SOCKETS: [&str; 2] = ["/var/run/docker.sock", "/run/podman/podman.sock"];

/// What to run, for a profile of that name.
///
/// # Errors
/// As [`endpoint`].
pub(super) fn spec_of(
    container: &Container,
    profile: String,
    setup: &Setup,
) -> anyhow::Result<Spec> {
    let texts = |named: &[Named]| named.iter().map(|named| named.text.clone()).collect();
    Ok(Spec {
        profile,
        endpoint: endpoint(container)?,
        image: match &container.image {
            ImageSource::Image(name) => Image::Named(name.text.clone()),
            ImageSource::Build(path) => Image::Build(setup.path(&path.text)),
        },
        command: texts(&container.command),
        port: container.port,
        request: container.request.clone(),
        status: container.status,
        environment: container
            .environment
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect(),
        volumes: container
            .volumes
            .iter()
            .map(|volume| absolute(&volume.text, setup))
            .collect(),
        tmpfs: container
            .tmpfs
            .iter()
            .map(|one| {
                let (target, options) = one.text.split_once(':').unwrap_or((&one.text, ""));
                (target.to_owned(), options.to_owned())
            })
            .collect(),
        drop_capabilities: texts(&container.drop_capabilities),
        is_read_only: container.is_read_only,
        has_no_new_privileges: container.has_no_new_privileges,
        is_privileged: container.is_privileged,
    })
}

/// Where the engine listens: what the configuration says, else DOCKER_HOST, else Docker's context, else
/// a usual socket that is there.
///
/// # Errors
/// If the chosen context cannot be used.
pub(super) fn endpoint(container: &Container) -> anyhow::Result<String> {
    if let Some(named) = &container.endpoint {
        return Ok(named.text.clone());
    }
    local_endpoint()
}

/// Where the engine listens if no configuration says that.
///
/// # Errors
/// If the chosen context cannot be used.
pub(in crate::cli) fn local_endpoint() -> anyhow::Result<String> {
    let host = std::env::var("DOCKER_HOST").ok();
    if let Some(host) = host.filter(|host| !host.is_empty()) {
        return Ok(host);
    }
    let of_context = docker_context::endpoint()?;
    Ok(of_context.unwrap_or_else(|| default_endpoint(|path| Path::new(path).exists())))
}

/// The first of the usual sockets that is there, else Docker's: that is the one that a message should name.
fn default_endpoint(is_there: impl Fn(&str) -> bool) -> String {
    let [docker, ..] = DEFAULT_SOCKETS;
    let found = DEFAULT_SOCKETS.into_iter().find(|path| is_there(path));
    format!("unix://{}", found.unwrap_or(docker))
}

/// A volume with its source as an absolute path, which engines want; a source without slash or dot is
/// the name of a volume.
fn absolute(volume: &str, setup: &Setup) -> String {
    let Some((source, rest)) = volume.split_once(':') else {
        return volume.to_owned();
    };
    if source.starts_with('/') || !is_path(source) {
        return volume.to_owned();
    }
    let path = setup.path(source);
    let path = std::path::absolute(Path::new(&path))
        .map_or(path, |absolute| absolute.display().to_string());
    format!("{path}:{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_socket_that_is_there_is_taken() {
        let of = |sockets: &[&str]| default_endpoint(|path| sockets.contains(&path));
        let (docker, podman) = ("/var/run/docker.sock", "/run/podman/podman.sock");
        assert_eq!(of(&[podman]), "unix:///run/podman/podman.sock");
        assert_eq!(of(&[docker, podman]), "unix:///var/run/docker.sock");
        assert_eq!(of(&[]), "unix:///var/run/docker.sock");
    }
}
