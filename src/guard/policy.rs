//! How much the guard lets through.

use crate::types::{Artifact, PORTS, Port};

/// The bounds that [`inspect`](super::inspect) holds an artifact to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Files of one artifact.
    pub files_max: usize,
    /// Bytes of one file.
    pub file_bytes_max: usize,
    /// Bytes of all files together.
    pub total_bytes_max: usize,
    /// Bytes of one path.
    pub path_bytes_max: usize,
    /// Folders above a file.
    pub depth_max: usize,
    /// Bytes of the start command, and of the build command.
    pub command_bytes_max: usize,
    /// Bytes of a check's name, path, body and expected text, each.
    pub check_bytes_max: usize,
    /// At most this many checks.
    pub checks_max: usize,
    /// Ports an app may listen on.
    pub ports: Vec<Port>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            files_max: 500,
            file_bytes_max: 1024 * 1024,
            total_bytes_max: 8 * 1024 * 1024,
            path_bytes_max: 240,
            depth_max: 12,
            command_bytes_max: 4096,
            check_bytes_max: 16 * 1024,
            checks_max: Artifact::CHECKS_MAX,
            ports: PORTS.to_vec(),
        }
    }
}
