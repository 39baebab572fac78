//! What a client attaches to a file: `X-Metadata-*` headers of an upload, `user.e2b.*` attributes of the file.
//!
//! Programs inside may set and read the same attributes, so what is read is bounded where it is read, in PID 1.

use std::{collections::BTreeMap, fs::File, io};

use actix_web::http::header::HeaderMap;
use rustix::{
    fs::{XattrFlags, flistxattr, fremovexattr, fsetxattr},
    io::Errno,
};

use crate::host::{agent::protocol::METADATA_PREFIX, api::Refusal};

const HEADER_PREFIX: &str = "x-metadata-";
/// Pairs of one file.
const PAIRS_MAX: usize = 64;
/// Bytes of all names and values of one file.
const BYTES_MAX: usize = 4096;
/// Bytes of a key: the kernel's own bound on the name of an attribute.
const KEY_MAX: usize = 255 - METADATA_PREFIX.len();
/// The kernel's own bound on the names of one file's attributes.
const NAMES_MAX: usize = 64 * 1024;

pub type Metadata = BTreeMap<String, String>;

/// # Errors
/// 400 for what is not printable ASCII, and for too much.
pub fn of(headers: &HeaderMap) -> Result<Metadata, Refusal> {
    let mut metadata = Metadata::new();
    for (name, value) in headers {
        let Some(key) = name.as_str().strip_prefix(HEADER_PREFIX) else { continue };
        let value = value.to_str().ok().filter(|value| value.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        let value = value.filter(|_| (1..=KEY_MAX).contains(&key.len()));
        let value = value.ok_or_else(|| {
            Refusal::new(400, format!("metadata has a key of 1 to {KEY_MAX} bytes, and printable ASCII as its value"))
        })?;
        metadata.insert(key.to_owned(), value.to_owned());
    }
    let bytes: usize = metadata.iter().map(|(key, value)| key.len() + value.len()).sum();
    if metadata.len() > PAIRS_MAX || bytes > BYTES_MAX {
        return Err(Refusal::new(400, format!("metadata: at most {PAIRS_MAX} pairs and {BYTES_MAX} bytes")));
    }
    Ok(metadata)
}

/// Makes `metadata` the file's only one.
///
/// # Errors
/// 501 on a kernel whose tmpfs keeps no user attributes (before 6.6), unless there is nothing to keep.
pub fn put(file: &File, metadata: &Metadata) -> Result<(), Refusal> {
    replace(file, metadata).map_err(|err| match err.raw_os_error() {
        Some(libc::EOPNOTSUPP) => Refusal::new(501, "metadata needs a kernel whose tmpfs keeps attributes: Linux 6.6"),
        Some(libc::ENOSPC | libc::EDQUOT) => Refusal::new(507, "not enough disk space available"),
        Some(_) | None => Refusal::new(500, format!("cannot keep metadata: {err}")),
    })
}

fn replace(file: &File, metadata: &Metadata) -> io::Result<()> {
    let mut names = vec![0; NAMES_MAX];
    let length = match flistxattr(file, names.as_mut_slice()) {
        Err(Errno::OPNOTSUPP) => 0,
        other => other?,
    };
    for name in names[..length].split(|byte| *byte == 0).filter(|name| name.starts_with(METADATA_PREFIX.as_bytes())) {
        match fremovexattr(file, name) {
            // A program inside was faster.
            Ok(()) | Err(Errno::NODATA) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    for (key, value) in metadata {
        fsetxattr(file, format!("{METADATA_PREFIX}{key}"), value.as_bytes(), XattrFlags::empty())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn only_printable_pairs_within_the_bound_are_taken() {
        let headers = |value: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.insert(HeaderName::from_static("x-metadata-author"), HeaderValue::from_bytes(value).unwrap());
            headers
        };
        assert_eq!(of(&headers(b"mish")).unwrap(), Metadata::from([("author".to_owned(), "mish".to_owned())]));
        assert_eq!(of(&headers("é".as_bytes())).unwrap_err().code, 400);
        assert_eq!(of(&headers(&[b'x'; BYTES_MAX])).unwrap_err().code, 400);
    }
}
