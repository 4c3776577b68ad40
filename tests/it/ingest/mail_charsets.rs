//! Letters whose label of their charset is wrong, as those of real mail programs are.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::run::RunCounts;

use super::{done, hub_with_town};
use crate::support::{anywhere, made, on_both};

const WORDS: &str = "承诺的样例奖补未兑现";

fn letter(label: &str, text: &[u8], is_base64: bool) -> Vec<u8> {
    let (encoding, text) = match is_base64 {
        true => ("base64", STANDARD.encode(text).into_bytes()),
        false => ("8bit", text.to_vec()),
    };
    let subject = STANDARD.encode("【政务诚信】样例来信");
    let head = format!(
        "From: writer@example.invalid\r\nTo: box@example.invalid\r\n\
         Message-ID: <charset@example.invalid>\r\nDate: Mon, 05 May 2025 09:00:00 +0800\r\n\
         Subject: =?UTF-8?B?{subject}?=\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset={label}\r\n\
         Content-Transfer-Encoding: {encoding}\r\n\r\n"
    );
    [head.as_bytes(), &text].concat()
}

#[tokio::test]
async fn a_wrong_label_costs_no_letter() {
    on_both(async |db| {
        let text = format!("被反映单位：佛山市禅城区样例局\r\n反映人：甲某写\r\n{WORDS}。\r\n");
        let (utf8, gb) = (text.as_bytes(), made::gb18030(text.as_bytes()));
        for (label, bytes) in [
            ("gb2312", utf8),
            ("us-ascii", utf8),
            ("utf-8", &gb),
            ("us-ascii", &gb),
            ("gb2312", &gb),
        ] {
            for is_base64 in [false, true] {
                let db = db.another();
                let hub = hub_with_town(&db).await;
                let letter = letter(label, bytes, is_base64);
                let report = hub.ingest("mailbox", &[("1.eml", &letter)], |_| {}).await;
                let counts = RunCounts {
                    received: 1,
                    stored: 1,
                    ..RunCounts::default()
                };
                done(&report, counts);
                let found = anywhere(&hub, WORDS).await;
                assert!(!found.is_empty(), "{label} {is_base64}");
            }
        }
    })
    .await;
}
