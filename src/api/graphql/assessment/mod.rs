//! Assessments of bodies and divisions, however they came about.

mod fields;
mod key;
mod score;
mod told;

use std::sync::Arc;

use chrono::NaiveDate;
use domain::{
    assess::{Campaign, Ranked},
    assessment,
};

use crate::{graph::View, store::Known};

use super::{annual::Annual, ask::Ask, connection::connection, scalars::api_enum};

use score::Score;
use told::Told;

api_enum! {
    /// 评估类别。 / Kinds of assessments.
    AssessmentKind = assessment::AssessmentKind {
        /// 持续评分。 / By the rules, day by day.
        Continuous,
        /// 年度评估。 / Of a year.
        Annual,
        /// 第三方评估。 / By a third party, on a scale of its own.
        ThirdParty,
    }
}

/// 评估。 / An assessment of a body or of a division.
pub struct Assessment {
    view: Arc<View>,
    made: Made,
}

/// How an assessment came about.
enum Made {
    /// A third party told it.
    Told(Told),
    /// The rules make it of what is known.
    Scored(Score),
    /// It is a year's, of what was frozen.
    Annual(Box<Annual>),
}

connection!(
    AssessmentConnection,
    AssessmentEdge,
    Assessment,
    "评估",
    "assessments"
);

impl Assessment {
    fn new(view: &Arc<View>, made: Made) -> Self {
        Self {
            view: Arc::clone(view),
            made,
        }
    }

    /// What a third party told, by its row.
    pub(super) fn at(view: &Arc<View>, row: u32) -> Option<Self> {
        let told = Told::at(view, row)?;
        Some(Self::new(view, Made::Told(told)))
    }

    /// How the body in this row is graded as of a day by a pack, or the default one.
    pub(super) fn of(
        ask: &Ask,
        view: &Arc<View>,
        row: u32,
        pack: Option<&str>,
        on: NaiveDate,
    ) -> Option<Self> {
        let score = Score::reckon(ask, view, row, pack, on, Vec::new())?;
        Some(Self::scored(view, score))
    }

    fn scored(view: &Arc<View>, score: Score) -> Self {
        Self::new(view, Made::Scored(score))
    }

    /// How a body came off in a year.
    pub(super) fn annual(view: &Arc<View>, campaign: &Arc<Known<Campaign>>, body: Ranked) -> Self {
        let annual = Annual::new(campaign, body);
        Self::new(view, Made::Annual(Box::new(annual)))
    }

    fn told(&self) -> Option<&Told> {
        match &self.made {
            Made::Told(told) => Some(told),
            Made::Scored(_) | Made::Annual(_) => None,
        }
    }

    fn score_of(&self) -> Option<&Score> {
        match &self.made {
            Made::Scored(score) => Some(score),
            Made::Told(_) | Made::Annual(_) => None,
        }
    }

    fn annual_of(&self) -> Option<&Annual> {
        match &self.made {
            Made::Annual(annual) => Some(annual),
            Made::Told(_) | Made::Scored(_) => None,
        }
    }

    /// Key, version and digest of the pack; none of a third party's.
    fn pack(&self) -> Option<[&str; 3]> {
        match &self.made {
            Made::Told(_) => None,
            Made::Scored(score) => {
                let pack = score.pack();
                Some([&*pack.key, &*pack.version, &*pack.digest])
            }
            Made::Annual(annual) => {
                let [key, version, digest] = &annual.campaign.fact.pack;
                Some([key, version, digest])
            }
        }
    }
}
