//! The long campaign of faults: `cargo bench --bench faults --features failpoints -- 20000 500` plays
//! so many scenarios and kills so many processes; `--from 17` begins at another seed. It ends with
//! an error that names the seed where the hub is wrong. `docs/faults.md` tells what is played.
#![expect(clippy::print_stdout, reason = "a bench reports")]
#![allow(
    clippy::disallowed_methods,
    dead_code,
    unused_imports,
    reason = "what the tests stand on serves here too, and more of it than is needed"
)]

use std::time::Instant;

use zhengxin::failpoint;

#[path = "../tests/it/faults/mod.rs"]
mod faults;
#[path = "../tests/it/support/mod.rs"]
mod support;

/// What is played where nobody says otherwise.
const SCENARIOS: u64 = 200;
const KILLS: u64 = 10;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (mut numbers, mut from) = (Vec::new(), 0);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            // Cargo's own.
            "--bench" => {}
            "--from" => {
                let seed = arguments.next().unwrap_or_default();
                from = seed.parse()?;
            }
            number => numbers.push(number.parse::<u64>()?),
        }
    }
    let scenarios = numbers.first().copied().unwrap_or(SCENARIOS);
    let kills = numbers.get(1).copied().unwrap_or(KILLS);
    if !failpoint::ENABLED {
        println!("without --features failpoints nothing fails in the hub itself");
    }

    let started = Instant::now();
    let told = faults::play(from..from + scenarios).map_err(anyhow::Error::msg)?;
    let seconds = started.elapsed().as_secs_f64();
    println!("{told:#?}\n{scenarios} scenarios from seed {from}: {seconds:.0} s, nothing wrong");

    let started = Instant::now();
    let killed = faults::kill(kills, from).map_err(anyhow::Error::msg)?;
    let seconds = started.elapsed().as_secs_f64();
    println!("{killed:#?}\n{kills} kills: {seconds:.0} s, nothing wrong");
    Ok(())
}
