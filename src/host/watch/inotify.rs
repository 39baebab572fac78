//! What the kernel says about watched folders: `inotify_event` records, taken apart. Pure.
//!
//! `| watch (i32) | mask (u32) | cookie (u32) | length (u32) | name, padded with NUL to length |`, in the machine's own
//! byte order. Source: inotify(7).

use rustix::fs::inotify::{ReadFlags, WatchFlags};

/// Bytes of a record before its name.
const HEAD: usize = 16;

/// What we ask the kernel to tell about a folder.
pub const WANTED: WatchFlags = WatchFlags::CREATE
    .union(WatchFlags::MODIFY)
    .union(WatchFlags::ATTRIB)
    .union(WatchFlags::DELETE)
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::MOVE)
    .union(WatchFlags::MOVE_SELF)
    .union(WatchFlags::ONLYDIR);

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The kernel's number of the watched folder; -1 when it is about none.
    pub watch: i32,
    pub what: What,
    /// Whether it is about a folder.
    pub folder: bool,
    /// What in the watched folder it is about; `None` for the folder itself.
    pub name: Option<String>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Created,
    /// Moved to here.
    Arrived,
    /// Moved away from here.
    Left,
    Deleted,
    Written,
    /// Its permissions, owner, times or attributes.
    Changed,
    /// The watched folder itself was deleted.
    Gone,
    /// The watched folder itself was moved.
    Moved,
    /// The watch is over: nothing with this number follows.
    Over,
    /// The kernel's queue was full, and something was lost.
    Overflow,
}

/// A record that is cut short. The kernel writes none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a record of the kernel's is cut short")]
pub struct CutShort;

/// Takes what one read brought apart. Records of kinds that were not asked for are left out.
///
/// # Errors
/// [`CutShort`].
pub fn decode(mut bytes: &[u8]) -> Result<Vec<Notice>, CutShort> {
    let mut notices = Vec::new();
    while !bytes.is_empty() {
        let (head, rest) = bytes.split_first_chunk::<HEAD>().ok_or(CutShort)?;
        let [watch, mask, _cookie, length] = words(head);
        let length = usize::try_from(length).map_err(|_| CutShort)?;
        let (name, rest) = rest.split_at_checked(length).ok_or(CutShort)?;
        bytes = rest;
        let flags = ReadFlags::from_bits_retain(mask);
        let Some(what) = what(flags) else { continue };
        let name = name.split(|byte| *byte == 0).next().filter(|name| !name.is_empty());
        notices.push(Notice {
            watch: watch.cast_signed(),
            what,
            folder: flags.contains(ReadFlags::ISDIR),
            name: name.map(|name| String::from_utf8_lossy(name).into_owned()),
        });
    }
    Ok(notices)
}

fn words(head: &[u8; HEAD]) -> [u32; 4] {
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(head.as_chunks::<4>().0) {
        *word = u32::from_ne_bytes(*bytes);
    }
    words
}

/// The kernel sets one of these in each record.
fn what(flags: ReadFlags) -> Option<What> {
    const KINDS: [(ReadFlags, What); 11] = [
        (ReadFlags::QUEUE_OVERFLOW, What::Overflow),
        (ReadFlags::IGNORED, What::Over),
        (ReadFlags::UNMOUNT, What::Over),
        (ReadFlags::CREATE, What::Created),
        (ReadFlags::MOVED_TO, What::Arrived),
        (ReadFlags::MOVED_FROM, What::Left),
        (ReadFlags::DELETE, What::Deleted),
        (ReadFlags::MODIFY, What::Written),
        (ReadFlags::ATTRIB, What::Changed),
        (ReadFlags::DELETE_SELF, What::Gone),
        (ReadFlags::MOVE_SELF, What::Moved),
    ];
    KINDS.into_iter().find(|(flag, _)| flags.contains(*flag)).map(|(_, what)| what)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record(watch: i32, flags: ReadFlags, name: &[u8]) -> Vec<u8> {
        let mut bytes = watch.to_ne_bytes().to_vec();
        for word in [flags.bits(), 0, name.len() as u32] {
            bytes.extend(word.to_ne_bytes());
        }
        bytes.extend(name);
        bytes
    }

    #[test]
    fn records_read_as_the_kernel_writes_them() {
        let mut bytes = record(1, ReadFlags::CREATE | ReadFlags::ISDIR, b"sub\0\0\0\0\0\0\0\0\0\0\0\0\0");
        bytes.extend(record(2, ReadFlags::DELETE_SELF, b""));
        bytes.extend(record(2, ReadFlags::OPEN, b"unasked\0"));
        bytes.extend(record(-1, ReadFlags::QUEUE_OVERFLOW, b""));
        let notice =
            |watch, what, folder, name: Option<&str>| Notice { watch, what, folder, name: name.map(str::to_owned) };
        let expected = [
            notice(1, What::Created, true, Some("sub")),
            notice(2, What::Gone, false, None),
            notice(-1, What::Overflow, false, None),
        ];
        assert_eq!(decode(&bytes).unwrap(), expected);
        assert_eq!(decode(&bytes[..bytes.len() - 1]), Err(CutShort));
    }

    #[test]
    fn the_kernel_itself_is_understood() {
        use rustix::fs::inotify;
        let folder = tempfile::tempdir().unwrap();
        let line = inotify::init(inotify::CreateFlags::NONBLOCK).unwrap();
        let watch = inotify::add_watch(&line, folder.path(), WANTED).unwrap();
        std::fs::write(folder.path().join("a"), "one").unwrap();
        std::fs::rename(folder.path().join("a"), folder.path().join("b")).unwrap();
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        std::fs::remove_file(folder.path().join("b")).unwrap();
        let mut bytes = [0; 4096];
        let length = rustix::io::read(&line, &mut bytes).unwrap();
        let heard = decode(&bytes[..length]).unwrap();
        let seen: Vec<_> = heard.iter().map(|notice| (notice.what, notice.name.as_deref(), notice.folder)).collect();
        assert!(heard.iter().all(|notice| notice.watch == watch));
        assert_eq!(
            seen,
            [
                (What::Created, Some("a"), false),
                (What::Written, Some("a"), false),
                (What::Left, Some("a"), false),
                (What::Arrived, Some("b"), false),
                (What::Created, Some("sub"), true),
                (What::Deleted, Some("b"), false),
            ]
        );
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
            let _ = decode(&bytes);
        }
    }
}
