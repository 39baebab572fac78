//! A private PostgreSQL server: made of the machine's own programs, in a folder of its own, as an ordinary user, gone with
//! the value. The store's own tests include this file, too.

use std::{
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

/// Its only user, who is asked for a password over the network and not over the socket.
pub const USER: &str = "spawnai";
pub const PASSWORD: &str = "correct horse/battery";

/// Whom the server runs as when the tests run as root, whom it refuses.
const ORDINARY: u32 = 65_534;
const PATIENCE: Duration = Duration::from_secs(60);
/// Ports are looked for and then taken, and somebody else may be faster.
const PORTS_TRIED: usize = 5;

pub struct Server {
    child: Option<Child>,
    folder: tempfile::TempDir,
    pub port: u16,
}

impl Server {
    #[must_use]
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("pg").tempdir().unwrap();
        let password = folder.path().join("password");
        std::fs::write(&password, PASSWORD).unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        if rustix::process::getuid().is_root() {
            for path in [folder.path(), &password] {
                std::os::unix::fs::chown(path, Some(ORDINARY), Some(ORDINARY)).unwrap();
            }
        }
        let mut initdb = ordinary("initdb", folder.path());
        initdb.args(["--no-sync", "--encoding=UTF8", "--locale=C", "--auth-local=trust", "--auth-host=scram-sha-256"]);
        initdb.arg(format!("--username={USER}")).arg("--pwfile").arg(&password);
        let made = initdb.arg("--pgdata").arg(folder.path().join("data")).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let mut server = Self { child: None, folder, port: 0 };
        for _ in 0..PORTS_TRIED {
            server.port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            if server.run() {
                return server;
            }
        }
        panic!("no port for PostgreSQL: {}", server.said());
    }

    /// Starts it, again, where it was. Answers whether it came up.
    pub fn run(&mut self) -> bool {
        let mut command = ordinary("postgres", self.folder.path());
        let log = std::fs::File::create(self.folder.path().join("log")).unwrap();
        command.arg("-D").arg(self.folder.path().join("data")).arg("-k").arg(self.folder.path());
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-c", "max_connections=40"]);
        let mut child = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let end = Instant::now() + PATIENCE;
        loop {
            if child.try_wait().unwrap().is_some() {
                return false;
            }
            if self.try_sql("postgres", "SELECT 1").is_some() {
                break;
            }
            assert!(Instant::now() < end, "PostgreSQL does not come up: {}", self.said());
            std::thread::sleep(Duration::from_millis(20));
        }
        self.child = Some(child);
        true
    }

    /// Stops it as an administrator would who does not wait for clients.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // `setpriv` becomes the server, so that this is its own pid.
            kill_process(Pid::from_child(&child), Signal::INT).unwrap();
            child.wait().unwrap();
        }
    }

    /// Signals the server and all its processes: stopped, it answers nobody and lets nobody go.
    pub fn signal_all(&self, signal: Signal) {
        let Some(child) = &self.child else { return };
        let parent = child.id();
        for process in std::iter::once(parent).chain(children(parent)) {
            if let Some(pid) = i32::try_from(process).ok().and_then(Pid::from_raw) {
                // One may have ended since it was listed.
                let _ = kill_process(pid, signal);
            }
        }
    }

    /// A new, empty database; the address is that of the socket.
    #[must_use]
    pub fn database(&self, name: &str) -> String {
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        self.socket_url(name)
    }

    #[must_use]
    pub fn socket_url(&self, name: &str) -> String {
        format!("postgres://{USER}@localhost:{}/{name}?host={}", self.port, self.folder.path().display())
    }

    /// The same over the network, with the password.
    #[must_use]
    pub fn network_url(&self, name: &str, query: &str) -> String {
        let password = PASSWORD.replace(' ', "%20").replace('/', "%2F");
        format!("postgres://{USER}:{password}@127.0.0.1:{}/{name}{query}", self.port)
    }

    pub fn sql(&self, database: &str, text: &str) -> String {
        self.try_sql(database, text).unwrap_or_else(|| panic!("{text}: {}", self.said()))
    }

    /// `None` when the server refuses.
    pub fn try_sql(&self, database: &str, text: &str) -> Option<String> {
        let mut psql = Command::new(program("psql"));
        psql.args(["-qAtX", "-v", "ON_ERROR_STOP=1", "-U", USER, "-p", &self.port.to_string(), "-d", database]);
        let output = psql.arg("-h").arg(self.folder.path()).args(["-c", text]).output().unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap().trim().to_owned())
    }

    /// Puts a file into the server's folder, as its own, and answers with its path.
    pub fn put(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.path().join("data").join(name);
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        if rustix::process::getuid().is_root() {
            std::os::unix::fs::chown(&path, Some(ORDINARY), Some(ORDINARY)).unwrap();
        }
        path
    }

    fn said(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.signal_all(Signal::CONT);
        if let Some(mut child) = self.child.take() {
            // At once, and with all its processes; the folder goes, too.
            let _ = kill_process(Pid::from_child(&child), Signal::QUIT);
            let _ = child.wait();
        }
    }
}

/// A program of PostgreSQL as an ordinary user, who ends it should the test be killed.
fn ordinary(name: &str, folder: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "QUIT"]);
    if rustix::process::getuid().is_root() {
        let id = ORDINARY.to_string();
        command.args(["--reuid", &id, "--regid", &id, "--clear-groups"]);
    }
    command.arg(program(name)).current_dir(folder).stdin(Stdio::null());
    command
}

fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    found.sort();
    let mut folders = std::env::split_paths(&path).chain(found.into_iter().rev());
    let program = folders.find_map(|folder| Some(folder.join(name)).filter(|path| path.exists()));
    program.unwrap_or_else(|| panic!("no {name}: install PostgreSQL's server (Debian: postgresql)"))
}

fn children(parent: u32) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let stats = processes.filter_map(|process| {
        let stat = std::fs::read_to_string(process.path().join("stat")).ok()?;
        // The name, in parentheses, may hold anything.
        let parent: u32 = stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()?;
        Some((process.file_name().to_str()?.parse::<u32>().ok()?, parent))
    });
    stats.filter(|(_, of)| *of == parent).map(|(pid, _)| pid).collect()
}
