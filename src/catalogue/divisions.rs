//! `divisions.csv` and `divisions_former.csv`: the division tree (GB/T 2260) with its history; and
//! `division_words.csv`: what divisions are called beside.

use chrono::NaiveDate;
use domain::{
    division::{Division, DivisionCode, DivisionTree},
    name::normalise,
};

use super::{Error, files::Files};

const FILES: [&str; 2] = ["divisions.csv", "divisions_former.csv"];
const WORDS: &str = "division_words.csv";
const COLUMNS: [&str; 7] = [
    "code",
    "name",
    "level",
    "parent",
    "valid_from",
    "valid_to",
    "successors",
];

pub(super) fn load(files: &Files) -> Result<DivisionTree, Vec<Error>> {
    let mut divisions = Vec::new();
    let mut errors = Vec::new();
    for file in FILES {
        match files.text(file) {
            Ok(text) => read(file, text, &mut divisions, &mut errors),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let tree = DivisionTree::new(divisions)
        .map_err(|error| vec![Error::in_file(FILES[0], error.to_string())])?;
    // Lists in the order of the tree have cursors in the order of codes: the two must be one.
    match (1..tree.len()).find(|at| tree.at(*at).code < tree.at(at - 1).code) {
        None => {
            let words = words(files, &tree)?;
            Ok(tree.with_words(words))
        }
        Some(at) => {
            let reason = format!(
                "code {} stands behind {} in the tree",
                tree.at(at).code,
                tree.at(at - 1).code
            );
            Err(vec![Error::in_file(FILES[0], reason)])
        }
    }
}

/// The words of `division_words.csv`, several in a cell parted by `;`.
fn words(files: &Files, tree: &DivisionTree) -> Result<Vec<(DivisionCode, String)>, Vec<Error>> {
    let text = files.text(WORDS).map_err(|error| vec![error])?;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let (mut words, mut errors) = (Vec::new(), Vec::new());
    for row in reader.records() {
        let read = match &row {
            Ok(row) => words_of(row, tree).map_err(|(key, reason)| {
                let line = row.position().map(|place| place.line() as usize);
                (line, Some(key.to_owned()), reason)
            }),
            Err(error) => Err((None, None, error.to_string())),
        };
        match read {
            Ok(read) => words.extend(read),
            Err((line, key, reason)) => errors.push(Error {
                file: WORDS.to_owned(),
                line,
                key,
                reason,
            }),
        }
    }
    if errors.is_empty() {
        Ok(words)
    } else {
        Err(errors)
    }
}

fn words_of(
    row: &csv::StringRecord,
    tree: &DivisionTree,
) -> Result<Vec<(DivisionCode, String)>, (&'static str, String)> {
    let cell = |column: usize| row.get(column).unwrap_or_default();
    let code = cell(0).parse().ok();
    let code = code.filter(|code| tree.position(*code).is_some());
    let code = code.ok_or_else(|| ("code", format!("{:?} is no division", cell(0))))?;
    let words: Vec<&str> = cell(1).split(';').collect();
    let is_word = |word: &&str| word.chars().nth(1).is_some() && normalise(word) == **word;
    if !words.iter().all(is_word) {
        return Err(("words", format!("{:?}: words expected", cell(1))));
    }
    if cell(2).trim().is_empty() {
        return Err(("source", "no row without a source".to_owned()));
    }
    Ok(words
        .into_iter()
        .map(|word| (code, word.to_owned()))
        .collect())
}

fn read(file: &str, text: &str, divisions: &mut Vec<Division>, errors: &mut Vec<Error>) {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(false)
        .from_reader(text.as_bytes());
    let headings = match reader.headers() {
        Ok(headings) if headings.iter().take(COLUMNS.len()).eq(COLUMNS) => headings.clone(),
        _ => {
            errors.push(Error::in_file(
                file,
                format!("expected the columns {}", COLUMNS.join(", ")),
            ));
            return;
        }
    };
    let mut row = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut row) {
            Ok(false) => return,
            Ok(true) => match division(&row) {
                Ok(division) => divisions.push(division),
                Err((column, reason)) => errors.push(Error {
                    file: file.to_owned(),
                    line: row.position().map(|place| place.line() as usize),
                    key: headings.get(column).map(str::to_owned),
                    reason,
                }),
            },
            Err(error) => {
                errors.push(Error::in_file(file, error.to_string()));
                return;
            }
        }
    }
}

fn division(row: &csv::StringRecord) -> Result<Division, (usize, String)> {
    let text = |column: usize| row.get(column).unwrap_or_default();
    let day = |column: usize| match text(column) {
        "" => Ok(None),
        day => day
            .parse::<NaiveDate>()
            .map(Some)
            .map_err(|error| (column, format!("{day:?}: {error}"))),
    };
    Ok(Division {
        code: read_as(row, 0)?,
        name: text(1).to_owned(),
        level: read_as(row, 2)?,
        parent: if text(3).is_empty() {
            None
        } else {
            Some(read_as(row, 3)?)
        },
        valid_from: day(4)?,
        valid_to: day(5)?,
        successors: text(6)
            .split(';')
            .filter(|code| !code.is_empty())
            .map(|code| {
                code.parse()
                    .map_err(|error| (6, format!("{code:?}: {error}")))
            })
            .collect::<Result<_, _>>()?,
    })
}

fn read_as<T: std::str::FromStr<Err: std::fmt::Display>>(
    row: &csv::StringRecord,
    column: usize,
) -> Result<T, (usize, String)> {
    let text = row.get(column).unwrap_or_default();
    text.parse()
        .map_err(|error: T::Err| (column, format!("{text:?}: {error}")))
}
