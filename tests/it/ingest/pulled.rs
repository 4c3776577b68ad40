//! Sources that are pulled over HTTP, page by page.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use domain::run::RunCounts;
use zhengxin::{
    config::Place,
    demo::{Scale, World, serve},
    egress::{Egress, Limits},
    ingest::{From, Order, Report},
};

use super::{COURT, REGISTER, done, hub_with_town, refused};
use crate::support::{Db, Hub, leftovers, made, on_both, state};

/// A place on this machine.
fn place(url: &str) -> Place {
    Place {
        url: Some(url.to_owned()),
        allow: vec!["127.0.0.0/8".to_owned()],
        secret: Some("a secret".to_owned()),
        ..Place::default()
    }
}

async fn pull(hub: &Hub, source: &str, url: &str) -> Report {
    let order = Order {
        source: source.to_owned(),
        feed: None,
        from: From::Place(Box::new(place(url))),
        as_of: None,
        partial: false,
        dry_run: false,
    };
    hub.ingest
        .run(&order, &|_| {})
        .await
        .expect("it can be tried")
}

/// A source that answers each request with the next of these; behind the last one with the last.
async fn answers(answers: Vec<Response<Body>>) -> (String, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let mut prepared = Vec::new();
    for answer in answers {
        let (head, body) = answer.into_parts();
        prepared.push((
            head,
            axum::body::to_bytes(body, usize::MAX)
                .await
                .expect("a body"),
        ));
    }
    let counter = Arc::clone(&asked);
    let handler = move |request: Request| async move {
        assert_eq!(request.headers()["authorization"], "Bearer a secret");
        let at = counter
            .fetch_add(1, Ordering::SeqCst)
            .min(prepared.len() - 1);
        let (head, body) = prepared[at].clone();
        Response::from_parts(head, Body::from(body))
    };
    let router = Router::new().fallback(get(handler));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}"), asked)
}

fn page(ids: std::ops::Range<i64>, total: usize) -> Response<Body> {
    let listings: Vec<_> = ids
        .map(|id| made::listing(id, "佛山市禅城区样例局"))
        .collect();
    made::court_page(&listings, total).into_response()
}

async fn hub_with_list(db: &Db) -> Hub {
    let hub = hub_with_town(db).await;
    hub.ingest(
        COURT,
        &[(
            "list.jsonl",
            &made::court_jsonl(&[made::listing(1, "佛山市样例局")]),
        )],
        |_| {},
    )
    .await;
    hub
}

#[tokio::test]
async fn pages_are_pulled_until_the_declared_total_is_there() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let (url, asked) = answers(vec![
            page(1..501, 1_003),
            page(501..1_001, 1_003),
            page(1_001..1_004, 1_003),
        ])
        .await;
        let report = pull(&hub, COURT, &url).await;
        done(
            &report,
            RunCounts {
                received: 1_003,
                stored: 1_003,
                ..RunCounts::default()
            },
        );
        assert_eq!(asked.load(Ordering::SeqCst), 3);
        assert_eq!(
            crate::support::anywhere(&hub, "a secret").await,
            Vec::<String>::new()
        );
    })
    .await;
}

#[tokio::test]
async fn pages_come_in_whatever_charset_they_are_in_and_say() {
    on_both(async |db| {
        let listings = [1, 2].map(|id| made::listing(id, "佛山市禅城区样例局"));
        let utf8 = made::court_page(&listings, 2);
        let (gb, marked) = (made::gb18030(&utf8), made::with_bom(&utf8));
        for (kind, body) in [
            ("application/json; charset=utf-8", &gb),
            ("application/json;charset=\"GBK\"", &gb),
            ("application/json", &gb),
            ("application/json; charset=GB2312", &utf8),
            ("text/html; charset=iso-8859-1", &utf8),
            ("application/json; charset=utf-8", &marked),
        ] {
            let db = db.another();
            let hub = hub_with_town(&db).await;
            let answer = ([("content-type", kind)], body.clone()).into_response();
            let (url, _) = answers(vec![answer]).await;
            let report = pull(&hub, COURT, &url).await;
            let counts = RunCounts {
                received: 2,
                stored: 2,
                ..RunCounts::default()
            };
            done(&report, counts);
            let found = crate::support::anywhere(&hub, "禅城区样例局").await;
            assert!(!found.is_empty(), "{kind}");
        }
        let hub = hub_with_town(&db).await;
        let kind = [("content-type", "application/json; charset=shift_jis")];
        let (url, _) = answers(vec![(kind, gb).into_response()]).await;
        refused(&pull(&hub, COURT, &url).await, &["page 1", "shift_jis"]);
    })
    .await;
}

#[tokio::test]
async fn pages_that_end_before_their_total_are_refused() {
    on_both(async |db| {
        let hub = hub_with_list(&db).await;
        let before = state(&hub).await;
        let (url, _) = answers(vec![
            page(1..501, 1_003),
            page(501..900, 1_003),
            page(0..0, 1_003),
        ])
        .await;
        let report = pull(&hub, COURT, &url).await;
        refused(&report, &["1003"]);
        assert_eq!(state(&hub).await, before);
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}

#[tokio::test]
async fn a_page_that_fails_refuses_the_delivery() {
    on_both(async |db| {
        let mut hub = hub_with_list(&db).await;
        hub.ingest.egress = Egress::with(Limits {
            tries_max: 1,
            ..Limits::default()
        });
        let before = state(&hub).await;
        let whole = made::court_page(&[made::listing(501, "佛山市样例局")], 501);
        for (bad, says) in [
            (StatusCode::INTERNAL_SERVER_ERROR.into_response(), "500"),
            (
                (StatusCode::FOUND, [("location", "http://127.0.0.1:1/")]).into_response(),
                "302",
            ),
            (whole[..whole.len() - 9].to_vec().into_response(), "page"),
            ("<html>请登录</html>".into_response(), "page"),
        ] {
            let (url, asked) = answers(vec![page(1..501, 501), bad]).await;
            refused(&pull(&hub, COURT, &url).await, &[says, "page 2"]);
            assert_eq!(asked.load(Ordering::SeqCst), 2, "{says}");
            assert_eq!(state(&hub).await, before, "{says}");
        }
        let report = pull(&hub, COURT, "http://127.0.0.1:1/").await;
        refused(&report, &["127.0.0.1"]);
        assert!(!format!("{report:?}").contains("secret"), "{report:#?}");
        assert_eq!(state(&hub).await, before);
    })
    .await;
}

#[tokio::test]
async fn an_error_that_is_answered_as_if_all_were_well_is_refused() {
    on_both(async |db| {
        let hub = hub_with_list(&db).await;
        let before = state(&hub).await;
        let error = r#"{"code":"401","msg":"令牌已过期","data":{"total":0,"list":[]}}"#;
        let (url, _) = answers(vec![error.into_response()]).await;
        refused(&pull(&hub, COURT, &url).await, &["401", "令牌已过期"]);
        assert_eq!(state(&hub).await, before);
    })
    .await;
}

#[tokio::test]
async fn what_is_pulled_ends_in_the_same_state_as_what_comes_in_files() {
    on_both(async |db| {
        let scale = Scale {
            prefectures: 3,
            agencies: 700,
            listings: 600,
            agency_share: 3,
            ..Scale::SMALL
        };
        let pulled = Hub::on(&db).await;
        let world = Arc::new(World::make(5, &scale, &pulled.app.catalogue.divisions));
        let (address, task) = serve(Arc::clone(&world)).await.expect("a free port");
        for source in [REGISTER, COURT] {
            let order = Order {
                source: source.to_owned(),
                feed: None,
                from: From::Place(Box::new(place(&format!("http://{address}/{source}")))),
                as_of: None,
                partial: false,
                dry_run: false,
            };
            let report = pulled
                .ingest
                .run(&order, &|_| {})
                .await
                .expect("it answers");
            assert!(
                report.change.is_some() && report.counts.rejected == 0,
                "{report:#?}"
            );
        }
        task.abort();

        let db = db.another();
        let brought = Hub::on(&db).await;
        let register = zhengxin::demo::files::register_csv(&world);
        let successions = zhengxin::demo::files::successions_csv(&world);
        let files: [(&str, &[u8]); 2] = [
            ("register.csv", &register),
            ("successions.csv", &successions),
        ];
        brought.ingest(REGISTER, &files, |_| {}).await;
        let mut list = Vec::new();
        zhengxin::demo::files::court_jsonl(&mut list, world.listings.iter())
            .expect("memory takes it");
        brought
            .ingest(COURT, &[("list.jsonl", &list)], |_| {})
            .await;
        assert!(
            state(&pulled).await == state(&brought).await,
            "the way makes a difference"
        );
    })
    .await;
}
