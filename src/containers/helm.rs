//! Templates of Helm: what stands outside of their actions is read as YAML.

/// What stands for the output of an action, which is not known.
pub(super) const UNKNOWN: char = '¤';

/// Whether a text has actions of Helm.
#[must_use]
pub fn is_template(text: &str) -> bool {
    text.contains("{{")
}

/// A template as YAML of the same length: actions that fill lines are blank, and others are texts that are unknown. `None`
/// where an action is not closed.
pub(super) fn as_yaml(text: &str) -> Option<String> {
    let mut done = String::with_capacity(text.len());
    let mut rest = text;
    // Whether actions fill the line; known from its first action on.
    let mut fills_line = None;
    while let Some(start) = rest.find("{{") {
        let (before, action) = rest.split_at_checked(start)?;
        let end = action.find("}}")? + 2;
        let (action, after) = action.split_at_checked(end)?;
        done.push_str(before);
        if before.contains('\n') {
            fills_line = None;
        }
        let is_blank = *fills_line.get_or_insert_with(|| {
            let line = before.rsplit('\n').next().unwrap_or_default();
            line.trim().is_empty() && is_blank_line(after)
        });
        for c in action.chars() {
            match c {
                '\n' => done.push(c),
                _ if is_blank => done.extend(std::iter::repeat_n(' ', c.len_utf8())),
                _ => done.extend(std::iter::repeat_n('_', c.len_utf8())),
            }
        }
        if action.contains('\n') {
            fills_line = None;
        }
        if !is_blank {
            // Two bytes of the action become the sign; it has four at least.
            done.truncate(done.len() - UNKNOWN.len_utf8());
            done.push(UNKNOWN);
        }
        rest = after;
    }
    done.push_str(rest);
    Some(done)
}

/// Whether nothing but other actions follows on the line.
fn is_blank_line(text: &str) -> bool {
    let mut line = text.lines().next().unwrap_or_default().trim_start();
    while let Some(rest) = line.strip_prefix("{{") {
        match rest.split_once("}}") {
            Some((_, after)) => line = after.trim_start(),
            None => return true,
        }
    }
    line.is_empty() || line.starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_become_blank_or_unknown() {
        let text = "a: {{ .X }}\n{{- if ä }}\nb: \"{{x}}-{{y}}\"\n{{ end }} {{ if }}\n";
        let yaml = as_yaml(text).unwrap();
        assert_eq!(yaml.len(), text.len());
        assert_eq!(
            yaml,
            format!(
                "a: ______¤\n{}\nb: \"___¤-___¤\"\n{}\n",
                " ".repeat("{{- if ä }}".len()),
                " ".repeat("{{ end }} {{ if }}".len())
            )
        );
        assert_eq!(as_yaml("{{ x"), None);
    }
}
