//! An archive as bytes. Pure.
//!
//! ```text
//!  archive = MAGIC frame*          frame = tag:u8 length:u32 payload      (numbers are big-endian)
//!    E  entry   what a file, folder or link is called, and what it is
//!    D  data    offset:u64 and bytes of the file before; what no frame covers is a hole
//!    Z  end     entries:u64 bytes:u64: an archive that was cut short has none
//! ```
//! A folder comes twice: before what is in it, so that it can be filled, and after it, with its own mode and times,
//! which filling it changes. Each length is bounded before anything of that length is kept.

use std::io::{self, Read, Write};

const MAGIC: &[u8; 16] = b"spawnai files 1\n";
/// Content of one frame.
pub const CHUNK: usize = 256 * 1024;
/// Longest path, and longest target of a link: the kernel's bound without its NUL.
const PATH_BYTES_MAX: usize = 4095;
const NAME_BYTES_MAX: usize = 255;
/// Names and values of one file's attributes.
pub const ATTRIBUTE_BYTES_MAX: usize = 64 * 1024;
/// Attributes of one file.
pub const ATTRIBUTES_MAX: usize = 1024;
const FRAME_BYTES_MAX: usize = CHUNK + 8;

const ENTRY: u8 = b'E';
const DATA: u8 = b'D';
const END: u8 = b'Z';

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// From the sandbox's root, without the leading `/`. No part is empty, `.` or `..`.
    pub path: Vec<u8>,
    pub node: Node,
    pub attributes: Attributes,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    Folder,
    /// Bytes, holes included. Its data follows.
    File {
        size: u64,
    },
    Symlink {
        target: Vec<u8>,
    },
    /// Another name of the file that came before under this path.
    HardLink {
        target: Vec<u8>,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// Permission bits.
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    /// Of the last change, since the epoch.
    pub seconds: i64,
    pub nanoseconds: u32,
    /// Extended ones: names and values.
    pub extended: Vec<(Vec<u8>, Vec<u8>)>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Item<'a> {
    Entry(Entry),
    Data { offset: u64, bytes: &'a [u8] },
    End,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Totals {
    entries: u64,
    bytes: u64,
}

/// `EBADMSG`: what an archive that is none, or is damaged, is refused with.
pub fn malformed() -> io::Error {
    io::Error::from_raw_os_error(libc::EBADMSG)
}

pub struct Writer<W> {
    sink: W,
    totals: Totals,
    frame: Vec<u8>,
}

impl<W: Write> Writer<W> {
    pub fn new(mut sink: W) -> io::Result<Self> {
        sink.write_all(MAGIC)?;
        Ok(Self { sink, totals: Totals::default(), frame: Vec::new() })
    }

    /// # Errors
    /// `ENAMETOOLONG` for one that no reader would take.
    pub fn entry(&mut self, entry: &Entry) -> io::Result<()> {
        self.totals.entries += 1;
        self.frame.clear();
        encode(entry, &mut self.frame);
        if !is_path(&entry.path) || self.frame.len() > FRAME_BYTES_MAX {
            return Err(io::Error::from_raw_os_error(libc::ENAMETOOLONG));
        }
        self.flush_frame(ENTRY)
    }

    /// At most [`CHUNK`] bytes of the file before.
    pub fn data(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        debug_assert!((1..=CHUNK).contains(&bytes.len()));
        self.totals.bytes += bytes.len() as u64;
        self.frame.clear();
        self.frame.extend(offset.to_be_bytes());
        self.frame.extend(bytes);
        self.flush_frame(DATA)
    }

    pub fn finish(mut self) -> io::Result<()> {
        self.frame.clear();
        self.frame.extend(self.totals.entries.to_be_bytes());
        self.frame.extend(self.totals.bytes.to_be_bytes());
        self.flush_frame(END)?;
        self.sink.flush()
    }

    /// Entries and bytes so far.
    pub fn written(&self) -> (u64, u64) {
        (self.totals.entries, self.totals.bytes)
    }

    fn flush_frame(&mut self, tag: u8) -> io::Result<()> {
        let length = u32::try_from(self.frame.len()).map_err(|_| malformed())?;
        self.sink.write_all(&[tag])?;
        self.sink.write_all(&length.to_be_bytes())?;
        self.sink.write_all(&self.frame)
    }
}

pub struct Reader<R> {
    source: R,
    totals: Totals,
    frame: Vec<u8>,
}

impl<R: Read> Reader<R> {
    /// # Errors
    /// `EBADMSG` when it is no archive of ours.
    pub fn new(mut source: R) -> io::Result<Self> {
        let mut magic = [0; MAGIC.len()];
        source.read_exact(&mut magic).map_err(cut_short)?;
        if &magic == MAGIC {
            Ok(Self { source, totals: Totals::default(), frame: Vec::new() })
        } else {
            Err(malformed())
        }
    }

    /// The next part. After [`Item::End`] nothing more is to be read.
    ///
    /// # Errors
    /// `EBADMSG` for anything but a well-formed frame; else what the source says.
    pub fn read(&mut self) -> io::Result<Item<'_>> {
        let mut head = [0; 5];
        self.source.read_exact(&mut head).map_err(cut_short)?;
        let [tag, length @ ..] = head;
        let length = u32::from_be_bytes(length) as usize;
        if length > FRAME_BYTES_MAX {
            return Err(malformed());
        }
        self.frame.resize(length, 0);
        self.source.read_exact(&mut self.frame).map_err(cut_short)?;
        let mut fields = Fields(&self.frame);
        match tag {
            ENTRY => {
                self.totals.entries += 1;
                decode(fields).map(Item::Entry).ok_or_else(malformed)
            }
            DATA => {
                let offset = fields.u64().ok_or_else(malformed)?;
                // One without bytes could come for ever and never meet a bound.
                if fields.0.is_empty() {
                    return Err(malformed());
                }
                self.totals.bytes += fields.0.len() as u64;
                Ok(Item::Data { offset, bytes: fields.0 })
            }
            END => {
                let told =
                    Totals { entries: fields.u64().ok_or_else(malformed)?, bytes: fields.u64().ok_or_else(malformed)? };
                if told == self.totals && fields.0.is_empty() { Ok(Item::End) } else { Err(malformed()) }
            }
            _ => Err(malformed()),
        }
    }
}

fn cut_short(err: io::Error) -> io::Error {
    if err.kind() == io::ErrorKind::UnexpectedEof { malformed() } else { err }
}

/// Whether it names something below the root and nothing but that: parts of 1 to 255 bytes, none `.` or `..`.
pub fn is_path(path: &[u8]) -> bool {
    let part = |part: &[u8]| (1..=NAME_BYTES_MAX).contains(&part.len()) && part != b"." && part != b"..";
    path.len() <= PATH_BYTES_MAX && !path.contains(&0) && path.split(|byte| *byte == b'/').all(part)
}

const FOLDER: u8 = 0;
const FILE: u8 = 1;
const SYMLINK: u8 = 2;
const HARD_LINK: u8 = 3;

fn encode(entry: &Entry, frame: &mut Vec<u8>) {
    let Attributes { mode, uid, gid, seconds, nanoseconds, extended } = &entry.attributes;
    for number in [mode, uid, gid, nanoseconds] {
        frame.extend(number.to_be_bytes());
    }
    frame.extend(seconds.to_be_bytes());
    text(frame, &entry.path);
    match &entry.node {
        Node::Folder => frame.push(FOLDER),
        Node::File { size } => {
            frame.push(FILE);
            frame.extend(size.to_be_bytes());
        }
        Node::Symlink { target } => {
            frame.push(SYMLINK);
            text(frame, target);
        }
        Node::HardLink { target } => {
            frame.push(HARD_LINK);
            text(frame, target);
        }
    }
    frame.extend((extended.len() as u32).to_be_bytes());
    for (name, value) in extended {
        text(frame, name);
        text(frame, value);
    }
}

fn text(frame: &mut Vec<u8>, text: &[u8]) {
    // A length that does not fit makes a frame that is over its bound.
    frame.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
    frame.extend(text);
}

fn decode(mut fields: Fields<'_>) -> Option<Entry> {
    let [mode, uid, gid, nanoseconds] = [fields.u32()?, fields.u32()?, fields.u32()?, fields.u32()?];
    let seconds = fields.u64()?.cast_signed();
    let path = fields.text(PATH_BYTES_MAX).filter(|path| is_path(path))?.to_owned();
    let node = match fields.take(1)? {
        [FOLDER] => Node::Folder,
        [FILE] => Node::File { size: fields.u64()? },
        [SYMLINK] => {
            let target = fields.text(PATH_BYTES_MAX)?;
            if target.is_empty() || target.contains(&0) {
                return None;
            }
            Node::Symlink { target: target.to_owned() }
        }
        [HARD_LINK] => {
            Node::HardLink { target: fields.text(PATH_BYTES_MAX).filter(|target| is_path(target))?.to_owned() }
        }
        _ => return None,
    };
    let count = fields.u32()? as usize;
    if count > ATTRIBUTES_MAX || mode > 0o7777 || nanoseconds > 999_999_999 {
        return None;
    }
    let mut extended = Vec::with_capacity(count);
    for _ in 0..count {
        let (name, value) = (fields.text(NAME_BYTES_MAX)?, fields.text(ATTRIBUTE_BYTES_MAX)?);
        if name.is_empty() || name.contains(&0) {
            return None;
        }
        extended.push((name.to_owned(), value.to_owned()));
    }
    let attributes = Attributes { mode, uid, gid, seconds, nanoseconds, extended };
    fields.0.is_empty().then_some(Entry { path, node, attributes })
}

/// What is left of a frame.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_be_bytes(self.take(8)?.try_into().ok()?))
    }

    fn text(&mut self, max: usize) -> Option<&'a [u8]> {
        let length = self.u32()? as usize;
        if length > max { None } else { self.take(length) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(path: &[u8], node: Node) -> Entry {
        let extended = vec![(b"user.e2b.a".to_vec(), b"1\xff".to_vec())];
        let attributes = Attributes { mode: 0o644, uid: 1000, gid: 0, seconds: -7, nanoseconds: 5, extended };
        Entry { path: path.to_owned(), node, attributes }
    }

    #[test]
    fn what_is_written_reads_back() {
        let entries = [
            entry(b"tmp", Node::Folder),
            entry(b"tmp/\xff\n", Node::File { size: u64::MAX }),
            entry(b"tmp/link", Node::Symlink { target: b"/etc/../x".to_vec() }),
            entry(b"tmp/hard", Node::HardLink { target: b"tmp/\xff\n".to_vec() }),
        ];
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes).unwrap();
        entries.iter().for_each(|entry| writer.entry(entry).unwrap());
        writer.data(9, &[7; CHUNK]).unwrap();
        writer.finish().unwrap();
        let mut reader = Reader::new(&bytes[..]).unwrap();
        for entry in entries {
            assert_eq!(reader.read().unwrap(), Item::Entry(entry));
        }
        assert_eq!(reader.read().unwrap(), Item::Data { offset: 9, bytes: &[7; CHUNK] });
        assert_eq!(reader.read().unwrap(), Item::End);
        for length in 0..bytes.len().min(400) {
            let cut = Reader::new(&bytes[..length]).and_then(|mut reader| {
                while !matches!(reader.read()?, Item::End) {}
                Ok(())
            });
            assert_eq!(cut.unwrap_err().raw_os_error(), Some(libc::EBADMSG), "cut at {length}");
        }
    }

    #[test]
    fn only_paths_below_the_root_are_paths() {
        for path in [&b"tmp"[..], b"home/user/a b", b"tmp/...", b"tmp/\xff", &[b'x'; 255]] {
            assert!(is_path(path), "{path:?}");
        }
        let long = b"a/".repeat(2048);
        for path in [&b""[..], b"/", b"/tmp", b"tmp/", b"a//b", b"..", b"tmp/..", b"./a", b"a\0b", &[b'x'; 256], &long]
        {
            assert!(!is_path(path), "{path:?}");
        }
    }

    #[test]
    fn a_frame_over_its_bound_is_refused_before_it_is_kept() {
        for (tag, length) in [(ENTRY, u32::MAX), (DATA, FRAME_BYTES_MAX as u32 + 1), (DATA, 8), (DATA, 0), (b'?', 0)] {
            let mut bytes = MAGIC.to_vec();
            bytes.push(tag);
            bytes.extend(length.to_be_bytes());
            bytes.extend([0; 64]);
            let refused = Reader::new(&bytes[..]).unwrap().read().unwrap_err();
            assert_eq!(refused.raw_os_error(), Some(libc::EBADMSG), "{tag} {length}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic_and_all_end(bytes in proptest::collection::vec(any::<u8>(), 0..600), tags in any::<bool>()) {
            let mut archive = MAGIC.to_vec();
            if tags {
                archive.push(ENTRY);
                archive.extend((bytes.len() as u32).to_be_bytes());
            }
            archive.extend(bytes);
            let mut reader = Reader::new(&archive[..]).unwrap();
            while matches!(reader.read(), Ok(Item::Entry(_) | Item::Data { .. })) {}
        }
    }
}
