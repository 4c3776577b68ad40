use async_graphql::{Context, Object};

use super::{agency::Agency, ask::ask, division::Division, scalars::api_enum};

api_enum! {
    /// 角色。 / Role.
    Role = domain::viewer::Role {
        /// 公众：仅见已公示内容。 / No token: sees what is published.
        Public,
        /// 人大：监督同级政府。 / A people's congress.
        Congress,
        /// 上级政府。 / An upper-level government.
        Government,
        /// 法院。 / A court.
        Court,
        /// 认定部门。 / The body that verifies, confirms, sanctions and repairs.
        Authority,
        /// 机关单位本身。 / A body about itself.
        Agency,
        /// 第三方评估机构。 / A third party.
        Assessor,
        /// 数据源运维。 / Runs sources.
        Operator,
        /// 密钥与授权管理。 / Keys and grants.
        Security,
        /// 审计。 / Reads the log.
        Auditor,
    }
}

/// 当前访问者。 / Who asks.
pub struct Viewer;

/// 当前访问者。 / Who asks.
#[Object]
impl Viewer {
    /// 令牌主体。 / The token's subject.
    async fn subject(&self, ctx: &Context<'_>) -> String {
        ask(ctx).view.viewer().subject.clone()
    }

    /// 角色。 / The role in which he asks.
    async fn role(&self, ctx: &Context<'_>) -> Role {
        ask(ctx).view.viewer().role.into()
    }

    /// 管辖区划。 / His areas.
    async fn divisions(&self, ctx: &Context<'_>) -> Vec<Division> {
        let view = &ask(ctx).view;
        view.viewer()
            .divisions
            .iter()
            .filter_map(|code| Division::find(view, *code))
            .collect()
    }

    /// 所代表的单位。 / The body that he acts for.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        let view = &ask(ctx).view;
        let row = view.agency_row_by_uscc(&view.viewer().agency?)?;
        Agency::at(view, row)
    }

    /// 附加权限。 / Further rights.
    async fn scopes(&self, ctx: &Context<'_>) -> Vec<String> {
        ask(ctx)
            .view
            .viewer()
            .scopes
            .iter()
            .map(ToString::to_string)
            .collect()
    }
}
