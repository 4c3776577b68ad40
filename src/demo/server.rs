//! A local server that delivers the made-up province page by page, as the real sources would.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::files::{court_page, register_row, succession_row, table_row};
use super::world::{MadeTable, World};

/// What a page holds where the caller does not say.
const DEFAULT_SIZE: usize = 500;
/// What a page holds at most, whatever the caller says.
const MAX_SIZE: usize = 1_000;

/// Serves `world` on a free port of this machine until the task is aborted.
pub async fn serve(world: Arc<World>) -> std::io::Result<(SocketAddr, JoinHandle<()>)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let task = tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router(world)).await {
            tracing::error!(%error, "the demo's sources stopped");
        }
    });
    Ok((address, task))
}

fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/agency_register/agencies", get(agencies))
        .route("/agency_register/successions", get(successions))
        .route("/court_debtors", get(court_debtors))
        .route("/arrears", get(arrears))
        .route("/supervision", get(supervision))
        .route("/hotline", get(hotline))
        .route("/credit_platform", get(penalties))
        .route("/official_register", get(posts))
        .route("/third_party", get(assessments))
        .with_state(world)
}

async fn agencies(State(world): State<Arc<World>>, uri: Uri) -> Response {
    answer(page(&uri, "page"), |page| {
        envelope(&world.agencies, page, register_row)
    })
}

async fn successions(State(world): State<Arc<World>>, uri: Uri) -> Response {
    answer(page(&uri, "page"), |page| {
        envelope(&world.successions, page, succession_row)
    })
}

async fn court_debtors(State(world): State<Arc<World>>, uri: Uri) -> Response {
    answer(page(&uri, "currentPage"), |page| {
        court_page(
            page.of(&world.listings),
            page.number,
            page.size,
            world.listings.len(),
        )
    })
}

async fn arrears(State(world): State<Arc<World>>, uri: Uri) -> Response {
    reported(&world.reports.arrears, &uri)
}

async fn supervision(State(world): State<Arc<World>>, uri: Uri) -> Response {
    reported(&world.reports.supervision, &uri)
}

async fn hotline(State(world): State<Arc<World>>, uri: Uri) -> Response {
    reported(&world.reports.hotline, &uri)
}

async fn penalties(State(world): State<Arc<World>>, uri: Uri) -> Response {
    reported(&world.reports.penalties, &uri)
}

async fn posts(State(world): State<Arc<World>>, uri: Uri) -> Response {
    reported(&world.posts, &uri)
}

async fn assessments(State(world): State<Arc<World>>, uri: Uri) -> Response {
    reported(&world.assessments, &uri)
}

fn reported(table: &MadeTable, uri: &Uri) -> Response {
    answer(page(uri, "pageNo"), |page| {
        envelope(&table.rows, page, |row| table_row(table, row))
    })
}

/// Which page is asked for.
#[derive(Clone, Copy)]
struct Page {
    number: usize,
    size: usize,
}

impl Page {
    /// The rows of this page; none behind the last.
    fn of<T>(self, rows: &[T]) -> &[T] {
        let start = (self.number - 1).saturating_mul(self.size).min(rows.len());
        &rows[start..start.saturating_add(self.size).min(rows.len())]
    }
}

/// Reads the page from the query; parameters of other names are nobody's business here.
fn page(uri: &Uri, number_key: &str) -> Result<Page, String> {
    let mut page = Page {
        number: 1,
        size: DEFAULT_SIZE,
    };
    for pair in uri.query().unwrap_or_default().split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let to = match key {
            "pageSize" => &mut page.size,
            key if key == number_key => &mut page.number,
            _ => continue,
        };
        *to = value
            .parse()
            .ok()
            .filter(|number| *number > 0)
            .ok_or_else(|| format!("{key} must be a positive number"))?;
    }
    page.size = page.size.min(MAX_SIZE);
    Ok(page)
}

fn envelope<T>(rows: &[T], page: Page, row: impl Fn(&T) -> Value) -> Value {
    let list: Vec<Value> = page.of(rows).iter().map(row).collect();
    json!({"code": 0, "msg": "", "data": {"total": rows.len(), "list": list}})
}

fn answer(page: Result<Page, String>, body: impl FnOnce(Page) -> Value) -> Response {
    let (status, body) = match page {
        Ok(page) => (StatusCode::OK, body(page)),
        Err(message) => (
            StatusCode::BAD_REQUEST,
            json!({"code": 400, "msg": message, "data": null}),
        ),
    };
    (
        status,
        [(header::CONTENT_TYPE, "application/json; charset=utf-8")],
        body.to_string(),
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str) -> Result<(usize, usize), String> {
        let uri: Uri = format!("/court_debtors{query}")
            .parse()
            .expect("a path and a query");
        page(&uri, "currentPage").map(|page| (page.number, page.size))
    }

    #[test]
    fn pages_are_read_and_capped() {
        assert_eq!(asked(""), Ok((1, 500)));
        assert_eq!(asked("?currentPage=3&pageSize=20&pName="), Ok((3, 20)));
        assert_eq!(asked("?pageSize=5000"), Ok((1, 1000)));
        assert!(asked("?currentPage=0").is_err());
        assert!(asked("?pageSize=many").is_err());
    }

    #[test]
    fn behind_the_last_page_is_nothing() {
        let rows = [1, 2, 3];
        assert_eq!(Page { number: 2, size: 2 }.of(&rows), [3]);
        assert!(
            Page {
                number: usize::MAX,
                size: 1000
            }
            .of(&rows)
            .is_empty()
        );
    }

    #[tokio::test]
    async fn a_page_comes_over_the_wire() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};

        let world = World::default();
        let (address, task) = serve(Arc::new(world)).await.expect("a free port");
        for (path, status, body) in [
            (
                "/agency_register/agencies?page=1&pageSize=500",
                "200",
                r#""total":0"#,
            ),
            (
                "/agency_register/successions?page=x",
                "400",
                "page must be a positive number",
            ),
            ("/court_debtors?currentPage=1", "200", r#""totalSize":0"#),
        ] {
            let mut stream = tokio::net::TcpStream::connect(address)
                .await
                .expect("the server listens");
            let request = format!("GET {path} HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n\r\n");
            stream
                .write_all(request.as_bytes())
                .await
                .expect("the server reads");
            let mut answer = String::new();
            stream
                .read_to_string(&mut answer)
                .await
                .expect("the server answers in UTF-8");
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status}")) && answer.contains(body),
                "{answer}"
            );
        }
        task.abort();
    }
}
