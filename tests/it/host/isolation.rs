//! Attempts from inside to get out, to see more, or to take more than a sandbox's share. Each must fail, in both modes.

use std::{fs, os::unix::fs::PermissionsExt as _};

use serde_json::json;

use super::machine::{Machine, Sandbox, modes};

#[test]
fn sandboxes_do_not_see_one_another() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let (one, two) = (machine.create(), machine.create());
        let mut server =
            one.start("cd /tmp && echo secret > file && python3 -u -m http.server 3000 --bind 127.0.0.1", &[]);
        server.until("Serving");
        assert_eq!(one.to("3000", "GET", "/file", &[], b"").text(), "secret\n", "{mode:?}");
        let outcome = two.run("cat /tmp/file; python3 -c \"import socket; socket.create_connection(('127.0.0.1', 3000), 2)\"; cat /proc/[0-9]*/cmdline | tr '\\0' ' '");
        assert!(
            outcome.stderr.contains("No such file") && outcome.stderr.contains("ConnectionRefusedError"),
            "{mode:?} {outcome:?}"
        );
        let seen = &outcome.stdout;
        assert!(seen.contains("cat /proc/") && !seen.contains("http.server 3000 --bind"), "{mode:?} {seen}");
        let wrong = two.machine_call_with_token(&one);
        assert_eq!(wrong.status, 401, "{mode:?}: one sandbox's token does not open another");
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
            ["/proc/self/mem", "mem", "exe", "fd", "pw", "/usr/x", "/run/x", "/etc/passwd", "/dev/null", "pipe", "d"]
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

/// First processes of the sandboxes of the host with this pid.
fn first_processes(host: u32) -> Vec<u32> {
    let processes =
        fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    let children = processes.filter(|pid: &u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let parent = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(1));
        // But for the process that sandboxes are forked from.
        parent == Some(&host.to_string()) && !stat.contains("(spawnai-nursery)")
    });
    children.collect()
}

#[test]
fn the_engines_executable_is_read_only_where_a_sandbox_could_come_by_it() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        // The classic way: a program whose interpreter is whatever PID 1's child still is when it asks.
        sandbox.write("/home/user/self", "#!/proc/self/exe\n");
        sandbox.run("chmod +x self; ln -s /proc/self/exe link");
        for program in ["/home/user/self", "/home/user/link", "/proc/self/exe", "/proc/1/exe"] {
            let body = json!({"process": {"cmd": program, "args": ["--version"]}, "stdin": false});
            let outcome = sandbox.stream("/process.Process/Start", &body, &[]).outcome();
            assert_ne!(outcome.exit, Some(0), "{mode:?} {program}: {outcome:?}");
        }
        let [first] = first_processes(machine.pid())[..] else { panic!("one sandbox has one first process") };
        // Not even from outside, by whoever may do everything: the way that PID 1 has it open is read-only.
        let exe = format!("/proc/{first}/exe");
        if rustix::process::geteuid().is_root() {
            let mode_bits = fs::metadata(&exe).unwrap().permissions().mode();
            let refused = fs::set_permissions(&exe, fs::Permissions::from_mode(mode_bits)).unwrap_err();
            assert_eq!(refused.raw_os_error(), Some(libc::EROFS), "{mode:?}");
        }
        assert_eq!(fs::read_to_string(format!("/proc/{first}/comm")).unwrap(), "sandbox-init\n", "{mode:?}");
    }
}

#[test]
fn descriptors_run_out_for_the_program_alone() {
    const OPEN: &str =
        "import os\nn = 0\ntry:\n  while True: os.pipe(); n += 2\nexcept OSError as err: print(n, err.errno)";
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        let before = fs::read_dir(format!("/proc/{}/fd", machine.pid())).unwrap().count();
        sandbox.write("open.py", OPEN);
        let outcome = sandbox.run("python3 open.py");
        let (count, errno) = outcome.stdout.trim().split_once(' ').unwrap();
        assert!(count.parse::<u32>().unwrap() < 4096, "{mode:?} {outcome:?}");
        // Or its share of pipe buffers first.
        assert!([libc::EMFILE, libc::ENFILE].contains(&errno.parse().unwrap()), "{mode:?} {outcome:?}");
        assert_eq!(sandbox.run("echo alive").stdout, "alive\n", "{mode:?}");
        sandbox.kill();
        let after = fs::read_dir(format!("/proc/{}/fd", machine.pid())).unwrap().count();
        assert!(after <= before, "{mode:?}: {before} before, {after} after");
    }
}

#[test]
fn an_upload_races_with_links_and_lands_nowhere_else() {
    const SWAP: &str = "import os\nwhile True:\n  for target in ['/etc', '/proc/1', '/proc/self/fd', '/usr', '/proc/1/root/etc']:\n    \
        try: os.rename('real', 'd')\n    except OSError: pass\n    try: os.rename('d', 'real'); os.symlink(target, 'd'); os.unlink('d')\n    except OSError: pass";
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        sandbox.write("swap.py", SWAP);
        let mut swapper = sandbox.start("mkdir -p real; echo up; exec python3 swap.py", &[]);
        swapper.until("up");
        for person in ["user", "root"] {
            for number in 0..100 {
                let name = ["passwd", "mem", "exe", "3", "bin"][number % 5];
                let path = format!("/files?path=/home/user/d/{name}&username={person}");
                let answer = sandbox.envd("POST", &path, "application/octet-stream", b"planted");
                assert!(matches!(answer.status, 200 | 400 | 403 | 404 | 500), "{mode:?} {}", answer.text());
            }
        }
        assert_eq!(sandbox.run("grep -c planted /etc/passwd; echo alive").stdout, "0\nalive\n", "{mode:?}");
    }
}
