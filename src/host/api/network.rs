//! The `network` of a sandbox: what of it this host does, and what it refuses. Interface facts of E2B's public
//! specification.
//!
//! Nothing is taken and then not done: a client that is told 400 can do without or go elsewhere, one whose rules are
//! dropped finds out by a leak.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use http::HeaderValue;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use subtle::ConstantTimeEq as _;

use super::{
    Refusal, Shared,
    control::{body, found},
};
use crate::host::{
    egress::{OpenError, Rules},
    error::AgentError,
    lifecycle::State,
    sandbox::{Ingress, Sandbox},
};

/// What visitors show of a sandbox that not everybody may visit.
const TRAFFIC_TOKEN: &str = "e2b-traffic-access-token";
/// Longest `Host` that an app is told.
const HOST_MAX: usize = 255;

/// `network` of `POST /sandboxes`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Network {
    allow_public_traffic: Option<bool>,
    mask_request_host: Option<String>,
    https_ports: Option<Vec<Value>>,
    allow_out: Option<Vec<String>>,
    deny_out: Option<Vec<String>>,
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

/// `PUT /sandboxes/{id}/network`: replaces all egress rules; "omitting a field clears it", says the protocol.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkUpdate {
    #[serde(rename = "allow_internet_access")]
    internet: Option<bool>,
    allow_out: Option<Vec<String>>,
    deny_out: Option<Vec<String>>,
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

impl Network {
    /// `internet` is what the client says of it, `by_default` what holds when it says nothing.
    ///
    /// # Errors
    /// 400 for what is wrong, and for what this host cannot do.
    pub fn check(self, internet: Option<bool>, by_default: bool) -> Result<(Rules, Ingress), Refusal> {
        refuse_others(&self.others)?;
        if self.https_ports.is_some_and(|ports| !ports.is_empty()) {
            return Err(unavailable("httpsPorts", "apps are reached in plain HTTP inside their sandbox"));
        }
        if let Some(mask) = &self.mask_request_host {
            check_mask(mask)?;
        }
        let rules = rules(internet.unwrap_or(by_default), self.allow_out, self.deny_out)?;
        let private = self.allow_public_traffic == Some(false);
        Ok((rules, Ingress { private, mask_host: self.mask_request_host }))
    }
}

impl NetworkUpdate {
    /// `internet` is whether the sandbox has it now, `by_default` what holds for one whose maker says nothing.
    ///
    /// In E2B's cloud, internet that is off is an entry of `denyOut` like any other, so whoever omits both gets internet.
    /// The same holds here where the operator made it the default. Where not, an update that does not name it leaves
    /// it: it must not be had without asking, and one that asked for it once has it still, with other lists.
    ///
    /// # Errors
    /// 400 for what is wrong, and for what this host cannot do.
    pub fn check(self, internet: bool, by_default: bool) -> Result<Rules, Refusal> {
        refuse_others(&self.others)?;
        rules(self.internet.unwrap_or(internet || by_default), self.allow_out, self.deny_out)
    }
}

fn rules(internet: bool, allow: Option<Vec<String>>, deny: Option<Vec<String>>) -> Result<Rules, Refusal> {
    Rules::new(internet, &allow.unwrap_or_default(), &deny.unwrap_or_default())
        .map_err(|err| Refusal::new(400, format!("network: {err}")))
}

/// Refuses the fields that are not done here, unless they ask for nothing.
fn refuse_others(others: &BTreeMap<String, Value>) -> Result<(), Refusal> {
    let asks = |value: &Value| match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(_) | Value::String(_) | Value::Number(_) => true,
    };
    let Some((name, _)) = others.iter().find(|(_, value)| asks(value)) else { return Ok(()) };
    Err(match name.as_str() {
        "rules" => unavailable(name, "headers can be injected only into traffic that is decrypted, and none is"),
        "egressProxy" => unavailable(name, "sandboxes leave through this host's own proxy"),
        "dnsServers" => unavailable(name, "names are resolved outside, by this host's own servers"),
        _ => Refusal::new(400, format!("network.{} is not known", name.chars().take(64).collect::<String>())),
    })
}

fn unavailable(name: &str, why: &str) -> Refusal {
    Refusal::new(400, format!("network.{name} is not available on this host: {why}"))
}

fn check_mask(mask: &str) -> Result<(), Refusal> {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    let fixed = mask.replace("${PORT}", "1");
    if mask.is_empty() || mask.len() > HOST_MAX || !fixed.bytes().all(letters) || HeaderValue::from_str(&fixed).is_err()
    {
        return Err(Refusal::new(400, "network.maskRequestHost is a host name, or a host name and :${PORT}"));
    }
    Ok(())
}

/// `PUT /sandboxes/{id}/network`.
///
/// # Errors
/// 404 when it is gone, 409 while it is paused and has no way to the internet yet: nobody inside could open one.
pub async fn update(shared: &Shared, id: &str, payload: web::Payload) -> Result<HttpResponse, Refusal> {
    let sandbox = found(shared, id)?;
    let asked: NetworkUpdate = body(payload).await?;
    let rules = asked.check(sandbox.egress.rules().internet(), shared.config.egress.by_default)?;
    match sandbox.state() {
        State::Paused { .. } if rules.let_something_out() && sandbox.egress.port().is_none() => {
            return Err(Refusal::new(409, "the sandbox is paused: resume it first"));
        }
        State::Running { .. } | State::Paused { .. } | State::Gone => {}
    }
    match sandbox.set_rules(rules, &shared.sandboxes.tasks).await {
        Ok(()) => Ok(HttpResponse::NoContent().finish()),
        Err(err @ (OpenError::Over | OpenError::Agent(AgentError::Gone))) => Err(Refusal::new(404, err.to_string())),
        Err(err @ (OpenError::Agent(_) | OpenError::Stranger)) => Err(Refusal::new(500, err.to_string())),
    }
}

/// Whether a visitor of the apps in `sandbox` may pass.
pub fn admits(sandbox: &Sandbox, request: &HttpRequest) -> bool {
    let Some(token) = &sandbox.traffic_token else { return true };
    let shown = request.headers().get(TRAFFIC_TOKEN).map_or(&b""[..], |value| value.as_bytes());
    shown.ct_eq(token.expose().as_bytes()).into()
}

pub fn not_admitted() -> HttpResponse {
    Refusal::new(403, format!("this sandbox takes no public traffic: send its token as {TRAFFIC_TOKEN}")).response()
}

/// `network` of a sandbox's detail.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    allow_public_traffic: bool,
    allow_out: Vec<String>,
    deny_out: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mask_request_host: Option<String>,
}

impl Shown {
    #[must_use]
    pub fn of(sandbox: &Sandbox) -> Self {
        let (rules, ingress) = (sandbox.egress.rules(), &sandbox.request.ingress);
        Self {
            allow_public_traffic: !ingress.private,
            allow_out: rules.allow().iter().map(ToString::to_string).collect(),
            deny_out: rules.deny().iter().map(ToString::to_string).collect(),
            mask_request_host: ingress.mask_host.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, internet: Option<bool>) -> Result<(Rules, Ingress), Refusal> {
        serde_json::from_str::<Network>(json).unwrap().check(internet, false)
    }

    fn refused(json: &str) -> String {
        let refusal = check(json, Some(true)).unwrap_err();
        assert_eq!(refusal.code, 400, "{json}");
        refusal.message
    }

    #[test]
    fn internet_is_off_unless_it_is_asked_for() {
        assert!(!check("{}", None).unwrap().0.let_something_out());
        assert!(!check(r#"{"denyOut":["8.8.8.8"]}"#, None).unwrap().0.let_something_out());
        assert!(check("{}", Some(true)).unwrap().0.internet());
        assert!(Network::default().check(None, true).unwrap().0.internet());
        assert!(!Network::default().check(Some(false), true).unwrap().0.internet());
        let (rules, ingress) =
            check(r#"{"allowOut":["1.1.1.1"],"allowPublicTraffic":false,"maskRequestHost":"a.example:${PORT}"}"#, None)
                .unwrap();
        assert!(rules.let_something_out() && !rules.internet());
        assert_eq!((ingress.private, ingress.mask_host.as_deref()), (true, Some("a.example:${PORT}")));
    }

    #[test]
    fn what_cannot_be_done_is_refused_by_name() {
        for (json, said) in [
            (r#"{"rules":{"example.org":[{"transform":{"headers":{"A":"b"}}}]}}"#, "network.rules"),
            (r#"{"egressProxy":{"address":"proxy.example:1080"}}"#, "network.egressProxy"),
            (r#"{"dnsServers":["8.8.8.8"]}"#, "network.dnsServers"),
            (r#"{"httpsPorts":[3000]}"#, "network.httpsPorts"),
            (r#"{"colour":"blue"}"#, "network.colour"),
            (r#"{"maskRequestHost":"a b"}"#, "network.maskRequestHost"),
            (r#"{"maskRequestHost":"a\r\nX-Evil: 1"}"#, "network.maskRequestHost"),
            (r#"{"allowOut":["example.org"]}"#, "denyOut"),
            (r#"{"denyOut":["example.org"]}"#, "denyOut"),
        ] {
            assert!(refused(json).contains(said), "{json}");
        }
        let nothing = r#"{"rules":{},"egressProxy":null,"dnsServers":[],"httpsPorts":[],"allowOut":null}"#;
        assert!(check(nothing, Some(true)).is_ok());
    }

    #[test]
    fn an_update_replaces_the_lists_and_gives_internet_only_by_default_or_word() {
        let with = |json: &str, internet, by_default| {
            serde_json::from_str::<NetworkUpdate>(json).unwrap().check(internet, by_default)
        };
        let update = |json: &str, internet| with(json, internet, false);
        assert!(with("{}", false, true).unwrap().internet(), "what was denied is cleared, as in the cloud");
        assert!(!with(r#"{"allow_internet_access":false}"#, true, true).unwrap().internet());
        let cleared = update("{}", true).unwrap();
        assert!(cleared.internet() && cleared.allow().is_empty() && cleared.deny().is_empty());
        assert!(!update("{}", false).unwrap().let_something_out());
        assert!(update(r#"{"allow_internet_access":true}"#, false).unwrap().internet());
        assert!(!update(r#"{"allow_internet_access":false}"#, true).unwrap().internet());
        assert_eq!(update(r#"{"rules":{"a.example":[{}]}}"#, true).unwrap_err().code, 400);
    }
}
