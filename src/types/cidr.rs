//! Ranges of IP addresses.

use std::{fmt, net::IpAddr, str::FromStr};

use serde::Deserialize;

/// A block of addresses: `10.0.0.0/8`, `2001:db8::/32`, or one address alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Cidr {
    network: IpAddr,
    /// Leading bits that an address must share; at most 32, or 128 for IPv6.
    prefix: u8,
}

/// Why a text is no [`Cidr`].
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("expected an IP address or a block such as 10.0.0.0/8")]
pub struct CidrError;

impl Cidr {
    /// `prefix` beyond 32 counts as 32.
    #[must_use]
    pub const fn v4(octets: [u8; 4], prefix: u8) -> Self {
        let [a, b, c, d] = octets;
        let prefix = if prefix > 32 { 32 } else { prefix };
        Self { network: IpAddr::V4(std::net::Ipv4Addr::new(a, b, c, d)), prefix }
    }

    /// The block that begins with two words: enough for every prefix up to 32, which is the most that it takes.
    #[must_use]
    pub const fn v6(words: [u16; 2], prefix: u8) -> Self {
        let [a, b] = words;
        let prefix = if prefix > 32 { 32 } else { prefix };
        Self { network: IpAddr::V6(std::net::Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0)), prefix }
    }

    /// Addresses of the other family are never in it, however they are written: an IPv4-mapped one is IPv6 here.
    #[must_use]
    pub const fn contains(&self, address: IpAddr) -> bool {
        match (self.network, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differing = network.to_bits() ^ address.to_bits();
                // A shift by all bits is none that the machine knows, and leaves nothing that could differ.
                matches!(differing.checked_shr(32 - self.prefix as u32), None | Some(0))
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differing = network.to_bits() ^ address.to_bits();
                matches!(differing.checked_shr(128 - self.prefix as u32), None | Some(0))
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }

    /// Whether it is `0.0.0.0/0`, with which E2B's clients mean all there is, IPv6 included; or `::/0`.
    #[must_use]
    pub const fn is_everything(&self) -> bool {
        self.prefix == 0
    }
}

impl FromStr for Cidr {
    type Err = CidrError;

    /// Takes addresses in their usual spelling only: no octal, hexadecimal or short forms.
    fn from_str(text: &str) -> Result<Self, CidrError> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let network: IpAddr = address.parse().map_err(|_| CidrError)?;
        let bits = if network.is_ipv4() { 32 } else { 128 };
        let digits = |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit());
        let prefix = match prefix {
            None => bits,
            Some(text) => Some(text).filter(digits).and_then(|text| text.parse().ok()).ok_or(CidrError)?,
        };
        if prefix > bits { Err(CidrError) } else { Ok(Self { network, prefix }) }
    }
}

impl TryFrom<String> for Cidr {
    type Error = CidrError;

    fn try_from(text: String) -> Result<Self, CidrError> {
        text.parse()
    }
}

impl fmt::Display for Cidr {
    /// One address alone is written as one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.network, self.prefix) {
            (IpAddr::V4(address), 32) => address.fmt(f),
            (IpAddr::V6(address), 128) => address.fmt(f),
            (network, prefix) => write!(f, "{network}/{prefix}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_holds_what_shares_its_prefix() {
        let holds = |block: &str, address: &str| block.parse::<Cidr>().unwrap().contains(address.parse().unwrap());
        for (block, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
            ("8.8.8.8", "8.8.8.8", "8.8.8.9"),
            ("8.8.8.99/24", "8.8.8.1", "8.8.9.1"),
            ("172.16.0.0/12", "172.31.255.255", "172.32.0.0"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("::1", "::1", "::2"),
            ("0.0.0.0/0", "255.255.255.255", "::1"),
            ("::/0", "ffff::", "1.2.3.4"),
            ("127.0.0.0/8", "127.0.0.1", "::ffff:127.0.0.1"),
        ] {
            assert!(holds(block, inside), "{inside} is in {block}");
            assert!(!holds(block, outside), "{outside} is not in {block}");
        }
        assert!("0.0.0.0/0".parse::<Cidr>().unwrap().is_everything());
        for text in ["8.8.8.8", "10.0.0.0/8", "::1", "2001:db8::/32"] {
            assert_eq!(text.parse::<Cidr>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in [
            "",
            "1.2.3",
            "1.2.3.4/33",
            "::/129",
            "1.2.3.4/",
            "1.2.3.4/+8",
            "0177.0.0.1",
            "0x7f.1",
            "host",
            "1.2.3.4/8/8",
        ] {
            assert_eq!(text.parse::<Cidr>(), Err(CidrError), "{text:?}");
        }
    }
}
