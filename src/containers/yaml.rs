//! Reading YAML nodes.

use saphyr::{MarkedYaml, Scalar, YamlData};

pub(super) fn text_of<'n>(node: &'n MarkedYaml<'_>) -> Option<&'n str> {
    match &node.data {
        YamlData::Value(Scalar::String(text)) => Some(text.as_ref()),
        _ => None,
    }
}
