//! The profiles of `fixtures/laws`: the real parser loads the sound ones and refuses the broken ones.

use std::fs;
use std::time::Duration;

use crate::common::{Missing, files_below, root};
use crate::oracle::run::{self, Input, Outcome, Tree};
use crate::oracle_grammar::newest_features;

/// What the parser does not see: it reads a file up to a NUL byte.
const LOADED_ALTHOUGH_BROKEN: &[&str] = &["nul"];

pub fn the_parser_judges_them_as_their_folder_says() -> Result<(), Missing> {
    let parsers = run::needed()?;
    let laws = root().join("fixtures/laws");
    let (base, features) = (Tree::new(&laws.join("base")), newest_features());
    let mut wrong = Vec::new();
    let mut count = 0;
    for part in ["sound", "broken"] {
        for path in files_below(&laws.join(part)) {
            let name = path.file_name().unwrap().to_str().unwrap();
            let is_loaded = part == "sound" || LOADED_ALTHOUGH_BROKEN.contains(&name);
            let input = Input {
                text: &fs::read(&path).unwrap(),
                base: Some(&base),
                features: &features,
            };
            let outcome = parsers.newer.compile(&input, Duration::from_secs(60));
            count += 1;
            if matches!(outcome, Outcome::Compiled(_)) != is_loaded {
                let what = match outcome {
                    Outcome::Compiled(_) => "is loaded".to_owned(),
                    Outcome::Refused(why) => format!("is refused: {why}"),
                    Outcome::TimedOut => "takes too long".to_owned(),
                };
                wrong.push(format!("{part}/{name} {what}"));
            }
        }
    }
    println!("own profiles: {count} files");
    assert!(count > 40, "{count} files");
    assert!(wrong.is_empty(), "{wrong:#?}");
    Ok(())
}
