//! `user` and `root`: who they are inside, what they may, and the programs that clients expect to find.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use super::machine::{Answer, Machine, Mode, Outcome, Sandbox, call, modes};

/// CAP_CHOWN, CAP_DAC_OVERRIDE and CAP_FOWNER.
const OVER_FILES: &str = "000000000000000b";
const NONE: &str = "0000000000000000";

fn basic(name: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:")))
}

fn run_as(sandbox: &Sandbox<'_>, name: &str, command: &str) -> Outcome {
    sandbox.start(command, &[("Authorization", &basic(name))]).outcome()
}

fn rpc_as(sandbox: &Sandbox<'_>, name: &str, call: &str, body: &serde_json::Value) -> Answer {
    let headers = [
        ("X-Access-Token", sandbox.token.as_str()),
        ("Authorization", &basic(name)),
        ("Content-Type", "application/json"),
    ];
    sandbox.to("49983", "POST", &format!("/filesystem.Filesystem/{call}"), &headers, body.to_string().as_bytes())
}

#[test]
fn root_is_somebody_else_only_where_the_host_is_root() {
    const WHO: &str = "id -u; id -un; echo $HOME $USER $LOGNAME $PWD; grep -h -E '^(Cap|NoNewPrivs|Seccomp:)' \
                       /proc/self/status | tr -d '\\t' | sort";
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        let shown = |id: &str, home: &str, name: &str, kept: &str| {
            format!(
                "{id}{home} {name} {name} {home}\nCapAmb:{NONE}\nCapBnd:{kept}\nCapEff:{kept}\nCapInh:{NONE}\n\
                 CapPrm:{kept}\nNoNewPrivs:1\nSeccomp:2\n"
            )
        };
        let (id, kept) = if mode == Mode::Root { ("0\nroot\n", OVER_FILES) } else { ("1000\nuser\n", NONE) };
        assert_eq!(run_as(&sandbox, "root", WHO).stdout, shown(id, "/root", "root", kept), "{mode:?}");
        let user = shown("1000\nuser\n", "/home/user", "user", NONE);
        assert_eq!(run_as(&sandbox, "user", WHO).stdout, user, "{mode:?}");
        assert_eq!(run_as(&sandbox, "", WHO).stdout, user, "{mode:?}");
        // Nobody outside: no process of the sandbox has an id that is somebody's on the machine.
        let map = run_as(&sandbox, "root", "cat /proc/self/uid_map | tr -s ' '").stdout;
        let outside: Vec<u32> =
            map.lines().map(|line| line.trim().split(' ').nth(1).unwrap().parse().unwrap()).collect();
        match mode {
            Mode::Root => assert!(outside.iter().all(|id| *id >= 0x7000_0000), "{map}"),
            Mode::Rootless => assert_eq!(outside.len(), 1, "{map}"),
        }
    }
}

#[test]
fn root_is_more_over_the_sandboxes_own_files_and_nothing_else() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        sandbox.run("echo mine > private; chmod 600 private");
        let own = run_as(
            &sandbox,
            "root",
            "cat /home/user/private && chown 1000:1000 /home/user/private && chmod 640 /home/user/private && echo hers > ~/secret && chmod 600 ~/secret && stat -c '%U %a' /root",
        );
        let owner = if mode == Mode::Root { "root" } else { "user" };
        assert_eq!(own.stdout, format!("mine\n{owner} 700\n"), "{mode:?} {own:?}");
        let read = sandbox.run("cat /root/secret");
        assert_eq!(read.stdout.is_empty(), mode == Mode::Root, "{mode:?} {read:?}");
        for refused in [
            "cat /etc/shadow",
            "echo x > /etc/passwd",
            "touch /usr/x",
            "chmod 777 /usr/bin",
            "chown 1000 /usr/bin/env",
            "mount -t tmpfs none /mnt",
            "mount -o remount,rw /",
            "mknod ~/null c 1 3",
            "cat /proc/1/environ",
            "ls /proc/1/fd",
            "readlink /proc/1/exe",
            "hostname other",
            "echo 1 > /proc/sys/kernel/panic",
            "unshare -U true",
            "python3 -c 'import os; os.setuid(1234)'",
            "python3 -c 'import os; os.chroot(\"/tmp\")'",
            "python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)'",
            "ip link add dummy0 type dummy",
            "nice -n -5 true 2>&1 | grep -v annot",
        ] {
            let outcome = run_as(&sandbox, "root", refused);
            assert_ne!(outcome.exit, Some(0), "{mode:?} {refused}: {outcome:?}");
        }
        // A setuid file raises nobody.
        run_as(&sandbox, "root", "cp /usr/bin/id /tmp/id; chmod 4755 /tmp/id");
        assert_eq!(sandbox.run("/tmp/id -u").stdout, "1000\n", "{mode:?}");
        run_as(&sandbox, "root", "kill -9 1; kill -STOP 1; kill -SEGV 1");
        assert_eq!(sandbox.run("echo alive").stdout, "alive\n", "{mode:?}");
    }
}

#[test]
fn files_are_read_and_written_as_root_too() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        let owner = if mode == Mode::Root { "root" } else { "user" };
        let ask = |method: &str, path: &str, person: &str| {
            let path = format!("/files?path={path}&username={person}");
            sandbox.envd(method, &path, "application/octet-stream", b"from root")
        };
        let written = ask("POST", "d/note", "root");
        assert_eq!((written.status, written.json()[0]["path"].as_str()), (200, Some("/root/d/note")), "{mode:?}");
        assert_eq!(ask("GET", "~/d/note", "root").text(), "from root", "{mode:?}");
        assert_eq!(ask("GET", "/root/d/note", "user").status, if mode == Mode::Root { 403 } else { 200 }, "{mode:?}");
        let entry = rpc_as(&sandbox, "root", "Stat", &json!({"path": "d"})).json();
        assert_eq!((entry["entry"]["path"].as_str(), entry["entry"]["owner"].as_str()), (Some("/root/d"), Some(owner)));
        sandbox.run("mkdir -p closed && echo x > closed/x && chmod 000 closed && ln -s /proc/1/environ environ && ln -s /proc/self/mem mem");
        let closed = ask("GET", "/home/user/closed/x", "root").status;
        assert_eq!(closed, if mode == Mode::Root { 200 } else { 403 }, "{mode:?}");
        for (method, path) in [
            ("GET", "/proc/1/environ"),
            ("GET", "/proc/self/mem"),
            ("GET", "/home/user/environ"),
            ("GET", "/etc/shadow"),
            ("GET", "/proc/self/root/proc/1/environ"),
            ("POST", "/home/user/mem"),
            ("POST", "/proc/sys/kernel/core_pattern"),
            ("POST", "/etc/passwd"),
            ("POST", "/usr/x"),
            ("POST", "/dev/null"),
            ("POST", "/proc/self/fd/3"),
            ("POST", "/proc/self/fd/5"),
        ] {
            let refused = ask(method, path, "root");
            assert!(matches!(refused.status, 400 | 403 | 404), "{mode:?} {method} {path}: {}", refused.text());
        }
        assert_eq!(
            rpc_as(&sandbox, "root", "MakeDir", &json!({"path": "/proc/self/fd/3/x"})).status / 100,
            4,
            "{mode:?}"
        );
        assert_eq!(rpc_as(&sandbox, "root", "Remove", &json!({"path": "/usr"})).status / 100, 4, "{mode:?}");
        let moved = rpc_as(&sandbox, "root", "Move", &json!({"source": "d/note", "destination": "e/note"}));
        assert_eq!(moved.json()["entry"]["owner"].as_str(), Some(owner), "{mode:?}");
        assert_eq!(run_as(&sandbox, "root", "cat e/note; echo alive").stdout, "from rootalive\n", "{mode:?}");
    }
}

#[test]
fn a_user_who_is_not_there_is_refused_in_the_protocols_words() {
    let machine = Machine::start(modes()[0]);
    let sandbox = machine.create();
    let stat = rpc_as(&sandbox, "root123", "Stat", &json!({"path": "x"}));
    assert_eq!(stat.status, 401);
    assert_eq!(stat.json(), json!({"code": "unauthenticated", "message": "invalid username: 'root123'"}));
    let file = sandbox.envd("GET", "/files?path=x&username=nobody", "", b"");
    assert_eq!(file.json(), json!({"code": 401, "message": "invalid username: 'nobody'"}));
}

#[test]
fn a_signature_is_of_one_user() {
    let machine = Machine::start(modes()[0]);
    let sandbox = machine.create();
    let signed = |signer: &str, claimed: &str| {
        let text = format!("note:write:{signer}:{}", sandbox.token);
        let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
        let signature = base64::engine::general_purpose::STANDARD_NO_PAD.encode(digest);
        let signature = signature.replace('+', "%2B").replace('/', "%2F");
        format!("/files?path=note&username={claimed}&signature=v1_{signature}")
    };
    let kind = [("Content-Type", "application/octet-stream")];
    let written = call(machine.address, "POST", &signed("root", "root"), &kind, b"x");
    assert_eq!(written.json()[0]["path"], "/root/note", "{}", written.text());
    assert_eq!(call(machine.address, "POST", &signed("user", "root"), &kind, b"x").status, 401);
}

#[test]
fn the_programs_that_clients_expect_are_there() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        for (command, expected) in [
            ("FOO=bar; sudo echo \"$FOO\"", "bar\n"),
            ("sudo -nE -u root -H -- A=1 sh -c 'echo $A $(id -un)'", "1 user\n"),
            ("cd /; sudo -i sh -c 'pwd; echo \"$1\"' x 'two words'", "/home/user\ntwo words\n"),
            ("sudo -s echo hi", "hi\n"),
            ("sudo --help | grep -c 'does NOT elevate'", "1\n"),
            ("sudo -u nobodyknown true 2>&1", "sudo: unknown user nobodyknown\n"),
            ("python -c 'print(6 * 7)'", "42\n"),
            ("python3 -c 'print(6 * 7)'", "42\n"),
            ("node -p 6*7", "42\n"),
            ("TERM=xterm tput cols >/dev/null && echo there", "there\n"),
            ("curl --version >/dev/null && echo there", "there\n"),
            ("git config --global user.name mish && cat ~/.gitconfig", "[user]\n\tname = mish\n"),
            (
                "git init -q r && cd r && git -c user.email=a@b commit -q --allow-empty -m m && git log --format=%s",
                "m\n",
            ),
        ] {
            let outcome = sandbox.run(command);
            assert_eq!(outcome.stdout, expected, "{mode:?} {command}: {outcome:?}");
        }
        let root = run_as(&sandbox, "root", "git config --global user.name root && cat /root/.gitconfig; sudo id -un");
        let name = if mode == Mode::Root { "root" } else { "user" };
        assert_eq!(root.stdout, format!("[user]\n\tname = root\n{name}\n"), "{mode:?} {root:?}");
    }
}
