//! Why a request is not served, and which status that is.

use axum::http::StatusCode;

use crate::{config::StatusProfile, telemetry};

use super::{accept::Media, graphql::Code, guard::Refused, rate::RetryAfter};

/// A result with errors in it, by the official edition; no registry has it yet.
const PARTLY: u16 = 294;

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
}

impl Stage {
    /// The status of a refusal at this stage. In the audit's profile clients of plain JSON expect 200
    /// for a document that is refused; by the official edition it is a mistake for everybody.
    pub(super) fn status(self, media: Media, profile: StatusProfile) -> StatusCode {
        let is_audit = profile == StatusProfile::Audit;
        match self {
            Stage::Http(status) => status,
            Stage::Syntax | Stage::Document if is_audit && media == Media::Json => StatusCode::OK,
            Stage::NotWellFormed | Stage::Document if !is_audit => StatusCode::UNPROCESSABLE_ENTITY,
            Stage::NotJson | Stage::NotWellFormed | Stage::Syntax | Stage::Document => {
                StatusCode::BAD_REQUEST
            }
        }
    }
}

/// The status of what was executed.
pub(super) fn executed(has_errors: bool, media: Media, profile: StatusProfile) -> StatusCode {
    let is_told =
        has_errors && media == Media::GraphqlResponse && profile == StatusProfile::September2026;
    let partly = StatusCode::from_u16(PARTLY).ok();
    partly.filter(|_| is_told).unwrap_or(StatusCode::OK)
}

impl From<Refused> for No {
    fn from(refused: Refused) -> Self {
        telemetry::refused(match &refused {
            Refused::TooMany { what, .. } => what,
            Refused::Syntax => "syntax",
            Refused::Fragment => "fragment",
            Refused::Directive => "directive",
            Refused::Variable => "variable",
            Refused::Field { .. } => "field",
            Refused::Purpose { .. } => "purpose",
        });
        let (stage, code) = match refused {
            Refused::Field { .. } | Refused::Purpose { .. } => (Stage::Document, Code::Forbidden),
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
        telemetry::refused("rate");
        let status = StatusCode::TOO_MANY_REQUESTS;
        let no = Self::http(status, Code::Limited, refused.to_string());
        Self {
            retry_after: Some(refused.seconds()),
            ..no
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stage_has_its_status_by_profile_and_media_type() {
        use Media::{GraphqlResponse, Json};
        use StatusProfile::{Audit, September2026};
        let conflict = Stage::Http(StatusCode::CONFLICT);
        for (stage, audit_json, audit, official) in [
            (Stage::NotJson, 400, 400, 400),
            (Stage::NotWellFormed, 400, 400, 422),
            (Stage::Syntax, 200, 400, 400),
            (Stage::Document, 200, 400, 422),
            (conflict, 409, 409, 409),
        ] {
            assert_eq!(stage.status(Json, Audit), audit_json, "{stage:?}");
            assert_eq!(stage.status(GraphqlResponse, Audit), audit, "{stage:?}");
            for media in [Json, GraphqlResponse] {
                assert_eq!(stage.status(media, September2026), official, "{stage:?}");
            }
        }
        for (media, profile, status) in [
            (Json, Audit, 200),
            (GraphqlResponse, Audit, 200),
            (Json, September2026, 200),
            (GraphqlResponse, September2026, 294),
        ] {
            assert_eq!(executed(false, media, profile), 200);
            assert_eq!(
                executed(true, media, profile),
                status,
                "{media:?} {profile:?}"
            );
        }
    }
}
