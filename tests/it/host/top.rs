//! Names that clients add to `/`, which stays closed to every program.

use serde_json::{Value, json};

use super::machine::{Machine, Sandbox, modes};

fn rpc(sandbox: &Sandbox<'_>, call: &str, path: &str) -> (u16, Value) {
    let answer = sandbox.rpc(&format!("/filesystem.Filesystem/{call}"), &json!({"path": path}));
    (answer.status, answer.json())
}

fn upload(sandbox: &Sandbox<'_>, path: &str, content: &str) -> u16 {
    sandbox.envd("POST", &format!("/files?path={path}"), "application/octet-stream", content.as_bytes()).status
}

/// What a program prints, as the user and as root.
fn run_as(sandbox: &Sandbox<'_>, person: &str, command: &str) -> String {
    let body = json!({"process": {"cmd": "/bin/bash", "args": ["-l", "-c", command]}});
    let basic = if person == "root" { "Basic cm9vdDo=" } else { "Basic dXNlcjo=" };
    sandbox.stream("/process.Process/Start", &body, &[("Authorization", basic)]).outcome().stdout
}

#[test]
fn clients_put_files_beside_what_the_root_has() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        assert_eq!(upload(&sandbox, "/app/src/main.py", "print('main')"), 200, "{mode:?}");
        assert_eq!(upload(&sandbox, "/single.txt", "alone"), 200, "{mode:?}");
        assert_eq!(upload(&sandbox, "/single.txt", "again"), 200, "{mode:?}");
        let (status, made) = rpc(&sandbox, "MakeDir", "/made");
        assert_eq!((status, &made["entry"]["path"]), (200, &json!("/made")), "{mode:?} {made}");
        assert_eq!(rpc(&sandbox, "MakeDir", "/made").1["code"], "already_exists", "{mode:?}");
        assert_eq!(rpc(&sandbox, "MakeDir", "/made/deeper").0, 200, "{mode:?}");
        let moved = json!({"source": "/made/deeper", "destination": "/moved/deeper"});
        assert_eq!(sandbox.rpc("/filesystem.Filesystem/Move", &moved).status, 200, "{mode:?}");
        let look = "python3 /app/src/main.py; cd /app && echo own > own && cat own; cat /single.txt; echo; \
            stat -Lc '%n %U %a' /app /single.txt /made /moved/deeper";
        let seen = "main\nown\nagain\n/app user 755\n/single.txt user 644\n/made user 755\n/moved/deeper user 755\n";
        assert_eq!(sandbox.run(look).stdout, seen, "{mode:?}");
        assert_eq!(sandbox.envd("GET", "/files?path=/app/own", "", b"").text(), "own\n");
        let full = sandbox.run("head -c 200M /dev/zero > /app/fill || echo full; rm /app/fill");
        assert_eq!(full.stdout, "full\n", "{mode:?}: it counts as all else on the disk");
        for (path, code) in [("/usr/x", 403), ("/etc/x", 403), ("/bin/x", 403), ("/run/x/y", 403), ("/proc/x", 404)] {
            assert_eq!(upload(&sandbox, path, "no"), code, "{mode:?} {path}");
        }
        for (call, path) in [("Remove", "/app"), ("Remove", "/single.txt")] {
            assert_eq!(rpc(&sandbox, call, path).0, 200, "{mode:?} {path}");
        }
        assert_eq!(
            sandbox.run("ls -d /app /single.txt /var/added/* 2>&- | tr '\\n' ' '").stdout,
            "/var/added/made /var/added/moved "
        );
        assert_eq!(rpc(&sandbox, "Remove", "/etc").1["code"], "permission_denied", "{mode:?}");
        assert_eq!(upload(&sandbox, "/app/anew", "anew"), 200, "{mode:?}");
    }
}

#[test]
fn no_program_adds_a_name_or_takes_one_away() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        assert_eq!(upload(&sandbox, "/app/x", "x"), 200, "{mode:?}");
        for person in ["user", "root"] {
            let tries = "mkdir /no; ln -s /tmp /no; touch /no; rm -f /app; mv /app /no; mv /tmp /no; ln -sfn /tmp /app; \
                mknod /no p; rmdir /mnt; chmod 777 /; chown user /; touch /etc/no /run/no /var/no; rm -f /bin; \
                python3 -c 'import os; os.symlink(\"/tmp\", \"/proc/1/root/no\")'; \
                python3 -c 'import os; os.symlink(\"/tmp\", \"/proc/1/fd/9/no\")'";
            // `/proc` has as many links as there are programs, and its number may widen the column of all.
            let before = "ls -lA --time-style=full-iso / /etc /run /var | grep -v proc$ | tr -s ' '; stat -c '%a %U' / /var/added";
            let all = format!(
                "({before}) > /tmp/before; ({tries}) 2>/dev/null; ({before}) | diff /tmp/before - && echo same"
            );
            assert_eq!(run_as(&sandbox, person, &all), "same\n", "{mode:?} {person}");
        }
        for name in 0..255 {
            assert_eq!(upload(&sandbox, &format!("/n{name}"), ""), 200, "{mode:?} {name}");
        }
        assert_eq!(upload(&sandbox, "/more", ""), 507, "{mode:?}: names are bounded");
        assert_eq!(
            sandbox.run("ls -d /more /var/added/more 2>&- | wc -l").stdout,
            "0\n",
            "{mode:?}: and nothing is left"
        );
        assert_eq!(upload(&sandbox, "/n0", "still"), 200, "{mode:?}");
    }
}

#[test]
fn what_was_added_lasts_like_the_rest_of_the_disk() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create_with(&json!({"templateID": "base", "timeout": 600}));
        assert_eq!(upload(&sandbox, "/app/x", "kept"), 200, "{mode:?}");
        let hostile = "mkdir /var/added/usr; ln -s /tmp /var/added/var; ln -s / /var/added/all; cat /app/x";
        assert_eq!(sandbox.run(hostile).stdout, "kept", "{mode:?}");
        let look = "cat /app/x; test -d /usr/bin && test -d /var/tmp && ls /all/app; echo more >> /app/x";
        let ask =
            |call: &str, body: &Value| machine.control("POST", &format!("/sandboxes/{}/{call}", sandbox.id), body);
        let forks = ask("fork", &json!({"timeout": 60})).json();
        assert_eq!(machine.known(&forks[0]["sandbox"]).run(look).stdout, "keptx\n", "{mode:?}");
        assert_eq!(ask("pause", &json!({"memory": false})).status, 204, "{mode:?}");
        assert_eq!(ask("connect", &json!({"timeout": 600})).status, 201, "{mode:?}");
        assert_eq!(sandbox.run(look).stdout, "keptx\n", "{mode:?}");
        assert_eq!(upload(&sandbox, "/app/x", "written"), 200, "{mode:?}");
        assert_eq!(upload(&sandbox, "/later/x", "written"), 200, "{mode:?}");
        assert_eq!(sandbox.run("cat /app/x /later/x").stdout, "writtenwritten", "{mode:?}");
    }
}
