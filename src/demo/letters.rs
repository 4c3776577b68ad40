//! Letters to the dedicated mailbox of the made-up province, most of them by its template.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::Days;

use super::luck::{Luck, day, person};
use super::words::HOTLINE_MATTERS;
use super::world::MadeAgency;

/// Makes so many letters, as one file of them (`mbox`).
pub(super) fn make(mut luck: Luck, agencies: &[MadeAgency], count: usize) -> String {
    let standing = agencies.iter().filter(|agency| agency.abolished.is_none());
    let bodies: Vec<&MadeAgency> = standing.collect();
    let count = if bodies.is_empty() { 0 } else { count };
    (1..=count).map(|n| letter(&mut luck, &bodies, n)).collect()
}

fn letter(luck: &mut Luck, bodies: &[&MadeAgency], n: usize) -> String {
    let body = luck.pick(bodies);
    let (tag, _, matter) = luck.pick(HOTLINE_MATTERS);
    let sent = (day(2025, 6, 1) + Days::new(luck.below(500) as u64)).format("%a, %d %b %Y");
    let subject = STANDARD.encode(format!("【{tag}】{matter}"));
    // Not everybody keeps to the template: such a letter names nobody yet.
    let named = match luck.one_in(6) {
        true => String::new(),
        false => format!("被反映单位：{}\n", body.name),
    };
    let writer = person(luck);
    format!(
        "From writer{n}@example.invalid\n\
         From: writer{n}@example.invalid\nTo: box@example.invalid\n\
         Message-ID: <demo-{n}@example.invalid>\nDate: {sent} 09:00:00 +0800\n\
         Subject: =?UTF-8?B?{subject}?=\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n\n\
         {named}反映人：{writer}\n联系电话：1000000{:04}\n示例来信：{matter}。\n\n",
        n % 10_000
    )
}
