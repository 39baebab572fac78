//! Addresses of names.

use std::{
    collections::BTreeMap,
    io,
    net::{IpAddr, ToSocketAddrs as _},
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// Longest wait for a name server, and for a turn to ask it.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(10);
/// Addresses of one name that are looked at.
const ADDRESSES_MAX: usize = 16;
/// Questions of one sandbox at once.
pub const LOOKUPS_MAX: usize = 4;
/// Questions of all sandboxes at once. Each blocks a thread of the runtime, which has 512.
pub const LOOKUPS_ALL_MAX: usize = 64;

/// Who knows the addresses of names.
#[derive(Clone, Debug, Default)]
pub enum Resolver {
    /// The machine: its hosts file and its name servers.
    #[default]
    System,
    /// Only what is in it. A name may have any number of addresses.
    Table(BTreeMap<String, Vec<IpAddr>>),
}

impl Resolver {
    /// The addresses of `name`, in the resolver's order, never none. `turns` bound the questions at once: they are
    /// given back when the system has answered, even if nobody waits for it any more.
    ///
    /// # Errors
    /// `NotFound` for a name without address, `TimedOut`, or what the system says.
    pub async fn resolve(&self, name: &str, turns: [&Arc<Semaphore>; 2]) -> io::Result<Vec<IpAddr>> {
        let found = match self {
            Self::Table(table) => table.get(name).cloned().unwrap_or_default(),
            Self::System => match timeout(RESOLVE_TIMEOUT, ask(name, turns)).await {
                Ok(answer) => answer?,
                Err(_) => return Err(io::ErrorKind::TimedOut.into()),
            },
        };
        if found.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(found) }
    }
}

async fn ask(name: &str, turns: [&Arc<Semaphore>; 2]) -> io::Result<Vec<IpAddr>> {
    let mut held: Vec<OwnedSemaphorePermit> = Vec::with_capacity(turns.len());
    for turn in turns {
        held.push(Arc::clone(turn).acquire_owned().await.map_err(io::Error::other)?);
    }
    let name = name.to_owned();
    let answer = tokio::task::spawn_blocking(move || {
        let found = (name.as_str(), 0).to_socket_addrs();
        drop(held);
        found.map(|found| {
            let mut addresses = Vec::new();
            for address in found.map(|found| found.ip()).take(ADDRESSES_MAX) {
                if !addresses.contains(&address) {
                    addresses.push(address);
                }
            }
            addresses
        })
    });
    answer.await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_machine_and_a_table_answer() {
        let turns = [&Arc::new(Semaphore::new(1)), &Arc::new(Semaphore::new(1))];
        let found = Resolver::System.resolve("localhost", turns).await.unwrap();
        assert!(found.iter().all(IpAddr::is_loopback), "{found:?}");
        let table = Resolver::Table(BTreeMap::from([("a.example".to_owned(), found.clone())]));
        assert_eq!(table.resolve("a.example", turns).await.unwrap(), found);
        assert_eq!(table.resolve("localhost", turns).await.unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!((turns[0].available_permits(), turns[1].available_permits()), (1, 1));
    }
}
