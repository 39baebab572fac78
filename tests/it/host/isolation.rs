//! Attempts from inside to get out, to see more, or to take more than a sandbox's share. Each must fail, in both modes.

use std::collections::HashMap;

use serde_json::json;

use super::machine::{Machine, Mode, Sandbox, modes};

#[cfg(target_arch = "x86_64")]
#[test]
fn nothing_gets_out() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        sandbox.write("/home/user/probe.py", include_str!("probe.py"));
        let outcome = sandbox.run(&format!("python3 probe.py {}", machine.address.port()));
        assert_eq!(outcome.exit, Some(0), "{mode:?} {outcome:?}");
        let found: HashMap<_, _> = outcome.stdout.lines().filter_map(|line| line.split_once(": ")).collect();
        for name in ["io_uring_setup", "clone3"] {
            assert_eq!(found[name], "ENOSYS", "{mode:?} {name}");
        }
        let calls = [
            "ptrace",
            "mount",
            "umount",
            "pivot_root",
            "chroot",
            "unshare user",
            "clone user",
            "bpf",
            "keyctl",
            "add_key",
            "perf_event_open",
            "userfaultfd",
            "setns",
            "process_vm_readv",
            "kcmp",
            "pidfd_getfd",
            "setuid",
            "setgid",
            "setgroups",
            "mknod",
            "tiocsti",
            "iopl",
            "init_module",
            "open_by_handle_at",
            "open_tree",
            "fsopen",
            "swapon",
            "reboot",
            "sethostname",
            "syslog",
            "settimeofday",
            "socket packet",
            "socket vsock",
            "socket raw",
            "socket bluetooth",
        ];
        for name in calls {
            let refused = found[name] == "EPERM" || (name == "setuid" || name == "setgid") && found[name] == "EINVAL";
            assert!(refused, "{mode:?} {name}: {}", found[name]);
        }
        for (name, result) in &found {
            if name.starts_with("read ") && *name != "read /proc/kallsyms" {
                assert!(!result.starts_with("read "), "{mode:?} {name}: {result}");
            }
            if name.starts_with("write ") {
                assert_ne!(*result, "written", "{mode:?} {name}");
            }
        }
        assert_eq!(found["read /proc/kallsyms"], "read 0", "{mode:?}: masked by /dev/null");
        assert_eq!(found["host loopback"], "ECONNREFUSED", "{mode:?}");
        assert_eq!(found["metadata address"], "ENETUNREACH", "{mode:?}");
        assert_eq!(found["internet"], "ENETUNREACH", "{mode:?}");
        assert_eq!((found["x32"], found["32-bit"]), ("exit -31", "exit -31"), "{mode:?}: SIGSYS");
        assert_eq!(found["descriptors"], "[0, 1, 2]", "{mode:?}");
        assert_eq!(found["capabilities"], "{'0000000000000000'}", "{mode:?}");
        assert_eq!(found["interfaces"], "['lo']", "{mode:?}");
        assert!(!found["environment"].contains("HOST_TEST"), "{mode:?} {}", found["environment"]);
        assert_eq!(sandbox.run("echo alive").stdout, "alive\n", "{mode:?}: kill -9 1 did nothing");
    }
}

#[test]
fn sandboxes_do_not_see_one_another() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let (one, two) = (machine.create(), machine.create());
        let mut server =
            one.start("cd /tmp && echo secret > file && python3 -u -m http.server 3000 --bind 127.0.0.1", &[]);
        server.until("Serving");
        assert_eq!(one.to("3000", "GET", "/file", &[], b"").text(), "secret\n", "{mode:?}");
        let outcome = two.run("cat /tmp/file; python3 -c \"import socket; socket.create_connection(('127.0.0.1', 3000), 2)\"; ps -e | wc -l");
        assert!(
            outcome.stderr.contains("No such file") && outcome.stderr.contains("ConnectionRefusedError"),
            "{mode:?} {outcome:?}"
        );
        let wrong = two.machine_call_with_token(&one);
        assert_eq!(wrong.status, 401, "{mode:?}: one sandbox's token does not open another");
    }
}

#[test]
fn a_fork_bomb_meets_its_bound_and_the_sandbox_lives_on() {
    const BOMB: &str = "import os, signal\nn = 0\ntry:\n  while True:\n    if os.fork() == 0: signal.pause()\n    n += 1\nexcept OSError as err: print(n, type(err).__name__, flush=True)\nos.killpg(0, 9)";
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        sandbox.write("bomb.py", BOMB);
        let outcome = sandbox.run("python3 bomb.py");
        let forks: u32 = outcome.stdout.split(' ').next().unwrap().parse().unwrap();
        assert!(outcome.stdout.contains("BlockingIOError") && forks < 64, "{mode:?} {outcome:?}");
        assert_eq!(sandbox.run("echo alive").stdout, "alive\n", "{mode:?}");
    }
}

#[test]
fn a_memory_bomb_is_killed_and_the_sandbox_lives_on() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        let path = format!("/sandboxes/{}", sandbox.id);
        let detail = machine.control("GET", &path, &json!({})).json();
        if detail["advisoryLimits"].as_array().unwrap().contains(&json!("memory")) {
            assert_ne!(mode, Mode::Root, "this machine gives root no memory cgroup: the limit cannot be tested");
            continue;
        }
        let outcome = sandbox.run("python3 -c 'b = bytearray(1 << 30); print(len(b))'");
        assert_eq!(
            (outcome.stdout.as_str(), outcome.error.as_str()),
            ("", "signal: killed (out of memory)"),
            "{mode:?} {outcome:?}"
        );
        let detail = machine.control("GET", &path, &json!({})).json();
        assert!(detail["memoryKills"].as_u64() >= Some(1), "{mode:?} {detail}");
        assert_eq!(sandbox.run("echo alive").stdout, "alive\n", "{mode:?}");
    }
}

#[test]
fn the_disk_is_bounded_in_bytes_and_in_files() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        let outcome = sandbox.run("for at in ~ /tmp /dev/shm /var/tmp; do head -c 40M /dev/zero > $at/fill || echo full $at; done; rm -f ~/fill /tmp/fill /dev/shm/fill /var/tmp/fill");
        assert_eq!(outcome.stdout.matches("full").count(), 3, "{mode:?}: 64 MiB in all, wherever {outcome:?}");
        assert_eq!(sandbox.run("for n in {1..3000}; do : > f$n || exit 7; done").exit, Some(7), "{mode:?}: 2000 files");
        sandbox.run("rm -f f*");
        let upload = sandbox.envd("POST", "/files?path=big", "application/octet-stream", &vec![b'x'; 70 << 20]);
        assert_eq!((upload.status, upload.json()["code"].as_u64()), (507, Some(507)), "{mode:?}");
        assert_eq!(sandbox.run("echo alive").stdout, "alive\n", "{mode:?}");
    }
}

#[test]
fn files_are_opened_as_the_user_and_not_as_pid_1() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        sandbox.run("ln -s /proc/self/mem mem; ln -s /proc/1/exe exe; ln -s /proc/self/fd/0 fd; ln -s /etc/passwd pw; mkfifo pipe; mkdir d");
        let status = |method: &str, path: &str| {
            let answer = sandbox.envd(method, &format!("/files?path={path}"), "application/octet-stream", b"x");
            assert_eq!(answer.json()["code"].as_u64(), Some(answer.status.into()), "{mode:?} {path}");
            answer.status
        };
        for path in [
            "/proc/self/mem",
            "/proc/1/environ",
            "mem",
            "exe",
            "fd",
            "/proc/self/root/proc/self/mem",
            "/dev/null",
            "pipe",
            "d",
            "/etc/shadow",
            "%00",
            "x".repeat(5000).as_str(),
        ] {
            assert!(matches!(status("GET", path), 400 | 403 | 404), "{mode:?} GET {path}");
        }
        for path in
            ["/proc/self/mem", "mem", "exe", "fd", "pw", "/usr/x", "/x", "/etc/passwd", "/dev/null", "pipe", "d"]
        {
            assert!(matches!(status("POST", path), 400 | 403), "{mode:?} POST {path}");
        }
        assert_eq!(
            sandbox.envd("GET", "/files?path=pw", "", b"").status,
            200,
            "{mode:?}: readable inside, so here too"
        );
        assert_eq!(sandbox.run("echo alive").stdout, "alive\n", "{mode:?}");
    }
}

impl Sandbox<'_> {
    /// A call to this sandbox with the other one's token.
    fn machine_call_with_token(&self, other: &Self) -> super::machine::Answer {
        self.to(
            "49983",
            "POST",
            "/process.Process/List",
            &[("X-Access-Token", &other.token), ("Content-Type", "application/json")],
            b"{}",
        )
    }
}
