//! Small texts, kind by kind, and whether apparmor_parser 5.0.2 takes them.

/// Texts that are taken. `{}` at the start stands for a profile around the rest.
pub const TAKEN: &[&str] = &[
    // An arrow that touches no word, or only the one behind it where words begin with letters and slashes.
    "{} /bin/a px -> b,",
    "{} /bin/a px ->b,",
    "{} link /a ->/b,",
    "{} change_profile-> b,",
    "{} change_profile ->\"b\",",
    "{} mount options=(ro)-> /b,",
    "{} pivot_root /a ->b,",
    // The arrow as part of a path.
    "{} px /bin/c->helper,",
    "{} mount /c/->/d/,",
    "{} mount options in (make-shared) ->/5,",
    // Names and namespaces.
    "{} /a px -> :ns:,",
    "{} /a px -> :ns,",
    "{} /a px -> ::b,",
    "{} /a px -> @{NOWHERE},",
    "profile a//b { }\nprofile a { profile b { } }\n",
    "profile a[ /x { }\n",
    // Blocks.
    "{} deny { allow /a r, }",
    "{} allow { deny /a r, }",
    "{} deny { prompt /a r, }",
    "{} deny { deny /a x, }",
    "{} deny safe /a x,",
    // Variables and booleans.
    "@{A}=,b\nprofile p { }\n",
    "@{A}\n=b\n",
    "@{A} := b\n",
    "@A = b\nprofile p { }\n",
    "@{A}=b # c",
    "$A=\"true\"\nprofile p { if $A { } }\n",
    "{} /@{a,b} r,",
    "{} /a@{profile_name}:x r,",
    // Bare words that are no keywords.
    "{} foo r,",
    "{} a1 r,",
    "{} network \"inet\",",
    // Line ends.
    "profile p {\r\n  /a r,\r\n  change_profile -> b,\r\n}\r\n",
    "#\rc\nprofile p { }\n",
    "profile p + identities=(a, b) { }\n",
    "include <mixed/early>\n",
    "abi <abi/only>,\n",
    "abi < abi/only >,\n",
    "{} network\r\n,",
    "{} change_profile -> #,",
    "profile p /x xattrs=(user.x=\"1 2\" user.y) { }\n",
];

/// Texts that are refused.
pub const REFUSED: &[&str] = &[
    "{} /bin/a px->b,",
    "{} /bin/a px-> b,",
    "{} /bin/a-> px b,",
    "{} px /bin/a-> b,",
    "{} link /a-> /b,",
    "alias /a-> /b,\n",
    "alias /a->/b,\n",
    "{} change_profile->b,",
    "{} change_profile ->:ns:b,",
    "{} change_profile /a ->b,",
    "{} mount /a ->/b,",
    "{} mount /a-> /b,",
    "{} mount options=ro-> /b,",
    "{} /a px -> #c\nb,",
    // Denied execs.
    "{} deny file,",
    "{} audit deny owner file,",
    "{} deny { file, }",
    "{} { deny file, }",
    "{} deny unsafe /a x,",
    "{} deny { /a x, }",
    "{} { deny /a x, }",
    "{} owner { deny /a x, }",
    "{} { deny { /a px, } }",
    // Keywords and permissions are no paths.
    "{} a r,",
    "{} link a -> /b,",
    "{} link signal -> /b,",
    "alias a -> b,\n",
    "{} _ r,",
    "{} @ r,",
    "{} /a all,",
    "{} l <= /a -> /b,",
    "{} link <= /a -> /b,",
    // Qualifiers of what has none.
    "{} priority=1 set rlimit cpu <= 1 hours,",
    "{} audit set rlimit nofile <= 8,",
    // Variables.
    "@{A}=/a\nprofile p { @{A}+/b r, }\n",
    "@{A}=/a\nprofile p { r @{A}?b, }\n",
    "@AB=/a\nprofile p { }\n",
    "@{A}:=b\nprofile p { }\n",
    "@{A}=a\n@{A}:=b\nprofile p { }\n",
    "{} /@{a-b} r,",
    "{} /@{1} r,",
    "{} /@{a r,",
    "{} change_profile -> @{NOWHERE},",
    "{} /a\\\\ r,",
    // Preamble behind a profile.
    "profile p { }\n@{A}=b\n",
    "profile p { }\ninclude <vars>\n",
    "include <profile>\n@{A}=b\n",
    "include <profile>\nalias /a -> /b,\n",
    // The files of a directory are read from the last to the first.
    "include <mixed/late>\n",
    // Files that are not there.
    "abi <abi/no>,\n",
    "abi \"abi/no\",\n",
    "abi abi/no,\n",
    "abi <abi>,\n",
    "{} abi <abi/no>,",
    "{} { abi \"x\", }",
    "$A=false\nprofile p { if $A { include <no>\n } }\n",
    "$A=false\nprofile p { if $A { if $B { } } }\n",
    // The ends of lines and of the file.
    "profile p { }\n# c",
    "profile p { }\n#",
    "include <unended>\nprofile p { }\n",
    "{} /a\rb r,",
    "profile p { /a r,\r}\n",
    "profile p {\r\n  signal send,\r\n}\r\n",
    "profile p {\r\n  mount /a -> /b,\r\n}\r\n",
    "{} dbus bus=\na,",
    // Heads of profiles.
    "profile p identities=(foo) { }\n",
    "profile p +identities=foo { }\n",
    "profile p flags=(complain) +identities=(foo) { }\n",
    "profile p /x xattrs=(user.x=(1 2)) { }\n",
    "profile p /x xattrs=(user.x=\"\") { }\n",
    "profile p /x xattrs=(\"user.x\") { }\n",
    "profile= { }\n",
    "@r/x { }\n",
    // Conditions.
    "$A=true\nprofile p { if $A{ } }\n",
    "$A=true\nprofile p { if $A {/a r, } }\n",
    "$A=true\nprofile p { if $A {} }\n",
];

/// Files that they include.
pub const INCLUDES: &[(&str, &str)] = &[
    ("vars", "@{V} = /v\n"),
    ("profile", "profile included { }\n"),
    ("mixed/late/b", "profile one { }\n"),
    ("mixed/late/a", "@{LATE} = /late\n"),
    ("mixed/early/a", "profile one { }\n"),
    ("mixed/early/b", "@{EARLY} = /early\n"),
    ("unended", "@{U} = /u\n# c"),
    ("abi/only", "file {mask {read write\n}\n}\n"),
];

/// All of them, with whether they are taken.
pub fn texts() -> Vec<(String, bool)> {
    let text = |written: &&str| match written.strip_prefix("{} ") {
        Some(rules) => format!("profile p {{ {rules}\n}}\n"),
        None => (*written).to_owned(),
    };
    let taken = TAKEN.iter().map(|written| (text(written), true));
    let refused = REFUSED.iter().map(|written| (text(written), false));
    taken.chain(refused).collect()
}
