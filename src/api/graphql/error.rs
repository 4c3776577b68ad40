//! Errors as clients see them: a closed list of codes, a message that tells nothing of the inside.

use async_graphql::ErrorExtensions;

use crate::{graph, store};

/// The contract's codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::api) enum Code {
    Unauthenticated,
    Forbidden,
    Invalid,
    NotFound,
    Conflict,
    Limited,
    Unavailable,
    Internal,
}

impl Code {
    pub(in crate::api) fn as_str(self) -> &'static str {
        match self {
            Code::Unauthenticated => "UNAUTHENTICATED",
            Code::Forbidden => "FORBIDDEN",
            Code::Invalid => "INVALID",
            Code::NotFound => "NOT_FOUND",
            Code::Conflict => "CONFLICT",
            Code::Limited => "LIMITED",
            Code::Unavailable => "UNAVAILABLE",
            Code::Internal => "INTERNAL",
        }
    }
}

/// What a resolver may fail with. It is made from our own errors only, so that `?` on anything else
/// does not compile and nothing foreign leaks into an answer.
#[derive(Debug, Clone)]
pub(in crate::api) struct ApiError {
    pub(in crate::api) code: Code,
    /// More than the code says, where a client can act on it.
    pub(in crate::api) reason: Option<&'static str>,
    pub(in crate::api) message: String,
}

/// What resolvers return.
pub(in crate::api) type Result<T> = std::result::Result<T, ApiError>;

impl ApiError {
    pub(in crate::api) fn invalid(message: impl Into<String>) -> Self {
        Self::new(Code::Invalid, message)
    }

    pub(in crate::api) fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            reason: None,
            message: message.into(),
        }
    }
}

impl From<store::Error> for ApiError {
    fn from(error: store::Error) -> Self {
        tracing::error!(error = %error, cause = ?std::error::Error::source(&error).map(ToString::to_string), "store");
        Self::new(
            Code::Unavailable,
            "the database does not answer / 数据库暂不可用",
        )
    }
}

impl From<std::sync::Arc<store::Error>> for ApiError {
    fn from(error: std::sync::Arc<store::Error>) -> Self {
        tracing::error!(error = %error, "store");
        Self::new(
            Code::Unavailable,
            "the database does not answer / 数据库暂不可用",
        )
    }
}

impl From<graph::PageError> for ApiError {
    fn from(error: graph::PageError) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<ApiError> for async_graphql::Error {
    fn from(error: ApiError) -> Self {
        async_graphql::Error::new(error.message).extend_with(|_, extensions| {
            extensions.set("code", error.code.as_str());
            if let Some(reason) = error.reason {
                extensions.set("reason", reason);
            }
        })
    }
}
