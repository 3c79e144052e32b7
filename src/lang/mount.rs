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
/// What makes `rbind` of `bind` and `rprivate` of `private`; no option names it alone.
pub const REC: u32 = 1 << 14;
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

/// All options that the parser knows but `nouser`.
pub const ALL: u32 = RDONLY
    | NOSUID
    | NODEV
    | NOEXEC
    | SYNCHRONOUS
    | MAND
    | DIRSYNC
    | NOSYMFOLLOW
    | NOATIME
    | NODIRATIME
    | SILENT
    | ACL
    | RELATIME
    | IVERSION
    | STRICTATIME
    | LAZYTIME
    | COMMANDS;
/// Options that belong to a mount and not to its file system; the kernel drops them where it changes
/// propagation (MNT_FLAGS in mount.h).
const OF_MOUNT: u32 = NOSUID | NODEV | NOEXEC | NOATIME | NODIRATIME | RELATIME | STRICTATIME;

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

/// The flags that a string to match holds, a byte each: its number, counted from 1.
#[must_use]
pub fn bits(numbers: &[u8]) -> u32 {
    let places = numbers.iter().filter_map(|number| number.checked_sub(1));
    let bits = places.filter_map(|place| 1_u32.checked_shl(u32::from(place)));
    bits.fold(0, |all, bit| all | bit)
}

/// The options that set these bits, in their order, by the names that audit_mnt_flags (mount.c in the
/// kernel) and apparmor.d(5) give them: `silent` though the parser reads `verbose` as the same bit.
#[must_use]
pub fn names(flags: u32) -> Vec<&'static str> {
    let sets = |bits: u32| {
        let mut rows = OPTIONS.iter();
        let found = rows.find(|(name, set, _)| *set == bits && *name != "verbose");
        found.map(|(name, ..)| *name)
    };
    let bits = (0..32).map(|place| flags & 1_u32 << place);
    let names = bits.filter(|bit| *bit != 0).filter_map(|bit| {
        let is_recursive = flags & REC != 0 && bit & (BIND | PROPAGATION) != 0;
        sets(if is_recursive { bit | REC } else { bit })
    });
    names.collect()
}

/// An operation of the kernel.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Operation {
    /// Mounts a file system.
    New,
    /// Changes the options of a mount.
    Remount,
    /// Makes a directory visible elsewhere.
    Bind,
    /// Changes how a mount propagates.
    Propagation,
    /// Moves a mount.
    Move,
}

impl Operation {
    /// The options that can come with it.
    #[must_use]
    pub const fn options(self) -> u32 {
        match self {
            Self::New => ALL & !COMMANDS,
            Self::Remount => ALL & !MOVE,
            Self::Bind => BIND | REC,
            Self::Propagation => ALL & !OF_MOUNT,
            Self::Move => MOVE,
        }
    }
}

/// What a `mount` rule says, as far as it decides which kernel operation it is about.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct MountShape {
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

impl MountShape {
    /// The operations that the rule is about (gen_flag_rules in mount.cc, 6.0).
    ///
    /// # Errors
    /// Why not: the parser then refuses the whole profile.
    pub fn operations(self) -> Result<Vec<Operation>, Unencodable> {
        let is_single = !(self.has_source && self.has_target);
        let has_type = self.has_fstype;
        let Some(flags) = self.flags().filter(|flags| *flags != 0) else {
            let all = [
                (Operation::Remount, !self.has_source && !has_type),
                (Operation::Bind, !has_type),
                (Operation::Propagation, is_single && !has_type),
                (Operation::Move, !has_type),
                (Operation::New, true),
            ];
            let possible = all.into_iter().filter(|(_, is_possible)| *is_possible);
            return Ok(possible.map(|(operation, _)| operation).collect());
        };
        let is_propagation = flags & (PROPAGATION | REC) != 0 && !has_type;
        let operation = if flags & REMOUNT != 0 && !self.has_source && !has_type {
            Operation::Remount
        } else if flags & BIND != 0 && !has_type {
            Operation::Bind
        } else if is_propagation && is_single {
            Operation::Propagation
        } else if flags & MOVE != 0 && !has_type {
            Operation::Move
        } else if (flags | self.optional.unwrap_or(0)) & !COMMANDS != 0 {
            Operation::New
        } else if is_propagation {
            return Err(Unencodable::PropagationWithSource);
        } else {
            return Err(Unencodable::Nothing);
        };
        Ok(vec![operation])
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
