//! Which addresses no sandbox has any business with, unless the operator says otherwise. Pure.
//!
//! IPv4: everything in IANA's registry of special-purpose addresses, and the one public-looking address behind which
//! a cloud keeps its metadata. IPv6: everything but global unicast, and of that what carries an IPv4 address inside
//! (6to4, Teredo) or is for documentation; so IPv4-mapped, NAT64 and local addresses need no line of their own.

use std::net::IpAddr;

use crate::types::Cidr;

const RESERVED_V4: [(Cidr, &str); 18] = [
    (Cidr::v4([0, 0, 0, 0], 8), "this network"),
    (Cidr::v4([10, 0, 0, 0], 8), "private"),
    (Cidr::v4([100, 64, 0, 0], 10), "shared by a carrier"),
    (Cidr::v4([127, 0, 0, 0], 8), "loopback"),
    (Cidr::v4([168, 63, 129, 16], 32), "a cloud's metadata"),
    (Cidr::v4([169, 254, 0, 0], 16), "link-local"),
    (Cidr::v4([172, 16, 0, 0], 12), "private"),
    (Cidr::v4([192, 0, 0, 0], 24), "for protocols"),
    (Cidr::v4([192, 0, 2, 0], 24), "for documentation"),
    (Cidr::v4([192, 31, 196, 0], 24), "for protocols"),
    (Cidr::v4([192, 88, 99, 0], 24), "6to4"),
    (Cidr::v4([192, 168, 0, 0], 16), "private"),
    (Cidr::v4([192, 175, 48, 0], 24), "for protocols"),
    (Cidr::v4([198, 18, 0, 0], 15), "for measurements"),
    (Cidr::v4([198, 51, 100, 0], 24), "for documentation"),
    (Cidr::v4([203, 0, 113, 0], 24), "for documentation"),
    (Cidr::v4([224, 0, 0, 0], 4), "multicast"),
    (Cidr::v4([240, 0, 0, 0], 4), "reserved"),
];

const GLOBAL_V6: Cidr = Cidr::v6([0x2000, 0], 3);

/// Of [`GLOBAL_V6`].
const RESERVED_V6: [(Cidr, &str); 4] = [
    (Cidr::v6([0x2001, 0], 23), "for protocols"),
    (Cidr::v6([0x2001, 0xdb8], 32), "for documentation"),
    (Cidr::v6([0x2002, 0], 16), "6to4"),
    (Cidr::v6([0x3fff, 0], 20), "for documentation"),
];

/// What kind of address this is, when it is none of the public internet's.
#[must_use]
pub fn reserved(address: IpAddr) -> Option<&'static str> {
    let table: &[(Cidr, &'static str)] = match address {
        IpAddr::V4(_) => &RESERVED_V4,
        IpAddr::V6(_) if !GLOBAL_V6.contains(address) => return Some("not global"),
        IpAddr::V6(_) => &RESERVED_V6,
    };
    table.iter().find(|(block, _)| block.contains(address)).map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_near_home_are_reserved_however_they_are_written() {
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.169.254",
            "169.254.170.2",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.251",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::808:808",
            "64:ff9b:1::a00:1",
            "100::1",
            "2001::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(reserved(address.parse().unwrap()).is_some(), "{address}");
        }
    }

    #[test]
    fn the_internet_is_not_reserved() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.1.0.0",
            "223.255.255.255",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "2a00::1",
        ] {
            assert_eq!(reserved(address.parse().unwrap()), None, "{address}");
        }
    }
}
