//! Which media type a client takes (RFC 9110, GraphQL over HTTP).

/// The types that are offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/json`
    Json,
    /// `application/graphql-response+json`
    GraphqlResponse,
}

impl Media {
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Media::Json => "application/json; charset=utf-8",
            Media::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
        }
    }
}

/// The type that an `Accept` header ranks highest; none when it takes neither.
pub(super) fn choose(accept: Option<&str>) -> Option<Media> {
    let Some(accept) = accept.filter(|accept| !accept.trim().is_empty()) else {
        return Some(Media::Json);
    };
    let ranges: Vec<(&str, u32)> = accept.split(',').filter_map(range).collect();
    // The most specific range that fits says how much a type is wanted.
    let quality = |media: &str| {
        [media, "application/*", "*/*"]
            .iter()
            .find_map(|wanted| {
                ranges
                    .iter()
                    .find(|(range, _)| range.eq_ignore_ascii_case(wanted))
            })
            .map_or(0, |(_, quality)| *quality)
    };
    let (graphql, json) = (
        quality("application/graphql-response+json"),
        quality("application/json"),
    );
    let names_graphql = ranges
        .iter()
        .any(|(range, _)| range.eq_ignore_ascii_case("application/graphql-response+json"));
    match (graphql, json) {
        (0, 0) => None,
        // A wildcard gets plain JSON; on a tie between both by name the GraphQL type goes first.
        (graphql, json) if graphql > json || (graphql == json && names_graphql) => {
            Some(Media::GraphqlResponse)
        }
        (_, 0) => Some(Media::GraphqlResponse),
        _ => Some(Media::Json),
    }
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
            (
                Some("application/graphql-response+json"),
                Some(Media::GraphqlResponse),
            ),
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
            assert_eq!(choose(accept), media, "{accept:?}");
        }
    }
}
