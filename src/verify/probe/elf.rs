//! A program that does nothing but wait: to be run under a profile, so that its label can be read.
//!
//! It needs no loader, no library and no rule but the one for itself: it writes one byte to standard
//! output, so that it is known to have begun, reads one from standard input, and ends. So it goes when
//! the process that started it goes.

/// Where it is mapped.
const ADDRESS: u64 = 0x40_0000;
const HEADER: u16 = 64;
const SEGMENT: u16 = 56;
const SEGMENTS: u16 = 2;

/// `write(1, below the stack, 1); read(0, the same, 1); exit(0)`, and the number of the machine in elf.h.
#[cfg(target_arch = "x86_64")]
const MACHINE: Option<(u16, &[u8])> = Some((
    62,
    &[
        0xbf, 0x01, 0x00, 0x00, 0x00, // mov edi, 1
        0x48, 0x8d, 0x74, 0x24, 0x80, // lea rsi, [rsp - 128]
        0xba, 0x01, 0x00, 0x00, 0x00, // mov edx, 1
        0xb8, 0x01, 0x00, 0x00, 0x00, // mov eax, 1: write
        0x0f, 0x05, // syscall
        0x31, 0xff, // xor edi, edi
        0x31, 0xc0, // xor eax, eax: read
        0x0f, 0x05, // syscall
        0xb8, 0x3c, 0x00, 0x00, 0x00, // mov eax, 60: exit
        0x31, 0xff, // xor edi, edi
        0x0f, 0x05, // syscall
    ],
));
#[cfg(target_arch = "aarch64")]
const MACHINE: Option<(u16, &[u8])> = Some((
    183,
    &[
        0x20, 0x00, 0x80, 0xd2, // mov x0, #1
        0xe1, 0x03, 0x02, 0xd1, // sub x1, sp, #128
        0x22, 0x00, 0x80, 0xd2, // mov x2, #1
        0x08, 0x08, 0x80, 0xd2, // mov x8, #64: write
        0x01, 0x00, 0x00, 0xd4, // svc #0
        0x00, 0x00, 0x80, 0xd2, // mov x0, #0
        0xe8, 0x07, 0x80, 0xd2, // mov x8, #63: read
        0x01, 0x00, 0x00, 0xd4, // svc #0
        0x00, 0x00, 0x80, 0xd2, // mov x0, #0
        0xa8, 0x0b, 0x80, 0xd2, // mov x8, #93: exit
        0x01, 0x00, 0x00, 0xd4, // svc #0
    ],
));
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const MACHINE: Option<(u16, &[u8])> = None;

/// The program's bytes; `None` on machines for which there is none.
pub(super) fn waiting_program() -> Option<Vec<u8>> {
    let (machine, code) = MACHINE?;
    let start = HEADER + SEGMENT * SEGMENTS;
    let length = u64::from(start) + code.len() as u64;
    let mut bytes = Vec::with_capacity(256);
    // Identification: 64 bits, the machine's own byte order, which is little on both.
    bytes.extend_from_slice(&[0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    halves(&mut bytes, &[2, machine]);
    words(&mut bytes, &[1]);
    longs(&mut bytes, &[ADDRESS + u64::from(start), HEADER.into(), 0]);
    words(&mut bytes, &[0]);
    halves(&mut bytes, &[HEADER, SEGMENT, SEGMENTS, 0, 0, 0]);
    // PT_LOAD, readable and executable, the whole file.
    words(&mut bytes, &[1, 5]);
    longs(&mut bytes, &[0, ADDRESS, ADDRESS, length, length, 0x1000]);
    // PT_GNU_STACK, readable and writable: else some kernels make all data executable.
    words(&mut bytes, &[0x6474_e551, 6]);
    longs(&mut bytes, &[0, 0, 0, 0, 0, 16]);
    bytes.extend_from_slice(code);
    Some(bytes)
}

fn halves(bytes: &mut Vec<u8>, values: &[u16]) {
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

fn words(bytes: &mut Vec<u8>, values: &[u32]) {
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

fn longs(bytes: &mut Vec<u8>, values: &[u64]) {
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test runs the program")]
    fn the_program_waits_until_its_input_ends() {
        let Some(bytes) = waiting_program() else {
            println!("there is no program for this machine");
            return;
        };
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("waiting");
        fs::write(&path, &bytes).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        let mut command = Command::new(&path);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut byte = [0];
        std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut byte).unwrap();
        assert_eq!(child.try_wait().unwrap(), None);
        drop(child.stdin.take());
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
}
