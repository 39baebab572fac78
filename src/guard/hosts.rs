//! Hosts that code names: which they are, and what is to be thought of them.

use std::net::IpAddr;

use url::{Host, Url};

use super::value::HOLE;

/// Hosts taken from one text.
const HOSTS_MAX: usize = 64;
/// Hosts from which pages load libraries, fonts, maps and the like.
const LIBRARY_HOSTS: [&str; 44] = [
    "cdn.jsdelivr.net",
    "unpkg.com",
    "cdnjs.cloudflare.com",
    "cdn.tailwindcss.com",
    "code.jquery.com",
    "ajax.googleapis.com",
    "fonts.googleapis.com",
    "fonts.gstatic.com",
    "stackpath.bootstrapcdn.com",
    "maxcdn.bootstrapcdn.com",
    "netdna.bootstrapcdn.com",
    "d3js.org",
    "cdn.plot.ly",
    "js.stripe.com",
    "maps.googleapis.com",
    "www.googletagmanager.com",
    "www.google-analytics.com",
    "esm.sh",
    "cdn.skypack.dev",
    "ga.jspm.io",
    "esm.run",
    "cdn.socket.io",
    "threejs.org",
    "kit.fontawesome.com",
    "use.fontawesome.com",
    "use.typekit.net",
    "cdn.datatables.net",
    "cdn.ckeditor.com",
    "www.gstatic.com",
    "apis.google.com",
    "accounts.google.com",
    "www.google.com",
    "challenges.cloudflare.com",
    "js.hcaptcha.com",
    "hcaptcha.com",
    "www.paypal.com",
    "connect.facebook.net",
    "platform.twitter.com",
    "cdn.quilljs.com",
    "api.mapbox.com",
    "cdn.auth0.com",
    "plausible.io",
    "cdn.bokeh.org",
    "cdn.shopify.com",
];
/// Hosts that pages show in a frame.
const FRAME_HOSTS: [&str; 10] = [
    "youtube.com",
    "youtube-nocookie.com",
    "vimeo.com",
    "google.com",
    "openstreetmap.org",
    "codepen.io",
    "spotify.com",
    "soundcloud.com",
    "codesandbox.io",
    "twitch.tv",
];

/// The host of an address, in its plain form: `http://0xA9FEA9FE/` is at `169.254.169.254`.
pub(super) fn of(address: &str) -> Option<String> {
    let full = plain(address.trim());
    let (scheme, rest) = full.split_once("://")?;
    if scheme.is_empty() || !scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '-')) {
        return None;
    }
    // Schemes that the standard does not know have opaque hosts; they are read as http has them.
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    if rest[..end].contains(HOLE) {
        return None;
    }
    let url = Url::parse(&format!("http://{rest}")).ok()?;
    match url.host()? {
        Host::Domain(domain) => Some(domain.trim_end_matches('.').to_owned()),
        Host::Ipv4(address) => Some(address.to_string()),
        Host::Ipv6(address) => {
            Some(address.to_ipv4_mapped().map_or_else(|| address.to_string(), |four| four.to_string()))
        }
    }
}

/// An address as browsers read it: blanks of a line are left out, a backslash is a slash, and behind the scheme of a page
/// stands a host, however many slashes are between.
fn plain(address: &str) -> String {
    let slash = |c: char| matches!(c, '/' | '\\');
    let rest = address.trim_start_matches(|c: char| slash(c) || matches!(c, '\t' | '\n' | '\r'));
    let slashes = address[..address.len() - rest.len()].chars().filter(|c| slash(*c)).count();
    if slashes >= 2 {
        return format!("http://{rest}");
    }
    let scheme = address.split(':').next().unwrap_or_default();
    let known = ["http", "https", "ws", "wss"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let behind = address.get(scheme.len() + 1..).filter(|_| known).unwrap_or_default();
    let rest = behind.trim_start_matches(|c: char| slash(c) || matches!(c, '\t' | '\n' | '\r'));
    let host = rest.split(['/', '\\', '?', '#', HOLE]).next().unwrap_or_default();
    if behind.starts_with("//") || !host.contains('.') || host.contains(char::is_whitespace) {
        return address.to_owned();
    }
    format!("{scheme}://{rest}")
}

/// The hosts of all addresses in a text.
pub(super) fn named(text: &str) -> Vec<String> {
    let mut hosts = Vec::new();
    // Most texts are no addresses, and a finder of one byte is made at once.
    if memchr::memchr(b':', text.as_bytes()).is_none() {
        return hosts;
    }
    for at in memchr::memmem::find_iter(text.as_bytes(), b"://").take(HOSTS_MAX) {
        let before = &text[..at];
        let start = before.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '+').map_or(0, |found| found + 1);
        let start = if before.is_char_boundary(start) { start } else { at };
        let tail = &text[at + 3..];
        let end = tail
            .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | ')' | '}' | ',' | ';'))
            .unwrap_or(tail.len());
        let scheme = &before[start..];
        if scheme.is_empty() {
            continue;
        }
        if let Some(host) = of(&format!("{scheme}://{}", &tail[..end]))
            && !hosts.contains(&host)
        {
            hosts.push(host);
        }
    }
    hosts
}

/// Where clouds tell a machine its credentials.
pub(super) fn is_metadata(host: &str) -> bool {
    matches!(
        host,
        "169.254.169.254"
            | "169.254.170.2"
            | "metadata.google.internal"
            | "metadata"
            | "100.100.100.200"
            | "fd00:ec2::254"
            | "192.0.0.192"
            | "169.254.169.253"
            | "metadata.azure.com"
            | "instance-data"
    ) || host.starts_with("169.254.169.254.")
        || host.starts_with("169-254-169-254.")
}

/// This machine, or a name that means nothing outside of it.
pub(super) fn is_local(host: &str) -> bool {
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(address) => address.is_loopback() || address.is_unspecified(),
        Err(_) => host == "localhost" || host.ends_with(".localhost") || !host.contains('.') || is_example(host),
    }
}

fn is_example(host: &str) -> bool {
    host == "www.w3.org"
}

pub(super) fn is_address(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok()
}

pub(super) fn is_library_host(host: &str) -> bool {
    LIBRARY_HOSTS.contains(&host) || is_local(host)
}

pub(super) fn is_frame_host(host: &str) -> bool {
    is_library_host(host) || FRAME_HOSTS.iter().any(|known| is_under(host, known))
}

/// Whether `host` is `domain` or below it.
pub(super) fn is_under(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_in_any_form() {
        for address in [
            "http://169.254.169.254/x",
            "http://2852039166/",
            "http://0xa9fea9fe",
            "http://0251.0376.0251.0376/",
            "http://[::ffff:169.254.169.254]/",
            "//169.254.169.254",
            "http://user@169.254.169.254:80/",
            "http://169.254.43518/",
            "/\\169.254.169.254/x",
            "\\\\169.254.169.254/x",
            "/\t/169.254.169.254",
            "https:\\\\169.254.169.254/",
            "https:169.254.169.254/",
            "http:/169.254.169.254/",
        ] {
            assert!(is_metadata(&of(address).unwrap()), "{address}");
        }
        assert_eq!(of("stratum+tcp://pool.example:3333"), Some("pool.example".to_owned()));
        assert_eq!(of("https://api.example.com/\u{fffc}"), Some("api.example.com".to_owned()));
        assert_eq!(of("https://\u{fffc}.example.com/"), None);
        assert_eq!(of("/api/items"), None);
        assert_eq!(of("http: no such host."), None);
        assert_eq!(named("see https://a.example/x, and 'http://b.example'"), ["a.example", "b.example"]);
        assert_eq!(named("é://x ://y"), [""; 0]);
    }
}
