//! Many files as one `multipart/form-data` body, as envd's `POST /files` takes them. Pure.
//!
//! The absolute path stands in `filename`. What cannot stand there unescaped is refused instead of escaped: hosts
//! differ in how they unescape, and a file must never land under another name than the guard has read.

use bytes::{BufMut, Bytes, BytesMut};
use uuid::Uuid;

use super::SandboxError;
use crate::types::AppFile;

/// Files in one upload.
pub const FILES_MAX: usize = 2_000;
/// Bytes of all files of one upload.
pub const UPLOAD_MAX: usize = 16 * 1024 * 1024;
const PATH_MAX: usize = 1_024;
/// What stands around each file besides its path and content.
const PART_OVERHEAD: usize = 192;

/// A body and the `Content-Type` that goes with it.
#[derive(Debug)]
pub struct Form {
    pub content_type: String,
    pub body: Bytes,
}

/// Puts `files` under `folder` (absolute, no slash at its end). `separator` is random, so no content can contain it.
///
/// # Errors
/// [`SandboxError::Invalid`] for a path that is not plain and relative, or for too many files or bytes.
pub fn form(folder: &str, files: &[AppFile], separator: Uuid) -> Result<Form, SandboxError> {
    if files.len() > FILES_MAX {
        return Err(invalid(format!("{} files in one upload, {FILES_MAX} are allowed", files.len())));
    }
    let bytes: usize = files.iter().map(|file| file.content.len()).sum();
    if bytes > UPLOAD_MAX {
        return Err(invalid(format!("{bytes} bytes in one upload, {UPLOAD_MAX} are allowed")));
    }
    let boundary = separator.simple();
    let paths: usize = files.iter().map(|file| file.path.len() + folder.len()).sum();
    let mut body = BytesMut::with_capacity(bytes + paths + (files.len() + 1) * PART_OVERHEAD);
    for file in files {
        check_path(&file.path)?;
        body.put_slice(format!("--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{folder}/{}\"\r\nContent-Type: application/octet-stream\r\n\r\n", file.path).as_bytes());
        body.put_slice(file.content.as_bytes());
        body.put_slice(b"\r\n");
    }
    body.put_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok(Form { content_type: format!("multipart/form-data; boundary={boundary}"), body: body.freeze() })
}

fn check_path(path: &str) -> Result<(), SandboxError> {
    let plain = !path.is_empty()
        && path.len() <= PATH_MAX
        && path.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
        && !path.chars().any(|c| c.is_control() || matches!(c, '"' | '\\' | '%'));
    if plain {
        return Ok(());
    }
    let shown: String = path.chars().take(80).collect();
    Err(invalid(format!("the file path {shown:?} is not plain and relative")))
}

fn invalid(reason: String) -> SandboxError {
    SandboxError::Invalid { reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, content: &str) -> AppFile {
        AppFile { path: path.to_owned(), content: content.to_owned() }
    }

    #[test]
    fn a_file_keeps_its_absolute_path_and_every_byte() {
        let form = form("/home/user/app", &[file("src/ä.js", "a\r\n--b")], Uuid::nil()).unwrap();
        let zeros = "0".repeat(32);
        let expected = format!(
            "--{zeros}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"/home/user/app/src/ä.js\"\r\n\
             Content-Type: application/octet-stream\r\n\r\na\r\n--b\r\n--{zeros}--\r\n"
        );
        assert_eq!(form.body, expected.as_bytes());
        assert_eq!(form.content_type, format!("multipart/form-data; boundary={zeros}"));
    }

    #[test]
    fn paths_that_leave_the_folder_or_the_header_are_refused() {
        for path in ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/.", "a\"b", "a\r\nX: y", "a\\b", "a\0b", "a%2fb"] {
            assert!(
                matches!(form("/app", &[file(path, "")], Uuid::nil()), Err(SandboxError::Invalid { .. })),
                "{path:?}"
            );
        }
    }

    #[test]
    fn too_many_files_are_refused() {
        let files = vec![file("a", ""); FILES_MAX + 1];
        assert!(matches!(form("/app", &files, Uuid::nil()), Err(SandboxError::Invalid { .. })));
    }
}
