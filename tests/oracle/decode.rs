//! Compiled policy as the kernel reads it: which profiles there are, and what stands in each.

use super::Damaged;
use super::dfa::{Dfa, State};
use super::stream::{self, Field, Value};

/// A profile, child or hat.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Profile {
    /// `parent//child` for a child or a hat.
    pub name: String,
    pub namespace: Option<String>,
    /// The version field as it stands: kernel ABI in bits 0-9, the forced complain mode in 11, parser ABI in 12-19, policy
    /// version in 20-27.
    pub version: u32,
    /// What the profile attaches to.
    pub attachment: Option<Attachment>,
    pub disconnected: Option<String>,
    pub flags: Flags,
    pub capabilities: Masks<u64>,
    pub rlimits: Option<Rlimits>,
    /// Allowed, audited and quiet socket types of each address family, in the older form of network rules.
    pub families: Vec<Masks<u16>>,
    /// Everything but files; the first byte of a string is the class.
    pub policy: Option<Automaton>,
    pub files: Option<Automaton>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attachment {
    pub dfa: Dfa,
    /// What the parser says of the pattern's specificity.
    pub length: u64,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Flags {
    /// Bit 0: a hat.
    pub hat: u64,
    /// 0 enforce, 1 complain, 2 kill, 3 unconfined, 4 prompt.
    pub mode: u64,
    pub audit: u64,
    /// How disconnected paths are handled, if anything is said of it.
    pub path: Option<u64>,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Masks<T> {
    pub allow: T,
    pub audit: T,
    pub quiet: T,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rlimits {
    /// A bit for each limit that is set.
    pub mask: u64,
    pub limits: Vec<u64>,
}

/// An automaton with the permissions that its states stand for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Automaton {
    pub dfa: Dfa,
    /// Where the start of each mediation class is looked up; the file automaton begins here.
    pub start: State,
    /// Absent: the numbers of a state are the permissions themselves. Present: the first one is an index into these.
    pub table: Option<Vec<Entry>>,
    /// The version of the table's format.
    pub version: u64,
    /// Names of exec targets.
    pub names: Vec<String>,
}

/// One row of a table of permissions.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Entry {
    pub allow: u32,
    pub deny: u32,
    pub complain: u32,
    pub prompt: u32,
    pub audit: u32,
    pub quiet: u32,
    pub xindex: u32,
    pub tag: u32,
    pub label: u32,
}

/// Reads all profiles of a file of compiled policy.
pub fn decode(bytes: &[u8]) -> Result<Vec<Profile>, Damaged> {
    let mut profiles = Vec::new();
    let (mut version, mut namespace) = (0, None);
    for field in stream::read(bytes)? {
        match field.name.as_deref() {
            Some("version") => {
                version = narrow(field.number()?)?;
                namespace = None;
            }
            Some("namespace") => namespace = Some(field.text()?.to_owned()),
            Some("profile") => {
                let mut profile = profile(field.group()?)?;
                profile.version = version;
                profile.namespace = namespace.clone();
                profiles.push(profile);
            }
            _ => return Err(Damaged("an element that belongs to no profile")),
        }
    }
    Ok(profiles)
}

fn profile(fields: &[Field]) -> Result<Profile, Damaged> {
    let mut profile = Profile::default();
    let mut fields = fields.iter();
    let name = fields.next().ok_or(Damaged("a profile without name"))?;
    name.text()?.clone_into(&mut profile.name);
    // Numbers without a name, by the part of the profile that they follow.
    let mut numbers = Vec::new();
    let mut is_head = true;
    let mut files = Parts::default();
    for field in fields {
        if !is_head && files.take(field)? {
            continue;
        }
        match (field.name.as_deref(), &field.value) {
            (Some("perms" | "permsv"), _) => {}
            (Some("aadfa"), _) => {
                let dfa = Dfa::read(field.blob()?)?;
                profile.attachment = Some(Attachment { dfa, length: 0 });
            }
            (Some("disconnected"), _) => profile.disconnected = Some(field.text()?.to_owned()),
            (Some("flags"), _) => {
                is_head = false;
                profile.flags = flags(field.group()?)?;
            }
            (Some("path_flags"), _) => profile.flags.path = Some(field.number()?),
            (Some("caps64"), _) => {
                let high = self::numbers(field.group()?)?;
                profile.capabilities = capabilities(&numbers, &high)?;
            }
            (Some("rlimits"), _) => profile.rlimits = Some(rlimits(field.group()?)?),
            (Some("net_allowed_af"), _) => profile.families = families(field.group()?)?,
            (Some("policydb"), _) => profile.policy = policy(field.group()?)?,
            (None, Value::Number(length)) if is_head => {
                if let Some(attachment) = profile.attachment.as_mut() {
                    attachment.length = *length;
                }
            }
            (None, Value::Number(number)) => numbers.push(*number),
            (Some("xattrs" | "secmark" | "kill" | "error" | "data" | "tags"), _) => {}
            _ => return Err(Damaged("an unknown part of a profile")),
        }
    }
    profile.files = files.automaton;
    Ok(profile)
}

fn narrow(number: u64) -> Result<u32, Damaged> {
    u32::try_from(number).map_err(|_| Damaged("a number is too large"))
}

fn numbers(fields: &[Field]) -> Result<Vec<u64>, Damaged> {
    fields.iter().map(Field::number).collect()
}

fn flags(fields: &[Field]) -> Result<Flags, Damaged> {
    let [hat, mode, audit] = numbers(fields)?[..] else {
        return Err(Damaged("flags of an unknown shape"));
    };
    Ok(Flags {
        hat,
        mode,
        audit,
        path: None,
    })
}

/// Each set is split into a lower half, which comes first for all sets, and an upper one.
fn capabilities(low: &[u64], high: &[u64]) -> Result<Masks<u64>, Damaged> {
    let ([allow, audit, quiet, _], [high_allow, high_audit, high_quiet, _]) = (low, high) else {
        return Err(Damaged("capabilities of an unknown shape"));
    };
    Ok(Masks {
        allow: allow | high_allow << 32,
        audit: audit | high_audit << 32,
        quiet: quiet | high_quiet << 32,
    })
}

fn rlimits(fields: &[Field]) -> Result<Rlimits, Damaged> {
    let (mask, limits) = fields
        .split_first()
        .ok_or(Damaged("limits without a mask"))?;
    let limits = match limits {
        [array] => numbers(array.group()?)?,
        _ => return Err(Damaged("limits of an unknown shape")),
    };
    let mask = mask.number()?;
    Ok(Rlimits { mask, limits })
}

fn families(fields: &[Field]) -> Result<Vec<Masks<u16>>, Damaged> {
    let numbers: Vec<u16> = numbers(fields)?
        .into_iter()
        .map(|number| u16::try_from(number).map_err(|_| Damaged("a number is too large")))
        .collect::<Result<_, _>>()?;
    let masks = numbers.chunks_exact(3).map(|mask| Masks {
        allow: mask[0],
        audit: mask[1],
        quiet: mask[2],
    });
    Ok(masks.collect())
}

/// Exec targets. A namespace and the profile in it are apart by a NUL, which is shown as a colon.
fn names(field: &Field) -> Result<Vec<String>, Damaged> {
    let [array] = field.group()? else {
        return Err(Damaged("exec targets of an unknown shape"));
    };
    let names = array.group()?.iter();
    names
        .map(|name| Ok(name.text()?.replace('\0', ":")))
        .collect()
}

/// An automaton and what stands around it.
#[derive(Default)]
struct Parts {
    table: Option<Vec<Entry>>,
    version: u64,
    automaton: Option<Automaton>,
}

impl Parts {
    /// Takes the field if it belongs here.
    fn take(&mut self, field: &Field) -> Result<bool, Damaged> {
        match field.name.as_deref() {
            Some("perms") => self.table = Some(entries(field.group()?)?),
            Some("permsv") => self.version = field.number()?,
            Some("aadfa") => {
                self.automaton = Some(Automaton {
                    dfa: Dfa::read(field.blob()?)?,
                    start: Dfa::START,
                    table: self.table.take(),
                    version: self.version,
                    names: Vec::new(),
                });
            }
            Some("start") => self.automaton()?.start = narrow(field.number()?)?,
            Some("xtable") => self.automaton()?.names = names(field)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn automaton(&mut self) -> Result<&mut Automaton, Damaged> {
        let automaton = self.automaton.as_mut();
        automaton.ok_or(Damaged("a part of an automaton that is not there"))
    }
}

fn policy(fields: &[Field]) -> Result<Option<Automaton>, Damaged> {
    let mut parts = Parts::default();
    for field in fields {
        if !parts.take(field)? {
            return Err(Damaged("an unknown part of the rules"));
        }
    }
    Ok(parts.automaton)
}

fn entries(fields: &[Field]) -> Result<Vec<Entry>, Damaged> {
    let [version, array] = fields else {
        return Err(Damaged("a table of permissions of an unknown shape"));
    };
    if version.number()? != 1 {
        return Err(Damaged("a table of permissions of an unknown version"));
    }
    let numbers = numbers(array.group()?)?;
    let numbers: Vec<u32> = numbers.into_iter().map(narrow).collect::<Result<_, _>>()?;
    if !numbers.len().is_multiple_of(14) {
        return Err(Damaged("a table of permissions of an unknown width"));
    }
    let rows = numbers.chunks_exact(14);
    Ok(rows.map(entry).collect())
}

fn entry(row: &[u32]) -> Entry {
    Entry {
        allow: row[1],
        deny: row[2],
        complain: row[6],
        prompt: row[7],
        audit: row[8],
        quiet: row[9],
        xindex: row[11],
        tag: row[12],
        label: row[13],
    }
}
