//! Packs and the facts of engine profiles, held against the default profile that they are about.

use crate::common::intents::messages;
use crate::common::{Missing, files_below, needed};
use aalint::containers::ENGINE_PROFILES;

/// Packs stand on the shoulders of a profile that millions use: it keeps the one that is made of it.
pub fn dockers_default_profile_keeps_the_container_pack() -> Result<(), Missing> {
    let golden = needed("corpus/moby-golden/own")?;
    let mut count = 0;
    for path in files_below(&golden) {
        let profile = std::fs::read_to_string(&path).unwrap();
        // Custom includes of a test are nowhere to be found.
        if profile.contains("<something/") {
            continue;
        }
        let found = messages(&[("profile", &profile)], &["container"]);
        assert_eq!(found, [""; 0], "{}", path.display());
        count += 1;
    }
    assert!(count >= 5);
    Ok(())
}

/// Facts of a default profile, checked by that profile. Docker's is at hand; what the others keep
/// besides is named here, so that nothing goes unchecked unseen.
pub fn engine_profiles_hold_on_the_profile_that_they_are_about() -> Result<(), Missing> {
    let golden = needed("corpus/moby-golden/own")?;
    let profile = std::fs::read_to_string(golden.join("default.golden")).unwrap();
    let mut checked = 0;
    for engine in ENGINE_PROFILES {
        for version in engine.versions {
            let intent = engine.intent(version).unwrap();
            let files = [
                ("profile", profile.as_str()),
                ("it.intents", intent.as_str()),
            ];
            let found = messages(&files, &["it.intents"]);
            let is_podman = engine.name == "podman" && *version == "5.1";
            let own = "`default` does not allow `signal receive set=(int) peer=podman`, which the intent `podman` allows";
            let expected: &[&str] = if is_podman { &[own] } else { &[] };
            assert_eq!(found, expected, "{} {version}", engine.name);
            checked += engine.facts(version).unwrap().len();
        }
        assert!(engine.facts("0.1").is_none());
        // An empty profile keeps what is denied, and no more; one that allows all keeps nothing of it.
        let intent = engine.intent(engine.newest()).unwrap();
        let denied = intent
            .lines()
            .filter(|line| line.starts_with("  deny"))
            .count();
        let files = |rules| [("p", rules), ("it.intents", intent.as_str())];
        let found = messages(&files("profile p { all, }"), &["it.intents"]);
        assert_eq!(found.len(), denied);
        let found = messages(&files("profile p { }"), &["it.intents"]);
        assert_eq!(found.len(), intent.matches("  allow").count());
    }
    assert!(checked > 100, "{checked}");
    Ok(())
}
