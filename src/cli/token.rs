use clap::{Args, Subcommand};
use domain::{
    division::DivisionCode,
    uscc::Uscc,
    viewer::{Role, Scope},
};

use crate::{
    auth::{Auth, Grant},
    clock::Clock,
};

use super::{Done, Global, Stop, print_line};

#[derive(Subcommand)]
pub(super) enum TokenCommand {
    /// Issue a token of the local signing key
    Issue(IssueArgs),
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

pub(super) fn run(global: &Global, command: TokenCommand) -> Result<Done, Stop> {
    let TokenCommand::Issue(args) = command;
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
