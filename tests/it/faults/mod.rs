//! The fault harness: sources that lie, break off and repeat themselves, a hub that fails at every
//! step and is killed, and an oracle that knows what must be in it all the same. `docs/faults.md`
//! tells what is played and what was found.

mod campaign;
mod changes;
mod controls;
mod delivery;
mod file_faults;
mod judge;
mod killed;
mod kinds;
pub(crate) mod luck;
mod oracle;
mod page_faults;
mod row;
mod row_faults;
mod scenario;
mod seen;
mod source;
mod stage;
mod told;
mod wire_faults;
mod workbook;
mod world;

use zhengxin::failpoint::{self, POINTS};

pub(crate) use campaign::{kill, play};

/// Scenarios that every run of the tests plays.
const SCENARIOS: u64 = 1_000;
/// Processes that every run of the tests kills.
const KILLS: u64 = 20;
/// Seeds to play instead, such as `17..18`.
const SEEDS: &str = "ZHENGXIN_FAULT_SEEDS";

/// The seeds that are asked for.
fn seeds() -> std::ops::Range<u64> {
    let Ok(asked) = std::env::var(SEEDS) else {
        return 0..SCENARIOS;
    };
    let range = asked
        .split_once("..")
        .and_then(|(start, end)| Some(start.parse().ok()?..end.parse().ok()?));
    range.unwrap_or_else(|| panic!("{SEEDS} is {asked:?}, expected such as 17..18"))
}

#[test]
fn nothing_is_missing_nothing_is_twice_nothing_is_wrongly_withdrawn() {
    let told = play(seeds()).unwrap_or_else(|wrong| panic!("{wrong}"));
    if std::env::var(SEEDS).is_ok() {
        return;
    }
    // What was never played proves nothing.
    let kinds = kinds::KINDS.iter().map(|kind| kind.name);
    for name in kinds.chain(changes::FAULTS) {
        assert!(told.faults.contains_key(name), "{name}: {told:#?}");
    }
    for point in POINTS.iter().filter(|_| failpoint::ENABLED) {
        assert!(told.points.contains_key(point), "{point}: {told:#?}");
    }
    let often = [
        told.stored,
        told.held,
        told.refused,
        told.at_once,
        told.gone_on,
    ];
    assert!(
        often.iter().all(|times| *times > SCENARIOS / 20),
        "{told:#?}"
    );
}

#[test]
fn whoever_is_killed_leaves_nothing_half_done() {
    let killed = kill(KILLS, 0).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert!(
        killed.kills >= KILLS && killed.in_the_middle > 0,
        "{killed:#?}"
    );
}
