//! A body as a small page, for frames: no scripts, no styles, nothing from elsewhere.

use std::fmt::Write;

use axum::{
    body::Body as Bytes,
    http::{HeaderName, HeaderValue, Response, StatusCode, header},
};
use quick_xml::escape::escape;

use super::{
    super::refusal::No,
    form::Form,
    property::PROPERTIES,
    sight::{Body, Sight},
};

static REFERRER_POLICY: HeaderName = header::REFERRER_POLICY;
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'";

/// The page of the body with the form's `id`, or one that says that there is none.
pub(super) fn page(sight: &Sight<'_>, form: &Form) -> Result<Response<Bytes>, No> {
    sight.must_see_bodies("agency")?;
    let id = form.get("id")?.and_then(|id| id.parse().ok());
    let (status, title, content) = match id.and_then(|code| sight.body_with(&code)) {
        Some(body) => (
            StatusCode::OK,
            body.fact().name.clone(),
            table(sight, &body),
        ),
        None => (
            StatusCode::NOT_FOUND,
            "没有可见的该单位 / No such body that you may see".to_owned(),
            String::new(),
        ),
    };
    let title = escape(&title);
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
         <h1>{title}</h1>\n{content}</html>\n"
    );
    let mut response = Response::new(Bytes::from(page));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (&header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (&header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (&header::CACHE_CONTROL, "no-store"),
        (&header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (&REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// All that he may read of it.
fn table(sight: &Sight<'_>, body: &Body) -> String {
    let mut table = String::from("<table>\n");
    for property in &PROPERTIES {
        if !sight.may_read(property.fields) {
            continue;
        }
        let values = property.values(sight, body);
        if values.is_empty() {
            continue;
        }
        let values: Vec<_> = values.iter().map(|value| value.text()).collect();
        let (name, values) = (escape(property.name), values.join("；"));
        // Writing into a string does not fail.
        let _ = writeln!(
            table,
            "<tr><th>{name}</th><td>{}</td></tr>",
            escape(&values)
        );
    }
    table + "</table>\n"
}
