//! Periods: begun by steps, extended once, counted anew where a year's calendar has come out.

use chrono::NaiveDate;

use super::{
    super::{Act, Case, Command, DeadlineRule, Deed, Event, Party, Reminder, Running, Stage, What},
    Clerk, Facts, Refused, Rules, Step, event,
};

impl Rules<'_> {
    /// The event by which days are counted anew: provisional ones, and those of what its source passed on or dealt
    /// with itself; none where they come out as they were.
    pub fn recount(&self, case: &Case, facts: &Facts, clerk: &Clerk) -> Option<Event> {
        if let Some((rule, stage, what)) = self.elsewhere(case, facts) {
            let command = by_time(Act::Recount, &rule.legal_basis);
            let mut event = event(Act::Recount, case.events + 1, clerk, Party::Clock, &command);
            event.stage = stage;
            event.what = vec![what];
            return Some(event);
        }
        let anew = |running: &Running| self.counted_anew(running, facts);
        let own = case.running.as_ref().and_then(anew);
        let own = own.map(|(rule, running)| (rule, What::Runs(running)));
        let parts = case.part_periods().filter_map(|(part, running)| {
            let (rule, running) = anew(running)?;
            Some((rule, What::PartRuns { part, running }))
        });
        let counted: Vec<(&DeadlineRule, What)> = own.into_iter().chain(parts).collect();
        let (rule, _) = counted.first()?;
        let command = by_time(Act::Recount, &rule.legal_basis);
        let number = case.events + 1;
        let mut event = event(Act::Recount, number, clerk, Party::Clock, &command);
        event.what = counted.into_iter().map(|(_, what)| what).collect();
        Some(event)
    }

    /// What becomes of the days of a lead that nobody here has in hand, where its source says that it passed it on, or
    /// that it is dealt with.
    fn elsewhere(
        &self,
        case: &Case,
        facts: &Facts,
    ) -> Option<(&DeadlineRule, Option<Stage>, What)> {
        let running = case.running.as_ref().filter(|_| case.handler.is_none())?;
        let (rules, tree) = (self.deadlines, self.divisions);
        let rule = |running: &Running| rules.rule(&running.rule, running.since, facts.place, tree);
        if facts.ended_on.is_some() {
            return Some((rule(running)?, None, What::Settled));
        }
        let on = facts.passed_on?;
        let step = self.workflow.step(Act::Transfer, self.workflow.first())?;
        let is_first = case.stage == self.workflow.first();
        let (stage, key) = (step.to.clone().filter(|_| is_first)?, step.starts.as_ref()?);
        let passed = self.period(key, facts, on)?;
        Some((rule(&passed)?, Some(stage), What::Runs(passed)))
    }

    fn counted_anew(&self, running: &Running, facts: &Facts) -> Option<(&DeadlineRule, Running)> {
        if !running.is_provisional {
            return None;
        }
        let (rules, tree) = (self.deadlines, self.divisions);
        let rule = rules.rule(&running.rule, running.since, facts.place, tree)?;
        let due = match running.is_extended {
            true => rule.extended(self.calendar, running.since)?,
            false => rule.due(self.calendar, running.since),
        };
        let counted = Running {
            on: due.date(),
            is_provisional: due.is_provisional(),
            ..running.clone()
        };
        (counted != *running).then_some((rule, counted))
    }

    /// The event of a reminder.
    pub fn reminded(&self, case: &Case, reminder: Reminder, basis: &str, clerk: &Clerk) -> Event {
        let act = reminder.act();
        let command = by_time(act, basis);
        let mut event = event(act, case.events + 1, clerk, Party::Clock, &command);
        event.what = vec![What::Reminded(reminder)];
        event
    }

    /// The period of a key that begins on a day; none where a province has set none: then nobody is late.
    fn period(&self, key: &str, facts: &Facts, since: NaiveDate) -> Option<Running> {
        let rule = self
            .deadlines
            .rule(key, since, facts.place, self.divisions)?;
        let due = rule.due(self.calendar, since);
        Some(Running {
            rule: key.to_owned(),
            since,
            on: due.date(),
            is_provisional: due.is_provisional(),
            is_extended: false,
        })
    }
}

impl Step<'_> {
    /// The period that the step begins for what it files: an objection or an application has its own.
    pub(super) fn own_period(&self) -> Option<Running> {
        let key = self.rule.starts.as_ref()?;
        self.rules.period(key, self.facts, self.clerk.on)
    }

    /// The period that the step begins; one that runs is over where the stage moves.
    pub(super) fn run_period(&mut self) {
        let sets = |what: &What| matches!(what, What::Runs(_) | What::PartRuns { .. });
        if self.rule.keeps || self.what.iter().any(sets) {
            return;
        }
        let moves = self.rule.to.as_ref();
        let moves = moves.is_some_and(|to| *to != self.case.stage && !self.stays);
        // What runs already does not begin anew by being done again, but for another body it does.
        let handler = self.case.handler;
        let hands_on = matches!(self.command.deed, Deed::Transfer { to } if handler.is_some_and(|known| known != to));
        let runs = |key: &String| {
            let running = self.case.running.as_ref();
            !moves && !hands_on && running.is_some_and(|running| running.rule == *key)
        };
        let files = matches!(self.rule.act, Act::FileObjection | Act::ApplyRepair);
        let starts = self.rule.starts.as_ref().filter(|_| !files);
        let Some(key) = starts.filter(|key| !runs(key)) else {
            if moves && self.case.running.is_some() {
                self.what.push(What::Settled);
            }
            return;
        };
        let received = self.facts.received_on.filter(|_| self.rule.from_receipt);
        let received = received.map(|received| received.min(self.clerk.on));
        // Where no rule held when it was received, that of the step's day counts from then on.
        let of_receipt = received.and_then(|on| self.rules.period(key, self.facts, on));
        let period = of_receipt.or_else(|| self.rules.period(key, self.facts, self.clerk.on));
        match period {
            Some(running) => self.what.push(What::Runs(self.as_promised(running))),
            None => {
                let runs = self.case.running.as_ref();
                self.what.extend(runs.map(|_| What::Settled));
            }
        }
    }

    /// A lead that is passed on keeps the day that its source promised, where that is yet to come and the sooner.
    fn as_promised(&self, running: Running) -> Running {
        let is_kept = |day: &NaiveDate| {
            self.rule.act == Act::Transfer && self.clerk.on <= *day && *day <= running.on
        };
        match self.case.promised_on.filter(is_kept) {
            Some(on) => Running {
                on,
                is_provisional: false,
                ..running
            },
            None => running,
        }
    }

    pub(super) fn extend(&mut self, part: Option<i64>) -> Result<(), Refused> {
        let none = || {
            Refused::new(
                "NOT_EXTENDABLE",
                "没有可延长的期限 / no period can be extended",
            )
        };
        let running = match part {
            None => self.case.running.as_ref(),
            Some(part) => {
                let mut parts = self.case.part_periods();
                parts
                    .find(|(id, _)| *id == part)
                    .map(|(_, running)| running)
            }
        };
        let running = running.ok_or_else(none)?;
        let (deadlines, tree) = (self.rules.deadlines, self.rules.divisions);
        let rule = deadlines.rule(&running.rule, running.since, self.facts.place, tree);
        let rule = rule.ok_or_else(none)?;
        if running.is_extended {
            let message = "期限已延长过 / the period was extended before";
            return Err(Refused::new("EXTENDED_BEFORE", message).by(&rule.legal_basis));
        }
        if running.is_over(self.clerk.on) {
            let message = "期限已过，不能再延长 / the period is over";
            return Err(Refused::new("TOO_LATE", message).by(&rule.legal_basis));
        }
        let due = rule.extended(self.rules.calendar, running.since);
        let due = due.ok_or_else(|| none().by(&rule.legal_basis))?;
        let running = Running {
            on: due.date(),
            is_provisional: due.is_provisional(),
            is_extended: true,
            ..running.clone()
        };
        self.what.push(match part {
            None => What::Runs(running),
            Some(part) => What::PartRuns { part, running },
        });
        Ok(())
    }
}

/// What time does, on this basis.
pub(super) fn by_time(act: Act, basis: &str) -> Command {
    Command {
        deed: Deed::Plain(act),
        basis: Some(basis.to_owned()),
        note: None,
        evidence: Vec::new(),
    }
}
