//! Pages of watch lists while what they watch changes: clients read what became of 10,000 subjects each, page by
//! page from their list's beginning to its end and from there anew, while a court's listings come in.

use std::{
    net::SocketAddr,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use zhengxin::{app::App, demo::MadeAgency};

use super::{MEASURED, WARM_UP, part, province, wire::Client};

const SUBJECTS: usize = 10_000;
/// Lists, each with a client of its own.
const LISTS: usize = 8;
const ADDED_AT_ONCE: usize = 500;
/// Listings in one delivery, and deliveries before anybody reads.
const LISTED_AT_ONCE: usize = 50;
const BEFORE: usize = 20;
const BETWEEN: Duration = Duration::from_millis(500);
const CREATE: &str = "mutation ($input: CreateWatchListInput!) { done: createWatchList(input: $input) \
     { ... on WatchListSuccess { list { id } } ... on Refusal { code } } }";
const ADD: &str = "mutation ($input: AddWatchSubjectsInput!) { done: addWatchSubjects(input: $input) \
     { ... on WatchListSuccess { count } ... on Refusal { code } } }";
const PAGE: &str = "query ($list: ID!, $after: String) { watchChanges(list: $list, after: $after, first: 100) \
     { upTo hasMore changes { cursor at kind cause subject { uscc name } recordId record { kind identifiedOn } } } }";

/// Prints how many pages are read in a second, and how long one takes.
pub(super) async fn measure(
    app: &App,
    (hub, token): (SocketAddr, &str),
    agencies: &[MadeAgency],
    folder: &Path,
) -> anyhow::Result<()> {
    let follower = tokio::spawn(Arc::clone(&app.live).follow());
    let bodies: Vec<MadeAgency> = agencies.iter().rev().take(SUBJECTS).cloned().collect();
    let mut client = Client::to(hub, token).await?;
    let mut lists = Vec::new();
    for at in 0..LISTS {
        lists.push(list(&mut client, at, &bodies).await?);
    }
    let file = folder.join("listed.jsonl");
    for at in 0..BEFORE {
        deliver(app, &bodies, at, &file).await?;
    }
    let stopping = CancellationToken::new();
    let changing = tokio::spawn({
        let (app, stopping) = (app.clone(), stopping.clone());
        async move {
            let mut at = BEFORE;
            while !stopping.is_cancelled() {
                deliver(&app, &bodies, at, &file).await?;
                at += 1;
                tokio::time::sleep(BETWEEN).await;
            }
            anyhow::Ok(at - BEFORE)
        }
    });
    let begin = Instant::now() + WARM_UP;
    let reading = lists.into_iter().map(|list| {
        let token = token.to_owned();
        tokio::spawn(async move { read(hub, &token, &list, begin).await })
    });
    let mut pages = Vec::new();
    for reader in reading.collect::<Vec<_>>() {
        pages.append(&mut reader.await??);
    }
    stopping.cancel();
    let deliveries = changing.await??;
    follower.abort();
    println!("{LISTS} watch lists of {SUBJECTS} subjects, {deliveries} deliveries meanwhile:");
    for (name, is_empty) in [("pages", false), ("empty", true)] {
        let of = pages.iter().filter(|page| (page.1 == 0) == is_empty);
        let mut times: Vec<f64> = of.clone().map(|page| page.0).collect();
        times.sort_by(f64::total_cmp);
        anyhow::ensure!(!times.is_empty(), "no {name} were read");
        println!(
            "{name:<7} {:>8.0} a second, median {:>6.2} ms, 99 % {:>6.2} ms, worst {:>6.2} ms; {} events",
            times.len() as f64 / MEASURED.as_secs_f64(),
            part(&times, 0.5),
            part(&times, 0.99),
            part(&times, 1.0),
            of.map(|page| page.1).sum::<usize>()
        );
    }
    Ok(())
}

async fn ask(client: &mut Client, query: &str, variables: Value) -> anyhow::Result<Value> {
    let body = json!({ "query": query, "variables": variables }).to_string();
    let mut answer: Value = serde_json::from_str(&client.ask(&body).await?)?;
    anyhow::ensure!(answer.get("errors").is_none(), "{answer}");
    Ok(answer["data"].take())
}

/// A list of these bodies.
async fn list(client: &mut Client, at: usize, bodies: &[MadeAgency]) -> anyhow::Result<String> {
    let input = json!({ "key": format!("list {at}"), "title": "x", "purpose": "执行协助" });
    let data = ask(client, CREATE, json!({ "input": input })).await?;
    let id = data["done"]["list"]["id"].as_str().map(str::to_owned);
    let id = id.ok_or_else(|| anyhow::anyhow!("{data}"))?;
    let mut added = 0;
    for (batch, bodies) in bodies.chunks(ADDED_AT_ONCE).enumerate() {
        let codes = bodies
            .iter()
            .map(|body| json!({ "uscc": body.uscc.to_string() }));
        let subjects: Vec<Value> = codes.collect();
        let input =
            json!({ "key": format!("add {at} {batch}"), "listId": id, "subjects": subjects });
        let data = ask(client, ADD, json!({ "input": input })).await?;
        added += data["done"]["count"].as_u64().unwrap_or(0);
    }
    anyhow::ensure!(added == bodies.len() as u64, "{added} were taken in");
    Ok(id)
}

/// A delivery of listings about the next of the bodies.
async fn deliver(app: &App, bodies: &[MadeAgency], at: usize, file: &Path) -> anyhow::Result<()> {
    let first = at * LISTED_AT_ONCE;
    let next = bodies.iter().cycle().skip(first % bodies.len());
    let lines = (first..).zip(next.take(LISTED_AT_ONCE)).map(|(n, body)| {
        let listing = json!({
            "id": 70_000_000 + n, "iname": body.name, "cardNum": body.uscc.to_string(),
            "caseCode": format!("（2026）粤0604执9{n:06}号"), "courtName": "佛山市禅城区人民法院",
            "areaName": "广东", "gistId": "样例", "regDate": "2026年01月05日", "gistUnit": "样例法院",
            "duty": "付款", "performance": "全部未履行", "disruptTypeName": "其他规避执行",
            "publishDate": "2026年02月03日", "partyTypeName": "1", "age": "0", "sexy": "",
        });
        format!("{listing}\n")
    });
    std::fs::write(file, lines.collect::<String>())?;
    province::ingest(app, "court_debtors", file, true).await?;
    Ok(())
}

/// Milliseconds and events of each page that was read while it was measured.
async fn read(
    hub: SocketAddr,
    token: &str,
    list: &str,
    begin: Instant,
) -> anyhow::Result<Vec<(f64, usize)>> {
    let mut client = Client::to(hub, token).await?;
    let (mut pages, mut after) = (Vec::new(), Value::Null);
    loop {
        let started = Instant::now();
        let data = ask(&mut client, PAGE, json!({ "list": list, "after": after })).await?;
        let ended = Instant::now();
        if ended > begin + MEASURED {
            return Ok(pages);
        }
        let page = &data["watchChanges"];
        let events = page["changes"].as_array().map_or(0, Vec::len);
        if started >= begin {
            pages.push(((ended - started).as_secs_f64() * 1e3, events));
        }
        // Who has everything begins anew.
        after = match events {
            0 => Value::Null,
            _ => page["upTo"].clone(),
        };
    }
}
