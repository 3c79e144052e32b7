//! What a probe does.

use serde::{Deserialize, Serialize};

use crate::verify::plan::MountCall;

/// A thing to try, as somebody who is confined and as somebody who is not.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ProbeOperation {
    /// Something with a decoy.
    File {
        /// Its path; of a directory with a slash at the end.
        path: Vec<u8>,
        /// Whether it belongs to the user who tries.
        is_own: bool,
        /// What is done with it.
        call: FileCall,
    },
    /// link(2).
    Link {
        /// The path of the link.
        link: Vec<u8>,
        /// The path of the decoy that it leads to.
        target: Vec<u8>,
        /// Whether the decoy belongs to the user who tries.
        is_own: bool,
    },
    /// Something that needs the capability of this number and nothing else.
    Capability(u8),
    /// Something with a socket.
    Socket {
        /// The family, `AF_…`.
        family: u8,
        /// The type, `SOCK_…`.
        kind: u8,
        /// What is done.
        call: SocketCall,
    },
    /// Something with a mount, at fixed places below `/aalint`.
    Mount(MountCall),
    /// kill(2).
    Signal {
        /// The label of the other process: a profile's name, or `unconfined`.
        peer: String,
        /// The signal's number; 0 asks only whether the process is there.
        number: u8,
        /// Whether the profile is the sender's; else it is the receiver's.
        is_sender: bool,
    },
    /// Looking at another process, or taking it over.
    Ptrace {
        /// The label of the other process.
        peer: String,
        /// Whether it is taken over; else, looked at.
        is_trace: bool,
    },
    /// The change to another profile at once.
    ChangeProfile(String),
    /// unshare(2) of a user namespace.
    UserNamespace,
    /// io_uring_setup(2) with a thread of the kernel's.
    IoUring,
}

/// What is done with a decoy.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum FileCall {
    /// Opened for reading.
    Read,
    /// Opened for writing.
    Write,
    /// Opened for appending.
    Append,
    /// Made.
    Create,
    /// Removed.
    Delete,
    /// Renamed to its own name: the kernel asks for both names, and nothing changes.
    Rename,
    /// Opened, for reading or else for writing, and locked.
    Lock {
        /// Whether it is opened for reading.
        is_reading: bool,
    },
    /// Opened for reading, and mapped as executable.
    Map,
    /// Run.
    Exec,
    /// As a directory, opened for reading.
    List,
    /// As a directory, made.
    MakeDirectory,
    /// As a directory, removed.
    RemoveDirectory,
}

/// What is done with a socket.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum SocketCall {
    /// Made.
    Create,
    /// Bound to an address that is nobody else's.
    Bind,
    /// Connected to an address where nobody listens.
    Connect,
    /// Made to listen.
    Listen,
    /// Asked for its address.
    GetAttributes,
    /// Asked for an option.
    GetOption,
}
