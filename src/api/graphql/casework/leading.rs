use std::sync::Arc;

use async_graphql::{Context, Object};
use domain::division::DivisionCode;

use crate::{catalogue::Body, graph::View};

use super::super::{agency::Agency, ask::ask};

/// 政务诚信建设领导小组及其成员单位。 / The group that leads, and the bodies that belong to it.
pub struct LeadingGroup {
    view: Arc<View>,
    place: DivisionCode,
}

/// 清单所列的一类部门，在一个区划内。 / A kind of body that the list names, in a division.
pub struct CompetentBody {
    view: Arc<View>,
    place: DivisionCode,
    key: String,
}

impl LeadingGroup {
    pub(in super::super) fn of(view: &Arc<View>, place: DivisionCode) -> Self {
        Self {
            view: Arc::clone(view),
            place,
        }
    }

    fn body(&self, key: &str) -> CompetentBody {
        CompetentBody {
            view: Arc::clone(&self.view),
            place: self.place,
            key: key.to_owned(),
        }
    }
}

/// 政务诚信建设领导小组及其成员单位。 / The group that leads, and the bodies that belong to it.
#[Object(serial)]
impl LeadingGroup {
    /// 名称。 / What it is called.
    async fn title(&self, ctx: &Context<'_>) -> String {
        let competence = &ask(ctx).app.catalogue.casework.competence;
        competence.leading_group.clone()
    }

    /// 牵头部门。 / Who leads it.
    async fn lead(&self, ctx: &Context<'_>) -> CompetentBody {
        self.body(&ask(ctx).app.catalogue.casework.competence.lead)
    }

    /// 成员单位。 / Who belongs to it besides.
    async fn members(&self, ctx: &Context<'_>) -> Vec<CompetentBody> {
        let competence = &ask(ctx).app.catalogue.casework.competence;
        let members = competence.members.iter();
        members.map(|key| self.body(key)).collect()
    }

    /// 依据。 / What it rests on.
    async fn legal_basis(&self, ctx: &Context<'_>) -> String {
        let competence = &ask(ctx).app.catalogue.casework.competence;
        competence.legal_basis.clone()
    }

    /// 依据的条文是否已核对。 / Whether the article's text was at hand.
    async fn verified(&self, ctx: &Context<'_>) -> bool {
        ask(ctx).app.catalogue.casework.competence.verified
    }
}

impl CompetentBody {
    fn entry<'a>(&self, ctx: &Context<'a>) -> Option<&'a Body> {
        let competence = &ask(ctx).app.catalogue.casework.competence;
        competence.body(&self.key)
    }
}

/// 清单所列的一类部门，在一个区划内。 / A kind of body that the list names, in a division.
#[Object(serial)]
impl CompetentBody {
    /// 键。 / Its key.
    async fn key(&self) -> &str {
        &self.key
    }

    /// 名称。 / What it is called.
    async fn title(&self, ctx: &Context<'_>) -> String {
        let entry = self.entry(ctx);
        entry.map_or_else(String::new, |entry| entry.title.clone())
    }

    /// 职责依据。 / What its competence rests on.
    async fn legal_basis(&self, ctx: &Context<'_>) -> String {
        let entry = self.entry(ctx);
        entry.map_or_else(String::new, |entry| entry.legal_basis.clone())
    }

    /// 依据的条文是否已核对。 / Whether the article's text was at hand.
    async fn verified(&self, ctx: &Context<'_>) -> bool {
        self.entry(ctx).is_some_and(|entry| entry.verified)
    }

    /// 本区划本级的此类单位中可见者。 / Those of the division itself that may be seen.
    async fn agencies(&self, ctx: &Context<'_>) -> Vec<Agency> {
        let casework = ask(ctx).app.casework();
        let bodies = casework.bodies_of(self.view.present(), self.place, &self.key);
        let bodies = bodies.into_iter();
        bodies
            .filter_map(|id| Agency::by_id(&self.view, id))
            .collect()
    }
}
