//! Why tokens are refused.

/// The token is not believed. Why is for the log: who presents it learns nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
pub enum Refused {
    #[error("not-bearer")]
    Scheme,
    #[error("too-long")]
    Length,
    /// Not three parts of base64url without padding.
    #[error("no-token")]
    Form,
    /// Header or claims are no JSON object, or have a member twice.
    #[error("no-json-object")]
    Json,
    #[error("critical-extension")]
    Critical,
    /// It brings its key along, or says where to fetch it.
    #[error("key-reference")]
    KeyReference,
    #[error("type")]
    Type,
    #[error("algorithm")]
    Algorithm,
    #[error("issuer")]
    Issuer,
    /// Its `kid` is none that could be anybody's.
    #[error("key-id")]
    KeyId,
    /// Its issuer has no such key, or none for its algorithm.
    #[error("unknown-key")]
    Key,
    #[error("signature")]
    Signature,
    #[error("audience")]
    Audience,
    /// A claim is missing or of another type.
    #[error("claims")]
    Claims,
    #[error("expired")]
    Expired,
    #[error("not-valid-yet")]
    Early,
    #[error("issued-in-the-future")]
    Future,
    #[error("life")]
    Life,
    #[error("role")]
    Role,
    #[error("division")]
    Division,
    #[error("agency")]
    Agency,
    #[error("scope")]
    Scope,
    #[error("revoked")]
    Revoked,
}
