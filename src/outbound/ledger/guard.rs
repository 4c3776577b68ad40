//! Cells that a spreadsheet would take for formulas.

use std::borrow::Cow;

/// A cell that a spreadsheet would take for a formula, as a text. Blanks, breaks and marks of no width before the
/// sign are skipped by some of them, and full-width signs are read as the narrow ones.
pub fn guarded(cell: &str) -> Cow<'_, str> {
    let is_skipped = |c: char| c.is_whitespace() || c.is_control() || is_widthless(c);
    let is_sign = |c: char| "=+-@＝＋－＠".contains(c);
    let told = cell.trim_start_matches(is_skipped);
    let is_broken = cell.starts_with(['\t', '\r', '\n']);
    match is_broken || told.starts_with(is_sign) {
        true => format!("'{cell}").into(),
        false => cell.into(),
    }
}

fn is_widthless(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_a_text() {
        let signs = ["=", "+", "-", "@", "＝", "＋", "－", "＠"];
        let before = [
            "", " ", "  ", "\t", "\r", "\n", "\r\n", " \t ", "\u{a0}", "\u{3000}", "\u{feff}",
            "\u{200b}", "\0", "\u{1f}",
        ];
        for sign in signs {
            for before in before {
                let cell = format!("{before}{sign}1+1");
                assert_eq!(guarded(&cell), format!("'{cell}"), "{cell:?}");
            }
        }
        for cell in ["\t1", "\r1", "\n1"] {
            assert_eq!(guarded(cell), format!("'{cell}"), "{cell:?}");
        }
        for cell in [
            "",
            " ",
            "样例局",
            " 样例局",
            "1-1",
            "a=b",
            "佛山市（＝）",
            "2026-05-01",
            "'=1",
        ] {
            assert_eq!(guarded(cell), cell, "{cell:?}");
        }
    }
}
