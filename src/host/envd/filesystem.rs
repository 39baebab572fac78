//! The Connect service `filesystem.Filesystem`, but for watching, which `watch` does.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    body_of,
    connect::{Code, RpcError, parse},
    path::{name_of, resolve},
    rpc_error,
};
use crate::{
    host::{
        agent::protocol::{Entry, Kind, Op},
        error::AgentError,
        sandbox::Sandbox,
    },
    types::Timestamp,
};

#[derive(Deserialize)]
struct PathRequest {
    #[serde(default)]
    path: String,
}

#[derive(Deserialize)]
struct ListRequest {
    #[serde(default)]
    path: String,
    /// Levels; 0 and 1 mean the folder alone.
    #[serde(default)]
    depth: u32,
}

#[derive(Deserialize)]
struct MoveRequest {
    #[serde(default)]
    source: String,
    #[serde(default)]
    destination: String,
}

/// `filesystem.EntryInfo` of the protocol.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EntryInfo {
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    path: String,
    /// An int64, so a string in JSON.
    size: String,
    mode: u32,
    permissions: String,
    owner: String,
    group: String,
    modified_time: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    symlink_target: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    metadata: BTreeMap<String, String>,
}

pub async fn serve(sandbox: &Sandbox, call: &str, payload: web::Payload) -> Result<HttpResponse, RpcError> {
    match call {
        "Stat" => {
            let path = path_of(&parse::<PathRequest>(&body_of(payload).await?)?.path)?;
            let entry = sandbox.entry(Op::Stat { path: path.clone() }).await.map_err(|err| named(&err, &path))?;
            Ok(HttpResponse::Ok().json(json!({ "entry": info(entry) })))
        }
        "MakeDir" => {
            let path = path_of(&parse::<PathRequest>(&body_of(payload).await?)?.path)?;
            let entry = sandbox.entry(Op::MakeDir { path: path.clone() }).await.map_err(|err| named(&err, &path))?;
            Ok(HttpResponse::Ok().json(json!({ "entry": info(entry) })))
        }
        "ListDir" => {
            let request: ListRequest = parse(&body_of(payload).await?)?;
            let path = path_of(&request.path)?;
            let entries = sandbox.list(path.clone(), request.depth).await.map_err(|err| named(&err, &path))?;
            let entries: Vec<_> = entries.into_iter().map(info).collect();
            Ok(HttpResponse::Ok().json(json!({ "entries": entries })))
        }
        "Remove" => {
            let path = path_of(&parse::<PathRequest>(&body_of(payload).await?)?.path)?;
            sandbox.remove(path.clone()).await.map_err(|err| named(&err, &path))?;
            Ok(HttpResponse::Ok().json(json!({})))
        }
        "Move" => {
            let request: MoveRequest = parse(&body_of(payload).await?)?;
            let (from, to) = (path_of(&request.source)?, path_of(&request.destination)?);
            let entry = sandbox.entry(Op::Move { from: from.clone(), to }).await.map_err(|err| named(&err, &from))?;
            Ok(HttpResponse::Ok().json(json!({ "entry": info(entry) })))
        }
        _ => Err(RpcError::new(Code::Unimplemented, format!("unknown call Filesystem/{call}"))),
    }
}

fn path_of(path: &str) -> Result<String, RpcError> {
    resolve(path).map_err(|err| RpcError::new(Code::InvalidArgument, err.to_string()))
}

fn named(err: &AgentError, path: &str) -> RpcError {
    let mut error = rpc_error(err);
    error.message = format!("{path}: {}", error.message);
    error
}

/// An entry as clients read it.
pub fn info(entry: Entry) -> EntryInfo {
    let person = |id: u32| match id {
        1000 => "user".to_owned(),
        0 => "root".to_owned(),
        65534 => "nobody".to_owned(),
        other => other.to_string(),
    };
    EntryInfo {
        name: name_of(&entry.path).to_owned(),
        kind: match entry.kind {
            Kind::File => "FILE_TYPE_FILE",
            Kind::Directory => "FILE_TYPE_DIRECTORY",
            Kind::Symlink => "FILE_TYPE_SYMLINK",
            Kind::Other => "FILE_TYPE_UNSPECIFIED",
        },
        permissions: permissions(entry.kind, entry.link.is_some(), entry.mode),
        size: entry.size.to_string(),
        mode: entry.mode,
        owner: person(entry.uid),
        group: person(entry.gid),
        modified_time: Timestamp(entry.modified),
        symlink_target: entry.link.map(|link| target_of(&entry.path, link)),
        metadata: entry.metadata,
        path: entry.path,
    }
}

/// Clients expect an absolute path, whatever the link itself says.
fn target_of(path: &str, link: String) -> String {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    if link.starts_with('/') { link } else { resolve(&format!("{folder}/{link}")).unwrap_or(link) }
}

/// As `ls -l` shows them.
fn permissions(kind: Kind, link: bool, mode: u32) -> String {
    let first = match (link, kind) {
        (true, Kind::File | Kind::Directory | Kind::Symlink | Kind::Other) | (false, Kind::Symlink) => 'l',
        (false, Kind::Directory) => 'd',
        (false, Kind::File | Kind::Other) => '-',
    };
    let bits = "rwxrwxrwx".chars().enumerate().map(|(at, c)| if mode & (0o400 >> at) == 0 { '-' } else { c });
    std::iter::once(first).chain(bits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_absolute_paths() {
        let target = |link: &str| target_of("/home/user/a/link", link.to_owned());
        assert_eq!(target("b.txt"), "/home/user/a/b.txt");
        assert_eq!(target("../c"), "/home/user/c");
        assert_eq!(target("/tmp/d"), "/tmp/d");
    }

    #[test]
    fn permissions_read_as_in_ls() {
        assert_eq!(permissions(Kind::File, false, 0o644), "-rw-r--r--");
        assert_eq!(permissions(Kind::Directory, false, 0o1777), "drwxrwxrwx");
        assert_eq!(permissions(Kind::File, true, 0o777), "lrwxrwxrwx");
    }
}
