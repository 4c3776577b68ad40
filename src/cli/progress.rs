//! How far a delivery is read, shown to whoever sits before a terminal.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

use crate::ingest::ReadSoFar;

use super::Global;

const ROWS: &str = "{spinner} {human_pos} rows, {per_sec}, {elapsed}";
const BYTES: &str =
    "{bar:30} {bytes} of {total_bytes}, {binary_bytes_per_sec}, {msg} rows, {eta} to go";

/// A bar on a terminal, nothing elsewhere.
pub(super) fn progress_bar(global: &Global) -> ProgressBar {
    if global.quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    ProgressBar::no_length().with_style(style(ROWS))
}

/// Shows how far it is: of how many bytes where that is known, else by its rows.
pub(super) fn show(bar: &ProgressBar, so_far: ReadSoFar) {
    let Some(all) = so_far.bytes_all else {
        bar.set_position(so_far.rows.unsigned_abs());
        return;
    };
    if bar.length() != Some(all) {
        // What was fetched before was counted otherwise.
        bar.reset();
        bar.set_style(style(BYTES));
        bar.set_length(all);
    }
    bar.set_message(so_far.rows.to_string());
    bar.set_position(so_far.bytes);
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_understood() {
        for template in [ROWS, BYTES] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }

    #[test]
    fn bytes_of_all_bytes_are_shown_once_they_are_known() {
        let bar = ProgressBar::with_draw_target(None, indicatif::ProgressDrawTarget::hidden());
        let fetched = ReadSoFar {
            rows: 900,
            ..ReadSoFar::default()
        };
        show(&bar, fetched);
        assert_eq!((bar.position(), bar.length()), (900, None));
        let read = ReadSoFar {
            rows: 30,
            bytes: 400,
            bytes_all: Some(2_000),
        };
        show(&bar, read);
        assert_eq!((bar.position(), bar.length()), (400, Some(2_000)));
        assert_eq!(bar.message(), "30");
    }
}
