//! Raw connections to hosts that are not known where they are made: which hosts the file means by them.
//!
//! The host stands in one place, often among settings, and the connection in another. So each is remembered until both
//! are known: an address that the file names is whom it speaks to, and who tries many addresses or many services looks
//! for what is open.

use std::net::Ipv4Addr;

use super::{RAW_SOCKET, places::is_harmless_address};
use crate::guard::{
    fact::Call,
    found::Found,
    value::{HOLE, Value},
};

/// Ports of services, of which nobody's app needs many.
const SERVICES: [f64; 16] =
    [21.0, 22.0, 23.0, 25.0, 53.0, 110.0, 135.0, 139.0, 143.0, 445.0, 1433.0, 3306.0, 3389.0, 5432.0, 5900.0, 6379.0];
/// Services in one list that are tried one after another.
const SERVICES_MIN: usize = 3;

pub(super) fn open(line: usize, found: &mut Found<'_>) {
    found.hint(&RAW_SOCKET, line, "it connects to a host that is not known");
    found.raw.open.get_or_insert(line);
    judge(found);
}

/// An address, or the beginning of many.
pub(super) fn text(text: &str, found: &mut Found<'_>) {
    if !(7..=18).contains(&text.len()) || !text.starts_with(|c: char| c.is_ascii_digit()) {
        return;
    }
    if let Some(network) = text.strip_suffix(HOLE) {
        let octets = network.strip_suffix('.').map_or(0, |octets| octets.split('.').filter(|it| is_octet(it)).count());
        found.raw.many |= octets >= 2;
    } else if text.parse::<Ipv4Addr>().is_ok() && !is_harmless_address(text) {
        found.raw.address.get_or_insert_with(|| text.to_owned());
    } else {
        return;
    }
    judge(found);
}

fn is_octet(text: &str) -> bool {
    text.parse::<u8>().is_ok()
}

/// A list of services, which are tried one after another.
pub(in crate::guard::rules) fn many(ports: &[Value], found: &mut Found<'_>) {
    let services = ports.iter().filter(|port| port.as_number().is_some_and(|port| SERVICES.contains(&port))).count();
    if services >= SERVICES_MIN {
        found.raw.many = true;
        judge(found);
    }
}

/// Numbers in a row, from 1 upwards, of one who tries ports. Who tries something again counts from 0.
const SPAN_MIN: f64 = 1000.0;
const LAST_PORT: f64 = 65536.0;

/// All ports that there are, or all addresses of a network.
pub(super) fn call(call: &Call<'_>, found: &mut Found<'_>) {
    let hosts =
        matches!(call.path, "ipaddress.ip_network().hosts" | "ipaddress.IPv4Network().hosts" | "netaddr.IPNetwork");
    let bounds = call.arg(0).and_then(Value::as_number).zip(call.arg(1).and_then(Value::as_number));
    let spans = |(first, last): (f64, f64)| first >= 1.0 && last <= LAST_PORT && last - first >= SPAN_MIN;
    if hosts || call.path == "range" && bounds.is_some_and(spans) {
        found.raw.many = true;
        judge(found);
    }
}

fn judge(found: &mut Found<'_>) {
    let Some(line) = found.raw.open else { return };
    if found.raw.many {
        found.add(&RAW_SOCKET, line, "it tries one host or port after another");
    } else if let Some(address) = found.raw.address.take() {
        found.add(&RAW_SOCKET, line, &format!("it connects to {address}"));
    }
}
