//! Answers that are cut, slow, endless, packed or elsewhere.

use std::{io::Write, time::Duration};

use axum::{
    body::Body,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use flate2::{Compression, write::GzEncoder};
use reqwest::{Method, Url};
use tokio::{io::AsyncWriteExt, net::TcpListener};
use zhengxin::egress::{Error, Limits, Request};

use super::{door, get, place, quick};
use crate::support::{Outside, read_head};

#[tokio::test]
async fn an_answer_that_is_cut_off_is_told_and_asked_for_again() {
    for bytes in [
        "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n[1,2,3]",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n[1,2,3]\r\n",
    ] {
        let server = Outside::sending(bytes.as_bytes(), true).await;
        let error = get(&door(quick(), &server.url), &server.url).await;
        assert!(matches!(error, Err(Error::CutOff { .. })), "{error:?}");
        assert_eq!(server.asked(), 4);
    }
}

#[tokio::test]
async fn what_is_too_slow_is_given_up() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n";
    let short = Duration::from_millis(60);
    for (bytes, limits, says) in [
        (
            &b""[..],
            Limits {
                first_byte: short,
                ..quick()
            },
            "no answer began",
        ),
        (
            &head[..20],
            Limits {
                first_byte: short,
                ..quick()
            },
            "no answer began",
        ),
        (
            &head[..],
            Limits {
                idle: short,
                ..quick()
            },
            "nothing more",
        ),
        (
            &head[..],
            Limits {
                total: short,
                ..quick()
            },
            "not whole",
        ),
    ] {
        let server = Outside::sending(bytes, false).await;
        let error = get(&door(limits, &server.url), &server.url).await;
        let error = error.expect_err("it never ends");
        assert!(matches!(error, Error::Slow { .. }), "{error:?}");
        assert!(error.to_string().contains(says), "{error}");
        assert_eq!(server.asked(), 1, "slowness is not asked for again");
    }
}

#[tokio::test]
async fn a_dripping_answer_ends_with_the_time_of_all_of_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("somebody asks");
        read_head(&mut stream).await;
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
        let mut drips = tokio::time::interval(Duration::from_millis(5));
        let mut open = stream.write_all(head).await.is_ok();
        while open {
            drips.tick().await;
            open = stream.write_all(b" ").await.is_ok();
        }
    });
    let limits = Limits {
        idle: Duration::from_secs(5),
        total: Duration::from_millis(200),
        ..quick()
    };
    let error = get(&door(limits, &url), &url).await.expect_err("it drips");
    assert!(
        error.to_string().contains("not whole within 0.2 s"),
        "{error}"
    );
}

#[tokio::test]
async fn the_cap_holds_for_declared_and_for_streamed_bytes() {
    let limits = || Limits {
        answer_bytes_max: 1_000,
        ..quick()
    };
    let server = Outside::answering(|asked| {
        let length = asked.parameter("length").expect("it is said");
        let body = vec![b' '; length.parse().expect("a number")];
        match asked.parameter("streamed") {
            None => body.into_response(),
            Some(_) => {
                let pieces: Vec<_> = body.chunks(300).map(<[u8]>::to_vec).collect();
                let pieces = pieces.into_iter().map(Ok::<_, std::io::Error>);
                Response::new(Body::from_stream(futures_util::stream::iter(pieces)))
            }
        }
    })
    .await;
    let door = door(limits(), &server.url);
    for streamed in ["", "&streamed=1"] {
        let ask =
            async |length| get(&door, &format!("{}/?length={length}{streamed}", server.url)).await;
        assert_eq!(ask(1_000).await.expect("it fits").body.len(), 1_000);
        let error = ask(1_001).await;
        assert!(
            matches!(
                error,
                Err(Error::TooLong {
                    bytes_max: 1_000,
                    ..
                })
            ),
            "{error:?}"
        );
    }
}

fn packed(plain: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(plain).expect("memory takes it");
    packer.finish().expect("memory takes it")
}

#[tokio::test]
async fn what_comes_packed_though_nobody_asked_is_unpacked_within_bounds() {
    let server = Outside::answering(|asked| {
        assert_eq!(asked.header("accept-encoding"), "identity");
        let (encoding, body) = match asked.head.uri.path() {
            "/honest" => ("gzip", packed(br#"{"total":3}"#)),
            "/bomb" => ("gzip", packed(&vec![0; 5_000_000])),
            "/long" => ("gzip", packed("政".repeat(70).as_bytes())),
            "/cut" => {
                let whole = packed(br#"{"total":3}"#);
                ("gzip", whole[..whole.len() - 10].to_vec())
            }
            "/no" => ("gzip", b"no gzip at all".to_vec()),
            "/twice" => ("gzip, gzip", packed(&packed(b"[]"))),
            _ => ("br", vec![0]),
        };
        ([("content-encoding", encoding)], body).into_response()
    })
    .await;
    let small = Limits {
        answer_bytes_max: 200,
        ..quick()
    };
    let (usual, small) = (door(quick(), &server.url), door(small, &server.url));
    let ask = async |door, path: &str| get(door, &format!("{}{path}", server.url)).await;
    let honest = ask(&usual, "/honest").await.expect("it is sound");
    assert_eq!(&honest.body[..], br#"{"total":3}"#);
    let cut = ask(&usual, "/cut").await;
    assert!(matches!(cut, Err(Error::CutOff { .. })), "{cut:?}");
    let long = ask(&small, "/long").await;
    assert!(matches!(long, Err(Error::TooLong { .. })), "{long:?}");
    for (path, says) in [
        ("/bomb", "100 times"),
        ("/no", "gzip header"),
        ("/twice", "once"),
        ("/br", "gzip"),
    ] {
        let error = ask(&usual, path).await.expect_err("it is none");
        assert!(matches!(error, Error::Packed { .. }), "{error:?}");
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[tokio::test]
async fn a_redirect_is_told_and_not_followed() {
    let target = Outside::answering(|_| "[]".into_response()).await;
    let location = format!("{}/secret-path", target.url);
    let server = Outside::answering(move |asked| {
        let status = asked.head.uri.path().trim_start_matches('/').parse();
        let status = StatusCode::from_u16(status.expect("a number")).expect("a status");
        (status, [("location", location.clone())]).into_response()
    })
    .await;
    let door = door(quick(), &server.url);
    for status in [301, 302, 303, 307, 308] {
        let error = get(&door, &format!("{}/{status}", server.url)).await;
        let error = error.expect_err("it is elsewhere").to_string();
        assert!(
            error.contains("127.0.0.1") && error.contains(&status.to_string()),
            "{error}"
        );
        assert!(!error.contains("secret-path"), "{error}");
    }
    assert_eq!((server.asked(), target.asked()), (5, 0));
}

#[tokio::test]
async fn nothing_goes_elsewhere_through_a_door() {
    let (mine, other) = (
        Outside::answering(|_| "[]".into_response()).await,
        Outside::answering(|_| "[]".into_response()).await,
    );
    let door = door(quick(), &format!("{}/base", mine.url));
    for url in [
        other.url.clone(),
        mine.url.replace("127.0.0.1", "127.0.0.2"),
        mine.url.replace("http:", "https:"),
    ] {
        let error = get(&door, &url).await;
        assert!(
            matches!(error, Err(Error::Elsewhere { .. })),
            "{url}: {error:?}"
        );
    }
    for url in [
        "http://u:p@127.0.0.1/",
        "http://127.0.0.1/#f",
        "ftp://127.0.0.1/",
    ] {
        let error = get(&door, url).await;
        assert!(matches!(error, Err(Error::Address)), "{url}: {error:?}");
        let error = zhengxin::egress::Egress::new().door(&place(url));
        assert!(matches!(error, Err(Error::Address)), "{url}: {error:?}");
    }
    assert_eq!((mine.asked(), other.asked()), (0, 0));
}

#[tokio::test]
async fn errors_tell_the_host_and_nothing_of_what_was_sent() {
    let server = Outside::answering(|_| StatusCode::FORBIDDEN.into_response()).await;
    let closed = "http://127.0.0.1:1".to_owned();
    for url in [&server.url, &closed] {
        let door = door(quick(), url);
        let url = Url::parse(&format!("{url}/hidden-path?hidden=query")).expect("an address");
        let mut request = Request::new(Method::GET, url);
        let value = "Bearer hidden".parse().expect("a header");
        request.headers.insert("authorization", value);
        let error = door.send(&request).await.expect_err("it is no answer");
        let told = format!("{error} {error:?} {request:?}");
        assert!(
            told.contains("127.0.0.1") && !told.contains("hidden"),
            "{told}"
        );
    }
}

#[tokio::test]
async fn an_answer_cut_anywhere_is_never_taken_for_a_whole_one() {
    let body = r#"{"code":0,"data":{"total":1,"list":[{"id":1}]}}"#;
    let whole = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let limits = Limits {
        tries_max: 1,
        ..quick()
    };
    for at in 0..=whole.len() {
        let server = Outside::sending(&whole.as_bytes()[..at], true).await;
        let answer = get(&door(limits.clone(), &server.url), &server.url).await;
        assert_eq!(answer.is_ok(), at == whole.len(), "cut at {at}: {answer:?}");
    }
}
