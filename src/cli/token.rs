use clap::{Args, Subcommand};
use domain::{
    audit::Action,
    division::DivisionCode,
    revocation::{Revocation, Revoked},
    uscc::Uscc,
    viewer::{Role, Scope},
};

use crate::{
    app::{open_audit, open_store},
    audit::Draft,
    auth::{Auth, Grant, REVOCATION_KEPT},
    clock::Clock,
};

use super::{Done, Global, Stop, print_line};

/// Who revokes from the command line, as it is noted.
const HERE: &str = "command line";

#[derive(Subcommand)]
pub(super) enum TokenCommand {
    /// Issue a token of the local signing key
    Issue(IssueArgs),
    /// Have tokens believed no longer; processes that serve hear of it within a minute
    Revoke(RevokeArgs),
}

#[derive(Args)]
pub(super) struct IssueArgs {
    /// The role, such as GOVERNMENT
    #[arg(long)]
    role: Role,
    /// A division of the viewer; may be given several times
    #[arg(long, value_name = "CODE")]
    division: Vec<DivisionCode>,
    /// The body that the viewer acts for
    #[arg(long, value_name = "USCC")]
    agency: Option<Uscc>,
    /// A further right; may be given several times
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<Scope>,
    /// Who it is issued to
    #[arg(long, default_value = "developer")]
    subject: String,
    /// How long it lives
    #[arg(long, default_value_t = 60, value_name = "N")]
    minutes: i64,
}

#[derive(Args)]
pub(super) struct RevokeArgs {
    #[command(flatten)]
    what: What,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct What {
    /// One token, by its claim `jti`
    #[arg(long, value_name = "ID")]
    jti: Option<String>,
    /// All tokens of a subject that were issued so far
    #[arg(long, value_name = "SUB")]
    subject: Option<String>,
}

pub(super) async fn run(global: &Global, command: TokenCommand) -> Result<Done, Stop> {
    match command {
        TokenCommand::Issue(args) => issue(global, args),
        TokenCommand::Revoke(args) => revoke(global, args).await,
    }
}

fn issue(global: &Global, args: IssueArgs) -> Result<Done, Stop> {
    if args.role == Role::Public {
        return Err(Stop::WrongUsage(
            "the public role has no token: send none".to_owned(),
        ));
    }
    let auth = Auth::new(&global.config()?.auth, Clock::system())?;
    let grant = Grant {
        subject: args.subject,
        role: args.role,
        divisions: args.division,
        agency: args.agency,
        scopes: args.scope,
        minutes: args.minutes,
    };
    print_line(auth.issue(&grant)?)?;
    Ok(Done::Well)
}

async fn revoke(global: &Global, args: RevokeArgs) -> Result<Done, Stop> {
    let what = match (args.what.jti, args.what.subject) {
        (Some(id), _) => Revoked::Token(id),
        (None, Some(subject)) => Revoked::Subject(subject),
        (None, None) => return Err(Stop::WrongUsage("give --jti or --subject".to_owned())),
    };
    if !what.is_possible() {
        return Err(Stop::WrongUsage(
            "no token has that: 1 to 255 characters".to_owned(),
        ));
    }
    let config = global.config()?;
    let (store, clock) = (open_store(&config).await?, Clock::system());
    let at = clock.now();
    let audit = open_audit(&config, store.clone(), clock)?;
    let draft = Draft::by_hub(Action::Change, format!("revokeToken {}", what.name()));
    let (store, _) = audit.accompany(&store, draft)?;
    let revocation = Revocation {
        what,
        at,
        by: HERE.to_owned(),
        reason: args.reason,
    };
    store.revoke(&revocation, at - REVOCATION_KEPT).await?;
    print_line(format_args!("revoked {}", revocation.what.name()))?;
    Ok(Done::Well)
}
