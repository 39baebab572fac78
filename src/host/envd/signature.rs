//! Signed addresses of files: whoever has one may read or write that one file, without the token. Pure.
//!
//! `"v1_" + base64 without padding(sha256("path:operation:user:token[:expiration]"))`, as E2B's SDKs make them.

use actix_web::http::Method;
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use ring::digest::{SHA256, digest};
use subtle::ConstantTimeEq as _;

/// What a request's query claims.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Claim {
    signature: String,
    path: String,
    user: String,
    /// Seconds since the epoch, as the client wrote them: they are part of what is signed.
    expiration: Option<String>,
    operation: &'static str,
}

/// Why a signature opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    Invalid,
    Expired,
}

impl Denied {
    /// In the words that the SDKs look for.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Invalid => "invalid signature",
            Self::Expired => "signature is already expired",
        }
    }
}

impl Claim {
    /// `None` for a request that is not signed.
    #[must_use]
    pub fn of(method: &Method, path: &str, query: &str) -> Option<Self> {
        let operation = match *method {
            Method::GET => "read",
            Method::POST => "write",
            _ => return None,
        };
        if path != "/files" {
            return None;
        }
        let mut claim = Self { operation, ..Self::default() };
        let mut signed = false;
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "signature" => (claim.signature, signed) = (value.into_owned(), true),
                "signature_expiration" => claim.expiration = Some(value.into_owned()),
                "path" => claim.path = value.into_owned(),
                "username" => claim.user = value.into_owned(),
                _ => {}
            }
        }
        signed.then_some(claim)
    }

    /// Whether `token` signed this, at `now` in seconds since the epoch.
    ///
    /// # Errors
    /// See [`Denied`].
    pub fn verify(&self, token: &str, now: i64) -> Result<(), Denied> {
        let Self { path, user, operation, .. } = self;
        let mut text = format!("{path}:{operation}:{user}:{token}");
        if let Some(expiration) = &self.expiration {
            text = format!("{text}:{expiration}");
        }
        let expected = format!("v1_{}", STANDARD_NO_PAD.encode(digest(&SHA256, text.as_bytes())));
        if !bool::from(expected.as_bytes().ct_eq(self.signature.as_bytes())) {
            return Err(Denied::Invalid);
        }
        match self.expiration.as_ref().map(|expiration| expiration.parse::<i64>()) {
            None => Ok(()),
            Some(Ok(expiration)) if expiration >= now => Ok(()),
            Some(Ok(_)) => Err(Denied::Expired),
            Some(Err(_)) => Err(Denied::Invalid),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with the function of the Python SDK: `get_signature("/a b", "read", "user", "ea_x", …)`.
    const FOREVER: &str = "v1_Iq2XUbPzKX/b7HN+KAnMrMroqrDd/9APZ/7iajU4ipo";
    const UNTIL_1000: &str = "v1_cVS9AVpTFaEKa2y5YSdRlrgr4ToZOE1pJ5Vn31iR5Lg";

    fn claim(signature: &str, more: &str) -> Claim {
        let signature: String = url::form_urlencoded::byte_serialize(signature.as_bytes()).collect();
        let query = format!("path=%2Fa+b&username=user&signature={signature}{more}");
        Claim::of(&Method::GET, "/files", &query).unwrap()
    }

    #[test]
    fn what_the_sdk_signed_opens_that_file_until_its_time() {
        assert_eq!(claim(FOREVER, "").verify("ea_x", 5000), Ok(()));
        let until = claim(UNTIL_1000, "&signature_expiration=1000");
        assert_eq!(until.verify("ea_x", 1000), Ok(()));
        assert_eq!(until.verify("ea_x", 1001), Err(Denied::Expired));
    }

    #[test]
    fn anything_else_opens_nothing() {
        assert_eq!(claim(FOREVER, "").verify("ea_y", 0), Err(Denied::Invalid), "another sandbox's");
        assert_eq!(claim(FOREVER, "&path=%2Fother").verify("ea_x", 0), Err(Denied::Invalid));
        assert_eq!(claim(UNTIL_1000, "&signature_expiration=9999").verify("ea_x", 0), Err(Denied::Invalid));
        assert_eq!(claim(UNTIL_1000, "").verify("ea_x", 0), Err(Denied::Invalid), "its end taken off");
        let write = Claim { operation: "write", ..claim(FOREVER, "") };
        assert_eq!(write.verify("ea_x", 0), Err(Denied::Invalid), "reading is not writing");
        assert_eq!(Claim::of(&Method::GET, "/files", "path=x"), None);
        assert_eq!(Claim::of(&Method::GET, "/envs", "signature=x"), None);
    }
}
