//! Which system calls a program in the sandbox may not make.
//!
//! A deny-list: programs of any language must run. What it names is what has no use without capabilities, what
//! reaches into other processes or the kernel, and what has a history of holes (`io_uring`, `userfaultfd`, `bpf`).
//! Calls of another ABI (32-bit, x32) end the process: a list for one ABI says nothing about the others.

use std::{collections::BTreeMap, io};

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, sock_filter,
};

/// Calls that are too new for the C library's list. Their numbers are the same on every architecture.
const SYS_CACHESTAT: libc::c_long = 451;
const SYS_STATMOUNT: libc::c_long = 457;
const SYS_LISTMOUNT: libc::c_long = 458;
const SYS_LSM_SET_SELF_ATTR: libc::c_long = 460;
const SYS_OPEN_TREE_ATTR: libc::c_long = 467;

/// Refused with EPERM whatever the arguments.
const DENIED: &[libc::c_long] = &[
    SYS_CACHESTAT,
    SYS_LISTMOUNT,
    SYS_LSM_SET_SELF_ATTR,
    SYS_OPEN_TREE_ATTR,
    SYS_STATMOUNT,
    libc::SYS_acct,
    libc::SYS_add_key,
    libc::SYS_adjtimex,
    libc::SYS_bpf,
    libc::SYS_chroot,
    libc::SYS_clock_adjtime,
    libc::SYS_clock_settime,
    libc::SYS_delete_module,
    libc::SYS_fanotify_init,
    libc::SYS_finit_module,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fsopen,
    libc::SYS_fspick,
    libc::SYS_init_module,
    libc::SYS_kcmp,
    libc::SYS_kexec_load,
    libc::SYS_keyctl,
    libc::SYS_lookup_dcookie,
    // Its memory is nobody's to see or count.
    libc::SYS_memfd_secret,
    libc::SYS_migrate_pages,
    libc::SYS_mount,
    libc::SYS_mount_setattr,
    libc::SYS_move_mount,
    libc::SYS_move_pages,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    libc::SYS_open_tree,
    libc::SYS_perf_event_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pivot_root,
    libc::SYS_process_madvise,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_reboot,
    libc::SYS_request_key,
    libc::SYS_setdomainname,
    libc::SYS_sethostname,
    libc::SYS_setns,
    libc::SYS_settimeofday,
    libc::SYS_swapoff,
    libc::SYS_swapon,
    libc::SYS_syslog,
    libc::SYS_umount2,
    libc::SYS_unshare,
    libc::SYS_userfaultfd,
    libc::SYS_vhangup,
];

#[cfg(target_arch = "x86_64")]
const DENIED_HERE: &[libc::c_long] = &[
    libc::SYS__sysctl,
    libc::SYS_ioperm,
    libc::SYS_iopl,
    libc::SYS_kexec_file_load,
    libc::SYS_modify_ldt,
    libc::SYS_uselib,
    libc::SYS_ustat,
];
#[cfg(not(target_arch = "x86_64"))]
const DENIED_HERE: &[libc::c_long] = &[];

/// Answered with ENOSYS, so that libraries take the older call, whose arguments a filter can see.
const ABSENT: &[libc::c_long] =
    &[libc::SYS_clone3, libc::SYS_io_uring_enter, libc::SYS_io_uring_register, libc::SYS_io_uring_setup];

/// Calls numbered from here on are of the x32 ABI.
#[cfg(target_arch = "x86_64")]
const X32: u32 = 0x4000_0000;

const NAMESPACES: [i32; 8] = [
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWNET,
    libc::CLONE_NEWNS,
    libc::CLONE_NEWPID,
    0x80, // CLONE_NEWTIME
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWUTS,
];

const SOCKET_FAMILIES: [i32; 4] = [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];

/// Of netlink, what the C library asks for interfaces, what `ss` asks for sockets, and what libraries wait for devices
/// with. The others are doors into parts of the kernel that nobody needs who has no capability.
const NETLINK_PROTOCOLS: [i32; 3] = [libc::NETLINK_ROUTE, libc::NETLINK_SOCK_DIAG, libc::NETLINK_KOBJECT_UEVENT];

/// Terminal requests: typing in another's name, and line disciplines, each a driver of its own.
const TERMINAL_REQUESTS: [libc::Ioctl; 3] = [libc::TIOCSTI, libc::TIOCLINUX, libc::TIOCSETD];

/// Absent too where no control group counts memory: files in memory that no process need have mapped are seen by
/// nobody else.
const UNCOUNTED: &[libc::c_long] = &[libc::SYS_memfd_create];

/// The filter, compiled for this machine; `memory_counted` tells whether a control group does that.
///
/// # Errors
/// On an architecture that the compiler does not know.
pub fn compile(memory_counted: bool) -> io::Result<BpfProgram> {
    let target: TargetArch = std::env::consts::ARCH.try_into().map_err(io::Error::other)?;
    let filter = SeccompFilter::new(
        rules().map_err(io::Error::other)?,
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EPERM as u32),
        target,
    )
    .map_err(io::Error::other)?;
    let denied: BpfProgram = filter.try_into().map_err(io::Error::other)?;
    let uncounted = if memory_counted { &[] } else { UNCOUNTED };
    let mut program = prologue(&denied, ABSENT.iter().chain(uncounted));
    program.extend(denied);
    Ok(program)
}

fn rules() -> Result<BTreeMap<i64, Vec<SeccompRule>>, seccompiler::BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        DENIED.iter().chain(DENIED_HERE).map(|call| (*call, Vec::new())).collect();
    let masked = |argument, mask: u64, value: u64| {
        SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(mask), value)
    };
    let mut namespaces = Vec::new();
    for flag in NAMESPACES {
        namespaces.push(SeccompRule::new(vec![masked(0, flag as u64, flag as u64)?])?);
    }
    rules.insert(libc::SYS_clone, namespaces);
    let mut families = Vec::new();
    for family in SOCKET_FAMILIES {
        families.push(SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, family as u64)?);
    }
    let mut netlink =
        vec![SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, libc::AF_NETLINK as u64)?];
    for protocol in NETLINK_PROTOCOLS {
        netlink.push(SeccompCondition::new(2, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, protocol as u64)?);
    }
    rules.insert(libc::SYS_socket, vec![SeccompRule::new(families)?, SeccompRule::new(netlink)?]);
    let mut terminal = Vec::new();
    for command in TERMINAL_REQUESTS {
        let equal = SeccompCondition::new(1, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, u64::from(command as u32))?;
        terminal.push(SeccompRule::new(vec![equal])?);
    }
    rules.insert(libc::SYS_ioctl, terminal);
    Ok(rules)
}

/// What the compiler cannot say: a second errno, and an end for x32. It comes first, so it checks the ABI too.
fn prologue<'a>(denied: &[sock_filter], absent: impl Iterator<Item = &'a libc::c_long>) -> BpfProgram {
    const LOAD: u16 = 0x20; // BPF_LD | BPF_W | BPF_ABS
    const EQUAL: u16 = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    const RETURN: u16 = 0x06; // BPF_RET | BPF_K
    let step = |code, jt, jf, k| sock_filter { code, jt, jf, k };
    // The compiled filter begins with: load the ABI, compare with ours, else kill. Those three are taken over.
    debug_assert_eq!(denied.first().map(|load| load.code), Some(LOAD));
    let mut program: BpfProgram = denied.iter().take(3).cloned().collect();
    program.push(step(LOAD, 0, 0, 0));
    #[cfg(target_arch = "x86_64")]
    {
        const AT_LEAST: u16 = 0x35; // BPF_JMP | BPF_JGE | BPF_K
        program.push(step(AT_LEAST, 0, 1, X32));
        program.push(step(RETURN, 0, 0, u32::from(SeccompAction::KillProcess)));
    }
    for call in absent {
        program.push(step(EQUAL, 0, 1, *call as u32));
        program.push(step(RETURN, 0, 0, u32::from(SeccompAction::Errno(libc::ENOSYS as u32))));
    }
    program
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs the program as the kernel would, on `(architecture, number, first three arguments)`; the third is 0.
    fn verdict(program: &[sock_filter], architecture: u32, number: u32, arguments: [u64; 2]) -> u32 {
        let mut memory = [0u8; 64];
        memory[0..4].copy_from_slice(&number.to_ne_bytes());
        memory[4..8].copy_from_slice(&architecture.to_ne_bytes());
        memory[16..24].copy_from_slice(&arguments[0].to_ne_bytes());
        memory[24..32].copy_from_slice(&arguments[1].to_ne_bytes());
        let (mut at, mut a) = (0usize, 0u32);
        loop {
            let op = &program[at];
            at += 1;
            let jump = |yes: bool| usize::from(if yes { op.jt } else { op.jf });
            match op.code {
                0x20 => a = u32::from_ne_bytes(memory[op.k as usize..][..4].try_into().unwrap()),
                0x06 => return op.k,
                0x05 => at += op.k as usize,
                0x15 => at += jump(a == op.k),
                0x25 => at += jump(a > op.k),
                0x35 => at += jump(a >= op.k),
                0x54 => a &= op.k,
                code => panic!("instruction {code:#x} at {}", at - 1),
            }
        }
    }

    #[cfg(target_arch = "x86_64")]
    const HERE: u32 = 0xc000_003e;
    #[cfg(target_arch = "aarch64")]
    const HERE: u32 = 0xc000_00b7;

    #[test]
    fn the_filter_decides_as_listed() {
        let program = compile(true).unwrap();
        let (allow, eperm, enosys) = (0x7fff_0000, 0x0005_0001, 0x0005_0026);
        let run = |number: libc::c_long, arguments| verdict(&program, HERE, number as u32, arguments);
        for call in DENIED.iter().chain(DENIED_HERE) {
            assert_eq!(run(*call, [0; 2]), eperm, "call {call}");
        }
        for call in ABSENT {
            assert_eq!(run(*call, [0; 2]), enosys, "call {call}");
        }
        for call in [libc::SYS_read, libc::SYS_execve, libc::SYS_openat, libc::SYS_mmap, libc::SYS_futex] {
            assert_eq!(run(call, [0; 2]), allow, "call {call}");
        }
        assert_eq!(run(libc::SYS_memfd_create, [0; 2]), allow);
        let strict = compile(false).unwrap();
        assert_eq!(verdict(&strict, HERE, libc::SYS_memfd_create as u32, [0; 2]), enosys);
        let thread = 0x3d_0f00;
        assert_eq!(run(libc::SYS_clone, [thread, 0]), allow);
        for flag in NAMESPACES {
            assert_eq!(run(libc::SYS_clone, [thread | flag as u64, 0]), eperm, "flag {flag:#x}");
        }
        assert_eq!(run(libc::SYS_socket, [libc::AF_INET as u64, 0]), allow);
        assert_eq!(run(libc::SYS_socket, [libc::AF_PACKET as u64, 0]), eperm);
        assert_eq!(run(libc::SYS_socket, [libc::AF_VSOCK as u64, 0]), eperm);
        for command in TERMINAL_REQUESTS {
            assert_eq!(run(libc::SYS_ioctl, [0, u64::from(command as u32)]), eperm);
        }
        assert_eq!(
            run(libc::SYS_ioctl, [0, 0xffff_ffff_0000_0000 | u64::from(libc::TIOCSTI as u32)]),
            eperm,
            "upper half ignored"
        );
        assert_eq!(run(libc::SYS_ioctl, [0, u64::from(libc::TCGETS as u32)]), allow);
    }

    #[test]
    fn another_abi_ends_the_process() {
        let program = compile(true).unwrap();
        let kill = 0x8000_0000;
        assert_eq!(verdict(&program, 0x4000_0003, 4, [0; 2]), kill, "32-bit");
        #[cfg(target_arch = "x86_64")]
        assert_eq!(verdict(&program, HERE, X32 | 1, [0; 2]), kill, "x32");
    }
}
