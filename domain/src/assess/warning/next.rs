//! What the hub itself does about a red line: a warning is raised, follows its cause, goes up, and ends.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};

use crate::calendar::Calendar;

use super::{
    super::red_line::{Alarm, RedLine},
    Warning, WarningAct, WarningEvent, WarningState,
};

/// Steps that a warning goes up at one look at most; a term without days would never lie ahead.
const STEPS_AT_ONCE: u32 = 64;

impl Warning {
    /// What the hub does about a red line on a day: nothing where all is as it was.
    ///
    /// `last` is the body's newest warning by this line, `alarm` what stands against the line now. A cause
    /// that is there without a break is warned about once; when somebody closed the warning, again only if
    /// it gets worse or another one comes, and from there on the cause is that of the new one alone. One that
    /// was gone in between is another one.
    pub fn next(
        last: Option<&Self>,
        alarm: Option<&Alarm>,
        line: &RedLine,
        about: (i64, &str, &str),
        calendar: &Calendar,
        now: (DateTime<Utc>, NaiveDate),
    ) -> Vec<WarningEvent> {
        let at = now.0;
        let (last, alarm) = match (last, alarm) {
            (None, None) => return Vec::new(),
            (last, Some(alarm)) if last.is_none_or(|last| last.is_passed_by(alarm)) => {
                let ended = last.filter(|last| last.is_caused);
                let ended = ended.map(|last| last.cleared(at));
                let raised = Self::raised(last, alarm, line, about, calendar, now);
                return ended.into_iter().chain([raised]).collect();
            }
            (Some(last), Some(alarm)) => (last, alarm),
            (Some(last), None) if last.is_caused => return vec![last.cleared(at)],
            (_, None) | (None, _) => return Vec::new(),
        };
        let event = match last.state.is_open() {
            true => last
                .following(alarm, line, about, calendar, now)
                .or_else(|| last.counting(calendar, now)),
            false => last.lessened(alarm, line, about, at),
        };
        event.into_iter().collect()
    }

    /// Its cause is gone, or another warning's, or its red line is drawn no longer.
    pub fn cleared(&self, at: DateTime<Utc>) -> WarningEvent {
        let mut after = self.clone();
        after.is_caused = false;
        if after.state.is_open() {
            after.close(WarningState::Resolved, at);
        }
        after.event(WarningAct::Clear, at, "hub", None)
    }

    /// Whether it is closed and more stands against the line than what was closed with it.
    fn is_passed_by(&self, alarm: &Alarm) -> bool {
        if self.state.is_open() {
            return false;
        }
        // Enough came after the closing, or came to be known, whatever days they tell.
        let came = alarm.enough.zip(self.closed_at);
        let has_come = came.is_some_and(|((enough, since), closed)| {
            since > closed || alarm.count >= self.count + enough
        });
        !self.is_caused || alarm.level > self.level || self.lacks(alarm) || has_come
    }

    /// Whether a cause stands of which it says nothing.
    fn lacks(&self, alarm: &Alarm) -> bool {
        let known = self.told_apart();
        let mut causes = alarm.told_apart().iter();
        causes.any(|cause| known.binary_search(cause).is_err())
    }

    fn raised(
        last: Option<&Self>,
        alarm: &Alarm,
        line: &RedLine,
        (agency, name, grade): (i64, &str, &str),
        calendar: &Calendar,
        (at, on): (DateTime<Utc>, NaiveDate),
    ) -> WarningEvent {
        let closed = last.filter(|last| last.is_caused && last.lacks(alarm));
        let settled = closed.map(|last| [last.told_apart(), &last.settled].concat());
        let mut settled = settled.unwrap_or_default();
        settled.retain(|cause| alarm.has(*cause));
        settled.sort_unstable();
        settled.dedup();
        let mut warning = Self {
            agency,
            red_line: line.code.clone(),
            episode: last.map_or(1, |last| last.episode + 1),
            edition: line.edition.clone(),
            level: alarm.level,
            state: WarningState::New,
            message: line.message(name, alarm, grade),
            count: alarm.count,
            records: alarm.records.clone(),
            causes: alarm.causes.clone(),
            handlers: alarm.handlers.clone(),
            settled,
            raised_at: at,
            closed_at: None,
            terms: line.terms,
            since: on,
            due_on: None,
            due_is_provisional: false,
            escalations: 0,
            steps: 0,
            is_caused: true,
            events: 0,
        };
        warning.begin(WarningState::New, on, calendar);
        warning.event(WarningAct::Raise, at, "hub", None)
    }

    /// What becomes of an open one where its cause is another.
    fn following(
        &self,
        alarm: &Alarm,
        line: &RedLine,
        (_, name, grade): (i64, &str, &str),
        calendar: &Calendar,
        (at, on): (DateTime<Utc>, NaiveDate),
    ) -> Option<WarningEvent> {
        let message = line.message(name, alarm, grade);
        let handlers = self.handlers_with(alarm);
        let now = (
            alarm.level,
            alarm.count,
            &alarm.records,
            &alarm.causes,
            &handlers,
            &message,
        );
        let before = (
            self.level,
            self.count,
            &self.records,
            &self.causes,
            &self.handlers,
            &self.message,
        );
        if now == before {
            return None;
        }
        let mut after = self.standing(alarm, line, message);
        let causes = alarm.told_apart();
        let is_settled = |cause: &i64| self.settled.binary_search(cause).is_ok();
        // Points may be lost by time alone: then there is no cause that somebody could have closed.
        let is_left = !causes.is_empty() && causes.iter().all(is_settled);
        if is_left && alarm.level <= self.level {
            // What is left of it somebody has closed already.
            after.close(WarningState::Resolved, at);
            return Some(after.event(WarningAct::Clear, at, "hub", None));
        }
        if alarm.level > self.level {
            // It is to be acknowledged anew.
            after.terms = line.terms;
            after.begin(WarningState::New, on, calendar);
        }
        // A cause that changes from day to day stops no clock.
        let act = match after.go_up(on, calendar) {
            true => WarningAct::Escalate,
            false => WarningAct::Follow,
        };
        Some(after.event(act, at, "hub", None))
    }

    /// What becomes of a closed one when less stands than what was closed with it: that what is gone would be new if
    /// it came back.
    fn lessened(
        &self,
        alarm: &Alarm,
        line: &RedLine,
        (_, name, grade): (i64, &str, &str),
        at: DateTime<Utc>,
    ) -> Option<WarningEvent> {
        let mut known = self.told_apart().iter().chain(&self.settled);
        let are_fewer = alarm.enough.is_some() && alarm.count < self.count;
        let is_less =
            alarm.level < self.level || are_fewer || known.any(|cause| !alarm.has(*cause));
        is_less.then(|| {
            let after = self.standing(alarm, line, line.message(name, alarm, grade));
            after.event(WarningAct::Follow, at, "hub", None)
        })
    }

    /// The same of what stands now.
    fn standing(&self, alarm: &Alarm, line: &RedLine, message: String) -> Self {
        let mut after = self.clone();
        after.edition.clone_from(&line.edition);
        after.message = message;
        after.count = alarm.count;
        after.records.clone_from(&alarm.records);
        after.causes.clone_from(&alarm.causes);
        after.handlers = self.handlers_with(alarm);
        after.level = alarm.level;
        after.settled.retain(|cause| alarm.has(*cause));
        after
    }

    /// Who has in hand the cases behind it by now, and who had: whoever was told of it is told how it ends.
    fn handlers_with(&self, alarm: &Alarm) -> Vec<i64> {
        let all: BTreeSet<i64> = self
            .handlers
            .iter()
            .chain(&alarm.handlers)
            .copied()
            .collect();
        all.into_iter().collect()
    }

    /// What becomes of an open one as time goes by.
    fn counting(
        &self,
        calendar: &Calendar,
        (at, on): (DateTime<Utc>, NaiveDate),
    ) -> Option<WarningEvent> {
        let mut after = self.clone();
        after.set_due(self.due(calendar));
        let is_other = (after.due_on, after.due_is_provisional) != (self.due_on, true);
        if self.due_is_provisional && is_other {
            return Some(after.event(WarningAct::Recount, at, "hub", None));
        }
        let is_higher = after.go_up(on, calendar);
        is_higher.then(|| after.event(WarningAct::Escalate, at, "hub", None))
    }

    /// Goes up until its day lies ahead, as far as it would have gone day by day: a look after a standstill is one.
    /// Whether it did.
    fn go_up(&mut self, on: NaiveDate, calendar: &Calendar) -> bool {
        let before = self.escalations;
        while self.is_overdue(on) && self.escalations - before < STEPS_AT_ONCE {
            self.escalations += 1;
            self.steps += 1;
            self.set_due(self.due(calendar));
        }
        self.escalations > before
    }
}
