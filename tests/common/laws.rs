//! What must hold for any text; the property tests and the fuzz targets share it.

use aalint::config::ConfigFile;
use aalint::containers::Manifest;
use aalint::format::{Alignment, FormatFault, Layout, format};
use aalint::policy::Search;
use aalint::session::{self, Input, InputKind, Options};
use aalint::source::MemoryVfs;
use aalint::syntax;

/// What must hold for any text.
pub fn holds(text: &str) {
    let tree = syntax::parse(text);
    assert_eq!(
        tree.rebuild(text).as_deref(),
        Some(text),
        "the tree lost text"
    );
    let length = u32::try_from(text.len()).unwrap();
    for node in tree.nodes() {
        assert!(node.range.start <= node.range.end && node.range.end <= length);
        assert!(text.is_char_boundary(node.range.start as usize));
        assert!(text.is_char_boundary(node.range.end as usize));
    }
    let file = syntax::read(text);
    for fault in &file.faults {
        let range = fault.range;
        assert!(range.start <= range.end && range.end <= length, "{fault:?}");
        assert!(
            text.is_char_boundary(range.start as usize)
                && text.is_char_boundary(range.end as usize),
            "{fault:?}"
        );
    }
    is_laid_out(text);
}

/// Laid out, a text differs in white space alone, and laying it out again changes nothing.
pub fn is_laid_out(text: &str) {
    for alignment in Alignment::ALL.map(|(_, alignment)| alignment) {
        let layout = Layout {
            alignment,
            ..Layout::default()
        };
        match format(text, &layout, None) {
            Ok(formatted) => {
                let again = format(&formatted, &layout, None);
                assert_eq!(again.as_deref(), Ok(&*formatted), "{alignment:?}: {text:?}");
            }
            Err(FormatFault::NotPolicy) => {}
            Err(FormatFault::Unsafe) => panic!("{alignment:?} would change more: {text:?}"),
        }
    }
}

/// Every rule and every format, on the text as a profile.
pub fn checks(text: &str) {
    let mut vfs = MemoryVfs::default();
    vfs.insert("profile", text);
    report(&vfs, &[("profile", InputKind::Policy)], None);
}

/// The same with the text as the files that stand beside profiles.
pub fn checks_beside(text: &str) {
    let mut vfs = MemoryVfs::default();
    vfs.insert("profile", "profile web flags=(complain) { /etc/** r, }\n");
    vfs.insert("manifest", text);
    for manifest in [Manifest::Compose, Manifest::Kubernetes] {
        report(
            &vfs,
            &[
                ("profile", InputKind::Policy),
                ("manifest", InputKind::Manifest(manifest)),
            ],
            Some(text),
        );
    }
}

fn report(vfs: &MemoryVfs, inputs: &[(&str, InputKind)], config: Option<&str>) {
    let options = Options {
        inputs: inputs
            .iter()
            .map(|(path, kind)| Input {
                path: (*path).to_owned(),
                kind: *kind,
            })
            .collect(),
        search: Search {
            directories: Vec::new(),
            has_no_base: true,
        },
        config: config.map(|text| ConfigFile::new("aalint.toml", text).into()),
        cli: session::CommandLine {
            pedantic: true,
            audit: true,
            ..Default::default()
        },
        ..Options::default()
    };
    let report = session::check(vfs, &options, aalint::rules::all());
    for finding in &report.findings {
        let place = finding.place().unwrap();
        let source = report.store.sources.get(place.file);
        assert!(place.range.end as usize <= source.text.len());
    }
    let mut rendered = Vec::new();
    for format in [
        aalint::report::Format::Human,
        aalint::report::Format::Concise,
        aalint::report::Format::Json,
        aalint::report::Format::Github,
    ] {
        let style = aalint::report::Style::default();
        aalint::report::write(format, &report, style, &mut rendered).unwrap();
    }
}
