//! Ports that a service or container of a manifest names.

use std::rc::Rc;

use super::yaml::YamlNode;

/// The container's ports in `ports` and `expose` of a compose service. `None` where one cannot be read:
/// it may hold a variable. Nor are ports known of a container in the network of something else.
pub(super) fn of_service(service: &YamlNode) -> Option<Vec<u16>> {
    if service.get("network_mode").is_some() {
        return None;
    }
    let mut found = Vec::new();
    for key in ["ports", "expose"] {
        for port in items(service, key)? {
            match port.get("target") {
                Some(target) => found.push(number(target)?),
                None => found.extend(of_text(port)?),
            }
        }
    }
    Some(found)
}

/// The ports of a container in a Kubernetes object. `None` where one cannot be read.
pub(super) fn of_container(container: &YamlNode) -> Option<Vec<u16>> {
    let ports = items(container, "ports")?.iter();
    ports
        .map(|port| number(port.get("containerPort")?))
        .collect()
}

fn items<'n>(node: &'n YamlNode, key: &str) -> Option<&'n [Rc<YamlNode>]> {
    match node.get(key) {
        None => Some(&[]),
        Some(list) => list.list(),
    }
}

fn number(node: &YamlNode) -> Option<u16> {
    node.text()?.parse().ok()
}

/// `[[ADDRESS:]HOST:]CONTAINER[/PROTOCOL]`, each a number or a range: the ends of the last one.
fn of_text(node: &YamlNode) -> Option<Vec<u16>> {
    let text = node.text()?;
    let (text, _) = text.split_once('/').unwrap_or((text, ""));
    let (_, container) = text.rsplit_once(':').unwrap_or(("", text));
    let ends = container.split('-');
    ends.map(|port| port.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use crate::containers::{Manifest, read};
    use crate::source::FileId;

    fn ports(kind: Manifest, text: &str) -> Vec<u16> {
        read(kind, FileId(0), text).unwrap().remove(0).ports
    }

    #[test]
    fn of_compose() {
        let of = |list: &str| {
            let head = "services:\n  web:\n    security_opt: [\"apparmor=web\"]\n";
            ports(Manifest::Compose, &format!("{head}    {list}\n"))
        };
        assert!(of("image: x").is_empty());
        assert_eq!(of("ports: [\"5000:5000\", 80]"), [5000, 80]);
        assert_eq!(of("ports: [\"127.0.0.1:443:8443/tcp\"]"), [8443]);
        assert_eq!(of("ports: [\"[::1]:443:8000-8010/udp\"]"), [8000, 8010]);
        assert_eq!(of("ports: [{target: 5000, published: \"80\"}]"), [5000]);
        assert_eq!(of("expose: [\"3000\"]"), [3000]);
        assert!(of("ports: [\"5000:5000\", \"${PORT}\"]").is_empty());
    }

    #[test]
    fn of_kubernetes() {
        let text = "kind: Pod\nspec:\n  containers:\n  - name: app\n    ports: [{containerPort: 8080}]\n    securityContext: {appArmorProfile: {type: Localhost, localhostProfile: app}}\n";
        assert_eq!(ports(Manifest::Kubernetes, text), [8080]);
    }
}
