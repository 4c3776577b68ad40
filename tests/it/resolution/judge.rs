//! Whether an answer is right, and what many of them come to.

use domain::resolution::Outcome;

use super::{
    ask::Answer,
    set::{Pair, is_confident, tells},
};

/// So many offers are looked at for the wider recall.
const OFFERS: usize = 5;

/// Whether the outcome is one of the right ones, and the bodies told are those that are meant.
pub(super) fn is_right(pair: &Pair, answer: &Answer) -> bool {
    let meant = pair.bodies();
    let bodies_are_right = match &answer.agency {
        Some(agency) => tells(answer.outcome) && meant.contains(&agency.as_str()),
        None => match answer.outcome {
            // All that fit must be told, or nobody can choose among them.
            Outcome::Ambiguous | Outcome::Conflict => meant
                .iter()
                .all(|code| answer.candidates.iter().any(|candidate| candidate == code)),
            outcome => outcome == Outcome::None,
        },
    };
    bodies_are_right && pair.outcomes().contains(&answer.outcome)
}

/// Whether the answer accuses somebody who is not meant.
pub(super) fn is_confidently_wrong(pair: &Pair, answer: &Answer) -> bool {
    let meant = pair.bodies();
    let is_meant = |agency: &String| meant == [agency.as_str()];
    is_confident(answer.outcome) && !answer.agency.as_ref().is_some_and(is_meant)
}

/// What the answers to some questions come to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Figures {
    pub(super) questions: usize,
    right: usize,
    /// Questions that mean exactly one body, and how many of these were answered by it first, or
    /// among the first five.
    meaning_one: usize,
    first: usize,
    among_five: usize,
    score: f64,
    pub(super) confidently_wrong: usize,
    /// Questions that mean several.
    several: usize,
    several_right: usize,
    with_steps: usize,
}

impl Figures {
    pub(super) fn add(&mut self, pair: &Pair, answer: &Answer) {
        let right = is_right(pair, answer);
        self.questions += 1;
        self.right += usize::from(right);
        self.confidently_wrong += usize::from(is_confidently_wrong(pair, answer));
        self.with_steps += usize::from(!answer.steps.is_empty());
        if pair.means_one() {
            let place = answer.offers().position(|code| pair.expected == code);
            self.meaning_one += 1;
            self.first += usize::from(place == Some(0));
            self.among_five += usize::from(place.is_some_and(|place| place < OFFERS));
            self.score += answer.score;
        }
        if pair.means_several() {
            self.several += 1;
            self.several_right += usize::from(right);
        }
    }

    pub(super) fn of<'a>(answers: impl IntoIterator<Item = &'a (Pair, Answer)>) -> Self {
        let mut figures = Self::default();
        for (pair, answer) in answers {
            figures.add(pair, answer);
        }
        figures
    }

    /// Of the questions that mean one body, those answered by it first.
    pub(super) fn recall(&self) -> Option<f64> {
        share(self.first, self.meaning_one)
    }

    /// Of the questions that mean several, those answered so, with all of them told.
    pub(super) fn ambiguous(&self) -> Option<f64> {
        share(self.several_right, self.several)
    }

    /// Of all answers, those that say how they came about.
    pub(super) fn explained(&self) -> Option<f64> {
        share(self.with_steps, self.questions)
    }

    /// The mean score where one body is meant.
    pub(super) fn score(&self) -> Option<f64> {
        (self.meaning_one > 0).then(|| self.score / self.meaning_one as f64)
    }

    /// A row of the table in the documentation, after its first cell.
    pub(super) fn cells(&self) -> [String; 8] {
        let percent = |share: Option<f64>| match share {
            Some(share) => format!("{:.1} %", share * 100.0),
            None => "–".to_owned(),
        };
        [
            self.questions.to_string(),
            percent(share(self.right, self.questions)),
            percent(self.recall()),
            percent(share(self.among_five, self.meaning_one)),
            self.confidently_wrong.to_string(),
            percent(self.ambiguous()),
            self.score()
                .map_or("–".to_owned(), |score| format!("{score:.3}")),
            percent(self.explained()),
        ]
    }
}

fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
