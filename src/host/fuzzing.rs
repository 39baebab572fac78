//! What fuzz targets may call: each function takes bytes that a stranger wrote and holds a parser to its promises.
//! Only there when `cargo fuzz` builds.

use actix_web::http::Method;
use serde_json::Value;

use super::{
    agent::{
        birth::Boot,
        protocol::{Entry, Exit, Reply, decode, encode},
    },
    api::target,
    envd::{
        connect::{Frames, parse_frame},
        filesystem::info,
        path::{name_of, resolve},
        signature::Claim,
    },
    watch::{
        inotify,
        tree::{Act, Scope, Tree, join},
    },
};

/// A client's stream of frames, cut into pieces as the first byte says.
pub fn connect_frames(bytes: &[u8]) {
    const MESSAGE_MAX: usize = 4096;
    let _ = parse_frame::<Value>(bytes);
    let Some((step, wire)) = bytes.split_first() else { return };
    let (mut frames, mut taken) = (Frames::new(MESSAGE_MAX), 0);
    for chunk in wire.chunks(usize::from(*step).max(1)) {
        frames.push(chunk);
        loop {
            match frames.next() {
                Ok(Some(message)) => {
                    assert!(message.len() <= MESSAGE_MAX);
                    taken += message.len() + 5;
                }
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
    assert!(taken <= wire.len() && frames.is_empty() == (taken == wire.len()));
}

/// What PID 1 of a sandbox may send: answers, steps of the start, listings, exits.
pub fn agent_reply(bytes: &[u8]) {
    if let Ok(reply) = decode::<Reply>(bytes)
        && let Ok(again) = encode(&reply)
    {
        assert_eq!(decode::<Reply>(&again).ok(), Some(reply));
    }
    let _ = decode::<Boot>(bytes);
    for entry in decode::<Vec<Entry>>(bytes).unwrap_or_default() {
        assert!(serde_json::to_string(&info(entry)).is_ok());
    }
    if let Some(status) = bytes.first_chunk::<4>() {
        let _ = Exit::from_wait_status(i32::from_le_bytes(*status));
    }
}

/// Records of the kernel, and what follows from them for the folders that are watched.
pub fn inotify_records(bytes: &[u8]) {
    const FOLDERS: [(&str, i32); 4] = [("/a", 1), ("/a/b", 2), ("/a/b/c", 3), ("/", 4)];
    let Ok(notices) = inotify::decode(bytes) else { return };
    assert!(notices.len() <= bytes.len() / 16);
    let mut tree = Tree::default();
    for (path, watch) in FOLDERS {
        tree.insert(path, watch);
    }
    let scope = Scope { root: "/".to_owned(), recursive: true };
    let mut next = 5;
    for notice in &notices {
        for act in tree.hear(notice) {
            match act {
                Act::Tell { folder, name, .. } => {
                    assert!(scope.sees(&folder) && scope.name_of(&join(&folder, &name)).is_some());
                }
                Act::TellRoot { .. } | Act::Lost => {}
                Act::Adopt { path, .. } => {
                    tree.insert(&path, next);
                    next += 1;
                }
                Act::Forget { path } => drop(tree.remove(&path)),
            }
        }
        assert!(tree.len() <= FOLDERS.len() + notices.len());
    }
    tree.retain(&[]);
    assert_eq!(tree.len(), 0);
}

/// At home where a sandbox's user is.
const HOME: &str = "/home/user";

/// A request's address: its path, its query, and the headers that say whom it is for.
pub fn address(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (query, host) = text.split_once('\n').unwrap_or((text, "localhost"));
    if let Ok(path) = resolve(query, HOME) {
        assert!(path.starts_with('/') && path.len() <= 4095 && !path.contains('\0'));
        assert!(path.split('/').skip(1).all(|part| path == "/" || !matches!(part, "" | "." | "..")));
        assert_eq!(resolve(&path, HOME).as_ref(), Ok(&path), "it means itself");
        assert!(!name_of(&path).is_empty());
    }
    for method in [Method::GET, Method::POST] {
        if let Some(claim) = Claim::of(&method, "/files", query) {
            assert!(claim.verify("a secret that no input holds", 0).is_err());
        }
    }
    let _ = target::of(host, Some(query), Some(host));
    let _ = target::of(query, Some(host), None);
}

#[cfg(test)]
mod tests {
    use super::*;

    type Target = fn(&[u8]);
    const TARGETS: [(&str, Target); 4] = [
        ("address", address),
        ("agent_reply", agent_reply),
        ("connect_frames", connect_frames),
        ("inotify_records", inotify_records),
    ];

    /// The seeds go through, and this file compiles, without a fuzzer too.
    #[test]
    fn no_seed_is_a_finding() {
        let seeds = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds");
        for (name, target) in TARGETS {
            let files = std::fs::read_dir(seeds.join(name)).unwrap();
            assert!(files.map(|file| target(&std::fs::read(file.unwrap().path()).unwrap())).count() > 0, "{name}");
        }
    }
}
