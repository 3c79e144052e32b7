//! First profiles, drafted from images that are lists of their files.

use aalint::containers::{ContainerView, ImageOrigin, KnownImage, ViewedProfile};
use aalint::session::ProfileDraft;

use crate::common::image::image;

/// The draft for the container of an image.
fn draft(list: &str) -> ProfileDraft {
    let image = image(list);
    let known = KnownImage {
        origin: ImageOrigin::Files("image.tar".to_owned()),
        trees: vec![image.tree],
        config: image.config,
    };
    let view = ContainerView::new("the image".to_owned(), ViewedProfile::Only, None, known);
    ProfileDraft::of(&view, "service")
}

/// Whether a profile has this line.
fn has(draft: &ProfileDraft, line: &str) -> bool {
    draft.profile.lines().any(|other| other.trim() == line)
}

/// A server that is started by a link, and whose data are another user's.
const SERVER: &str = "entrypoint store-server\n\
    0777 0:0 /usr/bin/store-server -> store-check\n\
    0755 0:0 /usr/bin/store-check = libc.so.6\n\
    0644 0:0 /usr/lib/libc.so.6 =\n\
    0755 0:0 /etc/store/\n\
    0750 7:7 /var/lib/store/\n";

#[test]
fn directories_belong_to_the_name_by_which_a_program_is_started() {
    let draft = draft(&format!("user 7\n{SERVER}"));
    for line in [
        "/usr/bin/store-check mr,",
        "/etc/store{,/,/**} r,",
        "/var/lib/store{,/,/**} rwk,",
        "/run/store{.pid,/,/**} rwk,",
    ] {
        assert!(has(&draft, line), "{line}\n{}", draft.profile);
    }
    assert!(!draft.profile.contains("store-server"), "{}", draft.profile);
    assert!(!draft.profile.contains("/var/log"), "{}", draft.profile);
}

#[test]
fn root_among_files_of_others_has_what_it_needs_to_go_on_as_one() {
    let needed = ["chown", "dac_override", "kill", "setgid", "setuid"];
    let (root, user) = (draft(SERVER), draft(&format!("user 7\n{SERVER}")));
    let alone = draft(&SERVER.replace("7:7", "0:0"));
    for capability in needed {
        let line = format!("capability {capability},");
        assert!(has(&root, &line), "{line}\n{}", root.profile);
        assert!(!has(&user, &line) && !has(&alone, &line), "{line}");
    }
}

#[test]
fn keys_of_the_image_are_not_denied_for_good() {
    let line = "audit deny /etc/ssl/private/{,**} rwklx,";
    assert!(has(&draft(SERVER), line));
    let keys = draft(&format!(
        "{SERVER}0755 0:0 /etc/ssl/private/\n0640 0:7 /etc/ssl/private/server.key\n"
    ));
    assert!(!has(&keys, line), "{}", keys.profile);
    assert!(!keys.profile.contains("server.key"), "{}", keys.profile);
    // Nor is it promised that it is denied.
    assert_eq!(keys.perhaps, ["/etc/ssl/private/** r,"]);
    assert!(keys.at_most().ends_with("  /etc/ssl/private/** r,\n}\n"));
    assert_eq!(draft(SERVER).at_most(), draft(SERVER).profile);
}

#[test]
fn a_web_server_reads_what_distributions_serve() {
    let line = "/var/www{,/,/**} r,";
    let web = format!("{SERVER}0755 0:0 /var/www/\n");
    assert!(has(&draft(&format!("port 80\n{web}")), line));
    assert!(!has(&draft(&format!("port 5432\n{web}")), line));
    assert!(!has(&draft(&format!("port 80\n{SERVER}")), line));
}

#[test]
fn the_files_of_debians_interpreter_are_known() {
    let script = "entrypoint node /srv/app/server.js\n\
        0755 0:0 PATH = libc.so.6\n\
        0644 0:0 /usr/lib/libc.so.6 =\n\
        0644 0:0 /usr/share/nodejs/cjs-module-lexer/lexer.js\n\
        0644 0:0 /srv/app/server.js\n";
    let line = "/usr/share/nodejs{,/,/**} r,";
    let of_debian = draft(&script.replace("PATH", "/usr/bin/node"));
    assert!(has(&of_debian, line), "{}", of_debian.profile);
    let of_upstream = draft(&script.replace("PATH", "/usr/local/bin/node"));
    assert!(!has(&of_upstream, line), "{}", of_upstream.profile);
}
