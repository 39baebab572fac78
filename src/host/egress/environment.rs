//! What tells programs inside of the proxy. Pure.
//!
//! There is no standard: most libraries read `HTTP_PROXY` in one case or the other, npm its own configuration, newer
//! node versions only when told to. The certificate variables name the machine's own bundle, so that an authority that
//! the operator trusts is trusted inside too; nothing is ever decrypted on the way. Those of curl and of Python's
//! requests are not among them: they would overrule what a program itself says it trusts.

/// The machine's certificate bundle, which every sandbox sees.
pub const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";

const NOT_PROXIED: &str = "localhost,127.0.0.1,::1";

/// `(name, value)` for every program of a sandbox whose proxy listens on `port`. `certificates` is a file inside.
pub fn environment(port: u16, certificates: Option<&str>) -> impl Iterator<Item = (String, String)> {
    let proxy = format!("http://127.0.0.1:{port}");
    let proxies = [
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "http_proxy",
        "https_proxy",
        "npm_config_proxy",
        "npm_config_https_proxy",
        "YARN_HTTP_PROXY",
        "YARN_HTTPS_PROXY",
    ];
    let exceptions = ["NO_PROXY", "no_proxy", "npm_config_noproxy"];
    let bundles = ["SSL_CERT_FILE", "PIP_CERT", "NODE_EXTRA_CA_CERTS"];
    let owned = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut variables: Vec<_> = proxies.into_iter().map(|name| owned(name, &proxy)).collect();
    variables.extend(exceptions.into_iter().map(|name| owned(name, NOT_PROXIED)));
    variables.push(owned("NODE_USE_ENV_PROXY", "1"));
    variables.extend(bundles.into_iter().zip(std::iter::repeat(certificates)).filter_map(|(n, v)| Some(owned(n, v?))));
    variables.into_iter()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn programs_find_the_proxy_and_not_for_themselves() {
        let all: BTreeMap<_, _> = environment(3128, Some(CERTIFICATES)).collect();
        for name in ["HTTP_PROXY", "https_proxy", "npm_config_https_proxy"] {
            assert_eq!(all[name], "http://127.0.0.1:3128", "{name}");
        }
        assert_eq!((all["NO_PROXY"].as_str(), all["PIP_CERT"].as_str()), (NOT_PROXIED, CERTIFICATES));
        let without: BTreeMap<_, _> = environment(4000, None).collect();
        assert_eq!(without["HTTPS_PROXY"], "http://127.0.0.1:4000");
        assert!(!without.keys().any(|name| name.contains("CERT")));
    }
}
