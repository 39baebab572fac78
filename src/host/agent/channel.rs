//! Messages with file descriptors over a `SOCK_SEQPACKET` socket: one message, one packet.

use std::{
    io::{self, IoSlice, IoSliceMut},
    mem::MaybeUninit,
    os::fd::{BorrowedFd, OwnedFd},
};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};

/// Largest message in bytes. Below the kernel's default socket buffer, so that one always fits.
pub const MESSAGE_MAX: usize = 128 * 1024;
/// Most descriptors in one message.
pub const DESCRIPTORS_MAX: usize = 8;

/// Sends one message, blocking or not as the socket is.
///
/// # Errors
/// `InvalidInput` for a message over the bounds; else what the socket says.
pub fn send(socket: BorrowedFd<'_>, bytes: &[u8], descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
    if bytes.is_empty() || bytes.len() > MESSAGE_MAX || descriptors.len() > DESCRIPTORS_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "message over the bounds of the control socket"));
    }
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() && !control.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "too many descriptors in one message"));
    }
    loop {
        match sendmsg(socket, &[IoSlice::new(bytes)], &mut control, SendFlags::NOSIGNAL) {
            Ok(_) => return Ok(()),
            Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// Receives one message into `buffer` (of at least [`MESSAGE_MAX`] bytes); its length and its descriptors, which
/// close on exec. `None` is the end: the other side is gone.
///
/// # Errors
/// `InvalidData` for a message over the bounds; else what the socket says.
pub fn receive(socket: BorrowedFd<'_>, buffer: &mut [u8]) -> io::Result<Option<(usize, Vec<OwnedFd>)>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let message = loop {
        match recvmsg(socket, &mut [IoSliceMut::new(buffer)], &mut control, RecvFlags::CMSG_CLOEXEC) {
            Ok(message) => break message,
            Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    };
    let mut descriptors = Vec::new();
    for part in control.drain() {
        if let RecvAncillaryMessage::ScmRights(rights) = part {
            descriptors.extend(rights);
        }
    }
    if message.flags.intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "message over the bounds of the control socket"));
    }
    Ok((message.bytes > 0).then_some((message.bytes, descriptors)))
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};

    use super::*;

    fn pair() -> (OwnedFd, OwnedFd) {
        socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None).unwrap()
    }

    #[test]
    fn a_message_keeps_its_bounds_and_its_descriptors() {
        let (left, right) = pair();
        let file = rustix::pipe::pipe().unwrap().0;
        send(left.as_fd(), b"one", &[file.as_fd(), file.as_fd()]).unwrap();
        send(left.as_fd(), b"two", &[]).unwrap();
        let mut buffer = vec![0; MESSAGE_MAX];
        let (length, descriptors) = receive(right.as_fd(), &mut buffer).unwrap().unwrap();
        assert_eq!((&buffer[..length], descriptors.len()), (&b"one"[..], 2));
        let (length, descriptors) = receive(right.as_fd(), &mut buffer).unwrap().unwrap();
        assert_eq!((&buffer[..length], descriptors.len()), (&b"two"[..], 0));
        drop(left);
        assert!(receive(right.as_fd(), &mut buffer).unwrap().is_none());
    }

    #[test]
    fn the_largest_message_passes_and_a_larger_one_is_refused() {
        let (left, right) = pair();
        let mut buffer = vec![0; MESSAGE_MAX];
        send(left.as_fd(), &vec![7; MESSAGE_MAX], &[]).unwrap();
        assert_eq!(receive(right.as_fd(), &mut buffer).unwrap().unwrap().0, MESSAGE_MAX);
        let refused = send(left.as_fd(), &vec![7; MESSAGE_MAX + 1], &[]).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn a_message_cut_short_is_an_error_and_not_a_message() {
        let (left, right) = pair();
        rustix::net::send(&left, &[1; 64], SendFlags::empty()).unwrap();
        let refused = receive(right.as_fd(), &mut [0; 8]).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::InvalidData);
    }
}
