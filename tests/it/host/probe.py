"""Tries to get out. Prints one line for each attempt: its name and how it ended."""

import ctypes, errno, mmap, os, signal, socket, subprocess, sys

libc = ctypes.CDLL(None, use_errno=True)
HOST_PORT = int(sys.argv[1])


def report(name, attempt):
    try:
        result = attempt()
        print(f"{name}: {result}", flush=True)
    except OSError as err:
        print(f"{name}: {errno.errorcode.get(err.errno, err.errno)}", flush=True)


def syscall(number, *arguments):
    def attempt():
        ctypes.set_errno(0)
        if libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) for a in arguments]) < 0:
            raise OSError(ctypes.get_errno(), "")
        return "done"

    return attempt


def reading(path):
    def attempt():
        with open(path, "rb") as file:
            return f"read {len(file.read(64))}"

    return attempt


def writing(path):
    def attempt():
        with open(path, "w") as file:
            file.write("0")
        return "written"

    return attempt


def in_child(code):
    return lambda: f"exit {subprocess.run([sys.executable, '-c', code], stderr=subprocess.DEVNULL).returncode}"


memory = ctypes.create_string_buffer(b"/home/user/node", 256)
buffer = ctypes.addressof(memory)
NEWUSER = 0x10000000
CALLS = {
    "ptrace": (101, 16, 1, 0, 0), "syslog": (103, 3, 0, 0), "mount": (165, 0, 0, 0, 0, 0), "umount": (166, buffer, 0),
    "pivot_root": (155, buffer, buffer), "chroot": (161, buffer), "swapon": (167, buffer, 0), "reboot": (169, 0, 0, 0, 0),
    "sethostname": (170, buffer, 1), "init_module": (175, 0, 0, buffer), "add_key": (248, buffer, buffer, buffer, 1, -2),
    "keyctl": (250, 0, -3, 0), "unshare user": (272, NEWUSER), "clone user": (56, NEWUSER | 17, 0, 0, 0, 0),
    "perf_event_open": (298, buffer, 0, -1, -1, 0), "open_by_handle_at": (304, -1, buffer, 0), "setns": (308, 0, 0),
    "process_vm_readv": (310, 1, buffer, 1, buffer, 1, 0), "kcmp": (312, 1, 1, 0, 0, 0), "bpf": (321, 0, buffer, 64),
    "userfaultfd": (323, 0), "io_uring_setup": (425, 8, buffer), "open_tree": (428, -100, buffer, 1),
    "fsopen": (430, buffer, 0), "clone3": (435, buffer, 64), "pidfd_getfd": (438, 0, 0, 0),
    "setuid": (105, 0), "setgid": (106, 0), "setgroups": (116, 0, 0), "mknod": (133, buffer, 0o020666, 0x103),
    "process_vm_writev": (311, 1, buffer, 1, buffer, 1, 0), "name_to_handle_at": (303, -100, buffer, buffer, buffer, 0),
    "move_pages": (279, 1, 0, 0, 0, 0, 0), "migrate_pages": (256, 1, 0, 0, 0), "fspick": (433, -100, buffer, 0),
    "fsconfig": (431, 0, 0, 0, 0, 0), "fsmount": (432, 0, 0, 0), "move_mount": (429, -100, buffer, -100, buffer, 0),
    "process_madvise": (440, 0, buffer, 1, 4, 0), "mount_setattr": (442, -100, buffer, 0, buffer, 32),
    "quotactl_fd": (443, 0, 0, 0, buffer), "memfd_secret": (447, 0), "cachestat": (451, 0, buffer, buffer, 0),
    "statmount": (457, buffer, buffer, 256, 0), "listmount": (458, buffer, buffer, 8, 0),
    "lsm_set_self_attr": (460, 100, buffer, 64, 0), "open_tree_attr": (467, -100, buffer, 1, buffer, 32),
    "request_key": (249, buffer, buffer, buffer, 0), "fanotify_init": (300, 0, 0), "tiocsetd": (16, 0, 0x5423, buffer),
    "tiocsti": (16, 0, 0x5412, buffer), "iopl": (172, 3), "settimeofday": (164, buffer, 0),
}
for name, call in CALLS.items():
    report(name, syscall(*call))
for path in ["/etc/shadow", "/root/.ssh/id_rsa", "/proc/1/environ", "/proc/1/mem", "/proc/1/maps", "/proc/kcore", "/proc/1/exe",
             "/proc/kallsyms", "/dev/mem", "/dev/kvm", "/dev/kmsg", "/sys/kernel/notes", "/proc/1/root/etc/passwd", "/etc/ssl/private/x", "/sys/fs/cgroup/release_agent",
             "/proc/1/cwd/etc/passwd", "/proc/1/fd/0", "/proc/1/syscall", "/proc/vmallocinfo", "/proc/slabinfo", "/dev/fuse", "/dev/ptmx/x"]:
    report(f"read {path}", reading(path))
for path in ["/usr/x", "/x", "/etc/passwd", "/dev/x", "/proc/self/oom_score_adj", "/proc/sys/kernel/core_pattern", "/run/x",
             "/proc/sysrq-trigger", "/usr/bin/bash", "/proc/self/uid_map",
             "/sys/fs/cgroup/release_agent", "/sys/fs/cgroup/memory.max", "/proc/self/setgroups", "/proc/sys/user/max_user_namespaces"]:
    report(f"write {path}", writing(path))
for name, family, kind, protocol in [("packet", 17, 3, 768), ("vsock", 40, 1, 0), ("raw", 2, 3, 1), ("bluetooth", 31, 3, 0),
                                     ("netlink xfrm", 16, 3, 6), ("netlink netfilter", 16, 3, 12), ("alg", 38, 5, 0)]:
    report(f"socket {name}", lambda: str(socket.socket(family, kind, protocol).fileno()))
report("host loopback", lambda: socket.create_connection(("127.0.0.1", HOST_PORT), 2) and "connected")
report("host abstract socket", lambda: socket.socket(socket.AF_UNIX).connect("\0" + sys.argv[2]) or "connected")
report("metadata address", lambda: socket.create_connection(("169.254.169.254", 80), 2) and "connected")
report("internet", lambda: socket.create_connection(("1.1.1.1", 443), 2) and "connected")
report("x32", in_child("import ctypes; ctypes.CDLL(None).syscall(ctypes.c_long(0x40000000 + 39))"))
report("32-bit", in_child(
    "import ctypes, mmap; m = mmap.mmap(-1, 4096, prot=7); m.write(bytes.fromhex('b814000000cd80c3'));"
    "ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))()"))
report("priority", lambda: os.setpriority(os.PRIO_PROCESS, 0, -5) or "raised")
report("real-time", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)) or "real-time")
report("kill init", lambda: os.kill(1, signal.SIGKILL) or "ignored")
print("descriptors:", sorted(int(fd) for fd in os.listdir("/proc/self/fd"))[:-1])
print("capabilities:", {line.split()[1] for line in open("/proc/self/status") if line.startswith("Cap")})
print("environment:", sorted(os.environ))
print("interfaces:", [name for _, name in socket.if_nameindex()])
print("groups:", sorted({line.split(":", 2)[2].strip() for line in open("/proc/self/cgroup")}))
print("groups of init:", [line for line in open("/proc/1/cgroup") if "spawnai" in line])
print("processes:", sorted({os.stat(f"/proc/{pid}").st_uid for pid in os.listdir("/proc") if pid.isdigit()}))
report("inotify instances", lambda: len([libc.inotify_init1(0) for _ in range(500) if libc.inotify_init1(0) >= 0]))
