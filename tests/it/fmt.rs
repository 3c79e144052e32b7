//! `aalint fmt`: what changes, what stays, and what is written.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use aalint::format::{Alignment, FormatFault, Layout, format};

use crate::common::{aalint, directory, text};

fn laid_out(text: &str) -> String {
    format(text, &Layout::default(), None).unwrap()
}

/// A layout changes to another one, which stays.
fn becomes(before: &str, after: &str) {
    assert_eq!(laid_out(before), after, "{before}");
    assert_eq!(laid_out(after), after, "{after}");
}

fn stays(text: &str) {
    becomes(text, text);
}

#[test]
fn levels_are_indented() {
    becomes(
        "profile a {\n/a r,\n\t/b r,\n      /c r,\nprofile b {\n/d r,\n}\n  }\n",
        "profile a {\n  /a r,\n  /b r,\n  /c r,\n  profile b {\n    /d r,\n  }\n}\n",
    );
    becomes(
        "if $x {\n@{A} = b\n} else {\n    @{A} = c\n}\n",
        "if $x {\n  @{A} = b\n} else {\n  @{A} = c\n}\n",
    );
    becomes(
        "profile a {\nowner {\n/a r,\n}\n^hat {\n/b r,\n}\n}\n",
        "profile a {\n  owner {\n    /a r,\n  }\n  ^hat {\n    /b r,\n  }\n}\n",
    );
    stays("profile a { /a r, }\n");
}

#[test]
fn fragments_keep_their_margin() {
    stays("  /a r,\n  /b r,\n\n  include if exists <abstractions/a.d>\n");
    stays("/a r,\n/b r,\n\ninclude if exists <abstractions/a.d>\n");
    stays("abi <abi/4.0>,\n\n  /a r,\n  /b r,\n");
    stays("  abi <abi/4.0>,\n\n  /a r,\n  /b r,\n");
    stays("# a comment\n\n  include <abstractions/b>\n  /a r,\n  /b r,\n");
    becomes("  /a r,\n/b r,\n  /c r,\n", "  /a r,\n  /b r,\n  /c r,\n");
    becomes("/a r,\n/b r,\n  /c r,\n", "/a r,\n/b r,\n/c r,\n");
    // Tunables are no rules.
    becomes("  @{A} = b\n", "@{A} = b\n");
}

#[test]
fn blank_lines_are_few() {
    becomes(
        "\n\nabi <abi/4.0>,\n\n\n\n\nprofile a {\n\n  /a r,\n\n\n  /b r,\n\n}\n\n\n",
        "abi <abi/4.0>,\n\n\nprofile a {\n  /a r,\n\n  /b r,\n}\n",
    );
    becomes(
        "profile a {  \n  \n  /a r, \t\n}",
        "profile a {\n  /a r,\n}\n",
    );
    becomes(
        "profile a { # why\n\n  /a r,\n}\n",
        "profile a { # why\n  /a r,\n}\n",
    );
}

/// Rules that share no column with any other, and faults that all lie in one profile.
#[test]
fn long_paragraphs_and_many_faults_are_laid_out_in_linear_time() {
    let rules = |count| "  /a r,\n    /b r,\n".repeat(count);
    let formatted = laid_out(&format!("profile a {{\n{}}}\n", rules(100_000)));
    assert!(!formatted.contains("    /b"));
    // The last rule has no end: only the lines of whole items can stay.
    let faults = "  /a r\n  ( x,\n".repeat(30_000);
    for end in ["}\n", "", "  chown("] {
        let text = format!("profile a {{\n{faults}{end}");
        let _ = laid_out(&text);
    }
}

/// A blank line is looked at once, wherever it stands.
#[test]
fn blank_lines_without_number_are_laid_out_in_linear_time() {
    let many = "\n".repeat(1_000_000);
    for text in [
        format!("profile a {{\n}}\n{many}"),
        format!("{many}profile a {{\n}}\n"),
        format!("profile a {{\n{many}}}\n"),
        format!("profile a {{\n  /a r,\n{many}}}\n"),
    ] {
        let formatted = laid_out(&text);
        assert!(formatted.len() < 40, "{formatted}");
    }
}

#[test]
fn paragraphs_keep_their_columns() {
    stays("profile a {\n  /aaaa  r,\n  /b     rw,\n}\n");
    stays("profile a {\n  /aaaa  r,\n  /b    rw,\n}\n");
    stays("profile a {\n  /aaaa  r,\n  /b rw,\n  /cc    w,\n}\n");
    stays("profile a {\n        /a r,\n  owner /b rw,\n        /c r,\n}\n");
    becomes(
        "profile a {\n    /aaaa  r,\n    /b     rw,\n}\n",
        "profile a {\n  /aaaa  r,\n  /b     rw,\n}\n",
    );
    // A common column stays one where the rules move by different widths.
    becomes(
        "profile a {\n    /aaaa  r,\n  /b       rw,\n}\n",
        "profile a {\n  /aaaa  r,\n  /b     rw,\n}\n",
    );
    becomes(
        "profile a {\n  /a\tr,\n  /bbb\tr,\n}\n",
        "profile a {\n  /a    r,\n  /bbb  r,\n}\n",
    );
    // Padding that nothing shares is none.
    becomes(
        "profile a {\n        /a r,\n\n  owner /b rw,\n}\n",
        "profile a {\n  /a r,\n\n  owner /b rw,\n}\n",
    );
    let with = |alignment| Layout {
        alignment,
        ..Layout::default()
    };
    let text = "profile a {\n  /aaaa  r,\n  owner /b rw,\n\n  /c   r,\n}\n";
    assert_eq!(
        format(text, &with(Alignment::Never), None).unwrap(),
        "profile a {\n  /aaaa r,\n  owner /b rw,\n\n  /c r,\n}\n"
    );
    assert_eq!(
        format(text, &with(Alignment::Always), None).unwrap(),
        "profile a {\n  /aaaa    r,\n  owner /b rw,\n\n  /c r,\n}\n"
    );
    let wide = Layout {
        indent: 4,
        ..Layout::default()
    };
    assert_eq!(
        format("profile a {\n  /a r,\n}\n", &wide, None).unwrap(),
        "profile a {\n    /a r,\n}\n"
    );
}

#[test]
fn comments_stay_where_they_belong() {
    stays("profile a {\n  # one\n  /a r,\n#  /b r,\n  #owner /c r,\n}\n");
    becomes(
        "profile a {\n      # one\n  /a r,\n}\n",
        "profile a {\n  # one\n  /a r,\n}\n",
    );
    stays("profile a {\n  /a r, # because\n        # of this\n  /b r,\n}\n");
    becomes(
        "profile a {\n    /a r, # because\n          # of this\n}\n",
        "profile a {\n  /a r, # because\n        # of this\n}\n",
    );
}

#[test]
fn lines_of_a_rule_move_together() {
    becomes(
        "profile a {\n dbus send bus=system\n      path=/a\n      member=B,\n}\n",
        "profile a {\n  dbus send bus=system\n       path=/a\n       member=B,\n}\n",
    );
    becomes(
        "profile a flags=(complain,\n                 audit) {\n}\n",
        "profile a flags=(complain,\n                 audit) {\n}\n",
    );
    stays("@{A} = b \\\n       c\n");
}

#[test]
fn what_a_blank_means_stays() {
    // The backslash takes the blank behind it into the path.
    stays("profile a {\n  \"/a  b\" r,\n  /c\\  r,\n}\n");
    stays("@{A} = \"b\n   c  \n\"\n");
    becomes("\u{feff}abi <abi/4.0>, \n", "\u{feff}abi <abi/4.0>,\n");
}

#[test]
fn line_ends_are_those_of_most_lines() {
    becomes("/a r,\r\n/b r,\r\n/c r,\n", "/a r,\r\n/b r,\r\n/c r,\r\n");
    becomes("/a r,\n/b r,\r\n/c r,", "/a r,\n/b r,\n/c r,\n");
}

#[test]
fn broken_text_stays_and_what_is_around_it_does_not() {
    becomes(
        "profile a {\n    /a r,\n      /b r\n    /c r,\n}\nprofile b {\n    /d r,\n}\n",
        "profile a {\n  /a r,\n      /b r\n    /c r,\n}\nprofile b {\n  /d r,\n}\n",
    );
    // Nobody knows where a block ends that is not closed.
    stays("profile a {\n    /a r,\n");
    assert_eq!(
        format("#!/bin/sh\necho hello\n", &Layout::default(), None),
        Err(FormatFault::NotPolicy)
    );
}

#[test]
fn lines_can_be_named() {
    let text = "profile a {\n    /a r,\n\n\n    /b r,\n    /c r,\n}\n";
    let only = |lines| format(text, &Layout::default(), Some(lines)).unwrap();
    assert_eq!(
        only(5..=5),
        "profile a {\n    /a r,\n\n\n  /b r,\n    /c r,\n}\n"
    );
    assert_eq!(
        only(2..=4),
        "profile a {\n  /a r,\n\n    /b r,\n    /c r,\n}\n"
    );
}

#[test]
fn files_are_written_whole_with_their_mode() {
    let tree = directory(&[
        ("p/apparmor.d/web", "profile web {\n    /a r,\n}\n"),
        ("p/apparmor.d/fine", "profile fine {\n  /a r,\n}\n"),
        ("p/Makefile", "all:\n\ttrue\n"),
        ("outside/far", "profile far {\n    /a r,\n}\n"),
    ]);
    let at = |path: &str| tree.path().join(path);
    fs::set_permissions(at("p/apparmor.d/web"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink(at("outside/far"), at("p/apparmor.d/far")).unwrap();
    let run = |words: &[&str]| {
        let output = aalint(tree.path(), &[&["fmt", "--isolated"], words].concat());
        (
            output.status.code(),
            text(&output.stdout),
            text(&output.stderr),
        )
    };
    let (code, out, _) = run(&["--check", "p/apparmor.d/web", "p/apparmor.d/fine"]);
    assert_eq!(code, Some(1));
    assert_eq!(
        out,
        "would reformat p/apparmor.d/web\n1 file would be reformatted, 1 file is formatted\n"
    );
    let (code, out, errors) = run(&["p"]);
    assert_eq!(code, Some(2), "{out}{errors}");
    assert!(errors.contains("p/apparmor.d/far"), "{errors}");
    assert!(errors.contains("outside of what is named"), "{errors}");
    let read = |path: &str| fs::read_to_string(at(path)).unwrap();
    assert_eq!(read("p/apparmor.d/web"), "profile web {\n  /a r,\n}\n");
    assert_eq!(read("outside/far"), "profile far {\n    /a r,\n}\n");
    assert_eq!(read("p/Makefile"), "all:\n\ttrue\n");
    let mode = fs::metadata(at("p/apparmor.d/web")).unwrap().permissions();
    assert_eq!(mode.mode() & 0o777, 0o640);
    let left = fs::read_dir(at("p/apparmor.d")).unwrap().count();
    assert_eq!(left, 3, "something is left");
    // A link within what is named leads to a file that is written.
    symlink("../outside/far", at("p/near")).unwrap();
    let (code, ..) = run(&["p/near", "outside"]);
    assert_eq!(code, Some(0));
    assert_eq!(read("outside/far"), "profile far {\n  /a r,\n}\n");
    assert!(fs::symlink_metadata(at("p/near")).unwrap().is_symlink());
}

#[test]
fn line_ends_are_those_of_most_lines_that_are_left() {
    // Blank lines go, and broken lines keep their own ends.
    let text = "\r\n r \r\n \r\n if \n profile # aalint: ignore(syntax-error) x\n deny";
    let once = laid_out(text);
    assert_eq!(
        once,
        "  r\n  \n if \n profile # aalint: ignore(syntax-error) x\n deny"
    );
    assert_eq!(laid_out(&once), once);
}
