//! Which media type a client takes (RFC 9110, GraphQL over HTTP).

/// The types of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/json`
    Json,
    /// `application/graphql-response+json`
    GraphqlResponse,
}

/// What a client takes, by its `Accept` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Accepted {
    /// The type of an answer that it ranks highest; none where it takes no answer.
    pub(super) answer: Option<Media>,
    /// Whether it takes a stream of events by name.
    pub(super) stream: bool,
    /// Whether it ranks such a stream above every answer.
    pub(super) prefers_stream: bool,
}

const GRAPHQL_RESPONSE: &str = "application/graphql-response+json";
const EVENT_STREAM: &str = "text/event-stream";

impl Media {
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Media::Json => "application/json; charset=utf-8",
            Media::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
        }
    }
}

/// What an `Accept` header takes; nothing where neither answers nor streams are in it.
pub(super) fn choose(accept: Option<&str>) -> Option<Accepted> {
    let Some(accept) = accept.filter(|accept| !accept.trim().is_empty()) else {
        return Some(Accepted {
            answer: Some(Media::Json),
            stream: false,
            prefers_stream: false,
        });
    };
    let ranges: Vec<(&str, u32)> = accept.split(',').filter_map(range).collect();
    let named = |media: &str| {
        let mut all = ranges.iter();
        all.find(|(range, _)| range.eq_ignore_ascii_case(media))
            .map(|(_, quality)| *quality)
    };
    // The most specific range that fits says how much a type is wanted.
    let quality = |media: &str| {
        let wanted = [media, "application/*", "*/*"];
        wanted.into_iter().find_map(named).unwrap_or(0)
    };
    let (graphql, json) = (quality(GRAPHQL_RESPONSE), quality("application/json"));
    let answer = match (graphql, json) {
        (0, 0) => None,
        // A wildcard gets plain JSON; on a tie between both by name the GraphQL type goes first.
        (graphql, json)
            if graphql > json || (graphql == json && named(GRAPHQL_RESPONSE).is_some()) =>
        {
            Some(Media::GraphqlResponse)
        }
        _ => Some(Media::Json),
    };
    // A wildcard asks for no stream: whoever can read one says so.
    let stream = named(EVENT_STREAM).unwrap_or(0);
    let accepted = Accepted {
        answer,
        stream: stream > 0,
        prefers_stream: stream > graphql.max(json),
    };
    (answer.is_some() || accepted.stream).then_some(accepted)
}

/// A media range and its quality in thousandths.
fn range(text: &str) -> Option<(&str, u32)> {
    let mut parts = text.split(';').map(str::trim);
    let range = parts.next().filter(|range| !range.is_empty())?;
    let quality = parts
        .find_map(|parameter| {
            parameter
                .strip_prefix("q=")
                .or_else(|| parameter.strip_prefix("Q="))
        })
        .map_or(Some(1.0), |quality| quality.parse::<f32>().ok())
        .unwrap_or(0.0);
    Some((range, (quality.clamp(0.0, 1.0) * 1_000.0) as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_rank_wins() {
        for (accept, media) in [
            (None, Some(Media::Json)),
            (Some("*/*"), Some(Media::Json)),
            (Some("application/*"), Some(Media::Json)),
            (Some("application/json"), Some(Media::Json)),
            (Some(GRAPHQL_RESPONSE), Some(Media::GraphqlResponse)),
            (
                Some("application/graphql-response+json, application/json"),
                Some(Media::GraphqlResponse),
            ),
            (
                Some("application/graphql-response+json;q=0.5, application/json"),
                Some(Media::Json),
            ),
            (
                Some("application/json;q=0, */*"),
                Some(Media::GraphqlResponse),
            ),
            (Some("text/html"), None),
            (Some("application/json;q=0"), None),
        ] {
            let chosen = choose(accept).and_then(|accepted| accepted.answer);
            assert_eq!(chosen, media, "{accept:?}");
        }
    }

    #[test]
    fn a_stream_is_asked_for_by_name() {
        for (accept, stream, prefers) in [
            (EVENT_STREAM, true, true),
            ("text/event-stream, application/json", true, false),
            ("text/event-stream, application/json;q=0.9", true, true),
            ("text/event-stream;q=0.5, */*", true, false),
            ("text/event-stream, */*;q=0.1", true, true),
            ("*/*", false, false),
            ("text/*, application/json", false, false),
            ("text/event-stream;q=0, application/json", false, false),
        ] {
            let accepted = choose(Some(accept)).expect("it is served");
            assert_eq!(
                (accepted.stream, accepted.prefers_stream),
                (stream, prefers),
                "{accept}"
            );
        }
        assert_eq!(choose(Some("text/event-stream;q=0")), None);
    }
}
