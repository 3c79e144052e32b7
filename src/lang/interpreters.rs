//! Interpreters, and where the code that they run lies.

/// An interpreter.
#[derive(Copy, Clone, Debug)]
pub struct Interpreter {
    /// What it is called.
    pub name: &'static str,
    /// Paths that it has.
    pub programs: &'static [&'static str],
    /// Code that it runs: patterns, each with an example.
    pub code: &'static [(&'static str, &'static str)],
}

/// The interpreters that applications are written for most.
pub const INTERPRETERS: &[Interpreter] = &[
    Interpreter {
        name: "Python",
        programs: &[
            "/usr/bin/python3",
            "/usr/bin/python3.11",
            "/usr/bin/python3.12",
            "/usr/bin/python3.13",
            "/usr/local/bin/python3",
            "/usr/local/bin/python3.12",
            "/usr/local/bin/python3.13",
            "/usr/bin/python",
        ],
        code: &[
            ("/{app,code,srv,usr/src/app}/[a-z]*.py", "/app/main.py"),
            ("/srv/*/[a-z]*.py", "/srv/web/main.py"),
            ("/opt/*/[a-z]*.py", "/opt/web/main.py"),
            ("/var/www/*/[a-z]*.py", "/var/www/web/main.py"),
            (
                "/usr/{local/,}lib/python3*/{site,dist}-packages/[a-z]*/[a-z]*.py",
                "/usr/lib/python3/dist-packages/flask/app.py",
            ),
        ],
    },
    Interpreter {
        name: "PHP",
        programs: &[
            "/usr/bin/php",
            "/usr/bin/php8.2",
            "/usr/bin/php8.4",
            "/usr/local/bin/php",
            "/usr/sbin/php-fpm8.2",
            "/usr/sbin/php-fpm8.4",
            "/usr/local/sbin/php-fpm",
        ],
        code: &[
            ("/{app,srv}/[a-z]*.php", "/app/index.php"),
            ("/var/www/{html/,}[a-z]*.php", "/var/www/html/index.php"),
            ("/usr/share/php/[A-Za-z]*.php", "/usr/share/php/PEAR.php"),
        ],
    },
    Interpreter {
        name: "Perl",
        programs: &["/usr/bin/perl", "/usr/local/bin/perl", "/usr/bin/perl5.36"],
        code: &[
            ("/{app,srv}/[a-z]*.pl", "/app/main.pl"),
            ("/usr/lib/cgi-bin/[a-z]*", "/usr/lib/cgi-bin/form"),
            (
                "/usr/share/perl5/*/[A-Za-z]*.pm",
                "/usr/share/perl5/CGI/Util.pm",
            ),
        ],
    },
    Interpreter {
        name: "Ruby",
        programs: &["/usr/bin/ruby", "/usr/local/bin/ruby", "/usr/bin/ruby3.3"],
        code: &[
            ("/{app,srv}/[a-z]*.rb", "/app/main.rb"),
            ("/opt/*/[a-z]*.rb", "/opt/web/main.rb"),
            (
                "/usr/lib/ruby/*/[a-z]*.rb",
                "/usr/lib/ruby/vendor_ruby/erb.rb",
            ),
        ],
    },
    Interpreter {
        name: "Node.js",
        programs: &["/usr/bin/node", "/usr/local/bin/node", "/usr/bin/nodejs"],
        code: &[
            ("/{app,srv,usr/src/app}/[a-z]*.js", "/app/index.js"),
            ("/opt/*/[a-z]*.js", "/opt/web/index.js"),
            (
                "/usr/{local/,}{lib,share}/node{_modules,js}/*/[a-z]*.js",
                "/usr/lib/node_modules/npm/index.js",
            ),
        ],
    },
];
