//! Texts that stand: who has one already is told so.

use reqwest::{
    Method, StatusCode,
    header::{CONTENT_LENGTH, ETAG, HeaderMap},
};

use crate::support::{Db, Hub};

use super::client;

async fn ask(url: &str, method: Method, known: &[&str]) -> (StatusCode, HeaderMap, String) {
    let mut request = client().request(method, url);
    for tags in known {
        request = request.header("if-none-match", *tags);
    }
    let answer = request.send().await.expect("it answers");
    let (status, headers) = (answer.status(), answer.headers().clone());
    (status, headers, answer.text().await.expect("a text"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_and_the_console_are_sent_once() {
    let db = Db::sqlite();
    let base = Hub::on(&db).await.serve().await;
    for path in [
        "/schema.graphql",
        "/console",
        "/console/main.js",
        "/console/style.css",
    ] {
        let url = format!("{base}{path}");
        let (status, headers, whole) = ask(&url, Method::GET, &[]).await;
        assert_eq!(status, 200, "{path}");
        let tag = headers[ETAG].to_str().expect("text").to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");

        let (status, headers, none) = ask(&url, Method::HEAD, &[]).await;
        assert_eq!((status, none.as_str()), (StatusCode::OK, ""), "{path}");
        assert_eq!(headers[ETAG], *tag);
        assert_eq!(headers[CONTENT_LENGTH], *whole.len().to_string());

        let (weak, list) = (format!("W/{tag}"), format!("\"a,b\", {tag}"));
        for known in [
            &[&*tag][..],
            &[&weak],
            &[&list],
            &["*"],
            &["\"other\"", &tag],
        ] {
            for method in [Method::GET, Method::HEAD] {
                let (status, headers, none) = ask(&url, method, known).await;
                assert_eq!(
                    (status, none.as_str()),
                    (StatusCode::NOT_MODIFIED, ""),
                    "{path} {known:?}"
                );
                assert_eq!(headers[ETAG], *tag);
            }
        }
        for known in [
            &["\"other\""][..],
            &[tag.trim_matches('"')],
            &["W/\"\""],
            &[""],
        ] {
            let (status, _, again) = ask(&url, Method::GET, known).await;
            assert_eq!(
                (status, again == whole),
                (StatusCode::OK, true),
                "{path} {known:?}"
            );
        }
    }
    let (_, _, sdl) = ask(&format!("{base}/schema.graphql"), Method::GET, &[]).await;
    assert_eq!(sdl, zhengxin::api::graphql::sdl());
}
