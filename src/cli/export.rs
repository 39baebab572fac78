//! `export`: an app's files as a zip archive, written whole or not at all.
//!
//! awc reports a lost connection as the end of the body, so an archive counts as whole only when it ends as one does.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use awc::ClientResponse;
use bytes::Bytes;
use futures_util::StreamExt as _;
use tokio::time::timeout;

use super::{
    arguments::ExportArgs,
    client::Client,
    console::Console,
    error::{ClientError, Exit},
};

/// The last record of an archive without comment: its signature and its length (APPNOTE.TXT 4.3.16).
const END_SIGNATURE: &[u8] = b"PK\x05\x06";
const END_LENGTH: usize = 22;
/// Silence in the middle of an archive after which it counts as lost.
const SILENCE_MAX: Duration = Duration::from_secs(30);

pub(super) async fn export(client: &Client, args: &ExportArgs, console: &mut Console) -> Result<Exit, ClientError> {
    let path = format!("/api/spawn/{}/export.zip", args.id);
    let target = args.output.clone().unwrap_or_else(|| PathBuf::from(format!("{}.zip", args.id)));
    let to_stdout = target.as_os_str() == "-";
    if !to_stdout && !args.force && target.exists() {
        let message = format!("{} exists: --force replaces it, -o names another", target.display());
        return Err(ClientError::Usage(message));
    }
    let mut body = Archive { body: client.open(&path, None).await?, path, bytes: 0, tail: Vec::new() };
    if to_stdout {
        while let Some(chunk) = body.next().await? {
            console.bytes(&chunk)?;
        }
        return Ok(Exit::Ok);
    }
    // Beside the target, so that the rename stays within one file system.
    let mut name = target.as_os_str().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = PathBuf::from(name);
    let failed = |source| ClientError::File { path: target.clone(), source };
    let mut file = OpenOptions::new().write(true).create_new(true).open(&part).map_err(failed)?;
    let written = write(&mut body, &mut file, &target).await;
    drop(file);
    let written = written.and_then(|bytes| fs::rename(&part, &target).map(|()| bytes).map_err(failed));
    if written.is_err() {
        // The first error is the one to tell; a leftover is named by its `.part`.
        let _ = fs::remove_file(&part);
    }
    let bytes = written?;
    console.remark(&format!("wrote {} ({bytes} bytes)", target.display()));
    Ok(Exit::Ok)
}

async fn write(archive: &mut Archive, file: &mut File, target: &Path) -> Result<u64, ClientError> {
    let failed = |source: io::Error| ClientError::File { path: target.to_owned(), source };
    while let Some(chunk) = archive.next().await? {
        file.write_all(&chunk).map_err(failed)?;
    }
    file.sync_all().map_err(failed)?;
    Ok(archive.bytes)
}

/// An archive on its way, with the end of what has come.
struct Archive {
    body: ClientResponse,
    path: String,
    bytes: u64,
    tail: Vec<u8>,
}

impl Archive {
    /// The next piece; an error instead of an end that is none.
    async fn next(&mut self) -> Result<Option<Bytes>, ClientError> {
        let chunk = match timeout(SILENCE_MAX, self.body.next()).await {
            Ok(chunk) => chunk.transpose().map_err(|error| self.lost(error.to_string()))?,
            Err(_) => return Err(self.lost(format!("silent for {} s", SILENCE_MAX.as_secs()))),
        };
        let Some(chunk) = chunk else {
            let whole = self.tail.len() == END_LENGTH && self.tail.starts_with(END_SIGNATURE);
            return if whole { Ok(None) } else { Err(self.lost("the archive broke off".to_owned())) };
        };
        self.bytes += chunk.len() as u64;
        self.tail.extend_from_slice(&chunk[chunk.len().saturating_sub(END_LENGTH)..]);
        self.tail.drain(..self.tail.len().saturating_sub(END_LENGTH));
        Ok(Some(chunk))
    }

    fn lost(&self, reason: String) -> ClientError {
        ClientError::Unexpected { what: format!("GET {}", self.path), reason }
    }
}
