//! An engine that cannot start says what is in its way, and leaves no half of itself.

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Command, Output, Stdio},
};

use super::stand::{BINARY, Engine, spawnai};

/// Runs `spawnai serve` with these settings, which must not come up.
pub fn refused(folder: &Path, settings: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut command = spawnai(folder);
    ended(command.arg("serve").envs(settings.iter().copied()))
}

pub fn ended(command: &mut Command) -> (Option<i32>, String) {
    // Whatever comes up in spite of it all is ended: a test that hangs tells nothing.
    let mut bounded = Command::new("timeout");
    bounded.args(["--signal=KILL", "60"]).arg(command.get_program()).args(command.get_args());
    bounded.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    bounded.current_dir(command.get_current_dir().unwrap()).stdin(Stdio::null());
    let Output { status, stderr, .. } = bounded.output().unwrap();
    (status.code(), String::from_utf8_lossy(&stderr).into_owned())
}

#[test]
fn an_address_that_is_taken_is_named_with_its_setting() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for setting in ["SPAWNAI_LISTEN", "SPAWNAI_GATEWAY_LISTEN", "SPAWNAI_HOST_LISTEN"] {
        let folder = tempfile::tempdir().unwrap();
        let (code, said) = refused(folder.path(), &[(setting, &address)]);
        let error = said.lines().find(|line| line.starts_with("error: ")).unwrap_or_else(|| panic!("{said}"));
        assert!(code == Some(1) && error.contains(setting) && error.contains(&address), "{setting}: {code:?} {error}");
        // The folder is as good as new.
        Engine::start_in(folder.path(), &[]);
    }
}

#[test]
fn a_data_folder_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::write(&data, "in the way").unwrap();
    let (code, said) = refused(folder.path(), &[]);
    assert!(code == Some(1) && said.contains(data.to_str().unwrap()) && said.contains("SPAWNAI_DATA_DIR"), "{said}");
    fs::remove_file(&data).unwrap();

    let engine = Engine::start_in(folder.path(), &[]);
    let (code, said) = refused(folder.path(), &[]);
    assert!(code == Some(1) && said.contains(&format!("pid {}", engine.pid())), "{said}");
    assert_eq!(engine.get("/health").status, 200, "the first one does not mind");
}

#[test]
fn a_damaged_file_of_its_own_is_named() {
    for (file, content) in [
        ("spawnai.db", "no database at all, but long enough to look like one".repeat(20)),
        ("host.key", "x".into()),
        ("ca.pem", "x".into()),
    ] {
        let folder = tempfile::tempdir().unwrap();
        Engine::start_in(folder.path(), &[]);
        let path = folder.path().join("data").join(file);
        assert!(path.exists(), "{file}");
        fs::write(&path, content).unwrap();
        let (code, said) = refused(folder.path(), &[]);
        assert!(code == Some(1) && said.contains(file), "{file}: {code:?} {said}");
    }
}

#[test]
fn settings_that_are_wrong_are_named_with_what_would_be_right() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        ("SPAWNAI_PLAN", "gold", "hobby or pro"),
        ("SPAWNAI_LISTEN", "8080", "127.0.0.1:8080"),
        ("SPAWNAI_SESSION_BUDGET_USD", "-1", "US dollars"),
        ("SPAWNAI_SESSION_MINUTES", "90", "at most 60 minutes"),
        ("SPAWNAI_WARM_SANDBOXES", "many", "a whole number"),
        ("SPAWNAI_WORM_SANDBOXES", "1", "SPAWNAI_WARM_SANDBOXES"),
    ];
    for (variable, value, expected) in cases {
        let (code, said) = refused(folder.path(), &[(variable, value)]);
        assert!(code == Some(2) && said.contains(variable) && said.contains(expected), "{code:?} {said}");
    }
    let later = [
        ("SPAWNAI_LISTEN", "0.0.0.0:0", "no keys"),
        ("SPAWNAI_GATEWAY_DOMAIN", "not a domain", "not a domain"),
        ("DATABASE_URL", "postgres://x:secret@127.0.0.1/x?sslmode=maybe", "disable, require or verify-full"),
        ("DATABASE_URL", "mysql://x", "DATABASE_URL"),
        ("REDIS_URL", "http://x", "REDIS_URL"),
    ];
    for (variable, value, expected) in later {
        let (code, said) = refused(folder.path(), &[(variable, value)]);
        let refused = matches!(code, Some(1 | 2)) && said.contains("error: ") && said.contains(expected);
        assert!(refused, "{variable}={value}: {code:?} {said}");
    }
    fs::write(folder.path().join("spawnai.toml"), "plan = \"hobby\"\nwarm = 2\n").unwrap();
    let (code, said) = refused(folder.path(), &[]);
    assert!(code == Some(2) && said.contains("warm") && said.contains("spawnai.toml"), "{said}");
}

/// A shell that prepares what root can take away, and becomes the engine.
pub fn without(folder: &Path, unshare: &[&str], preparation: &str) -> Command {
    let engine = spawnai(folder);
    let mut command = Command::new("unshare");
    command.args(unshare).args(["sh", "-ec", &format!("{preparation}\nexec {BINARY} serve")]);
    command.env_clear().envs(engine.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn a_machine_that_cannot_isolate_runs_nothing() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // The bound counts for the user namespace that it is set in, and for those below.
    let preparation = "echo 0 > /proc/sys/user/max_user_namespaces";
    let (code, said) = ended(&mut without(folder.path(), &["--user", "--map-root-user"], preparation));
    let error = said.lines().find(|line| line.starts_with("error: ")).unwrap_or_else(|| panic!("{said}"));
    assert_eq!(code, Some(1), "{said}");
    assert!(error.contains("refuses to run code without") && error.contains("user.max_user_namespaces"), "{error}");
}

#[test]
fn a_runtime_that_is_missing_is_named_with_its_package() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // Hides the folders that hold `node`, wherever this machine has it, behind empty ones with all but it.
    let preparation = r#"
        empty=$(mktemp -d)
        for place in $(command -v -a node 2>/dev/null || which -a node) /usr/bin/node /usr/local/bin/node; do
            [ -e "$place" ] || continue
            mount --bind /dev/null "$place"
        done"#;
    let engine = Engine::of(without(folder.path(), &["--mount"], preparation), folder.path());
    let session = engine.spawn("a todo app", "webapp");
    let view = session.until("error");
    assert_eq!(view["error"]["code"], "runtime_missing", "{view}");
    assert!(view["errorMessage"].as_str().unwrap().contains("nodejs"), "{view}");
    engine.spawn("an API for books", "api").ready();
}
