//! What listens in the sandbox, when nothing does where the app should: told by the kernel, so that nobody waits for long.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::sleep;

use super::{APP_FOLDER, asking::Asking};
use crate::{
    sandbox::{Command, ProcessEvent},
    types::Artifact,
};

/// Before the first look: most apps listen by then.
const PATIENCE: Duration = Duration::from_secs(3);
/// Between looks. What is seen twice is there to stay.
const PAUSE: Duration = Duration::from_secs(2);
/// For one look.
const LOOK_MAX: Duration = Duration::from_secs(5);
/// Bytes of the kernel's tables that are read: some hundred sockets.
const TABLE_MAX: usize = 64 * 1024;
/// The state of a socket that listens, in the kernel's tables.
const LISTENS: &str = "0A";

/// Looks until something listens elsewhere that is the app's own, twice in a row; gives its address.
pub(super) async fn elsewhere(asking: &Asking<'_>, artifact: &Artifact) -> String {
    let mut before = None;
    sleep(PATIENCE).await;
    loop {
        let seen = table(asking).await.and_then(|table| own(&listeners(&table), artifact));
        match seen {
            Some(address) if before.as_ref() == Some(&address) => return address,
            seen => before = seen,
        }
        sleep(PAUSE).await;
    }
}

/// The kernel's tables of TCP sockets; `None` when they cannot be had, which is nobody's fault here.
async fn table(asking: &Asking<'_>) -> Option<String> {
    let line = "cat /proc/net/tcp /proc/net/tcp6";
    let command = Command { line, folder: APP_FOLDER, envs: BTreeMap::new(), limit: Some(LOOK_MAX) };
    let mut stream = asking.client.start(asking.lease, command).await.ok()?;
    let mut table = Vec::new();
    while let Some(event) = stream.next().await.ok()? {
        match event {
            ProcessEvent::Output { bytes, .. } if table.len() < TABLE_MAX => table.extend_from_slice(&bytes),
            ProcessEvent::Output { .. } | ProcessEvent::Started { .. } => {}
            ProcessEvent::Ended { .. } | ProcessEvent::OutOfTime => break,
        }
    }
    String::from_utf8(table).ok()
}

/// Where something listens.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Listener {
    /// As people write it: `127.0.0.1`, `[::1]`, `*` for all, `?` for another one.
    host: &'static str,
    port: u16,
}

fn listeners(table: &str) -> Vec<Listener> {
    let listener = |line: &str| {
        let mut words = line.split_whitespace().skip(1);
        let (local, _, state) = (words.next()?, words.next()?, words.next()?);
        let (address, port) = local.split_once(':')?;
        let port = u16::from_str_radix(port, 16).ok().filter(|port| *port > 0)?;
        // Each four bytes in the machine's order, which is the little one.
        let host = match address {
            "0100007F" => "127.0.0.1",
            "00000000000000000000000001000000" => "[::1]",
            _ if address.bytes().all(|byte| byte == b'0') => "*",
            _ => "?",
        };
        (state == LISTENS).then_some(Listener { host, port })
    };
    table.lines().filter_map(listener).collect()
}

/// The listener that can only be the app's, since its files name the port, or it has the app's own port on an address that
/// nobody reaches.
fn own(listeners: &[Listener], artifact: &Artifact) -> Option<String> {
    let names = |port: u16| {
        let port = port.to_string();
        artifact.start.contains(&port) || artifact.files.iter().any(|file| file.content.contains(&port))
    };
    let of_app = artifact.port.get();
    let is_own = |listener: &&Listener| match listener.port == of_app {
        true => listener.host == "127.0.0.1" || listener.host == "[::1]",
        false => names(listener.port),
    };
    listeners.iter().find(is_own).map(|Listener { host, port }| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{AppFile, Origin, PORTS, Runtime};

    const TABLE: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
           0: 0100007F:1435 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1 0\n\
           1: 00000000:C3A7 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1 0\n\
           2: 0100007F:0BB8 0100007F:9999 01 00000000:00000000 00:00000000 00000000  1000        0 1 1 0\n\
           sl  local_address remote_address st\n\
           0: 00000000000000000000000001000000:0BB8 00000000000000000000000000000000:0000 0A 0 0\nrubbish\n 1: x:y z 0A";

    fn artifact(content: &str) -> Artifact {
        Artifact {
            files: vec![AppFile { path: "a.js".to_owned(), content: content.to_owned() }],
            build: None,
            start: "node a.js".to_owned(),
            port: PORTS[0],
            runtime: Runtime::Node,
            dependencies: Vec::new(),
            checks: Vec::new(),
            origin: Origin { generator: "t".into(), template: "t".into(), match_percent: 0, note: String::new() },
        }
    }

    #[test]
    fn the_kernels_tables_tell_who_listens() {
        let all = listeners(TABLE);
        let listener = |host, port| Listener { host, port };
        assert_eq!(all, [listener("127.0.0.1", 5173), listener("*", 50087), listener("[::1]", 3000)]);
        assert_eq!(own(&all, &artifact("listen(5173)")).as_deref(), Some("127.0.0.1:5173"));
        assert_eq!(own(&all, &artifact("")).as_deref(), Some("[::1]:3000"), "the app's port, where nobody reaches it");
        assert_eq!(own(&all[1..2], &artifact("")), None, "somebody else's");
    }
}
