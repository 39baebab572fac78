//! Stores that can be used, and those that cannot: each of those is named, with what to do, and left as it is.

use std::{fs, net::TcpListener, path::Path};

use rustix::process::Signal;
use serde_json::Value;

use super::{
    stand::{Engine, spawnai},
    starts::{ended, refused},
};
use crate::postgres::{PASSWORD, Server};

/// What `doctor --verify-store` finds wrong; nothing when all is well.
pub fn wrong(folder: &Path, settings: &[(&str, &str)]) -> Vec<String> {
    let mut command = spawnai(folder);
    let output = command.args(["doctor", "--verify-store", "--json"]).envs(settings.iter().copied()).output().unwrap();
    let found: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    let findings = found["findings"].as_array().unwrap();
    assert_eq!(output.status.success(), found["ok"], "{found}");
    let wrong = findings.iter().filter(|finding| finding["state"] != "ok");
    wrong.map(|finding| finding["detail"].as_str().unwrap().to_owned()).collect()
}

/// The line in which an engine says why it does not start.
fn refusal(folder: &Path, settings: &[(&str, &str)]) -> String {
    let (code, said) = refused(folder, settings);
    assert!(!said.contains(PASSWORD) && !said.contains("horse"), "{said}");
    let error = said.lines().find(|line| line.starts_with("error: ")).unwrap_or_else(|| panic!("{said}"));
    assert_eq!(code, Some(1), "{said}");
    error.to_owned()
}

/// Lives through a killed engine, whatever the store.
fn sessions_survive(folder: &Path, settings: &[(&str, &str)]) {
    let engine = Engine::start_in(folder, settings);
    let (id, url, path) = {
        let session = engine.spawn("a todo app", "webapp").ready();
        engine.spawn("a calculator", "webapp").ready().destroy();
        (session.id.clone(), session.url.clone(), session.path(""))
    };
    let listens = engine.listens();
    engine.stop(Signal::KILL);
    assert_eq!(wrong(folder, settings), [] as [String; 0]);

    let mut again = settings.to_vec();
    again.extend(listens.iter().map(|(name, value)| (*name, value.as_str())));
    let engine = Engine::start_in(folder, &again);
    let session = engine.session(&serde_json::json!({"sessionId": id, "appUrl": url})).ready();
    assert_eq!(session.page().status, 200);
    assert_eq!(engine.read(&path)["status"], "ready");
    session.destroy();
    assert!(wrong(folder, settings)[0].contains(&format!("pid {}", engine.pid())), "an engine has it");
    engine.stop(Signal::TERM);
    assert_eq!(wrong(folder, settings), [] as [String; 0]);
}

#[test]
fn sessions_survive_in_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    sessions_survive(folder.path(), &[]);
}

#[test]
fn sessions_survive_in_postgresql() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start());
    let url = server.database("apps");
    let settings = [("DATABASE_URL", url.as_str())];
    sessions_survive(folder.path(), &settings);
    let mut doctor = spawnai(folder.path());
    let output = doctor.args(["doctor"]).envs(settings).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("PostgreSQL") && said.contains("not encrypted"), "{said}");
}

#[test]
fn a_log_that_does_not_make_its_tables_is_told_of() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start());
    let url = server.database("apps");
    let settings = [("DATABASE_URL", url.as_str())];
    let engine = Engine::start_in(folder.path(), &settings);
    let session = engine.spawn("a todo app", "webapp").ready();
    let id = session.id.clone();
    session.destroy();
    engine.stop(Signal::TERM);
    server.sql("apps", "UPDATE charges SET amount = amount + 1");
    let found = wrong(folder.path(), &settings).join("\n");
    assert!(found.contains(&id) && found.contains("the ledger: what anonymous spent"), "{found}");
    assert!(found.contains("micro-dollars, and has cost"), "{found}");
}

#[test]
fn a_server_that_cannot_be_used_is_named_with_what_to_do() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start());
    let _ = server.database("apps");
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let right = server.network_url("apps", "");
    let wrong_password = right.replace("correct", "wrong");
    let none = format!("postgres://spawnai@127.0.0.1:{}/apps", server.port);
    for (url, expected) in [
        (format!("postgres://ann:horse@{free}/apps"), "nobody listens there"),
        ("postgres://ann:horse@localhost/apps?host=/nowhere".to_owned(), "nobody listens there"),
        (wrong_password, "does not take this user and password"),
        (none, "has none"),
        (server.network_url("nothing", ""), "no such database"),
        (server.network_url("apps", "?sslmode=require"), "offers no TLS"),
        (server.network_url("apps", "?sslmode=verify-full&sslrootcert=/nowhere.pem"), "/nowhere.pem"),
    ] {
        let error = refusal(folder.path(), &[("DATABASE_URL", &url)]);
        assert!(error.contains("cannot use the database postgres://") && error.contains(expected), "{error}");
    }
    let unknown =
        refusal(folder.path(), &[("DATABASE_URL", "postgres://ann:horse@nowhere.invalid/apps?sslmode=disable")]);
    // A machine without a name service does not learn that nobody knows the name.
    let told = unknown.contains("its host is not known") || unknown.contains("no answer within");
    assert!(told && unknown.contains("nowhere.invalid"), "{unknown}");
    Engine::start_in(folder.path(), &[("DATABASE_URL", &right)]);
}

#[test]
fn a_connection_is_as_safe_as_was_asked_for() {
    let (folder, mut server) = (tempfile::tempdir().unwrap(), Server::start());
    let _ = server.database("apps");
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().self_signed(&key).unwrap();
    server.put("server.crt", &certificate.pem());
    server.put("server.key", &key.serialize_pem());
    server.put("postgresql.auto.conf", "ssl = on\n");
    server.stop();
    assert!(server.run());
    let roots = folder.path().join("roots.pem");
    fs::write(&roots, certificate.pem()).unwrap();
    let verified = format!("?sslmode=verify-full&sslrootcert={}", roots.display());
    for query in ["?sslmode=require", &verified] {
        let url = server.network_url("apps", query);
        let engine = Engine::start_in(folder.path(), &[("DATABASE_URL", &url)]);
        assert_eq!(engine.get("/health").status, 200);
        let encrypted = "SELECT bool_and(ssl)::text FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                         WHERE application_name LIKE 'spawnai pid%'";
        assert_eq!(server.sql("apps", encrypted), "true", "{query}");
    }
    let error = refusal(folder.path(), &[("DATABASE_URL", &server.network_url("apps", "?sslmode=verify-full"))]);
    assert!(error.contains("certificate is not accepted") && error.contains("sslrootcert"), "{error}");
}

#[test]
fn a_database_has_one_engine() {
    let (folder, other, server) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Server::start());
    let file = format!("sqlite://{}", folder.path().join("shared.db").display());
    for url in [server.database("apps"), file] {
        let engine = Engine::start_in(folder.path(), &[("DATABASE_URL", &url)]);
        let error = refusal(other.path(), &[("DATABASE_URL", &url)]);
        assert!(
            error.contains("in use by another engine") && error.contains(&format!("pid {}", engine.pid())),
            "{error}"
        );
        engine.spawn("a todo app", "webapp").ready();
    }
}

#[test]
fn a_store_of_a_newer_version_is_left_as_it_is() {
    use diesel::{Connection, connection::SimpleConnection};

    let insert = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')";
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start());
    let url = server.database("apps");
    Engine::start_in(folder.path(), &[("DATABASE_URL", &url)]).stop(Signal::TERM);
    server.sql("apps", insert);
    let error = refusal(folder.path(), &[("DATABASE_URL", &url)]);
    assert!(error.contains("newer spawnai") && error.contains("99991231000000"), "{error}");
    assert_eq!(server.sql("apps", "SELECT epoch FROM engine"), "1");

    Engine::start_in(folder.path(), &[]).stop(Signal::TERM);
    let path = folder.path().join("data/spawnai.db");
    diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap().batch_execute(insert).unwrap();
    let before = fs::read(&path).unwrap();
    let error = refusal(folder.path(), &[]);
    assert!(error.contains("newer spawnai") && error.contains("nothing was changed"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_damaged_file_is_refused_with_the_way_back() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::start_in(folder.path(), &[]);
    engine.spawn("a todo app", "webapp").ready().destroy();
    engine.stop(Signal::TERM);
    let path = folder.path().join("data/spawnai.db");
    let mut bytes = fs::read(&path).unwrap();
    let end = bytes.len() - 4096;
    bytes[4096..end].fill(0xa5);
    fs::write(&path, &bytes).unwrap();
    for arguments in [&["serve"][..], &["doctor", "--verify-store"]] {
        let mut command = spawnai(folder.path());
        if arguments.len() == 1 {
            let (code, said) = ended(command.args(arguments));
            assert!(code == Some(1) && said.contains("damaged") && said.contains("restore a backup"), "{said}");
        } else {
            let output = command.args(arguments).output().unwrap();
            let said = String::from_utf8(output.stdout).unwrap();
            assert!(!output.status.success() && said.contains("restore a backup"), "{said}");
        }
    }
    assert_eq!(fs::read(&path).unwrap(), bytes, "nothing was changed");
}
