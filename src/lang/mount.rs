//! Mount options and what a mount rule becomes, apparmor.d(5), "Mount Rules"; mount(2).

const RDONLY: u32 = 1;
const NOSUID: u32 = 1 << 1;
const NODEV: u32 = 1 << 2;
const NOEXEC: u32 = 1 << 3;
const SYNCHRONOUS: u32 = 1 << 4;
/// `remount`
pub const REMOUNT: u32 = 1 << 5;
const MAND: u32 = 1 << 6;
const DIRSYNC: u32 = 1 << 7;
const NOSYMFOLLOW: u32 = 1 << 8;
const NOATIME: u32 = 1 << 10;
const NODIRATIME: u32 = 1 << 11;
/// `bind`
pub const BIND: u32 = 1 << 12;
/// `move`
pub const MOVE: u32 = 1 << 13;
const REC: u32 = 1 << 14;
const SILENT: u32 = 1 << 15;
const ACL: u32 = 1 << 16;
const UNBINDABLE: u32 = 1 << 17;
const PRIVATE: u32 = 1 << 18;
const SLAVE: u32 = 1 << 19;
const SHARED: u32 = 1 << 20;
const RELATIME: u32 = 1 << 21;
const IVERSION: u32 = 1 << 23;
const STRICTATIME: u32 = 1 << 24;
const LAZYTIME: u32 = 1 << 25;
const NOUSER: u32 = 1 << 31;

/// The options that change how mounts propagate.
pub const PROPAGATION: u32 = UNBINDABLE | PRIVATE | SLAVE | SHARED;
/// The options that make a mount call something other than a new mount.
pub const COMMANDS: u32 = REMOUNT | BIND | MOVE | REC | PROPAGATION;

/// Options by name: the bits they set and the bits they clear.
pub const OPTIONS: &[(&str, u32, u32)] = &[
    ("ro", RDONLY, 0),
    ("r", RDONLY, 0),
    ("read-only", RDONLY, 0),
    ("rw", 0, RDONLY),
    ("w", 0, RDONLY),
    ("suid", 0, NOSUID),
    ("nosuid", NOSUID, 0),
    ("dev", 0, NODEV),
    ("nodev", NODEV, 0),
    ("exec", 0, NOEXEC),
    ("noexec", NOEXEC, 0),
    ("sync", SYNCHRONOUS, 0),
    ("async", 0, SYNCHRONOUS),
    ("remount", REMOUNT, 0),
    ("mand", MAND, 0),
    ("nomand", 0, MAND),
    ("dirsync", DIRSYNC, 0),
    ("symfollow", 0, NOSYMFOLLOW),
    ("nosymfollow", NOSYMFOLLOW, 0),
    ("atime", 0, NOATIME),
    ("noatime", NOATIME, 0),
    ("diratime", 0, NODIRATIME),
    ("nodiratime", NODIRATIME, 0),
    ("bind", BIND, 0),
    ("B", BIND, 0),
    ("move", MOVE, 0),
    ("M", MOVE, 0),
    ("rbind", BIND | REC, 0),
    ("R", BIND | REC, 0),
    ("verbose", SILENT, 0),
    ("silent", SILENT, 0),
    ("loud", 0, SILENT),
    ("acl", ACL, 0),
    ("noacl", 0, ACL),
    ("unbindable", UNBINDABLE, 0),
    ("make-unbindable", UNBINDABLE, 0),
    ("runbindable", UNBINDABLE | REC, 0),
    ("make-runbindable", UNBINDABLE | REC, 0),
    ("private", PRIVATE, 0),
    ("make-private", PRIVATE, 0),
    ("rprivate", PRIVATE | REC, 0),
    ("make-rprivate", PRIVATE | REC, 0),
    ("slave", SLAVE, 0),
    ("make-slave", SLAVE, 0),
    ("rslave", SLAVE | REC, 0),
    ("make-rslave", SLAVE | REC, 0),
    ("shared", SHARED, 0),
    ("make-shared", SHARED, 0),
    ("rshared", SHARED | REC, 0),
    ("make-rshared", SHARED | REC, 0),
    ("relatime", RELATIME, 0),
    ("norelatime", 0, RELATIME),
    ("iversion", IVERSION, 0),
    ("noiversion", 0, IVERSION),
    ("strictatime", STRICTATIME, 0),
    ("nostrictatime", 0, STRICTATIME),
    ("lazytime", LAZYTIME, 0),
    ("nolazytime", 0, LAZYTIME),
    ("user", 0, NOUSER),
    ("nouser", NOUSER, 0),
];

/// The bits that an option sets and clears.
#[must_use]
pub fn option(name: &str) -> Option<(u32, u32)> {
    OPTIONS
        .iter()
        .find(|(option, ..)| *option == name)
        .map(|(_, set, clear)| (*set, *clear))
}

/// What a `mount` rule says, as far as it decides which kernel operation it is about.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Shape {
    /// Bits of `options=`, if it is given.
    pub required: Option<u32>,
    /// Bits of `options in`, set and cleared ones, if it is given.
    pub optional: Option<u32>,
    /// Whether `fstype` is given.
    pub has_fstype: bool,
    /// Whether a source is given.
    pub has_source: bool,
    /// Whether a mount point is given.
    pub has_target: bool,
}

/// Why the parser can make nothing of a mount rule.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Unencodable {
    /// Propagation options with both a source and a mount point.
    PropagationWithSource,
    /// The options name an operation that the other parts of the rule exclude.
    Nothing,
}

impl Shape {
    /// Whether the parser can turn the rule into anything (gen_flag_rules in mount.cc, 6.0).
    ///
    /// # Errors
    /// Why it cannot: it then refuses the whole profile.
    pub fn encode(self) -> Result<(), Unencodable> {
        let (Some(flags), optional) = (self.flags(), self.optional.unwrap_or(0)) else {
            return Ok(());
        };
        if flags == 0 {
            return Ok(());
        }
        let is_remount = flags & REMOUNT != 0 && !self.has_source && !self.has_fstype;
        let is_bind = flags & BIND != 0 && !self.has_fstype;
        let is_propagation = flags & PROPAGATION != 0 && !self.has_fstype;
        let is_move = flags & MOVE != 0 && !self.has_fstype;
        let is_new = (flags | optional) & !COMMANDS != 0;
        let is_single = !(self.has_source && self.has_target);
        if is_remount || is_bind || (is_propagation && is_single) || is_move || is_new {
            return Ok(());
        }
        let is_crowded = is_propagation && !is_single;
        Err(if is_crowded {
            Unencodable::PropagationWithSource
        } else {
            Unencodable::Nothing
        })
    }

    /// The required bits; `None` where everything is allowed.
    fn flags(self) -> Option<u32> {
        match (self.required, self.optional) {
            (Some(flags), _) => Some(flags),
            (None, Some(_)) => Some(0),
            (None, None) => None,
        }
    }
}
