use domain::{
    division::DivisionCode,
    uscc::Uscc,
    viewer::{Role, Scope, Viewer},
};

use crate::{
    app::App,
    auth::Grant,
    graph::{AgencyPredicate, PageRequest},
};

use super::{Stop, print_line};

/// Minutes that the demo's tokens live.
const TOKEN_MINUTES: i64 = 12 * 60;

/// One ready token for each role that has one.
pub(super) fn print_tokens(
    app: &App,
    province: DivisionCode,
    prefecture: DivisionCode,
) -> Result<(), Stop> {
    for role in Role::ALL
        .iter()
        .copied()
        .filter(|role| *role != Role::Public)
    {
        let divisions = match role {
            Role::Government | Role::Authority => vec![province],
            Role::Congress | Role::Court => vec![prefecture],
            _ => Vec::new(),
        };
        let grant = Grant {
            subject: format!("demo-{}", role.as_str().to_lowercase()),
            role,
            divisions: divisions.clone(),
            agency: if role == Role::Agency {
                debtor(app, province)
            } else {
                None
            },
            scopes: vec![Scope::Adhoc],
            minutes: TOKEN_MINUTES,
        };
        let token = app.auth.issue(&grant)?;
        let division = divisions
            .first()
            .map_or("-".to_owned(), ToString::to_string);
        print_line(format_args!("token {role} {division} {token}"))?;
    }
    Ok(())
}

/// A body that has something to see about itself.
fn debtor(app: &App, province: DivisionCode) -> Option<Uscc> {
    let viewer = Viewer {
        role: Role::Government,
        divisions: vec![province],
        ..Viewer::public()
    };
    let view = app.view(&app.live.now(), viewer);
    let request = PageRequest {
        first: Some(1),
        ..PageRequest::default()
    };
    let found = view
        .agencies(
            &AgencyPredicate::HasActiveRecord(true),
            &[],
            &request,
            false,
        )
        .ok()?;
    let (row, _) = found.page.rows.first()?;
    view.agency_at(*row).map(|agency| agency.fact.uscc)
}
