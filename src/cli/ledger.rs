use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use domain::{
    audit::Action,
    division::DivisionCode,
    privacy::mask_numbers,
    uscc::Uscc,
    viewer::{Role, Viewer},
};
use serde_json::json;

use crate::{
    app::App,
    audit::Draft,
    clock::Clock,
    outbound::{LedgerFilter, TableForm, write_ledger},
};

use super::{Done, Global, Stop, print_object};

/// Which cases the file is to have, and where it is put.
#[derive(Args)]
pub(super) struct LedgerArgs {
    /// The file, ending with .csv or .xlsx
    #[arg(long, short = 'f', value_name = "PATH")]
    file: PathBuf,
    /// Its form, where the ending does not say it
    #[arg(long, value_enum)]
    form: Option<Form>,
    /// Bodies of this division and of all below it
    #[arg(long, value_name = "CODE")]
    division: Option<DivisionCode>,
    /// Tracks, such as breach
    #[arg(long)]
    workflow: Vec<String>,
    /// Stages, such as RECTIFYING
    #[arg(long)]
    stage: Vec<String>,
    /// Only cases that are not over (or that are, with `false`)
    #[arg(long, num_args = 0..=1, default_missing_value = "true")]
    open: Option<bool>,
    /// Only cases that are overdue (or that are not, with `false`)
    #[arg(long, num_args = 0..=1, default_missing_value = "true")]
    overdue: Option<bool>,
    /// Only cases about this body
    #[arg(long, value_name = "USCC")]
    agency: Option<Uscc>,
    /// Only cases that this body has in hand
    #[arg(long, value_name = "USCC")]
    handler: Option<Uscc>,
    /// Only cases in which an objection waits to be decided (or none does, with `false`)
    #[arg(long, alias = "underObjection", num_args = 0..=1, default_missing_value = "true")]
    under_objection: Option<bool>,
    /// Only cases that began on this day or later
    #[arg(long, alias = "openedFrom", value_name = "DAY")]
    opened_from: Option<NaiveDate>,
    /// Only cases that began before this day
    #[arg(long, alias = "openedBefore", value_name = "DAY")]
    opened_before: Option<NaiveDate>,
    /// Only cases with a period that ends on this day or later
    #[arg(long, alias = "dueFrom", value_name = "DAY")]
    due_from: Option<NaiveDate>,
    /// Only cases with a period that ends before this day
    #[arg(long, alias = "dueBefore", value_name = "DAY")]
    due_before: Option<NaiveDate>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Form {
    Csv,
    Xlsx,
}

impl LedgerArgs {
    fn form(&self) -> Result<TableForm, Stop> {
        let ending = self.file.extension().and_then(|ending| ending.to_str());
        match (self.form, ending) {
            (Some(Form::Csv), _) | (None, Some("csv")) => Ok(TableForm::Csv),
            (Some(Form::Xlsx), _) | (None, Some("xlsx")) => Ok(TableForm::Xlsx),
            _ => {
                let reason = "a file that ends with .csv or .xlsx is expected, or --form";
                Err(Stop::WrongUsage(reason.to_owned()))
            }
        }
    }
}

pub(super) async fn run(global: &Global, args: LedgerArgs) -> Result<Done, Stop> {
    let form = args.form()?;
    let app = App::start(global.config()?, Clock::system()).await?;
    let province = app.config.hub.province.parse::<DivisionCode>();
    let viewer = Viewer {
        subject: "command line".to_owned(),
        role: Role::Authority,
        divisions: province.into_iter().collect(),
        ..Viewer::public()
    };
    let view = app.view(&app.live.now(), viewer);
    let filter = LedgerFilter {
        workflow: args.workflow,
        stage: args.stage,
        division: args.division,
        open: args.open,
        overdue: args.overdue,
        agency: args.agency,
        handler: args.handler,
        under_objection: args.under_objection,
        opened_from: args.opened_from,
        opened_before: args.opened_before,
        due_from: args.due_from,
        due_before: args.due_before,
    };
    // What stands there stays where something goes wrong.
    let folder = args.file.parent();
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    let (known, now) = ((&view, &*app.catalogue), app.clock.now());
    let written = write_ledger(known, &filter, form, now, file.as_file_mut())?;
    let object = format!("ledger {}", args.file.display());
    let draft = Draft::by_hub(Action::Export, mask_numbers(&object));
    app.audit.record_all(draft.about(&written.bodies)).await?;
    file.persist(&args.file)?;
    let told = json!({ "file": args.file.display().to_string(), "cases": written.cases });
    print_object(global.output, &told)?;
    Ok(Done::Well)
}
