//! Changes of many rows at once, with hashes that are made anew.

use domain::audit::{Entry, Frontier, HashKind, ZERO};

use super::{ENTRIES, Mutation, Victim};

impl Victim {
    /// Two entries in each other's places.
    pub(super) fn swapped(&mut self, at: i64) -> Mutation {
        let other = (at + 1 + self.below(ENTRIES - 1)) % ENTRIES;
        let (first, last) = (at.min(other), at.max(other));
        let moves = [(first, -1_i64), (last, first), (-1, last)];
        let sql =
            moves.map(|(from, to)| format!("UPDATE audit_entry SET seq = {to} WHERE seq = {from}"));
        Mutation {
            what: format!("{first} and {last} swapped"),
            sql: sql.into(),
            named: first..=first,
            needs_outside: false,
        }
    }

    /// A foreign entry in this place, well made and well chained, and all others one place on.
    pub(super) fn inserted(&mut self, at: i64) -> Mutation {
        let mut entry = Entry::decode(&self.rows[at as usize].record).expect("a record");
        entry.id.0[15] ^= 0xff;
        entry.agencies.clear();
        let record = entry.encode();
        let kind = HashKind::Sha256;
        let leaf = kind.leaf(&record);
        let before = match at {
            0 => ZERO,
            _ => self.rows[at as usize - 1]
                .chain
                .clone()
                .try_into()
                .expect("a link"),
        };
        let chain = kind.chain(&before, &leaf);
        let [id, record, leaf, chain] =
            [&entry.id.0[..], &record, &leaf, &chain].map(|bytes| self.bytes(bytes));
        let sql = vec![
            format!("UPDATE audit_entry SET seq = -seq - 1 WHERE seq >= {at}"),
            "UPDATE audit_entry SET seq = -seq WHERE seq < 0".to_owned(),
            format!("UPDATE audit_object SET seq = -seq - 1 WHERE seq >= {at}"),
            "UPDATE audit_object SET seq = -seq WHERE seq < 0".to_owned(),
            format!(
                "INSERT INTO audit_entry (seq, id, record, leaf, chain, at, subject, issuer, role, action, outcome) \
                 SELECT {at}, {id}, {record}, {leaf}, {chain}, at, subject, issuer, role, action, outcome \
                 FROM saved_audit_entry WHERE seq = {at}"
            ),
        ];
        // It is as good as any by itself; who comes behind it does not follow it, or the next checkpoint
        // states another log than the last one did.
        let first = if at % 8 == 7 { at - 7 } else { at };
        Mutation {
            what: format!("inserted at {at}"),
            sql,
            named: first..=at + 1,
            needs_outside: false,
        }
    }

    /// The log as it was when it had so many entries, its head with it.
    pub(super) fn rolled_back(&self, size: i64) -> Mutation {
        let (mut frontier, mut chain) = (Frontier::default(), ZERO);
        for row in &self.rows[..size as usize] {
            let leaf = HashKind::Sha256.leaf(&row.record);
            chain = HashKind::Sha256.chain(&chain, &leaf);
            frontier.push(HashKind::Sha256, leaf, |_, _, _| {});
        }
        let sql = vec![
            format!("DELETE FROM audit_entry WHERE seq >= {size}"),
            format!("DELETE FROM audit_object WHERE seq >= {size}"),
            self.head(&frontier, &chain),
        ];
        Mutation {
            what: format!("its head, too, at {size}"),
            sql,
            named: size..=size,
            needs_outside: false,
        }
    }

    pub(super) fn head(&self, frontier: &Frontier, chain: &[u8; 32]) -> String {
        format!(
            "UPDATE audit_head SET size = {}, chain = {}, peaks = {}",
            frontier.size(),
            self.bytes(chain),
            self.bytes(&frontier.peaks().concat())
        )
    }

    /// Another entry, and all hashes behind it made anew: only checkpoints tell.
    pub(super) fn rewritten(&mut self, at: i64) -> Mutation {
        let (mut frontier, mut chain, mut sql) = (Frontier::default(), ZERO, Vec::new());
        for (place, row) in (0..).zip(&self.rows) {
            let mut record = row.record.clone();
            if place == at {
                let mut entry = Entry::decode(&record).expect("a record");
                entry.object.push('!');
                record = entry.encode();
            }
            let leaf = HashKind::Sha256.leaf(&record);
            chain = HashKind::Sha256.chain(&chain, &leaf);
            frontier.push(HashKind::Sha256, leaf, |_, _, _| {});
            let [record, leaf, link] = [&record[..], &leaf, &chain].map(|bytes| self.bytes(bytes));
            if place >= at {
                sql.push(format!(
                    "UPDATE audit_entry SET record = {record}, leaf = {leaf}, chain = {link} WHERE seq = {place}"
                ));
            }
        }
        sql.push(self.head(&frontier, &chain));
        // Which of those since the last good checkpoint it was, nobody can know.
        let last = at - at % 8;
        Mutation {
            what: format!("rewritten from {at} on"),
            sql,
            named: last..=last,
            needs_outside: false,
        }
    }
}
