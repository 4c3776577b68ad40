//! One round: what platforms said since, what is open, then what waits.

use std::{collections::HashSet, time::Duration};

use chrono::{DateTime, Utc};
use domain::{audit::Action, outbox::OutboxState};
use serde::Serialize;

use crate::{
    audit::{Draft, Unavailable},
    store::{Outcome, Outgoing, Settled},
};

use super::{
    Channel, Error, Outbound, Target,
    message::{self, Message},
    trial::{Trial, outcome, wait},
};

/// How long a claim holds. Whoever has not noted an outcome by then is taken for dead.
const LEASE: Duration = Duration::from_secs(600);
/// Nothing is begun with less than this left of the claim: longer than asking and sending may take.
const LEASE_LEFT_MIN: Duration = Duration::from_secs(300);
/// Messages that one claim of a service takes.
const SERVICE_ROWS: usize = 50;
/// Claims of one state in one round.
const CLAIMS_MAX: usize = 200;
/// So many open outcomes in a row end a round: the platform is not well.
const OPEN_MAX: usize = 3;
/// What one round came to.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct RoundReport {
    /// Sent, without a word about it yet.
    pub sent: i64,
    pub accepted: i64,
    pub refused: i64,
    /// To be sent again.
    pub put_off: i64,
    /// To be asked for.
    pub unknown: i64,
    pub cancelled: i64,
    /// What went wrong besides, one sentence each.
    pub troubles: Vec<String>,
}

impl RoundReport {
    pub(super) fn count(&mut self, outcome: &Outcome) {
        *match outcome {
            Outcome::Sent => &mut self.sent,
            Outcome::Accepted(_) => &mut self.accepted,
            Outcome::Refused(_) => &mut self.refused,
            Outcome::Later(..) => &mut self.put_off,
            Outcome::Unknown(..) => &mut self.unknown,
            Outcome::Cancelled(_) => &mut self.cancelled,
        } += 1;
    }

    /// Notes a trouble once.
    pub(super) fn trouble(&mut self, target: &Target, what: &str) {
        let told = format!("{}: {what}", target.key);
        if !self.troubles.contains(&told) {
            self.troubles.push(told);
        }
    }
}

/// How a claim ended.
#[derive(PartialEq, Eq)]
enum Flow {
    More,
    Nothing,
    Down,
}

/// Rows that this round holds.
pub(super) struct Claim {
    pub token: String,
    /// Whether their outcomes were open before.
    pub is_open: bool,
    until: DateTime<Utc>,
}

impl Outbound {
    /// Sends what waits, to each platform in turn, and notes what came of it.
    pub async fn round(&self) -> Result<RoundReport, Error> {
        let mut report = RoundReport::default();
        for target in &self.targets {
            self.read_feedback(target, &mut report).await?;
            if self.send(target, &mut report).await? && matches!(target.channel, Channel::Table(_))
            {
                self.read_feedback(target, &mut report).await?;
            }
        }
        Ok(report)
    }

    /// Sends what is due; whether the platform could be reached.
    async fn send(&self, target: &Target, report: &mut RoundReport) -> Result<bool, Error> {
        for state in [OutboxState::Unknown, OutboxState::Pending] {
            for _ in 0..CLAIMS_MAX {
                match self.claim(target, state, report).await? {
                    Flow::More => {}
                    Flow::Nothing => break,
                    Flow::Down => return Ok(false),
                }
            }
        }
        Ok(true)
    }

    async fn claim(
        &self,
        target: &Target,
        state: OutboxState,
        report: &mut RoundReport,
    ) -> Result<Flow, Error> {
        let now = self.clock.now();
        let claim = Claim {
            token: token(),
            is_open: state == OutboxState::Unknown,
            until: now + LEASE,
        };
        let limit = match &target.channel {
            Channel::Service(_) => SERVICE_ROWS,
            Channel::Package(folder) => folder.rows_max(),
            Channel::Table(exchange) => exchange.batch_rows(),
        };
        let claimed = self
            .store
            .claim_outbox(
                (&target.key, state),
                &claim.token,
                (now, claim.until),
                limit,
            )
            .await?;
        if claimed == 0 {
            return Ok(Flow::Nothing);
        }
        let rows = self.store.claimed_outbox(&target.key, &claim.token).await?;
        let messages = self.messages(target, &rows, &claim, report).await?;
        if let Err(unavailable) = self.note_leaving(target, &rows, &messages).await {
            let down = |_: &Message| Trial::Down(unavailable.to_string());
            let trials = messages.iter().map(down).collect();
            let settled = self.settle_all((target, &claim), messages, trials, report);
            return settled.await;
        }
        match &target.channel {
            Channel::Service(service) => {
                self.over_service(service, (target, &claim), messages, report)
                    .await
            }
            Channel::Package(folder) => {
                let trials = self.in_package(folder, &claim, &rows, &messages).await?;
                self.settle_all((target, &claim), messages, trials, report)
                    .await
            }
            Channel::Table(exchange) => {
                let trials = exchange.deliver(&messages).await;
                self.settle_all((target, &claim), messages, trials, report)
                    .await
            }
        }
    }

    /// The messages of rows; those that have none are settled at once.
    async fn messages(
        &self,
        target: &Target,
        rows: &[Outgoing],
        claim: &Claim,
        report: &mut RoundReport,
    ) -> Result<Vec<Message>, Error> {
        let (layout, lists) = (&self.catalogue.outbound[&target.key], &self.catalogue.lists);
        let now = self.clock.now();
        let (mut messages, mut settled) = (Vec::new(), Vec::new());
        for row in rows {
            let operation = message::operation(row);
            let outcome = match operation {
                Ok(operation) => match message::message(layout, lists, row, operation, now) {
                    Ok(message) => {
                        messages.push(message);
                        continue;
                    }
                    // It was put into the layout once and may be out: that comes first.
                    Err(reason) if claim.is_open => {
                        Outcome::Unknown(reason, now + wait(row.attempts))
                    }
                    Err(reason) => Outcome::Refused(format!("not sent: {reason}")),
                },
                Err(reason) => Outcome::Cancelled(reason.to_owned()),
            };
            report.count(&outcome);
            settled.push(Settled {
                id: row.id,
                operation: operation.ok(),
                digest: None,
                outcome,
            });
        }
        self.store
            .settle_outbox(&claim.token, &settled, now)
            .await?;
        Ok(messages)
    }

    /// Writes into the audit log what leaves, to whom and for what, before it leaves.
    async fn note_leaving(
        &self,
        target: &Target,
        rows: &[Outgoing],
        messages: &[Message],
    ) -> Result<(), Unavailable> {
        if messages.is_empty() {
            return Ok(());
        }
        let leaving: HashSet<i64> = messages.iter().map(|message| message.id).collect();
        let rows = rows.iter().filter(|row| leaving.contains(&row.id));
        let about = rows.filter_map(|row| row.record.subject.agency()).collect();
        let word = |message: &Message| format!("{} {}", message.operation, message.number);
        let words: Vec<String> = messages.iter().map(word).collect();
        let (key, count) = (&target.key, words.len());
        let object = format!("outbound.{key}: {count} messages: {}", words.join(", "));
        let draft = Draft {
            purpose: self.catalogue.outbound[key].purpose.clone(),
            ..Draft::by_itself(Action::Export, object)
        };
        // The entry has room for some of the numbers; it commits to all of them, and to what each message says.
        let all = words.iter().zip(messages);
        let all: Vec<String> = all
            .map(|(word, message)| format!("{word} {}", message.digest))
            .collect();
        for draft in draft.about(&about) {
            let all = all.join("\n").into_bytes();
            self.audit.record(draft, Some(all)).await?;
        }
        Ok(())
    }

    async fn over_service(
        &self,
        service: &super::service::Service,
        (target, claim): (&Target, &Claim),
        messages: Vec<Message>,
        report: &mut RoundReport,
    ) -> Result<Flow, Error> {
        let mut open_in_row = 0;
        let mut flow = Flow::More;
        for message in messages {
            let is_late = self.clock.now() + LEASE_LEFT_MIN > claim.until;
            let trial = if flow == Flow::Down || is_late {
                Trial::Untried
            } else {
                service.deliver(&message, claim.is_open).await
            };
            match &trial {
                Trial::Open(_) => open_in_row += 1,
                Trial::Down(_) => flow = Flow::Down,
                Trial::Untried => {}
                _ => open_in_row = 0,
            }
            if open_in_row >= OPEN_MAX && flow != Flow::Down {
                let told = format!("{OPEN_MAX} messages in a row had no answer");
                report.trouble(target, &told);
                flow = Flow::Down;
            }
            // Each is noted before the next is sent, so that little is open after a kill.
            self.settle_all((target, claim), vec![message], vec![trial], report)
                .await?;
        }
        Ok(flow)
    }

    async fn settle_all(
        &self,
        (target, claim): (&Target, &Claim),
        messages: Vec<Message>,
        trials: Vec<Trial>,
        report: &mut RoundReport,
    ) -> Result<Flow, Error> {
        let now = self.clock.now();
        let mut flow = Flow::More;
        let mut settled = Vec::with_capacity(messages.len());
        for (message, trial) in messages.into_iter().zip(trials) {
            if let Trial::Down(reason) = &trial {
                report.trouble(target, reason);
                flow = Flow::Down;
            }
            let outcome = outcome(trial, claim.is_open, message.attempts, now);
            report.count(&outcome);
            settled.push(Settled {
                id: message.id,
                operation: Some(message.operation),
                digest: Some(message.digest),
                outcome,
            });
        }
        self.store
            .settle_outbox(&claim.token, &settled, now)
            .await?;
        Ok(flow)
    }
}

fn token() -> String {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).expect("the operating system has random numbers");
    crate::hex(&bytes)
}
