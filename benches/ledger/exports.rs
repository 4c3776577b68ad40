//! The ledger as a file, which must have each case that is wanted, once, and no other.

use std::{collections::BTreeSet, io::Cursor, path::Path, process::Command, time::Instant};

use anyhow::ensure;
use calamine::{Reader, Xlsx, open_workbook_from_rs};

use crate::{cases::Made, questions::Question, wanted};

pub async fn over_http(
    client: &reqwest::Client,
    (base, token): (&str, &str),
    questions: &[Question],
    made: &[Made],
) -> anyhow::Result<()> {
    for question in questions {
        let expected = wanted(question, made);
        for form in ["csv", "xlsx"] {
            let names = question.names.iter();
            let names: Vec<String> = names
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let address = format!("{base}/export/ledger.{form}?{}", names.join("&"));
            let before = status_mb("VmRSS:")?;
            let started = Instant::now();
            let answer = client.get(address).bearer_auth(token).send().await?;
            let bytes = answer.error_for_status()?.bytes().await?;
            let took = started.elapsed().as_secs_f64();
            let above = (status_mb("VmHWM:")? - before).max(0.0);
            ensure!(
                listed(form, &bytes)? == expected,
                "{}: {form}",
                question.name
            );
            println!(
                "exported over HTTP, {:<36} {form:<4} {:>7} rows in {took:.2} s, {:.1} MB, at most {above:.0} MB above {before:.0} MB",
                question.name,
                expected.len(),
                bytes.len() as f64 / 1e6,
            );
        }
    }
    Ok(())
}

pub fn by_the_command_line(
    url: &str,
    folder: &Path,
    questions: &[Question],
    made: &[Made],
) -> anyhow::Result<()> {
    for question in questions.iter().filter(|question| question.is_lasting) {
        let expected = wanted(question, made);
        for form in ["csv", "xlsx"] {
            let file = folder.join(format!("ledger.{form}"));
            let mut command = Command::new(env!("CARGO_BIN_EXE_zhengxin"));
            command.arg("ledger").arg("--file").arg(&file);
            for (name, value) in question.names {
                command.args([&format!("--{name}"), *value]);
            }
            command
                .args(["-o", "json", "--database-url", url])
                .current_dir(folder);
            let started = Instant::now();
            let ran = command.output()?;
            let took = started.elapsed().as_secs_f64();
            ensure!(
                ran.status.success(),
                "{}",
                String::from_utf8_lossy(&ran.stderr)
            );
            ensure!(
                listed(form, &std::fs::read(&file)?)? == expected,
                "{}: {form}",
                question.name
            );
            println!(
                "written by the command, {:<36} {form:<4} {:>7} rows in {took:.2} s, the start included",
                question.name,
                expected.len(),
            );
        }
    }
    Ok(())
}

/// The numbers of the cases in a file, each once.
fn listed(form: &str, bytes: &[u8]) -> anyhow::Result<BTreeSet<i64>> {
    let numbers: Vec<String> = match form {
        "csv" => {
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_reader(bytes);
            let lines = reader
                .records()
                .filter_map(|line| line.ok().filter(|line| line.len() > 2));
            lines.skip(1).map(|line| line[0].to_owned()).collect()
        }
        _ => {
            let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes))?;
            let sheet = book.worksheet_range("台账")?;
            sheet.rows().skip(1).map(|row| row[0].to_string()).collect()
        }
    };
    let count = numbers.len();
    let numbers: Result<BTreeSet<i64>, _> = numbers.iter().map(|number| number.parse()).collect();
    let numbers = numbers?;
    ensure!(numbers.len() == count, "a case stands there twice");
    Ok(numbers)
}

/// A line of what the kernel says of this process, of its memory.
fn status_mb(key: &str) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    let kb = line.unwrap_or("0 kB").trim().trim_end_matches(" kB");
    Ok(kb.parse::<f64>()? / 1e3)
}
