//! Places: hosts and words that tell where code leads.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use super::{DROP, METADATA, MINER, TUNNEL};
use crate::guard::{found::Found, hosts, rules::spawn, value::HOLE};

/// Bytes of a text that are searched for hosts.
const TEXT_BYTES_MAX: usize = 8192;

const TUNNELS: [&str; 22] = [
    "ngrok.io",
    "ngrok.app",
    "ngrok-free.app",
    "ngrok.dev",
    "trycloudflare.com",
    "serveo.net",
    "localhost.run",
    "loca.lt",
    "localtunnel.me",
    "pagekite.me",
    "pagekite.net",
    "bore.pub",
    "telebit.io",
    "tunnelto.dev",
    "localxpose.io",
    "portmap.io",
    "ssh.localhost.run",
    "srv.us",
    "pinggy.io",
    "a.pinggy.io",
    "zrok.io",
    "onion.ws",
];

const DROPS: [&str; 24] = [
    "webhook.site",
    "requestbin.com",
    "requestbin.net",
    "pipedream.net",
    "burpcollaborator.net",
    "oastify.com",
    "interact.sh",
    "oast.pro",
    "oast.fun",
    "oast.live",
    "oast.site",
    "oast.online",
    "oast.me",
    "dnslog.cn",
    "ceye.io",
    "hookbin.com",
    "requestcatcher.com",
    "canarytokens.com",
    "transfer.sh",
    "ptsv2.com",
    "beeceptor.com",
    "xss.ht",
    "bxss.in",
    "dnsbin.zhack.ca",
];

pub(super) const MINERS: [&str; 33] = [
    "stratum+tcp:",
    "stratum+ssl:",
    "stratum2+tcp:",
    "stratum://",
    "coinhive",
    "coin-hive",
    "cryptonight",
    "xmrig",
    "minexmr",
    "supportxmr",
    "crypto-loot",
    "cryptoloot",
    "webminepool",
    "minero.cc",
    "jsecoin",
    "coinimp",
    "deepminer",
    "nanopool.org",
    "2miners.com",
    "nicehash.com",
    "moneroocean",
    "hashvault.pro",
    "f2pool.com",
    "unmineable",
    "herominers",
    "randomx",
    "mining.subscribe",
    "mining.authorize",
    "mining.submit",
    "monerominer",
    "webminer",
    "xmr-stak",
    "minergate",
];

/// Hosts that something is compared with may be reached by what is compared.
pub(in crate::guard::rules) fn compared(text: &str, found: &mut Found<'_>) {
    let hosts = hosts::named(text.get(..TEXT_BYTES_MAX).unwrap_or(text));
    hosts.into_iter().filter(|host| !hosts::is_metadata(host)).for_each(|host| found.egress(host));
}

/// Whether a text is the bare name of a place where a cloud tells its credentials.
pub(in crate::guard) fn is_metadata_host(text: &str) -> bool {
    hosts::is_metadata(text)
}

pub(in crate::guard::rules) fn text(text: &str, line: usize, found: &mut Found<'_>) {
    let text = text.get(..TEXT_BYTES_MAX).unwrap_or(text);
    found.data = true;
    for host in hosts::named(text) {
        place(&host, line, found);
        if !hosts::is_metadata(&host) {
            found.egress(host);
        }
    }
    // Names of hosts stand without a scheme, too.
    if text.len() < 200 {
        let bare = text.split(['/', ':']).next().unwrap_or_default();
        if bare.contains('.')
            && (hosts::is_metadata(bare)
                || TUNNELS.iter().any(|under| hosts::is_under(bare, under))
                || DROPS.iter().any(|under| hosts::is_under(bare, under)))
        {
            place(bare, line, found);
        }
        if matches!(text, "2852039166" | "0xA9FEA9FE" | "0xa9fea9fe" | "[fd00:ec2::254]") {
            found.add(&METADATA, line, "the address of a cloud's metadata, in disguise");
        }
    }
    super::raw::text(text, found);
    words(text, line, found);
    found.data = false;
}

/// Words of a sentence, before it is one.
const SENTENCE_MIN: usize = 5;

/// Whether a text is written for people: what it names is talked about. A shell would not take it.
fn is_sentence(text: &str) -> bool {
    text.starts_with(char::is_uppercase)
        && text.trim_end().ends_with(['.', '?', '!', ':', '…', ')'])
        && text.split_whitespace().take(SENTENCE_MIN).count() == SENTENCE_MIN
}

/// Words that only miners and reverse shells have a use for.
pub(in crate::guard::rules) fn words(text: &str, line: usize, found: &mut Found<'_>) {
    // Nearly all texts have none of these words, and are done with after one look.
    static WORDS: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    let words = WORDS.get_or_init(|| {
        let others = ["169.254.", "metadata.google", "100.100.100.200", "/dev/tcp/", "/dev/udp/", "bash -i"];
        AhoCorasick::builder().ascii_case_insensitive(true).build(MINERS.iter().chain(&others)).ok()
    });
    if text.len() < 6 || words.as_ref().is_some_and(|words| !words.is_match(text)) {
        return;
    }
    let told = is_sentence(text);
    let mut note = |rule, what: &str| if told { found.hint(rule, line, what) } else { found.add(rule, line, what) };
    let lower = text.to_ascii_lowercase();
    if let Some(word) = MINERS.iter().find(|word| lower.contains(**word)) {
        note(&MINER, &format!("`{word}`"));
    }
    if ["169.254.169.254", "169.254.170.2", "metadata.google.internal", "100.100.100.200"]
        .iter()
        .any(|place| lower.contains(place))
    {
        note(&METADATA, "the address of a cloud's metadata");
    }
    // Without a host behind it, it is what others are searched for.
    let socket = ["/dev/tcp/", "/dev/udp/"].iter().filter_map(|device| lower.split_once(device)).any(|(_, host)| {
        host.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '$' | '{' | '[' | '"' | '\'' | '`' | HOLE))
    });
    if socket || lower.contains("bash -i") {
        note(&spawn::REVERSE_SHELL, "a shell on a socket");
    }
}

/// What is to be thought of a host that the code names.
pub(in crate::guard::rules) fn place(host: &str, line: usize, found: &mut Found<'_>) {
    if hosts::is_metadata(host) {
        found.add(&METADATA, line, host);
    } else if TUNNELS.iter().any(|under| hosts::is_under(host, under)) {
        found.add(&TUNNEL, line, host);
    } else if DROPS.iter().any(|under| hosts::is_under(host, under)) {
        found.add(&DROP, line, host);
    } else if hosts::is_under(host, "onion") {
        found.add(&DROP, line, &format!("{host} hides who it is"));
    } else if hosts::is_address(host) && !is_harmless_address(host) {
        found.add(&DROP, line, &format!("{host} is an address without a name"));
    }
}

/// Whether a text leads to a place where only stolen data goes, or to one that is not known.
pub(in crate::guard::rules) fn leads_astray(text: &str) -> bool {
    let text = text.get(..TEXT_BYTES_MAX).unwrap_or(text);
    let places = TUNNELS.iter().chain(&DROPS).chain(&["onion"]);
    let known = |host: &String| {
        places.clone().any(|under| hosts::is_under(host, under))
            || hosts::is_address(host) && !is_harmless_address(host)
    };
    text.contains(&format!("//{HOLE}")) || hosts::named(text).iter().any(known)
}

/// Addresses of metadata as one number: nobody needs exactly these for anything else.
pub(in crate::guard) fn is_metadata_number(number: f64) -> bool {
    const ADDRESSES: [[u8; 4]; 3] = [[169, 254, 169, 254], [169, 254, 170, 2], [100, 100, 100, 200]];
    // As bits of a signed number, too.
    let unsigned = if number < 0.0 { number + f64::from(u32::MAX) + 1.0 } else { number };
    unsigned > 1e9 && ADDRESSES.iter().any(|octets| f64::from(u32::from_be_bytes(*octets)) == unsigned)
}

/// This machine, its neighbours, and the name servers that everybody pings.
pub(super) fn is_harmless_address(host: &str) -> bool {
    let Ok(address) = host.parse::<std::net::IpAddr>() else { return false };
    let private = match address {
        std::net::IpAddr::V4(four) => {
            four.octets()[0] == 0
                || four.is_private()
                || four.is_link_local()
                || four.is_broadcast()
                || four.is_multicast()
        }
        std::net::IpAddr::V6(six) => six.is_unique_local() || six.is_unicast_link_local(),
    };
    private || hosts::is_local(host) || matches!(host, "8.8.8.8" | "8.8.4.4" | "1.1.1.1" | "1.0.0.1" | "9.9.9.9")
}
