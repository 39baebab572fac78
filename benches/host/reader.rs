//! Visitors that read as fast as they can, so that what is measured is what serves them.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    sync::Arc,
};

use rustls::{
    ClientConfig,
    client::UnbufferedClientConnection,
    unbuffered::{ConnectionState, UnbufferedStatus},
};

/// What is read at once.
const PIECE: usize = 256 * 1024;
/// More than any message of a handshake, or a request in TLS.
const MESSAGE: usize = 16 * 1024;

/// Sends `request` and counts the bytes that come back.
pub fn plain(mut stream: TcpStream, request: &str) -> u64 {
    stream.write_all(request.as_bytes()).expect("a request is taken");
    let mut buffer = vec![0; PIECE];
    let mut total = 0;
    loop {
        match stream.read(&mut buffer).expect("an answer") {
            0 => return total,
            length => total += length as u64,
        }
    }
}

/// The same in TLS. rustls's own buffers take a record's worth from the socket at a time, and move what is left of it to
/// their beginning; here, as in a browser, records are opened where they were read to.
pub fn in_tls(mut stream: TcpStream, config: &Arc<ClientConfig>, name: &str, request: &str) -> u64 {
    let name = name.to_owned().try_into().expect("a host name");
    let mut session = UnbufferedClientConnection::new(Arc::clone(config), name).expect("a TLS client");
    let (mut incoming, mut outgoing) = (vec![0; PIECE], Vec::new());
    let (mut begin, mut end, mut total, mut asked) = (0, 0, 0, false);
    loop {
        let UnbufferedStatus { mut discard, state } = session.process_tls_records(&mut incoming[begin..end]);
        let wants_more = match state.expect("TLS") {
            ConnectionState::ReadTraffic(mut traffic) => {
                while let Some(record) = traffic.next_record() {
                    let record = record.expect("a record");
                    discard += record.discard;
                    total += record.payload.len() as u64;
                }
                false
            }
            ConnectionState::EncodeTlsData(mut message) => {
                let used = outgoing.len();
                outgoing.resize(used + MESSAGE, 0);
                let length = message.encode(&mut outgoing[used..]).expect("a message of a handshake fits");
                outgoing.truncate(used + length);
                false
            }
            ConnectionState::TransmitTlsData(message) => {
                stream.write_all(&outgoing).expect("a handshake is taken");
                outgoing.clear();
                message.done();
                false
            }
            ConnectionState::WriteTraffic(mut traffic) if !asked => {
                let mut sealed = [0; MESSAGE];
                let length = traffic.encrypt(request.as_bytes(), &mut sealed).expect("a request fits");
                stream.write_all(&sealed[..length]).expect("a request is taken");
                asked = true;
                true
            }
            ConnectionState::WriteTraffic(_) | ConnectionState::BlockedHandshake => true,
            ConnectionState::PeerClosed | ConnectionState::Closed => return total,
            other => panic!("{other:?}"),
        };
        begin += discard;
        if wants_more {
            // Room for what is to come: less than a record is left over.
            incoming.copy_within(begin..end, 0);
            (begin, end) = (0, end - begin);
            match stream.read(&mut incoming[end..]) {
                Ok(0) => return total,
                Ok(length) => end += length,
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return total,
                Err(error) => panic!("{error}"),
            }
        }
    }
}
