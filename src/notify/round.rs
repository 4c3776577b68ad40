//! One round: each subscriber is told what is due.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{
    audit::Action,
    id::{Kind, stable_id},
    notice::{self, NoticeAgency, Told},
};
use futures_util::future::join_all;
use serde::Serialize;

use crate::{
    audit::{Draft, Unavailable},
    store::{ClaimedNotice, NoticeDelivery, SettledNotice},
    telemetry,
};

use super::{Channel, Error, Notify, Outcome, Trial, api_id};

/// How long a claim holds: longer than a try may take. Whoever has not noted an outcome by then is
/// taken for dead.
const LEASE: Duration = Duration::from_secs(600);
/// Notices in one mail.
const NOTICES_PER_MAIL: usize = 100;
/// Claims for one subscriber in one round.
const CLAIMS_MAX: usize = 1_000;
/// How long a subscriber is left alone where nothing can be written into the audit log.
const UNWRITTEN: Duration = Duration::from_secs(60);
/// So many failures on end leave a subscriber alone for the round.
const FAILURES_MAX: usize = 3;

/// What one round came to.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct NotifyReport {
    pub delivered: i64,
    /// To be tried again.
    pub put_off: i64,
    /// Tried as often as they may be.
    pub dead: i64,
    /// Subscribers who want no more.
    pub gone: i64,
    /// What went wrong besides, one sentence each.
    pub troubles: Vec<String>,
}

impl NotifyReport {
    fn add(&mut self, other: Self) {
        self.delivered += other.delivered;
        self.put_off += other.put_off;
        self.dead += other.dead;
        self.gone += other.gone;
        self.troubles.extend(other.troubles);
    }
}

/// Whether there may be more for a subscriber.
enum Flow {
    More,
    Failed,
    Nothing,
    Down,
}

impl Notify {
    /// Those who are told.
    pub fn subscribers(&self) -> impl Iterator<Item = &str> {
        self.ways.iter().map(|(name, _)| name.as_str())
    }

    /// Tells each subscriber what is due, all at once, and notes what came of it.
    pub async fn round(&self) -> Result<NotifyReport, Error> {
        let rounds = self.subscribers().map(|name| self.round_for(name));
        let mut sum = NotifyReport::default();
        for report in join_all(rounds).await {
            sum.add(report?);
        }
        Ok(sum)
    }

    /// Tells one subscriber what is due; nothing where there is none of the name.
    pub async fn round_for(&self, name: &str) -> Result<NotifyReport, Error> {
        let mut report = NotifyReport::default();
        let mut ways = self.ways.iter();
        let Some((_, channel)) = ways.find(|(known, _)| *known == name) else {
            return Ok(report);
        };
        let mut failures = 0;
        for _ in 0..CLAIMS_MAX {
            match self.claim(name, channel, &mut report).await? {
                Flow::More => failures = 0,
                Flow::Failed => failures += 1,
                Flow::Nothing | Flow::Down => break,
            }
            if failures == FAILURES_MAX {
                break;
            }
        }
        Ok(report)
    }

    async fn claim(
        &self,
        name: &str,
        channel: &Channel,
        report: &mut NotifyReport,
    ) -> Result<Flow, Error> {
        let now = self.clock.now();
        let (token, until) = (token(), now + LEASE);
        let limit = match channel {
            Channel::Webhook(_) => 1,
            Channel::Mail(_) => NOTICES_PER_MAIL,
        };
        let times = (now, until);
        let claimed = self.store.claim_notices(name, &token, times, limit).await?;
        let Some(first) = claimed.first() else {
            return Ok(Flow::Nothing);
        };
        // Mail that was due at one moment is one mail; what was due later is for the next.
        let due_at = first.due_at;
        let is_next = |one: &ClaimedNotice| one.due_at == due_at;
        let (these, later): (Vec<_>, Vec<_>) = claimed.into_iter().partition(is_next);
        let trial = match channel {
            Channel::Webhook(webhook) => match these.first() {
                Some(one) => match self.note_leaving(name, one).await {
                    Ok(()) => webhook.send(one, &self.province, now).await,
                    Err(unavailable) => Trial {
                        outcome: Outcome::Down(UNWRITTEN),
                        status: None,
                        error: Some(unavailable.to_string()),
                    },
                },
                None => return Ok(Flow::Nothing),
            },
            Channel::Mail(mail) => {
                let words = (&*self.catalogue, &*self.province);
                mail.send(&these, words, now).await
            }
        };
        let ended = self.clock.now();
        let delivery = self.delivery(channel, &these, &trial, ended);
        let settled = |one: &ClaimedNotice| SettledNotice {
            id: one.id,
            delivery: delivery.clone(),
            status: trial.status,
            error: trial.error.clone(),
        };
        let mut settled: Vec<SettledNotice> = these.iter().map(settled).collect();
        let flow = self.tell((name, channel), &trial, &settled, report);
        settled.extend(later.iter().map(|one| SettledNotice {
            id: one.id,
            delivery: NoticeDelivery::Untried(now),
            status: None,
            error: None,
        }));
        self.store.settle_notices(&token, &settled, ended).await?;
        Ok(flow)
    }

    /// Writes into the audit log what leaves of a watched subject, to whom and for what, before it leaves.
    async fn note_leaving(&self, name: &str, one: &ClaimedNotice) -> Result<(), Unavailable> {
        let Told::Watch(notice) = &one.notice else {
            return Ok(());
        };
        let number = |body: &NoticeAgency| stable_id(Kind::Agency, &[body.uscc.as_str()]);
        let list = api_id("wch", &self.province, notice.list);
        let object = format!(
            "notify.{name} {} of {list}, {}",
            one.notice.kind(),
            one.message
        );
        let owner = self.store.watch_list_owner(notice.list).await;
        let by = match owner.map_err(|_| Unavailable)? {
            Some(owner) => Draft::by_itself_for(&owner, Action::Export, object),
            None => Draft::by_itself(Action::Export, object),
        };
        let draft = Draft {
            agencies: vec![number(&notice.subject), number(&notice.about)],
            purpose: notice.purpose.clone(),
            reference: notice.reference.clone(),
            ..by
        };
        self.audit.record(draft, None).await.map(|_| ())
    }

    /// What a try means for the notices that it was for: the same for all, so that one mail stays one.
    fn delivery(
        &self,
        channel: &Channel,
        these: &[ClaimedNotice],
        trial: &Trial,
        now: DateTime<Utc>,
    ) -> NoticeDelivery {
        let asked = match trial.outcome {
            Outcome::Done => return NoticeDelivery::Done,
            Outcome::Gone => return NoticeDelivery::Gone,
            Outcome::Down(wait) => return NoticeDelivery::Untried(now + wait),
            Outcome::Failed(asked) => asked.unwrap_or_default(),
        };
        let attempts = these.iter().map(|one| one.attempts).max().unwrap_or(1);
        // Without a random number all wait as long as they may.
        let random = getrandom::u32().map_or(1.0, |n| f64::from(n) / f64::from(u32::MAX));
        let at = notice::wait(attempts, random).map(|wait| now + wait.max(asked));
        let warnings = these.iter().filter_map(|one| one.notice.warning());
        let levels = warnings.map(|notice| notice.warning.level);
        NoticeDelivery::Failed(match (channel, levels.max()) {
            (Channel::Mail(_), Some(level)) => {
                let timing = &self.catalogue.notify.timing;
                at.map(|at| timing.again(level, at))
            }
            _ => at,
        })
    }

    /// Counts what became of a try, and says it where somebody should know.
    fn tell(
        &self,
        (name, channel): (&str, &Channel),
        trial: &Trial,
        settled: &[SettledNotice],
        report: &mut NotifyReport,
    ) -> Flow {
        let reason = trial.error.as_deref().unwrap_or_default();
        let (mut outcome, mut flow) = ("delivered", Flow::More);
        for one in settled {
            (outcome, flow) = match one.delivery {
                NoticeDelivery::Done => {
                    report.delivered += 1;
                    ("delivered", Flow::More)
                }
                NoticeDelivery::Failed(Some(_)) => {
                    report.put_off += 1;
                    ("failed", Flow::Failed)
                }
                NoticeDelivery::Failed(None) => {
                    tracing::warn!(
                        subscriber = name,
                        notice = one.id,
                        reason,
                        "it can't be told"
                    );
                    report.dead += 1;
                    ("dead", Flow::Failed)
                }
                NoticeDelivery::Gone => {
                    tracing::warn!(
                        subscriber = name,
                        notice = one.id,
                        "it wants no more notices (410), and none is sent until `zhengxin notify retry`"
                    );
                    report.gone += 1;
                    ("gone", Flow::Down)
                }
                NoticeDelivery::Untried(_) => {
                    report.put_off += 1;
                    ("untried", Flow::Down)
                }
            };
        }
        if !matches!(flow, Flow::More) {
            let told = format!("{name}: {reason}");
            if !report.troubles.contains(&told) {
                report.troubles.push(told);
            }
        }
        let way = match channel {
            Channel::Webhook(_) => "webhook",
            Channel::Mail(_) => "mail",
        };
        telemetry::notice(way, outcome);
        flow
    }
}

fn token() -> String {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).expect("the operating system has random numbers");
    crate::hex(&bytes)
}
