//! What a sandbox's PID 1 hands out, before the host reads from it or writes to it.
//!
//! PID 1 is ours, but whoever took it over could hand out anything, and keep a copy of it: a pipe that is made blocking
//! after it was looked at, a membership file of a control group in place of an upload's target. What passes here can
//! neither stop the host's threads nor have another effect than to carry bytes.

use std::{
    fs::File,
    io,
    os::fd::{AsRawFd as _, OwnedFd},
};

use rustix::fs::{CWD, FileType, Mode, OFlags, fcntl_getfl, fstat, fstatfs, openat};

/// File systems by their magic number, as the kernel's `magic.h` has them.
const PIPEFS: i64 = 0x5049_5045;
const TMPFS: i64 = 0x0102_1994;
/// Those whose files are doors into the kernel: proc, sysfs, cgroup 1 and 2, debugfs, tracefs, securityfs, binfmt_misc,
/// bpf, nsfs, mqueue, FUSE.
const DOORS: [i64; 12] = [
    0x9fa0,
    0x6265_6572,
    0x0027_e0eb,
    0x6367_7270,
    0x6462_6720,
    0x7472_6163,
    0x7363_6673,
    0x4249_4e4d,
    0xcafe_4a11,
    0x6e73_6673,
    0x1980_0202,
    0x6573_5546,
];

/// Which end of a pipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Reading,
    Writing,
}

/// The same end of the same pipe, by an open file that nobody shares: nobody else can make it blocking.
///
/// # Errors
/// `InvalidData` for what is not that end of a pipe.
pub fn pipe(descriptor: OwnedFd, end: End) -> io::Result<OwnedFd> {
    let (held, wanted) = match end {
        End::Reading => (OFlags::RDONLY, OFlags::RDONLY),
        End::Writing => (OFlags::WRONLY, OFlags::WRONLY),
    };
    // By its file system: a FIFO of a folder is opened by whatever rules that folder's file system has.
    if fstatfs(&descriptor)?.f_type as i64 != PIPEFS || fcntl_getfl(&descriptor)? & OFlags::RWMODE != held {
        return Err(invalid("not that end of a pipe"));
    }
    let flags = wanted | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    Ok(openat(CWD, format!("/proc/self/fd/{}", descriptor.as_raw_fd()), flags, Mode::empty())?)
}

/// A plain file, of which reading never waits for anybody.
///
/// # Errors
/// `InvalidData` for anything else.
pub fn readable(descriptor: OwnedFd) -> io::Result<File> {
    let kind = fstatfs(&descriptor)?.f_type as i64;
    plain(descriptor, !DOORS.contains(&kind))
}

/// A plain file of the sandbox's own disk, the only one that it may write to.
///
/// # Errors
/// `InvalidData` for anything else.
pub fn writable(descriptor: OwnedFd) -> io::Result<File> {
    let kind = fstatfs(&descriptor)?.f_type as i64;
    plain(descriptor, kind == TMPFS)
}

fn plain(descriptor: OwnedFd, there: bool) -> io::Result<File> {
    let regular = FileType::from_raw_mode(fstat(&descriptor)?.st_mode) == FileType::RegularFile;
    if there && regular { Ok(descriptor.into()) } else { Err(invalid("not a plain file")) }
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd as _;

    use rustix::{
        fs::{MemfdFlags, memfd_create},
        io::ioctl_fionbio,
        pipe::pipe as make_pipe,
    };

    use super::*;

    #[test]
    fn a_pipe_that_was_made_blocking_through_its_copy_does_not_block() {
        let (reading, writing) = make_pipe().unwrap();
        let kept = reading.try_clone().unwrap();
        let own = pipe(reading, End::Reading).unwrap();
        ioctl_fionbio(&kept, false).unwrap();
        assert_eq!(rustix::io::read(&own, &mut [0; 1]), Err(rustix::io::Errno::AGAIN));
        rustix::io::write(&writing, b"x").unwrap();
        assert_eq!(rustix::io::read(&own, &mut [0; 1]), Ok(1));
        drop(writing);
        assert_eq!(rustix::io::read(&own, &mut [0; 1]), Ok(0), "its end is heard");
    }

    #[test]
    fn only_the_named_end_of_a_pipe_is_one() {
        let (reading, writing) = make_pipe().unwrap();
        let wrong = |descriptor, end| pipe(descriptor, end).unwrap_err().kind() == io::ErrorKind::InvalidData;
        assert!(wrong(reading.try_clone().unwrap(), End::Writing));
        assert!(wrong(writing.as_fd().try_clone_to_owned().unwrap(), End::Reading));
        assert!(wrong(File::open("/dev/null").unwrap().into(), End::Reading));
        let folder = tempfile::tempdir().unwrap();
        let fifo = folder.path().join("fifo");
        rustix::fs::mknodat(CWD, &fifo, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        let flags = OFlags::RDONLY | OFlags::NONBLOCK;
        assert!(wrong(openat(CWD, &fifo, flags, Mode::empty()).unwrap(), End::Reading));
        drop(writing);
        assert!(pipe(reading, End::Reading).is_ok(), "whose writer has gone already");
    }

    #[test]
    fn no_door_into_the_kernel_is_a_file() {
        for path in ["/proc/self/oom_score_adj", "/proc/self/stat", "/dev/null", "/", "/proc/self/ns/net"] {
            let descriptor = || OwnedFd::from(File::open(path).unwrap());
            assert!(readable(descriptor()).is_err(), "{path}");
            assert!(writable(descriptor()).is_err(), "{path}");
        }
        let spool = memfd_create("spool", MemfdFlags::CLOEXEC).unwrap();
        assert!(readable(spool.try_clone().unwrap()).is_ok() && writable(spool).is_ok());
        let ours = || OwnedFd::from(File::open(std::env::current_exe().unwrap()).unwrap());
        assert!(readable(ours()).is_ok());
    }
}
