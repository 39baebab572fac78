//! `export`: an app's files as a zip archive, written whole or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use awc::ClientResponse;
use futures_util::StreamExt as _;
use tokio::time::timeout;

use super::{
    arguments::ExportArgs,
    client::Client,
    console::Console,
    error::{ClientError, Exit},
};

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
    let mut body = client.open(&path, None).await?;
    if to_stdout {
        while let Some(chunk) = next(&mut body, &path).await? {
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
    let written = write(&mut body, &path, &mut file, &target).await;
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

async fn write(body: &mut ClientResponse, path: &str, file: &mut File, target: &Path) -> Result<usize, ClientError> {
    let failed = |source: io::Error| ClientError::File { path: target.to_owned(), source };
    let mut bytes = 0;
    while let Some(chunk) = next(body, path).await? {
        file.write_all(&chunk).map_err(failed)?;
        bytes += chunk.len();
    }
    file.sync_all().map_err(failed)?;
    Ok(bytes)
}

async fn next(body: &mut ClientResponse, path: &str) -> Result<Option<bytes::Bytes>, ClientError> {
    let lost = |reason: String| ClientError::Unexpected { what: format!("GET {path}"), reason };
    match timeout(SILENCE_MAX, body.next()).await {
        Ok(chunk) => chunk.transpose().map_err(|error| lost(error.to_string())),
        Err(_) => Err(lost(format!("silent for {} s", SILENCE_MAX.as_secs()))),
    }
}
