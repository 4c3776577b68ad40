//! `calendar/*.toml`: the days off and the weekend days worked, by the State Council's yearly
//! notice. A year without a file is not published yet, and nobody claims to know it.

use chrono::NaiveDate;
use domain::calendar::{Calendar, CalendarYear};
use serde::Deserialize;

use super::{
    Error,
    files::{Files, parse},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YearFile {
    year: i32,
    days_off: Vec<NaiveDate>,
    workdays: Vec<NaiveDate>,
}

pub(super) fn load(files: &Files) -> Result<Calendar, Vec<Error>> {
    let mut years = Vec::new();
    let mut errors = Vec::new();
    for (name, text) in files.in_folder("calendar") {
        match parse::<YearFile>(name, text) {
            Ok(file) if name == format!("calendar/{}.toml", file.year) => {
                years.push(CalendarYear {
                    year: file.year,
                    days_off: file.days_off,
                    workdays: file.workdays,
                })
            }
            Ok(file) => {
                errors.push(Error::in_file(
                    name,
                    format!("key year is {}, unlike the file's name", file.year),
                ));
            }
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    Calendar::new(years).map_err(|error| vec![Error::in_file("calendar", error.to_string())])
}
