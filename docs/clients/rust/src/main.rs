//! What is held against a body? Takes codes or names, one JSON object a line.
//!
//! The queries in `queries/` are checked against the hub's schema when this is compiled.

mod hub;

use std::io::Write;

use anyhow::{Context, Result, bail};
use graphql_client::GraphQLQuery;
use serde_json::{Value, json};

use hub::Hub;

// The schema's scalars travel as text: a code, a day, and a decimal number that no float may round.
type Uscc = String;
type CaseNumber = String;
type Date = String;
type Decimal = String;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../../schema.graphql",
    query_path = "queries/standing.graphql",
    response_derives = "Debug, Serialize",
    // The contract's enums may grow: a value that is not known yet becomes `Other`.
    variables_derives = "Debug"
)]
struct Standing;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../../schema.graphql",
    query_path = "queries/standing.graphql",
    response_derives = "Debug, Serialize"
)]
struct Resolve;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().context("usage: zhengxin-client-example ADDRESS CODE_OR_NAME…")?;
    let hub = Hub::new(address, std::env::var("ZHENGXIN_TOKEN").ok());
    let mut out = std::io::stdout().lock();
    for subject in arguments {
        let told = match code_of(&hub, &subject)? {
            Found::Code(uscc) => standing(&hub, &uscc)?,
            // Ambiguity is an answer: a person decides, not this program.
            Found::Unsure(answer) => answer,
        };
        writeln!(out, "{}", json!({ "asked": subject, "answer": told }))?;
    }
    Ok(())
}

enum Found {
    Code(Uscc),
    Unsure(Value),
}

/// The code of a body that is named by its code or its name.
fn code_of(hub: &Hub, subject: &str) -> Result<Found> {
    if subject.len() == 18 && subject.is_ascii() {
        return Ok(Found::Code(subject.to_owned()));
    }
    let variables = resolve::Variables {
        name: subject.to_owned(),
        division: None,
    };
    let Some(resolution) = hub.ask::<Resolve>(variables)?.resolve else {
        bail!("the hub resolves nothing at present");
    };
    let sure = resolution.agency.as_ref().and_then(|agency| agency.uscc.clone());
    Ok(match sure {
        Some(uscc) => Found::Code(uscc),
        None => Found::Unsure(serde_json::to_value(resolution)?),
    })
}

/// All that holds against a body; null where the hub has no such body, or none that we may see.
fn standing(hub: &Hub, uscc: &str) -> Result<Value> {
    let mut records = Vec::new();
    let mut after = None;
    loop {
        let variables = standing::Variables {
            uscc: uscc.to_owned(),
            after,
        };
        let Some(agency) = hub.ask::<Standing>(variables)?.agency else {
            return Ok(Value::Null);
        };
        let page = agency.credit_records.context("records are not to be had at present")?;
        records.extend(page.edges.into_iter().map(|edge| edge.node));
        if page.page_info.has_next_page {
            after = page.page_info.end_cursor;
            continue;
        }
        return Ok(json!({
            "uscc": uscc,
            "name": agency.name,
            "division": agency.division.full_name,
            "total": page.total_count,
            "records": records,
        }));
    }
}
