//! What an ELF file asks for: its interpreter and the libraries that it needs.

use object::Endianness;
use object::elf::{
    DT_NEEDED, DT_RPATH, DT_RUNPATH, DT_STRTAB, FileHeader32, FileHeader64, PT_LOAD,
};
use object::read::elf::{Dyn, FileHeader, ProgramHeader};

/// Most libraries of a file, and directories in which it searches them.
const MAX_NAMES: usize = 4_096;

/// What a file says of its dynamic linking (elf(5), ld.so(8)).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Linkage {
    /// `PT_INTERP`: the dynamic loader. A program without one is static, or is a library.
    pub interpreter: Option<String>,
    /// `DT_NEEDED`: names of libraries, or paths, in the order in which they are opened.
    pub needed: Vec<String>,
    /// `DT_RUNPATH`, split at colons: directories for what this file needs.
    pub run_path: Vec<String>,
    /// `DT_RPATH`, split at colons: directories for what this file and those that it brings need.
    pub r_path: Vec<String>,
    /// Whether it is a 64-bit file.
    pub is_64_bit: bool,
    /// `e_machine`.
    pub machine: u16,
}

/// Reads an ELF file. The bytes may end early, if what is asked for lies before that; `None` if it does not, or the file is
/// damaged.
pub(super) fn linkage(bytes: &[u8]) -> Option<Linkage> {
    match bytes.get(4)? {
        1 => read::<FileHeader32<Endianness>>(bytes),
        2 => read::<FileHeader64<Endianness>>(bytes),
        _ => None,
    }
}

fn read<Elf: FileHeader<Endian = Endianness>>(bytes: &[u8]) -> Option<Linkage> {
    let header = Elf::parse(bytes).ok()?;
    let endian = header.endian().ok()?;
    let segments = header.program_headers(endian, bytes).ok()?;
    let mut found = Linkage {
        is_64_bit: bytes.get(4) == Some(&2),
        machine: header.e_machine(endian),
        ..Linkage::default()
    };
    let mut dynamic = None;
    for segment in segments {
        if let Ok(Some(name)) = segment.interpreter(endian, bytes) {
            found.interpreter = Some(String::from_utf8_lossy(name).into_owned());
        }
        if segment.p_type(endian) == object::elf::PT_DYNAMIC {
            dynamic = Some(segment.dynamic(endian, bytes).ok()??);
        }
    }
    let Some(dynamic) = dynamic else {
        return Some(found);
    };
    let value = |entry: &Elf::Dyn| -> u64 { entry.d_val(endian).into() };
    let end = dynamic.iter().position(|entry| entry.tag(endian) == 0);
    let entries = dynamic.get(..end.unwrap_or(dynamic.len()))?;
    let strings = entries.iter().find(|entry| entry.tag(endian) == DT_STRTAB);
    let Some(strings) = strings.map(value) else {
        return Some(found);
    };
    let start = segments.iter().find_map(|segment| {
        let address: u64 = segment.p_vaddr(endian).into();
        let (size, offset): (u64, u64) = (
            segment.p_filesz(endian).into(),
            segment.p_offset(endian).into(),
        );
        let within = strings
            .checked_sub(address)
            .filter(|within| *within < size)?;
        (segment.p_type(endian) == PT_LOAD).then(|| offset.checked_add(within))?
    })?;
    let text = |at: u64| -> Option<String> {
        let from = usize::try_from(start.checked_add(at)?).ok()?;
        let rest = bytes.get(from..)?;
        let end = rest.iter().take(4_096).position(|byte| *byte == 0)?;
        Some(String::from_utf8_lossy(rest.get(..end)?).into_owned())
    };
    for entry in entries.iter().take(MAX_NAMES) {
        match entry.tag(endian) {
            DT_NEEDED => found.needed.push(text(value(entry))?),
            DT_RUNPATH => found.run_path = directories(&text(value(entry))?),
            DT_RPATH => found.r_path = directories(&text(value(entry))?),
            _ => {}
        }
    }
    Some(found)
}

fn directories(text: &str) -> Vec<String> {
    let parts = text.split(':').filter(|part| !part.is_empty());
    parts.take(MAX_NAMES).map(str::to_owned).collect()
}
