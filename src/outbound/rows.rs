//! Rows of a package as CSV or XML.

use super::message::Message;

/// One line a row, below one of headings.
pub(super) fn csv(columns: &[String], messages: &[Message]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns).expect("memory takes any row");
    for message in messages {
        let cells = message
            .row
            .iter()
            .map(|cell| cell.as_deref().unwrap_or_default());
        writer.write_record(cells).expect("memory takes any row");
    }
    writer.into_inner().expect("memory takes any row")
}

/// One element a row, inside it one a column; `names` are those of the document and of a row.
pub(super) fn xml(columns: &[String], messages: &[Message], names: (&str, &str)) -> Vec<u8> {
    let (root, row) = names;
    let mut text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root}>\n");
    for message in messages {
        text.push_str(&format!("<{row}>"));
        for (column, cell) in columns.iter().zip(&message.row) {
            let cell: String = cell
                .as_deref()
                .unwrap_or_default()
                .chars()
                .filter(is_xml)
                .collect();
            let cell = quick_xml::escape::escape(cell.as_str());
            text.push_str(&format!("<{column}>{cell}</{column}>"));
        }
        text.push_str(&format!("</{row}>\n"));
    }
    text.push_str(&format!("</{root}>\n"));
    text.into_bytes()
}

/// Characters that XML 1.0 has.
fn is_xml(c: &char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}
