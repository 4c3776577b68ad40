//! Why a request is not served, and which status that is.

use axum::http::StatusCode;

use super::{accept::Media, graphql::Code, guard::Refused, rate::RetryAfter};

/// How far a request came; by it, the media type and the profile of statuses a refusal has its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// HTTP itself says which.
    Http(StatusCode),
    /// The body is no JSON.
    NotJson,
    /// It is JSON, but no GraphQL request.
    NotWellFormed,
    /// The document does not parse.
    Syntax,
    /// The document, an operation or a variable does not fit, or is too much.
    Document,
}

/// A refusal in the making.
#[derive(Debug, Clone)]
pub(super) struct No {
    pub(super) stage: Stage,
    pub(super) code: Code,
    pub(super) message: String,
    /// After how many seconds it may be asked again.
    pub(super) retry_after: Option<u64>,
    /// Which of the reasons that clients act on.
    pub(super) reason: Option<&'static str>,
}

impl No {
    /// A refusal for what was sent.
    pub(super) fn at(stage: Stage, message: impl Into<String>) -> Self {
        let code = Code::Invalid;
        Self::new(stage, code, message)
    }

    pub(super) fn new(stage: Stage, code: Code, message: impl Into<String>) -> Self {
        Self {
            stage,
            code,
            message: message.into(),
            reason: None,
            retry_after: None,
        }
    }

    /// The same for a reason that clients act on.
    pub(super) fn because(self, reason: &'static str) -> Self {
        Self {
            reason: Some(reason),
            ..self
        }
    }

    /// A refusal with a status of HTTP's own.
    pub(super) fn http(status: StatusCode, code: Code, message: impl Into<String>) -> Self {
        Self::new(Stage::Http(status), code, message)
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::http(StatusCode::BAD_REQUEST, Code::Invalid, message)
    }

    pub(super) fn unauthenticated() -> Self {
        Self::http(
            StatusCode::UNAUTHORIZED,
            Code::Unauthenticated,
            "unauthenticated",
        )
    }

    pub(super) fn status(&self, media: Media) -> StatusCode {
        self.stage.status(media)
    }
}

impl Stage {
    /// The status of a refusal at this stage: clients of plain JSON expect 200 for a document that is
    /// refused.
    pub(super) fn status(self, media: Media) -> StatusCode {
        match (self, media) {
            (Stage::Http(status), _) => status,
            (Stage::NotJson | Stage::NotWellFormed, _) => StatusCode::BAD_REQUEST,
            (Stage::Syntax | Stage::Document, Media::Json) => StatusCode::OK,
            (Stage::Syntax | Stage::Document, Media::GraphqlResponse) => StatusCode::BAD_REQUEST,
        }
    }
}

impl From<Refused> for No {
    fn from(refused: Refused) -> Self {
        let (stage, code) = match refused {
            Refused::Field { .. } => (Stage::Document, Code::Forbidden),
            Refused::TooMany { .. } => (Stage::Document, Code::Limited),
            Refused::Syntax => (Stage::Syntax, Code::Invalid),
            Refused::Fragment | Refused::Directive | Refused::Variable => {
                (Stage::Document, Code::Invalid)
            }
        };
        Self::new(stage, code, refused.to_string())
    }
}

impl From<RetryAfter> for No {
    fn from(refused: RetryAfter) -> Self {
        let status = StatusCode::TOO_MANY_REQUESTS;
        let no = Self::http(status, Code::Limited, refused.to_string());
        Self {
            retry_after: Some(refused.seconds()),
            ..no
        }
    }
}
